"""Which pages go by what was found of their URLs, and for which reason."""

from typing import TYPE_CHECKING, Any

import pytest

from pipeline.spark.types import spark_schema
from pipeline.stages.url_screen import url_screen
from pipeline.url_screen.params import HARMFUL, UrlScreenParams
from schemas.columns import DROP, URL_CATEGORIES, URL_HARD_WORDS, URL_SOFT_WORDS
from schemas.reasons import meaning_of

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


def decided(spark: "SparkSession", found: list[Found], params: UrlScreenParams, drop: Any = None) -> list[Fate]:
    schema = spark_schema((URL_CATEGORIES, URL_HARD_WORDS, URL_SOFT_WORDS, DROP))
    docs = spark.createDataFrame([(*row, drop) for row in found], schema)
    rows = url_screen.decide(docs, params).collect()
    assert all(row["drop"] is None or row["drop"]["stage"] == "url_screen" for row in rows if drop is None)
    return [row["drop"] and (row["drop"]["reason"], row["drop"]["value"], row["drop"]["limit"]) for row in rows]


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


def test_a_row_that_is_dropped_already_keeps_its_reason(spark: "SparkSession") -> None:
    earlier = ("ingest", "no_text", None, None, None, None, None, None)
    assert decided(spark, [("adult", 1, 9)], UrlScreenParams(), earlier) == [("no_text", None, None)]


@pytest.mark.parametrize("category", HARMFUL)
def test_every_category_that_goes_has_a_meaning(category: str) -> None:
    meaning = meaning_of("url_screen", f"listed.{category}")
    assert category in meaning
    assert meaning[0].isupper()
    assert meaning.endswith(".")
