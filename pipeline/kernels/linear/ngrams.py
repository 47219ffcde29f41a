"""N-grams of hashed units, counted and weighed, and sums of weights over them; compiled.

The value of an n-gram in a text is `(1 + ln tf) * idf`, and the values of a text are scaled to length 1 (Salton and
Buckley, 1988). N-grams are known by 32 bits of their hash: with 400,000 of them in a model, one in 10,000 others is
taken for one of them.
"""

from typing import NamedTuple

import numpy as np

from pipeline.kernels.array_types import Counts, Doubles, Floats, Hashes, Int
from pipeline.kernels.compiled import compiled
from pipeline.kernels.linear.units import Units
from pipeline.kernels.text.code_points import mix64

Keys = np.ndarray[tuple[int], np.dtype[np.uint32]]
Weights = np.ndarray[tuple[int, int], np.dtype[np.int8]]

_FACTOR, _HIGH = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)
_EMPTY = np.uint32(0)
"""A slot of a table that nobody has; no n-gram has this key."""


class Grams(NamedTuple):
    """The n-grams of some texts, a sparse matrix by rows; those of text `i` are at `offsets[i]` to `offsets[i + 1]`.

    Attributes:
        offsets: int64 (texts + 1,).
        keys: Distinct in a text and rising, uint32.
        counts: How often each stands in the text, int32.
    """

    offsets: Counts
    keys: Keys
    counts: np.ndarray[tuple[int], np.dtype[np.int32]]


class Table(NamedTuple):
    """Where the weights of an n-gram are: an open-addressed hash table, at most half full.

    Attributes:
        keys: uint32 (slots,), a power of two of them; 0 where nobody sits.
        rows: The n-gram's row in `idf` and `weights`, int32 (slots,).
    """

    keys: Keys
    rows: np.ndarray[tuple[int], np.dtype[np.int32]]


def count_ngrams(units: Units, low: int, high: int, most: int) -> Grams:
    """Return the n-grams of texts.

    Args:
        units: Of the texts.
        low: Units of the shortest n-grams.
        high: Units of the longest ones.
        most: Units of a text that are looked at, from its start.

    >>> import pyarrow as pa
    >>> from pipeline.kernels.linear.units import tokens_of
    >>> grams = count_ngrams(tokens_of(pa.array(["the mill, the mill", ""])), 1, 2, 1000)
    >>> grams.offsets.tolist(), sorted(grams.counts.tolist())
    ([0, 6, 6], [1, 1, 1, 2, 2, 2])
    """
    lengths = np.minimum(np.diff(units.offsets), most)
    room = int(sum(np.maximum(lengths - n + 1, 0).sum() for n in range(low, high + 1)))
    out = Grams(np.zeros(len(units.offsets), np.int64), np.empty(room, np.uint32), np.empty(room, np.int32))
    _count(units.offsets, units.hashes, low, high, most, out)
    size = int(out.offsets[-1])
    return Grams(out.offsets, out.keys[:size], out.counts[:size])


def table_of(keys: Keys) -> Table:
    """Return a table in which the n-gram `keys[i]` has row `i`; the keys are distinct and none is 0."""
    slots = 8
    while slots < 2 * len(keys):
        slots *= 2
    table = Table(np.zeros(slots, np.uint32), np.zeros(slots, np.int32))
    _fill(keys, table)
    return table


def add_scores(
    units: Units,
    ngrams: tuple[int, int, int],
    table: Table,
    idf: Floats,
    weights: Weights,
    out: Doubles,
) -> None:
    """Add to `out`, float64 (texts, labels), the sums of weights over the n-grams of texts.

    Args:
        units: Of the texts.
        ngrams: `low`, `high` and `most`, as `count_ngrams` has them.
        table: Rows of n-grams.
        idf: What an n-gram's count is multiplied by, float32 (n-grams,).
        weights: int8 (n-grams, labels).
        out: Where the sums are added.
    """
    low, high, most = ngrams
    _score(units.offsets, units.hashes, low, high, most, table, idf, weights, out)


@compiled
def _keys_of(hashes: Hashes, low: Int, high: Int) -> Keys:
    """The keys of a text's n-grams, rising, as often as they stand in it."""
    size = len(hashes)
    room = 0
    for n in range(low, high + 1):
        room += max(size - n + 1, 0)
    keys = np.empty(room, np.uint32)
    at = 0
    for start in range(size):
        state = np.uint64(0)
        for n in range(1, min(high, size - start) + 1):
            state = mix64(state * _FACTOR + hashes[start + n - 1])
            if n >= low:
                keys[at] = max(np.uint32(state >> _HIGH), np.uint32(1))
                at += 1
    keys.sort()
    return keys


@compiled
def _count(offsets: Counts, hashes: Hashes, low: Int, high: Int, most: Int, out: Grams) -> None:
    size = 0
    for text in range(len(offsets) - 1):
        start = offsets[text]
        keys = _keys_of(hashes[start : min(offsets[text + 1], start + most)], low, high)
        for k in range(len(keys)):
            if k and keys[k] == keys[k - 1]:
                out.counts[size - 1] += 1
            else:
                out.keys[size], out.counts[size] = keys[k], 1
                size += 1
        out.offsets[text + 1] = size


@compiled
def _seat(keys: Keys, key: np.uint32) -> Int:
    """Where a key sits in a table, or would sit."""
    mask = len(keys) - 1
    slot = np.int64(key) & mask
    while keys[slot] != _EMPTY and keys[slot] != key:
        slot = (slot + 1) & mask
    return slot


@compiled
def _fill(keys: Keys, table: Table) -> None:
    for row in range(len(keys)):
        slot = _seat(table.keys, keys[row])
        table.keys[slot], table.rows[slot] = keys[row], row


@compiled
def _score(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    offsets: Counts,
    hashes: Hashes,
    low: Int,
    high: Int,
    most: Int,
    table: Table,
    idf: Floats,
    weights: Weights,
    out: Doubles,
) -> None:
    sums = np.empty(weights.shape[1], np.float64)
    for text in range(len(offsets) - 1):
        start = offsets[text]
        keys = _keys_of(hashes[start : min(offsets[text + 1], start + most)], low, high)
        sums[:] = 0
        squares, k = 0.0, 0
        while k < len(keys):
            first = k
            while k < len(keys) and keys[k] == keys[first]:
                k += 1
            slot = _seat(table.keys, keys[first])
            if table.keys[slot] == _EMPTY:
                continue
            row = table.rows[slot]
            value = (1 + np.log(k - first)) * idf[row]
            squares += value * value
            for label in range(len(sums)):
                sums[label] += value * weights[row, label]
        if squares > 0:
            length = np.sqrt(squares)
            for label in range(len(sums)):
                out[text, label] += sums[label] / length
