"""What of a block of code is no code: numbers of its lines, buttons and bars of them, heads of its table; compiled."""

from typing import Final

import numpy as np

from pipeline.kernels.array_types import Bool, Int, Row
from pipeline.kernels.compiled import lean
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.code.code_state import AFTER_NUMBER, KEEPING, READ, ROW_BLOCK, Source
from pipeline.kernels.html.names import HIDDEN, SIGN, TAG
from pipeline.kernels.html.tags import IS_GUTTER, is_space
from pipeline.kernels.html.tree.line_numbers import MAX_NUMBER

_COPY, _BUTTON_WORD, _CLIPBOARD_WORD, _FURNITURE, _VIEWCODE = (
    SIGN[name] for name in ("copy", "button", "clipboard", "furniture", "viewcode")
)
_A, _BUTTON, _CLIPBOARD, _CODE, _PRE, _DIV = (
    TAG[name] for name in ("a", "button", "clipboard-copy", "code", "pre", "div")
)
_TR, _TD, _TH, _THEAD, _OL, _UL = (TAG[name] for name in ("tr", "td", "th", "thead", "ol", "ul"))
_NEW_LINE, _ZERO, _NINE, _DOT, _COLON, _BAR = (ord(sign) for sign in "\n09.:|")
# What is longer, and more than half of the block, is no button.
_LONGEST_LABEL: Final = 40


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
                if value > MAX_NUMBER:
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
def holds(work: Source, first: Int, last: Int, tag: Int) -> Bool:
    """Whether an element of a kind opens in a stretch of events."""
    for at in range(first, last):
        if work.events[at, 0] == col.OPEN and work.nodes[work.events[at, 1], col.TAG_OF] == tag:
            return True
    return False


@lean
def _is_beside_code(work: Source, tag: Int, at: Int, last: Int) -> Int:
    """Whether a part of a listing's table is its head, or a cell beside one that holds a block of code."""
    if tag == _TR:
        return holds(work, at + 1, last, _TH) and not holds(work, at + 1, last, _TD)
    return tag == _THEAD or (tag in (_TD, _TH) and work.s[ROW_BLOCK] and not holds(work, at + 1, last, _PRE))


@lean
def is_left_out(work: Source, node: Int, at: Int, half: Int, limit: Int) -> Bool:
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
