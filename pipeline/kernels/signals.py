"""Quality and repetition signals of Gopher, C4 and FineWeb, measured in compiled code over Arrow strings.

- A **word** is what `words` says; *word characters* are the code points within words.
- A **line** is the text between new-lines (U+000A), stripped of white space; blank lines do not count. Lines are equal
  if they are so after stripping, case told apart. *Line characters* are its code points but white space.
- A **paragraph** is a maximal run of lines with no blank line between them.
- A **duplicate** is the second or a later occurrence; the first one is not. Numerator and denominator count the same
  kind of characters.
- N-grams run over the words of the whole text. Characters are *covered* by an n-gram if they belong to one of its
  words; what two occurrences share is covered once, so that no share exceeds 1.
- Where a denominator is 0, the share is 0 and a ratio is taken to 1: the signals of an empty text are all 0.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.kernels import words
from pipeline.kernels.words import SPACE, Bytes, Hashes, Ints, Offsets, Tables, compiled
from schemas.signals import SHORT_LINE, SIGNALS

Floats = npt.NDArray[np.float64]
GOPHER_STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")
_HASH, _DOT, _ELLIPSIS, _NEW_LINE = 0x23, 0x2E, 0x2026, 0x0A
_LIGHT_BULLETS = (0x2A, 0x2B, 0x2D, 0x2013)  # * + - –, which are bullets only before white space


@compiled
def _top(keys: Hashes, ends: Offsets, n: int) -> int:
    """Return the characters covered by the most frequent n-gram; 0 if no n-gram occurs twice."""
    number = len(ends) - n
    seats = words.seats_for(number)
    times, covered, until = np.zeros((3, number), dtype=np.int32)
    most = best = 1
    for at in range(number):
        first = words.seat_of(seats, keys, at)
        times[first] += 1
        covered[first] += ends[at + n] - ends[max(at, until[first])]
        until[first] = at + n
        if times[first] > most or (times[first] == most and covered[first] > best):
            most, best = times[first], covered[first]
    return best if most > 1 else 0


@compiled
def _duplicates(keys: Hashes, ends: Offsets, n: int) -> tuple[int, int]:
    """Return how many n-grams occurred before, and the characters which these later occurrences cover."""
    seats = words.seats_for(len(ends) - n)
    repeats = covered = until = 0
    for at in range(len(ends) - n):
        if words.seat_of(seats, keys, at) != at:
            repeats += 1
            covered += ends[at + n] - ends[max(at, until)]
            until = at + n
    return repeats, covered


@compiled
def _ends(lengths: Ints) -> Offsets:
    """Return the sums of the first 0, 1, 2, … lengths."""
    ends = np.zeros(len(lengths) + 1, dtype=np.int64)
    for at in range(len(lengths)):
        ends[at + 1] = ends[at] + lengths[at]
    return ends


@compiled
def _measure_ngrams(hashes: Hashes, lengths: Ints, out: Floats) -> None:
    """Fill the shares of top 2- to 4-grams and of duplicate 5- to 10-grams, nine in all."""
    ends = _ends(lengths)
    grams = hashes.copy()
    for n in range(2, min(len(hashes), 10) + 1):
        for at in range(len(hashes) - n + 1):
            grams[at] = words.chain(grams[at], hashes[at + n - 1])
        covered = _top(grams, ends, n) if n < 5 else _duplicates(grams, ends, n)[1]
        # an n-gram that occurs twice holds shorter ones that do: where there are none, no longer ones follow
        if covered == 0:
            return
        out[n - 2] = covered / ends[-1]


@compiled
def _measure_line(points: Ints, start: int, end: int, classes: Bytes, out: Floats) -> None:
    """Count one line among those with a bullet, an ellipsis, terminal punctuation, or few characters."""
    first, last = points[start], points[end - 1]
    light = first in _LIGHT_BULLETS and start + 1 < end and classes[points[start + 1]] & SPACE != 0
    out[0] += light or classes[first] & words.BULLET != 0
    dots = end - start >= 3 and last == _DOT and points[end - 2] == _DOT and points[end - 3] == _DOT
    out[1] += last == _ELLIPSIS or dots
    out[2] += (classes[last] & words.TERMINAL) != 0
    out[3] += end - start <= SHORT_LINE


@compiled
def _scan_lines(points: Ints, count: int, classes: Bytes, keys: Hashes, chars: Ints, out: Floats) -> tuple[int, int]:
    """Write hash and characters of lines (row 0) and paragraphs (row 1); return the numbers of both."""
    lines = start = 0
    paragraph = -1
    fresh = True
    for at in range(count + 1):
        if at < count and points[at] != _NEW_LINE:
            continue
        low, high = start, at
        start = at + 1
        while low < high and classes[points[low]] & SPACE:
            low += 1
        while low < high and classes[points[high - 1]] & SPACE:
            high -= 1
        if low == high:
            fresh = True
            continue
        paragraph += fresh
        fresh = False
        keys[0, lines] = words.hash_points(points, low, high)
        keys[1, paragraph] = words.chain(keys[1, paragraph], keys[0, lines])
        for place in range(low, high):
            chars[0, lines] += (classes[points[place]] & SPACE) == 0
        chars[1, paragraph] += chars[0, lines]
        _measure_line(points, low, high, classes, out)
        lines += 1
    return lines, paragraph + 1


@compiled
def _measure_lines(points: Ints, count: int, classes: Bytes, out: Floats) -> None:
    """Fill the signals of lines and paragraphs."""
    breaks = (points[:count] == _NEW_LINE).sum()
    keys = np.zeros((2, breaks + 1), dtype=np.uint64)
    chars = np.zeros((2, breaks + 1), dtype=np.int32)
    out[2], out[3] = _scan_lines(points, count, classes, keys, chars, out[7:11])
    out[26] = breaks
    if out[2] == 0:
        return
    out[7:11] /= out[2]
    for row in range(2):
        units = int(out[2 + row])
        ends = _ends(chars[row, :units])
        repeats, covered = _duplicates(keys[row], ends, 1)
        out[13 + row] = repeats / units
        out[15 + row] = covered / ends[units]


@compiled
def _measure_document(points: Ints, count: int, tables: Tables, stops: Hashes, out: Floats) -> None:
    """Fill one row, in the order of `SIGNALS`; the points are folded on the way."""
    _measure_lines(points, count, tables.classes, out)
    dots = 0
    for at in range(count):
        dots = dots + 1 if points[at] == _DOT else 0
        out[5] += points[at] == _HASH
        out[6] += points[at] == _ELLIPSIS or (dots > 0 and dots % 3 == 0)
    hashes = np.empty(count, dtype=np.uint64)
    lengths = np.empty(count, dtype=np.int32)
    found, alphabetic = words.scan_words(points, count, tables, hashes, lengths)
    seen = np.zeros(len(stops), dtype=np.bool_)
    for word in hashes[:found]:
        place = np.searchsorted(stops, word)
        if place < len(stops) and stops[place] == word:
            seen[place] = True
    out[0], out[1], out[12] = count, found, seen.sum()
    out[4], out[11] = lengths[:found].sum(), alphabetic
    for ratio in (4, 5, 6, 11, 26):
        out[ratio] /= max(found, 1)
    _measure_ngrams(hashes[:found], lengths[:found], out[17:26])


@compiled
def _measure_batch(held: Bytes, offsets: Offsets, tables: Tables, points: Ints, stops: Hashes, out: Floats) -> None:
    for row in range(len(offsets) - 1):
        count = words.decode(held, offsets[row], offsets[row + 1], points)
        _measure_document(points, count, tables, stops, out[row])


def measure_signals(
    texts: pa.Array | pa.ChunkedArray, stop_words: Hashes | None = None
) -> dict[str, npt.NDArray[np.int32 | np.float64]]:
    r"""Return the signals of each text, an array for each name in `SIGNALS`; a null counts as an empty text.

    A text's signals depend on that text alone and are finite. Cost: linear in the text.

    Args:
        texts: strings; any Arrow string type.
        stop_words: hashes from `words.hash_words`; None for Gopher's eight English ones.

    >>> found = measure_signals(pa.array(["To be, or not to be.\n\nTo be, or not to be.", None]))
    >>> found["n_words"].tolist(), found["stop_words"].tolist(), found["dup_line_share"].tolist()
    ([12, 0], [2, 0], [0.5, 0.0])
    """
    held, offsets = words.utf8(texts)
    stops = words.hash_words(GOPHER_STOP_WORDS) if stop_words is None else stop_words
    out = np.zeros((len(offsets) - 1, len(SIGNALS)))
    _measure_batch(held, offsets, words.tables(), words.longest(offsets), stops, out)
    return {
        name: out[:, at].astype(np.int32) if signal.counts else out[:, at].copy()
        for at, (name, signal) in enumerate(SIGNALS.items())
    }
