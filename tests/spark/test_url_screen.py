"""Which pages go by what was found of their URLs, and for which reason."""

from typing import TYPE_CHECKING

import pytest

from pipeline.stages.url_screen import url_screen
from pipeline.url_screen.params import HARMFUL, UrlScreenParams
from schemas.columns import URL_CATEGORIES, URL_HARD_WORDS, URL_SOFT_WORDS
from schemas.reasons import meaning_of
from tests.spark.stages import verdicts

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Fate = tuple[str, float | None, float | None] | None
Found = tuple[str | None, int | None, int | None]

DEFAULTS: list[tuple[Found, Fate]] = [
    ((None, 0, 0), None),
    (("press", 0, 0), None),
    (("bank,blog,press", 0, 0), None),
    (("adult", 0, 0), ("listed.adult", None, None)),
    (("bank,gambling,warez", 0, 0), ("listed.gambling", None, None)),
    (("adult", 1, 9), ("listed.adult", None, None)),
    ((None, 1, 0), ("hard_word", 1, 0)),
    (("press", 2, 9), ("hard_word", 2, 0)),
    ((None, 0, 2), None),
    ((None, 0, 3), ("soft_words", 3, 2)),
    ((None, None, None), None),
]
ANY = UrlScreenParams(categories=None, max_soft_words=None)
NONE = UrlScreenParams(categories=(), max_soft_words=0)


def decided(spark: "SparkSession", found: list[Found], params: UrlScreenParams) -> list[Fate]:
    columns = (URL_CATEGORIES, URL_HARD_WORDS, URL_SOFT_WORDS)
    rows = [dict(zip((column.name for column in columns), row, strict=True)) for row in found]
    drops = verdicts(spark, url_screen, params, columns, rows)
    assert all(drop is None or drop["stage"] == "url_screen" for drop in drops)
    return [None if drop is None else (drop["reason"], drop["value"], drop["limit"]) for drop in drops]


def test_harmful_categories_go_then_hard_words_then_many_soft_ones(spark: "SparkSession") -> None:
    assert decided(spark, [row for row, _ in DEFAULTS], UrlScreenParams()) == [fate for _, fate in DEFAULTS]


@pytest.mark.parametrize(
    ("params", "found", "fate"),
    [
        (ANY, ("bank,gambling", 0, 0), ("listed.bank", None, None)),
        (ANY, (None, 0, 99), None),
        (NONE, ("adult", 0, 0), None),
        (NONE, ("adult", 0, 1), ("soft_words", 1, 0)),
        (UrlScreenParams(categories=("own list",)), ("adult,own list", 0, 0), ("listed.own list", None, None)),
    ],
)
def test_parameters_say_what_goes(spark: "SparkSession", params: UrlScreenParams, found: Found, fate: Fate) -> None:
    assert decided(spark, [found], params) == [fate]


@pytest.mark.parametrize("category", HARMFUL)
def test_every_category_that_goes_has_a_meaning(category: str) -> None:
    meaning = meaning_of("url_screen", f"listed.{category}")
    assert category in meaning
    assert meaning[0].isupper()
    assert meaning.endswith(".")
