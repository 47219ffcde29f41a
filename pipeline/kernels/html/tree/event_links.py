"""Events as a linked list, so that a browser's repairs can move what was read already; compiled.

Most pages need none, and their events stand in order. Where the first one is needed, the events so far are linked, and
each open element is given its closing event, before which all that it holds is put from then on. An element with what
it holds is then a stretch of the list, and is moved by moving both ends. The last event that there is room for closes
the document; the links stand in the rows behind it, those of two events in one row.
"""

from typing import Any

import numpy as np

from pipeline.kernels.array_types import Int
from pipeline.kernels.compiled import compiled, lean
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.browser_sets import STRUCTURE
from pipeline.kernels.html.names import TAG, VOID
from pipeline.kernels.html.tree.state import (
    EVENTS,
    FLAGS_OF,
    FOSTER,
    LEVEL,
    LINKED,
    NODES,
    ROOM,
    STACK,
    State,
    flags_at,
    tag_at,
)

_TABLE, _TEMPLATE = TAG["table"], TAG["template"]


@lean
def after(state: State, event: Int) -> Int:
    """The event that stands behind another."""
    return np.int64(state.events[state.at[ROOM] + (event >> 1), (event & 1) * 2])


@lean
def before(state: State, event: Int) -> Int:
    """The event that stands before another."""
    return np.int64(state.events[state.at[ROOM] + (event >> 1), (event & 1) * 2 + 1])


@lean
def _join(state: State, event: Int, other: Int) -> None:
    """Let an event stand right before another."""
    room = state.at[ROOM]
    state.events[room + (event >> 1), (event & 1) * 2] = other
    state.events[room + (other >> 1), (other & 1) * 2 + 1] = event


@lean
def link_events(state: State) -> None:
    """Link the events so far, and give every open element its closing event."""
    if state.at[LINKED]:
        return
    state.at[LINKED] = 1
    count, end = state.at[EVENTS], state.at[ROOM] - 1
    _join(state, end, 0 if count else end)
    for k in range(count):
        _join(state, k, k + 1 if k + 1 < count else end)
    state.nodes[0, col.LAST] = end
    for level in range(state.at[LEVEL], 0, -1):
        add_closing(state, state.at[STACK + level], end)


@lean
def add_closing(state: State, node: Int, next_event: Int) -> None:
    """Give an open element its closing event, before `next_event`; where its end tag stands is not known yet."""
    number = state.at[EVENTS]
    state.at[EVENTS] = number + 1
    event = state.events[number]
    event[0], event[1], event[2], event[3] = col.CLOSE, node, 0, 0
    state.nodes[node, col.LAST] = number
    paste(state, number, number, next_event)


@lean
def paste(state: State, first: Int, last: Int, event: Int) -> None:
    """Put a stretch that is in no list before the event `event`."""
    ahead = before(state, event)
    _join(state, ahead, first)
    _join(state, last, event)


@lean
def cut(state: State, first: Int, last: Int) -> None:
    """Take a stretch out of the list."""
    _join(state, before(state, first), after(state, last))


@lean
def inner_place(state: State, level: Int) -> Int:
    """The event before which stands what is put into an open element; of a table's structure, what stands before it."""
    if flags_at(state, level) & STRUCTURE:
        for above in range(level, 0, -1):
            tag = tag_at(state, above)
            if tag == _TABLE:
                return np.int64(state.nodes[state.at[STACK + above], col.FIRST])
            if tag == _TEMPLATE:
                return np.int64(state.nodes[state.at[STACK + above], col.LAST])
    return np.int64(state.nodes[state.at[STACK + level], col.LAST])


@lean
def place_of_next(state: State) -> Int:
    """The event before which the next one stands."""
    level = state.at[LEVEL]
    return inner_place(state, level) if state.at[FOSTER] else np.int64(state.nodes[state.at[STACK + level], col.LAST])


@compiled
def settle(state: Any, groups: Any, class_weights: Any) -> Any:
    """Events in the order of their list, and rows in the order in which they open; return all.

    A row that no event opens comes last, as a child of the document.
    """
    end, events, nodes = state.at[ROOM] - 1, state.events, state.nodes[: state.at[NODES]]
    ordered = np.zeros((state.at[ROOM], 4), np.int32)
    source_of, number_of = np.zeros(len(nodes), np.int64), np.full(len(nodes), -1, np.int64)
    parent = np.zeros(len(nodes), np.int64)
    count, happened, inside = np.int64(1), np.int64(0), np.int64(0)
    number_of[0], parent[0] = 0, -1
    at: Any = after(state, end)
    while at != end:
        kind, node = events[at, 0], np.int64(events[at, 1])
        if kind == col.OPEN:
            number_of[node], source_of[count], parent[count] = count, node, inside
            if not state.at[FLAGS_OF + nodes[node, col.TAG_OF]] & VOID:
                inside = count
            count += 1
        ordered[happened, 0], ordered[happened, 2], ordered[happened, 3] = kind, events[at, 2], events[at, 3]
        ordered[happened, 1] = number_of[node] if kind == col.OPEN else inside
        if kind == col.CLOSE:
            inside = parent[inside]
        happened += 1
        at = after(state, at)
    for unread in range(1, len(nodes)):
        if number_of[unread] < 0:
            source_of[count] = unread
            count += 1
    rows = nodes[source_of]
    for number in range(1, count):
        rows[number, col.PARENT], rows[number, col.DEPTH] = parent[number], rows[parent[number], col.DEPTH] + 1
    rows[0, col.PARENT] = -1
    for k in range(happened):
        if ordered[k, 0] == col.OPEN:
            rows[ordered[k, 1], col.FIRST] = rows[ordered[k, 1], col.LAST] = k
        elif ordered[k, 0] == col.CLOSE:
            rows[ordered[k, 1], col.LAST] = k
    rows[0, col.FIRST], rows[0, col.LAST] = 0, happened
    return ordered[:happened], rows, groups[source_of], class_weights[source_of]
