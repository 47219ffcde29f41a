"""The elements that are open while a page is read: what is written of them, and which are in scope; compiled."""

import numpy as np

from pipeline.kernels.array_types import Bool, Int
from pipeline.kernels.compiled import lean
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.browser_sets import CONTEXT, IMPLIED_END, MARKS, STRUCTURE
from pipeline.kernels.html.tree.event_links import add_closing, link_events, paste, place_of_next
from pipeline.kernels.html.tree.state import (
    ACTIVES,
    CONTEXTS,
    COUNT_OF,
    EVENTS,
    FLAGS_OF,
    FORMATS,
    FOSTER,
    LEVEL,
    LINKED,
    MAX_DEPTH,
    NODES,
    SPARE,
    STACK,
    WIDGET,
    State,
    flags_at,
    tag_at,
)


@lean
def emit(state: State, kind: Int, node: Int, start: Int, end: Int) -> None:
    """Append an event."""
    at = state.at[EVENTS]
    state.events[at, 0], state.events[at, 1], state.events[at, 2], state.events[at, 3] = kind, node, start, end
    state.at[EVENTS] = at + 1
    if state.at[LINKED]:
        paste(state, at, at, place_of_next(state))


@lean
def leave_widget(state: State, node: Int) -> None:
    """Note that an element has ended, if it is the widget that the pass is in."""
    if state.at[WIDGET] == node:
        state.at[WIDGET] = -1


@lean
def link_before_table(state: State) -> None:
    """Link the events where what comes next stands before the table that is open."""
    if state.at[FOSTER] and flags_at(state, state.at[LEVEL]) & STRUCTURE:
        link_events(state)


@lean
def write_alone(state: State, node: Int, start: Int, after: Int) -> None:
    """Write the events of an element that holds nothing."""
    link_before_table(state)
    state.nodes[node, col.FIRST] = state.at[EVENTS]
    emit(state, col.OPEN, node, start, after)
    state.nodes[node, col.LAST] = state.at[EVENTS]
    emit(state, col.CLOSE, node, after, after)
    leave_widget(state, node)


@lean
def push(state: State, node: Int, start: Int, after: Int) -> Bool:
    """Open an element; return whether it is open now: not where elements nest too deep."""
    if state.at[LEVEL] + 1 >= MAX_DEPTH:
        write_alone(state, node, start, after)
        return False
    link_before_table(state)
    state.nodes[node, col.FIRST] = state.at[EVENTS]
    emit(state, col.OPEN, node, start, after)
    if state.at[LINKED]:
        add_closing(state, node, place_of_next(state))
    level = state.at[LEVEL] + 1
    state.at[LEVEL] = level
    tag = state.nodes[node, col.TAG_OF]
    state.at[STACK + level], state.nodes[node, col.IS_OPEN] = node, 1
    state.at[COUNT_OF + tag] += 1
    kinds = state.at[FLAGS_OF + tag]
    state.at[CONTEXTS + level] = level if kinds & CONTEXT else state.at[CONTEXTS + level - 1]
    if kinds & MARKS:
        state.at[ACTIVES + state.at[FORMATS]] = -1
        state.at[FORMATS] += 1
    return True


@lean
def add_implied(state: State, tag: Int, at: Int) -> Int:
    """Write the row of an element that no tag opens, at `at` in the source; return its number."""
    node = state.at[NODES]
    state.at[NODES] = node + 1
    state.at[SPARE] -= 1
    row = state.nodes[node]
    row[col.TAG_OF] = row[col.SHAPE] = tag
    row[col.PARENT], row[col.DEPTH] = state.at[STACK + state.at[LEVEL]], state.at[LEVEL] + 1
    row[col.START] = row[col.OPEN_END] = row[col.CLOSE_START] = row[col.END] = at
    row[col.FIRST] = row[col.LAST] = state.at[EVENTS]
    return node


@lean
def note_end(state: State, node: Int, start: Int, end: Int) -> None:
    """Note that an element has ended, and where its end tag stands."""
    row = state.nodes[node]
    row[col.CLOSE_START], row[col.END] = start, end
    state.nodes[node, col.IS_OPEN] = 0
    leave_widget(state, node)


@lean
def pop(state: State, start: Int, end: Int) -> None:
    """Close the innermost element; its end tag stands at start to end."""
    level = state.at[LEVEL]
    node = np.int64(state.at[STACK + level])
    tag = state.nodes[node, col.TAG_OF]
    note_end(state, node, start, end)
    if state.at[LINKED]:
        closing = state.nodes[node, col.LAST]
        state.events[closing, 2], state.events[closing, 3] = start, end
    else:
        state.nodes[node, col.LAST] = state.at[EVENTS]
        emit(state, col.CLOSE, node, start, end)
    state.at[COUNT_OF + tag] -= 1
    state.at[LEVEL] = level - 1
    if state.at[FLAGS_OF + tag] & MARKS:
        count = state.at[FORMATS]
        while count > 0 and state.at[ACTIVES + count - 1] >= 0:
            count -= 1
        state.at[FORMATS] = max(count - 1, 0)


@lean
def pop_to(state: State, level: Int, start: Int, end: Int) -> None:
    """Close elements until the one at `level` of the stack is closed; only that one has the end tag."""
    while state.at[LEVEL] > level:
        pop(state, start, start)
    pop(state, start, end)


@lean
def level_in_scope(state: State, tag: Int, stops: Int) -> Int:
    """The level of the innermost open element of a tag, unless one of the `stops` hides it; else 0."""
    if not state.at[COUNT_OF + tag]:
        return np.int64(0)
    level = state.at[LEVEL]
    while level > 0:
        tag_there = tag_at(state, level)
        if tag_there == tag:
            return level
        if state.at[FLAGS_OF + tag_there] & stops:
            return np.int64(0)
        level -= 1
    return np.int64(0)


@lean
def imply_ends(state: State, start: Int, spared: Int) -> None:
    """Close the elements on top that need no end tag, but no `spared` one."""
    while state.at[LEVEL] > 0:
        tag = tag_at(state, state.at[LEVEL])
        if not state.at[FLAGS_OF + tag] & IMPLIED_END or tag == spared:
            return
        pop(state, start, start)


@lean
def close_at(state: State, node: Int, start: Int) -> None:
    """Note that an element ends at `start`, without an end tag; events must be linked."""
    note_end(state, node, start, start)
    closing = state.nodes[node, col.LAST]
    state.events[closing, 2] = state.events[closing, 3] = start


@lean
def take_out(state: State, level: Int, start: Int) -> None:
    """Let an element be open no longer, though what stands in it is; events must be linked."""
    node = np.int64(state.at[STACK + level])
    close_at(state, node, start)
    state.at[COUNT_OF + state.nodes[node, col.TAG_OF]] -= 1
    for k in range(level, state.at[LEVEL]):
        state.at[STACK + k] = state.at[STACK + k + 1]
    state.at[LEVEL] -= 1
    refresh_contexts(state, level)


@lean
def put_in(state: State, level: Int, node: Int) -> None:
    """Let an element be open at a level of the stack."""
    state.at[LEVEL] += 1
    for k in range(state.at[LEVEL], level, -1):
        state.at[STACK + k] = state.at[STACK + k - 1]
    state.at[STACK + level], state.nodes[node, col.IS_OPEN] = node, 1
    state.at[COUNT_OF + state.nodes[node, col.TAG_OF]] += 1
    refresh_contexts(state, level)


@lean
def refresh_contexts(state: State, level: Int) -> None:
    """Find again from a level of the stack on what says how tags are read."""
    for k in range(level, state.at[LEVEL] + 1):
        state.at[CONTEXTS + k] = k if flags_at(state, k) & CONTEXT else state.at[CONTEXTS + k - 1]
