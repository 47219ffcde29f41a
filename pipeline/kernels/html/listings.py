"""Listings: source code that a page shows without `<pre>`, or with line numbers beside it; compiled.

Line numbers are told by their class where their text is digits alone, and by their column: cells of a table of code
that count upwards. What holds them, and the code that they number, is one listing; so is what holds nothing but lines,
in an element whose class speaks of code.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from pipeline.kernels.array_types import Bool, Bytes, Counts, Int, Row, Rows
from pipeline.kernels.compiled import compiled
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.names import CODE_ISLAND, GROUP, HIDDEN, INLINE_CODE, NO_ISLAND, SIGN, TAG
from pipeline.kernels.html.tags import IS_GUTTER, is_space

_LINE, _NUMBER, _GUTTER, _EDITOR, _VERSE, _ITEM = (
    SIGN[name] for name in ("line", "number", "gutter", "editor", "verse", "item")
)
_CODE_GROUP: Final = 1 << GROUP["code"]
# "line-block" is how reStructuredText calls verse.
_BLOCK_GROUP: Final = 1 << GROUP["widget"]
_PRE, _CODE, _TD, _TH, _TR, _TABLE, _THEAD, _CAPTION, _OL, _LI, _BODY, _HTML, _TBODY = (
    TAG[name]
    for name in ("pre", "code", "td", "th", "tr", "table", "thead", "caption", "ol", "li", "body", "html", "tbody")
)
_SPACE_NAME: Final = np.frombuffer(b"&nbsp;", np.uint8)
_SPACE_NUMBER: Final = np.frombuffer(b"&#160;", np.uint8)
_ZERO, _NINE, _DOT, _COLON, _BAR, _NEW_LINE = (ord(sign) for sign in "09.:|\n")
_MAX_NUMBER: Final = 10_000_000
# One row of a table in so many may have no number, such as one that says what is left out.
_ROWS_PER_BARE: Final = 4
# So far above a line number is looked for its listing, and for code that it stands beside.
_CLIMB, _BESIDE = 8, 4
# A cell with fewer events holds no column of numbers.
_SHORT_COLUMN: Final = 3
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
def _numbers(src: Bytes, nodes: Rows, events: Rows, flags: Counts) -> Numbers:
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
def _range(numbers: Numbers, row: Row) -> tuple[Int, Int]:
    """The range of the numbers in an element, by its row."""
    return np.searchsorted(numbers.event, row[col.FIRST]), np.searchsorted(numbers.event, row[col.LAST])


@compiled
def _is_code_near(nodes: Rows, groups: Counts, node: Int) -> Bool:
    """Whether the class of an element or of one just above it speaks of code."""
    for _ in range(_REACH):
        if node <= 0:
            return False
        row = nodes[node]
        is_code = row[col.ISLAND] == CODE_ISLAND or row[col.TAG_OF] == _CODE
        if is_code or groups[node] & _CODE_GROUP or row[col.NAMED] & _EDITOR:
            return True
        node = nodes[node, col.PARENT]
    return False


@compiled
def _table_of(nodes: Rows, node: Int) -> Int:
    """The table of a cell, 0 for none."""
    node = np.int64(nodes[node, col.PARENT])
    while node > 0 and nodes[node, col.TAG_OF] != _TABLE:
        if nodes[node, col.TAG_OF] in (_TD, _TH):
            return np.int64(0)
        node = np.int64(nodes[node, col.PARENT])
    return node


@compiled
def _in_code(nodes: Rows) -> Bytes:
    """Whether each element stands in a block of code that is known as one: uint8 (nodes,)."""
    inside = np.zeros(len(nodes), np.uint8)
    for node in range(1, len(nodes)):
        above = nodes[node, col.PARENT]
        inside[node] = inside[above] or nodes[above, col.ISLAND] != 0
    return inside


@compiled
def _mark_gutters(nodes: Rows, numbers: Numbers) -> None:
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
def _mark_cells(nodes: Rows, groups: Counts, flags: Counts, numbers: Numbers) -> None:
    """Mark the cells of line numbers in tables of code, where no class says what they are."""
    last, first, run = np.full(len(nodes), -1), np.zeros(len(nodes), np.int64), np.zeros(len(nodes), np.int64)
    has_code, has_gutter = np.zeros(len(nodes), np.uint8), np.zeros(len(nodes), np.uint8)
    has_block = np.zeros(len(nodes), np.uint8)
    table_of = np.zeros(len(nodes), np.int64)
    for node in range(1, len(nodes)):
        row = nodes[node]
        above = row[col.PARENT]
        table_of[node] = above if nodes[above, col.TAG_OF] == _TABLE else table_of[above]
        table = table_of[node]
        has_code[table] |= row[col.ISLAND] == CODE_ISLAND or flags[row[col.TAG_OF]] & INLINE_CODE != 0
        has_block[table] |= row[col.TAG_OF] == _PRE
        has_gutter[table] |= row[col.NAMED] & _GUTTER != 0
    for node in range(1, len(nodes)):
        row, table = nodes[node], table_of[node]
        if row[col.TAG_OF] not in (_TD, _TH) or not table or numbers.other[node] or not numbers.text[node]:
            continue
        start, stop = _range(numbers, row)
        many = stop - start > 1
        if many and numbers.steps[stop - 1] == numbers.steps[start] and has_code[table]:
            run[table] = 2
            first[table] = node
        elif stop - start == 1 and (has_gutter[table] or has_block[table] or _is_code_near(nodes, groups, table)):
            follows = last[table] >= 0 and numbers.value[start] == numbers.value[last[table]] + 1
            run[table] += follows or row[col.NAMED] & _NUMBER != 0
            last[table] = start if follows or last[table] < 0 or not run[table] else last[table]
    for node in range(1, len(nodes)):
        row, table = nodes[node], table_of[node]
        if not run[table] or row[col.TAG_OF] not in (_TD, _TH) or numbers.other[node] or not numbers.text[node]:
            continue
        if row[col.FLAGS] & IS_GUTTER or (nodes[node - 1, col.TAG_OF] != _TR and first[table] != node):
            continue
        row[col.FLAGS] |= IS_GUTTER


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
def _is_single(src: Bytes, events: Rows, row: Row) -> Bool:
    """Whether no line break stands between signs of an element's text."""
    seen, broken = False, False
    for at in range(row[col.FIRST], row[col.LAST]):
        if events[at, 0] != col.TEXT:
            continue
        for k in range(events[at, 2], events[at, 3]):
            if src[k] == _NEW_LINE:
                broken = broken or seen
            elif not is_space(src[k]):
                if broken:
                    return False
                seen = True
    return True


@compiled
def _parts(src: Bytes, nodes: Rows, events: Rows, numbers: Numbers) -> Parts:
    """Count what elements hold."""
    size = len(nodes)
    gutters, bare, lines = np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.int64)
    most, blocks, singles = np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.int64)
    own, outside = numbers.text.copy(), numbers.text.copy()
    rising, nearest = np.ones(size, np.uint8), np.full(size, _MAX_NUMBER + 1)
    for node in range(size - 1, 0, -1):
        row, above = nodes[node], nodes[node, col.PARENT]
        own[above] -= numbers.text[node]
        if row[col.FLAGS] & IS_GUTTER:
            gutters[node], outside[node], blocks[node], singles[node] = 1, 0, 0, 0
        elif row[col.TAG_OF] == _PRE and outside[node]:
            blocks[above] += 1
            singles[above] += _is_single(src, events, row)
        gutters[above] += gutters[node]
        blocks[above] += blocks[node]
        singles[above] += singles[node]
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
    passed = _in_code(nodes)
    for node in range(1, len(nodes)):
        if not nodes[node, col.FLAGS] & IS_GUTTER:
            continue
        best, here = np.int64(0), np.int64(nodes[node, col.PARENT])
        for _ in range(_CLIMB):
            if here <= 0 or nodes[here, col.TAG_OF] in (_BODY, _HTML) or passed[here] or nodes[here, col.ISLAND]:
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
            nodes[best, col.ISLAND] = CODE_ISLAND


@compiled
def _single_line(nodes: Rows, groups: Counts, parts: Parts, gutter: Int) -> Int:
    """The listing of one line that a line number is of, 0 for none."""
    node = np.int64(nodes[gutter, col.PARENT])
    if nodes[node, col.TAG_OF] == _TR and parts.gutters[_table_of(nodes, gutter)] == 1:
        node = _table_of(nodes, gutter)
    elif not nodes[node, col.NAMED] & _LINE:
        return np.int64(0)
    is_code = parts.gutters[node] == 1 and parts.outside[node] and not parts.blocks[node]
    return node if is_code and not nodes[node, col.ISLAND] and _is_code_near(nodes, groups, node) else np.int64(0)


@compiled
def _mark_blocks_of_lines(nodes: Rows, groups: Counts, parts: Parts) -> None:
    """Mark what holds blocks of code of one line each, and nothing else, as one block."""
    inside = np.zeros(len(nodes), np.uint8)
    for node in range(1, len(nodes)):
        above = nodes[node, col.PARENT]
        inside[node] = inside[above] or nodes[above, col.ISLAND] != 0
        blocks = parts.blocks[node]
        if blocks < 2 or parts.singles[node] < blocks or parts.own[node] or inside[node] or nodes[node, col.ISLAND]:
            continue
        children, others = 0, 0
        for inner in range(node + 1, len(nodes)):
            if nodes[inner, col.START] >= nodes[node, col.END]:
                break
            if nodes[inner, col.PARENT] == node and parts.outside[inner]:
                children += 1
                is_block = nodes[inner, col.TAG_OF] == _PRE
                others += not (is_block or (parts.blocks[inner] == 1 and not parts.own[inner]))
        if children == blocks and not others and (parts.gutters[node] or _is_code_near(nodes, groups, node)):
            nodes[node, col.ISLAND] = CODE_ISLAND


@compiled
def _free_blocks(nodes: Rows, parts: Parts) -> None:
    """Let a block of code in a table that its class calls code stand alone: a file's name may stand beside it."""
    for node in range(1, len(nodes)):
        is_table = nodes[node, col.TAG_OF] == _TABLE and nodes[node, col.ISLAND] == CODE_ISLAND
        if is_table and parts.blocks[node] and parts.singles[node] < parts.blocks[node]:
            nodes[node, col.ISLAND] = NO_ISLAND


@compiled
def _settle_gutters(nodes: Rows, parts: Parts) -> None:
    """Keep as line numbers those that stand in or beside code, and mark the code beside a column of them.

    Numbers that stand nowhere near code are text.
    """
    code = np.zeros(len(nodes), np.int64)
    for node in range(len(nodes) - 1, 0, -1):
        code[node] += nodes[node, col.ISLAND] == CODE_ISLAND and not nodes[node, col.FLAGS] & IS_GUTTER
        code[nodes[node, col.PARENT]] += code[node]
    inside = _in_code(nodes)
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
            nodes[cell, col.ISLAND] = CODE_ISLAND
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
    inside = _in_code(nodes)
    for node in range(1, size):
        if not lines[node] or others[node] or own[node] or nodes[node, col.ISLAND]:
            continue
        verse = (
            nodes[node, col.NAMED] & _VERSE
            or (nodes[node, col.NAMED] & _LINE and groups[node] & _BLOCK_GROUP)
            or nodes[nodes[node, col.PARENT], col.NAMED] & _VERSE
        )
        is_code = items[node] or _is_code_near(nodes, groups, node)
        if not verse and numbers.text[node] and is_code and not inside[node] and not nodes[node, col.NAMED] & _GUTTER:
            nodes[node, col.ISLAND] = CODE_ISLAND


@compiled
def mark_listings(src: Bytes, nodes: Rows, groups: Counts, events: Rows, flags: Counts) -> None:
    """Mark line numbers, and the listings of a page that stand in no element for code."""
    numbers = _numbers(src, nodes, events, flags)
    _mark_gutters(nodes, numbers)
    _mark_cells(nodes, groups, flags, numbers)
    parts = _parts(src, nodes, events, numbers)
    _free_blocks(nodes, parts)
    _mark_numbered(nodes, groups, parts)
    _mark_blocks_of_lines(nodes, groups, parts)
    _mark_lines(nodes, groups, numbers)
    _settle_gutters(nodes, parts)
