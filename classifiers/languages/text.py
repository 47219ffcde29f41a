"""What lid.176 is shown of a text, whole or in segments.

The model was trained on sentences of Wikipedia, Tatoeba and SETimes: composed letters (NFC), and few lines in capitals.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from pipeline.kernels.text.composed import nfc

_MANY_CAPITALS = 0.3
"""Share of a text's cased letters from which on its lines are looked at one by one."""
_IN_CAPITALS = 0.5
"""Share of a line's cased letters above which it is shown in lower case."""
_MOST_SEGMENTS = 12
_ENDS = tuple(map(re.compile, (r"\n", r"[.!?;…。！？।։؟۔]+\s*", r"\s")))
"""Where a text is cut: the first of these that there is."""

_LIMIT = 0x20000
# Letters of other shapes, which stand for common ones: full width, mathematical alphabets.
_STYLED = re.compile("[\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7ff]+")
# Soft hyphens, zero-width spaces and joiners of words, byte order marks; not the joiners that Persian and Hindi need.
_INVISIBLE = ("\u00ad", "\u200b", "\u2060", "\ufeff")
# What the UTF-8 of such letters begins with: looked for first, since that is much quicker than a class of code points.
_MAYBE_STYLED = (b"\xef\xbc", b"\xef\xbd", b"\xf0\x9d")

Table = np.ndarray[Any, np.dtype[Any]]


def shown(text: str) -> str:
    r"""Return a text as lid.176 is shown it: composed, on one line, lines in capitals in lower case.

    >>> shown("THE MILL\nBy the River"), shown("Mu\u0308hle, Wasser\u00admühle \U0001d413\U0001d421\U0001d41e")
    ('the mill By the River', 'Mühle, Wassermühle The')
    """
    return on_one_line(mended(text))


def mended(text: str) -> str:
    """Return a text with its letters as lid.176 knows them, its lines as they are."""
    if not text.isascii():
        for sign in _INVISIBLE:
            text = text.replace(sign, "")
        text = nfc(text)
        written = text.encode("utf-8", "replace")
        if any(begins in written for begins in _MAYBE_STYLED):
            text = _STYLED.sub(lambda letters: unicodedata.normalize("NFKC", letters[0]), text)
    if _share_of_capitals(text) > _MANY_CAPITALS:
        text = "\n".join(_in_lower_case(line) for line in text.splitlines())
    return text


def on_one_line(text: str) -> str:
    """Return a text with a space for each run of white space, none at its ends."""
    return " ".join(text.split())


def segments_of(text: str, least: int) -> list[str]:
    r"""Cut a text at ends of lines or of sentences, or, where there are none, at spaces.

    Args:
        text: Any text.
        least: Code points of a segment; the last one may have more. A long text's segments are longer: it has twelve.

    Returns:
        The segments, on one line each; those that hold nothing but white space are left out.

    >>> segments_of("The old mill. The river is high.\nDie alte Mühle steht still.", 20)
    ['The old mill. The river is high.', 'Die alte Mühle steht still.']
    """
    size = max(least, -(-len(text) // _MOST_SEGMENTS))
    ends, start = [0], 0
    while len(text) - start >= 2 * size:
        latest = min(start + 2 * size, len(text) - size)
        end = next((m.end() for mark in _ENDS if (m := mark.search(text, start + size, latest))), start + size)
        ends.append(end)
        start = end
    cut = [on_one_line(text[first:last]) for first, last in pairwise([*ends, len(text)])]
    return [segment for segment in cut if segment]


def _share_of_capitals(text: str) -> float:
    """Return the share of capitals among the letters that have a case."""
    letters = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
    cases = _cases()[np.minimum(letters, _LIMIT - 1)]
    counts = np.bincount(cases, minlength=3)
    return float(counts[2] / max(1, counts[1] + counts[2]))


@lru_cache(maxsize=1)
def _cases() -> Table:
    """Return 0 for code points without a case, 1 for small letters, 2 for capitals, uint8."""
    signs = (chr(point) for point in range(_LIMIT))
    return np.fromiter((2 if sign.isupper() else int(sign.islower()) for sign in signs), np.uint8, _LIMIT)


def _in_lower_case(line: str) -> str:
    """Return a line in lower case where most of its letters are capitals; İ gives one letter, as in Turkish."""
    return line.replace("İ", "i").lower() if _share_of_capitals(line) > _IN_CAPITALS else line
