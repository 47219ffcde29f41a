"""Signals agree with a plain implementation of each definition, for any text and any batch."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from itertools import groupby

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.kernels import words
from pipeline.kernels.signals.measure import GOPHER_STOP_WORDS, measure_signals
from pipeline.kernels.words import hash_words, tables
from schemas.signals import SIGNALS
from tests.unit.test_words import plain_fold, plain_words

LINES = (
    "The mill turns.",
    "the mill turns.",
    "- a point",
    "-5",
    "• the",
    "and so on...",
    "wait…",
    "“Yes!”",
    "# a # b",
    "",
    "  ",
    "水車。",
)
REPEATED = st.lists(st.sampled_from(LINES), max_size=14).map("\n".join)
FEW_WORDS = st.lists(st.sampled_from(["a", "bb", "CC", "to", "be", "水", "3"]), max_size=40).map(" ".join)
TEXTS = st.one_of(st.text(max_size=80), st.text("ab .…#-*•\n\r\t'”", max_size=60), REPEATED, FEW_WORDS)


def per(number: float, whole: int) -> float:
    return number / whole if whole else 0.0


def squeezed(text: str) -> int:
    return sum(not character.isspace() for character in text)


def repeats(things: list[str]) -> list[str]:
    return [thing for at, thing in enumerate(things) if thing in things[:at]]


def starts_with_bullet(line: str) -> bool:
    flagged = bool(tables().classes[ord(line[0])] & words.BULLET)
    return flagged or (line[0] in "*+-–" and line[1:2].isspace())


def covered_share(found: list[str], places: list[int], n: int) -> float:
    covered = {at for place in places for at in range(place, place + n)}
    return per(sum(len(found[at]) for at in covered), sum(map(len, found)))


def top_share(found: list[str], n: int) -> float:
    grams = [tuple(map(plain_fold, found[at : at + n])) for at in range(len(found) - n + 1)]
    counts = Counter(grams)
    most = max(counts.values(), default=0)
    if most < 2:
        return 0.0
    tops = [gram for gram, count in counts.items() if count == most]
    return max(covered_share(found, [at for at, gram in enumerate(grams) if gram == top], n) for top in tops)


def duplicate_share(found: list[str], n: int) -> float:
    grams = [tuple(map(plain_fold, found[at : at + n])) for at in range(len(found) - n + 1)]
    return covered_share(found, [at for at, gram in enumerate(grams) if gram in grams[:at]], n)


def plain_signals(text: str) -> dict[str, float]:
    """Measure a text in the plainest way."""
    found = plain_words(text)
    stripped = [line.strip() for line in text.split("\n")]
    lines = [line for line in stripped if line]
    paragraphs = ["\n".join(group) for written, group in groupby(stripped, key=bool) if written]
    line_chars, divisor = squeezed(text), max(len(found), 1)
    classes = tables().classes
    return {
        "n_chars": len(text),
        "n_words": len(found),
        "n_lines": len(lines),
        "n_paragraphs": len(paragraphs),
        "mean_word_length": sum(map(len, found)) / divisor,
        "symbol_word_ratio_hash": text.count("#") / divisor,
        "symbol_word_ratio_ellipsis": (text.count("…") + text.count("...")) / divisor,
        "bullet_line_share": per(sum(map(starts_with_bullet, lines)), len(lines)),
        "ellipsis_line_share": per(sum(line.endswith(("…", "...")) for line in lines), len(lines)),
        "punct_line_share": per(sum(bool(classes[ord(line[-1])] & words.TERMINAL) for line in lines), len(lines)),
        "short_line_share": per(sum(len(line) <= 30 for line in lines), len(lines)),
        "alpha_word_share": sum(any(classes[ord(c)] & words.LETTER for c in word) for word in found) / divisor,
        "stop_words": len({plain_fold(word) for word in found} & set(GOPHER_STOP_WORDS)),
        "dup_line_share": per(len(repeats(lines)), len(lines)),
        "dup_paragraph_share": per(len(repeats(paragraphs)), len(paragraphs)),
        "dup_line_char_share": per(sum(map(squeezed, repeats(lines))), line_chars),
        "dup_paragraph_char_share": per(sum(map(squeezed, repeats(paragraphs))), line_chars),
        **{f"top_{n}gram_char_share": top_share(found, n) for n in (2, 3, 4)},
        **{f"dup_{n}gram_char_share": duplicate_share(found, n) for n in range(5, 11)},
        "newline_word_ratio": text.count("\n") / divisor,
    }


def measured(text: str) -> dict[str, float]:
    return {name: float(column[0]) for name, column in measure_signals(pa.array([text])).items()}


@settings(max_examples=600, deadline=None)
@given(TEXTS)
@example("a a a a a a a a a a a a")
@example("a b a b a b c\r\n\r\nx")
def test_signals_agree_with_the_plain_definitions_on_any_text(text: str) -> None:
    plain = plain_signals(text)
    assert {name: measured(text)[name] for name in plain} == pytest.approx(plain, abs=1e-12)


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
    found = measure_signals(pa.array(["a"]))
    assert list(found) == list(SIGNALS)
    for name, column in found.items():
        assert column.dtype == (np.int32 if SIGNALS[name].counts else np.float64)
    assert {name for name, signal in SIGNALS.items() if signal.unit == "share"} == {n for n in found if "share" in n}


def test_another_language_brings_its_own_stop_words() -> None:
    texts = pa.array(["Der Müller und die Mühle", "the mill"])
    assert measure_signals(texts, stop_words=hash_words(["der", "und", "die", "das"]))["stop_words"].tolist() == [3, 0]
    assert measure_signals(texts, stop_words=hash_words([]))["stop_words"].tolist() == [0, 0]


@pytest.mark.parametrize("unit", ["a", "a ", "水", "\n", ".", "a\n", "- b\n\n"])
def test_four_mebibytes_of_one_thing_are_measured(unit: str) -> None:
    text = unit * (4 * 1024 * 1024 // len(unit.encode()))
    for name, value in measured(text).items():
        assert 0 <= value <= SIGNALS[name].highest, name


def test_the_uncompiled_code_finds_every_index_in_bounds_and_the_same_signals() -> None:
    # numpy checks the indices that compiled code does not
    program = (
        "import warnings; warnings.simplefilter('ignore')\n"
        "import pyarrow as pa\nfrom pipeline.kernels.signals.measure import measure_signals\n"
        "from tests.unit.test_signals import LINES, SIX\n"
        "texts = [*LINES, '\\n'.join(LINES), SIX * 3, 'a ' * 40, 'a\\n' * 9, '水' * 9, \"a'\", '\\n', '- ']\n"
        "print([column.tolist() for column in measure_signals(pa.array(texts)).values()])\n"
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
