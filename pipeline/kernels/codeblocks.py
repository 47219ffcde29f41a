"""Code of a page to the letter: blocks without gutters and buttons."""

import html as entities
import re
from typing import Final

from resiliparse.parse.html import ElementNode, HTMLTree

from pipeline.kernels.dom import put_text, select, text_of

_GUTTERS: Final = (
    ".lineno, .linenos, .linenumber, .linenumbers, .line-number, .line-numbers, .line-numbers-rows, .linenodiv, "
    ".hljs-ln-numbers, .gutter, .blob-num, .line-num, .ln, .lnt, .lnr, .crayon-nums, .code-line-number, "
    "[data-line-number]"
)
_FURNITURE: Final = (
    "button, script, style, [class*=copy], [class*=clipboard], .headerlink, .toolbar, textarea.crayon-plain"
)
_LINES: Final = "div, li, tr, p"
_MARKED: Final = re.compile(
    r"code|highlight|lang|source|brush|prettyprint|syntax|verbatim|example|console|terminal|shell|listing",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"[a-z,]\s+\w+[\w\s,;]*[.!?](?:\s|$)")
# A block with none of these in its source is its text without its tags.
_NEEDS_TREE: Final = re.compile(
    r"<(?:br|div|li|tr|td|p|button|script|style|textarea|table|!)|class\s*=\s*[\"']?[^\"'>]*"
    r"(?:line|copy|clipboard|gutter|num|toolbar|\bln)|data-line",
    re.IGNORECASE,
)
_XMP_END: Final = re.compile(r"</xmp[^>]*>?$", re.IGNORECASE)
_TAG: Final = re.compile(r"<[a-zA-Z/][^>]*>")
# What nests deeper is read without a tree: the steps below take the text of every line that they find in it.
_DEEPEST: Final = 400
_NESTING: Final = re.compile(r"<(?!br\b|img\b|hr\b|input\b|wbr\b)(/?)[a-zA-Z]", re.IGNORECASE)
_LOOKS_MARKED: Final = re.compile(r"<code\b|<span\s[^>]*class|<td\b", re.IGNORECASE)


def read_code(fragment: str, around: str = "") -> tuple[str, bool]:
    r"""The lines of a code block as its author wrote them, and whether they are code rather than a letter or a poem.

    Args:
        fragment: The block's source, from its start tag to its end tag.
        around: The class of the element that it stands in.

    >>> read_code("<pre><span class=lineno>1</span>a<br>  b<button>Copy</button></pre>")
    ('a\n  b', True)
    >>> read_code("<pre>if a &lt; b:\n    c()</pre>")
    ('if a < b:\n    c()', True)
    """
    start, _, inner = fragment.partition(">")
    if start[:4].lower() == "<xmp":  # in which nothing is markup
        return _tidy(_XMP_END.sub("", inner)), True
    deep = _is_deep(inner)
    if deep or not _NEEDS_TREE.search(inner):
        text = _tidy(entities.unescape(_TAG.sub("", inner)))
        if deep or "\n" in text or "<span" not in inner:
            return text, not _is_prose(text, f"{start} {around}", bool(_LOOKS_MARKED.search(inner)))
    tree = HTMLTree.parse(fragment)
    node = tree.body.first_element_child if tree.body is not None else None
    if node is None:
        return "", False
    marked = node.query_selector("code, span[class], td") is not None
    text = code_text(tree, node)
    return text, not _is_prose(text, f"{node.class_name} {around}", marked)


def code_text(tree: HTMLTree, node: ElementNode) -> str:
    r"""The lines of a code block in a tree; what is not code is cut out of the tree.

    >>> tree = HTMLTree.parse("<pre><span class=lineno>1</span>a<br>  b<button>Copy</button></pre>")
    >>> code_text(tree, tree.document.query_selector("pre"))
    'a\n  b'
    """
    if node.query_selector("*") is not None:
        _cut_furniture(node)
        for br in select(node, "br"):
            put_text(tree, br, "\n")
        _end_lines(tree, node)
    return _tidy(text_of(node))


def _is_deep(source: str) -> bool:
    """Whether elements nest as no author nests them.

    >>> _is_deep("<b>" * 500), _is_deep("<b>a</b>" * 500)
    (True, False)
    """
    if source.count("<") <= _DEEPEST:
        return False
    depth = 0
    for tag in _NESTING.finditer(source):
        depth = max(0, depth - 1) if tag[1] else depth + 1
        if depth > _DEEPEST:
            return True
    return False


def _tidy(text: str) -> str:
    """Lines without white space at their ends and without blank ones around them."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").replace("\u200b", "")
    lines = [line.rstrip() for line in text.split("\n")]
    first, last = 0, len(lines)
    while first < last and not lines[first]:
        first += 1
    while last > first and not lines[last - 1]:
        last -= 1
    return "\n".join(lines[first:last])


def _cut_furniture(node: ElementNode) -> None:
    """Removes line numbers and buttons."""
    for gutter in select(node, _GUTTERS):
        if not text_of(gutter).strip() or re.fullmatch(r"[\s\d.:|]*", text_of(gutter)):
            gutter.remove()
    for thing in select(node, _FURNITURE):
        thing.remove()


def _end_lines(tree: HTMLTree, node: ElementNode) -> None:
    """Ends the lines that the markup ends."""
    selector = _LINES
    if "\n" not in text_of(node).strip():
        selector = f"{_LINES}, span.line, span.code-line, pre > code, code.line"
    for line in select(node, selector):
        follower = line.next_sibling
        ended = text_of(line).endswith("\n") or text_of(follower).startswith("\n")
        if follower is not None and not ended and tree.document is not None:
            line.after(tree.document.create_text_node("\n"))


def _is_prose(text: str, look: str, marked: bool) -> bool:  # noqa: FBT001  (what the block's markup says)
    """Whether a preformatted block is a letter or a poem rather than code."""
    if marked or _MARKED.search(look) or len(text) <= 400:
        return False
    letters = sum(map(str.isalpha, text)) + text.count(" ") + text.count("\n")
    return letters > 0.93 * len(text) and len(_SENTENCE.findall(text)) >= 3
