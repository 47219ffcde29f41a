"""The pass over a page's tags and texts, each read once; compiled."""

from typing import Final

import numpy as np

from pipeline.kernels.array_types import Bool, Bytes, Int
from pipeline.kernels.compiled import lean
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.browser_sets import STRUCTURE
from pipeline.kernels.html.names import TAG, Names, look_up
from pipeline.kernels.html.tags import (
    DECLARATION,
    LESS,
    NO_TAG,
    START_TAG,
    end_of_attributes,
    is_space,
    kind_of_tag,
    name_end,
    next_sign,
    skip_declaration,
    tag_end,
)
from pipeline.kernels.html.tree.elements import Called, open_element
from pipeline.kernels.html.tree.end_tags import read_end_tag
from pipeline.kernels.html.tree.formatting import reconstruct
from pipeline.kernels.html.tree.raw_text import cdata_end, is_cdata, is_modern, prefixed_tag
from pipeline.kernels.html.tree.stack import (
    add_implied,
    emit,
    link_before_table,
    pop,
    pop_to,
)
from pipeline.kernels.html.tree.start_tags import read_start_tag
from pipeline.kernels.html.tree.state import (
    BARE,
    EVENTS,
    FLAGS_OF,
    FORMATS,
    FOSTER,
    FRAMES,
    LEVEL,
    LINKED,
    NODES,
    NOSCRIPT_END,
    QUIRKS,
    SPARE,
    STACK,
    WIDGET,
    XML,
    State,
    tag_at,
)
from pipeline.kernels.html.tree.table_parts import IGNORED

_HEAD, _BR, _COLGROUP = (TAG[name] for name in ("head", "br", "colgroup"))


_BOM_SIZE: Final = 3


@lean
def _begins_with_mark(src: Bytes) -> Bool:
    """Whether a page begins with U+FEFF, which browsers pass over."""
    return src[0] == 0xEF and src[1] == 0xBB and src[2] == 0xBF


@lean
def read_tags(state: State, end: Int, tables: Names, called: Called) -> None:
    """Read a page: what stands in a noscript up to its end tag, whatever is open there, for browsers hide all of it."""
    state.at[NODES], state.at[WIDGET], state.at[BARE], state.at[QUIRKS] = 1, -1, 1, 1
    state.nodes[0, col.PARENT] = -1
    at = np.int64(_BOM_SIZE if _begins_with_mark(state.src) else 0)
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
def _read_stretch(state: State, at: Int, end: Int, tables: Names, called: Called) -> Int:
    """Read tags and texts up to an end, or to where a noscript begins; return where that is."""
    src, text = state.src, at
    around = state.at[NOSCRIPT_END]
    while at < end:
        kind = kind_of_tag(src, at, end) if src[at] == LESS else NO_TAG
        if kind == NO_TAG:
            at = next_sign(src, at + 1, end, LESS)
            continue
        if at > text:
            _write_text(state, text, at)
        if kind == DECLARATION:
            at = _read_declaration(state, at, end)
        else:
            stop, key = name_end(src, at + kind, end)
            tag = look_up(tables.tags, key) or prefixed_tag(src, at + kind, stop, tables)
            if kind == START_TAG:
                at = open_element(state, at, stop, end, tag, tables, called)
                if state.at[NOSCRIPT_END] != around:
                    return at
            else:
                at = _close(state, at, stop, end, tag)
        text = at
    if end > text:
        _write_text(state, text, end)
    return end


@lean
def _close(state: State, start: Int, name_stop: Int, end: Int, tag: Int) -> Int:
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
def _read_declaration(state: State, at: Int, end: Int) -> Int:
    """Pass over a comment or a declaration, but a section of character data of XML; return where it ends."""
    src = state.src
    state.at[SPARE] += 1
    if state.at[XML] and is_cdata(src, at):
        close = cdata_end(src, at, end)
        _write_text(state, at + len("<![CDATA["), close)
        return min(close + 3, end)
    after = skip_declaration(src, at, end)
    if state.at[QUIRKS] and is_modern(src, at, after) and state.at[NODES] == 1 and state.at[BARE]:
        state.at[QUIRKS] = 0
    return after


@lean
def _write_text(state: State, start: Int, end: Int) -> None:
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
def _make_way(state: State, tag: Int, start: Int) -> None:
    """Close what holds no text before a text, or let the text stand before its table."""
    state.at[BARE] = 0
    if tag in (_HEAD, _COLGROUP):
        pop(state, start, start)
    if state.at[FLAGS_OF + tag_at(state, state.at[LEVEL])] & STRUCTURE:
        state.at[FOSTER] = 1


@lean
def _is_blank(src: Bytes, start: Int, end: Int) -> Bool:
    """Whether a stretch of text is white space, or nothing to a browser."""
    at = start
    while at < end and (is_space(src[at]) or src[at] == 0):
        at += 1
    return at == end
