"""Each rule drops what passes its limit, names itself, and spares whom it should."""

from typing import TYPE_CHECKING, Any

import pytest

from pipeline.stage import spark_schema
from pipeline.stages.heuristics import SIGNAL_COLUMNS, HeuristicsParams, Rule, heuristics, rules
from schemas.columns import CATEGORY, DROP, LANGUAGE

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

GOOD = {
    **{column.name: 0.0 for column in SIGNAL_COLUMNS},
    "n_words": 200,
    "mean_word_length": 5.0,
    "alpha_word_share": 0.99,
    "stop_words": 9,
}
RULES = {rule.name: rule for rule in rules(HeuristicsParams())}


def decided(spark: "SparkSession", cases: list[dict[str, Any]], params: HeuristicsParams | None = None) -> list[Any]:
    """Return (reason, value, limit) for good documents with some signals changed, None for those that pass."""
    schema = spark_schema((*SIGNAL_COLUMNS, LANGUAGE, CATEGORY, DROP))
    kinds = {field.name: int if field.dataType.simpleString() == "int" else float for field in schema}
    rows = []
    for case in cases:
        whole = {**GOOD, "language": "en", "category": "general", "drop": None, **case}
        rows.append(
            tuple(kinds[name](value) if isinstance(value, int | float) else value for name, value in whole.items())
        )
    docs = spark.createDataFrame(rows, schema)
    found = heuristics.decide(docs, params or HeuristicsParams()).collect()
    return [row["drop"] and (row["drop"]["reason"], row["drop"]["value"], row["drop"]["limit"]) for row in found]


def beyond(rule: Rule) -> float:
    """Return a value just past a rule's limit."""
    step = 1 if rule.signal in ("n_words", "stop_words") else 0.001
    return rule.limit - step if rule.is_least else rule.limit + step


def test_a_value_at_its_limit_passes_and_one_just_past_it_is_dropped_by_that_rule(spark: "SparkSession") -> None:
    general = [rule for rule in RULES.values() if rule.name != "gristmill.code_without_words"]
    at = decided(spark, [{rule.signal: rule.limit} for rule in general])
    assert at == [None] * len(general)
    past = decided(spark, [{rule.signal: beyond(rule)} for rule in general])
    assert past == [(rule.name, pytest.approx(beyond(rule)), pytest.approx(rule.limit)) for rule in general]


CASES: list[tuple[dict[str, Any], str | None]] = [
    ({}, None),
    ({"n_words": 49}, "gopher.too_few_words"),
    ({"n_words": 0}, "gopher.too_few_words"),
    ({"n_words": 4, "category": "code"}, "gristmill.code_without_words"),
    ({"n_words": 5, "category": "code"}, None),
    ({"n_words": 4, "category": "math"}, "gristmill.code_without_words"),
    ({"n_words": 49, "category": "multilingual", "language": "de"}, "gopher.too_few_words"),
    ({"n_words": 49, "category": None}, "gopher.too_few_words"),
    ({"n_words": 100_001, "category": "code"}, "gopher.too_many_words"),
    ({"symbol_word_ratio_hash": 0.5, "category": "code"}, None),
    ({"bullet_line_share": 1.0, "category": "math"}, None),
    ({"stop_words": 1}, "gopher.few_stop_words"),
    ({"stop_words": 1, "language": "de"}, None),
    ({"stop_words": 1, "language": "und", "category": None}, None),
    ({"mean_word_length": 1.0, "language": "zh"}, None),
    ({"mean_word_length": 1.0, "language": "ko"}, None),
    ({"mean_word_length": 1.0, "language": "de"}, "gopher.short_words"),
    ({"mean_word_length": 1.0, "language": None, "category": None}, "gopher.short_words"),
    ({"top_2gram_char_share": 0.5, "language": "ja"}, None),
    ({"top_2gram_char_share": 0.5, "language": "fr"}, "gopher.top_2gram"),
    ({"dup_5gram_char_share": 0.5, "language": "ja"}, "gopher.duplicate_5grams"),
    ({"dup_line_share": 0.31, "dup_paragraph_share": 0.31}, "gopher.duplicate_lines"),
    ({"n_words": 1, "dup_line_share": 0.31}, "gopher.too_few_words"),
    ({"dup_10gram_char_share": 0.11}, "gopher.duplicate_10grams"),
    ({"dup_10gram_char_share": None}, None),
]


def test_the_first_rule_that_fails_names_the_reason(spark: "SparkSession") -> None:
    found = decided(spark, [case for case, _ in CASES])
    for drop, (case, reason) in zip(found, CASES, strict=True):
        assert (drop and drop[0]) == reason, case


def test_limits_are_parameters_and_the_decision_tells_them(spark: "SparkSession") -> None:
    params = HeuristicsParams(min_words=300, max_top_ngram_char_share=(0.9, 0.1, 0.9))
    found = decided(spark, [{}, {"n_words": 300, "top_2gram_char_share": 0.8, "top_3gram_char_share": 0.15}], params)
    assert found == [("gopher.too_few_words", 200.0, 300.0), ("gopher.top_3gram", 0.15, 0.1)]


def test_a_document_that_is_dropped_already_keeps_its_reason(spark: "SparkSession") -> None:
    earlier = ("route", "undetermined_language", *[None] * 6)
    assert decided(spark, [{"n_words": 0, "drop": earlier}]) == [("undetermined_language", None, None)]
