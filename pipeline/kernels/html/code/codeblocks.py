"""Code of a page to the letter: blocks without gutters and buttons."""

import re
from collections.abc import Sequence
from typing import Final

from pipeline.kernels.html.code.code_writer import write_code
from pipeline.kernels.html.columns import CLASS, CLASS_END, PARENT, TAG_OF
from pipeline.kernels.html.entities import entity_table
from pipeline.kernels.html.names import TAG, names
from pipeline.kernels.html.tree.nodes import Page
from pipeline.kernels.text.placeholders import place

_TO_THE_LETTER: Final = (TAG["xmp"], TAG["listing"])
_FORMULA: Final = re.compile("[\U000f0000-\U0010fffd]")
_SHORTEST_LETTER: Final = 400
_MARKED: Final = re.compile(
    r"code|highlight|lang|source|brush|prettyprint|syntax|verbatim|example|console|terminal|shell|listing",
    re.IGNORECASE,
)
# Words up to a sign, which may be the end of a sentence; and what says that they are more than one word.
_WORDS: Final = re.compile(r"([\w\s,;]*)(?:([.!?])(?=\s|$)|[^\w\s,;]|\Z)")
_SENTENCE: Final = re.compile(r"[a-z,]\s+\w")


def read_code(page: Page, node: int, formulas: Sequence[str] = ()) -> tuple[str, bool]:
    r"""The lines of a block of code as its author wrote them, and whether they are code rather than a letter or a poem.

    Args:
        page: The elements of the page.
        node: The element that holds the block.
        formulas: What was taken for formulas in the page's source: in code there are none, so they come back.

    >>> from pipeline.kernels.html.tree.nodes import read_nodes
    >>> read_code(read_nodes(b"<pre><span class=lineno>1</span>a<br>  b<button>Copy</button></pre>"), 1)
    ('a\n  b', True)
    >>> read_code(read_nodes(b"<pre>if a &lt; b:\n    c()</pre>"), 1)
    ('if a < b:\n    c()', True)
    """
    row = page.nodes[node]
    written, apart, touching, marked = write_code(
        page.source, page.nodes, page.events, names().flags, entity_table(), node
    )
    text = written.tobytes().decode("utf-8", "replace")
    if formulas and not text.isascii():
        text = _FORMULA.sub(lambda sign: _formula(sign[0], formulas), text)
    lines = _tidy(text)
    if apart and not touching:
        lines = _without_gap(lines)
    if row[TAG_OF] in _TO_THE_LETTER or not _may_be_prose(lines):
        return "\n".join(lines), True
    text = "\n".join(lines)
    return text, not _is_prose(text, _look(page, node), marked)


def _formula(sign: str, formulas: Sequence[str]) -> str:
    number = place(sign)
    return formulas[number] if number < len(formulas) else sign


def _look(page: Page, node: int) -> str:
    """The classes of an element and of the one that it stands in."""
    parts = (page.nodes[node], page.nodes[page.nodes[node, PARENT]])
    return " ".join(page.source[row[CLASS] : row[CLASS_END]].tobytes().decode("utf-8", "replace") for row in parts)


def _tidy(text: str) -> list[str]:
    """Lines without white space at their ends and without blank ones around them."""
    lines = [line.rstrip() for line in text.split("\n")]
    first, last = 0, len(lines)
    while first < last and not lines[first]:
        first += 1
    while last > first and not lines[last - 1]:
        last -= 1
    return lines[first:last]


def _without_gap(lines: list[str]) -> list[str]:
    """Lines of code without the blank that parted each from its number.

    >>> _without_gap([" if a:", "     b()", ""]), _without_gap(["  if a:", "      b()"])
    (['if a:', '    b()', ''], ['  if a:', '      b()'])
    """
    margin = min((len(line) - len(line.lstrip(" ")) for line in lines if line), default=0)
    return [line[1:] for line in lines] if margin % 2 else lines


def _may_be_prose(lines: Sequence[str]) -> bool:
    """Whether a block is long enough to be a letter."""
    return sum(map(len, lines)) + len(lines) > _SHORTEST_LETTER


def _is_prose(text: str, look: str, marked: bool) -> bool:  # noqa: FBT001  (what the block's markup says)
    """Whether a preformatted block is a letter or a poem rather than code."""
    if marked or _MARKED.search(look) or len(text) <= _SHORTEST_LETTER:
        return False
    letters = sum(map(str.isalpha, text)) + text.count(" ") + text.count("\n")
    return letters > 0.93 * len(text) and _sentences(text) >= 3


def _sentences(text: str) -> int:
    """How many sentences of more than one word end in a text.

    >>> _sentences("The mill stands. It turns, slowly! Why?")
    2
    """
    return sum(bool(words[2] and _SENTENCE.search(words[1])) for words in _WORDS.finditer(text))
