"""What of benchmarks' items stands in documents: seeds, what follows and precedes them, and the best window of each."""

from typing import Any, NamedTuple

import numpy as np

from pipeline.kernels.compiled import compiled, lean
from pipeline.kernels.contamination.grams import (
    GRAM,
    SEED,
    SIZES,
    Index,
    begins_none,
    key_at,
    number_of,
    power_of,
    prefix_sums,
    shift_of,
    shift_of_bits,
)
from pipeline.kernels.contamination.units import Units

Array = np.ndarray[Any, np.dtype[Any]]
NEAR = 50
"""Words before and behind a question within which its answer is looked for."""
NO_ANSWER, ABSENT, PRESENT = range(3)
"""What is known of the answer: the item has none; it does not stand near; it does."""
LEAST, LEAST_SEEDED = 0.1, 0.5
"""Coverage from which a match is remembered: with a whole gram, and without one."""
PLAIN = 3
"""Plain words of an item below which it is found whole or not at all: it is a formula, or a row of figures."""
_SKIP = 6
_SINGLE = 2
_ALL_OF, _MOST_OF = 3, 0.6
_COLUMNS = 6


class Hits(NamedTuple):
    """Matches, ordered by text, and within one by coverage, the highest first.

    Attributes:
        rows: Text of each, int64.
        items: Item, int64.
        coverage: Share of the item's weight that the window holds, float32.
        starts: Where the matched stretch begins in the text, in code points, int64.
        ends: Where it ends, int64.
        answers: `NO_ANSWER`, `ABSENT` or `PRESENT`, int64.
    """

    rows: Array
    items: Array
    coverage: Array
    starts: Array
    ends: Array
    answers: Array


def count_grams(units: Units, index: Index, counts: Array) -> None:
    """Add to the counts of grams 1 for each text that a gram stands in.

    Args:
        units: Of texts.
        index: Items and grams.
        counts: int64, one a gram.
    """
    _count(tuple(units), tuple(index.items), tuple(index.grams), counts, np.full(len(counts), -1, np.int64))


def match_items(units: Units, index: Index, most: int) -> Hits:
    """Return what items stand in texts.

    Args:
        units: Of the texts.
        index: Items and grams.
        most: Matches that are remembered of a text: the best.
    """
    table, coverage = _match(tuple(units), tuple(index.items), tuple(index.grams), most)
    rows, items, starts, ends, answers = (table[:, column] for column in range(5))
    return Hits(rows, items, coverage, starts, ends, answers)


@compiled
def _count(units: Any, items: Any, grams: Any, counts: Any, last: Any) -> None:
    offsets, hashes, _, _, _, singles = units
    keys, sizes, first, places, _, bins, begins = grams
    powers, shift = [power_of(size) for size in SIZES], shift_of(bins)
    begins_shift = shift_of_bits(8 * len(begins))
    for row in range(len(offsets) - 1):
        base, end = offsets[row], offsets[row + 1]
        sums = prefix_sums(hashes, base, end)
        for at in range(end - base - SEED + 1):
            if not singles[base + at] and begins_none(key_at(sums, at, SEED, powers[1]), begins, begins_shift):
                continue
            for which in range(4 if singles[base + at] else 2):
                size = SIZES[which]
                if at + size > end - base:
                    continue
                number = number_of(key_at(sums, at, size, powers[which]), keys, bins, shift)
                if number < 0 or last[number] == row or sizes[number] != size:
                    continue
                if _same(items[1], places[first[number]], hashes, base + at, size):
                    last[number] = row
                    counts[number] += 1


@lean
def _same(left: Any, at: Any, right: Any, other: Any, size: Any) -> Any:
    for step in range(size):  # noqa: SIM110  (compiled)
        if left[at + step] != right[other + step]:
            return False
    return True


@compiled
def _grown(runs: Any) -> Any:
    larger = np.empty((2 * len(runs), runs.shape[1]), runs.dtype)
    larger[: len(runs)] = runs
    return larger


@compiled
def _match(units: Any, items: Any, grams: Any, most: Any) -> Any:
    offsets, hashes, _, _, _, singles = units
    keys, sizes, first, places, is_common, bins, begins = grams
    powers, shift = [power_of(size) for size in SIZES], shift_of(bins)
    begins_shift = shift_of_bits(8 * len(begins))
    done = np.zeros(len(items[0]), np.int64)  # by item, the unit up to which it was followed
    runs = np.empty((1024, 4), np.int64)
    hits, coverage = np.empty((64, _COLUMNS), np.int64), np.empty(64, np.float32)
    count = 0
    for row in range(len(offsets) - 1):
        base, end = offsets[row], offsets[row + 1]
        sums = prefix_sums(hashes, base, end)
        many = 0
        for at in range(end - base - SEED + 1):
            if not singles[base + at] and begins_none(key_at(sums, at, SEED, powers[1]), begins, begins_shift):
                continue
            for which in range(4 if singles[base + at] else 2):
                size = SIZES[which]
                if at + size > end - base:
                    continue
                number = number_of(key_at(sums, at, size, powers[which]), keys, bins, shift)
                if number < 0 or is_common[number] or sizes[number] != size:
                    continue
                for posting in range(first[number], first[number + 1]):
                    position = places[posting]
                    item = items[2][position]
                    if done[item] > base + at or items[8][item] <= 0:
                        continue
                    if not _same(items[1], position, hashes, base + at, size):
                        continue
                    runs, many, reached = _follow(runs, many, item, position, base + at, base, end, units, items)
                    done[item] = reached
        if many == 0:
            continue
        begun = count
        while count + many > len(hits):
            hits = _grown(hits)
            larger = np.empty(len(hits), np.float32)
            larger[: len(coverage)] = coverage
            coverage = larger
        count = _windows(runs[:many], row, base, end, units, items, hits, coverage, count)
        count = _best(hits, coverage, begun, count, most)
    return hits[:count], coverage[:count]


@compiled
def _follow(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    runs: Any, many: Any, item: Any, position: Any, at: Any, base: Any, end: Any, units: Any, items: Any
) -> Any:
    """Add the runs of units that an item and a text share around a seed; return where the last of them ends."""
    for step in (-1, 1):
        i, d = (position, at) if step > 0 else (position - 1, at - 1)
        low, high = items[0][item], items[0][item + 1]
        length = 0
        while low <= i < high and base <= d < end and _is_near(units[4], d, at, items[3][item]):
            if items[1][i] == units[1][d]:
                length += 1
                i, d = i + step, d + step
                continue
            if many + 2 > len(runs):
                runs = _grown(runs)
            many = _add_run(runs, many, item, i, d, length, step)
            length = 0
            skip_i, skip_d = _resume(items[1], units[1], i, d, low, high, base, end, step)
            if skip_i < 0:
                break
            i, d = i + step * skip_i, d + step * skip_d
        if many + 2 > len(runs):
            runs = _grown(runs)
        many = _add_run(runs, many, item, i, d, length, step)
        reached = d
    return runs, many, reached


@lean
def _is_near(paragraphs: Any, at: Any, seed: Any, breaks: Any) -> Any:
    return abs(paragraphs[at] - paragraphs[seed]) <= breaks


@lean
def _add_run(runs: Any, many: Any, item: Any, i: Any, d: Any, length: Any, step: Any) -> Any:
    """Add a run that ends before (i, d), or begins behind it where it was followed backwards."""
    if length == 0:
        return many
    runs[many, 0] = item
    runs[many, 1] = d - length if step > 0 else d + 1
    runs[many, 2] = i - length if step > 0 else i + 1
    runs[many, 3] = length
    return many + 1


@lean
def _resume(  # noqa: PLR0913, PLR0917
    item: Any, text: Any, i: Any, d: Any, low: Any, high: Any, base: Any, end: Any, step: Any
) -> Any:
    """Return how many units of the item and of the text to pass over until both agree again; -1 where they do not."""
    for together in range(1, 2 * _SKIP + 1):
        for turn in range(together + 1):
            # first as many of both, then more of one of them
            skip_i = together // 2 + ((turn + 1) // 2 if turn % 2 else -(turn // 2))
            skip_d = together - skip_i
            if not (0 <= skip_i <= _SKIP and 0 <= skip_d <= _SKIP):
                continue
            at, other = i + step * skip_i, d + step * skip_d
            if not (low <= at < high and base <= other < end) or item[at] != text[other]:
                continue
            if skip_i == skip_d and skip_i <= _SINGLE:
                return skip_i, skip_d
            at, other = at + step, other + step
            if low <= at < high and base <= other < end and item[at] == text[other]:
                return skip_i, skip_d
    return -1, -1


@compiled
def _windows(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    runs: Any, row: Any, base: Any, end: Any, units: Any, items: Any, hits: Any, coverage: Any, count: Any
) -> Any:
    """Add the best window of each item of which there are runs; return how many hits there are then."""
    order = np.argsort(runs[:, 0] * (end + 1) + runs[:, 1], kind="mergesort")
    begin = 0
    while begin < len(order):
        item = runs[order[begin], 0]
        after = begin
        while after < len(order) and runs[order[after], 0] == item:
            after += 1
        share, first, last, longest = _best_window(runs, order[begin:after], units, items)
        begin = after
        if share < (LEAST if longest >= GRAM * items[4][item] else LEAST_SEEDED):
            continue
        hits[count, 0], hits[count, 1] = row, item
        hits[count, 2], hits[count, 3] = units[2][first], units[3][last - 1]
        hits[count, 4] = _answer(item, first, last, base, end, units[1], items)
        coverage[count] = share
        count += 1
    return count


@compiled
def _best_window(runs: Any, order: Any, units: Any, items: Any) -> Any:
    """Return an item's coverage in its best window, where that begins and ends, and its longest run.

    Coverage is the least of three shares of what counts of the item: of its weight, of its units, and of its plain
    words. So neither a few rare words nor many figures and names of variables make a match.
    """
    item = runs[order[0], 0]
    low, size = items[0][item], items[0][item + 1] - items[0][item]
    seen = np.full(size, -1, np.int64)
    best, first, last, longest = 0.0, runs[order[0], 1], runs[order[0], 1] + 1, 0
    for start in range(len(order)):
        origin = runs[order[start], 1]
        weight, count, plain, reached, run = 0.0, 0, 0, origin, 0
        for at in range(start, len(order)):
            _, d, i, length = runs[order[at]]
            if d + length > origin + 2 * size or not _is_near(units[4], d + length - 1, origin, items[3][item]):
                break
            for unit in range(i, i + length):
                if seen[unit - low] != start and items[7][unit] > 0:
                    seen[unit - low] = start
                    weight += items[7][unit]
                    count += 1
                    plain += items[1][unit] & np.uint64(1)
            reached, run = max(reached, d + length), max(run, length)
        share = min(weight / items[8][item], count / items[9][item], plain / max(items[10][item], 1))
        if items[10][item] < PLAIN * items[4][item]:
            share = min(weight / items[8][item], 1.0) if count == items[9][item] else 0.0
        if share > best:
            best, first, last, longest = share, origin, reached, run
    return min(best, 1.0), first, last, longest


@compiled
def _answer(item: Any, first: Any, last: Any, base: Any, end: Any, text: Any, items: Any) -> Any:
    """Tell whether an item's answer stands near a stretch of a text."""
    low, high = items[5][item], items[5][item + 1]
    if low == high:
        return NO_ANSWER
    reach = NEAR * items[4][item]
    for begin, stop in ((max(base, first - reach - (high - low)), first), (last, min(end, last + reach + high - low))):
        if high - low <= _ALL_OF:
            for at in range(begin, stop - (high - low) + 1):
                if _same(items[6], low, text, at, high - low):
                    return PRESENT
            continue
        there = 0
        for unit in range(low, high):
            for at in range(begin, stop):
                if items[6][unit] == text[at]:
                    there += 1
                    break
        if there >= _MOST_OF * (high - low):
            return PRESENT
    return ABSENT


@compiled
def _best(hits: Any, coverage: Any, begun: Any, count: Any, most: Any) -> Any:
    """Order the hits of a text by coverage, and forget all but the best."""
    order = np.argsort(-coverage[begun:count], kind="mergesort")
    candidates = order[:most] + begun
    hits[begun : begun + len(candidates)] = hits[candidates]
    coverage[begun : begun + len(candidates)] = coverage[candidates]
    return begun + len(candidates)
