"""The elements of a page from one pass over its bytes: rows of numbers in document order, not a tree of objects.

The elements are those that a browser without scripts builds, down to formatting that is opened again behind a block,
and what it moves before a table; `html`, `head`, `body` and `tbody` have no rows where no tag opens them. What nests
deeper than `MAX_DEPTH` stands as if it did not nest. An svg or formula is held as source.
"""

import re
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.kernels.html import columns as col
from pipeline.kernels.html.names import Table, names, no_words
from pipeline.kernels.html.tags import LESS
from pipeline.kernels.html.tree.attributes import SAYINGS
from pipeline.kernels.html.tree.elements import Called
from pipeline.kernels.html.tree.event_links import settle
from pipeline.kernels.html.tree.listings import mark_listings
from pipeline.kernels.html.tree.shadow_roots import open_shadow_roots
from pipeline.kernels.html.tree.state import (
    CLONES,
    EVENTS,
    FLAGS_OF,
    LINKED,
    LISTINGS,
    NODES,
    ROOM,
    SCRIPTS,
    SHADOWS,
    SIZE,
    SPARE,
    XML,
    State,
)
from pipeline.kernels.html.tree.tag_reader import read_tags

Bytes = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.int32]

# Rows for elements that no tag opens, beside those of the tags that open none: at least so many, and one for so many
# tags.
_MIN_SPARE, _TAGS_PER_SPARE = 64, 8
# A page's declarations and the start tag of its html element stand in so many bytes.
_MAX_PROLOGUE: Final = 4000
_XHTML: Final = re.compile(rb"""<html\s[^>]*\bxmlns\s*=\s*["']http://www\.w3\.org/1999/xhtml["']""")


class Page(NamedTuple):
    """A page's elements and what happens in it, in document order.

    Attributes:
        source: Its UTF-8, and 16 NUL bytes behind it.
        nodes: A row an element, int32 (elements, NODE_COLUMNS); the first one is the document.
        groups: For each element the groups of its class, id, role and itemprop, as bits, int64.
        class_weights: For each element how much the words of its class and id speak for main content, and how many
            do, int32.
        events: Text, element opened, element closed, link ended: int32 (events, 4).
        math_scripts: How many formulas stand in scripts, beside which a library's renderings are copies.
    """

    source: Bytes
    nodes: Rows
    groups: npt.NDArray[np.int64]
    class_weights: Rows
    events: Rows
    math_scripts: int


def says_xml(source: bytes) -> bool:
    """Whether a page says twice that it is XML: by its first line, and by the namespace of its html element.

    >>> says_xml(b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>")
    True
    >>> says_xml(b"<?xml version='1.0'?><html>")
    False
    """
    start = source[:_MAX_PROLOGUE].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith(b"<?xml") and _XHTML.search(start) is not None


def read_nodes(source: bytes, word_weights: Table | None = None, *, xml: bool = False) -> Page:
    """The elements of a page.

    Args:
        source: Valid UTF-8.
        word_weights: Word of a class or id → how much it speaks for main content.
        xml: Whether it is XML, in which a tag that closes itself does so whatever it is of.

    >>> page = read_nodes(b"<ul><li>rye<li>wheat</ul>")
    >>> from pipeline.kernels.html.columns import PARENT, TAG_OF
    >>> from pipeline.kernels.html.names import TAGS
    >>> [TAGS[tag] for tag in page.nodes[:, TAG_OF]], page.nodes[:, PARENT].tolist()
    (['', 'ul', 'li', 'li'], [-1, 0, 1, 1])
    """
    buffer = np.frombuffer(source + bytes(16), np.uint8)
    tags = int(np.count_nonzero(buffer == LESS))
    spare = _MIN_SPARE + tags // _TAGS_PER_SPARE
    room = tags + 2 + spare
    groups, class_weights = np.zeros(room, np.int64), np.zeros((room, 2), np.int32)
    most = 4 * room + 4
    at = np.zeros(SIZE, np.int64)
    at[SPARE], at[XML], at[ROOM] = spare, xml or says_xml(source), most
    at[FLAGS_OF:] = names().flags
    nodes = np.zeros((room, col.NODE_COLUMNS), np.int32)
    state = State(buffer, nodes, np.empty((most + most // 2 + 1, 4), np.int32), at)
    called = Called(
        no_words() if word_weights is None else word_weights, np.zeros(SAYINGS, np.int64), groups, class_weights
    )
    read_tags(state, len(source), names(), called)
    count = int(at[NODES])
    if at[CLONES]:
        clones = np.flatnonzero(nodes[:count, col.ORIGIN])
        groups[clones], class_weights[clones] = (
            groups[nodes[clones, col.ORIGIN]],
            class_weights[nodes[clones, col.ORIGIN]],
        )
    page = Page(
        buffer, nodes[:count], groups[:count], class_weights[:count], state.events[: at[EVENTS]], int(at[SCRIPTS])
    )
    if at[LINKED]:
        page = _settled(state, page)
    if at[SHADOWS]:
        state.at[NODES] = len(page.nodes)
        events = open_shadow_roots(source, page.nodes, page.events)
        at[ROOM] = len(page.events) + 1
        page = _settled(State(buffer, page.nodes, events, at), page)
    if at[LISTINGS]:
        mark_listings(page.source, page.nodes, page.groups, page.events, names().flags)
    return page


def _settled(state: State, page: Page) -> Page:
    """A page whose events are linked, in their order."""
    events, nodes, groups, class_weights = settle(state, page.groups, page.class_weights)
    return page._replace(nodes=nodes, groups=groups, class_weights=class_weights, events=events)
