"""Code of a page to the letter: blocks without gutters and buttons, and names in the middle of a sentence."""

import re
from typing import Final

from resiliparse.parse.html import ElementNode, HTMLTree

from pipeline.kernels.dom import outermost, put_block, put_text, select, text_of
from pipeline.kernels.placeholders import Vault

_BLOCKS: Final = "pre, xmp, listing"
_NUMBERED: Final = (
    "table.highlighttable, table.rouge-table, table.hljs-ln, table.crayon-table, .syntaxhighlighter, "
    "figure.highlight table, table:has(td.linenos), table:has(td.blob-num), table:has(td.gutter), "
    "table:has(td.lineno), table:has(td.line-numbers)"
)
_NUMBERED_SIGNS: Final = (
    *("highlighttable", "rouge-table", "hljs-ln", "crayon", "syntaxhighlighter", "lineno", "blob-num", "gutter"),
    "line-numbers",
)
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
_INLINE: Final = "code, tt, kbd, samp"
# A longer one is a block that someone wrote without <pre>, and stays what its markup says.
_MAX_INLINE: Final = 400


def hide_code(tree: HTMLTree, lowered: str, vault: Vault) -> None:
    r"""Replaces code blocks and inline code in the tree by placeholders.

    >>> from resiliparse.parse.html import HTMLTree
    >>> page = "<pre>if x:\n    y()</pre>"
    >>> tree, vault = HTMLTree.parse(page), Vault(page)
    >>> hide_code(tree, page, vault)
    >>> vault.restore(tree.body.text)
    ('if x:\n    y()', [Span(start=0, end=13, kind='code')])
    """
    numbered = any(sign in lowered for sign in _NUMBERED_SIGNS) and (
        "<table" in lowered or "syntaxhighlighter" in lowered
    )
    if "<pre" in lowered or "<xmp" in lowered or "<listing" in lowered or numbered:
        _hide_blocks(tree, vault, f"{_NUMBERED}, {_BLOCKS}" if numbered else _BLOCKS)
    if "<code" in lowered or "<tt" in lowered or "<kbd" in lowered or "<samp" in lowered:
        _hide_inline(tree, vault)


def _hide_blocks(tree: HTMLTree, vault: Vault, selector: str) -> None:
    for node in outermost(tree, selector):
        kind = "" if _is_prose(node) else "code"
        text = code_text(tree, node)
        _lift_out_of_figure(node)
        put_block(tree, node, vault.block(text, kind) if text else "")


def _lift_out_of_figure(node: ElementNode) -> None:
    """Puts a block before the figure that it stands in: main-content rules drop figures as pictures."""
    figure = node.closest("figure")
    if figure is not None:
        figure.before(node)


def code_text(tree: HTMLTree, node: ElementNode) -> str:
    r"""The lines of a code block as its author wrote them; what is not code is cut out of the tree.

    >>> from resiliparse.parse.html import HTMLTree
    >>> tree = HTMLTree.parse("<pre><span class=lineno>1</span>a<br>  b<button>Copy</button></pre>")
    >>> code_text(tree, tree.document.query_selector("pre"))
    'a\n  b'
    """
    if node.query_selector("*") is not None:
        _cut_furniture(node)
        for br in select(node, "br"):
            put_text(tree, br, "\n")
        _end_lines(tree, node)
    text = text_of(node).replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").replace("\u200b", "")
    lines = [line.rstrip() for line in text.split("\n")]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines)


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


def _is_prose(node: ElementNode) -> bool:
    """Whether a preformatted block is a letter or a poem rather than code."""
    around = node.parent.class_name if isinstance(node.parent, ElementNode) else ""
    if node.query_selector("code, span[class], td") is not None or _MARKED.search(f"{node.class_name} {around}"):
        return False
    text = text_of(node)
    letters = sum(map(str.isalpha, text)) + text.count(" ") + text.count("\n")
    return len(text) > 400 and letters > 0.93 * len(text) and len(_SENTENCE.findall(text)) >= 3


def _hide_inline(tree: HTMLTree, vault: Vault) -> None:
    # Found at once: a search in each element would be most of the cost of a page of nothing but inline code.
    with_markup = set(select(tree, f":is({_INLINE}):has(> *)"))
    for node in outermost(tree, _INLINE):
        is_bare = node not in with_markup
        if not is_bare and node.query_selector("br") is not None:
            text = code_text(tree, node)
            if "\n" in text:
                put_block(tree, node, vault.block(text, "code"))
                continue
        if not is_bare and node.query_selector("p, pre, div, table") is not None:
            continue
        text = " ".join(text_of(node).split())
        if text and len(text) <= _MAX_INLINE:
            put_text(tree, node, vault.inline(text, "code"))
