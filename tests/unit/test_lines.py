"""Lines are found, normalised and removed as a plain program does it."""

import random
import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.text.lines import find_lines, keyed
from pipeline.kernels.text.spans import Edit, Span, apply_edits
from pipeline.rows.line_removal import removals
from schemas.columns import SPAN_TYPE

TEXTS = st.text("ab1 .\t\nÉé\u0301中3٣!#\u00a0", max_size=40)


def plain_normal(line: str) -> str:
    """Normalise as the module's first paragraph says, a character at a time."""
    found = ""
    for character in line:
        if character.isspace():
            found += " "
        elif character.isdigit():
            found += "0"
        elif unicodedata.category(character)[0] in "LN":
            found += unicodedata.normalize("NFD", character)[0].lower()[0]
    return " ".join(found.split(" ")).strip() if found.strip() else ""


def squeezed(line: str) -> str:
    return " ".join(plain_normal(line).split())


def plain_lines(text: str, spans: list[Span], min_chars: int) -> list[tuple[int, int, str]]:
    found, start = [], 0
    for line in text.split("\n"):
        end = start + len(line)
        shown = line.strip(" \t")
        first = start + len(line) - len(line.lstrip(" \t"))
        inside = any(span.start <= first and first + len(shown) <= span.end for span in spans)
        if len(squeezed(line)) >= min_chars and not inside:
            found.append((start, end, squeezed(line)))
        start = end + 1
    return found


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
    found = find_lines(
        pa.array([text for text, _ in texts], pa.string()), arrow_spans([s for _, s in texts]), min_chars
    )
    plain = [
        (number, *line) for number, (text, spans) in enumerate(texts) for line in plain_lines(text, spans, min_chars)
    ]
    assert list(zip(found.text.tolist(), found.start.tolist(), found.end.tolist(), strict=True)) == [
        line[:3] for line in plain
    ]
    assert len(set(found.key.tolist())) == len({line[3] for line in plain})
    assert len(set(zip(found.key.tolist(), [line[3] for line in plain], strict=True))) == len(set(found.key.tolist()))


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
    found = find_lines(texts, spans)
    assert (found.text.tolist(), found.start.tolist()) == ([1], [2])
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
