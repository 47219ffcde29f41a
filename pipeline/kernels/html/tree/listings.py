"""Listings: source code that a page shows without `<pre>`, or with line numbers beside it; compiled.

What holds line numbers, and the code that they number, is one listing; so is what holds nothing but lines, in an
element whose class speaks of code.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from pipeline.kernels.array_types import Bytes, Counts, Int, Rows
from pipeline.kernels.compiled import compiled
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.names import EMBEDDED_CODE, GROUP, NOT_EMBEDDED, SIGN, TAG
from pipeline.kernels.html.tags import IS_GUTTER
from pipeline.kernels.html.tree.line_breaks import has_lines
from pipeline.kernels.html.tree.line_numbers import (
    MAX_NUMBER,
    Numbers,
    in_code,
    is_code_near,
    mark_cells,
    mark_gutters,
    range_of,
    read_numbers,
    table_of,
)

_LINE, _GUTTER, _EDITOR, _VERSE, _ITEM = (SIGN[name] for name in ("line", "gutter", "editor", "verse", "item"))
_CODE_GROUP: Final = 1 << GROUP["code"]
# "line-block" is how reStructuredText calls verse.
_BLOCK_GROUP: Final = 1 << GROUP["widget"]
_PRE, _CODE, _TD, _TH, _TR, _TABLE, _THEAD, _CAPTION, _OL, _LI, _BODY, _HTML, _TBODY = (
    TAG[name]
    for name in ("pre", "code", "td", "th", "tr", "table", "thead", "caption", "ol", "li", "body", "html", "tbody")
)
# One row of a table in so many may have no number, such as one that says what is left out.
_ROWS_PER_BARE: Final = 4
# So far above a line number is looked for its listing, and for code that it stands beside.
_CLIMB, _BESIDE = 8, 4
# What ends no line: a line number is of one line, however often that breaks.
_NO_TAG: Final = -1
# A cell with fewer events holds no column of numbers.
_SHORT_COLUMN: Final = 3


class Parts(NamedTuple):
    """What elements hold, for listings to be told from what stands around them.

    Attributes:
        gutters: Of each element how many line numbers it holds, or columns of them.
        outside: The bytes of its text beside them.
        own: The bytes of text that stand in no element in it.
        lines: How many elements in it, one level down, hold line numbers.
        most: How many the one of these has that has most.
        bare: How many elements one level down hold text and no line numbers.
        rising: Whether the numbers of these go up from one to the next.
        blocks: How many blocks of code it holds, that is not one of them.
        singles: How many of these are one line.
    """

    gutters: Any
    outside: Any
    own: Any
    lines: Any
    most: Any
    bare: Any
    rising: Any
    blocks: Any
    singles: Any


@compiled
def _parts(src: Bytes, nodes: Rows, events: Rows, numbers: Numbers) -> Parts:
    """Count what elements hold."""
    size = len(nodes)
    gutters, bare, lines = np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.int64)
    most, blocks, singles = np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.int64)
    own, outside = numbers.text.copy(), numbers.text.copy()
    rising, nearest = np.ones(size, np.uint8), np.full(size, MAX_NUMBER + 1)
    for node in range(size - 1, 0, -1):
        row, above = nodes[node], nodes[node, col.PARENT]
        own[above] -= numbers.text[node]
        if row[col.FLAGS] & IS_GUTTER:
            gutters[node], outside[node], blocks[node], singles[node] = 1, 0, 0, 0
        elif row[col.TAG_OF] == _PRE and outside[node]:
            blocks[above] += 1
            first, last = np.int64(row[col.FIRST]), np.int64(row[col.LAST])
            singles[above] += not has_lines(src, nodes, events, first, last, _NO_TAG)
        gutters[above] += gutters[node]
        blocks[above] += blocks[node]
        singles[above] += singles[node]
        outside[above] -= numbers.text[node] - outside[node]
        if gutters[node]:
            start, stop = range_of(numbers, row)
            lines[above] += 1
            most[above] = max(most[above], gutters[node])
            if stop > start:
                rising[above] &= numbers.value[stop - 1] < nearest[above]
                nearest[above] = numbers.value[start]
        elif outside[node] and row[col.TAG_OF] not in (_THEAD, _CAPTION):
            bare[above] += 1
    return Parts(gutters, outside, own, lines, most, bare, rising, blocks, singles)


@compiled
def _holds_lines(nodes: Rows, parts: Parts, node: Int) -> Int:
    """Whether an element holds numbered lines and nothing else; of the rows of a table some may have no number."""
    lines = parts.lines[node]
    is_table = nodes[node, col.TAG_OF] in (_TABLE, _TBODY)
    if lines < 2 or parts.own[node] or not parts.outside[node] or parts.bare[node] * _ROWS_PER_BARE > lines * is_table:
        return False
    if parts.blocks[node] and (parts.singles[node] < parts.blocks[node] or 2 * parts.blocks[node] < lines):
        return False
    return parts.most[node] <= 2 or parts.rising[node]


@compiled
def _mark_numbered(nodes: Rows, groups: Counts, parts: Parts) -> None:
    """Mark what holds the lines that line numbers are of."""
    passed = in_code(nodes)
    for node in range(1, len(nodes)):
        if not nodes[node, col.FLAGS] & IS_GUTTER:
            continue
        best, here = np.int64(0), np.int64(nodes[node, col.PARENT])
        for _ in range(_CLIMB):
            if here <= 0 or nodes[here, col.TAG_OF] in (_BODY, _HTML) or passed[here] or nodes[here, col.EMBEDDED]:
                break
            holds = _holds_lines(nodes, parts, here)
            if best and not holds:
                break
            if holds:
                best = here
            passed[here] = 1
            here = np.int64(nodes[here, col.PARENT])
        if not best:
            best = _single_line(nodes, groups, parts, node)
        if best:
            nodes[best, col.EMBEDDED] = EMBEDDED_CODE


@compiled
def _single_line(nodes: Rows, groups: Counts, parts: Parts, gutter: Int) -> Int:
    """The listing of one line that a line number is of, 0 for none."""
    node = np.int64(nodes[gutter, col.PARENT])
    if nodes[node, col.TAG_OF] == _TR and parts.gutters[table_of(nodes, gutter)] == 1:
        node = table_of(nodes, gutter)
    elif not nodes[node, col.NAMED] & _LINE:
        return np.int64(0)
    is_code = parts.gutters[node] == 1 and parts.outside[node] and not parts.blocks[node]
    return node if is_code and not nodes[node, col.EMBEDDED] and is_code_near(nodes, groups, node) else np.int64(0)


@compiled
def _mark_blocks_of_lines(nodes: Rows, groups: Counts, parts: Parts) -> None:
    """Mark what holds blocks of code of one line each, and nothing else, as one block."""
    inside = np.zeros(len(nodes), np.uint8)
    for node in range(1, len(nodes)):
        above = nodes[node, col.PARENT]
        inside[node] = inside[above] or nodes[above, col.EMBEDDED] != 0
        blocks = parts.blocks[node]
        if blocks < 2 or parts.singles[node] < blocks or parts.own[node] or inside[node] or nodes[node, col.EMBEDDED]:
            continue
        children, others = 0, 0
        for inner in range(node + 1, len(nodes)):
            if nodes[inner, col.START] >= nodes[node, col.END]:
                break
            if nodes[inner, col.PARENT] == node and parts.outside[inner]:
                children += 1
                is_block = nodes[inner, col.TAG_OF] == _PRE
                others += not (is_block or (parts.blocks[inner] == 1 and not parts.own[inner]))
        if children == blocks and not others and (parts.gutters[node] or is_code_near(nodes, groups, node)):
            nodes[node, col.EMBEDDED] = EMBEDDED_CODE


@compiled
def _free_blocks(nodes: Rows, parts: Parts) -> None:
    """Let a block of code in a table that its class calls code stand alone: a file's name may stand beside it."""
    for node in range(1, len(nodes)):
        is_table = nodes[node, col.TAG_OF] == _TABLE and nodes[node, col.EMBEDDED] == EMBEDDED_CODE
        if is_table and parts.blocks[node] and parts.singles[node] < parts.blocks[node]:
            nodes[node, col.EMBEDDED] = NOT_EMBEDDED


@compiled
def _settle_gutters(nodes: Rows, parts: Parts) -> None:
    """Keep as line numbers those that stand in or beside code, and mark the code beside a column of them.

    Numbers that stand nowhere near code are text.
    """
    code = np.zeros(len(nodes), np.int64)
    for node in range(len(nodes) - 1, 0, -1):
        code[node] += nodes[node, col.EMBEDDED] == EMBEDDED_CODE and not nodes[node, col.FLAGS] & IS_GUTTER
        code[nodes[node, col.PARENT]] += code[node]
    inside = in_code(nodes)
    for node in range(1, len(nodes)):
        row = nodes[node]
        if not row[col.FLAGS] & IS_GUTTER or inside[node]:
            continue
        here = np.int64(row[col.PARENT])
        for _ in range(_BESIDE):
            if here <= 0 or code[here] or nodes[here, col.TAG_OF] in (_BODY, _HTML):
                break
            here = np.int64(nodes[here, col.PARENT])
        if here > 0 and code[here] and nodes[here, col.TAG_OF] not in (_BODY, _HTML):
            continue
        cell = _next_cell(nodes, parts, node)
        if cell:
            nodes[cell, col.EMBEDDED] = EMBEDDED_CODE
        else:
            row[col.FLAGS] &= ~IS_GUTTER


@compiled
def _next_cell(nodes: Rows, parts: Parts, node: Int) -> Int:
    """The cell with text behind one that holds a column of line numbers, 0 for none."""
    if nodes[node, col.TAG_OF] not in (_TD, _TH) or nodes[node, col.LAST] < nodes[node, col.FIRST] + _SHORT_COLUMN:
        return np.int64(0)
    above = nodes[node, col.PARENT]
    for inner in range(node + 1, len(nodes)):
        if nodes[inner, col.START] >= nodes[above, col.END]:
            return np.int64(0)
        if nodes[inner, col.PARENT] == above and parts.outside[inner]:
            return np.int64(inner)
    return np.int64(0)


@compiled
def _mark_lines(nodes: Rows, groups: Counts, numbers: Numbers) -> None:
    """Mark what holds lines of code and nothing else."""
    size = len(nodes)
    items = np.zeros(size, np.uint8)
    lines, others, own = np.zeros(size, np.int64), np.zeros(size, np.int64), numbers.text.copy()
    for node in range(size - 1, 0, -1):
        row, above = nodes[node], nodes[node, col.PARENT]
        own[above] -= numbers.text[node]
        is_item = row[col.TAG_OF] == _LI and nodes[above, col.TAG_OF] == _OL and (
            row[col.NAMED] & _ITEM
            or (groups[above] & _CODE_GROUP and nodes[min(node + 1, size - 1), col.TAG_OF] == _CODE)
            or (nodes[above, col.NAMED] | nodes[nodes[above, col.PARENT], col.NAMED]) & _EDITOR
        )  # fmt: skip
        items[above] |= is_item and row[col.NAMED] & _ITEM != 0
        if row[col.FLAGS] & IS_GUTTER:
            continue
        if (row[col.NAMED] & _LINE and not row[col.NAMED] & _VERSE) or is_item:
            lines[above] += 1
        elif numbers.text[node]:
            others[above] += 1
    inside = in_code(nodes)
    for node in range(1, size):
        if not lines[node] or others[node] or own[node] or nodes[node, col.EMBEDDED]:
            continue
        verse = (
            nodes[node, col.NAMED] & _VERSE
            or (nodes[node, col.NAMED] & _LINE and groups[node] & _BLOCK_GROUP)
            or nodes[nodes[node, col.PARENT], col.NAMED] & _VERSE
        )
        is_code = items[node] or is_code_near(nodes, groups, node)
        if not verse and numbers.text[node] and is_code and not inside[node] and not nodes[node, col.NAMED] & _GUTTER:
            nodes[node, col.EMBEDDED] = EMBEDDED_CODE


@compiled
def mark_listings(src: Bytes, nodes: Rows, groups: Counts, events: Rows, flags: Counts) -> None:
    """Mark line numbers, and the listings of a page that stand in no element for code."""
    numbers = read_numbers(src, nodes, events, flags)
    mark_gutters(nodes, numbers)
    mark_cells(nodes, groups, flags, numbers)
    parts = _parts(src, nodes, events, numbers)
    _free_blocks(nodes, parts)
    _mark_numbered(nodes, groups, parts)
    _mark_blocks_of_lines(nodes, groups, parts)
    _mark_lines(nodes, groups, numbers)
    _settle_gutters(nodes, parts)
