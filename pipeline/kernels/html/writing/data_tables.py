"""Which tables hold data, and which lay out a page; compiled."""

from pipeline.kernels.array_types import Bool, Bytes, Counts, Int
from pipeline.kernels.compiled import lean
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.names import BLOCK, EMBEDDED_CODE, HIDDEN, TAG
from pipeline.kernels.html.tags import LAYOUT, is_space
from pipeline.kernels.html.writing.page_writer import Work

_TABLE, _TR, _TD, _TH, _CAPTION = (TAG[name] for name in ("table", "tr", "td", "th", "caption"))
_THEAD, _FORM, _H1, _H3 = (TAG[name] for name in ("thead", "form", "h1", "h3"))
# What is counted of a table.
_LINES, _CELLS, _HEADS, _BLOCKS = range(4)
_MEASURES = 4


@lean
def _length(src: Bytes, start: Int, stop: Int) -> Int:
    """The bytes of a stretch of text, white space counted once."""
    length, gap = 0, True
    for at in range(start, stop):
        space = is_space(src[at])
        length += not (space and gap)
        gap = space
    return length


@lean
def _count(seen: Counts, flags: Counts, tag: Int) -> None:
    """Count an element of a table."""
    if tag == _TR:
        seen[_LINES] += 1
    elif tag in (_TD, _TH):
        seen[_CELLS] += 1
        seen[_HEADS] += tag == _TH
    elif tag in (_CAPTION, _THEAD):
        seen[_HEADS] += 1
    elif tag >= _H1 and tag <= _H3:
        seen[_BLOCKS] += 4
    elif flags[tag] & BLOCK:
        seen[_BLOCKS] += 1


@lean
def is_data(work: Work, node: Int) -> Bool:
    """Whether a table holds data in rows and columns, rather than the layout of a page."""
    row = work.nodes[node]
    if row[col.FLAGS] & LAYOUT:
        return False
    seen = work.scratch
    seen[:_MEASURES] = 0
    chars, longest = 0, 0
    for at in range(row[col.FIRST] + 1, row[col.LAST]):
        kind, inner = work.events[at, 0], work.events[at, 1]
        tag = work.nodes[inner, col.TAG_OF]
        if kind == col.TEXT and not work.flags[tag] & HIDDEN:
            chars += _length(work.src, work.events[at, 2], work.events[at, 3])
            longest = max(longest, chars)
        elif kind == col.OPEN:
            if tag in (_TABLE, _FORM) or work.nodes[inner, col.EMBEDDED] == EMBEDDED_CODE:
                return False
            if tag in (_TD, _TH):
                chars = 0
            _count(seen, work.flags, tag)
    lines, cells, blocks = seen[_LINES], seen[_CELLS], seen[_BLOCKS]
    if cells < 2 or 2 * cells < 3 * lines:
        return False
    if seen[_HEADS]:
        return longest < 3000 and blocks <= 6 * cells + 8
    return lines > 1 and longest < 400 and blocks <= 3 * cells + lines
