"""Stand-ins for code and formulas while the text around them is tidied.

A placeholder is one code point of the planes for private use, which no page's prose keeps: no rule for words,
punctuation or markdown touches it. Code may hold such signs of its own, and is kept to the letter.
"""

import re
from typing import Final, NamedTuple

from pipeline.kernels.text.spans import Span

FIRST: Final = 0xF0000
# Two code points at the end of each plane are no characters.
_PLANE: Final = 0xFFFE
MAX_KEPT: Final = 2 * _PLANE - 1
FILLER: Final = chr(0x10FFFD)
_PATTERN: Final = re.compile("[\U000f0000-\U0010fffd]")


class _Kept(NamedTuple):
    text: str
    kind: str
    is_block: bool


class Placeholders:
    """Keeps what placeholders stand for.

    >>> placeholders = Placeholders()
    >>> placeholders.restore("let " + placeholders.inline("$x$", "math") + " be real")
    ('let $x$ be real', [Span(start=4, end=7, kind='math')])
    """

    def __init__(self) -> None:
        self._kept: list[_Kept] = []

    def __len__(self) -> int:
        return len(self._kept)

    def inline(self, text: str, kind: str) -> str:
        """A placeholder for text that stays in its sentence; kind "" gives no span."""
        return self._keep(text, kind, is_block=False)

    def block(self, text: str, kind: str) -> str:
        """A placeholder for lines of their own; kind "" gives no span."""
        return self._keep(text, kind, is_block=True)

    def to_the_letter(self, text: str, kind: str, *, is_block: bool = False) -> str:
        """A placeholder for text in which nothing is a placeholder, whatever signs a page uses."""
        if len(self._kept) >= MAX_KEPT:
            return text
        self._kept.append(_Kept(text, kind, is_block))
        return placeholder(len(self._kept) - 1)

    def _keep(self, text: str, kind: str, *, is_block: bool) -> str:
        if len(self._kept) >= MAX_KEPT:
            return text
        self._kept.append(_Kept(self.expand(text), kind, is_block))
        return placeholder(len(self._kept) - 1)

    def restore(self, text: str) -> tuple[str, list[Span]]:
        """The text with everything back in its place, and the spans of it."""
        if text.isascii() or not _PATTERN.search(text):
            return text, []
        if len(text) == 1:  # a block of code is nothing else
            number = place(text)
            kept = self._kept[number] if number < len(self._kept) else _Kept("", "", is_block=False)
            return kept.text, [Span(0, len(kept.text), kept.kind)] if kept.kind and kept.text else []
        out = _Writer()
        at = 0
        for match in _PATTERN.finditer(text):
            before = text[at : match.start()]
            at = match.end()
            number = place(match.group())
            kept = self._kept[number] if number < len(self._kept) else _Kept("", "", is_block=False)
            if kept.is_block:
                out.write(before.rstrip(" \t"))
                out.end_line()
                out.write(kept.text, kept.kind)
                while text[at : at + 1] in (" ", "\t"):
                    at += 1
                if text[at : at + 1] not in ("", "\n"):
                    out.write("\n")
            else:
                out.write(before)
                out.write(kept.text, kept.kind)
        out.write(text[at:])
        return "".join(out.pieces), out.spans

    def expand(self, text: str) -> str:
        """The text restored, where spans do not matter."""
        return self.restore(text)[0]


def placeholder(number: int) -> str:
    """The placeholder with this number.

    >>> place(placeholder(70_000))
    70000
    """
    return chr(FIRST + number + (2 if number >= _PLANE else 0))


def place(sign: str) -> int:
    """The number of a placeholder."""
    number = ord(sign) - FIRST
    return number - 2 if number >= _PLANE else number


class _Writer:
    """Pieces of text, and the spans among them."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.spans: list[Span] = []
        self.length = 0
        self.last = "\n"

    def write(self, text: str, kind: str = "") -> None:
        if not text:
            return
        if kind:
            self.spans.append(Span(self.length, self.length + len(text), kind))
        self.pieces.append(text)
        self.length += len(text)
        self.last = text[-1]

    def end_line(self) -> None:
        if self.last != "\n":
            self.write("\n")
