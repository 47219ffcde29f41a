"""Signals of lines and paragraphs; compiled."""

import numpy as np

from pipeline.kernels.compiled import compiled
from pipeline.kernels.signals.ngrams import duplicates, ends_of
from pipeline.kernels.signals.order import (
    BULLET_LINES,
    DUP_LINE_CHARS,
    DUP_LINES,
    ELLIPSIS_LINES,
    FEW_WORD_LINES,
    LETTERLESS_LINES,
    LINE_LENGTH,
    N_LINES,
    N_PARAGRAPHS,
    NEWLINES,
    PUNCT_LINES,
    SHORT_LINES,
    Floats,
)
from pipeline.kernels.text import words
from pipeline.kernels.text.words import SPACE, Classes, Hashes, Ints
from schemas.signals import FEW_WORDS, SHORT_LINE

NEW_LINE, DOT, ELLIPSIS = 0x0A, 0x2E, 0x2026
_LIGHT_BULLETS = (0x2A, 0x2B, 0x2D, 0x2013)  # * + - –, which are bullets only before white space
_PER_LINE = (LINE_LENGTH, BULLET_LINES, ELLIPSIS_LINES, PUNCT_LINES, SHORT_LINES, FEW_WORD_LINES, LETTERLESS_LINES)


@compiled
def _measure_words(points: Ints, start: int, end: int, classes: Classes, out: Floats) -> None:
    """Count one line among those of few words and those without a letter; only its first words are looked at."""
    count = letters = 0
    at = start
    while at < end and (count < FEW_WORDS or letters == 0):
        flags = classes[points[at]]
        letters |= flags & words.LETTER
        if count < FEW_WORDS and flags & words.IN_RUN:
            stop = words.end_of_word(points, at, end, classes)
            for position in range(at, stop):
                letters |= classes[points[position]] & words.LETTER
            count += 1
            at = stop
        else:
            at += 1
    out[FEW_WORD_LINES] += count < FEW_WORDS
    out[LETTERLESS_LINES] += letters == 0


@compiled
def _measure_line(points: Ints, start: int, end: int, classes: Classes, out: Floats) -> None:
    """Count one line among those with a bullet, an ellipsis, terminal punctuation, or few characters."""
    first, last = points[start], points[end - 1]
    light = first in _LIGHT_BULLETS and start + 1 < end and classes[points[start + 1]] & SPACE != 0
    out[BULLET_LINES] += light or classes[first] & words.BULLET != 0
    dots = end - start >= 3 and last == DOT and points[end - 2] == DOT and points[end - 3] == DOT
    out[ELLIPSIS_LINES] += last == ELLIPSIS or dots
    out[PUNCT_LINES] += (classes[last] & words.TERMINAL) != 0
    out[SHORT_LINES] += end - start <= SHORT_LINE
    out[LINE_LENGTH] += end - start
    _measure_words(points, start, end, classes, out)


@compiled
def _scan(points: Ints, count: int, classes: Classes, keys: Hashes, chars: Ints, out: Floats) -> tuple[int, int]:
    """Write hash and characters of lines (row 0) and paragraphs (row 1); return the numbers of both."""
    lines = start = 0
    paragraph = -1
    fresh = True
    for at in range(count + 1):
        if at < count and points[at] != NEW_LINE:
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
        for position in range(low, high):
            chars[0, lines] += (classes[points[position]] & SPACE) == 0
        chars[1, paragraph] += chars[0, lines]
        _measure_line(points, low, high, classes, out)
        lines += 1
    return lines, paragraph + 1


@compiled
def measure_lines(points: Ints, count: int, classes: Classes, out: Floats) -> None:
    """Fill the signals of lines and paragraphs; what is per word is filled as a number."""
    breaks = (points[:count] == NEW_LINE).sum()
    keys = np.zeros((2, breaks + 1), dtype=np.uint64)
    chars = np.zeros((2, breaks + 1), dtype=np.int32)
    out[N_LINES], out[N_PARAGRAPHS] = _scan(points, count, classes, keys, chars, out)
    out[NEWLINES] = breaks
    if out[N_LINES] == 0:
        return
    for column in _PER_LINE:
        out[column] /= out[N_LINES]
    for row in range(2):
        units = int(out[N_LINES + row])
        ends = ends_of(chars[row, :units])
        repeats, covered = duplicates(keys[row], ends, 1)
        out[DUP_LINES + row] = repeats / units
        out[DUP_LINE_CHARS + row] = covered / ends[units]
