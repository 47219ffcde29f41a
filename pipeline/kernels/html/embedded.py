"""What the placeholders of a page's blocks stand for: code and formulas, read from the source one at a time."""

import re
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.kernels.html.code.codeblocks import read_code
from pipeline.kernels.html.columns import BEGIN, KIND, PREFORMATTED, QUOTED, STOP
from pipeline.kernels.html.math.formulas import read_formula
from pipeline.kernels.html.names import EMBEDDED_CODE
from pipeline.kernels.html.tree.nodes import Page
from pipeline.kernels.html.writing.blocks import Blocks
from pipeline.kernels.text.placeholders import FILLER, Placeholders, place, placeholder

# The first bytes of placeholders.
_PLANE_15, _PLANE_16 = b"\xf3", b"\xf4"
_PLACEHOLDER: Final = re.compile("[\U000f0000-\U0010fffd]")
# LaTeX2HTML keeps a long formula in a comment before its picture.
_BEFORE: Final = 6000
# trafilatura weighs blocks by length: a code block's stand-in has a filler word for so many bytes of it, up to a length
# at which every rule that was tried is content.
_BYTES_PER_FILLER: Final = 12
_MAX_FILLERS: Final = 60
# Pictures and widgets of a page whose formulas are read: each costs a parser as much as a paragraph costs us.
_MAX_PARSED: Final = 25_000


class Embedded:
    """The code and formulas of a page, kept as placeholders when a block that holds them is written.

    Args:
        page: The page's elements.
        blocks: Its blocks.
        formulas: The formulas that were marked in its source.
        placeholders: Where the texts go.
    """

    def __init__(self, page: Page, blocks: Blocks, formulas: list[str], placeholders: Placeholders) -> None:
        self._source = page.source.tobytes()
        self._page = page
        self._embedded: list[list[int]] = blocks.embedded.tolist()
        self._text = blocks.text.tobytes()
        self._quoted = blocks.quoted.tobytes()
        self._formulas = formulas
        self._placeholders = placeholders
        self._parsed = 0

    def texts(self, rows: npt.NDArray[np.int32]) -> list[str]:
        """The texts of blocks, given their rows, with placeholders of the placeholders for their code and formulas."""
        return list(map(self._block, rows[:, BEGIN].tolist(), rows[:, STOP].tolist(), rows[:, KIND].tolist()))

    def _block(self, begin: int, stop: int, kind: int) -> str:
        written = self._text[begin:stop]
        text = written.decode()
        if not self._embedded or not (_PLANE_15 in written or _PLANE_16 in written):
            return text
        if kind == PREFORMATTED:
            return self._code(place(text)) if len(text) == 1 else ""
        return _PLACEHOLDER.sub(self._stand_in, text)

    def _stand_in(self, match: re.Match[str]) -> str:
        number = place(match.group())
        kind, start, end, _ = self._embedded[number]
        if kind == QUOTED:
            code = self._quoted[start:end].decode()
            if not code.isascii():  # it may hold formulas
                code = _PLACEHOLDER.sub(self._stand_in, code)
            return self._placeholders.inline(code, "code") if code and not code.isspace() else ""
        if kind == EMBEDDED_CODE:
            return self._code(number)
        before = (
            self._source[max(0, start - _BEFORE) : start] if self._source[start + 1 : start + 4] in _IMAGES else b""
        )
        fragment = _decoded(self._source[start:end])
        self._parsed += not fragment.startswith(_UNPARSED)
        if self._parsed > _MAX_PARSED and not fragment.startswith(_UNPARSED):
            return ""
        tex = read_formula(fragment, self._formulas, _decoded(before))
        return self._placeholders.to_the_letter(tex, "math") if tex else ""

    def source_without(self) -> str:
        """The page's source with placeholders of the placeholders in the place of its code blocks and formulas."""
        pieces: list[str] = []
        at = 0
        for number, (kind, start, end, _) in enumerate(self._embedded):
            if kind == QUOTED or start < at:
                continue
            pieces.append(_PLACEHOLDER.sub("", _decoded(self._source[at:start])))
            sign = _PLACEHOLDER.sub(self._stand_in, placeholder(number))
            fillers = min(_MAX_FILLERS, (end - start) // _BYTES_PER_FILLER) if kind == EMBEDDED_CODE else 0
            pieces.append(f"<p>{sign}{f' {FILLER * 3}' * fillers}</p>" if kind == EMBEDDED_CODE else sign)
            at = end
        return "".join((*pieces, _PLACEHOLDER.sub("", _decoded(self._source[at:].rstrip(b"\0")))))

    def _code(self, number: int) -> str:
        text, is_code = read_code(self._page, self._embedded[number][3], self._formulas)
        return self._placeholders.to_the_letter(text, "code" if is_code else "", is_block=True) if text else ""


_UNPARSED: Final = ("<math data-delimited=", "<script")
_IMAGES: Final = (b"img", b"IMG", b"Img")


def _decoded(source: bytes) -> str:
    text = source.decode("utf-8", "replace")
    return text.replace("\0", "") if "\0" in text else text
