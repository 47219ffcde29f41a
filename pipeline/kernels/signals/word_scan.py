"""The words of a text, found once: folded, hashed, and counted by what each of them is."""

from typing import NamedTuple

import numpy as np

from pipeline.kernels.compiled import compiled
from pipeline.kernels.signals import order
from pipeline.kernels.signals.order import Floats
from pipeline.kernels.signals.phrases import widen
from pipeline.kernels.text import words
from pipeline.kernels.text.words import Hashes, Ints, Tables


class Words(NamedTuple):
    """Room for the words of one text: hash, length in code points, and hash of what stands before each."""

    hashes: Hashes
    lengths: Ints
    gaps: Hashes


@compiled
def _scan_word(points: Ints, start: int, end: int, tables: Tables, out: Floats) -> None:
    """Fold a word, and count it among those with a letter, and those that are all capitals."""
    letters = capitals = 0
    for position in range(start, end):
        flags = tables.classes[points[position]]
        letters += flags & words.LETTER != 0
        capitals += flags & words.CAPITAL != 0
        points[position] = tables.folds[points[position]]
    out[order.ALPHA_WORDS] += letters > 0
    out[order.CAPITALS_WORDS] += letters > 1 and capitals == letters
    out[order.MEAN_WORD_LENGTH] += end - start
    out[order.LONGEST_WORD] = max(out[order.LONGEST_WORD], end - start)


@compiled
def find_words(points: Ints, count: int, tables: Tables, room: Words, out: Floats) -> int:
    """Write a text's words and fill what is known of them one by one; return how many there are."""
    number = at = 0
    gap = np.uint64(0)
    while at < count:
        if not tables.classes[points[at]] & words.IN_RUN:
            gap = widen(gap, points[at], tables.classes)
            at += 1
            continue
        end = words.end_of_word(points, at, count, tables.classes)
        _scan_word(points, at, end, tables, out)
        room.hashes[number] = words.hash_points(points, at, end)
        room.lengths[number], room.gaps[number] = end - at, gap
        number, at, gap = number + 1, end, np.uint64(0)
    return number


@compiled
def measure_stop_words(hashes: Hashes, stops: Hashes, out: Floats) -> None:
    """Fill how many words are stop words, of sorted hashes, and how many different ones there are."""
    seen = np.zeros(len(stops), dtype=np.bool_)
    for word in hashes:
        position = np.searchsorted(stops, word)
        if position < len(stops) and stops[position] == word:
            seen[position] = True
            out[order.STOP_WORD_SHARE] += 1
    out[order.STOP_WORDS] = seen.sum()
