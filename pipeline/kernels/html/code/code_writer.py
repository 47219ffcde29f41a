"""The text of a block of code, written from the events of its element: lines, without numbers and buttons; compiled."""

from typing import Final

import numpy as np

from pipeline.kernels.array_types import Bool, Bytes, CountRows, Counts, Int, Rows
from pipeline.kernels.compiled import compiled, lean
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.code.code_lines import close_line, open_line, write, write_line_end
from pipeline.kernels.html.code.code_state import (
    APART,
    AT,
    CELL_START,
    DUE,
    FRESH,
    GAP,
    IS_RAW,
    KEEPING,
    LEAF_START,
    LINES,
    PLACES,
    ROW_BLOCK,
    TOUCHING,
    Source,
)  # fmt: skip
from pipeline.kernels.html.code.counted_lines import cut_numbers, mark_number
from pipeline.kernels.html.code.left_out import holds, is_left_out
from pipeline.kernels.html.entities import next_point
from pipeline.kernels.html.names import INLINE_CODE, RAW, SIGN, TAG
from pipeline.kernels.html.tags import is_space
from pipeline.kernels.html.tree.line_breaks import has_lines
from pipeline.kernels.html.writing.text_writer import FIRST_PLACEHOLDER

_LINE = SIGN["line"]
_PRE, _XMP, _LISTING, _CODE, _BR, _MATH = (TAG[name] for name in ("pre", "xmp", "listing", "code", "br", "math"))
_DIV, _LI, _TR, _P, _TD, _TH, _SPAN, _DT, _DD = (
    TAG[name] for name in ("div", "li", "tr", "p", "td", "th", "span", "dt", "dd")
)
_TABLE, _TBODY, _THEAD, _TFOOT, _OL, _UL = (TAG[name] for name in ("table", "tbody", "thead", "tfoot", "ol", "ul"))
_NEW_LINE, _RETURN, _SPACE, _AMPERSAND, _ZERO, _NINE, _GREATER = (ord(sign) for sign in "\n\r &09>")
_NO_BREAK_SPACE, _ZERO_WIDTH_SPACE = 0xA0, 0x200B
_DELIMITED: Final = np.frombuffer(b"<math data-delimited=", np.uint8)
# Formulas of a page have numbers below this.
_MAX_FORMULA: Final = 100_000
# So many times its own size may be read of a block to tell its buttons and numbers.
_BUDGET: Final = 16


@lean
def _breaks_line(work: Source, node: Int, spans: Bool) -> Bool:
    """Whether an element is a line or lines of their own; where nothing else ends lines, spans and codes may do."""
    row = work.nodes[node]
    tag = row[col.TAG_OF]
    if tag in (_DIV, _LI, _TR, _P, _PRE, _DT, _DD):
        return True
    if not spans or tag not in (_SPAN, _CODE):
        return False
    return row[col.NAMED] & _LINE != 0 or (tag == _CODE and work.nodes[row[col.PARENT], col.TAG_OF] == _PRE)


@lean
def _write_text(work: Source, start: Int, stop: Int) -> None:
    """Write a text; where white space is not kept, runs of it that hold a line break are markup."""
    src, s = work.src, work.s
    at = np.int64(start)
    while at < stop and not s[KEEPING] and not s[LINES] and is_space(src[at]):
        at += 1
    while at < stop:
        byte = np.int64(src[at])
        if is_space(byte) and not s[KEEPING]:
            at = _write_blanks(work, at, stop)
        elif byte == _RETURN:
            at += 1 + (at + 1 < stop and src[at + 1] == _NEW_LINE)
            write(work, np.int64(_NEW_LINE))
        elif byte == _AMPERSAND and s[IS_RAW]:
            write(work, byte)
            at += 1
        else:
            point, second, at = next_point(src, at, stop, work.entities)
            if point == _NO_BREAK_SPACE:
                point = np.int64(_SPACE)
            if point and point != _ZERO_WIDTH_SPACE:
                write(work, point)
            if second:
                write(work, second)


@lean
def _write_blanks(work: Source, at: Int, stop: Int) -> Int:
    """Write the white space at `at` as it is, or let one blank be due if it breaks the line; return where it ends."""
    run, broken = at, False
    while run < stop and is_space(work.src[run]):
        broken = broken or work.src[run] == _NEW_LINE
        run += 1
    if broken:
        work.s[GAP] = 1
        return run
    for k in range(at, run):
        write(work, np.int64(work.src[k]))
    return run


@lean
def _write_formula(work: Source, node: Int) -> None:
    """Write the placeholder of what was taken for a formula where there are none."""
    at = np.int64(work.nodes[node, col.START])
    for k in range(len(_DELIMITED)):
        if work.src[at + k] != _DELIMITED[k]:
            return
    at += len(_DELIMITED)
    number = np.int64(0)
    while work.src[at] >= _ZERO and work.src[at] <= _NINE and number < _MAX_FORMULA:
        number = number * 10 + work.src[at] - _ZERO
        at += 1
    if work.src[at] == _GREATER:
        write(work, FIRST_PLACEHOLDER + number)


@lean
def _open(work: Source, node: Int, at: Int, half: Int, limit: Int, spans: Bool) -> Int:
    """Open an element; return the event to go on from."""
    s, row = work.s, work.nodes[node]
    tag = row[col.TAG_OF]
    if tag == _MATH:
        _write_formula(work, node)
        return np.int64(row[col.LAST] + 1)
    if is_left_out(work, node, at, half, limit):
        return np.int64(row[col.LAST] + 1)
    if tag == _BR:
        if not s[FRESH] or s[AT] > s[LEAF_START]:  # else the line is empty, which its end says
            if s[DUE]:
                write_line_end(work)
            write(work, np.int64(_NEW_LINE))
    elif _breaks_line(work, node, spans):
        if tag == _TR:
            s[ROW_BLOCK] = holds(work, at + 1, row[col.LAST], _PRE)
        open_line(work)
    elif tag in (_TD, _TH):
        s[CELL_START] = s[AT]
    if tag == _PRE:
        s[KEEPING] += 1
    if tag not in (_BR, _TD, _TH, _PRE) and mark_number(work, node, at):
        return np.int64(at + 2)
    return np.int64(at + 1)


@lean
def _write_events(work: Source, first: Int, last: Int, half: Int, limit: Int, spans: Bool) -> None:
    """Write what happens in a block."""
    at = first
    while at < last:
        kind, node = work.events[at, 0], np.int64(work.events[at, 1])
        tag = work.nodes[node, col.TAG_OF]
        if kind == col.OPEN:
            at = _open(work, node, at, half, limit, spans)
            continue
        if kind == col.TEXT and tag not in (_TABLE, _TBODY, _THEAD, _TFOOT, _TR, _OL, _UL):
            _write_text(work, work.events[at, 2], work.events[at, 3])
        elif kind == col.CLOSE:
            work.s[KEEPING] -= tag == _PRE
            if _breaks_line(work, node, spans):
                close_line(work)
        at += 1


@compiled
def write_code(
    src: Bytes, nodes: Rows, events: Rows, flags: Counts, entities: CountRows, node: Int
) -> tuple[Bytes, Int, Int, Bool]:
    """Write the text of a block of code.

    Returns:
        Its UTF-8; how many numbers of lines had a blank behind them, and how many had none; whether elements in it look
        like those of highlighted code.
    """
    row = nodes[node]
    first, last = np.int64(row[col.FIRST] + 1), np.int64(row[col.LAST])
    size, is_marked, breaking = np.int64(0), row[col.TAG_OF] == _CODE, False
    for at in range(first, last):
        if events[at, 0] == col.TEXT:
            size += events[at, 3] - events[at, 2]
        elif events[at, 0] == col.OPEN:
            inner = nodes[events[at, 1]]
            tag = inner[col.TAG_OF]
            is_marked = is_marked or tag in (_CODE, _TD) or (tag == _SPAN and inner[col.CLASS_END] > inner[col.CLASS])
            breaking = breaking or tag in (_DIV, _LI, _TR, _P, _PRE)
    s, cuts = np.zeros(PLACES, np.int64), np.zeros(((last - first) // 3 + 1, 3), np.int64)
    # A byte becomes three where it is no UTF-8; a line's end, a blank or a formula's sign is four at most.
    out = np.empty(3 * size + 4 * (last - first) + 16, np.uint8)
    work = Source(src, nodes, events, flags, entities, out, s, cuts)
    limit = _BUDGET * (row[col.END] - row[col.START])
    keeps = row[col.TAG_OF] in (_PRE, _XMP, _LISTING) or flags[row[col.TAG_OF]] & INLINE_CODE or not breaking
    s[KEEPING], s[IS_RAW] = 1 if keeps else 0, flags[row[col.TAG_OF]] & RAW
    spans = not has_lines(src, nodes, events, first, last, _BR)
    _write_events(work, first, last, size // 2, limit, spans)
    cut_numbers(work)
    return out[: s[AT]], s[APART], s[TOUCHING], is_marked
