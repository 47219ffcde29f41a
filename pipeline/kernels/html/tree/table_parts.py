"""What tags mean in a table, outside its cells: parts of it, and what a browser puts before it; compiled."""

import numpy as np

from pipeline.kernels.array_types import Bool, Int
from pipeline.kernels.compiled import lean
from pipeline.kernels.html.browser_sets import PART, STRUCTURE, TABLE_SCOPE
from pipeline.kernels.html.names import TAG
from pipeline.kernels.html.tree.stack import add_implied, level_in_scope, pop_to, push
from pipeline.kernels.html.tree.state import CONTEXTS, COUNT_OF, FLAGS_OF, FORM, FOSTER, LEVEL, SPARE, State, tag_at

_TABLE, _TEMPLATE, _COL = (TAG[name] for name in ("table", "template", "col"))
_COLGROUP, _TR, _TD, _TH = (TAG[name] for name in ("colgroup", "tr", "td", "th"))
_TBODY, _THEAD, _TFOOT = (TAG[name] for name in ("tbody", "thead", "tfoot"))
_SCRIPT, _STYLE, _FORM, _INPUT, _META, _LINK = (
    TAG[name] for name in ("script", "style", "form", "input", "meta", "link")
)
# What becomes of a start tag: its element is not opened, is opened, is opened and closed at once, or is read as outside
# of a table.
IGNORED, OPENED, CLOSED_AT_ONCE, AS_IN_BODY = range(4)


@lean
def is_section(tag: Int) -> Bool:
    """Whether a tag is of a section of a table."""
    return tag in (_TBODY, _THEAD, _TFOOT)


@lean
def _holds(outer: Int, tag: Int) -> Bool:
    """Whether an element of a table holds a part; a row that nobody opened is added."""
    if outer == _TABLE:
        return True
    if tag in (_TD, _TH):
        return outer == _TR or is_section(outer)
    if tag == _TR:
        return is_section(outer)
    return tag == _COL and outer == _COLGROUP


@lean
def read_part(state: State, tag: Int, start: Int) -> Int:
    """Make way for a part of a table; return what becomes of its start tag."""
    level = state.at[CONTEXTS + state.at[LEVEL]]
    outer = tag_at(state, level)
    if not (state.at[COUNT_OF + _TABLE] or state.at[COUNT_OF + _TEMPLATE]):
        return IGNORED
    while not _holds(outer, tag):
        if not (state.at[FLAGS_OF + outer] & (PART | STRUCTURE)):
            return OPENED if outer == _TEMPLATE and level == state.at[LEVEL] else IGNORED
        pop_to(state, level, start, start)
        level = state.at[CONTEXTS + state.at[LEVEL]]
        outer = tag_at(state, level)
    if state.at[LEVEL] > level:
        pop_to(state, level + 1, start, start)
    if tag in (_TD, _TH) and outer != _TR:
        _add_row(state, start)
    return OPENED


@lean
def _add_row(state: State, start: Int) -> None:
    """Open the row that a cell stands in, where nobody did."""
    if state.at[SPARE] <= 0:
        return
    push(state, add_implied(state, _TR, start), start, start)


@lean
def read_in_structure(state: State, tag: Int, start: Int) -> Int:
    """What becomes of a start tag that is no part, in a table but in none of its cells."""
    level = state.at[CONTEXTS + state.at[LEVEL]]
    if tag_at(state, level) == _COLGROUP and tag != _TEMPLATE:
        pop_to(state, level, start, start)
    if tag in (_SCRIPT, _STYLE, _TEMPLATE, _INPUT, _META, _LINK):  # the last three hold no text wherever they stand
        return OPENED
    if tag == _TABLE:
        table = level_in_scope(state, _TABLE, TABLE_SCOPE)
        if table:
            pop_to(state, table, start, start)
        return AS_IN_BODY
    if tag == _FORM:
        if state.at[FORM] or state.at[COUNT_OF + _TEMPLATE]:
            return IGNORED
        state.at[FORM] = 1
        return CLOSED_AT_ONCE
    state.at[FOSTER] = 1
    return AS_IN_BODY


@lean
def end_part(state: State, tag: Int, start: Int, end: Int) -> None:
    """Close a table or the part of one that an end tag means."""
    level = level_in_scope(state, tag, TABLE_SCOPE)
    if not level and tag == _TBODY:  # nobody opened the one that the row stands in
        level = level_in_scope(state, _TR, TABLE_SCOPE)
        level = level if level and tag_at(state, level - 1) == _TABLE else np.int64(0)
    if level:
        pop_to(state, level, start, end)
