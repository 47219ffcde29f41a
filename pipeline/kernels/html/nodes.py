"""The elements of a page from one pass over its bytes: rows of numbers in document order, not a tree of objects.

What browsers repair is repaired where it matters to text: paragraphs, list items, cells and rows that nobody closed,
end tags that close nothing, links around blocks. What nests deeper than `MAX_DEPTH` stands as if it did not nest.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.kernels.compiled import compiled
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.attributes import (
    ALT_AT,
    ALT_STOP,
    CLASS_AT,
    CLASS_STOP,
    LEAN_SUM,
    LEAN_WORDS,
    SAYINGS,
    SAYS_FLAGS,
    SAYS_GROUPS,
    SAYS_WIDGET,
    attributes,
)
from pipeline.kernels.html.listings import mark_listings
from pipeline.kernels.html.names import (
    GROUP,
    GROUP_BITS,
    RAW,
    SIGN,
    TAG,
    VOID,
    Table,
    look_up,
    names,
    no_words,
)
from pipeline.kernels.html.stack import (
    COUNTERS,
    EVENTS,
    LEVEL,
    LISTINGS,
    MAX_DEPTH,
    NO_MATH,
    NO_SVG,
    NODES,
    SCRIPTS,
    WIDGET,
    State,
    emit,
    end_tag,
    imply_ends,
    leave_widget,
    pop,
    tag_at,
)
from pipeline.kernels.html.tags import (
    DECLARATION,
    NO_TAG,
    START_TAG,
    is_space,
    kind_of_tag,
    name_end,
    raw_end,
    skip_declaration,
    tag_end,
)
from pipeline.kernels.html.widgets import mark_island

_GROUPS: Final = len(GROUP)
_OF_LISTINGS: Final = SIGN["line"] | SIGN["gutter"] | SIGN["editor"]
Bytes = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.int32]

_HEAD, _SVG, _MATH, _PLAINTEXT, _PRE, _TABLE = (
    TAG[name] for name in ("head", "svg", "math", "plaintext", "pre", "table")
)


class Page(NamedTuple):
    """A page's elements and what happens in it, in document order.

    Attributes:
        source: Its UTF-8, and 16 NUL bytes behind it.
        nodes: A row an element, int32 (elements, NODE_COLUMNS); the first one is the document.
        groups: For each element the groups of its class, id, role and itemprop, as bits, int64.
        leans: For each element how much the words of its class and id speak for main content, and how many do, int32.
        events: Text, element opened, element closed, link ended: int32 (events, 4).
        math_scripts: How many formulas stand in scripts, beside which a library's renderings are copies.
    """

    source: Bytes
    nodes: Rows
    groups: npt.NDArray[np.int64]
    leans: Rows
    events: Rows
    math_scripts: int


def read_nodes(source: bytes, leaning: Table | None = None) -> Page:
    """The elements of a page.

    Args:
        source: Valid UTF-8.
        leaning: Word of a class or id → how much it speaks for main content.

    >>> page = read_nodes(b"<ul><li>rye<li>wheat</ul>")
    >>> from pipeline.kernels.html.columns import PARENT, TAG_OF
    >>> from pipeline.kernels.html.names import TAGS
    >>> [TAGS[tag] for tag in page.nodes[:, TAG_OF]], page.nodes[:, PARENT].tolist()
    (['', 'ul', 'li', 'li'], [-1, 0, 1, 1])
    """
    held = np.frombuffer(source + bytes(16), np.uint8)
    room = int(np.count_nonzero(held == ord("<"))) + 2
    nodes = np.zeros((room, col.NODE_COLUMNS), np.int32)
    groups, leans = np.zeros(room, np.int64), np.zeros((room, 2), np.int32)
    events = np.zeros((3 * room + 4, 4), np.int32)
    count, happened, scripts, has_listings = _read(
        held, len(source), names(), no_words() if leaning is None else leaning, nodes, groups, leans, events
    )
    page = Page(held, nodes[:count], groups[:count], leans[:count], events[:happened], scripts)
    if has_listings:
        mark_listings(page.source, page.nodes, page.groups, page.events, names().flags)
    return page


@compiled
def _open(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    state: Any, src: Any, start: Any, name_stop: Any, end: Any, tag: Any, tables: Any, said: Any
) -> Any:
    """Read a start tag; return where the reading goes on."""
    after, closes_itself = attributes(src, name_stop, end, tag, tables, state.leaning, said)
    imply_ends(state, tag, start)
    node = _add(state, src, tag, start, after, said)
    mark_island(state, node, tag, said[SAYS_WIDGET], said[SAYS_FLAGS])
    foreign = tag in (_SVG, _MATH)
    if foreign and closes_itself:
        leave_widget(state, node)
        return after
    kind = state.flags[tag]
    if kind & RAW or foreign:
        beyond = _read_raw(state, src, node, name_stop, end)
        if beyond < 0:  # an svg or a formula that nobody ends holds nothing
            leave_widget(state, node)
        return max(beyond, after)
    emit(state, col.OPEN, node, start, after)
    if kind & VOID:
        leave_widget(state, node)
    elif state.at[LEVEL] + 1 < MAX_DEPTH:
        state.at[LEVEL] += 1
        state.stack[state.at[LEVEL]] = node
        state.opened[tag] += 1
    else:
        state.nodes[node, col.LAST] = state.at[EVENTS]
        emit(state, col.CLOSE, node, after, after)
        leave_widget(state, node)
    return after


@compiled
def _add(state: Any, src: Any, tag: Any, start: Any, after: Any, said: Any) -> Any:
    """Write the row of an element that ends where its start tag does, until more is known; return its number."""
    node, depth = state.at[NODES], state.at[LEVEL]
    state.at[NODES] = node + 1
    row = state.nodes[node]
    row[col.TAG_OF], row[col.PARENT], row[col.DEPTH] = tag, state.stack[depth], depth + 1
    row[col.START], row[col.OPEN_END], row[col.CLOSE_START], row[col.END] = start, after, after, after
    row[col.CLASS], row[col.CLASS_END] = said[CLASS_AT], said[CLASS_STOP]
    row[col.ALT], row[col.ALT_END] = said[ALT_AT], said[ALT_STOP]
    row[col.FIRST] = row[col.LAST] = state.at[EVENTS]
    shape = tag
    for k in range(said[CLASS_AT], said[CLASS_STOP]):
        shape = (shape * 31 + src[k]) & 0x3FFFFFFF
    row[col.SHAPE] = shape
    state.groups[node] = said[SAYS_GROUPS] & GROUP_BITS
    row[col.SIGNS] = said[SAYS_GROUPS] >> _GROUPS
    if row[col.SIGNS] & _OF_LISTINGS or (tag == _PRE and state.opened[_TABLE]):
        state.at[LISTINGS] += 1
    state.leans[node, 0], state.leans[node, 1] = said[LEAN_SUM], said[LEAN_WORDS]
    return node


@compiled
def _read_raw(state: Any, src: Any, node: Any, name_stop: Any, end: Any) -> Any:
    """Read an element whose inside is no HTML up to its end; return where that is, or -1 where nothing ends it."""
    row = state.nodes[node]
    tag, start, after = row[col.TAG_OF], np.int64(row[col.START]), np.int64(row[col.OPEN_END])
    if tag in (_SVG, _MATH):
        # Where nobody ends it, what follows is the page, and no search need be made again.
        never = NO_SVG if tag == _SVG else NO_MATH
        close = end if state.at[never] else raw_end(src, after, end, start + 1, name_stop)
        if close == end:
            state.at[never] = 1
            return np.int64(-1)
    else:
        close = end if tag == _PLAINTEXT else raw_end(src, after, end, start + 1, name_stop)
    emit(state, col.OPEN, node, start, after)
    row[col.CLOSE_START] = close
    if close > after:
        emit(state, col.TEXT, node, after, close)
    beyond = tag_end(src, close, end)
    row[col.END] = beyond
    row[col.LAST] = state.at[EVENTS]
    emit(state, col.CLOSE, node, close, beyond)
    leave_widget(state, node)
    return beyond


@compiled
def _read(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    src: Any, end: Any, tables: Any, leaning: Any, nodes: Any, groups: Any, leans: Any, events: Any
) -> Any:
    stack = np.zeros(MAX_DEPTH + 2, np.int32)
    opened = np.zeros(len(tables.flags), np.int32)
    counters = np.zeros(COUNTERS, np.int64)
    counters[NODES], counters[WIDGET] = 1, -1
    state = State(nodes, groups, leans, leaning, events, stack, opened, tables.flags, counters)
    said = np.zeros(SAYINGS, np.int64)
    nodes[0, col.PARENT] = -1
    at, text = np.int64(0), np.int64(0)
    while at < end:
        kind = kind_of_tag(src, at) if src[at] == 60 else NO_TAG
        if kind == NO_TAG:
            at += 1
            continue
        if at > text:
            _write_text(state, src, text, at)
        if kind == DECLARATION:
            at = skip_declaration(src, at, end)
        else:
            stop, key = name_end(src, at + kind, end)
            tag = look_up(tables.tags, key)
            if kind == START_TAG:
                at = _open(state, src, at, stop, end, tag, tables, said)
            else:
                beyond = tag_end(src, stop, end)
                end_tag(state, tag, at, beyond)
                at = beyond
        text = at
    if end > text:
        _write_text(state, src, text, end)
    while counters[LEVEL] > 0:
        pop(state, end, end)
    nodes[0, col.END], nodes[0, col.CLOSE_START] = end, end
    nodes[0, col.LAST] = counters[EVENTS]
    return counters[NODES], counters[EVENTS], counters[SCRIPTS], counters[LISTINGS]


@compiled
def _write_text(state: Any, src: Any, start: Any, end: Any) -> None:
    """Append a stretch of text; what is more than white space ends the head."""
    if state.opened[_HEAD] and tag_at(state, state.at[LEVEL]) == _HEAD:
        first = start
        while first < end and is_space(src[first]):
            first += 1
        if first == end:
            return
        pop(state, start, start)
    emit(state, col.TEXT, np.int64(state.stack[state.at[LEVEL]]), start, end)
