"""What a start tag does to what is open, and what becomes of it: the rules of the HTML standard; compiled."""

import numpy as np

from pipeline.kernels.array_types import Bool, Int
from pipeline.kernels.compiled import lean
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.browser_sets import (
    BUTTON_SCOPE,
    PART,
    RECONSTRUCTS,
    RULED,
    SCOPE,
    SHOWS,
    SPECIAL,
    STRUCTURE,
)
from pipeline.kernels.html.names import CLOSES_P, TAG
from pipeline.kernels.html.tree.adoption import adopt
from pipeline.kernels.html.tree.event_links import link_events
from pipeline.kernels.html.tree.formatting import deactivate, level_of, place_of_tag, reconstruct
from pipeline.kernels.html.tree.stack import imply_ends, level_in_scope, pop, pop_to, take_out
from pipeline.kernels.html.tree.state import (
    ACTIVES,
    BARE,
    CONTEXTS,
    COUNT_OF,
    FLAGS_OF,
    FORM,
    FORMATS,
    FRAMES,
    HEAD_SEEN,
    LEVEL,
    QUIRKS,
    State,
    flags_at,
    tag_at,
)
from pipeline.kernels.html.tree.table_parts import AS_IN_BODY, IGNORED, OPENED, read_in_structure, read_part

_P, _LI, _DD, _DT, _TABLE = (TAG[name] for name in ("p", "li", "dd", "dt", "table"))
_HTML, _HEAD, _BODY, _FORM = (TAG[name] for name in ("html", "head", "body", "form"))
_FRAMESET, _FRAME, _NOFRAMES = (TAG[name] for name in ("frameset", "frame", "noframes"))
_DIV, _ADDRESS, _A, _NOBR, _BUTTON = (TAG[name] for name in ("div", "address", "a", "nobr", "button"))
_SELECT, _OPTION, _OPTGROUP, _HR, _INPUT = (TAG[name] for name in ("select", "option", "optgroup", "hr", "input"))
_RUBY, _RB, _RTC, _RP, _RT = (TAG[name] for name in ("ruby", "rb", "rtc", "rp", "rt"))
_SCRIPT, _STYLE, _TITLE, _META, _LINK, _BASE = (
    TAG[name] for name in ("script", "style", "title", "meta", "link", "base")
)
_NOSCRIPT, _TEMPLATE, _H1, _H6 = (TAG[name] for name in ("noscript", "template", "h1", "h6"))


@lean
def is_heading(tag: Int) -> Bool:
    """Whether a tag is of a heading."""
    return tag >= _H1 and tag <= _H6


@lean
def read_start_tag(state: State, tag: Int, start: Int) -> Int:
    """Close what a start tag closes unsaid, and open again what it lets be opened; return what becomes of it."""
    if state.at[FRAMES]:
        return OPENED if tag in (_FRAMESET, _FRAME, _NOFRAMES) else IGNORED
    if state.at[COUNT_OF + _HEAD]:
        end_head(state, tag, start)
    kinds = state.at[FLAGS_OF + tag]
    if kinds & PART:
        return read_part(state, tag, start)
    if flags_at(state, state.at[CONTEXTS + state.at[LEVEL]]) & (STRUCTURE | PART):
        answer = _read_in_table(state, tag, start)
        if answer != AS_IN_BODY:
            return answer
    if kinds & RULED and not _apply_rule(state, tag, start):
        return IGNORED
    if kinds & CLOSES_P and state.at[COUNT_OF + _P] and not (tag == _TABLE and state.at[QUIRKS]):
        _end_paragraph(state, start)
    if kinds & SHOWS:
        state.at[BARE] = 0
    if state.at[FORMATS] and kinds & RECONSTRUCTS:
        reconstruct(state, start)
    return OPENED


@lean
def _read_in_table(state: State, tag: Int, start: Int) -> Int:
    """What becomes of a start tag in a table: as outside of one in cells and captions."""
    kinds = flags_at(state, state.at[CONTEXTS + state.at[LEVEL]])
    if kinds & PART and kinds & SCOPE:
        return AS_IN_BODY
    return read_in_structure(state, tag, start)


@lean
def end_head(state: State, tag: Int, start: Int) -> None:
    """Close the head before what cannot stand in one."""
    if tag in (_SCRIPT, _STYLE, _TITLE, _META, _LINK, _BASE, _NOSCRIPT, _TEMPLATE, _NOFRAMES, _HEAD, _HTML):
        return
    if tag_at(state, state.at[LEVEL]) == _HEAD:
        pop(state, start, start)


@lean
def _end_paragraph(state: State, start: Int) -> None:
    """Close the paragraph that is open."""
    level = level_in_scope(state, _P, BUTTON_SCOPE)
    if level:
        pop_to(state, level, start, start)


@lean
def _apply_rule(state: State, tag: Int, start: Int) -> Bool:
    """Do what is particular to a tag; return whether its element is opened."""
    if tag in (_LI, _DD, _DT):
        _end_item(state, tag, start)
    elif is_heading(tag):
        _end_paragraph(state, start)
        if is_heading(tag_at(state, state.at[LEVEL])):
            pop(state, start, start)
    elif tag in (_A, _NOBR):
        _end_alike(state, tag, start)
    elif tag == _BUTTON:
        level = level_in_scope(state, _BUTTON, SCOPE)
        if level:
            pop_to(state, level, start, start)
    elif tag == _FORM:
        return _open_form(state)
    elif tag in (_SELECT, _OPTION, _OPTGROUP, _HR, _INPUT):
        return _choose(state, tag, start)
    elif tag in (_RB, _RTC, _RP, _RT):
        if level_in_scope(state, _RUBY, SCOPE):
            imply_ends(state, start, _RTC if tag in (_RP, _RT) else -1)
    else:
        return _open_page(state, tag, start)
    return True


@lean
def _open_form(state: State) -> Bool:
    if state.at[COUNT_OF + _TEMPLATE]:
        return True
    if state.at[FORM]:
        return False
    state.at[FORM] = 1
    return True


@lean
def _end_item(state: State, tag: Int, start: Int) -> None:
    """Close an open item of the same list."""
    if not (state.at[COUNT_OF + _LI] if tag == _LI else state.at[COUNT_OF + _DD] or state.at[COUNT_OF + _DT]):
        return
    level = state.at[LEVEL]
    while level > 0:
        tag_there = tag_at(state, level)
        if tag_there == tag or (tag != _LI and tag_there in (_DD, _DT)):
            pop_to(state, level, start, start)
            return
        if state.at[FLAGS_OF + tag_there] & SPECIAL and tag_there not in (_DIV, _P, _ADDRESS):
            return
        level -= 1


@lean
def _end_alike(state: State, tag: Int, start: Int) -> None:
    """Close an open link before another, and a nobr before another."""
    if tag == _NOBR:
        reconstruct(state, start)
        if level_in_scope(state, _NOBR, SCOPE):
            adopt(state, tag, start, start)
        return
    index = place_of_tag(state, tag)
    if index < 0:
        return
    node = np.int64(state.at[ACTIVES + index])
    adopt(state, tag, start, start)
    index = place_of_tag(state, tag)
    if index >= 0 and state.at[ACTIVES + index] == node:
        deactivate(state, index)
    if state.nodes[node, col.IS_OPEN]:
        link_events(state)
        take_out(state, level_of(state, node), start)


@lean
def _choose(state: State, tag: Int, start: Int) -> Bool:
    """Close what ends before a select, or before what stands in one; return whether the element is opened."""
    level = level_in_scope(state, _SELECT, SCOPE)
    if tag in (_SELECT, _INPUT):
        if level:
            pop_to(state, level, start, start)
        return tag == _INPUT or not level
    if level:
        _end_paragraph(state, start)
        imply_ends(state, start, _OPTGROUP if tag == _OPTION else -1)
    elif tag != _HR and tag_at(state, state.at[LEVEL]) == _OPTION:
        pop(state, start, start)
    return True


@lean
def _open_page(state: State, tag: Int, start: Int) -> Bool:
    """Whether html, head, body, a set of frames or a frame is opened."""
    level = state.at[LEVEL]
    inner = tag_at(state, level)
    if tag == _HTML:
        return level == 0
    if tag == _FRAME:
        return False
    if tag == _FRAMESET:
        if not state.at[BARE]:
            return False
        while state.at[LEVEL] > 0 and tag_at(state, state.at[LEVEL]) != _HTML:
            pop(state, start, start)
        state.at[FRAMES], state.at[FORMATS] = 1, 0
        return True
    if level > 0 and inner != _HTML:
        return False
    if tag == _HEAD:
        if state.at[HEAD_SEEN] or not state.at[BARE]:
            return False
        state.at[HEAD_SEEN] = 1
        return True
    return not state.at[COUNT_OF + _BODY]
