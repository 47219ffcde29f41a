"""Plain text from text that still carries markdown: a real parser takes the marks out, where they are marks."""

import re
from bisect import bisect_right
from collections.abc import Collection
from typing import Final

from markdown_it import MarkdownIt

from pipeline.kernels.text.placeholders import Placeholders

Lines = list[str]

# What opens a line and is no part of what it says: list items, headings, quotes, the edge of a table row.
_OPENING: Final = re.compile(r"(?:[-*+•◦▪‣●○■□·][ \t]+|#{1,6}[ \t]+|>[ \t]+|\|[ \t]*(?=\S))")
_ONLY_MARKS: Final = re.compile(r"(?:[-*_=+~#•◦▪‣●○■□·>|][ \t]*)+|\|?[ \t:|]*-{3}[ \t:|-]*")
_ROW: Final = re.compile(r"\|.*\|[ \t]*")
_HEADING: Final = re.compile(r"#{1,6}[ \t]")
_FENCE: Final = re.compile(r"(```|~~~)+ *[\w+#.-]*")
# Code between fences is no longer than this.
_MAX_FENCED: Final = 200
# One of these must be there before the parser is asked; underscores, where no word stands before them. Each begins with
# a sign of its own, so that `re` passes over all other signs at once.
_MARKS: Final = re.compile(r"\*\S|_(?<!\w_)_*[^\s_]|\]\(|`[^`]|~~")
# What CommonMark would take for marks, and is none: formulas, identifiers in double underscores, operators and
# censored letters within a word, calls of an indexed thing, backslashes that escape no mark.
_NO_MARKS: Final = re.compile(
    r"\$\$.{1,1000}?\$\$|\$[^$]{1,300}\$|\\\(.{1,300}?\\\)"
    r"|\\\[(?=(?:(?!\\\]).){0,300}?(?:\w_|[\^=+<>]|\\[A-Za-z{])).{1,300}?\\\]|(?<!\w)__[a-z0-9_]+__(?!\w)|(?<=\w)\*+(?=\w)"
    r"|\](?=\((?![^()\s]*[/.#:]))|\\(?![*_`\[\]()#~>])"
)
_STAND_IN: Final = "\ue000"
# The parser's worst cases are quadratic in the length of a line.
MAX_LINE: Final = 5000

_PARSER: Final = MarkdownIt("zero", {"maxNesting": 20}).enable(
    ["emphasis", "link", "image", "backticks", "strikethrough", "escape"]
)


def strip_markdown(lines: Lines, placeholders: Placeholders, breaks: Collection[int] = ()) -> list[tuple[int, str]]:
    """The lines without markdown, each with its number; fenced lines and words in backticks become placeholders.

    Args:
        lines: Lines of plain text in which code and formulas are placeholders already.
        placeholders: Where code that is found here is kept.
        breaks: The numbers of lines that are no part of fenced code: headings and rows of tables.

    >>> strip_markdown(["## A **bold** claim", "---", "my_long_name", "2 * 3 * 4", ">>> x"], Placeholders())
    [(0, 'A bold claim'), (2, 'my_long_name'), (3, '2 * 3 * 4'), (4, '>>> x')]
    """
    kept: list[tuple[int, str]] = []
    at = 0
    for first, last in _fenced(lines, sorted(breaks)):
        kept += _plain_lines(lines, at, first, placeholders)
        if first + 1 < last:
            kept.append((first, placeholders.block("\n".join(lines[first + 1 : last]), "code")))
        at = last + 1
    return kept + _plain_lines(lines, at, len(lines), placeholders)


def _fenced(lines: Lines, breaks: list[int]) -> list[tuple[int, int]]:
    """The pairs of fences.

    >>> _fenced(["```", "a", "```", "~~~", "b", "~~~"], [4])
    [(0, 2)]
    """
    pairs: list[tuple[int, int]] = []
    opening = -1
    for number, line in enumerate(lines):
        if line[:3] not in ("```", "~~~") or not _FENCE.fullmatch(line):
            continue
        ahead = bisect_right(breaks, number)
        if ahead and breaks[ahead - 1] == number:
            continue
        broken = ahead > bisect_right(breaks, opening)
        if opening >= 0 and number - opening < _MAX_FENCED and not broken:
            pairs.append((opening, number))
            opening = -1
        else:
            opening = number
    return pairs


def _plain_lines(lines: Lines, first: int, last: int, placeholders: Placeholders) -> list[tuple[int, str]]:
    kept: list[tuple[int, str]] = []
    for number in range(first, last):
        line = lines[number]
        if line and not (line[0].isalnum() and not _has_marks(line)):  # most lines have nothing to strip
            line = "" if _FENCE.fullmatch(line) else plain_line(line, placeholders)
        if line:
            kept.append((number, line))
    return kept


def _has_marks(line: str) -> bool:
    """Whether a line holds one of `_MARKS`; most hold none of their signs, which is quicker to see."""
    signs = "*" in line or "_" in line or "`" in line or "](" in line or "~~" in line
    return signs and _MARKS.search(line) is not None


def plain_line(line: str, placeholders: Placeholders) -> str:
    r"""One line without its markdown; "" where there was nothing else.

    A line that holds a tab is a row of a table: each cell loses its own marks, and none is lost.

    >>> placeholders = Placeholders()
    >>> placeholders.expand(plain_line("> see [the map](/map.html) and `x_1`", placeholders))
    'see the map and x_1'
    >>> plain_line("| a | b |", Placeholders()), plain_line("|---|---|", Placeholders())
    ('a\tb', '')
    """
    if "\t" in line:
        return "\t".join(_plain_inline(cell, placeholders) for cell in line.split("\t"))
    if line[0].isalnum():
        return _plain_inline(line, placeholders) if _MARKS.search(line) else line
    if _ONLY_MARKS.fullmatch(line):
        return ""
    if _ROW.fullmatch(line) and line.count("|") > 2:
        cells = (_plain_inline(cell.strip(), placeholders) for cell in line.strip(" \t|").split("|"))
        return "\t".join(filter(None, cells))
    at, heading = 0, False
    while opening := _OPENING.match(line, at):
        heading = heading or _HEADING.match(line, at) is not None
        at = opening.end()
    line = line[at:]
    if heading and (bare := line.rstrip().rstrip("#"))[-1:] == " ":  # the signs after a heading
        line = bare.rstrip()
    return _plain_inline(line, placeholders) if _MARKS.search(line) else line


def _plain_inline(line: str, placeholders: Placeholders) -> str:
    if len(line) > MAX_LINE or _STAND_IN in line or not _MARKS.search(line):
        return line
    hidden: list[str] = []

    def hide(match: re.Match[str]) -> str:
        hidden.append(match.group())
        return _STAND_IN

    masked = _NO_MARKS.sub(hide, line)
    if not _MARKS.search(masked):
        return line
    pieces: list[str] = []
    for token in _PARSER.parseInline(masked)[0].children or ():
        if token.type == "code_inline":
            pieces.append(placeholders.inline(_unmask(token.content, hidden, "".join(pieces)), "code"))
        else:
            pieces.append(token.content)
    return _unmask("".join(pieces), hidden, "").strip()


def _unmask(text: str, hidden: list[str], before: str) -> str:
    """Puts back what was hidden, in order; what stands in `before` was hidden first."""
    first = before.count(_STAND_IN)
    rest = iter(hidden[first : first + text.count(_STAND_IN)])
    for _ in range(text.count(_STAND_IN)):
        text = text.replace(_STAND_IN, next(rest, ""), 1)
    return text
