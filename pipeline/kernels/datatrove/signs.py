"""What datatrove's filters know of characters, and what is known of a word: length, kind, and hashes of two kinds."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.kernels.compiled import compiled
from pipeline.kernels.text.code_points import mix64
from pipeline.kernels.text.words import CODE_POINTS, Bytes, Hashes, Ints, Offsets, decode, longest, utf8

SYMBOL, ALPHA, PUNCT, END, SPACE, BREAK, FINAL = (1 << bit for bit in range(7))
# Closing marks of sentences in all scripts, and further signs of which alone no word is made; low-high, hexadecimal.
_TERMINALS = """
21 2E 3F 589 61D-61F 6D4 700-702 7F9 837 839 83D-83E 964-965 104A-104B 1362 1367-1368 166E 1735-1736 17D4-17D6
17D9-17DA 1803 1809 1944-1945 1AA8-1AAB 1B5A-1B5B 1B5E-1B5F 1B7D-1B7E 1C3B-1C3C 1C7E-1C7F 203C-203D 2047-2049 2E2E 2E3C
2E53-2E54 3002 A4FF A60E-A60F A6F3 A6F7 A876-A877 A8CE-A8CF A92F A9C8-A9C9 AA5D-AA5F AAF0-AAF1 ABEB FE52 FE56-FE57 FF01
FF0E FF1F FF61 10A56-10A57 10F55-10F59 10F86-10F89 11047-11048 110BE-110C1 11141-11143 111C5-111C6 111CD 111DE-111DF
11238-11239 1123B-1123C 112A9 1144B-1144C 115C2-115C3 115C9-115D7 11641-11642 1173C-1173E 11944 11946 11A42-11A43
11A9B-11A9C 11C41-11C42 11EF7-11EF8 11F43-11F44 16A6E-16A6F 16AF5 16B37-16B38 16B44 16E98 1BC9F 1DA88"""
_SYMBOLS = """
0-8 B-1F 22-2D 2F 3A-3E 40 5B-60 7B-9F AB B4 BB 2013-2014 2019 201C-201E 2026 2236 2501 25BA 3001 3008-300D 3010-3011
FF05 FF08-FF09 FF0C FF11 FF1A-FF1B FF5E"""
_PRIME = np.uint64((1 << 61) - 1)
_BASE = np.uint64(0x1B873593A5A5C3D7 & ((1 << 61) - 1))
_LOW31, _LOW30 = np.uint64((1 << 31) - 1), np.uint64((1 << 30) - 1)
_30, _31, _61, _ONE, _TWO = (np.uint64(number) for number in (30, 31, 61, 1, 2))


class Vocabulary(NamedTuple):
    """What is known of each word, by its number.

    `sums` are hashes that can be joined: that of two words written together is `joined(sum, power, sum)`.
    """

    keys: Hashes
    sums: Hashes
    powers: Hashes
    lengths: Ints
    flags: Bytes


def points_in(ranges: str) -> list[int]:
    """Return the code points of ranges.

    >>> points_in("21 30-32")
    [33, 48, 49, 50]
    """
    bounds = (part.partition("-") for part in ranges.split())
    return [point for low, _, high in bounds for point in range(int(low, 16), int(high or low, 16) + 1)]


@cache
def classes(finals: tuple[str, ...] | None = None) -> Bytes:
    """Return what every code point is, as flags; built once, in about a second.

    Args:
        finals: signs in which a line of FineWeb may end; None for terminal punctuation.
    """
    if finals is not None:
        table = classes() & np.uint8(~FINAL & 0xFF)
        table[[ord(sign) for sign in finals]] |= FINAL
        return table
    table = np.zeros(CODE_POINTS, dtype=np.uint8)
    for code in range(CODE_POINTS):
        character = chr(code)
        table[code] = ALPHA * character.isalpha() | PUNCT * (unicodedata.category(character)[0] == "P")
        if character.isspace():
            table[code] |= SPACE | BREAK * (len(f"a{character}a".splitlines()) > 1)
    table[points_in(_SYMBOLS)] |= SYMBOL
    table[points_in(_TERMINALS)] |= SYMBOL | FINAL
    sentencizer = import_module("spacy.pipeline").Sentencizer
    table[[ord(sign) for sign in sentencizer.default_punct_chars]] |= END
    table.flags.writeable = False
    return table


@compiled
def times(factor: np.uint64, other: np.uint64) -> np.uint64:
    """Return the product modulo 2^61 - 1."""
    high, low, up, down = factor >> _31, factor & _LOW31, other >> _31, other & _LOW31
    middle = low * up + high * down
    total = high * up * _TWO + (middle >> _30) + ((middle & _LOW30) << _31) + low * down
    total = (total & _PRIME) + (total >> _61)
    return total - _PRIME if total >= _PRIME else total


@compiled
def joined(left: np.uint64, power: np.uint64, right: np.uint64) -> np.uint64:
    """Return the hash of two strings written together; the power is that of the right one."""
    total = times(left, power) + right
    return total - _PRIME if total >= _PRIME else total


@compiled
def _describe(buffer: Bytes, offsets: Offsets, points: Ints, table: Bytes, out: Vocabulary) -> None:
    for row in range(len(offsets) - 1):
        count = decode(buffer, offsets[row], offsets[row + 1], points)
        total, power = np.uint64(0), _ONE
        every = SYMBOL | PUNCT
        letters = 0
        for point in points[:count]:
            total = joined(total, _BASE, np.uint64(point + 1))
            power = times(power, _BASE)
            every &= table[point]
            letters |= table[point]
        ends = table[points[0]] & END if count == 1 else 0
        out.sums[row], out.powers[row], out.keys[row] = total, power, mix64(total)
        out.lengths[row] = count
        out.flags[row] = every | (letters & ALPHA) | ends


def describe(words: Sequence[str]) -> Vocabulary:
    """Return what is to be known of some words.

    >>> describe(["mill", "..."]).lengths.tolist()
    [4, 3]
    """
    buffer, offsets = utf8(pa.array(words, pa.string()))
    size = len(words)
    hashes = np.empty((3, size), np.uint64)
    vocabulary = Vocabulary(hashes[0], hashes[1], hashes[2], np.empty(size, np.int32), np.empty(size, np.uint8))
    _describe(buffer, offsets, longest(offsets), classes(), vocabulary)
    return vocabulary
