"""Formatting elements that are opened again behind the block that closed them, and the adoption agency; compiled.

The names are those of the HTML standard, whose steps these are.
"""

from typing import Any, Final

import numpy as np

from pipeline.kernels.compiled import lean
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.browser_sets import SCOPE, SPECIAL
from pipeline.kernels.html.event_links import add_closing, after, before, cut, inner_place, link_events, paste
from pipeline.kernels.html.stack import close_at, pop, pop_to, push, put_in, take_out
from pipeline.kernels.html.state import (
    ACTIVES,
    CLONES,
    EVENTS,
    FORMATS,
    LEVEL,
    LINKED,
    MAX_DEPTH,
    MOST_FORMATS,
    NODES,
    SPARE,
    STACK,
    flags_at,
    tag_at,
)

# Of the same elements so many are opened again, and so many in all between two that let none in or out.
_MOST_ALIKE: Final = 3
_MOST: Final = 40
_ROUNDS: Final = 8
_KEPT_BETWEEN: Final = 3


@lean
def clone(state: Any, node: Any, at: Any) -> Any:
    """Write the row of an element that repeats another, at `at` in the source; return its number."""
    number = state.at[NODES]
    state.at[NODES] = number + 1
    state.at[SPARE] -= 1
    row = state.nodes[number]
    for k in range(col.NODE_COLUMNS):
        row[k] = state.nodes[node, k]
    row[col.PARENT], row[col.DEPTH] = state.at[STACK + state.at[LEVEL]], state.at[LEVEL] + 1
    row[col.IS_OPEN] = 0
    row[col.START] = row[col.OPEN_END] = row[col.CLOSE_START] = row[col.END] = at
    state.at[CLONES] += 1
    state.nodes[number, col.ORIGIN] = _original(state, node)
    return number


@lean
def _original(state: Any, node: Any) -> Any:
    """The element that an element repeats, or itself."""
    return np.int64(state.nodes[node, col.ORIGIN]) if state.nodes[node, col.ORIGIN] else np.int64(node)


@lean
def _alike(state: Any, one: Any, other: Any) -> Any:
    """Whether two elements were opened by the same tag, to the letter."""
    one, other = _original(state, one), _original(state, other)
    mine, its = state.nodes[one], state.nodes[other]
    size = mine[col.OPEN_END] - mine[col.START]
    if mine[col.SHAPE] != its[col.SHAPE] or size != its[col.OPEN_END] - its[col.START]:
        return False
    k = 0
    while k < size and state.src[mine[col.START] + k] == state.src[its[col.START] + k]:
        k += 1
    return k == size


@lean
def activate(state: Any, node: Any) -> None:
    """Let a formatting element be opened again in what follows, until its end tag."""
    alike, count, oldest_alike = 0, 0, np.int64(-1)
    k = state.at[FORMATS] - 1
    while k >= 0 and state.at[ACTIVES + k] >= 0:
        count += 1
        if _alike(state, np.int64(state.at[ACTIVES + k]), node):
            alike += 1
            oldest_alike = k
        k -= 1
    if alike >= _MOST_ALIKE:
        deactivate(state, oldest_alike)
    elif count >= _MOST or state.at[FORMATS] >= MOST_FORMATS:
        if not count:
            return
        deactivate(state, k + 1)
    state.at[ACTIVES + state.at[FORMATS]] = node
    state.at[FORMATS] += 1


@lean
def deactivate(state: Any, place: Any) -> None:
    """Let the formatting element at a place of the list be opened no more."""
    for k in range(place, state.at[FORMATS] - 1):
        state.at[ACTIVES + k] = state.at[ACTIVES + k + 1]
    state.at[FORMATS] -= 1


@lean
def place_of_tag(state: Any, tag: Any) -> Any:
    """The place of the last active element of a tag; -1 for none."""
    k = state.at[FORMATS] - 1
    while k >= 0 and state.at[ACTIVES + k] >= 0:
        if state.nodes[state.at[ACTIVES + k], col.TAG_OF] == tag:
            return k
        k -= 1
    return np.int64(-1)


@lean
def _place_of_node(state: Any, node: Any) -> Any:
    """The place of an element among the active ones; -1 for none."""
    k = state.at[FORMATS] - 1
    while k >= 0 and state.at[ACTIVES + k] >= 0:
        if state.at[ACTIVES + k] == node:
            return k
        k -= 1
    return np.int64(-1)


@lean
def reconstruct(state: Any, at: Any) -> None:
    """Open again the active formatting elements that are not open."""
    count = state.at[FORMATS]
    if not count:
        return
    first = count
    while (
        first > 0 and state.at[ACTIVES + first - 1] >= 0 and not state.nodes[state.at[ACTIVES + first - 1], col.IS_OPEN]
    ):
        first -= 1
    for k in range(first, count):
        if state.at[SPARE] <= 0 or state.at[LEVEL] + 2 >= MAX_DEPTH:
            return
        number = clone(state, np.int64(state.at[ACTIVES + k]), at)
        push(state, number, at, at)
        state.at[ACTIVES + k] = number


@lean
def level_of(state: Any, node: Any) -> Any:
    """The level of an open element."""
    level = state.at[LEVEL]
    while level > 0 and state.at[STACK + level] != node:
        level -= 1
    return level


@lean
def _furthest_block(state: Any, level: Any) -> Any:
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
def adopt(state: Any, tag: Any, start: Any, end: Any) -> Any:
    """Close the formatting element of a tag as the adoption agency does; return whether there was one."""
    level = state.at[LEVEL]
    if tag_at(state, level) == tag and _place_of_node(state, np.int64(state.at[STACK + level])) < 0:
        pop(state, start, end)
        return True
    for round_ in range(_ROUNDS):
        place = place_of_tag(state, tag)
        if place < 0:
            return round_ > 0
        node = np.int64(state.at[ACTIVES + place])
        if not state.nodes[node, col.IS_OPEN]:
            deactivate(state, place)
            return True
        level = level_of(state, node)
        block = _furthest_block(state, level)
        if block < 0:
            return True
        if block == 0:
            pop_to(state, level, start, end)
            deactivate(state, place)
            return True
        if state.at[SPARE] <= _MOST + 2:
            deactivate(state, place)
            emit_link_end(state, start, end)
            return True
        _rearrange(state, place, level, block, start)
    return True


@lean
def emit_link_end(state: Any, start: Any, end: Any) -> None:
    """Note the end of a formatting element where there is no room to repair what stands in it."""
    number = state.at[EVENTS]
    event = state.events[number]
    event[0], event[1], event[2], event[3] = col.LINK_END, state.at[STACK + state.at[LEVEL]], start, end
    state.at[EVENTS] = number + 1
    if state.at[LINKED]:
        paste(state, number, number, np.int64(state.nodes[state.at[STACK + state.at[LEVEL]], col.LAST]))


@lean
def _pair(state: Any, node: Any, place: Any, at: Any) -> None:
    """Write the events of a new open element before the event `place`."""
    number = state.at[EVENTS]
    state.at[EVENTS] = number + 1
    event = state.events[number]
    event[0], event[1], event[2], event[3] = col.OPEN, node, at, at
    state.nodes[node, col.FIRST] = number
    paste(state, number, number, place)
    add_closing(state, node, place)


@lean
def _move(state: Any, node: Any, place: Any) -> None:
    """Put an element with all that it holds before the event `place`."""
    first, last = np.int64(state.nodes[node, col.FIRST]), np.int64(state.nodes[node, col.LAST])
    cut(state, first, last)
    paste(state, first, last, place)


@lean
def _rearrange(state: Any, place: Any, level: Any, block: Any, start: Any) -> None:
    """Take the furthest block out of the formatting element, and put what it holds into a repetition of that."""
    link_events(state)
    formatting, furthest = np.int64(state.at[STACK + level]), np.int64(state.at[STACK + block])
    common = level - 1
    last, mark, rounds = furthest, place, 0
    for k in range(block - 1, level, -1):
        rounds += 1
        node = np.int64(state.at[STACK + k])
        found = _place_of_node(state, node)
        if found >= 0 and rounds > _KEPT_BETWEEN:
            deactivate(state, found)
            mark -= found < mark
            found = -1
        if found < 0:
            take_out(state, k, start)
            continue
        number = clone(state, node, start)
        _pair(state, number, np.int64(state.nodes[last, col.FIRST]), start)
        state.at[ACTIVES + found], state.at[STACK + k] = number, number
        close_at(state, node, start)
        state.nodes[number, col.IS_OPEN] = 1
        if last == furthest:
            mark = found + 1
        _move(state, last, np.int64(state.nodes[number, col.LAST]))
        last = number
    _move(state, last, inner_place(state, common))
    number = clone(state, formatting, np.int64(state.nodes[furthest, col.OPEN_END]))
    closing = np.int64(state.nodes[furthest, col.LAST])
    first = after(state, np.int64(state.nodes[furthest, col.FIRST]))
    _pair(state, number, first, start)
    if first != closing:
        _move_inside(state, first, before(state, closing), number)
    where = _place_of_node(state, formatting)
    deactivate(state, where)
    mark -= where < mark
    for k in range(state.at[FORMATS], mark, -1):
        state.at[ACTIVES + k] = state.at[ACTIVES + k - 1]
    state.at[ACTIVES + mark] = number
    state.at[FORMATS] += 1
    take_out(state, level, start)
    put_in(state, level_of(state, furthest) + 1, number)


@lean
def _move_inside(state: Any, first: Any, last: Any, node: Any) -> None:
    """Put a stretch of events into an element that holds nothing yet."""
    cut(state, first, last)
    paste(state, first, last, np.int64(state.nodes[node, col.LAST]))
