"""A first category from code, math and language."""

from typing import TYPE_CHECKING, Any

import pytest

from pipeline.spark.types import spark_schema
from pipeline.stages.route import RouteParams, route
from schemas.columns import DROP, LANGUAGE, SPANS, TEXT

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


def routed(spark: "SparkSession", rows: list[Any], params: RouteParams) -> list[Any]:
    schema = spark_schema((TEXT, SPANS, LANGUAGE, DROP))
    docs = spark.createDataFrame([(*row, None) for row in rows], schema)
    return list(route.decide(docs, params).collect())


def test_each_document_gets_its_category_or_a_reason(spark: "SparkSession") -> None:
    found = routed(spark, [case[:3] for case in CASES], RouteParams())
    for row, (*given, category, reason) in zip(found, CASES, strict=True):
        assert (row["category"], row["drop"] and row["drop"]["reason"]) == (category, reason), given


def test_shares_are_of_code_points(spark: "SparkSession") -> None:
    (row,) = routed(spark, [("\U0001f600水ab", [(0, 1, "code"), (1, 4, "math")], "en")], RouteParams())
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
def test_limits_are_the_least_that_counts(spark: "SparkSession", params: RouteParams, category: str) -> None:
    (row,) = routed(spark, [(TEN, [(0, 3, "code"), (4, 7, "math")], "en")], params)
    assert row["category"] == category


def test_a_document_that_is_dropped_already_keeps_its_reason(spark: "SparkSession") -> None:
    schema = spark_schema((TEXT, SPANS, LANGUAGE, DROP))
    earlier = ("extract", "no_text", *[None] * 6)
    docs = spark.createDataFrame([(None, None, "und", earlier)], schema)
    (row,) = route.decide(docs, RouteParams()).collect()
    assert row["drop"]["stage"] == "extract"
