"""Whatever points into a text moves along with its edits, in each column and row by itself."""

import re
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.text.spans import Edit, Span, apply_edits
from pipeline.rows.edited_texts import with_edits
from pipeline.rows.line_removal import without_lines
from schemas.columns import PII, SPANS, TEXT, Column

COUNT = Column("lost", pa.int32(), "lines that a text lost")
Stretches = list[dict[str, Any]] | None


def batch_of(texts: list[str | None], spans: list[Stretches], pii: list[Stretches] | None = None) -> pa.RecordBatch:
    columns = {"id": pa.array(range(len(texts))), TEXT.name: pa.array(texts, TEXT.type)}
    columns[SPANS.name] = pa.array(spans, SPANS.type)
    if pii is not None:
        columns[PII.name] = pa.array(pii, PII.type)
    return pa.record_batch(columns)


def stretches(draw: st.DrawFn, length: int, places: list[tuple[int, int]], rest: dict[str, Any]) -> Stretches:
    anywhere = st.tuples(st.integers(0, length), st.integers(0, length)).map(lambda two: (min(two), max(two)))
    known = st.sampled_from(places) if places else anywhere
    drawn = draw(st.none() | st.lists(known | anywhere, max_size=4))
    return None if drawn is None else [{"start": start, "end": end, **rest} for start, end in drawn]


Row = tuple[str | None, list[Edit], Stretches, Stretches]


@st.composite
def rows(draw: st.DrawFn) -> Row:
    text = draw(st.none() | st.text(alphabet="ab\n\U0001f33e\U0001d11eé\u0301", max_size=25))
    length = len(text or "")
    cuts = sorted(draw(st.lists(st.integers(0, length), max_size=6)))
    edits = [
        Edit(a, b, draw(st.sampled_from(("", "<X>", "\U0001f33e"))))
        for a, b in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    places = [(one.start, one.end) for one in edits]
    spans = stretches(draw, length, places, {"kind": "code"})
    return text, edits, spans, stretches(draw, length, places, {"entity": "PERSON", "score": 0.5})


def moved(text: str, held: Stretches, edits: list[Edit], *, stand_ins: bool) -> Stretches:
    """Each stretch by itself: the columns, and the stretches of one list, know nothing of one another."""
    if held is None:
        return None
    result: list[dict[str, Any]] = []
    for one in held:
        _, some = apply_edits(text, [Span(one["start"], one["end"], "")], edits, stand_ins=stand_ins)
        result += [{**one, "start": start, "end": end} for start, end, _ in some]
    return result


@settings(deadline=None)  # the first example waits for imports
@given(st.lists(rows(), max_size=5), st.booleans())
def test_every_column_and_row_is_edited_as_if_it_stood_alone(some: list[Row], stand_ins: bool) -> None:
    texts, edits, spans, pii = (list(column) for column in zip(*some, strict=True)) if some else ([], [], [], [])
    batch = batch_of(texts, spans, pii)
    changed = with_edits(batch, dict(enumerate(edits)), stand_ins=stand_ins)
    assert changed.schema.equals(batch.schema)
    for number, (row, (text, wanted, *held)) in enumerate(zip(changed.to_pylist(), some, strict=True)):
        assert row["id"] == number
        if text is None or not wanted:
            assert (row["text"], row["spans"], row["pii"]) == (text, *held)
            continue
        assert row["text"] == apply_edits(text, [], wanted)[0]
        for name, before in zip(("spans", "pii"), held, strict=True):
            assert row[name] == moved(text, before, wanted, stand_ins=stand_ins)


def test_a_list_that_is_null_stays_null_where_its_text_is_edited() -> None:
    batch = batch_of(["one two", "three"], [None, None], [None, []])
    result = with_edits(batch, {0: [Edit(0, 7, "")], 1: [Edit(0, 1, "T")]}, stand_ins=True).to_pylist()
    assert [(row["text"], row["spans"], row["pii"]) for row in result] == [("", None, None), ("Three", None, [])]


def test_without_edits_the_batch_is_the_same_one() -> None:
    batch = batch_of(["a", None], [[], None])
    assert with_edits(batch, {}) is batch
    assert with_edits(batch, {0: [], 1: []}) is batch


HOLDER = re.compile(r"<[A-Z]+_?\d+>")


@st.composite
def redacted_texts(draw: st.DrawFn) -> tuple[str, list[int]]:
    """A text of lines with placeholders, each of its own name, and the numbers of the lines to take out."""
    pieces = st.sampled_from(["mill ", "\U0001f33e", "é ", "<@>", "x"])
    drawn = draw(st.lists(st.lists(pieces, max_size=5), min_size=1, max_size=8))
    count, lines = 0, []
    for line in drawn:
        written = ""
        for piece in line:
            written += f"<E_{count}>" if piece == "<@>" else piece
            count += piece == "<@>"
        lines.append(written)
    gone = sorted(draw(st.sets(st.integers(0, len(lines) - 1))))
    return "\n".join(lines), gone


@settings(deadline=None)  # the first example waits for imports
@given(st.lists(redacted_texts(), min_size=1, max_size=4))
def test_a_placeholder_keeps_its_span_or_goes_with_its_line(some: list[tuple[str, list[int]]]) -> None:
    text_of: list[int] = []
    starts: list[int] = []
    ends: list[int] = []
    left = []
    for number, (text, gone) in enumerate(some):
        at = 0
        lines = text.split("\n")
        for place, line in enumerate(lines):
            if place in gone:
                text_of.append(number)
                starts.append(at)
                ends.append(at + len(line))
            at += len(line) + 1
        left.append("\n".join(line for place, line in enumerate(lines) if place not in gone))
    held: list[Stretches] = [
        [{"start": m.start(), "end": m.end(), "entity": m[0], "score": 0.5} for m in HOLDER.finditer(text)]
        for text, _ in some
    ]
    batch = batch_of(list(next(zip(*some, strict=True))), [[] for _ in some], held)
    result = without_lines(batch, np.array(text_of, int), np.array(starts, int), np.array(ends, int), COUNT).to_pylist()
    for row, text, (_, gone) in zip(result, left, some, strict=True):
        assert row["text"] == text
        assert row["lost"] == len(gone)
        assert [row["text"][one["start"] : one["end"]] for one in row["pii"]] == HOLDER.findall(text)
        assert [one["entity"] for one in row["pii"]] == HOLDER.findall(text)
