"""Listings: source code that a page shows without `<pre>`, or with line numbers beside it; compiled.

Line numbers are told by their class where their text is digits alone, and by their column: cells of a table of code
that count upwards. What holds them, and the code that they number, is one listing; so is what holds nothing but lines,
in an element whose class speaks of code.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from pipeline.kernels.compiled import compiled
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.names import CODE_ISLAND, GROUP, HIDDEN, INLINE_CODE, SIGN, TAG
from pipeline.kernels.html.tags import IS_GUTTER, is_space

_LINE, _NUMBER, _GUTTER, _EDITOR, _VERSE = (SIGN[name] for name in ("line", "number", "gutter", "editor", "verse"))
_CODE_GROUP: Final = 1 << GROUP["code"]
_PRE, _CODE, _TD, _TH, _TR, _TABLE, _THEAD, _CAPTION, _OL, _LI, _BODY, _HTML = (
    TAG[name] for name in ("pre", "code", "td", "th", "tr", "table", "thead", "caption", "ol", "li", "body", "html")
)
_SPACE_NAME: Final = np.frombuffer(b"&nbsp;", np.uint8)
_SPACE_NUMBER: Final = np.frombuffer(b"&#160;", np.uint8)
_ZERO, _NINE, _DOT, _COLON, _BAR = (ord(sign) for sign in "09.:|")
_MAX_NUMBER: Final = 10_000_000
# So many elements above lines is looked for a class that speaks of code.
_REACH: Final = 3


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
def _blank_size(src: Any, at: Any, stop: Any) -> Any:
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
def _read_numbers(src: Any, start: Any, stop: Any, at: Any, count: Any, value: Any, event: Any) -> Any:
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
            number = min(np.int64(number * 10 + src[here] - _ZERO), np.int64(_MAX_NUMBER))
            here += 1
            text += 1
        if count < len(value):
            value[count], event[count] = number, at
            count += 1
        else:
            other += 1
    return count, text, other


@compiled
def _numbers(src: Any, nodes: Any, events: Any, flags: Any) -> Any:
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
def _range(numbers: Any, row: Any) -> Any:
    """The range of the numbers in an element, by its row."""
    return np.searchsorted(numbers.event, row[col.FIRST]), np.searchsorted(numbers.event, row[col.LAST])


@compiled
def _is_code_near(nodes: Any, groups: Any, node: Any) -> Any:
    """Whether the class of an element or of one just above it speaks of code."""
    for _ in range(_REACH):
        if node <= 0:
            return False
        if groups[node] & _CODE_GROUP or nodes[node, col.SIGNS] & _EDITOR or nodes[node, col.TAG_OF] == _CODE:
            return True
        node = nodes[node, col.PARENT]
    return False


@compiled
def _in_code(nodes: Any) -> Any:
    """Whether each element stands in a block of code that is known as one: uint8 (nodes,)."""
    inside = np.zeros(len(nodes), np.uint8)
    for node in range(1, len(nodes)):
        above = nodes[node, col.PARENT]
        inside[node] = inside[above] or nodes[above, col.ISLAND] != 0
    return inside


@compiled
def _mark_gutters(nodes: Any, numbers: Any) -> None:
    """Mark the elements whose class says that they hold line numbers, and that hold nothing else.

    "line" and "number" may also say that an element is a numbered line, which a blank one is no number of.
    """
    has_inner = np.zeros(len(nodes), np.uint8)
    for node in range(len(nodes) - 1, 0, -1):
        row = nodes[node]
        signs = row[col.SIGNS]
        is_line = not numbers.text[node] and row[col.LAST] > row[col.FIRST] + 1 and row[col.TAG_OF] not in (_TD, _TH)
        says = signs & _GUTTER or (signs & _LINE and signs & _NUMBER and not has_inner[node])
        if says and numbers.other[node] == 0 and not is_line:
            row[col.FLAGS] |= IS_GUTTER
            has_inner[node] = 1
        has_inner[row[col.PARENT]] |= has_inner[node]


@compiled
def _mark_cells(nodes: Any, groups: Any, flags: Any, numbers: Any) -> None:
    """Mark the cells of line numbers in tables of code, where no class says what they are."""
    last, first, run = np.full(len(nodes), -1), np.zeros(len(nodes), np.int64), np.zeros(len(nodes), np.int64)
    has_code, has_gutter = np.zeros(len(nodes), np.uint8), np.zeros(len(nodes), np.uint8)
    table_of = np.zeros(len(nodes), np.int64)
    for node in range(1, len(nodes)):
        row = nodes[node]
        above = row[col.PARENT]
        table_of[node] = above if nodes[above, col.TAG_OF] == _TABLE else table_of[above]
        table = table_of[node]
        has_code[table] |= row[col.ISLAND] == CODE_ISLAND or flags[row[col.TAG_OF]] & INLINE_CODE != 0
        has_gutter[table] |= row[col.SIGNS] & _GUTTER != 0
    for node in range(1, len(nodes)):
        row, table = nodes[node], table_of[node]
        if row[col.TAG_OF] not in (_TD, _TH) or not table or numbers.other[node] or not numbers.text[node]:
            continue
        start, stop = _range(numbers, row)
        many = stop - start > 1
        if many and numbers.steps[stop - 1] == numbers.steps[start] and has_code[table]:
            run[table] = 2
            first[table] = node
        elif stop - start == 1 and (has_gutter[table] or _is_code_near(nodes, groups, table)):
            follows = last[table] >= 0 and numbers.value[start] == numbers.value[last[table]] + 1
            run[table] += follows
            last[table] = start if follows or last[table] < 0 or not run[table] else last[table]
    for node in range(1, len(nodes)):
        row, table = nodes[node], table_of[node]
        if not run[table] or row[col.TAG_OF] not in (_TD, _TH) or numbers.other[node] or not numbers.text[node]:
            continue
        if row[col.FLAGS] & IS_GUTTER or (nodes[node - 1, col.TAG_OF] != _TR and first[table] != node):
            continue
        row[col.FLAGS] |= IS_GUTTER


@compiled
def _mark_containers(nodes: Any, numbers: Any) -> None:
    """Mark what holds line numbers and the lines that they number as code."""
    size = len(nodes)
    gutters, bare = np.zeros(size, np.int64), np.zeros(size, np.int64)
    lines, most = np.zeros(size, np.int64), np.zeros(size, np.int64)
    outside, rising, nearest = numbers.text.copy(), np.ones(size, np.uint8), np.full(size, _MAX_NUMBER + 1)
    own = numbers.text.copy()
    for node in range(size - 1, 0, -1):
        row, above = nodes[node], nodes[node, col.PARENT]
        own[above] -= numbers.text[node]
        if row[col.FLAGS] & IS_GUTTER:
            gutters[node], outside[node] = 1, 0
        gutters[above] += gutters[node]
        outside[above] -= numbers.text[node] - outside[node]
        if gutters[node]:
            start, stop = _range(numbers, row)
            lines[above] += 1
            most[above] = max(most[above], gutters[node])
            if stop > start:
                rising[above] &= numbers.value[stop - 1] < nearest[above]
                nearest[above] = numbers.value[start]
        elif outside[node] and row[col.TAG_OF] not in (_THEAD, _CAPTION):
            bare[above] += 1
    passed = _in_code(nodes)
    for node in range(1, size):
        if nodes[node, col.FLAGS] & IS_GUTTER and not nodes[nodes[node, col.PARENT], col.FLAGS] & IS_GUTTER:
            _mark_container(nodes, nodes[node, col.PARENT], bare, lines, most, outside, rising, own, passed)


@compiled
def _mark_container(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    nodes: Any,
    node: Any,
    bare: Any,
    lines: Any,
    most: Any,
    outside: Any,
    rising: Any,
    own: Any,
    passed: Any,
) -> None:
    """Climb from a line number to the listing that it is of, and mark that."""
    while node > 0 and nodes[node, col.TAG_OF] not in (_BODY, _HTML):
        if nodes[node, col.ISLAND] or passed[node]:
            return
        passed[node] = 1
        above = nodes[node, col.PARENT]
        holds_lines = (
            lines[above] > 1 and 4 * bare[above] <= lines[above] and not own[above]
            and (most[above] <= 2 or rising[above])
        )  # fmt: skip
        if outside[node] and not holds_lines and nodes[node, col.TAG_OF] != _TR:
            nodes[node, col.ISLAND] = CODE_ISLAND
            return
        node = above


@compiled
def _mark_lines(nodes: Any, groups: Any, numbers: Any) -> None:
    """Mark what holds lines of code and nothing else."""
    size = len(nodes)
    lines, others, own = np.zeros(size, np.int64), np.zeros(size, np.int64), numbers.text.copy()
    for node in range(size - 1, 0, -1):
        row, above = nodes[node], nodes[node, col.PARENT]
        own[above] -= numbers.text[node]
        is_item = (
            row[col.TAG_OF] == _LI and nodes[above, col.TAG_OF] == _OL
            and (nodes[above, col.SIGNS] | nodes[nodes[above, col.PARENT], col.SIGNS]) & _EDITOR
        )  # fmt: skip
        if row[col.FLAGS] & IS_GUTTER:
            continue
        if (row[col.SIGNS] & _LINE and not row[col.SIGNS] & _VERSE) or is_item:
            lines[above] += 1
        elif numbers.text[node]:
            others[above] += 1
    inside = _in_code(nodes)
    for node in range(1, size):
        if not lines[node] or others[node] or own[node] or nodes[node, col.ISLAND]:
            continue
        verse = nodes[node, col.SIGNS] & (_VERSE | _LINE) or nodes[nodes[node, col.PARENT], col.SIGNS] & _VERSE
        if not verse and numbers.text[node] and _is_code_near(nodes, groups, node) and not inside[node]:
            nodes[node, col.ISLAND] = CODE_ISLAND


@compiled
def mark_listings(src: Any, nodes: Any, groups: Any, events: Any, flags: Any) -> None:
    """Mark line numbers, and the listings of a page that stand in no element for code."""
    numbers = _numbers(src, nodes, events, flags)
    _mark_gutters(nodes, numbers)
    _mark_gutters(nodes, numbers)
    _mark_cells(nodes, groups, flags, numbers)
    _mark_containers(nodes, numbers)
    _mark_lines(nodes, groups, numbers)
