"""What an end tag closes: the rules of the HTML standard; compiled."""

import numpy as np

from pipeline.kernels.array_types import Int
from pipeline.kernels.compiled import lean
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.browser_sets import (
    ACTIVE,
    BUTTON_SCOPE,
    ENDS_IN_SCOPE,
    ITEM_SCOPE,
    PART,
    SCOPE,
    SPECIAL,
    STRUCTURE,
)
from pipeline.kernels.html.names import TAG
from pipeline.kernels.html.tags import same_name
from pipeline.kernels.html.tree.adoption import adopt
from pipeline.kernels.html.tree.stack import add_implied, imply_ends, level_in_scope, pop, pop_to, write_alone
from pipeline.kernels.html.tree.start_tags import is_heading
from pipeline.kernels.html.tree.state import (
    BARE,
    CONTEXTS,
    COUNT_OF,
    FLAGS_OF,
    FORM,
    FOSTER,
    FRAMES,
    LEVEL,
    SPARE,
    STACK,
    State,
    flags_at,
    tag_at,
)
from pipeline.kernels.html.tree.table_parts import end_part

_P, _LI, _FORM, _HTML, _HEAD, _BODY = (TAG[name] for name in ("p", "li", "form", "html", "head", "body"))
_TEMPLATE, _FRAMESET = TAG["template"], TAG["frameset"]


@lean
def read_end_tag(state: State, tag: Int, start: Int, end: Int) -> None:
    """Close the element that an end tag means, if there is one."""
    if state.at[FRAMES]:
        if tag == _FRAMESET and tag_at(state, state.at[LEVEL]) == _FRAMESET:
            pop(state, start, end)
        return
    kinds = state.at[FLAGS_OF + tag]
    if kinds & (STRUCTURE | PART):
        end_part(state, tag, start, end)
    elif kinds & ACTIVE:
        if not adopt(state, tag, start, end):
            _end_any(state, tag, start, end)
    elif tag == _P:
        _end_paragraph(state, start, end)
    elif is_heading(tag):
        _end_heading(state, start, end)
    elif not state.at[COUNT_OF + tag] or tag in (_HTML, _BODY):
        return
    elif kinds & ENDS_IN_SCOPE:
        _end_in_scope(state, tag, SCOPE, start, end)
    elif tag == _LI:
        _end_in_scope(state, tag, ITEM_SCOPE, start, end)
    else:
        _end_other(state, tag, start, end)


@lean
def _end_in_scope(state: State, tag: Int, stops: Int, start: Int, end: Int) -> None:
    level = level_in_scope(state, tag, stops)
    if level:
        pop_to(state, level, start, end)


@lean
def _end_other(state: State, tag: Int, start: Int, end: Int) -> None:
    """Close a form, template or head, or an element without a rule."""
    if tag == _FORM:
        _end_form(state, start, end)
    elif tag == _TEMPLATE:
        level = state.at[LEVEL]
        while tag_at(state, level) != _TEMPLATE:
            level -= 1
        pop_to(state, level, start, end)
    elif tag == _HEAD:
        if tag_at(state, state.at[LEVEL]) == _HEAD:
            pop(state, start, end)
    else:
        _end_any(state, tag, start, end)


@lean
def _end_paragraph(state: State, start: Int, end: Int) -> None:
    """Close the paragraph that is open; where there is none, a browser makes an empty one."""
    level = level_in_scope(state, _P, BUTTON_SCOPE)
    if level:
        pop_to(state, level, start, end)
        return
    if state.at[SPARE] <= 0 or (state.at[LEVEL] == 0 and state.at[BARE]) or tag_at(state, state.at[LEVEL]) == _HEAD:
        return
    kinds = flags_at(state, state.at[CONTEXTS + state.at[LEVEL]])
    state.at[FOSTER] = (kinds & STRUCTURE) != 0
    node = add_implied(state, _P, start)
    write_alone(state, node, start, start)
    state.at[FOSTER] = 0


@lean
def _end_heading(state: State, start: Int, end: Int) -> None:
    """Close the heading that is open, whichever it is."""
    level = state.at[LEVEL]
    while level > 0:
        tag = tag_at(state, level)
        if is_heading(tag):
            pop_to(state, level, start, end)
            return
        if state.at[FLAGS_OF + tag] & SCOPE:
            return
        level -= 1


@lean
def _end_form(state: State, start: Int, end: Int) -> None:
    """Close a form; one in which other elements are open ends with what it stands in."""
    level = level_in_scope(state, _FORM, SCOPE)
    state.at[FORM] = 0
    if not level:
        return
    imply_ends(state, start, -1)
    if state.at[LEVEL] == level:
        pop(state, start, end)


@lean
def _end_any(state: State, tag: Int, start: Int, end: Int) -> None:
    """Close the innermost element of a tag, unless a special element is open in it."""
    level = state.at[LEVEL]
    while level > 0:
        tag_there = tag_at(state, level)
        if tag_there == tag and (
            tag or same_name(state.src, start + 2, np.int64(state.nodes[state.at[STACK + level], col.START]) + 1)
        ):
            pop_to(state, level, start, end)
            return
        if state.at[FLAGS_OF + tag_there] & SPECIAL:
            return
        level -= 1
