"""What an element is to formulas and code: a widget of a math library, a script, a picture, a block; compiled."""

from typing import Final

import numpy as np

from pipeline.kernels.array_types import Int
from pipeline.kernels.compiled import lean
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.names import EMBEDDED_CODE, GUTTER, MATH, NOT_EMBEDDED, RENDERED, TAG
from pipeline.kernels.html.tags import HAS_SOURCE, IS_CODE_STYLE, MATH_SCRIPT, MAYBE_MATH
from pipeline.kernels.html.tree.state import LEVEL, SCRIPTS, STACK, WIDGET, State, tag_at

_SCRIPT, _PRE, _MATH, _IMG, _TD, _TH = (TAG[name] for name in ("script", "pre", "math", "img", "td", "th"))
_XMP, _LISTING, _MJX, _TABLE, _DIV, _P = (
    TAG[name] for name in ("xmp", "listing", "mjx-container", "table", "div", "p")
)
# A cell of line numbers looks this far up for its table.
_REACH: Final = 8


@lean
def _mark_table(state: State) -> None:
    """Note that the innermost table holds code beside line numbers."""
    level = state.at[LEVEL]
    lowest = max(0, level - _REACH)
    while level > lowest:
        if tag_at(state, level) == _TABLE:
            state.nodes[state.at[STACK + level], col.EMBEDDED] = EMBEDDED_CODE
            return
        level -= 1


@lean
def mark_embedded(state: State, node: Int, tag: Int, widget: Int, flags: Int) -> None:
    """Note what an element is to formulas and code."""
    row = state.nodes[node]
    kind = widget
    if widget == GUTTER:
        kind = np.int64(NOT_EMBEDDED)
        if tag in (_TD, _TH):
            _mark_table(state)
    if tag in (_MATH, _MJX):
        kind = np.int64(MATH)
    elif tag in (_PRE, _XMP, _LISTING) or (flags & IS_CODE_STYLE and tag in (_DIV, _P, _TD)):
        kind = np.int64(EMBEDDED_CODE)
    elif tag == _SCRIPT and flags & MATH_SCRIPT:
        kind = MATH
        flags |= HAS_SOURCE
        state.at[SCRIPTS] += 1
    elif tag == _IMG and flags & MAYBE_MATH:
        kind = MATH
        flags |= HAS_SOURCE
    if tag in (_MATH, _MJX):
        flags |= HAS_SOURCE
    row[col.EMBEDDED], row[col.FLAGS] = kind, flags
    inside = state.at[WIDGET]
    if inside >= 0 and (flags & HAS_SOURCE or (tag == _IMG and row[col.ALT_END] > row[col.ALT])):
        state.nodes[inside, col.FLAGS] |= HAS_SOURCE
    if inside < 0 and (kind in (MATH, RENDERED)):
        state.at[WIDGET] = node
