"""Texts as sequences of hashed units, of which n-grams are made; compiled.

Two kinds of units:

* **tokens**: words, numbers (by how many digits they have), signs one by one, and beginnings of lines with how far they
  are indented. So `x += 1;` differs from prose, and one model tells code, formulas, lists and running text apart.
* **characters**: case-folded code points, each digit as 0; for addresses, where words run together.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.kernels.array_types import Bool, Bytes, Counts, Hashes, Int, Row
from pipeline.kernels.compiled import compiled
from pipeline.kernels.text.code_points import mix64
from pipeline.kernels.text.words import (
    DIGIT,
    IN_RUN,
    SPACE,
    Classes,
    Tables,
    decode,
    hash_points,
    longest,
    tables,
    utf8,
)

_NEW_LINE, _BLANK, _TAB, _UNDERSCORE, _ZERO, _NINE = 0x0A, 0x20, 0x09, 0x5F, 0x30, 0x39
_DEEPEST, _STEP, _TAB_WIDTH = 16, 2, 4
"""Columns of an indentation that are told apart, in steps of two; a tab is four."""
_MOST_DIGITS = 4
# Where the hashes of units that are no words begin; words have hashes of their own.
_INDENTS, _NUMBERS, _SIGNS = np.uint64(1 << 40), np.uint64(1 << 41), np.uint64(1 << 42)


class Units(NamedTuple):
    """The units of some texts; those of text `i` are at `offsets[i]` to `offsets[i + 1]`.

    Attributes:
        offsets: int64 (texts + 1,).
        hashes: uint64 (units,).
    """

    offsets: Counts
    hashes: Hashes


def tokens_of(texts: pa.Array | pa.ChunkedArray) -> Units:
    r"""Return words, numbers, signs and beginnings of lines.

    >>> units = tokens_of(pa.array(["if (x1 > 20)\n    y", "If", None]))
    >>> units.offsets.tolist(), bool(units.hashes[0] == units.hashes[8])
    ([0, 8, 9, 9], True)
    """
    data, offsets = utf8(texts)
    out = Units(np.zeros(len(offsets), np.int64), np.empty(len(data), np.uint64))
    _scan_tokens(data, offsets, tables(), longest(offsets), out)
    return Units(out.offsets, out.hashes[: out.offsets[-1]])


def characters_of(texts: pa.Array | pa.ChunkedArray) -> Units:
    """Return case-folded code points.

    >>> units = characters_of(pa.array(["Ab-12"]))
    >>> "".join(map(chr, units.hashes.tolist()))
    'ab-00'
    """
    data, offsets = utf8(texts)
    out = Units(np.zeros(len(offsets), np.int64), np.empty(len(data), np.uint64))
    _scan_characters(data, offsets, tables(), longest(offsets), out)
    return Units(out.offsets, out.hashes[: out.offsets[-1]])


@compiled
def _scan_tokens(data: Bytes, offsets: Counts, unicode: Tables, points: Row, out: Units) -> None:
    for text in range(len(offsets) - 1):
        count = decode(data, offsets[text], offsets[text + 1], points)
        total, at = out.offsets[text], 0
        while at < count:
            start, flags = at, unicode.classes[points[at]]
            if points[at] == _NEW_LINE:
                at, is_blank = _end_of_indent(points, at + 1, count)
                if not is_blank:
                    out.hashes[total] = mix64(_INDENTS + np.uint64(_columns(points, start + 1, at) // _STEP))
                    total += 1
                continue
            at += 1
            if flags & IN_RUN or points[start] == _UNDERSCORE:
                at = _end_of_name(points, at, count, unicode.classes)
                out.hashes[total] = _name(points, start, at, unicode)
            elif flags & SPACE:
                continue
            else:
                out.hashes[total] = mix64(_SIGNS + np.uint64(points[start]))
            total += 1
        out.offsets[text + 1] = total


@compiled
def _end_of_indent(points: Row, start: Int, count: Int) -> tuple[Int, Bool]:
    """Return where the indentation of a line ends, and whether nothing stands behind it."""
    at = start
    while at < count and (points[at] == _BLANK or points[at] == _TAB):
        at += 1
    return at, at == count or points[at] == _NEW_LINE


@compiled
def _columns(points: Row, start: Int, end: Int) -> Int:
    columns = 0
    for at in range(start, end):
        columns += _TAB_WIDTH if points[at] == _TAB else 1
    return min(columns, _DEEPEST)


@compiled
def _end_of_name(points: Row, start: Int, count: Int, classes: Classes) -> Int:
    at = start
    while at < count and (classes[points[at]] & IN_RUN or points[at] == _UNDERSCORE):
        at += 1
    return at


@compiled
def _name(points: Row, start: Int, end: Int, unicode: Tables) -> np.uint64:
    """Return the hash of a word, whatever its case, or of a number by its digits."""
    is_number = True
    for at in range(start, end):
        is_number &= unicode.classes[points[at]] & DIGIT != 0
        points[at] = unicode.folds[points[at]]
    if is_number:
        return mix64(_NUMBERS + np.uint64(min(end - start, _MOST_DIGITS)))
    return hash_points(points, start, end)


@compiled
def _scan_characters(data: Bytes, offsets: Counts, unicode: Tables, points: Row, out: Units) -> None:
    for text in range(len(offsets) - 1):
        count = decode(data, offsets[text], offsets[text + 1], points)
        first = out.offsets[text]
        for at in range(count):
            point = unicode.folds[points[at]]
            out.hashes[first + at] = np.uint64(_ZERO if _ZERO <= point <= _NINE else point)
        out.offsets[text + 1] = first + count
