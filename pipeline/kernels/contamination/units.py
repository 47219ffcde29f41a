"""Units of texts, as items of benchmarks and documents are compared by: words, or characters of unspaced scripts.

A unit is a maximal run of letters and digits, compatible forms, case and accents put aside (NFKD, case folding, no
combining marks). An apostrophe or a soft hyphen within one is left out of it; all other signs part units and count for
nothing. In scripts without spaces each letter is a unit. The lowest bit of a unit's hash tells a plain word, of three
letters or more and no digit, or such a letter, from figures and names of variables.
"""

import unicodedata
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.kernels.compiled import compiled, lean
from pipeline.kernels.text.code_points import mix64
from pipeline.kernels.text.words import ALONE, CODE_POINTS, DIGIT, IN_RUN, JOINER, decode, longest, tables, utf8

Array = np.ndarray[Any, np.dtype[Any]]
PARTS, LETTER, DIGITS, SINGLE, WITHIN, BREAK, SPACE = range(7)
"""Kinds of code points: parts units; is of a unit, a digit or not; is a unit; is left out within one; ends a line; is
white."""
_SEED, _FACTOR = np.uint64(0x9E3779B97F4A7C15), np.uint64(0x100000001B3)
_PLAIN = 3
"""Letters of a plain word."""


class Folding(NamedTuple):
    """What units are made of.

    Attributes:
        kinds: Kind of each code point, uint8.
        starts: Where the folded form of each begins in `folded`, int32; one more at the end.
        folded: Code points of the folded forms, int32.
    """

    kinds: Array
    starts: Array
    folded: Array


class Units(NamedTuple):
    """Units of texts; those of text `i` are at `offsets[i]` to `offsets[i + 1]`.

    Attributes:
        offsets: int64.
        hashes: Hash of each unit, uint64: 63 bits, and whether it is a plain word.
        starts: Where each begins in its text, in code points, int32.
        ends: Where it ends, int32.
        paragraphs: Blank lines of the text before it, int32.
        singles: Whether it is a letter of an unspaced script, bool.
    """

    offsets: Array
    hashes: Array
    starts: Array
    ends: Array
    paragraphs: Array
    singles: Array


@cache
def folding() -> Folding:
    """Return the tables, built from `unicodedata` on first use (about 0.5 s, 6 MB)."""
    classes = tables().classes
    kinds = np.zeros(CODE_POINTS, np.uint8)
    kinds[(classes & IN_RUN) > 0] = LETTER
    kinds[(classes & DIGIT) > 0] = DIGITS
    kinds[(classes & ALONE) > 0] = SINGLE
    kinds[(classes & JOINER) > 0] = WITHIN
    for code in map(ord, " \t\r\u00a0\u3000"):
        kinds[code] = SPACE
    kinds[ord("\n")] = BREAK
    forms: dict[int, list[int]] = {}
    for code in np.flatnonzero(np.isin(kinds, (LETTER, DIGITS, SINGLE))).tolist():
        sign = chr(code)
        if unicodedata.combining(sign):
            kinds[code] = WITHIN
            continue
        if (form := _folded(sign)) != sign:
            forms[code] = [ord(each) for each in form]
    lengths = np.ones(CODE_POINTS, np.int64)
    for code, points in forms.items():
        lengths[code] = len(points)
    starts = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    folded = np.zeros(starts[-1], np.int32)
    folded[starts[:-1]] = np.arange(CODE_POINTS)
    for code, points in forms.items():
        folded[starts[code] : starts[code + 1]] = points
    return Folding(kinds, starts, folded)


def _folded(sign: str) -> str:
    if "\uac00" <= sign <= "\ud7a3":  # syllables of Hangul stay whole
        return sign
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", sign).casefold())
    return "".join(each for each in plain if not unicodedata.combining(each))


def find_units(texts: pa.Array | pa.ChunkedArray) -> Units:
    """Return the units of texts; a null has none.

    >>> found = find_units(pa.array(["Janet’s ＤＵＣＫＳ", "janets—ducks!", "水车"]))
    >>> found.offsets.tolist(), bool((found.hashes[:2] == found.hashes[2:4]).all()), found.singles.tolist()[-2:]
    ([0, 2, 4, 6], True, [True, True])
    """
    buffer, offsets = utf8(texts)
    most = len(buffer) // 2 + len(offsets)  # two units are parted by a byte, and one without a space has three
    units = Units(
        np.zeros(len(offsets), np.int64),
        np.empty(most, np.uint64),
        np.empty(most, np.int32),
        np.empty(most, np.int32),
        np.empty(most, np.int32),
        np.empty(most, np.bool_),
    )
    _find(buffer, offsets, longest(offsets), tuple(folding()), tuple(units))
    total = int(units.offsets[-1])
    return Units(units.offsets, *(column[:total] for column in units[1:]))


@compiled
def _find(buffer: Any, offsets: Any, points: Any, folding: Any, out: Any) -> None:
    kinds, firsts, folded = folding
    counts, hashes, starts, ends, paragraphs, singles = out
    count = 0
    for row in range(len(offsets) - 1):
        length = decode(buffer, offsets[row], offsets[row + 1], points)
        count = _units_of(points, length, kinds, firsts, folded, hashes, starts, ends, paragraphs, singles, count)
        counts[row + 1] = count


@lean
def _units_of(  # noqa: PLR0913, PLR0917  (one loop over code points, which calls would make slow)
    points: Any,
    length: Any,
    kinds: Any,
    firsts: Any,
    folded: Any,
    hashes: Any,
    starts: Any,
    ends: Any,
    paragraphs: Any,
    singles: Any,
    count: Any,
) -> Any:
    """Write the units of one text behind `count` others; return how many there are then."""
    paragraph, breaks, start = 0, 0, -1
    state, signs, digits = _SEED, 0, 0
    for at in range(length + 1):
        kind = kinds[points[at]] if at < length else PARTS
        if kind in (LETTER, DIGITS):
            if start < 0:
                start, state, signs, digits = at, _SEED, 0, 0
                paragraph += breaks > 1
                breaks = 0
            signs += 1
            digits += kind == DIGITS
            first = firsts[points[at]]
            state = (state ^ np.uint64(folded[first])) * _FACTOR
            for position in range(first + 1, firsts[points[at] + 1]):
                state = (state ^ np.uint64(folded[position])) * _FACTOR
            continue
        if kind == WITHIN and start >= 0:
            continue
        if start >= 0:
            is_plain = np.uint64(signs >= _PLAIN and digits == 0)
            hashes[count] = (mix64(state) & ~np.uint64(1)) | is_plain
            starts[count], ends[count] = start, at
            paragraphs[count] = paragraph
            singles[count] = False
            count += 1
            start = -1
        if kind == BREAK:
            breaks += 1
        elif kind != SPACE:
            paragraph += breaks > 1
            breaks = 0
        if kind == SINGLE:
            state = _SEED
            for position in range(firsts[points[at]], firsts[points[at] + 1]):
                state = (state ^ np.uint64(folded[position])) * _FACTOR
            hashes[count] = mix64(state) | np.uint64(1)
            starts[count], ends[count] = at, at + 1
            paragraphs[count] = paragraph
            singles[count] = True
            count += 1
    return count
