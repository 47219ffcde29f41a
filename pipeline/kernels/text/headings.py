"""Headings among the lines of texts: which of them have text below them that stays."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.kernels.text.lines import Lines, span_arrays
from pipeline.kernels.text.prose import spans_of

Array = np.ndarray[Any, np.dtype[Any]]
_SHIFT = 32
"""Bits of a position within a text; a text is shorter."""


def spared_headings(spans: pa.Array, lines: Lines, removed: Array, kinds: Sequence[str]) -> Array:
    """Return which lines are headings above text that stays, bool, one a line.

    Text stays below a heading if a line that is not removed, or a span of some kinds, stands before the next heading,
    or if that next heading follows at once and text stays below it: a section may begin with a subsection.

    Args:
        spans: Of each text, none of them null.
        lines: Of the texts, in order.
        removed: Whether each line would go.
        kinds: Of spans whose lines are not among the lines, and stay: code, math.

    >>> spans = pa.array([[{"start": 0, "end": 5, "kind": "heading"}, {"start": 9, "end": 14, "kind": "heading"}]])
    >>> lines = Lines(np.zeros(3, int), np.array([0, 6, 9]), np.array([5, 8, 14]), np.zeros(3, int))
    >>> spared_headings(spans, lines, np.array([True, False, True]), ()).tolist()
    [True, False, False]
    """
    starts, ends = _positions(spans_of(spans, ("heading",)))
    if not len(starts):
        return np.zeros(len(lines.text), bool)
    line_starts = (lines.text.astype(np.int64) << _SHIFT) + lines.start
    line_ends = (lines.text.astype(np.int64) << _SHIFT) + lines.end
    # The last heading that begins before the end of the line: blanks may stand before it.
    at = np.searchsorted(starts, line_ends) - 1
    is_heading = (at >= 0) & (starts[at] >= line_starts) & (ends[at] <= line_ends) | (
        (at >= 0) & (starts[at] <= line_starts) & (ends[at] >= line_ends)
    )
    kept = [line_starts[~removed & ~is_heading], *(_positions(spans_of(spans, [kind]))[0] for kind in kinds)]
    content = np.sort(np.concatenate(kept))
    headings = np.append(np.sort(line_starts[is_heading]), np.iinfo(np.int64).max)
    following = headings[np.searchsorted(headings, line_starts, side="right").clip(max=len(headings) - 1)]
    text_ends = (lines.text.astype(np.int64) + 1) << _SHIFT
    below = np.append(content, np.iinfo(np.int64).max)[np.searchsorted(content, line_ends, side="right")]
    spared: Array = is_heading & (below < np.minimum(following, text_ends))
    return is_heading & spared[_ends_of_runs(is_heading & ~spared, lines.text)]


def _ends_of_runs(is_bare: Array, texts: Array) -> Array:
    """Return for each line itself, for a heading without text below it the first line of its text that is none such."""
    numbers = np.arange(len(is_bare))
    goes_on = np.append(is_bare[:-1] & (texts[1:] == texts[:-1]), np.zeros(min(1, len(is_bare)), bool))
    ends: Array = np.minimum.accumulate(np.where(goes_on, len(numbers), numbers)[::-1])[::-1]
    return ends


def _positions(spans: pa.Array) -> tuple[Array, Array]:
    """Return where spans begin and end, by text and code point in one number, sorted."""
    first, starts, ends = span_arrays(spans)
    texts = np.repeat(np.arange(len(first) - 1, dtype=np.int64), np.diff(first)) << _SHIFT
    order = np.argsort(texts + starts, kind="stable")
    return (texts + starts)[order], (texts + ends)[order]
