"""What lid.176 is shown of a text, and what a text's script alone tells of its language.

The model was trained on sentences of Wikipedia, Tatoeba and SETimes: composed letters (NFC), and few lines in capitals.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from pipeline.kernels.text.composed import nfc

_MANY_CAPITALS = 0.3
"""Share of a text's cased letters from which on its lines are looked at one by one."""
_IN_CAPITALS = 0.5
"""Share of a line's cased letters above which it is shown in lower case."""
_DECIDES = 0.5
"""Share of a text's letters above which their script decides."""
_KANA = 0.3
"""Share of kana among kana and Han letters from which on both are Japanese, without asking the model."""

_MOST_SEGMENTS = 12
_ENDS = tuple(map(re.compile, (r"\n", r"[.!?;…。！？।։؟۔]+\s*", r"\s")))
"""Where a text is cut: the first of these that there is."""

_LIMIT = 0x20000
_NONE, _LETTER, _HAN = range(3)
_SCRIPTS = (
    (0x0370, 0x03FF, "el"),
    (0x0530, 0x058F, "hy"),
    (0x0780, 0x07BF, "dv"),
    (0x0A00, 0x0A7F, "pa"),
    (0x0A80, 0x0AFF, "gu"),
    (0x0B00, 0x0B7F, "or"),
    (0x0B80, 0x0BFF, "ta"),
    (0x0C00, 0x0C7F, "te"),
    (0x0C80, 0x0CFF, "kn"),
    (0x0D00, 0x0D7F, "ml"),
    (0x0D80, 0x0DFF, "si"),
    (0x0E00, 0x0E7F, "th"),
    (0x0E80, 0x0EFF, "lo"),
    (0x1100, 0x11FF, "ko"),
    (0x1780, 0x17FF, "km"),
    (0x1F00, 0x1FFF, "el"),
    (0x3041, 0x309F, "ja"),
    (0x30A1, 0x30FA, "ja"),
    (0x3130, 0x318F, "ko"),
    (0xAC00, 0xD7AF, "ko"),
    (0xFF66, 0xFF9D, "ja"),
)
"""Blocks of scripts in which the web writes one language (Unicode's Blocks.txt).

Hebrew (Yiddish), Ethiopic (Tigrinya), Georgian (Mingrelian), Myanmar (Shan, Mon) and Tibetan (Dzongkha) are not here.
"""
_LABELS = tuple(dict.fromkeys(label for *_, label in _SCRIPTS))
_CLASSES = _HAN + 1 + len(_LABELS)
_JA = _HAN + 1 + _LABELS.index("ja")
# Letters of other shapes, which stand for common ones: full width, mathematical alphabets.
_STYLED = re.compile("[\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7ff]+")
# Soft hyphens, zero-width spaces and joiners of words, byte order marks; not the joiners that Persian and Hindi need.
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]+")

Table = np.ndarray[Any, np.dtype[Any]]


@lru_cache(maxsize=1)
def _letter_classes() -> Table:
    """Return the class of every code point, uint8: no letter, a letter, Han, or one of `_SCRIPTS`."""
    classes = np.fromiter((_LETTER if chr(point).isalpha() else _NONE for point in range(_LIMIT)), np.uint8, _LIMIT)
    for first, last in ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF)):
        classes[first : last + 1] = _HAN
    for first, last, label in _SCRIPTS:
        classes[first : last + 1] = _HAN + 1 + _LABELS.index(label)
    return classes


def shown(text: str) -> str:
    r"""Return a text as lid.176 is shown it: composed, on one line, lines in capitals in lower case.

    >>> shown("THE MILL\nBy the River"), shown("Mu\u0308hle, Wasser\u00admühle \U0001d413\U0001d421\U0001d41e")
    ('the mill By the River', 'Mühle, Wassermühle The')
    """
    return on_one_line(mended(text))


def mended(text: str) -> str:
    """Return a text with its letters as lid.176 knows them, its lines as they are."""
    if not text.isascii():
        text = nfc(_INVISIBLE.sub("", text))
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


def script_languages(texts: Sequence[str]) -> list[tuple[str, float] | None]:
    """Return the language that most letters' script decides, with their share; None where it decides none.

    >>> script_languages(["Η ΠΑΛΙΑ ΜΥΛΟΠΕΤΡΑ", "古い水車小屋はパンを焼く", "这座古老的磨坊", "The mill"])
    [('el', 1.0), ('ja', 1.0), None, None]
    """
    results: list[tuple[str, float] | None] = []
    for text in texts:
        if text.isascii():
            results.append(None)
            continue
        letters = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
        counts = np.bincount(_letter_classes()[letters[letters < _LIMIT]], minlength=_CLASSES)
        if counts[_JA] > _KANA * (counts[_JA] + counts[_HAN]):
            counts[_JA] += counts[_HAN]
            counts[_HAN] = 0
        best = int(counts[_HAN + 1 :].argmax())
        share = float(counts[_HAN + 1 + best] / max(1, counts[_LETTER:].sum()))
        results.append((_LABELS[best], share) if share > _DECIDES else None)
    return results
