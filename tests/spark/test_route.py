"""A first category from code, math and language."""

import random
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from pipeline.engine.tables import NO_TABLES
from pipeline.errors import ConfigError
from pipeline.spark.types import arrow_schema
from pipeline.stages.route import RouteParams, measure_route, route
from schemas.columns import LANGUAGE, SPAN_TYPE, SPANS, TEXT
from tests.spark.stages import verdicts
from tests.unit.classifiers.listing import LISTING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

TEN = "0123456789"
CASES: list[tuple[str | None, list[tuple[int, int, str]] | None, str | None, str | None, str | None]] = [
    (TEN, [], "en", "general", None),
    (TEN, None, "en", "general", None),
    (TEN, [], "de", "multilingual", None),
    (TEN, [], "und", None, "undetermined_language"),
    (TEN, [], None, None, "undetermined_language"),
    ("", [], "und", None, "undetermined_language"),
    ("", [], "en", "general", None),
    (TEN, [(0, 3, "code")], "en", "code", None),
    (TEN, [(0, 2, "code")], "en", "general", None),
    (TEN, [(0, 2, "code"), (5, 6, "code")], "de", "code", None),
    (TEN, [(0, 3, "code")], "und", "code", None),
    (TEN, [(0, 1, "math")], "en", "math", None),
    (TEN, [(0, 1, "math")], "de", "math", None),
    (TEN, [(0, 1, "math")], "und", "math", None),
    (TEN * 3, [(0, 1, "math")], "en", "general", None),
    (TEN, [(0, 3, "code"), (4, 7, "math")], "en", "code", None),
    (TEN, [(0, 3, "code"), (4, 8, "math")], "en", "math", None),
    ("水" * 10, [(0, 3, "code")], "zh", "code", None),
    ("\U0001f600" * 4, [(0, 1, "code")], "en", "code", None),
    (None, None, "en", "general", None),
]


def routed(rows: list[Any], params: RouteParams, size: int = 100) -> list[dict[str, Any]]:
    given = [
        {
            "text": text,
            "spans": spans and [dict(zip(SPAN_TYPE.names, span, strict=True)) for span in spans],
            "language": language,
        }
        for text, spans, language in rows
    ]
    table = pa.Table.from_pylist(given, arrow_schema((TEXT, SPANS, LANGUAGE)))
    result = measure_route(iter(table.to_batches(max_chunksize=size)), params, NO_TABLES)
    return [row for batch in result for row in batch.to_pylist()]


def noisy(charset: str) -> str:
    chance = random.Random(charset)
    text = bytes(chance.randrange(256) for _ in range(4000)).decode(charset, "replace")
    return "".join(sign for sign in text if sign == "\n" or sign >= " ")


@pytest.mark.parametrize("charset", ["utf-8", "cp1252", "latin-1", "koi8-r", "utf-16-le", "shift_jis", "gb18030"])
@pytest.mark.parametrize("language", ["und", None])
def test_code_in_noise_is_not_believed(charset: str, language: str | None) -> None:
    (row,) = routed([(noisy(charset), [(0, 3000, "code")], language)], RouteParams())
    assert row["__noise"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("for i in range(10):\n    print(i)", "und"),
        ("für(größe = 0; größe < länge; größe++) { mahle(größe) }", "und"),
        ("int 年 = 2026; // 水車小屋 の 年\nprintln(年 + 1);", "und"),
        ("x = 5", None),
        ("🌾 \ue000 水車小屋のパンはとてもおいしい。毎日食べたい。", "ja"),
    ],
)
def test_code_that_reads_as_such_is_believed(text: str, language: str | None) -> None:
    (row,) = routed([(text, [(0, len(text), "code")], language)], RouteParams())
    assert (row["category"], row["__noise"]) == ("code", False)


STORY = (
    "The old mill stands where the brook runs into the river. Nobody remembers who built the weir, and the miller says"
    " that it was his grandfather. In spring the meadows are under water, and children catch frogs by the fence.\n"
)
ARTICLE = (
    "A program can walk through folders, and this article shows how. The function calls itself for each folder that it"
    f" meets, and prints the names of files as it goes:\n\n{LISTING}\nThe second argument says how deep it is. To leave"
    f" hidden files out, test the name first:\n\n{LISTING}\nRun it with python3 walk.py and see."
)


def test_code_is_known_by_the_model_where_no_spans_are() -> None:
    rows: list[Any] = [(LISTING, [], "en"), (ARTICLE, [], "en"), (STORY * 5, [], "en"), (STORY * 5, [], "de")]
    result = routed(rows, RouteParams())
    assert [row["category"] for row in result] == ["code", "code", "general", "multilingual"]
    assert result[0]["code_score"] > 0.5 > result[2]["code_score"]
    assert [row["code_share"] for row in result] == [0, 0, 0, 0]
    stricter = routed(rows, RouteParams(min_code_score=1))
    assert [row["category"] for row in stricter] == ["general", "general", "general", "multilingual"]


@pytest.mark.parametrize("language", ["und", None])
def test_a_page_without_a_language_that_the_model_knows_as_code_stays(
    spark: "SparkSession", language: str | None
) -> None:
    rows: list[Any] = [(LISTING, [], language), (STORY, [], language), (noisy("koi8-r"), [], language)]
    result = routed(rows, RouteParams())
    reasons = [drop and drop["reason"] for drop in verdicts(spark, route, RouteParams(), route.adds, result)]
    assert (result[0]["category"], result[0]["__noise"]) == ("code", False)
    assert (result[1]["category"], result[1]["__noise"]) == (None, False)
    assert reasons == [None, "undetermined_language", "noise"]


def test_without_a_model_spans_and_language_decide() -> None:
    params = RouteParams(model=None).resolved()
    assert params.model_digest is None
    result = routed([(LISTING, [], "en"), (LISTING, [], "und"), *(case[:3] for case in CASES)], params)
    assert [row["category"] for row in result] == ["general", None, *(case[3] for case in CASES)]
    assert {(row["code_score"], row["math_score"]) for row in result} == {(None, None)}


def test_a_share_of_formulas_comes_before_the_models_code() -> None:
    formulas = [(0, len(LISTING) // 10, "math")]
    (row,) = routed([(LISTING, formulas, "en")], RouteParams())
    assert row["code_score"] > 0.5
    assert row["category"] == "math"


@pytest.mark.parametrize(
    ("model", "message"), [("topic", "not code and math"), ("code_meth", "did you mean code_math")]
)
def test_a_model_of_other_labels_or_none_is_refused(model: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        RouteParams(model=model).resolved()


@pytest.mark.parametrize("size", [1, 7, 100])
def test_each_document_gets_its_category_or_none(size: int) -> None:
    result = routed([case[:3] for case in CASES], RouteParams(), size)
    for row, (*given, category, _) in zip(result, CASES, strict=True):
        assert row["category"] == category, given


def test_what_has_no_category_is_dropped_with_the_reason(spark: "SparkSession") -> None:
    result = verdicts(spark, route, RouteParams(), route.adds, routed([case[:3] for case in CASES], RouteParams()))
    assert [drop and (drop["stage"], drop["reason"]) for drop in result] == [
        reason and ("route", reason) for *_, reason in CASES
    ]


def test_shares_are_of_code_points() -> None:
    (row,) = routed([("\U0001f600水ab", [(0, 1, "code"), (1, 4, "math")], "en")], RouteParams())
    assert (row["code_share"], row["math_share"]) == (0.25, 0.75)


@pytest.mark.parametrize(
    ("params", "category"),
    [
        (RouteParams(min_code_share=0.31), "math"),
        (RouteParams(min_code_share=0.31, min_math_share=0.31), "general"),
        (RouteParams(min_code_share=0.3), "code"),
        (RouteParams(min_code_share=1, min_math_share=0.3), "math"),
    ],
)
def test_limits_are_the_least_that_counts(params: RouteParams, category: str) -> None:
    (row,) = routed([(TEN, [(0, 3, "code"), (4, 7, "math")], "en")], params)
    assert row["category"] == category
