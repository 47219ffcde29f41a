"""Tables over Unicode code points for compiled kernels: word characters, unspaced scripts, line normalisation.

Each is built once a process from `unicodedata`, for the planes that hold living scripts (to U+1FFFF); beyond them a
code point is no word character and stands for itself.
"""

import unicodedata
from functools import lru_cache
from typing import Any

import numpy as np

from pipeline.kernels.compiled import compiled

LIMIT = 0x20000
SEPARATOR, WORD, UNSPACED = 0, 1, 2
"""Classes of a code point: between words, inside a word, or a word by itself."""

_UNSPACED_BLOCKS = (
    (0x0E00, 0x0E7F),  # Thai
    (0x0E80, 0x0EFF),  # Lao
    (0x0F00, 0x0FFF),  # Tibetan
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),  # Katakana extensions
    (0x3400, 0x4DBF),  # Han, extension A
    (0x4E00, 0x9FFF),  # Han
    (0xF900, 0xFAFF),  # Han, compatibility
)

Table = np.ndarray[Any, np.dtype[Any]]


@lru_cache(maxsize=1)
def word_classes() -> Table:
    r"""Return the class of every code point, uint8: what `\w` matches is WORD, or UNSPACED in scripts without spaces.

    >>> table = word_classes()
    >>> [int(table[ord(c)]) for c in "a_ 中-"]
    [1, 1, 0, 2, 0]
    """
    classes = np.fromiter(
        (WORD if (c := chr(point)).isalnum() or c == "_" else SEPARATOR for point in range(LIMIT)), np.uint8, LIMIT
    )
    for first, last in _UNSPACED_BLOCKS:
        block = classes[first : last + 1]
        block[block == WORD] = UNSPACED
    return classes


@lru_cache(maxsize=1)
def lower_cased() -> Table:
    """Return the lower case of every code point, int32 (the first of several where it has several).

    >>> chr(lower_cased()[ord("É")])
    'é'
    """
    return np.fromiter((ord(chr(point).lower()[0]) for point in range(LIMIT)), np.int32, LIMIT)


@lru_cache(maxsize=1)
def line_normal() -> Table:
    """Return what stands for every code point in a normalised line, int32; 0 where nothing does.

    As in cc_net: lower case, accents off, digits become 0, punctuation, symbols and control characters go; white
    space becomes a space.

    >>> table = line_normal()
    >>> "".join(chr(table[ord(c)]) for c in "Été 2026!" if table[ord(c)])
    'ete 0000'
    """
    table = np.zeros(LIMIT, np.int32)
    for point in range(LIMIT):
        table[point] = _normal_of(chr(point))
    return table


def _normal_of(character: str) -> int:
    if character.isspace():
        return 32
    category = unicodedata.category(character)
    if category[0] == "N" and character.isdigit():
        return ord("0")
    if category[0] not in "LN":
        return 0
    if _is_hangul(character):  # a syllable falls into letters, not into a letter and its accents
        return ord(character)
    return ord(unicodedata.normalize("NFD", character)[0].lower()[0])


def _is_hangul(character: str) -> bool:
    return 0xAC00 <= ord(character) <= 0xD7A3


@compiled
def mix64(value: np.uint64) -> np.uint64:
    """Return a 64-bit finaliser's answer (splitmix64): every input bit reaches every output bit."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
