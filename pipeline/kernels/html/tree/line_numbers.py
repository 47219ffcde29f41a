"""The numbers that stand in a page's text, and which of them are the line numbers of code; compiled.

Line numbers are told by their class where their text is digits alone, and by their column: cells of a table of code
that count upwards.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from pipeline.kernels.array_types import Bool, Bytes, Counts, Int, Row, Rows
from pipeline.kernels.compiled import compiled
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.names import EMBEDDED_CODE, GROUP, HIDDEN, INLINE_CODE, SIGN, TAG
from pipeline.kernels.html.tags import IS_GUTTER, is_space

_LINE, _NUMBER, _GUTTER, _EDITOR = (SIGN[name] for name in ("line", "number", "gutter", "editor"))
_CODE_GROUP: Final = 1 << GROUP["code"]
_PRE, _CODE, _TD, _TH, _TR, _TABLE = (TAG[name] for name in ("pre", "code", "td", "th", "tr", "table"))
_SPACE_NAME: Final = np.frombuffer(b"&nbsp;", np.uint8)
_SPACE_NUMBER: Final = np.frombuffer(b"&#160;", np.uint8)
_ZERO, _NINE, _DOT, _COLON, _BAR = (ord(sign) for sign in "09.:|")
MAX_NUMBER: Final = 10_000_000
# So many elements above lines is looked for a class that speaks of code.
_REACH: Final = 4


class Numbers(NamedTuple):
    """The numbers that stand in a page's text, in order, and how much other text its elements hold.

    Attributes:
        value: Each number.
        event: The event of the text that it stands in.
        steps: How many of the numbers up to it do not follow the one before by one.
        text: Of each element, the bytes of text in it that are no white space.
        other: Those of them that belong to no number.
    """

    value: Any
    event: Any
    steps: Any
    text: Any
    other: Any


@compiled
def _blank_size(src: Bytes, at: Int, stop: Int) -> Int:
    """The bytes of the white space at `at`, which may be a no-break space as a sign or a reference; 0 for none."""
    byte = src[at]
    if is_space(byte):
        return 1
    if byte == 0xC2 and at + 1 < stop and src[at + 1] == 0xA0:
        return 2
    if byte == 38 and at + 6 <= stop:
        same = True
        for k in range(6):
            same = same and (src[at + k] == _SPACE_NAME[k] or src[at + k] == _SPACE_NUMBER[k])
        return 6 if same else 0
    return 0


@compiled
def _read_numbers(
    src: Bytes, start: Int, stop: Int, at: Int, count: Int, value: Counts, event: Counts
) -> tuple[Int, Int, Int]:
    """Append the numbers of a text; return how many there are now, its bytes of text, and those of no number."""
    here, text, other = np.int64(start), 0, 0
    while here < stop:
        blank = _blank_size(src, here, stop)
        if blank:
            here += blank
            continue
        byte = src[here]
        text += 1
        here += 1
        if byte < _ZERO or byte > _NINE:
            other += byte not in (_DOT, _COLON, _BAR)
            continue
        number = np.int64(byte - _ZERO)
        while here < stop and src[here] >= _ZERO and src[here] <= _NINE:
            number = min(np.int64(number * 10 + src[here] - _ZERO), np.int64(MAX_NUMBER))
            here += 1
            text += 1
        if count < len(value):
            value[count], event[count] = number, at
            count += 1
        else:
            other += 1
    return count, text, other


@compiled
def read_numbers(src: Bytes, nodes: Rows, events: Rows, flags: Counts) -> Numbers:
    """Read the numbers of a page's text."""
    room = 2 * len(events) + 16
    value, event = np.zeros(room, np.int64), np.zeros(room, np.int64)
    text, other = np.zeros(len(nodes), np.int64), np.zeros(len(nodes), np.int64)
    count = 0
    for at in range(len(events)):
        node = events[at, 1]
        if events[at, 0] == col.TEXT and not flags[nodes[node, col.TAG_OF]] & HIDDEN:
            count, size, rest = _read_numbers(src, events[at, 2], events[at, 3], at, count, value, event)
            text[node] += size
            other[node] += rest
    for node in range(len(nodes) - 1, 0, -1):
        above = nodes[node, col.PARENT]
        text[above] += text[node]
        other[above] += other[node]
    steps = np.zeros(count + 1, np.int64)
    for k in range(1, count):
        steps[k] = steps[k - 1] + (value[k] != value[k - 1] + 1)
    return Numbers(value[:count], event[:count], steps, text, other)


@compiled
def range_of(numbers: Numbers, row: Row) -> tuple[Int, Int]:
    """The range of the numbers in an element, by its row."""
    return np.searchsorted(numbers.event, row[col.FIRST]), np.searchsorted(numbers.event, row[col.LAST])


@compiled
def is_code_near(nodes: Rows, groups: Counts, node: Int) -> Bool:
    """Whether the class of an element or of one just above it speaks of code."""
    for _ in range(_REACH):
        if node <= 0:
            return False
        row = nodes[node]
        is_code = row[col.EMBEDDED] == EMBEDDED_CODE or row[col.TAG_OF] == _CODE
        if is_code or groups[node] & _CODE_GROUP or row[col.NAMED] & _EDITOR:
            return True
        node = nodes[node, col.PARENT]
    return False


@compiled
def table_of(nodes: Rows, node: Int) -> Int:
    """The table of a cell, 0 for none."""
    node = np.int64(nodes[node, col.PARENT])
    while node > 0 and nodes[node, col.TAG_OF] != _TABLE:
        if nodes[node, col.TAG_OF] in (_TD, _TH):
            return np.int64(0)
        node = np.int64(nodes[node, col.PARENT])
    return node


@compiled
def in_code(nodes: Rows) -> Bytes:
    """Whether each element stands in a block of code that is known as one: uint8 (nodes,)."""
    inside = np.zeros(len(nodes), np.uint8)
    for node in range(1, len(nodes)):
        above = nodes[node, col.PARENT]
        inside[node] = inside[above] or nodes[above, col.EMBEDDED] != 0
    return inside


@compiled
def mark_gutters(nodes: Rows, numbers: Numbers) -> None:
    """Mark the elements whose class says that they hold line numbers, and that hold nothing else.

    "line" and "number" may also say that an element is a numbered line, which a blank one is no number of.
    """
    has_inner = np.zeros(len(nodes), np.uint8)
    for node in range(len(nodes) - 1, 0, -1):
        row = nodes[node]
        signs = row[col.NAMED]
        is_line = not numbers.text[node] and row[col.LAST] > row[col.FIRST] + 1 and row[col.TAG_OF] not in (_TD, _TH)
        is_named = signs & _LINE and signs & _NUMBER
        is_gutter = signs & _GUTTER and (is_named or not signs & _LINE)
        says = is_gutter or (is_named and not has_inner[node] and not is_line)
        if says and numbers.other[node] == 0 and (not is_line or signs & _NUMBER):
            row[col.FLAGS] |= IS_GUTTER
            has_inner[node] = 1
        has_inner[row[col.PARENT]] |= has_inner[node]


@compiled
def mark_cells(nodes: Rows, groups: Counts, flags: Counts, numbers: Numbers) -> None:
    """Mark the cells of line numbers in tables of code, where no class says what they are."""
    last, first, run = np.full(len(nodes), -1), np.zeros(len(nodes), np.int64), np.zeros(len(nodes), np.int64)
    has_code, has_gutter = np.zeros(len(nodes), np.uint8), np.zeros(len(nodes), np.uint8)
    has_block = np.zeros(len(nodes), np.uint8)
    tables = np.zeros(len(nodes), np.int64)
    for node in range(1, len(nodes)):
        row = nodes[node]
        above = row[col.PARENT]
        tables[node] = above if nodes[above, col.TAG_OF] == _TABLE else tables[above]
        table = tables[node]
        has_code[table] |= row[col.EMBEDDED] == EMBEDDED_CODE or flags[row[col.TAG_OF]] & INLINE_CODE != 0
        has_block[table] |= row[col.TAG_OF] == _PRE
        has_gutter[table] |= row[col.NAMED] & _GUTTER != 0
    for node in range(1, len(nodes)):
        row, table = nodes[node], tables[node]
        if row[col.TAG_OF] not in (_TD, _TH) or not table or numbers.other[node] or not numbers.text[node]:
            continue
        start, stop = range_of(numbers, row)
        many = stop - start > 1
        if many and numbers.steps[stop - 1] == numbers.steps[start] and has_code[table]:
            run[table] = 2
            first[table] = node
        elif stop - start == 1 and (has_gutter[table] or has_block[table] or is_code_near(nodes, groups, table)):
            follows = last[table] >= 0 and numbers.value[start] == numbers.value[last[table]] + 1
            run[table] += follows or row[col.NAMED] & _NUMBER != 0
            last[table] = start if follows or last[table] < 0 or not run[table] else last[table]
    for node in range(1, len(nodes)):
        row, table = nodes[node], tables[node]
        if not run[table] or row[col.TAG_OF] not in (_TD, _TH) or numbers.other[node] or not numbers.text[node]:
            continue
        if row[col.FLAGS] & IS_GUTTER or (nodes[node - 1, col.TAG_OF] != _TR and first[table] != node):
            continue
        row[col.FLAGS] |= IS_GUTTER
