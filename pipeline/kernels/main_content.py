"""The main content of a page as lines: a cheap reading of the tree, and a thorough one where that one is in doubt."""

import re
from typing import Any, Final

from lxml import etree
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from pipeline.kernels.dom import is_within, select, text_of
from pipeline.kernels.second_opinion import WORTH_IT, doubt_signals, expected_gain

Lines = list[str]

_BLOCKS: Final = frozenset(
    ("p", "head", "list", "item", "table", "row", "quote", "code", "lb", "div", "ab", "main", "body")
)
_TABS: Final = re.compile(r"\s*\t\s*")


# Above this the thorough tier can take many seconds.
MAX_THOROUGH_CHARS: Final = 1_500_000
MAX_THOROUGH_TAGS: Final = 40_000
# A second reading much shorter than the first has missed the point. On 341 doubtful pages of the open crawl, F1 is .785
# without this bound and .820 to .821 with any from .3 to .7; trafilatura's own fallbacks reach .810, at half the speed.
MIN_SECOND: Final = 0.4
# Forum software writes whole threads into <noscript>; what is shorter is a notice or a picture.
MIN_NOSCRIPT: Final = 500


def main_lines(tree: HTMLTree, lowered: str, url: str | None, engine: str) -> tuple[Lines, str]:
    """The main content, and the name of the tier whose reading it is.

    Args:
        tree: The page, code and formulas hidden.
        lowered: Its source in lower case.
        url: Where it was found.
        engine: "resiliparse", "trafilatura", or "auto" to let the page decide.

    >>> main_lines(HTMLTree.parse("<p>It rained.</p>"), "<p>", None, "resiliparse")
    (['It rained.'], 'resiliparse')
    """
    if engine == "trafilatura":
        return thorough_lines(str(tree), url), "trafilatura"
    lines = quick_lines(tree)
    if engine == "auto" and expected_gain(doubt_signals(tree, lowered, lines)) > WORTH_IT:
        second = second_lines(tree, url, lines)
        if second is not None:
            return second, "trafilatura"
    return lines, "resiliparse"


def second_lines(tree: HTMLTree, url: str | None, first: Lines) -> Lines | None:
    """The thorough reading, or None where it has missed the point.

    >>> second_lines(HTMLTree.parse("<p>It rained."), None, ["It rained all day, and all night."]) is None
    True
    """
    second = thorough_lines(str(tree), url)
    return second if second and sum(map(len, second)) >= MIN_SECOND * sum(map(len, first)) else None


def open_noscript(tree: HTMLTree, lowered: str) -> None:
    """Makes long `<noscript>` parts readable as content.

    >>> tree = HTMLTree.parse("<body><noscript><p>" + "word " * 200 + "</p></noscript>")
    >>> open_noscript(tree, "<noscript")
    >>> len(select(tree, "noscript")), len(select(tree, "div > p"))
    (0, 1)
    """
    if "<noscript" not in lowered or tree.document is None:
        return
    for node in select(tree, "body noscript"):
        if len(text_of(node)) >= MIN_NOSCRIPT:
            div = tree.document.create_element("div")
            div.inner_html = node.inner_html
            node.replace_with(div)


def keep_lists(tree: HTMLTree, lowered: str) -> None:
    """Makes lists of words near the root ordered ones: resiliparse takes any other that stands there for a menu.

    >>> tree = HTMLTree.parse("<ul><li>Sow the rye.</ul><ul><li><a>Home</a></ul>")
    >>> keep_lists(tree, "<ul>")
    >>> len(select(tree, "ol")), len(select(tree, "ul"))
    (1, 1)
    """
    if "<ul" not in lowered or tree.document is None:
        return
    for node in select(tree, "body > ul, body > * > ul, body > * > * > ul"):
        linked = sum(len(text_of(anchor)) for anchor in select(node, "a"))
        if len(text_of(node)) > 2 * linked and not is_within(node, "nav, header, footer, aside"):
            ordered = tree.document.create_element("ol")
            ordered.append(*node.child_nodes.values())
            node.replace_with(ordered)


def quick_lines(tree: HTMLTree) -> Lines:
    """The main content by resiliparse's rules, one block a line, cells apart by tabs.

    >>> from resiliparse.parse.html import HTMLTree
    >>> quick_lines(HTMLTree.parse("<h1>Rain</h1><p>It rained<br>all day.</p>"))
    ['Rain', 'It rained', 'all day.']
    """
    text = extract_plain_text(tree, preserve_formatting=True, main_content=True, list_bullets=False, alt_texts=False)
    return tidy_lines(text)


def tidy_lines(text: str) -> Lines:
    r"""The lines that say something, their white space made single and their cells parted by one tab each.

    >>> tidy_lines("  a   b\n\nc\t\td ")
    ['a b', 'c\td']
    """
    lines = (
        "\t".join(filter(None, (" ".join(cell.split()) for cell in line.split("\t")))) for line in text.split("\n")
    )
    return [line for line in lines if line]


def thorough_lines(html: str, url: str | None) -> Lines:
    """The main content by trafilatura's rules, one block a line; nothing where it finds nothing or gives up.

    >>> prose = "<p>It rained all day, and all night, so that the river rose.</p><p>Nobody went out.</p>"
    >>> thorough_lines(f"<html><body><article>{prose}</article></body></html>", None)
    ['It rained all day, and all night, so that the river rose.', 'Nobody went out.']
    """
    if len(html) > MAX_THOROUGH_CHARS or html.count("<") > MAX_THOROUGH_TAGS:
        return []
    from trafilatura import bare_extraction  # noqa: PLC0415 - takes a second, and most pages do without it

    try:
        document = bare_extraction(html, url=url, with_metadata=False, fast=True)
    except (ValueError, TypeError, AttributeError, RecursionError, etree.LxmlError):
        return []
    if document is None or isinstance(document, dict):
        return []
    parts = (document.body, document.commentsbody)
    return [line for part in parts if part is not None for line in _element_lines(part)]


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
