"""Signals agree with a plain implementation of each definition, for any text and any batch."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.kernels.signals.measure import measure_signals
from pipeline.kernels.signals.phrases import number_phrases
from pipeline.kernels.text.prose import prose_of
from pipeline.kernels.text.words import hash_words
from schemas.columns import SPAN_TYPE
from schemas.signals import SIGNALS
from tests.unit.plain_signals import plain_signals

LINES = (
    "The mill turns.",
    "the mill turns.",
    "THE MILL 4 ever?!",
    "- a point",
    "-5",
    "• the",
    "and so on...",
    "wait…",
    "“Yes!”",
    "# a # b {c}",
    "Lorem ipsum (see https://www.mill.example).",
    "Privacy-policy. Use of cookies, JavaScript",
    "",
    "  ",
    "水車。回る。",
)
REPEATED = st.lists(st.sampled_from(LINES), max_size=14).map("\n".join)
FEW_WORDS = st.lists(st.sampled_from(["a", "bb", "CC", "to", "be", "水", "3"]), max_size=40).map(" ".join)
SAID = ["lorem", "Ipsum", "terms", "of", "use", "USES", "cookies", "privacy", "policy", "cookie", "javascript", "www"]
PHRASES = st.lists(st.sampled_from([*SAID, " ", " ", "-", ". ", "\n"]), max_size=40).map("".join)
SIGNS = st.text("aA1ıİǅ²{}#.?!…。！,:;()\"'”’» \n\x00\u0301水ก", max_size=60)
TEXTS = st.one_of(st.text(max_size=80), st.text("ab .…#-*•\n\r\t'”", max_size=60), REPEATED, FEW_WORDS, PHRASES, SIGNS)


def measured(text: str) -> dict[str, float]:
    return {name: float(column[0]) for name, column in measure_signals(pa.array([text])).items()}


@settings(max_examples=600, deadline=None)
@given(TEXTS)
@example("a a a a a a a a a a a a")
@example("a b a b a b c\r\n\r\nx")
@example("zz \0")  # a zero is a character like any other
def test_signals_agree_with_the_plain_definitions_on_any_text(text: str) -> None:
    result, expected = measured(text), plain_signals(text)
    # the entropy is stored rounded
    assert result.pop("word_entropy") == pytest.approx(expected.pop("word_entropy"), abs=6e-7)
    assert result == pytest.approx(expected, abs=1e-12)


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_signals_are_finite_and_in_their_range(text: str) -> None:
    for name, value in measured(text).items():
        assert 0 <= value <= SIGNALS[name].highest, name


SIX = "one two three four five six"


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("a\nb\na\na", "dup_line_share", 2 / 4),  # the first copy is no duplicate
        ("a\n\n\n\nb", "dup_line_share", 0.0),  # blank lines are no lines
        ("a\n  a ", "dup_line_share", 0.5),  # equal after stripping
        ("a\nA", "dup_line_share", 0.0),
        ("a b\na b", "dup_line_char_share", 0.5),  # no white space on either side
        ("x\ny\n\nx\ny\n\nx", "dup_paragraph_share", 1 / 3),
        ("x\ny\n\n\n \nx\ny\n\nx", "dup_paragraph_char_share", 2 / 5),
        ("a b c d", "top_2gram_char_share", 0.0),  # once is not repetition
        ("aa b x aa b y", "top_2gram_char_share", 6 / 8),
        ("a a a a", "top_2gram_char_share", 1.0),  # overlaps are covered once
        ("a b a b ccc ddd ccc ddd", "top_2gram_char_share", 12 / 16),  # the widest among equals
        (f"{SIX}. {SIX}.", "dup_5gram_char_share", 0.5),
        (f"{SIX}. {SIX.upper()}.", "dup_6gram_char_share", 0.5),
        (f"{SIX}. {SIX}.", "dup_7gram_char_share", 0.0),
        ("# one #two", "symbol_word_ratio_hash", 1.0),
        ("so... what… ......", "symbol_word_ratio_ellipsis", 2.0),
        ("- a\n* b\n-5\n*c\n• d\n–", "bullet_line_share", 3 / 6),
        ("so..\nso...\nso…\n…so", "ellipsis_line_share", 2 / 4),
        ("2024 1st one two", "alpha_word_share", 3 / 4),
        ("The theme of it", "stop_words", 2),
        ("Yes.\nNo\n“Why?”\nso:", "punct_line_share", 2 / 4),
        ("x" * 30 + "\n" + "x" * 31, "short_line_share", 0.5),
        ("a\n\nb", "newline_word_ratio", 1.0),
        ("水の車", "n_words", 3),
        ("ab cde", "mean_word_length", 2.5),
        ("One. Two? Three!", "n_sentences", 3),
        ("No end", "n_sentences", 0),
        ("3.14 a.b mill.example", "n_sentences", 0),  # nothing that ends a sentence follows
        ("Really?! So... yes", "n_sentences", 2),  # several marks end one
        ("“Go.” (Now.) it's", "n_sentences", 2),  # a quote by itself ends none
        ("水。車！回", "n_sentences", 2),
        ("सच। है।", "n_sentences", 2),
        ("ab cdefg h", "longest_word", 5),
        ("NATO US A 4WD Us 44", "capitals_word_share", 3 / 6),  # one letter is too few
        ("don't", "capitals_word_share", 0.0),
        ("the mill of the", "stop_word_share", 3 / 4),
        ("The mill of the", "stop_words", 2),
        ("a A b a", "unique_word_share", 2 / 4),
        ("a a a", "word_entropy", 0.0),
        ("a b c d", "word_entropy", float(np.log(4))),
        ("a a b b", "word_entropy", float(np.log(2))),
        ("{ a } b", "curly_bracket_word_ratio", 1.0),
        ("a1 ²3", "digit_share", 3 / 4),  # all of category N
        ("a-b, c.", "symbol_share", 3 / 6),
        ("e\u0301!", "symbol_share", 1 / 3),  # a mark is no symbol
        ("aB 4Ǆǅ", "capital_share", 2 / 4),  # a title-case letter is none
        ("水", "capital_share", 0.0),
        ("aa   bbb aAa", "longest_repeat", 3),
        ("a\na a", "longest_repeat", 1),  # white space ends a run
        ("     ", "longest_repeat", 0),
        ("=====\n==", "longest_repeat", 5),
        (" abc \n\nd", "mean_line_length", 2.0),
        ("a b c\na b\n水車が\n-", "few_word_line_share", 2 / 4),
        ("a\n12\n---\n é", "letterless_line_share", 2 / 4),
        ("Lorem\nIpsum lorem-ipsum loremipsum", "lorem_ipsum", 2),
        ("lorem. ipsum", "lorem_ipsum", 0),
        ("JavaScript javascript's java script", "javascript_mentions", 1),
        ("Terms of use. Use cookies: we use, cookies", "policy_phrases", 2),
        ("uses cookies use of cookies cookie policy privacy policy", "policy_phrases", 4),
        ("our privacy policy", "policy_phrase_word_ratio", 1 / 3),
        ("http://a.b https www1", "url_word_ratio", 2 / 5),
    ],
)
def test_cases_that_tell_definitions_apart(text: str, name: str, expected: float) -> None:
    assert measured(text)[name] == pytest.approx(expected)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | TEXTS, max_size=6), st.integers(0, 6))
def test_signals_do_not_depend_on_the_batch(texts: list[str | None], cut: int) -> None:
    whole = pa.array(texts, type=pa.string())
    together = measure_signals(whole)
    chunked = measure_signals(pa.chunked_array([whole[:cut], whole[cut:]]).cast(pa.large_string()))
    for name, column in together.items():
        alone = [measure_signals(whole[row : row + 1])[name][0] for row in range(len(texts))]
        assert column.tolist() == alone == chunked[name].tolist()


def test_signals_come_in_their_documented_order_and_types() -> None:
    result = measure_signals(pa.array(["a"]))
    assert list(result) == list(SIGNALS)
    for name, column in result.items():
        assert column.dtype == (np.int32 if SIGNALS[name].counts else np.float64)
    assert {name for name, signal in SIGNALS.items() if signal.unit == "share"} == {n for n in result if "share" in n}


STRETCHES = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12)), max_size=5)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(TEXTS, STRETCHES), max_size=3))
@example([("one two three", [(8, 5), (0, 3)])])  # not sorted
@example([("one two three", [(0, 5), (3, 5)])])  # overlapping
@example([("one two three", [(0, 9), (3, 2), (4, 1)])])  # one within another
@example([("one two three", [(0, 3), (3, 4)])])  # touching
@example([("one two three", [(8, 12), (20, 2)])])  # beyond the end
@example([("one two three", [(0, 13)])])  # all of it
def test_what_is_left_out_counts_as_a_space(cases: list[tuple[str, list[tuple[int, int]]]]) -> None:
    texts = pa.array([text for text, _ in cases], pa.string())
    stretches = [[{"start": at, "end": at + size, "kind": "code"} for at, size in some] for _, some in cases]
    spans = pa.array(stretches, pa.list_(SPAN_TYPE))
    result, expected = measure_signals(texts, spans), measure_signals(pa.array(prose_of(texts, spans), pa.string()))
    assert {name: column.tolist() for name, column in result.items()} == {
        name: column.tolist() for name, column in expected.items()
    }


def test_stretches_of_no_length_change_nothing() -> None:
    texts, empty = pa.array(["mill"]), pa.array([[{"start": 2, "end": 2, "kind": "code"}]], pa.list_(SPAN_TYPE))
    assert measure_signals(texts, empty)["n_words"].tolist() == [1]
    assert prose_of(texts, empty) == ["mill"]


def test_a_text_without_a_list_of_stretches_is_measured_whole() -> None:
    spans = pa.array([None, [], [{"start": 0, "end": 2, "kind": "math"}], None], pa.list_(SPAN_TYPE))
    texts = pa.array(["a b"] * 4)
    assert measure_signals(texts, spans)["n_words"].tolist() == [2, 2, 1, 2]
    assert measure_signals(texts[2:], spans[2:])["n_words"].tolist() == [1, 2]


def test_another_language_brings_its_own_stop_words() -> None:
    texts = pa.array(["Der Müller und die Mühle", "the mill"])
    assert measure_signals(texts, stop_words=hash_words(["der", "und", "die", "das"]))["stop_words"].tolist() == [3, 0]
    assert measure_signals(texts, stop_words=hash_words([]))["stop_words"].tolist() == [0, 0]


@pytest.mark.parametrize("unit", ["a", "a ", "水", "\n", ".", "a\n", "- b\n\n", "swill ", "use of ", "\0"])
def test_four_mebibytes_of_one_thing_are_measured(unit: str) -> None:
    text = unit * (4 * 1024 * 1024 // len(unit.encode()))
    spans = pa.array(
        [[{"start": at, "end": at + 1, "kind": "code"} for at in range(0, 200_000, 2)]], pa.list_(SPAN_TYPE)
    )
    lists = number_phrases({"en": ["swill", "swill swill swill"]})
    result = measure_signals(pa.array([text]), spans, ["en"], lists)
    for name, column in result.items():
        assert 0 <= column[0] <= SIGNALS[name].highest, name


def test_the_uncompiled_code_finds_every_index_in_bounds_and_the_same_signals() -> None:
    # numpy checks the indices that compiled code does not
    program = (
        "import warnings; warnings.simplefilter('ignore')\n"
        "import pyarrow as pa\nfrom pipeline.kernels.signals.measure import measure_signals\n"
        "from pipeline.kernels.signals.phrases import number_phrases\n"
        "from tests.unit.test_signals import LINES, SIX\n"
        "texts = [*LINES, '\\n'.join(LINES), SIX * 3, 'a ' * 40, 'a\\n' * 9, '水' * 9, \"a'\", '\\n', '- ', '.', '']\n"
        "rows, lists = pa.array(texts), number_phrases({'en': ['mill', 'mill turns', 'a a a', 'a']})\n"
        "spans = pa.array([[{'start': 1, 'end': 3}, {'start': 2, 'end': 9}, {'start': 40, 'end': 41}]] * len(texts))\n"
        "for left_out, languages in ((None, None), (spans, ['en'] * len(texts))):\n"
        "    print([column.tolist() for column in measure_signals(rows, left_out, languages, lists).values()])\n"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "NUMBA_DISABLE_JIT": switch},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for switch in ("0", "1")
    ]
    assert outputs[0] == outputs[1] != ""
