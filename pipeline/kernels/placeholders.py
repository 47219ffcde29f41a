"""Stand-ins for code and formulas while the text around them is cut down to the main content.

A placeholder is one word of letters and digits, so that no rule for markup, punctuation or markdown touches it. Its
nonce comes from the page's own hash: no page can hold it, and the same page always gives the same text.
"""

import re
from typing import NamedTuple

from xxhash import xxh3_64_hexdigest

from pipeline.kernels.spans import Span

# Extractors weigh blocks by length. A code block's stand-in has a filler word for so many code points of it ...
CODE_POINTS_PER_FILLER = 12
# ... up to a length at which every rule that was tried is content.
MAX_FILLERS = 60


class _Kept(NamedTuple):
    text: str
    kind: str
    is_block: bool


class Vault:
    """Keeps what placeholders stand for.

    Args:
        page: The page's source, from which the nonce is made.

    >>> vault = Vault("<p>page</p>")
    >>> vault.restore("let " + vault.inline("$x$", "math") + " be real")
    ('let $x$ be real', [Span(start=4, end=7, kind='math')])
    """

    def __init__(self, page: str) -> None:
        nonce = xxh3_64_hexdigest(page.encode("utf-8", "replace"))[:10]
        self._word = f"xq{nonce}"
        self._kept: list[_Kept] = []
        self._pattern = re.compile(rf"{self._word}n(\d+)z(?: ?{self._word}f)*|{self._word}f")

    def __len__(self) -> int:
        return len(self._kept)

    def inline(self, text: str, kind: str) -> str:
        """A placeholder for text that stays in its sentence; kind "" gives no span."""
        self._kept.append(_Kept(self.expand(text), kind, is_block=False))
        return f"{self._word}n{len(self._kept) - 1}z"

    def block(self, text: str, kind: str) -> str:
        """A placeholder for lines of their own, about as long as they are; kind "" gives no span."""
        self._kept.append(_Kept(self.expand(text), kind, is_block=True))
        fillers = min(MAX_FILLERS, len(text) // CODE_POINTS_PER_FILLER)
        return f"{self._word}n{len(self._kept) - 1}z" + f" {self._word}f" * fillers

    def restore(self, text: str) -> tuple[str, list[Span]]:
        """The text with everything back in its place, and the spans of it."""
        out = _Writer()
        at = 0
        for found in self._pattern.finditer(text):
            before = text[at : found.start()]
            at = found.end()
            number = found.group(1)
            kept = (
                self._kept[int(number)] if number and int(number) < len(self._kept) else _Kept("", "", is_block=False)
            )
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
        return self.restore(text)[0] if self._word in text else text


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
