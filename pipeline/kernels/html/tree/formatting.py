"""Formatting elements that are opened again behind the block that closed them; compiled.

The words are those of the HTML standard, whose steps these are.
"""

from typing import Final

import numpy as np

from pipeline.kernels.array_types import Bool, Int
from pipeline.kernels.compiled import lean
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.tree.stack import push
from pipeline.kernels.html.tree.state import (
    ACTIVES,
    CLONES,
    FORMATS,
    LEVEL,
    MAX_DEPTH,
    MOST_FORMATS,
    NODES,
    SPARE,
    STACK,
    State,
)

# Of the same elements so many are opened again, and so many in all between two that let none in or out.
_MOST_ALIKE: Final = 3
_MOST: Final = 40


@lean
def clone(state: State, node: Int, at: Int) -> Int:
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
def _original(state: State, node: Int) -> Int:
    """The element that an element repeats, or itself."""
    return np.int64(state.nodes[node, col.ORIGIN]) if state.nodes[node, col.ORIGIN] else np.int64(node)


@lean
def _alike(state: State, left: Int, other: Int) -> Bool:
    """Whether two elements were opened by the same tag, to the letter."""
    left, other = _original(state, left), _original(state, other)
    mine, its = state.nodes[left], state.nodes[other]
    size = mine[col.OPEN_END] - mine[col.START]
    if mine[col.SHAPE] != its[col.SHAPE] or size != its[col.OPEN_END] - its[col.START]:
        return False
    k = 0
    while k < size and state.src[mine[col.START] + k] == state.src[its[col.START] + k]:
        k += 1
    return k == size


@lean
def activate(state: State, node: Int) -> None:
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
def deactivate(state: State, index: Int) -> None:
    """Let the formatting element at a place of the list be opened no more."""
    for k in range(index, state.at[FORMATS] - 1):
        state.at[ACTIVES + k] = state.at[ACTIVES + k + 1]
    state.at[FORMATS] -= 1


@lean
def place_of_tag(state: State, tag: Int) -> Int:
    """The place of the last active element of a tag; -1 for none."""
    k = state.at[FORMATS] - 1
    while k >= 0 and state.at[ACTIVES + k] >= 0:
        if state.nodes[state.at[ACTIVES + k], col.TAG_OF] == tag:
            return k
        k -= 1
    return np.int64(-1)


@lean
def place_of_node(state: State, node: Int) -> Int:
    """The place of an element among the active ones; -1 for none."""
    k = state.at[FORMATS] - 1
    while k >= 0 and state.at[ACTIVES + k] >= 0:
        if state.at[ACTIVES + k] == node:
            return k
        k -= 1
    return np.int64(-1)


@lean
def reconstruct(state: State, at: Int) -> None:
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
def level_of(state: State, node: Int) -> Int:
    """The level of an open element."""
    level = state.at[LEVEL]
    while level > 0 and state.at[STACK + level] != node:
        level -= 1
    return level
