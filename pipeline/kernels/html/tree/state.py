"""What the pass over a page's tags carries along; compiled."""

from typing import Any, Final, NamedTuple

import numpy as np

from pipeline.kernels.array_types import Int
from pipeline.kernels.compiled import lean
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.names import TAGS

MAX_DEPTH: Final = 500

# What the pass counts and remembers: elements and events so far, how many elements are open, formulas in scripts, the
# widget that it is in, how many formatting elements are active, how many rows there are to spare for elements that no
# tag opens, whether events are linked, whether what comes next stands before the table, whether a form is open, whether
# there was a head, whether the page shows nothing yet, whether it is made of frames, whether its doctype asks for the
# ways of old browsers, whether it is XML, whether no noscript is ended any more, where the one that was opened ends,
# how many templates are shadow roots, how many elements repeat another, for how many events there is room,
# how many elements may be lines of code.
(
    NODES, EVENTS, LEVEL, SCRIPTS, WIDGET, FORMATS, SPARE, LINKED, FOSTER, FORM, HEAD_SEEN, BARE, FRAMES, QUIRKS, XML,
    NO_NOSCRIPT, NOSCRIPT_END, SHADOWS, CLONES, ROOM, LISTINGS,
) = range(21)  # fmt: skip
# Formatting elements beside those of every level's -1.
MOST_FORMATS: Final = 500
# Behind them: the open elements, the document first; for each of these the level of the innermost one that says how
# tags are read; the formatting elements that are open, or opened again in what follows, and -1 between those that one
# another know nothing of; for each tag how many of its elements are open, and what is known of it.
STACK: Final = 21
CONTEXTS: Final = STACK + MAX_DEPTH + 2
ACTIVES: Final = CONTEXTS + MAX_DEPTH + 2
COUNT_OF: Final = ACTIVES + MOST_FORMATS + MAX_DEPTH + 2
FLAGS_OF: Final = COUNT_OF + len(TAGS)
SIZE: Final = FLAGS_OF + len(TAGS)


class State(NamedTuple):
    """What the pass carries along: few arrays, for compiled calls take each of them apart.

    Attributes:
        src: The page's source.
        nodes: Rows of elements.
        events: Rows of events, and of links between them.
        at: All that is named above, int64.
    """

    src: Any
    nodes: Any
    events: Any
    at: Any


@lean
def tag_at(state: State, level: Int) -> Int:
    """The tag of the open element at a level of the stack."""
    return np.int64(state.nodes[state.at[STACK + level], col.TAG_OF])


@lean
def flags_at(state: State, level: Int) -> Int:
    """What is known of the open element at a level of the stack."""
    return state.at[FLAGS_OF + state.nodes[state.at[STACK + level], col.TAG_OF]]
