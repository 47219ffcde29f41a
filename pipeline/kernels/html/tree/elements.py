"""An element written as its start tag is read, and all that it holds if that is no HTML; compiled."""

from typing import Any, NamedTuple

import numpy as np

from pipeline.kernels.array_types import Bool, Counts, Int
from pipeline.kernels.compiled import lean
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.browser_sets import ACTIVE
from pipeline.kernels.html.names import GROUP, GROUP_BITS, RAW, SIGN, TAG, VOID, Names
from pipeline.kernels.html.tags import (
    SHADOW_ROOT,
    SLASH,
    end_of_attributes,
    same_name,
)
from pipeline.kernels.html.tree.attributes import (
    ALT_AT,
    ALT_STOP,
    CLASS_AT,
    CLASS_STOP,
    LEAN_SUM,
    LEAN_WORDS,
    SAYS_FLAGS,
    SAYS_GROUPS,
    SAYS_WIDGET,
    attributes,
)
from pipeline.kernels.html.tree.formatting import activate
from pipeline.kernels.html.tree.raw_text import foreign_end, raw_end, script_end
from pipeline.kernels.html.tree.stack import (
    emit,
    leave_widget,
    link_before_table,
    push,
    write_alone,
)
from pipeline.kernels.html.tree.start_tags import read_start_tag
from pipeline.kernels.html.tree.state import (
    COUNT_OF,
    EVENTS,
    FLAGS_OF,
    FOSTER,
    LEVEL,
    LISTINGS,
    NO_NOSCRIPT,
    NODES,
    NOSCRIPT_END,
    SHADOWS,
    SPARE,
    STACK,
    XML,
    State,
)
from pipeline.kernels.html.tree.table_parts import CLOSED_AT_ONCE, IGNORED
from pipeline.kernels.html.tree.widgets import mark_embedded

_HTML, _SVG, _MATH, _PLAINTEXT = (TAG[name] for name in ("html", "svg", "math", "plaintext"))
_SCRIPT, _NOSCRIPT, _PRE, _TABLE, _OL = (TAG[name] for name in ("script", "noscript", "pre", "table", "ol"))
_CODE_GROUP = 1 << GROUP["code"]
_GROUPS = len(GROUP)
# What may mean lines of code.
_OF_LISTINGS = SIGN["line"] | SIGN["gutter"] | SIGN["editor"] | SIGN["item"]


class Called(NamedTuple):
    """What the names of elements say.

    Attributes:
        word_weights: Word of a name → how much it speaks for main content.
        said: What the attributes of the last tag say.
        groups: For each element the groups of its names.
        class_weights: For each element what its names speak for.
    """

    word_weights: Any
    said: Any
    groups: Any
    class_weights: Any


@lean
def open_element(state: State, start: Int, name_stop: Int, end: Int, tag: Int, tables: Names, called: Called) -> Int:
    """Read a start tag; return where the reading goes on."""
    said = called.said
    after, closes_itself = attributes(state.src, name_stop, end, tag, tables, called.word_weights, said)
    answer = read_start_tag(state, tag, start)
    if answer == IGNORED and tag != _HTML:
        state.at[SPARE] += 1
        return after
    node = _add(state, tag, start, after, said)
    if answer == IGNORED:  # what an html element says counts wherever it stands
        return after
    called.groups[node] = said[SAYS_GROUPS] & GROUP_BITS
    signs = said[SAYS_GROUPS] >> _GROUPS
    state.nodes[node, col.NAMED] = signs
    state.at[LISTINGS] += (
        signs & _OF_LISTINGS != 0
        or (tag == _PRE and state.at[COUNT_OF + _TABLE] > 0)
        or (tag == _OL and called.groups[node] & _CODE_GROUP != 0)
    )
    called.class_weights[node, 0], called.class_weights[node, 1] = said[LEAN_SUM], said[LEAN_WORDS]
    mark_embedded(state, node, tag, said[SAYS_WIDGET], said[SAYS_FLAGS])
    state.at[SHADOWS] += said[SAYS_FLAGS] & SHADOW_ROOT != 0
    beyond = _write_element(state, node, tag, name_stop, end, tables, closes_itself, answer)
    state.at[FOSTER] = 0
    return beyond


@lean
def _write_element(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    state: State, node: Int, tag: Int, name_stop: Int, end: Int, tables: Names, closes_itself: Bool, answer: Int
) -> Int:
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
def _add(state: State, tag: Int, start: Int, after: Int, said: Counts) -> Int:
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
def _read_raw(state: State, node: Int, name_stop: Int, end: Int, tables: Names) -> Int:
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
