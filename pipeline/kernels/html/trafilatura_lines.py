"""The main content of a page by trafilatura's rules, as lines: the baseline, and an engine to choose."""

import logging
import re
from typing import Any, Final

from lxml import etree

Lines = list[str]

_BLOCKS: Final = frozenset(
    ("p", "head", "list", "item", "table", "row", "quote", "code", "lb", "div", "ab", "main", "body")
)
_TABS: Final = re.compile(r"\s*\t\s*")
_TALKATIVE: Final = ("trafilatura", "courlan")
# Above this trafilatura can take many seconds.
MAX_CHARS: Final = 1_500_000
MAX_TAGS: Final = 40_000


def trafilatura_lines(html: str, url: str | None) -> Lines:
    """The main content, one block a line; nothing where trafilatura finds nothing or gives up.

    Args:
        html: The page's source.
        url: Where it was found.

    >>> prose = "<p>It rained all day, and all night, so that the river rose.</p><p>Nobody went out.</p>"
    >>> trafilatura_lines(f"<html><body><article>{prose}</article></body></html>", None)
    ['It rained all day, and all night, so that the river rose.', 'Nobody went out.']
    """
    if len(html) > MAX_CHARS or html.count("<") > MAX_TAGS:
        return []
    from trafilatura import bare_extraction

    for library in _TALKATIVE:  # what they say of odd pages would fill the logs of a cluster
        logging.getLogger(library).setLevel(logging.CRITICAL + 1)
    try:
        document = bare_extraction(html, url=url, with_metadata=False, fast=True)
    except (ValueError, TypeError, AttributeError, RecursionError, etree.LxmlError):
        return []
    if document is None or isinstance(document, dict):
        return []
    parts = (document.body, document.commentsbody)
    return [line for part in parts if part is not None for line in _element_lines(part)]


def tidy_lines(text: str) -> Lines:
    r"""The lines that say something, their white space made single and their cells parted by one tab each.

    >>> tidy_lines("  a   b\n\nc\t\td ")
    ['a b', 'c\td']
    """
    lines = (
        "\t".join(filter(None, (" ".join(cell.split()) for cell in line.split("\t")))) for line in text.split("\n")
    )
    return [line for line in lines if line]


def _element_lines(root: Any) -> Lines:
    """The lines of trafilatura's intermediate tree."""
    pieces: list[str] = []
    for event, node in etree.iterwalk(root, events=("start", "end")):
        if not isinstance(node.tag, str):
            continue
        if event == "start":
            if node.tag in _BLOCKS:
                pieces.append("\n")
            pieces.append((node.text or "").replace("\n", " "))
        else:
            if node.tag == "cell":
                pieces.append("\t")
            elif node.tag in _BLOCKS:
                pieces.append("\n")
            pieces.append((node.tail or "").replace("\n", " "))
    return tidy_lines("".join(pieces))
