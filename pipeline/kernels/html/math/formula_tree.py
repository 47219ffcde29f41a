"""The elements of one formula as a small tree: MathML with or without a prefix, and what MathJax leaves of it."""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from pipeline.kernels.html.references import unescape
from pipeline.kernels.html.tag_values import tag_attributes

_PART: Final = re.compile(
    r"<(?P<closes>/?)(?P<name>[A-Za-z][^\s/>]*)(?P<attributes>(?:[^>\"']++|\"[^\"]*+\"|'[^']*+'|[\"'])*+)>"
    r"|<!--(?:.*?)(?:-->|\Z)|<!\[CDATA\[(?P<data>.*?)(?:\]\]>|\Z)|<[!?/][^>]*(?:>|\Z)|(?P<text>[^<]+|<)",
    re.DOTALL,
)
# These hold text, so that another element ends them.
_TOKENS: Final = frozenset(("mi", "mn", "mo", "mtext", "ms"))
_VOID: Final = frozenset(("img", "br", "mspace", "mprescripts", "none", "wbr", "hr", "input", "rect", "path", "use"))
# What nests deeper stands side by side.
_DEEPEST: Final = 200


class Element:
    """An element of a formula.

    Attributes:
        name: Its name in lower case, without a prefix.
        children: The elements in it.
    """

    def __init__(self, name: str, tag: str) -> None:
        self.name = name
        self.children: list[Element] = []
        self._tag = tag
        self._parts: list[str | Element] = []

    @cached_property
    def attributes(self) -> dict[str, str]:
        """Its attributes by lower-case name."""
        return tag_attributes(self._tag)

    @property
    def text(self) -> str:
        """All text in it."""
        if not self.children:
            return "".join(map(str, self._parts))
        return "".join(part if isinstance(part, str) else part.text for part in self._parts)

    def add(self, part: "str | Element") -> None:
        """Append text or an element."""
        self._parts.append(part)
        if not isinstance(part, str):
            self.children.append(part)

    def walk(self) -> "Iterator[Element]":
        """Yield the elements in it, in order, and those in them."""
        ahead = self.children[::-1]
        while ahead:
            element = ahead.pop()
            yield element
            ahead += reversed(element.children)


def read_tree(source: str) -> Element:
    """The first element of a fragment.

    >>> tree = read_tree("<m:math><m:mi>a<m:mo>=</m:mo><m:mi>b</m:mi></m:math>")
    >>> tree.name, [(child.name, child.text) for child in tree.children]
    ('math', [('mi', 'a'), ('mo', '='), ('mi', 'b')])
    """
    root = Element("", "")
    stack = [root]
    for part in _PART.finditer(source):
        name = part["name"]
        if name is None:
            text = part["data"] or (unescape(part["text"]) if part["text"] else "")
            if text:
                stack[-1].add(text)
            continue
        name = name.lower().rpartition(":")[2]
        if part["closes"]:
            _close(stack, name)
            continue
        if stack[-1].name in _TOKENS and name.startswith("m"):
            stack.pop()
        element = Element(name, part[0])
        stack[-1].add(element)
        if not (name in _VOID or part["attributes"].endswith("/") or len(stack) > _DEEPEST):
            stack.append(element)
    return root.children[0] if root.children else root


def _close(stack: list[Element], name: str) -> None:
    """Close the innermost element of a name, if one is open."""
    for level in range(len(stack) - 1, 0, -1):
        if stack[level].name == name:
            del stack[level:]
            return
