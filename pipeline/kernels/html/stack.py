"""The elements that are open while a page is read: what a tag opens, and what it closes unsaid; compiled."""

from typing import Any, Final, NamedTuple

import numpy as np

from pipeline.kernels.compiled import compiled
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.names import BLOCK, CLOSES_P, FORMATTING, TAG

MAX_DEPTH: Final = 500
# A list item, cell or paragraph looks this far up for the one that it ends.
_REACH: Final = 64

# What the pass counts: elements and events so far, how many elements are open, formulas in scripts, the widget that it
# is in, whether no svg or math ends any more, elements whose class may mean lines of code.
NODES, EVENTS, LEVEL, SCRIPTS, WIDGET, NO_SVG, NO_MATH, LISTINGS = range(8)
COUNTERS: Final = 8

_P, _LI, _DD, _DT, _TR, _TD, _TH = (TAG[name] for name in ("p", "li", "dd", "dt", "tr", "td", "th"))
_TABLE, _TBODY, _THEAD, _TFOOT, _CAPTION = (TAG[name] for name in ("table", "tbody", "thead", "tfoot", "caption"))
_DIV, _ADDRESS, _A, _HEAD, _OPTION = (TAG[name] for name in ("div", "address", "a", "head", "option"))
# Parts of a table, and items of a list, that end one another.
_CELLS, _ROWS, _SECTIONS = 1, 2, 3
_ITEMS, _TERMS = 1, 2
_SCRIPT, _STYLE, _TITLE, _META, _LINK, _BASE = (
    TAG[name] for name in ("script", "style", "title", "meta", "link", "base")
)
_NOSCRIPT, _TEMPLATE, _H1, _H6 = (TAG[name] for name in ("noscript", "template", "h1", "h6"))


class State(NamedTuple):
    """What the pass carries along; `at` holds the counters below."""

    nodes: Any
    groups: Any
    leans: Any
    leaning: Any
    events: Any
    stack: Any
    opened: Any
    flags: Any
    at: Any


@compiled
def emit(state: Any, kind: Any, node: Any, start: Any, end: Any) -> None:
    """Append an event."""
    at = state.at[EVENTS]
    state.events[at, 0], state.events[at, 1], state.events[at, 2], state.events[at, 3] = kind, node, start, end
    state.at[EVENTS] = at + 1


@compiled
def leave_widget(state: Any, node: Any) -> None:
    """Note that an element has ended, if it is the widget that the pass is in."""
    if state.at[WIDGET] == node:
        state.at[WIDGET] = -1


@compiled
def pop(state: Any, start: Any, end: Any) -> None:
    """Close the innermost element; its end tag stands at start to end."""
    depth = state.at[LEVEL]
    node = np.int64(state.stack[depth])
    row = state.nodes[node]
    row[col.CLOSE_START], row[col.END] = start, end
    row[col.LAST] = state.at[EVENTS]
    emit(state, col.CLOSE, node, start, end)
    state.opened[row[col.TAG_OF]] -= 1
    leave_widget(state, node)
    state.at[LEVEL] = depth - 1


@compiled
def pop_to(state: Any, level: Any, start: Any, end: Any) -> None:
    """Close elements until the one at `level` of the stack is closed; only that one has the end tag."""
    while state.at[LEVEL] > level:
        pop(state, start, start)
    pop(state, start, end)


@compiled
def tag_at(state: Any, level: Any) -> Any:
    """The tag of the open element at a level of the stack."""
    return np.int64(state.nodes[state.stack[level], col.TAG_OF])


@compiled
def imply_ends(state: Any, tag: Any, start: Any) -> None:
    """Close what a start tag closes unsaid."""
    _end_head(state, tag, start)
    if state.flags[tag] & CLOSES_P and state.opened[_P]:
        _end_paragraph(state, start)
    inner = tag_at(state, state.at[LEVEL])
    if (tag == _OPTION and inner == _OPTION) or (_is_heading(tag) and _is_heading(inner)):
        pop(state, start, start)
    items, part = _items(tag), _part(tag)
    if items:
        _end_item(state, items, start)
    elif part and (part != _SECTIONS or state.opened[_TABLE]):
        _end_part(state, part, start)


@compiled
def _is_heading(tag: Any) -> Any:
    return tag >= _H1 and tag <= _H6


@compiled
def _end_head(state: Any, tag: Any, start: Any) -> None:
    """Close the head before what cannot stand in one."""
    if not state.opened[_HEAD] or tag in (_SCRIPT, _STYLE, _TITLE, _META, _LINK, _BASE, _NOSCRIPT, _TEMPLATE):
        return
    if tag_at(state, state.at[LEVEL]) == _HEAD:
        pop(state, start, start)


@compiled
def _end_paragraph(state: Any, start: Any) -> None:
    """Close a paragraph in which nothing but formatting is open."""
    level = state.at[LEVEL]
    while level > 0 and state.flags[tag_at(state, level)] & FORMATTING:
        level -= 1
    if level > 0 and tag_at(state, level) == _P:
        pop_to(state, level, start, start)


@compiled
def _items(tag: Any) -> Any:
    """Which items of a list a tag is of; 0 for none."""
    if tag == _LI:
        return _ITEMS
    return _TERMS if tag in (_DD, _DT) else 0


@compiled
def _part(tag: Any) -> Any:
    """Which parts of a table a tag is of; 0 for none."""
    if tag in (_TD, _TH):
        return _CELLS
    if tag == _TR:
        return _ROWS
    return _SECTIONS if tag in (_TBODY, _THEAD, _TFOOT) else 0


@compiled
def _end_item(state: Any, items: Any, start: Any) -> None:
    """Close an open item of the same list."""
    level = state.at[LEVEL]
    lowest = max(0, level - _REACH)
    while level > lowest:
        tag = tag_at(state, level)
        if _items(tag) == items:
            pop_to(state, level, start, start)
            return
        if state.flags[tag] & BLOCK and tag not in (_DIV, _P, _ADDRESS):
            return
        level -= 1


@compiled
def _end_part(state: Any, part: Any, start: Any) -> None:
    """Close an open cell, row or section of the innermost table."""
    level = state.at[LEVEL]
    lowest = max(0, level - _REACH)
    while level > lowest:
        tag = tag_at(state, level)
        if _part(tag) == part:
            pop_to(state, level, start, start)
            return
        if tag == _TABLE:
            return
        level -= 1


@compiled
def end_tag(state: Any, tag: Any, start: Any, end: Any) -> None:
    """Close the element that an end tag means, if there is one."""
    if not state.opened[tag]:
        return
    level = state.at[LEVEL]
    formatting = state.flags[tag] & FORMATTING or not state.flags[tag] & BLOCK
    of_table = tag in (_TABLE, _CAPTION) or _part(tag)
    while level > 0:
        found = tag_at(state, level)
        if found == tag:
            pop_to(state, level, start, end)
            return
        if formatting and state.flags[found] & BLOCK:
            if tag == _A:
                emit(state, col.LINK_END, np.int64(state.stack[level]), start, end)
            return
        if found == _TABLE or (not of_table and found in (_TD, _TH)):
            return
        level -= 1
