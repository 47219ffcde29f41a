"""Numbers at the heads of lines of code: written as they come, and cut out again if they count the lines; compiled."""

import numpy as np

from pipeline.kernels.array_types import Bool, Int
from pipeline.kernels.compiled import lean
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.code.code_lines import write, write_line_end
from pipeline.kernels.html.code.code_state import APART, AT, CUTS, DUE, LINE_START, TOUCHING, Source
from pipeline.kernels.html.tree.line_numbers import MAX_NUMBER

_NEW_LINE, _SPACE, _ZERO, _NINE, _DOT, _COLON, _BAR = (ord(sign) for sign in "\n 09.:|")


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
        if byte >= _ZERO and byte <= _NINE and not ended and value < MAX_NUMBER:
            value = np.int64((value * 10 if value > 0 else 0) + byte - _ZERO)
        elif byte in (_SPACE, _DOT, _COLON, _BAR):
            ended = bool(value >= 0)
        else:
            return np.int64(-1)
    return value


@lean
def cut_numbers(work: Source) -> None:
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
def mark_number(work: Source, node: Int, at: Int) -> Bool:
    """Write the number at the head of a line, and note where it stands, for it may count lines; say whether one is."""
    value = _number_at(work, node, at)
    s = work.s
    if value < 0 or s[CUTS] >= len(work.cuts):
        return False
    if s[DUE]:
        write_line_end(work)
    cut = work.cuts[s[CUTS]]
    s[CUTS] += 1
    cut[0], cut[2] = s[AT], value
    for k in range(work.events[at + 1, 2], work.events[at + 1, 3]):
        write(work, np.int64(work.src[k]))
    cut[1] = s[AT]
    return True
