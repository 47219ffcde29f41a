"""The text of a block of code, written from the events of its element: lines, without numbers and buttons; compiled."""

from typing import Any, Final, NamedTuple

import numpy as np

from pipeline.kernels.array_types import Bool, Bytes, CountRows, Counts, Int, Row, Rows
from pipeline.kernels.compiled import compiled, lean
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.entities import next_point
from pipeline.kernels.html.names import HIDDEN, INLINE_CODE, RAW, SIGN, TAG
from pipeline.kernels.html.pen import FIRST_PLACEHOLDER, put
from pipeline.kernels.html.tags import IS_GUTTER, is_space

_COPY, _BUTTON_WORD, _CLIPBOARD_WORD, _FURNITURE, _VIEWCODE, _LINE = (
    SIGN[name] for name in ("copy", "button", "clipboard", "furniture", "viewcode", "line")
)
_PRE, _XMP, _CODE, _A, _BR, _BUTTON, _CLIPBOARD, _MATH = (
    TAG[name] for name in ("pre", "xmp", "code", "a", "br", "button", "clipboard-copy", "math")
)
_DIV, _LI, _TR, _P, _TD, _TH, _SPAN, _LISTING, _DT, _DD = (
    TAG[name] for name in ("div", "li", "tr", "p", "td", "th", "span", "listing", "dt", "dd")
)
_TABLE, _TBODY, _THEAD, _TFOOT, _OL, _UL = (TAG[name] for name in ("table", "tbody", "thead", "tfoot", "ol", "ul"))
_NEW_LINE, _RETURN, _SPACE, _AMPERSAND = (ord(sign) for sign in "\n\r &")
_NO_BREAK_SPACE, _ZERO_WIDTH_SPACE = 0xA0, 0x200B
_DELIMITED: Final = np.frombuffer(b"<math data-delimited=", np.uint8)
_ZERO, _NINE, _DOT, _COLON, _BAR = (ord(sign) for sign in "09.:|")
# What is longer, and more than half of the block, is no button.
_LONGEST_LABEL: Final = 40
_MAX_NUMBER: Final = 10_000_000
# So many times its own size may be read of a block to tell its buttons and numbers.
_BUDGET: Final = 16

# Where the writer is: what it has written, where the line began; whether a line is over whose end is not written yet;
# how deep it is in elements that keep white space, and in elements that are lines; whether nothing has come since such
# a one opened, and where; whether a blank is due; whether a line number was left out just before, after how many of
# them a blank stood, and after how many none; how much was read to tell buttons and numbers; how many numbers at heads
# of lines are noted; where the cell began; whether references stand for themselves;
# whether the row has a cell with a block of code, which is all that is read of it.
(
    AT, LINE_START, DUE, KEEPING, LINES, FRESH, LEAF_START, GAP, AFTER_NUMBER, APART, TOUCHING, READ, CUTS, CELL_START,
    IS_RAW, ROW_BLOCK,
) = range(16)  # fmt: skip
PLACES: Final = 16


class Source(NamedTuple):
    """What is read of the page, and where the text goes."""

    src: Any
    nodes: Any
    events: Any
    flags: Any
    entities: Any
    out: Any
    s: Any
    cuts: Any


@lean
def _has_lines(work: Source, first: Int, last: Int) -> Bool:
    """Whether line breaks stand between signs of the text, or elements make some."""
    seen, broken = False, False
    for at in range(first, last):
        if work.events[at, 0] == col.TEXT:
            for k in range(work.events[at, 2], work.events[at, 3]):
                byte = work.src[k]
                if byte in (_NEW_LINE, _RETURN):
                    broken = broken or seen
                elif byte > _SPACE:
                    if broken:
                        return True
                    seen = True
        elif work.events[at, 0] == col.OPEN:
            broken = broken or (seen and work.nodes[work.events[at, 1], col.TAG_OF] == _BR)
    return False


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
def _is_number_column(work: Source, first: Int, last: Int) -> Bool:
    """Whether an element holds nothing but numbers, two at least, each one more than the one before."""
    count, value, previous = 0, np.int64(-1), np.int64(-1)
    for at in range(first, last):
        if work.events[at, 0] != col.TEXT:
            continue
        for k in range(work.events[at, 2], work.events[at, 3] + 1):
            byte = work.src[k] if k < work.events[at, 3] else np.uint8(_NEW_LINE)
            work.s[READ] += 1
            if byte >= _ZERO and byte <= _NINE:
                value = (value * 10 if value > 0 else np.int64(0)) + byte - _ZERO
                if value > _MAX_NUMBER:
                    return False
                continue
            if not (is_space(byte) or byte in (_DOT, _COLON, _BAR)):
                return False
            if value >= 0:
                if count and value != previous + 1:
                    return False
                count, previous, value = count + 1, value, np.int64(-1)
    return count > 1


@lean
def _looks_like_label(row: Row) -> Int:
    """Whether the class of an element is that of a button or a bar of them; "copy" may also begin an identifier."""
    signs = row[col.NAMED]
    if signs & (_CLIPBOARD_WORD | _FURNITURE):
        return True
    return signs & _COPY and (signs & _BUTTON_WORD or row[col.CLASS_END] - row[col.CLASS] == len("copy"))


@lean
def _is_label(work: Source, first: Int, last: Int, half: Int) -> Bool:
    """Whether what looks like a button by its class is short, and holds no code."""
    size = np.int64(0)
    for at in range(first, last):
        kind = work.events[at, 0]
        work.s[READ] += 1
        if kind == col.OPEN and work.nodes[work.events[at, 1], col.TAG_OF] == _CODE:
            return False
        if kind == col.TEXT:
            size += work.events[at, 3] - work.events[at, 2]
    return size <= _LONGEST_LABEL or size <= half


@lean
def _holds(work: Source, first: Int, last: Int, tag: Int) -> Bool:
    """Whether an element of a kind opens in a stretch of events."""
    for at in range(first, last):
        if work.events[at, 0] == col.OPEN and work.nodes[work.events[at, 1], col.TAG_OF] == tag:
            return True
    return False


@lean
def _is_beside_code(work: Source, tag: Int, at: Int, last: Int) -> Int:
    """Whether a part of a listing's table is its head, or a cell beside one that holds a block of code."""
    if tag == _TR:
        return _holds(work, at + 1, last, _TH) and not _holds(work, at + 1, last, _TD)
    return tag == _THEAD or (tag in (_TD, _TH) and work.s[ROW_BLOCK] and not _holds(work, at + 1, last, _PRE))


@lean
def _is_left_out(work: Source, node: Int, at: Int, half: Int, limit: Int) -> Bool:
    """Whether an element of a block is a line number, a button, or not shown."""
    row = work.nodes[node]
    tag, signs, last = row[col.TAG_OF], row[col.NAMED], row[col.LAST]
    if row[col.FLAGS] & IS_GUTTER or tag in (_BUTTON, _CLIPBOARD) or work.flags[tag] & HIDDEN:
        work.s[AFTER_NUMBER] |= row[col.FLAGS] & IS_GUTTER != 0
        return True
    if tag == _A and signs & _VIEWCODE:
        return True
    if not work.s[KEEPING] and _is_beside_code(work, tag, at, last):
        return True
    if work.s[READ] > limit:
        return False
    if tag != _CODE and _looks_like_label(row) and _is_label(work, at + 1, last, half):
        return True
    return tag in (_TD, _TH, _CODE, _PRE, _DIV, _OL, _UL) and _is_number_column(work, at + 1, last)


@lean
def _write(work: Source, point: Int) -> None:
    """Write a code point; a line that is over ends before it."""
    s = work.s
    if point == _NEW_LINE:
        if s[FRESH] and s[AT] == s[LEAF_START]:  # where the element begins on its own line in the source
            return
        s[DUE] = 0
        work.out[s[AT]] = _NEW_LINE
        s[AT] += 1
        s[LINE_START], s[GAP], s[CELL_START] = s[AT], 0, s[AT]
        return
    if s[DUE]:
        _write_line_end(work)
    if s[CELL_START] > s[LINE_START] and not s[KEEPING]:  # of the cells of a listing's row the last one is the code
        s[AT] = s[CELL_START] = s[LINE_START]
        while s[CUTS] and work.cuts[s[CUTS] - 1, 1] > s[AT]:
            s[CUTS] -= 1
    if s[AFTER_NUMBER]:
        s[AFTER_NUMBER] = 0
        s[APART] += point == _SPACE
        s[TOUCHING] += point != _SPACE
    if s[GAP]:
        s[GAP] = 0
        if s[AT] > s[LINE_START]:
            work.out[s[AT]] = _SPACE
            s[AT] += 1
    s[AT] = put(work.out, s[AT], point)


@lean
def _write_line_end(work: Source) -> None:
    s = work.s
    s[DUE] = 0
    work.out[s[AT]] = _NEW_LINE
    s[AT] += 1
    s[LINE_START] = s[CELL_START] = s[AT]


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
            _write(work, np.int64(_NEW_LINE))
        elif byte == _AMPERSAND and s[IS_RAW]:
            _write(work, byte)
            at += 1
        else:
            point, second, at = next_point(src, at, stop, work.entities)
            if point == _NO_BREAK_SPACE:
                point = np.int64(_SPACE)
            if point and point != _ZERO_WIDTH_SPACE:
                _write(work, point)
            if second:
                _write(work, second)


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
        _write(work, np.int64(work.src[k]))
    return run


@lean
def _open_line(work: Source) -> None:
    s = work.s
    if not s[DUE] and s[AT] > s[LINE_START]:
        s[DUE] = 1
    s[LINES] += 1
    s[FRESH], s[LEAF_START], s[GAP] = 1, s[AT], 0


@lean
def _close_line(work: Source) -> None:
    """End the line of an element, but not twice where one stands in the other, nor where its text did."""
    s = work.s
    s[LINES] -= 1
    s[GAP] = 0
    if s[FRESH]:
        ended = s[AT] > s[LEAF_START] and s[AT] == s[LINE_START]
        if s[DUE] and s[AT] == s[LEAF_START]:  # the line is empty
            _write_line_end(work)
        s[DUE] = not ended
    elif not s[DUE] and s[AT] > s[LINE_START]:
        s[DUE] = 1
    s[FRESH] = 0


@lean
def _number_at(work: Source, node: Int, at: Int) -> Int:
    """The number that is all there is in an element at the head of a line; -1 for anything else."""
    s = work.s
    if work.nodes[node, col.LAST] != at + 2 or work.events[at + 1, 0] != col.TEXT:
        return np.int64(-1)
    if s[AT] > s[LINE_START] and not s[DUE]:
        return np.int64(-1)
    value, ended = np.int64(-1), False
    for k in range(work.events[at + 1, 2], work.events[at + 1, 3]):
        byte = work.src[k]
        if byte >= _ZERO and byte <= _NINE and not ended and value < _MAX_NUMBER:
            value = np.int64((value * 10 if value > 0 else 0) + byte - _ZERO)
        elif byte in (_SPACE, _DOT, _COLON, _BAR):
            ended = bool(value >= 0)
        else:
            return np.int64(-1)
    return value


@lean
def _cut_numbers(work: Source) -> None:
    """Cut out what stood alone in elements at the heads of lines, if these are numbers that count the lines."""
    s, cuts, out = work.s, work.cuts, work.out
    count = s[CUTS]
    if count < 2:
        return
    lines = 1
    for at in range(s[AT]):
        lines += out[at] == _NEW_LINE and at + 1 < s[AT]
    steps, alone = 0, 0
    for k in range(count):
        steps += k > 0 and cuts[k, 2] == cuts[k - 1, 2] + 1
        alone += cuts[k, 1] >= s[AT] or out[cuts[k, 1]] == _NEW_LINE
    if steps < count - 1 or 10 * count < 6 * lines or 2 * alone > count:
        return
    to = cuts[0, 0]
    for k in range(count):
        stop = cuts[k + 1, 0] if k + 1 < count else s[AT]
        start = cuts[k, 1]
        if start < stop and out[start] != _NEW_LINE:
            s[APART] += out[start] == _SPACE
            s[TOUCHING] += out[start] != _SPACE
        for at in range(start, stop):
            out[to] = out[at]
            to += 1
    s[AT] = to


@lean
def _mark_number(work: Source, node: Int, at: Int) -> Bool:
    """Write the number at the head of a line, and note where it stands, for it may count lines; say whether one is."""
    value = _number_at(work, node, at)
    s = work.s
    if value < 0 or s[CUTS] >= len(work.cuts):
        return False
    if s[DUE]:
        _write_line_end(work)
    cut = work.cuts[s[CUTS]]
    s[CUTS] += 1
    cut[0], cut[2] = s[AT], value
    for k in range(work.events[at + 1, 2], work.events[at + 1, 3]):
        _write(work, np.int64(work.src[k]))
    cut[1] = s[AT]
    return True


@lean
def _write_formula(work: Source, node: Int) -> None:
    """Write the placeholder of what was taken for a formula where there are none."""
    at = np.int64(work.nodes[node, col.START])
    for k in range(len(_DELIMITED)):
        if work.src[at + k] != _DELIMITED[k]:
            return
    at += len(_DELIMITED)
    number = np.int64(0)
    while work.src[at] >= _ZERO and work.src[at] <= _NINE and number < 100_000:
        number = number * 10 + work.src[at] - _ZERO
        at += 1
    if work.src[at] == ord(">"):
        _write(work, FIRST_PLACEHOLDER + number)


@lean
def _open(work: Source, node: Int, at: Int, half: Int, limit: Int, spans: Bool) -> Int:
    """Open an element; return the event to go on from."""
    s, row = work.s, work.nodes[node]
    tag = row[col.TAG_OF]
    if tag == _MATH:
        _write_formula(work, node)
        return np.int64(row[col.LAST] + 1)
    if _is_left_out(work, node, at, half, limit):
        return np.int64(row[col.LAST] + 1)
    if tag == _BR:
        if not s[FRESH] or s[AT] > s[LEAF_START]:  # else the line is empty, which its end says
            if s[DUE]:
                _write_line_end(work)
            _write(work, np.int64(_NEW_LINE))
    elif _breaks_line(work, node, spans):
        if tag == _TR:
            s[ROW_BLOCK] = _holds(work, at + 1, row[col.LAST], _PRE)
        _open_line(work)
    elif tag in (_TD, _TH):
        s[CELL_START] = s[AT]
    if tag == _PRE:
        s[KEEPING] += 1
    if tag not in (_BR, _TD, _TH, _PRE) and _mark_number(work, node, at):
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
                _close_line(work)
        at += 1


@compiled
def write_code(
    src: Bytes, nodes: Rows, events: Rows, flags: Counts, entities: CountRows, node: Int, out: Bytes
) -> tuple[Int, Int, Int, Bool]:
    """Write the text of a block of code.

    Returns:
        Its bytes in `out`; how many numbers of lines had a blank behind them, and how many had none; whether elements
        in it look like those of highlighted code.
    """
    row = nodes[node]
    first, last = np.int64(row[col.FIRST] + 1), np.int64(row[col.LAST])
    s, cuts = np.zeros(PLACES, np.int64), np.zeros(((last - first) // 3 + 1, 3), np.int64)
    work = Source(src, nodes, events, flags, entities, out, s, cuts)
    half, is_marked, breaking = np.int64(0), row[col.TAG_OF] == _CODE, False
    for at in range(first, last):
        if events[at, 0] == col.TEXT:
            half += events[at, 3] - events[at, 2]
        elif events[at, 0] == col.OPEN:
            inner = nodes[events[at, 1]]
            tag = inner[col.TAG_OF]
            is_marked = is_marked or tag in (_CODE, _TD) or (tag == _SPAN and inner[col.CLASS_END] > inner[col.CLASS])
            breaking = breaking or tag in (_DIV, _LI, _TR, _P, _PRE)
    half //= 2
    limit = _BUDGET * (row[col.END] - row[col.START])
    keeps = row[col.TAG_OF] in (_PRE, _XMP, _LISTING) or flags[row[col.TAG_OF]] & INLINE_CODE or not breaking
    s[KEEPING], s[IS_RAW] = 1 if keeps else 0, flags[row[col.TAG_OF]] & RAW
    spans = not _has_lines(work, first, last)
    _write_events(work, first, last, half, limit, spans)
    _cut_numbers(work)
    return s[AT], s[APART], s[TOUCHING], is_marked
