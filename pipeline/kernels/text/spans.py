"""Spans of headings, tables, code and math in a text, kept in place while the text is edited.

All positions are in code points of the text as it then is.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple


class Span(NamedTuple):
    """A stretch `text[start:end]` of one kind: "code", "math", "table" or "heading"; tables may hold the others."""

    start: int
    end: int
    kind: str


class Edit(NamedTuple):
    """`text[start:end]` is to become `replacement`; start == end inserts."""

    start: int
    end: int
    replacement: str


def apply_edits(
    text: str, spans: Iterable[Span], edits: Iterable[Edit], *, stand_ins: bool = False
) -> tuple[str, list[Span]]:
    """The edited text, and the spans where they stand in it.

    A span that one edit covers whole, or that is left empty, vanishes; one that an edit cuts into shrinks to what
    is left of it; an edit within a span resizes it. What is inserted at a span's edge stays outside.

    Args:
        text: The text that spans and edits refer to.
        spans: Spans of the text, in any order; their order is kept.
        edits: Sorted edits that do not overlap.
        stand_ins: Whether replacements stand for what they replace: a span of just that is then a span of them.

    Raises:
        ValueError: An edit overlaps the one before it, or lies outside the text.

    >>> apply_edits("see f(x) here", [Span(4, 8, "code")], [Edit(0, 4, ""), Edit(6, 7, "value")])
    ('f(value) here', [Span(start=0, end=8, kind='code')])
    """
    ordered = list(edits)
    _check(ordered, len(text))
    if not ordered:
        return text, list(spans)
    pieces: list[str] = []
    at = 0
    for edit in ordered:
        pieces += (text[at : edit.start], edit.replacement)
        at = edit.end
    pieces.append(text[at:])
    shift = _Shift(ordered, stand_ins=stand_ins)
    moved = (shift.span(span) for span in spans)
    return "".join(pieces), [span for span in moved if span is not None]


class _Shift:
    """Where a position of the old text stands in the new one."""

    def __init__(self, edits: Sequence[Edit], *, stand_ins: bool) -> None:
        self.edits = edits
        self.stand_ins = stand_ins
        self.starts = [edit.start for edit in edits]
        self.ends = [edit.end for edit in edits]
        growth = (len(edit.replacement) - (edit.end - edit.start) for edit in edits)
        self.before = [0, *accumulate(growth)]

    def start(self, position: int) -> int:
        first_later = bisect_right(self.ends, position)
        if first_later < len(self.edits) and self.starts[first_later] < position:
            cut = self.edits[first_later]
            return cut.start + self.before[first_later] + len(cut.replacement)
        return position + self.before[first_later]

    def end(self, position: int) -> int:
        count = bisect_left(self.starts, position)
        if count and self.ends[count - 1] > position:
            return self.starts[count - 1] + self.before[count - 1]
        return position + self.before[count]

    def covers(self, span: Span) -> bool:
        last = bisect_right(self.starts, span.start) - 1
        return last >= 0 and self.ends[last] >= span.end

    def span(self, span: Span) -> Span | None:
        if span.start >= span.end:
            return None
        if not self.covers(span):
            start, end = self.start(span.start), self.end(span.end)
            return Span(start, end, span.kind) if start < end else None
        number = bisect_right(self.starts, span.start) - 1
        edit = self.edits[number]
        if not self.stand_ins or not edit.replacement or (edit.start, edit.end) != (span.start, span.end):
            return None
        start = edit.start + self.before[number]
        return Span(start, start + len(edit.replacement), span.kind)


def _check(edits: Sequence[Edit], length: int) -> None:
    at = 0
    for number, (start, end, _) in enumerate(edits):
        if not 0 <= start <= end <= length:
            raise ValueError(f"edit {number} is [{start}, {end}), outside a text of {length} code points")
        if start < at:
            raise ValueError(f"edit {number} starts at {start}, before the end of edit {number - 1} at {at}")
        at = end


def without_spans(text: str, spans: Iterable[Span], fill: str = " ") -> str:
    """The prose outside the spans, each span replaced by `fill`.

    >>> without_spans("where $x$ is real", [Span(6, 9, "math")])
    'where   is real'
    """
    pieces: list[str] = []
    at = 0
    for start, end, _ in sorted(spans):
        if start >= at:
            pieces += (text[at:start], fill)
        at = max(at, end)
    pieces.append(text[at:])
    return "".join(pieces)


def share(spans: Iterable[Span], kind: str, length: int) -> float:
    """Share of a text's `length` code points that lie in spans of this kind; 0 for an empty text.

    >>> share([Span(0, 4, "code"), Span(6, 7, "math")], "code", 8)
    0.5
    """
    covered = sum(span.end - span.start for span in spans if span.kind == kind)
    return min(1.0, covered / length) if length else 0.0
