"""Code of a page to the letter: blocks without gutters and buttons."""

import html as entities
import re
from typing import Final

from resiliparse.parse.html import ElementNode, HTMLTree

from pipeline.kernels.html.dom import put_text, select, text_of

_GUTTERS: Final = (
    ".lineno, .linenos, .linenumber, .linenumbers, .line-number, .line-numbers, .line-numbers-rows, .linenodiv, "
    ".hljs-ln-numbers, .gutter, .blob-num, .line-num, .ln, .lnt, .lnr, .crayon-nums, .code-line-number, "
    "[data-line-number]"
)
_FURNITURE: Final = "button, script, style, textarea.crayon-plain"
# What looks like furniture by its name; a name may also be an identifier's or the whole block's.
_LABELS: Final = (
    ".copy, .copy-btn, .copy-button, .copybtn, .copybutton, .copy-code, .copy-code-btn, .copy-code-button, "
    ".copy-to-clipboard, .copy-to-clipboard-button, .copy-clipboard, .btn-copy, .btn-copy-code, .btn-clipboard, "
    ".clipboard, .clipboard-btn, .clipboard-button, .clipboard-copy, .code-copy, .code-copy-btn, .code-copy-button, "
    ".js-clipboard-copy, .zeroclipboard-container, clipboard-copy, .headerlink, .toolbar"
)
_LONGEST_LABEL: Final = 40
_LINES: Final = "div, li, tr, p"
_MARKED: Final = re.compile(
    r"code|highlight|lang|source|brush|prettyprint|syntax|verbatim|example|console|terminal|shell|listing",
    re.IGNORECASE,
)
# Words up to a sign, which may be the end of a sentence; and what says that they are more than one word.
_WORDS: Final = re.compile(r"([\w\s,;]*)(?:([.!?])(?=\s|$)|[^\w\s,;]|\Z)")
_SENTENCE: Final = re.compile(r"[a-z,]\s+\w")
# A block with none of these in its source is its text without its tags.
_NEEDS_TREE: Final = re.compile(
    r"<(?:br|div|li|tr|td|p|button|script|style|textarea|table|!)|<clipboard-copy|data-line", re.IGNORECASE
)
_CLASS: Final = re.compile(r"class\s*=\s*[\"']?([^\"'>]*)", re.IGNORECASE)
_NEEDS_TREE_FOR: Final = re.compile(r"line|copy|clipboard|gutter|num|toolbar|\bln", re.IGNORECASE)
_TAG: Final = re.compile(r"<[a-zA-Z/][^>]*(?:>|\Z)")  # one that never ends takes the rest, as in a browser
_LINE_END: Final = re.compile(r"<br\b[^>]*>|</(?:div|li|tr|p)\b[^>]*>", re.IGNORECASE)
# What nests deeper is read without a tree: the steps below take the text of every line that they find in it.
_DEEPEST: Final = 400
_NESTING: Final = re.compile(r"<(?!br\b|img\b|hr\b|input\b|wbr\b)(/?)[a-zA-Z]", re.IGNORECASE)
_LOOKS_MARKED: Final = re.compile(r"<code\b|<span\s[^<>]*class|<td\b", re.IGNORECASE)


def read_code(fragment: str, around: str = "", *, parse: bool = True) -> tuple[str, bool]:
    r"""The lines of a code block as its author wrote them, and whether they are code rather than a letter or a poem.

    Args:
        fragment: The block's source, from its start tag to its end tag.
        around: The class of the element that it stands in.
        parse: Whether a tree may be made of it where that takes one; else it is its text without its tags, with line
            breaks where lines end.

    >>> read_code("<pre><span class=lineno>1</span>a<br>  b<button>Copy</button></pre>")
    ('a\n  b', True)
    >>> read_code("<pre>a<br>  b<div>c</div></pre>", parse=False)
    ('a\n  bc', True)
    >>> read_code("<pre>if a &lt; b:\n    c()</pre>")
    ('if a < b:\n    c()', True)
    """
    start, _, inner = fragment.partition(">")
    if start[:4].lower() == "<xmp":  # in which nothing is markup
        end = inner.rfind("</")
        return _tidy(inner[:end] if inner[end : end + 5].lower() == "</xmp" else inner), True
    plain = not parse or _is_deep(inner)
    if plain or not _needs_tree(inner):
        text = _tidy(unescape(_TAG.sub("", _LINE_END.sub("\n", inner) if plain else inner)))
        if plain or "\n" in text or "<span" not in inner:
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


def _needs_tree(source: str) -> bool:
    return bool(_NEEDS_TREE.search(source)) or any(
        _NEEDS_TREE_FOR.search(value[1]) for value in _CLASS.finditer(source)
    )


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
    labels = select(node, _LABELS)
    half = len(text_of(node)) // 2 if labels else 0
    for label in labels:
        length = len(text_of(label).strip())
        if not (length > _LONGEST_LABEL and length > half) and not _has_code(label):
            label.remove()


def _has_code(node: ElementNode) -> bool:
    return node.tag == "code" or node.query_selector("code") is not None


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
    return letters > 0.93 * len(text) and _sentences(text) >= 3


def _sentences(text: str) -> int:
    """How many sentences of more than one word end in a text.

    >>> _sentences("The mill stands. It turns, slowly! Why?")
    2
    """
    return sum(bool(words[2] and _SENTENCE.search(words[1])) for words in _WORDS.finditer(text))


_LONG_NUMBER: Final = re.compile(r"&#([0-9]{8,});?")


def unescape(text: str) -> str:
    r"""Text without character references, also where a number has more digits than Python is willing to read.

    >>> unescape("a &lt; b"), unescape("&#000000000065;"), unescape(f"&#{'9' * 5000};")
    ('a < b', 'A', '\ufffd')
    """
    return entities.unescape(_LONG_NUMBER.sub(_short_number, text)) if "&" in text else text


def _short_number(found: re.Match[str]) -> str:
    digits = found[1].lstrip("0") or "0"
    return f"&#{digits};" if len(digits) < 8 else "\ufffd"


class Ends:
    """Where the elements and comments of a source end; that none is ahead is looked up once.

    >>> ends = Ends("<code>a</CODE > <code>b <!--c-->")
    >>> ends.after("code", 6), ends.after("code", 22), ends.after("--", 28)
    (15, -1, 32)
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._absent: set[str] = set()

    def after(self, name: str, at: int) -> int:
        """Where the next end of an element with this name, or of a comment "--", is past; -1 where none is."""
        if name in self._absent:
            return -1
        pattern = "-->" if name == "--" else rf"</{name}\s*>"
        found = re.compile(pattern, re.IGNORECASE).search(self._source, at)
        if found is None:
            self._absent.add(name)
            return -1
        return found.end()
