"""What writes a block of code: its lines, which end where the next one begins; compiled."""

from pipeline.kernels.array_types import Int
from pipeline.kernels.compiled import lean
from pipeline.kernels.html.code.code_state import (
    AFTER_NUMBER,
    APART,
    AT,
    CELL_START,
    CUTS,
    DUE,
    FRESH,
    GAP,
    KEEPING,
    LEAF_START,
    LINE_START,
    LINES,
    TOUCHING,
    Source,
)  # fmt: skip
from pipeline.kernels.html.writing.text_writer import put

_NEW_LINE, _SPACE = (ord(sign) for sign in "\n ")


@lean
def write(work: Source, point: Int) -> None:
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
        write_line_end(work)
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
def write_line_end(work: Source) -> None:
    """Write the end that is due."""
    s = work.s
    s[DUE] = 0
    work.out[s[AT]] = _NEW_LINE
    s[AT] += 1
    s[LINE_START] = s[CELL_START] = s[AT]


@lean
def open_line(work: Source) -> None:
    """Begin the line of an element."""
    s = work.s
    if not s[DUE] and s[AT] > s[LINE_START]:
        s[DUE] = 1
    s[LINES] += 1
    s[FRESH], s[LEAF_START], s[GAP] = 1, s[AT], 0


@lean
def close_line(work: Source) -> None:
    """End the line of an element, but not twice where one stands in the other, nor where its text did."""
    s = work.s
    s[LINES] -= 1
    s[GAP] = 0
    if s[FRESH]:
        ended = s[AT] > s[LEAF_START] and s[AT] == s[LINE_START]
        if s[DUE] and s[AT] == s[LEAF_START]:  # the line is empty
            write_line_end(work)
        s[DUE] = not ended
    elif not s[DUE] and s[AT] > s[LINE_START]:
        s[DUE] = 1
    s[FRESH] = 0
