"""The adoption agency: how a browser ends formatting within a block, by the steps of the HTML standard; compiled."""

from typing import Any, Final

import numpy as np

from pipeline.kernels.array_types import Bool, Int
from pipeline.kernels.compiled import lean
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.browser_sets import SCOPE, SPECIAL
from pipeline.kernels.html.tree.event_links import add_closing, after, before, cut, inner_place, link_events, paste
from pipeline.kernels.html.tree.formatting import clone, deactivate, level_of, place_of_node, place_of_tag
from pipeline.kernels.html.tree.stack import close_at, pop, pop_to, put_in, take_out
from pipeline.kernels.html.tree.state import (
    ACTIVES,
    EVENTS,
    FORMATS,
    LEVEL,
    LINKED,
    SPARE,
    STACK,
    State,
    flags_at,
    tag_at,
)

_ROUNDS: Final = 8
_KEPT_BETWEEN: Final = 3
# Rows that one round may need.
_ROOM: Final = 42


@lean
def _furthest_block(state: State, level: Int) -> Int:
    """The outermost special element in the one at a level; 0 for none, -1 where that one is not in scope."""
    block: Any = np.int64(0)
    for k in range(state.at[LEVEL], level, -1):
        kinds = flags_at(state, k)
        if kinds & SCOPE:
            return np.int64(-1)
        if kinds & SPECIAL:
            block = k
    return block


@lean
def adopt(state: State, tag: Int, start: Int, end: Int) -> Bool:
    """Close the formatting element of a tag as the adoption agency does; return whether there was one."""
    level = state.at[LEVEL]
    if tag_at(state, level) == tag and place_of_node(state, np.int64(state.at[STACK + level])) < 0:
        pop(state, start, end)
        return True
    for round_ in range(_ROUNDS):
        index = place_of_tag(state, tag)
        if index < 0:
            return round_ > 0
        node = np.int64(state.at[ACTIVES + index])
        if not state.nodes[node, col.IS_OPEN]:
            deactivate(state, index)
            return True
        level = level_of(state, node)
        block = _furthest_block(state, level)
        if block < 0:
            return True
        if block == 0:
            pop_to(state, level, start, end)
            deactivate(state, index)
            return True
        if state.at[SPARE] <= _ROOM:
            deactivate(state, index)
            _write_link_end(state, start, end)
            return True
        _rearrange(state, index, level, block, start)
    return True


@lean
def _write_link_end(state: State, start: Int, end: Int) -> None:
    """Note the end of a formatting element where there is no room to repair what stands in it."""
    number = state.at[EVENTS]
    event = state.events[number]
    event[0], event[1], event[2], event[3] = col.LINK_END, state.at[STACK + state.at[LEVEL]], start, end
    state.at[EVENTS] = number + 1
    if state.at[LINKED]:
        paste(state, number, number, np.int64(state.nodes[state.at[STACK + state.at[LEVEL]], col.LAST]))


@lean
def _pair(state: State, node: Int, index: Int, at: Int) -> None:
    """Write the events of a new open element before the event `index`."""
    number = state.at[EVENTS]
    state.at[EVENTS] = number + 1
    event = state.events[number]
    event[0], event[1], event[2], event[3] = col.OPEN, node, at, at
    state.nodes[node, col.FIRST] = number
    paste(state, number, number, index)
    add_closing(state, node, index)


@lean
def _move(state: State, node: Int, index: Int) -> None:
    """Put an element with all that it holds before the event `index`."""
    first, last = np.int64(state.nodes[node, col.FIRST]), np.int64(state.nodes[node, col.LAST])
    cut(state, first, last)
    paste(state, first, last, index)


@lean
def _rearrange(state: State, index: Int, level: Int, block: Int, start: Int) -> None:
    """Take the furthest block out of the formatting element, and put what it holds into a repetition of that."""
    link_events(state)
    formatting, furthest = np.int64(state.at[STACK + level]), np.int64(state.at[STACK + block])
    common = level - 1
    last, mark, rounds = furthest, index, 0
    for k in range(block - 1, level, -1):
        rounds += 1
        node = np.int64(state.at[STACK + k])
        other = place_of_node(state, node)
        if other >= 0 and rounds > _KEPT_BETWEEN:
            deactivate(state, other)
            mark -= other < mark
            other = -1
        if other < 0:
            take_out(state, k, start)
            continue
        number = clone(state, node, start)
        _pair(state, number, np.int64(state.nodes[last, col.FIRST]), start)
        state.at[ACTIVES + other], state.at[STACK + k] = number, number
        close_at(state, node, start)
        state.nodes[number, col.IS_OPEN] = 1
        if last == furthest:
            mark = other + 1
        _move(state, last, np.int64(state.nodes[number, col.LAST]))
        last = number
    _move(state, last, inner_place(state, common))
    number = clone(state, formatting, np.int64(state.nodes[furthest, col.OPEN_END]))
    closing = np.int64(state.nodes[furthest, col.LAST])
    first = after(state, np.int64(state.nodes[furthest, col.FIRST]))
    _pair(state, number, first, start)
    if first != closing:
        _move_inside(state, first, before(state, closing), number)
    where = place_of_node(state, formatting)
    deactivate(state, where)
    mark -= where < mark
    for k in range(state.at[FORMATS], mark, -1):
        state.at[ACTIVES + k] = state.at[ACTIVES + k - 1]
    state.at[ACTIVES + mark] = number
    state.at[FORMATS] += 1
    take_out(state, level, start)
    put_in(state, level_of(state, furthest) + 1, number)


@lean
def _move_inside(state: State, first: Int, last: Int, node: Int) -> None:
    """Put a stretch of events into an element that holds nothing yet."""
    cut(state, first, last)
    paste(state, first, last, np.int64(state.nodes[node, col.LAST]))
