"""Rules asked in numpy say what they say in Spark, in the corners that a sample may not have."""

import math

import numpy as np
import pyarrow as pa
import pytest

from pipeline.heuristics.datatrove import DatatroveParams, datatrove_rules
from pipeline.heuristics.params import HeuristicsParams
from pipeline.inspection.verdicts import Judge


def batch(judge: Judge, **given: object) -> pa.RecordBatch:
    """Return one document; signals that are not given are null, which passes."""
    named = {"language": "en", "category": "general", "page_type": "article", **given}
    return pa.record_batch({column.name: pa.array([named.get(column.name)], column.type) for column in judge.columns})


def reason(judge: Judge, **given: object) -> str | None:
    (number,) = judge.drops(batch(judge, **given)).rule.tolist()
    return judge.rules[number].name if number >= 0 else None


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(HeuristicsParams())


def test_a_document_of_nulls_passes(judge: Judge) -> None:
    assert reason(judge) is None
    assert reason(judge, language=None, category=None, page_type=None) is None


def test_the_first_rule_that_fails_names_the_reason_with_value_and_limit(judge: Judge) -> None:
    drops = judge.drops(batch(judge, n_words=3, n_sentences=1, mean_word_length=99.0))
    assert judge.rules[int(drops.rule[0])].name == "gopher.too_few_words"
    assert (drops.value[0], drops.limit[0]) == (3.0, 50.0)
    fails = judge.fails(batch(judge, n_words=3, n_sentences=1, mean_word_length=99.0))[0]
    names = [judge.rules[number].name for number in np.flatnonzero(fails)]
    assert names == ["gopher.too_few_words", "gopher.long_words", "c4.too_few_sentences"]


def test_a_value_at_the_limit_passes_and_nan_is_above_all(judge: Judge) -> None:
    assert reason(judge, n_words=50) is None
    assert reason(judge, mean_word_length=math.nan) == "gopher.long_words"


def test_rules_of_prose_are_not_asked_of_documentation_code_and_math(judge: Judge) -> None:
    assert reason(judge, n_sentences=1) == "c4.too_few_sentences"
    assert reason(judge, n_sentences=1, category=None) == "c4.too_few_sentences"
    assert reason(judge, n_sentences=1, page_type="documentation") is None
    assert reason(judge, n_sentences=1, category="code") is None
    assert reason(judge, n_words=3, category="code") == "gristmill.code_without_words"
    assert reason(judge, n_words=3, page_type="documentation") == "gopher.too_few_words"


def test_a_pair_of_rules_drops_only_together(judge: Judge) -> None:
    assert reason(judge, short_line_share=0.9) is None
    assert reason(judge, short_line_share=0.9, punct_line_share=0.5) is None
    assert reason(judge, short_line_share=0.9, punct_line_share=0.01) == "fineweb.short_lines"


def test_a_language_has_its_own_limit_and_null_is_off() -> None:
    judge = Judge(HeuristicsParams(languages={"de": {"min_words": 10}, "fr": {"min_words": None}}))
    assert [reason(judge, n_words=20, language=name) for name in ("en", "de", "fr")] == [
        "gopher.too_few_words",
        None,
        None,
    ]
    rule = next(rule for rule in judge.rules if rule.parameter == "min_words")
    assert judge.limit_of(rule, "de") == 10
    assert judge.limit_of(rule, "fr") == -math.inf


def test_datatroves_rules_are_asked_of_english_alone() -> None:
    judge = Judge(HeuristicsParams(definition="datatrove"))
    names = {rule.name for rule in datatrove_rules(DatatroveParams())}
    assert reason(judge, dup_line_share=0.9) in names
    assert reason(judge, dup_line_share=0.9, language=None) in names
    assert reason(judge, dup_line_share=0.9, language="de") == "gopher.duplicate_lines"


def test_scaled_limits_move_all_but_the_second_of_a_pair(judge: Judge) -> None:
    document = batch(judge, n_words=52, short_line_share=0.7, punct_line_share=0.115)
    names = [[judge.rules[n].name for n in np.flatnonzero(judge.fails(document, scale)[0])] for scale in (1.0, 1.1)]
    assert names == [["fineweb.short_lines"], ["gopher.too_few_words"]]
