"""Lines are found, normalised and removed as a plain program does it."""

import random
import unicodedata
from importlib.resources import files

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.text.headings import spared_headings
from pipeline.kernels.text.lines import find_lines, keyed
from pipeline.kernels.text.numeric_lines import date_words
from pipeline.kernels.text.spans import Edit, Span, apply_edits
from pipeline.rows.line_removal import removals
from schemas.columns import SPAN_TYPE

TEXTS = st.text("ab1 .\t\nÉé\u0301中3٣!#\u00a0", max_size=40)


def plain_normal(line: str) -> str:
    """Normalise as the module's first paragraph says, a character at a time."""
    result = ""
    for character in line:
        if character.isspace():
            result += " "
        elif character.isdigit():
            result += "0"
        elif unicodedata.category(character)[0] in "LN":
            result += unicodedata.normalize("NFD", character)[0].lower()[0]
    return " ".join(result.split(" ")).strip() if result.strip() else ""


def squeezed(line: str) -> str:
    return " ".join(plain_normal(line).split())


def plain_lines(text: str, spans: list[Span], min_chars: int) -> list[tuple[int, int, str]]:
    result, start = [], 0
    for line in text.split("\n"):
        end = start + len(line)
        shown = line.strip(" \t")
        first = start + len(line) - len(line.lstrip(" \t"))
        inside = any(span.start <= first and first + len(shown) <= span.end for span in spans)
        if len(squeezed(line)) >= min_chars and not inside:
            result.append((start, end, squeezed(line)))
        start = end + 1
    return result


def arrow_spans(spans: list[list[Span]]) -> pa.Array:
    return pa.array([[span._asdict() for span in some] for some in spans], pa.list_(SPAN_TYPE))


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = draw(TEXTS)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    return text, [Span(start, end, "code") for start, end in zip(cuts[::2], cuts[1::2], strict=False)]


@settings(deadline=None, max_examples=200)
@given(st.lists(marked(), max_size=5), st.integers(1, 4))
def test_lines_are_those_of_the_plain_program(texts: list[tuple[str, list[Span]]], min_chars: int) -> None:
    result = find_lines(
        pa.array([text for text, _ in texts], pa.string()), arrow_spans([s for _, s in texts]), min_chars
    )
    plain = [
        (number, *line) for number, (text, spans) in enumerate(texts) for line in plain_lines(text, spans, min_chars)
    ]
    assert list(zip(result.text.tolist(), result.start.tolist(), result.end.tolist(), strict=True)) == [
        line[:3] for line in plain
    ]
    assert len(set(result.key.tolist())) == len({line[3] for line in plain})
    assert len(set(zip(result.key.tolist(), [line[3] for line in plain], strict=True))) == len(set(result.key.tolist()))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Page 3 of 12", "page 4 of 99."),
        ("  Read   more…", "READ\tMORE"),
        ("Café", "cafe"),
        ("© 2023 Mill", "2024 mill"),
        ("a\u00a0b", "a b"),
        ("٣ mills", "3 mills"),
    ],
)
def test_lines_that_say_the_same_have_one_key(left: str, right: str) -> None:
    keys = find_lines(pa.array([left, right]), arrow_spans([[], []])).key
    assert keys[0] == keys[1]


@pytest.mark.parametrize(
    ("left", "right"), [("ab", "ba"), ("a b", "ab"), ("page 3", "page 33"), ("mill", "mills"), ("中", "国")]
)
def test_lines_that_say_something_else_have_other_keys(left: str, right: str) -> None:
    keys = find_lines(pa.array([left, right]), arrow_spans([[], []])).key
    assert keys[0] != keys[1]


@pytest.mark.parametrize(
    ("text", "spans", "starts"),
    [
        ("x = 1\nwords", [Span(0, 5, "code")], [6]),
        ("  x = 1\t\nwords", [Span(2, 7, "code")], [9]),
        ("see x = 1\nwords", [Span(4, 9, "code")], [0, 10]),
        ("a\nb\nc\nd", [Span(2, 5, "code")], [0, 6]),
        ("$a$ $b$", [Span(0, 3, "math"), Span(4, 7, "math")], [0]),
        ("a\nb", [Span(0, 3, "code")], []),
        ("a\nb", [Span(0, 0, "code")], [0, 2]),
    ],
)
def test_lines_that_show_only_code_or_math_are_left_out(text: str, spans: list[Span], starts: list[int]) -> None:
    assert find_lines(pa.array([text]), arrow_spans([spans])).start.tolist() == starts


def test_null_texts_null_spans_and_slices_of_batches_are_read() -> None:
    texts = pa.array(["skipped", None, "a\nb", ""])[1:]
    spans = pa.array([[], None, [{"start": 0, "end": 1, "kind": "code"}], None], pa.list_(SPAN_TYPE))[1:]
    result = find_lines(texts, spans)
    assert (result.text.tolist(), result.start.tolist()) == ([1], [2])
    chunks = pa.chunked_array([texts, texts])
    assert find_lines(chunks, pa.chunked_array([spans, spans])).text.tolist() == [1, 4]


def test_keys_differ_between_groups_and_agree_within_one() -> None:
    lines = find_lines(pa.array(["mill"] * 3), arrow_spans([[]] * 3))
    first, second, third = keyed(lines, np.array([1, 2, 1], np.int64)).tolist()
    assert first == third != second


def test_keys_within_groups_have_63_bits_whatever_the_line_and_the_group() -> None:
    texts = pa.array([f"mill {chr(0x4E00 + number)}" for number in range(300)])
    salts = np.arange(-150, 150, dtype=np.int64) << 55
    keys = keyed(find_lines(texts, arrow_spans([[]] * 300)), salts)
    assert keys.dtype == np.int64
    assert 0 <= keys.min() < keys.max() <= 2**63 - 1
    assert keys.max() > 2**62
    assert len(set(keys.tolist())) == 300


@settings(max_examples=200)
@given(marked(), st.randoms(use_true_random=False))
def test_removing_lines_leaves_the_other_lines_and_their_spans(
    case: tuple[str, list[Span]], chooser: random.Random
) -> None:
    text, spans = case
    lines, starts, ends, start = text.split("\n"), [], [], 0
    kept = []
    for line in lines:
        if line and chooser.random() < 0.5:
            starts.append(start)
            ends.append(start + len(line))
        else:
            kept.append(line)
        start += len(line) + 1
    edits = removals(len(text), starts, ends)
    left, moved = apply_edits(text, spans, edits)
    assert left == "\n".join(kept)
    gone = {at for edit in edits for at in range(edit.start, edit.end)}
    remains = ["".join(text[at] for at in range(span.start, span.end) if at not in gone) for span in spans]
    assert [left[span.start : span.end] for span in moved] == [piece for piece in remains if piece]


@pytest.mark.parametrize(
    ("length", "starts", "ends", "edits"),
    [
        (5, [], [], []),
        (5, [0], [5], [(0, 5)]),
        (5, [0], [2], [(0, 3)]),
        (5, [3], [5], [(2, 5)]),
        (8, [0, 3], [2, 5], [(0, 6)]),
        (8, [0, 6], [2, 8], [(0, 3), (5, 8)]),
        (3, [0], [2], [(0, 3)]),
    ],
)
def test_lines_go_with_one_line_break_each(
    length: int, starts: list[int], ends: list[int], edits: list[tuple[int, int]]
) -> None:
    assert removals(length, starts, ends) == [Edit(start, end, "") for start, end in edits]


def numeric_keys(*lines: str) -> list[int]:
    none = pa.array([[]] * len(lines), pa.list_(SPAN_TYPE))
    keys: list[int] = find_lines(pa.array(lines), none, numbers=True).key.tolist()
    return keys


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("4 March 1881", "5 March 1881"),
        ("Friday, 22 September 1881", "Friday, 23 September 1881"),
        ("March 4th, 1881", "March 5th, 1881"),
        ("12 de mayo de 1881", "13 de mayo de 1881"),
        ("4. März 1881", "5. März 1881"),
        ("4 марта 1881 г.", "5 марта 1881 г."),
        ("1881年3月4日", "1881年3月5日"),
        ("١٢ مارس ١٨٨١", "١٣ مارس ١٨٨١"),
        ("1990\t64.1\t503", "1990\t64.1\t504"),
        ("Harbour  07:15  07:45", "Harbour  08:15  08:45"),
        ("Rye flour\t2.40 EUR", "Rye flour\t2.50 EUR"),
        ("-5.1\t3", "5.1\t3"),
        ("6.41", "64.1"),
        ("$19.99", "$18.99"),
        ("2.40 EUR", "2.50 EUR"),
        ("19,90 zł", "18,90 zł"),
    ],
)
def test_lines_of_numbers_are_compared_with_their_digits(left: str, right: str) -> None:
    first, second, again = numeric_keys(left, right, f" {left} ")
    assert first != second
    assert first == again
    none = pa.array([[], []], pa.list_(SPAN_TYPE))
    if left not in {"-5.1\t3", "6.41"}:
        keys = find_lines(pa.array([left, right]), none).key
        assert keys[0] == keys[1]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Page 3 of 7", "Page 4 of 7"),
        ("Page 12 of 120", "Page 13 of 120"),
        ("Posted on 12 May 2019", "Posted on 13 May 2019"),
        ("12 comments", "13 comments"),
        ("Last updated: 4 March 2020 at 10:15", "Last updated: 5 March 2020 at 11:20"),
        ("12 May 2019 by the miller", "13 May 2019 by the miller"),
        ("Showing 21-40 of 340 results", "Showing 41-60 of 340 results"),
        ("© 2019 Mill and sons, all rights reserved", "© 2020 Mill and sons, all rights reserved"),
    ],
)
def test_numbers_in_words_are_zeros(left: str, right: str) -> None:
    first, second = numeric_keys(left, right)
    assert first == second


def test_every_word_of_dates_is_normalised() -> None:
    words = (files("pipeline.kernels.text") / "date_words.txt").read_text(encoding="utf-8").split()
    assert [word for word in words if squeezed(word) != word] == []
    assert 1500 < len(words) == len(set(words)) < len(date_words())


HEADINGS = [
    # lines, those that are headings, those that go, and the headings that are spared
    (("Parameters", "x, the grain", "Returns", "Flour"), {0, 2}, {0, 2}, {0, 2}),
    (("Parameters", "x, the grain", "Related"), {0, 2}, {0, 2}, {0}),
    (("Related", "Home", "News", "Notes", "Rye"), {0, 3}, {0, 1, 2, 3}, {3}),
    (("Parameters", "Returns", "Flour"), {0, 1}, {0, 1}, {0, 1}),
    (("Flour", "Related", "Home"), {1}, {1, 2}, set()),
    (("Related", "Home", "Parameters", "Returns", "Flour"), {0, 2, 3}, {0, 1, 2, 3}, {2, 3}),
    (("Parameters", "x", "y"), set(), {0}, set()),
    (("A mill", "x"), {0}, set(), {0}),
]


@pytest.mark.parametrize(("shown", "headings", "going", "spared"), HEADINGS)
def test_headings_above_text_that_stays_are_spared(
    shown: tuple[str, ...], headings: set[int], going: set[int], spared: set[int]
) -> None:
    text = "\n".join(shown)
    starts = [sum(len(line) + 1 for line in shown[:at]) for at in range(len(shown))]
    spans = [[Span(starts[at], starts[at] + len(shown[at]), "heading") for at in sorted(headings)]]
    texts, column = pa.array(["Returns", text]), arrow_spans([[Span(0, 7, "heading")], *spans])
    lines = find_lines(texts, arrow_spans([[], []]))
    removed = np.array([True, *(at in going for at in range(len(shown)))])
    result = spared_headings(column, lines, removed, ())
    assert set(np.flatnonzero(result[1:]).tolist()) == spared
    assert not result[0]


def test_a_heading_above_code_is_spared() -> None:
    text = "Examples\ngrind(rye)\nSee also"
    spans = [Span(0, 8, "heading"), Span(9, 19, "code"), Span(20, 28, "heading")]
    lines = find_lines(pa.array([text]), arrow_spans([[spans[1]]]))
    result = spared_headings(arrow_spans([spans]), lines, np.ones(len(lines.text), bool), ("code", "math"))
    assert result.tolist() == [True, False]
