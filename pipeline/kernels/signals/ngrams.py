"""Signals of repetition: top and duplicate n-grams, distinct words and their entropy; compiled."""

import numpy as np

from pipeline.kernels.compiled import compiled
from pipeline.kernels.signals.order import TOP_2GRAM, UNIQUE_WORDS, WORD_ENTROPY, Floats
from pipeline.kernels.text import words
from pipeline.kernels.text.words import Hashes, Ints, Offsets

_LONGEST, _LONGEST_TOP = 10, 4


@compiled
def ends_of(lengths: Ints) -> Offsets:
    """Return the sums of the first 0, 1, 2, … lengths."""
    ends = np.zeros(len(lengths) + 1, dtype=np.int64)
    for at in range(len(lengths)):
        ends[at + 1] = ends[at] + lengths[at]
    return ends


@compiled
def _top(keys: Hashes, ends: Offsets, n: int) -> int:
    """Return the characters covered by the most frequent n-gram; 0 if no n-gram occurs twice."""
    number = len(ends) - n
    slots = words.slots_for(number)
    times, covered, until = np.zeros((3, number), dtype=np.int32)
    most = best = 1
    for at in range(number):
        first = words.slot_of(slots, keys, at)
        times[first] += 1
        covered[first] += ends[at + n] - ends[max(at, until[first])]
        until[first] = at + n
        if times[first] > most or (times[first] == most and covered[first] > best):
            most, best = times[first], covered[first]
    return best if most > 1 else 0


@compiled
def duplicates(keys: Hashes, ends: Offsets, n: int) -> tuple[int, int]:
    """Return how many n-grams occurred before, and the characters which these later occurrences cover."""
    slots = words.slots_for(len(ends) - n)
    repeats = covered = until = 0
    for at in range(len(ends) - n):
        if words.slot_of(slots, keys, at) != at:
            repeats += 1
            covered += ends[at + n] - ends[max(at, until)]
            until = at + n
    return repeats, covered


@compiled
def _measure_distinct(hashes: Hashes, out: Floats) -> None:
    """Fill the share of distinct words and the entropy, rounded: processors differ in the last bits of logarithms."""
    number = len(hashes)
    slots = words.slots_for(number)
    times = np.zeros(number, dtype=np.int32)
    for at in range(number):
        times[words.slot_of(slots, hashes, at)] += 1
    distinct, weighed = 0, 0.0
    for at in range(number):
        distinct += times[at] > 0
        if times[at] > 1:
            weighed += times[at] * np.log(times[at])
    out[UNIQUE_WORDS] = distinct / number
    out[WORD_ENTROPY] = max(0.0, np.round(np.log(number) - weighed / number, 6))


@compiled
def measure_ngrams(hashes: Hashes, lengths: Ints, out: Floats) -> None:
    """Fill the signals of distinct words, and the shares of top 2- to 4-grams and of duplicate 5- to 10-grams."""
    if len(hashes) == 0:
        return
    _measure_distinct(hashes, out)
    ends = ends_of(lengths)
    grams = hashes.copy()
    for n in range(2, min(len(hashes), _LONGEST) + 1):
        for at in range(len(hashes) - n + 1):
            grams[at] = words.chain(grams[at], hashes[at + n - 1])
        covered = _top(grams, ends, n) if n <= _LONGEST_TOP else duplicates(grams, ends, n)[1]
        # an n-gram that occurs twice holds shorter ones that do: where there are none, no longer ones follow
        if covered == 0:
            return
        out[TOP_2GRAM + n - 2] = covered / ends[-1]
