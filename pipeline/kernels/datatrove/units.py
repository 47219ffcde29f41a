"""Lines and paragraphs as datatrove's filters have them: four kinds, each found and counted in compiled code."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.kernels.compiled import compiled
from pipeline.kernels.datatrove.signs import BREAK, FINAL, SPACE
from pipeline.kernels.text import words
from pipeline.kernels.text.words import Bytes, Hashes, Ints

Floats = npt.NDArray[np.float64]
_NEW_LINE, _RETURN, _DOT, _DASH, _BULLET, _ELLIPSIS = 0x0A, 0x0D, 0x2E, 0x2D, 0x2022, 0x2026


@compiled
def _repeated(keys: Hashes, lengths: Ints) -> tuple[int, int]:
    """Return how many units occurred before, and their characters."""
    slots = words.slots_for(len(keys))
    repeats = chars = 0
    for at in range(len(keys)):
        if words.slot_of(slots, keys, at) != at:
            repeats += 1
            chars += lengths[at]
    return repeats, chars


@compiled
def _units(points: Ints, least: int) -> tuple[Hashes, Ints]:
    """Return hash and length of what lies between runs of at least so many new-lines, empty ends included."""
    count = len(points)
    keys, lengths = np.empty(count + 1, dtype=np.uint64), np.empty(count + 1, dtype=np.int32)
    units = start = at = 0
    while at <= count:
        end = at
        while at < count and points[at] == _NEW_LINE:
            at += 1
        if at - end >= least or end == count:
            keys[units], lengths[units] = words.hash_points(points, start, end), end - start
            units += 1
            start = at
        at += at == end
    return keys[:units], lengths[:units]


@compiled
def measure_repeats(points: Ints, table: Bytes, out: Floats) -> None:
    """Fill four shares: of repeated paragraphs and their characters, of repeated lines and theirs."""
    start, end = 0, len(points)
    while start < end and table[points[start]] & SPACE:
        start += 1
    while start < end and table[points[end - 1]] & SPACE:
        end -= 1
    for low, high, least, at in ((start, end, 2, 0), (0, len(points), 1, 2)):
        keys, lengths = _units(points[low:high], least)
        repeats, chars = _repeated(keys, lengths)
        out[at] = repeats / len(keys)
        out[at + 1] = chars / max(len(points), 1)


@compiled
def measure_line_ends(points: Ints, table: Bytes, out: Floats) -> None:
    """Fill the shares of lines with a bullet and with an ellipsis."""
    lines = start = 0
    count = len(points)
    while start < count:
        end = start
        while end < count and not table[points[end]] & BREAK:
            end += 1
        low, high = start, end
        while low < high and table[points[low]] & SPACE:
            low += 1
        while low < high and table[points[high - 1]] & SPACE:
            high -= 1
        if low < high:
            out[0] += points[low] == _DASH or points[low] == _BULLET
            dots = high - low >= 3 and (points[high - 3 : high] == _DOT).all()
            out[1] += dots or points[high - 1] == _ELLIPSIS
        lines += 1
        start = end + 1
        if start < count and points[end] == _RETURN and points[start] == _NEW_LINE:
            start += 1
    out /= max(lines, 1)


@compiled
def measure_left(points: Ints, number: int, table: Bytes, short: int, out: Floats) -> None:
    """Fill what is measured of the text that C4 leaves, which has so many words."""
    keys, lengths = np.empty(len(points) + 1, dtype=np.uint64), np.empty(len(points) + 1, dtype=np.int32)
    count = start = breaks = punct = shorts = 0
    longest = np.zeros(4, dtype=np.int64)
    for at in range(len(points) + 1):
        if at < len(points) and points[at] != _NEW_LINE:
            continue
        longest[0] = at - start
        longest.sort()
        blank = True
        for point in points[start:at]:
            blank &= table[point] & SPACE != 0
        if not blank:
            keys[count], lengths[count] = words.hash_points(points, start, at), at - start
            punct += table[points[at - 1]] & FINAL != 0
            shorts += at - start <= short
            count += 1
        breaks += at < len(points)
        start = at + 1
    out[0], out[1] = longest[1] if breaks > 1 else 0, count
    out[2], out[4] = punct / max(count, 1), shorts / max(count, 1)
    out[3] = out[2] if punct else 1.0
    out[5] = _repeated(keys[:count], lengths[:count])[1] / max(len(points) - breaks, 1)
    out[6] = breaks / max(number, 1)
