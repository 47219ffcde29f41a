"""Each rule drops what passes its limit, names itself, and spares whom it should."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from pipeline.heuristics.measuring import SIGNAL_COLUMNS
from pipeline.heuristics.params import HeuristicsParams
from pipeline.heuristics.rule import PROSE, Rule, failed
from pipeline.heuristics.rules import rules_of
from pipeline.spark.driver_frames import frame_of
from pipeline.stages.heuristics import heuristics
from schemas.columns import CATEGORY, LANGUAGE, PAGE_TYPE
from tests.spark.stages import verdicts

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

GOOD = {
    **{column.name: 0.0 for column in SIGNAL_COLUMNS},
    "n_words": 200,
    "mean_word_length": 5.0,
    "alpha_word_share": 0.99,
    "stop_words": 9,
    "stop_word_share": 0.15,
    "word_entropy": 5.0,
    "punct_line_share": 0.8,
    "n_sentences": 20,
}
ALL_ON = HeuristicsParams(max_token_outlier_rank=0.99)
RULES = {rule.name: rule for rule in rules_of(ALL_ON)}


def decided(spark: "SparkSession", cases: list[dict[str, Any]], params: HeuristicsParams | None = None) -> list[Any]:
    """Return (reason, value, limit) for good documents with some signals changed, None for those that pass."""
    columns = (*SIGNAL_COLUMNS, LANGUAGE, CATEGORY, PAGE_TYPE)
    kinds = {column.name: float if pa.types.is_floating(column.type) else int for column in columns}
    rows = [
        {
            name: kinds[name](value) if isinstance(value, int | float) else value
            for name, value in {**GOOD, "language": "en", "category": "general", **case}.items()
        }
        for case in cases
    ]
    drops = verdicts(spark, heuristics, params or HeuristicsParams(), columns, rows)
    return [drop and (drop["reason"], drop["value"], drop["limit"]) for drop in drops]


COUNTED = {column.name for column in SIGNAL_COLUMNS if str(column.type).startswith("int")}


def beyond(rule: Rule) -> float:
    """Return a value just past a rule's limit."""
    step = 1.0 if rule.signal in COUNTED else 0.001
    return rule.limit - step if rule.fails == "<" else rule.limit + step


def failing(rule: Rule) -> dict[str, Any]:
    """Return signals with which a document fails a rule, and no other."""
    also = {rule.also.signal: beyond(rule.also)} if rule.also else {}
    return {rule.signal: beyond(rule), **also, "category": (rule.categories or PROSE)[-1]}


def test_a_value_at_its_limit_passes_and_one_just_past_it_is_dropped_by_that_rule(spark: "SparkSession") -> None:
    asked = list(RULES.values())
    at = decided(spark, [{**failing(rule), rule.signal: rule.limit, "language": "en"} for rule in asked], ALL_ON)
    assert at == [None] * len(asked)
    past = decided(spark, [{**failing(rule), "language": "en"} for rule in asked], ALL_ON)
    assert past == [(rule.name, pytest.approx(beyond(rule)), pytest.approx(rule.limit)) for rule in asked]


def test_a_rule_of_two_signals_needs_both(spark: "SparkSession") -> None:
    double = [rule for rule in RULES.values() if rule.also]
    assert len(double) == 4
    assert decided(spark, [{rule.signal: beyond(rule)} for rule in double]) == [None] * 4


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
    ({"mean_word_length": 0.5, "language": "ko"}, "gopher.short_words"),
    ({"mean_word_length": 1.0, "language": "ru"}, "gopher.short_words"),
    ({"mean_word_length": 1.0, "language": None, "category": None}, "gopher.short_words"),
    ({"top_2gram_char_share": 0.5, "language": "ja"}, None),
    ({"top_2gram_char_share": 0.5, "language": "fr"}, "gopher.top_2gram"),
    ({"dup_5gram_char_share": 0.5, "language": "ja"}, None),
    ({"dup_10gram_char_share": 0.5, "language": "ja"}, "gopher.duplicate_10grams"),
    ({"dup_5gram_char_share": 0.5, "page_type": "documentation"}, None),
    ({"n_words": 49, "page_type": "documentation"}, "gopher.too_few_words"),
    ({"n_words": 49, "page_type": "documentation", "category": "code"}, None),
    ({"dup_10gram_char_share": 0.7, "page_type": "documentation"}, "gristmill.repeated_reference"),
    ({"dup_10gram_char_share": 0.7, "category": "math"}, "gristmill.repeated_reference"),
    ({"stop_word_share": 0.01, "language": "fr"}, None),
    ({"short_line_share": 0.9}, None),
    ({"short_line_share": 0.9, "punct_line_share": 0.1}, "fineweb.short_lines"),
    ({"short_line_share": 0.9, "punct_line_share": 0.1, "language": "zh"}, None),
    ({"short_line_share": 0.9, "punct_line_share": 0.15, "language": "es"}, "fineweb.short_lines"),
    ({"n_sentences": 0, "language": "th"}, None),
    ({"n_sentences": 0, "language": "zh"}, "c4.too_few_sentences"),
    ({"curly_bracket_word_ratio": 0.5}, "c4.curly_brackets"),
    ({"curly_bracket_word_ratio": 0.5, "category": "code"}, None),
    ({"explicit_word_share": 0.05, "distinct_explicit_words": 2}, None),
    ({"explicit_word_share": 0.05, "distinct_explicit_words": 3, "category": "code"}, "c4.dirty_words"),
    ({"dirty_word_share": 0.05, "distinct_dirty_words": 9}, None),
    ({"dirty_word_share": 0.05, "explicit_words": 1, "category": "math"}, "gristmill.mixed_dirty_words"),
    ({"token_outlier_score": 7.0}, "llama3.token_outlier"),
    ({"token_outlier_score": None}, None),
    ({"dup_line_share": 0.31, "dup_paragraph_share": 0.31}, "gopher.duplicate_lines"),
    ({"n_words": 1, "dup_line_share": 0.31}, "gopher.too_few_words"),
    ({"dup_10gram_char_share": 0.11}, "gopher.duplicate_10grams"),
    ({"dup_10gram_char_share": None}, None),
]


def test_the_first_rule_that_fails_names_the_reason(spark: "SparkSession") -> None:
    result = decided(spark, [case for case, _ in CASES])
    for drop, (case, reason) in zip(result, CASES, strict=True):
        assert (drop and drop[0]) == reason, case


def test_limits_are_parameters_and_the_decision_tells_them(spark: "SparkSession") -> None:
    params = HeuristicsParams(min_words=300, max_top_2gram_char_share=None, max_top_3gram_char_share=0.1)
    result = decided(spark, [{}, {"n_words": 300, "top_2gram_char_share": 0.8, "top_3gram_char_share": 0.15}], params)
    assert result == [("gopher.too_few_words", 200.0, 300.0), ("gopher.top_3gram", 0.15, 0.1)]


def test_languages_have_limits_of_their_own_and_the_users_come_first(spark: "SparkSession", tmp_path: Path) -> None:
    own = tmp_path / "limits.yaml"
    own.write_text("de: {min_words: 300, max_dup_line_share: 0.9}\nfr: {min_words: null}\n")
    params = HeuristicsParams(thresholds=str(own), languages={"de": {"max_dup_line_share": 0.1}})
    cases: list[dict[str, Any]] = [
        {"language": "de", "category": "multilingual"},
        {"language": "de", "category": "multilingual", "n_words": 300, "dup_line_share": 0.2},
        {"language": "fr", "category": "multilingual", "n_words": 0},
        {"language": None, "category": "multilingual", "n_words": 0},
    ]
    assert decided(spark, cases, params) == [
        ("gopher.too_few_words", 200.0, 300.0),
        ("gopher.duplicate_lines", 0.2, 0.1),
        None,
        ("gopher.too_few_words", 0.0, 50.0),
    ]


def test_rules_hold_any_name_and_limits_that_nothing_fails(spark: "SparkSession") -> None:
    docs = frame_of(spark, [(1.0,), (3.0,), (None,)], "size double")
    rules = [
        Rule("never.high", "size", ">", float("inf")),
        Rule("never.low", "size", "<", float("-inf")),
        Rule(r"the miller's\rule", "size", ">", 2.5),
    ]
    result = [
        row.one and (row.one.reason, row.one.value, row.one.limit)
        for row in docs.select(failed(rules).alias("one")).collect()
    ]
    assert result == [None, (r"the miller's\rule", 3.0, 2.5), None]


def test_all_rules_may_be_switched_off(spark: "SparkSession") -> None:
    bad = {**failing(RULES["gopher.too_few_words"]), **failing(RULES["gopher.duplicate_lines"])}
    limits = {name: None for name in HeuristicsParams.model_fields if name.startswith(("min_", "max_"))}
    off = HeuristicsParams.model_validate(
        {name: None for name in limits if name not in HeuristicsParams.measuring() | {"max_page_cpu_seconds"}}
    )
    assert decided(spark, [bad], off) == [None]
    names = ("gopher_repetition", "gopher_quality", "c4", "fineweb_quality")
    theirs = HeuristicsParams.model_validate({"definition": "datatrove", "datatrove": dict.fromkeys(names, False)})
    german = {**bad, "language": "de"}
    assert decided(spark, [bad, german], theirs) == [None, decided(spark, [german])[0]]
