"""Declarative shadow roots: the contents of such a template stand in its host, and the host's own in their slots."""

import re
from html import unescape
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.kernels.html import columns as col
from pipeline.kernels.html.names import TAG, TAGS
from pipeline.kernels.html.tags import SHADOW_ROOT

Rows = npt.NDArray[np.int32]

_TEMPLATE, _SLOT = TAG["template"], TAG["slot"]
# Elements that may be hosts, beside those whose names are not known to HTML.
_HOSTS: Final = frozenset(
    (
        *("", "article", "aside", "blockquote", "body", "div", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header"),
        *("main", "nav", "p", "section", "span"),
    )
)
_ATTRIBUTE: Final = re.compile(rb"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"?|'([^']*)'?|([^\s"'>][^\s>]*)))?""")
_MAX_TAG: Final = 4000
_MAX_NAME: Final = 200
# Roots of a page beyond which no more are opened.
_MAX_ROOTS: Final = 5000


class _Page(NamedTuple):
    """A page's source, rows and events as lists, and which event stands after and before which."""

    source: bytes
    nodes: list[list[int]]
    events: list[list[int]]
    after: list[int]
    before: list[int]

    def cut(self, first: int, last: int) -> None:
        ahead, behind = self.before[first], self.after[last]
        self.after[ahead], self.before[behind] = behind, ahead

    def paste(self, first: int, last: int, event: int) -> None:
        ahead = self.before[event]
        self.after[ahead], self.before[first] = first, ahead
        self.after[last], self.before[event] = event, last


def open_shadow_roots(source: bytes, nodes: Rows, events: Rows) -> Rows:
    """Put what hosts hold where browsers show it; what no slot takes is not shown.

    Args:
        source: The page's source.
        nodes: Its rows, in document order.
        events: Its events, likewise.

    Returns:
        The events, linked as `event_links` has it.
    """
    count = len(events)
    order = np.arange(count + 1)
    page = _Page(
        source,
        nodes[:, : col.LAST + 1].tolist(),
        [*events.tolist(), [0, 0, 0, 0]],
        ((order + 1) % (count + 1)).tolist(),
        ((order - 1) % (count + 1)).tolist(),
    )
    hosts: set[int] = set()
    roots = np.flatnonzero((nodes[:, col.FLAGS] & SHADOW_ROOT != 0) & (nodes[:, col.TAG_OF] == _TEMPLATE))
    for node in roots[:_MAX_ROOTS].tolist():
        host = page.nodes[node][col.PARENT]
        if host > 0 and host not in hosts and TAGS[page.nodes[host][col.TAG_OF]] in _HOSTS and _is_written(page, node):
            hosts.add(host)
            _open_root(page, node, host)
    links = np.zeros((count // 2 + 1, 4), np.int32)
    links.reshape(-1, 2)[: count + 1] = np.array((page.after, page.before), np.int32).T
    return np.concatenate((np.array(page.events, np.int32), links))


def _is_written(page: _Page, node: int) -> bool:
    first = page.nodes[node][col.FIRST]
    return first < len(page.events) and page.events[first][:2] == [col.OPEN, node]


def _open_root(page: _Page, template: int, host: int) -> None:
    slots = _slots(page, template)
    filled: set[int] = set()
    for first, last, name in _light_children(page, template, host):
        page.cut(first, last)
        slot = slots.get(name)
        if slot is None:
            continue
        row = page.nodes[slot]
        if slot not in filled:
            filled.add(slot)
            if page.after[row[col.FIRST]] != row[col.LAST]:  # what stands there where nothing takes its place
                page.cut(page.after[row[col.FIRST]], page.before[row[col.LAST]])
        page.paste(first, last, row[col.LAST])
    row = page.nodes[template]
    page.cut(row[col.FIRST], row[col.FIRST])
    page.cut(row[col.LAST], row[col.LAST])


def _slots(page: _Page, template: int) -> dict[str, int]:
    """The first slot of each name in a template, but in none that stands in it."""
    slots: dict[str, int] = {}
    at, last = page.nodes[template][col.FIRST] + 1, page.nodes[template][col.LAST]
    while at < last:
        kind, node = page.events[at][:2]
        if kind == col.OPEN:
            tag = page.nodes[node][col.TAG_OF]
            if tag == _TEMPLATE:
                at = page.nodes[node][col.LAST]
            elif tag == _SLOT:
                slots.setdefault(_value(page, node, b"name"), node)
        at += 1
    return slots


def _light_children(page: _Page, template: int, host: int) -> list[tuple[int, int, str]]:
    """What a host holds beside its template: the first and last event of each piece, and the slot that it asks for."""
    children = []
    at, last = page.nodes[host][col.FIRST] + 1, page.nodes[host][col.LAST]
    while at < last:
        kind, node = page.events[at][:2]
        stop = page.nodes[node][col.LAST] if kind == col.OPEN else at
        if node != template or kind != col.OPEN:
            children.append((at, stop, _value(page, node, b"slot") if kind == col.OPEN else ""))
        at = stop + 1
    return children


def _value(page: _Page, node: int, name: bytes) -> str:
    """The value of an attribute of an element."""
    row = page.nodes[node]
    tag = page.source[row[col.START] : min(row[col.OPEN_END], row[col.START] + _MAX_TAG)]
    for match in _ATTRIBUTE.finditer(tag, 1):
        if match[1].lower() == name:
            value = match[2] or match[3] or match[4] or b""
            return unescape(value[:_MAX_NAME].decode("utf-8", "replace"))
    return ""
