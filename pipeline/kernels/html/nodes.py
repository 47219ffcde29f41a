"""The elements of a page from one pass over its bytes: rows of numbers in document order, not a tree of objects.

What browsers repair is repaired where it matters to text: paragraphs, list items, cells and rows that nobody closed,
end tags that close nothing, links around blocks. What nests deeper than `MAX_DEPTH` stands as if it did not nest.
"""

import re
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.kernels.compiled import lean
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
from pipeline.kernels.html.browser_sets import ACTIVE, STRUCTURE
from pipeline.kernels.html.end_tags import read_end_tag
from pipeline.kernels.html.event_links import settle
from pipeline.kernels.html.formatting import activate, reconstruct
from pipeline.kernels.html.names import RAW, TAG, VOID, Table, look_up, names, no_words
from pipeline.kernels.html.raw_text import cdata_end, foreign_end, is_cdata, is_modern, raw_end, script_end
from pipeline.kernels.html.shadow_roots import open_shadow_roots
from pipeline.kernels.html.stack import (
    add_implied,
    emit,
    leave_widget,
    link_before_table,
    pop,
    pop_to,
    push,
    write_alone,
)
from pipeline.kernels.html.start_tags import read_start_tag
from pipeline.kernels.html.state import (
    BARE,
    CLONES,
    EVENTS,
    FLAGS_OF,
    FORMATS,
    FOSTER,
    FRAMES,
    LEVEL,
    LINKED,
    NO_NOSCRIPT,
    NODES,
    NOSCRIPT_END,
    QUIRKS,
    ROOM,
    SCRIPTS,
    SHADOWS,
    SIZE,
    SPARE,
    STACK,
    WIDGET,
    XML,
    State,
    tag_at,
)
from pipeline.kernels.html.table_parts import CLOSED_AT_ONCE, IGNORED
from pipeline.kernels.html.tags import (
    DECLARATION,
    LESS,
    NO_TAG,
    SHADOW_ROOT,
    SLASH,
    START_TAG,
    end_of_attributes,
    is_space,
    kind_of_tag,
    name_end,
    next_sign,
    same_name,
    skip_declaration,
    tag_end,
)
from pipeline.kernels.html.widgets import mark_island

Bytes = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.int32]

_HEAD, _HTML, _SVG, _MATH, _PLAINTEXT = (TAG[name] for name in ("head", "html", "svg", "math", "plaintext"))
_SCRIPT, _NOSCRIPT, _BR, _COLGROUP, _BODY = (TAG[name] for name in ("script", "noscript", "br", "colgroup", "body"))
# Rows for elements that no tag opens, beside those of the tags that open none: at least so many, and one for so many
# tags.
_MIN_SPARE, _TAGS_PER_SPARE = 64, 8


# A page's declarations and the start tag of its html element stand in so many bytes.
_MAX_PROLOGUE: Final = 4000
_XHTML: Final = re.compile(rb"""<html\s[^>]*\bxmlns\s*=\s*["']http://www\.w3\.org/1999/xhtml["']""")


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


class Called(NamedTuple):
    """What the names of elements say.

    Attributes:
        leaning: Word of a name → how much it speaks for main content.
        said: What the attributes of the last tag say.
        groups: For each element the groups of its names.
        leans: For each element what its names speak for.
    """

    leaning: Any
    said: Any
    groups: Any
    leans: Any


def says_xml(source: bytes) -> bool:
    """Whether a page says twice that it is XML: by its first line, and by the namespace of its html element.

    >>> says_xml(b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>")
    True
    >>> says_xml(b"<?xml version='1.0'?><html>")
    False
    """
    start = source[:_MAX_PROLOGUE].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith(b"<?xml") and _XHTML.search(start) is not None


def read_nodes(source: bytes, leaning: Table | None = None, *, xml: bool = False) -> Page:
    """The elements of a page.

    Args:
        source: Valid UTF-8.
        leaning: Word of a class or id → how much it speaks for main content.
        xml: Whether it is XML, in which a tag that closes itself does so whatever it is of.

    >>> page = read_nodes(b"<ul><li>rye<li>wheat</ul>")
    >>> from pipeline.kernels.html.columns import PARENT, TAG_OF
    >>> from pipeline.kernels.html.names import TAGS
    >>> [TAGS[tag] for tag in page.nodes[:, TAG_OF]], page.nodes[:, PARENT].tolist()
    (['', 'ul', 'li', 'li'], [-1, 0, 1, 1])
    """
    held = np.frombuffer(source + bytes(16), np.uint8)
    tags = source.count(b"<")
    spare = _MIN_SPARE + tags // _TAGS_PER_SPARE
    room = tags + 2 + spare
    groups, leans = np.zeros(room, np.int64), np.zeros((room, 2), np.int32)
    most = 3 * room + 4
    at = np.zeros(SIZE, np.int64)
    at[SPARE], at[XML], at[ROOM] = spare, xml or says_xml(source), most
    at[FLAGS_OF:] = names().flags
    nodes = np.zeros((room, col.NODE_COLUMNS), np.int32)
    state = State(held, nodes, np.empty((most + most // 2 + 1, 4), np.int32), at)
    called = Called(no_words() if leaning is None else leaning, np.zeros(SAYINGS, np.int64), groups, leans)
    _read(state, len(source), names(), called)
    count = int(at[NODES])
    if at[CLONES]:
        clones = np.flatnonzero(nodes[:count, col.ORIGIN])
        groups[clones], leans[clones] = groups[nodes[clones, col.ORIGIN]], leans[nodes[clones, col.ORIGIN]]
    page = Page(held, nodes[:count], groups[:count], leans[:count], state.events[: at[EVENTS]], int(at[SCRIPTS]))
    if at[LINKED]:
        page = _settled(state, page)
    if at[SHADOWS]:
        state.at[NODES] = len(page.nodes)
        events = open_shadow_roots(source, page.nodes, page.events)
        at[ROOM] = len(page.events) + 1
        page = _settled(State(held, page.nodes, events, at), page)
    return page


def _settled(state: State, page: Page) -> Page:
    """A page whose events are linked, in their order."""
    events, nodes, groups, leans = settle(state, page.groups, page.leans)
    return page._replace(nodes=nodes, groups=groups, leans=leans, events=events)


@lean
def _open(state: Any, start: Any, name_stop: Any, end: Any, tag: Any, tables: Any, called: Any) -> Any:
    """Read a start tag; return where the reading goes on."""
    said = called.said
    after, closes_itself = attributes(state.src, name_stop, end, tag, tables, called.leaning, said)
    answer = read_start_tag(state, tag, start)
    if answer == IGNORED:
        state.at[SPARE] += 1
        return after
    node = _add(state, tag, start, after, said)
    called.groups[node] = said[SAYS_GROUPS]
    called.leans[node, 0], called.leans[node, 1] = said[LEAN_SUM], said[LEAN_WORDS]
    mark_island(state, node, tag, said[SAYS_WIDGET], said[SAYS_FLAGS])
    state.at[SHADOWS] += said[SAYS_FLAGS] & SHADOW_ROOT != 0
    beyond = _write_element(state, node, tag, name_stop, end, tables, closes_itself, answer)
    state.at[FOSTER] = 0
    return beyond


@lean
def _write_element(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    state: Any, node: Any, tag: Any, name_stop: Any, end: Any, tables: Any, closes_itself: Any, answer: Any
) -> Any:
    """Write the events of an element that opens, and of all that it holds if it is raw; return where that ends."""
    row = state.nodes[node]
    start, after = np.int64(row[col.START]), np.int64(row[col.OPEN_END])
    kind = state.at[FLAGS_OF + tag]
    foreign = tag in (_SVG, _MATH)
    if foreign and closes_itself:
        leave_widget(state, node)
    elif kind & VOID:
        link_before_table(state)
        row[col.FIRST] = row[col.LAST] = state.at[EVENTS]
        emit(state, col.OPEN, node, start, after)
        leave_widget(state, node)
    elif answer == CLOSED_AT_ONCE or (closes_itself and state.at[XML]):
        write_alone(state, node, start, after)
    elif kind & RAW or foreign:
        return _read_raw(state, node, name_stop, end, tables)
    elif push(state, node, start, after):
        if kind & ACTIVE:
            activate(state, node)
        if tag == _NOSCRIPT and not state.at[NOSCRIPT_END] and not state.at[NO_NOSCRIPT]:
            close = raw_end(state.src, after, end, start + 1, name_stop)
            if close < end:
                state.at[NOSCRIPT_END] = close
            else:
                state.at[NO_NOSCRIPT] = 1
    return after


@lean
def _add(state: Any, tag: Any, start: Any, after: Any, said: Any) -> Any:
    """Write the row of an element that ends where its start tag does, until more is known; return its number."""
    node, depth = state.at[NODES], state.at[LEVEL]
    state.at[NODES] = node + 1
    row = state.nodes[node]
    row[col.TAG_OF], row[col.PARENT], row[col.DEPTH] = tag, state.at[STACK + depth], depth + 1
    row[col.START], row[col.OPEN_END], row[col.CLOSE_START], row[col.END] = start, after, after, after
    row[col.CLASS], row[col.CLASS_END] = said[CLASS_AT], said[CLASS_STOP]
    row[col.ALT], row[col.ALT_END] = said[ALT_AT], said[ALT_STOP]
    row[col.FIRST] = row[col.LAST] = state.at[EVENTS]
    shape = tag
    for k in range(said[CLASS_AT], said[CLASS_STOP]):
        shape = (shape * 31 + state.src[k]) & 0x3FFFFFFF
    row[col.SHAPE] = shape
    return node


@lean
def _read_raw(state: Any, node: Any, name_stop: Any, end: Any, tables: Any) -> Any:
    """Read an element whose inside is no HTML up to its end; return where that is."""
    src, row = state.src, state.nodes[node]
    tag, start, after = row[col.TAG_OF], np.int64(row[col.START]), np.int64(row[col.OPEN_END])
    if tag in (_SVG, _MATH):
        close = foreign_end(src, after, end, tag, tables, state)
    elif tag == _SCRIPT:
        close = script_end(src, after, end)
    elif tag == _PLAINTEXT:
        close = end
    else:
        close = raw_end(src, after, end, start + 1, name_stop)
    # A picture or formula that a tag of the page ends has no end tag.
    ends = close < end and src[close + 1] == SLASH and same_name(src, close + 2, start + 1)
    beyond = end_of_attributes(src, close + 2 + name_stop - start - 1, end) if ends else close
    link_before_table(state)
    row[col.FIRST] = state.at[EVENTS]
    emit(state, col.OPEN, node, start, after)
    row[col.CLOSE_START], row[col.END] = close, beyond
    if close > after:
        emit(state, col.TEXT, node, after, close)
    row[col.LAST] = state.at[EVENTS]
    emit(state, col.CLOSE, node, close, beyond)
    leave_widget(state, node)
    return beyond


@lean
def _read(state: Any, end: Any, tables: Any, called: Any) -> None:
    """Read a page: what stands in a noscript up to its end tag, whatever is open there, for browsers hide all of it."""
    state.at[NODES], state.at[WIDGET], state.at[BARE], state.at[QUIRKS] = 1, -1, 1, 1
    state.nodes[0, col.PARENT] = -1
    at = np.int64(0)
    while at < end:
        at = _read_stretch(state, at, end, tables, called)
        close = state.at[NOSCRIPT_END]
        if close:
            level = state.at[LEVEL]
            while at < close:
                at = _read_stretch(state, at, close, tables, called)
            at = tag_end(state.src, close, end)
            pop_to(state, level, close, at)
            state.at[NOSCRIPT_END] = 0
            state.at[SPARE] += 1
    while state.at[LEVEL] > 0:
        pop(state, end, end)
    state.nodes[0, col.END], state.nodes[0, col.CLOSE_START] = end, end
    if not state.at[LINKED]:
        state.nodes[0, col.LAST] = state.at[EVENTS]


@lean
def _read_stretch(state: Any, at: Any, end: Any, tables: Any, called: Any) -> Any:
    """Read tags and texts up to an end, or to where a noscript begins; return where that is."""
    src, text = state.src, at
    around = state.at[NOSCRIPT_END]
    while at < end:
        kind = kind_of_tag(src, at, end) if src[at] == LESS else NO_TAG
        if kind == NO_TAG:
            at = next_sign(src, at + 1, end, LESS)
            continue
        if at > text:
            write_text(state, text, at)
        if kind == DECLARATION:
            at = _read_declaration(state, at, end)
        else:
            stop, key = name_end(src, at + kind, end)
            tag = look_up(tables.tags, key)
            if kind == START_TAG:
                at = _open(state, at, stop, end, tag, tables, called)
                if state.at[NOSCRIPT_END] != around:
                    return at
            else:
                at = _close(state, at, stop, end, tag)
        text = at
    if end > text:
        write_text(state, text, end)
    return end


@lean
def _close(state: Any, start: Any, name_stop: Any, end: Any, tag: Any) -> Any:
    """Read an end tag; return where it ends."""
    after = end_of_attributes(state.src, name_stop, end)
    state.at[SPARE] += 1
    if tag == _BR and not state.at[FRAMES]:  # a browser reads it as a start tag
        if read_start_tag(state, tag, start) != IGNORED:
            node = add_implied(state, tag, start)
            link_before_table(state)
            emit(state, col.OPEN, node, start, after)
            state.at[FOSTER] = 0
    else:
        read_end_tag(state, tag, start, after)
    return after


@lean
def _read_declaration(state: Any, at: Any, end: Any) -> Any:
    """Pass over a comment or a declaration, but a section of character data of XML; return where it ends."""
    src = state.src
    state.at[SPARE] += 1
    if state.at[XML] and is_cdata(src, at):
        close = cdata_end(src, at, end)
        write_text(state, at + len("<![CDATA["), close)
        return min(close + 3, end)
    after = skip_declaration(src, at, end)
    if state.at[QUIRKS] and is_modern(src, at, after) and state.at[NODES] == 1 and state.at[BARE]:
        state.at[QUIRKS] = 0
    return after


@lean
def write_text(state: Any, start: Any, end: Any) -> None:
    """Append a stretch of text: what is more than white space ends the head, and stands before a table, not in it."""
    level = state.at[LEVEL]
    tag = tag_at(state, level)
    if (state.at[BARE] or state.at[FLAGS_OF + tag] & STRUCTURE or tag in (_COLGROUP, _HEAD)) and not _is_blank(
        state.src, start, end
    ):
        if state.at[FRAMES]:
            return
        _make_way(state, tag, start)
    if state.at[FORMATS] and (state.at[FOSTER] or not state.at[FLAGS_OF + tag] & STRUCTURE):
        reconstruct(state, start)
    link_before_table(state)
    emit(state, col.TEXT, np.int64(state.at[STACK + state.at[LEVEL]]), start, end)
    state.at[FOSTER] = 0


@lean
def _make_way(state: Any, tag: Any, start: Any) -> None:
    """Close what holds no text before a text, or let the text stand before its table."""
    state.at[BARE] = 0
    if tag in (_HEAD, _COLGROUP):
        pop(state, start, start)
    if state.at[FLAGS_OF + tag_at(state, state.at[LEVEL])] & STRUCTURE:
        state.at[FOSTER] = 1


@lean
def _is_blank(src: Any, start: Any, end: Any) -> Any:
    """Whether a stretch of text is white space, or nothing to a browser."""
    at = start
    while at < end and (is_space(src[at]) or src[at] == 0):
        at += 1
    return at == end
