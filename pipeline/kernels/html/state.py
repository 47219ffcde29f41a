"""What the pass over a page's tags carries along; compiled."""

from typing import Any, Final, NamedTuple

import numpy as np

from pipeline.kernels.compiled import compiled
from pipeline.kernels.html import columns as col

MAX_DEPTH: Final = 500

# What the pass counts and remembers: elements and events so far, how many elements are open, formulas in scripts, the
# widget that it is in, how many formatting elements are active, how many rows there are to spare for elements that no
# tag opens, whether events are linked, whether what comes next stands before the table, whether a form is open, whether
# there was a head, whether the page shows nothing yet, whether it is made of frames, whether its doctype asks for the
# ways of old browsers, whether it is XML, whether no noscript is ended any more, where the one that was opened ends, how
# many templates are shadow roots.
(
    NODES, EVENTS, LEVEL, SCRIPTS, WIDGET, FORMATS, SPARE, LINKED, FOSTER, FORM, HEAD_SEEN, BARE, FRAMES, QUIRKS, XML,
    NO_NOSCRIPT, NOSCRIPT_END, SHADOWS,
) = range(18)  # fmt: skip
COUNTERS: Final = 18


class State(NamedTuple):
    """What the pass carries along; `at` holds the counters above.

    Attributes:
        src: The page's source.
        nodes: Rows of elements.
        groups: For each element the groups of its names.
        leans: For each element what its names speak for.
        leaning: Word of a name → how much it speaks for main content.
        events: Rows of events.
        after: For each event the next one, once events are linked.
        before: For each event the one before it, likewise.
        stack: The open elements, the document first.
        context: For each level of the stack that of the innermost element that says how tags are read.
        active: The formatting elements that are open, or opened again in what follows; -1 parts them.
        origin: For each element that no tag opened the one that it repeats.
        is_open: Whether an element is open.
        opened: How many elements of each tag are open.
        flags: What is known of each tag.
        at: The counters.
    """

    src: Any
    nodes: Any
    groups: Any
    leans: Any
    leaning: Any
    events: Any
    after: Any
    before: Any
    stack: Any
    context: Any
    active: Any
    origin: Any
    is_open: Any
    opened: Any
    flags: Any
    at: Any


@compiled
def tag_at(state: Any, level: Any) -> Any:
    """The tag of the open element at a level of the stack."""
    return np.int64(state.nodes[state.stack[level], col.TAG_OF])


@compiled
def flags_at(state: Any, level: Any) -> Any:
    """What is known of the open element at a level of the stack."""
    return state.flags[state.nodes[state.stack[level], col.TAG_OF]]
