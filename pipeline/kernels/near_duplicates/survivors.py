"""Which documents stay: in a total order, one is dropped if and only if it is like an earlier one that is kept."""

from typing import Any, NamedTuple

import numpy as np

from pipeline.kernels.compiled import compiled
from pipeline.kernels.text.code_points import mix64

Array = np.ndarray[Any, np.dtype[Any]]


def resolve(later: Array, earlier: Array, similarity: Array, count: int) -> Array:
    """Return the survivor of each document, -1 for those that are kept.

    Args:
        later: For each edge, the document that would be dropped, int64.
        earlier: The document it is like, which comes before it in the order: `earlier < later`.
        similarity: Of the two, float64; the most similar kept document is named, of equals the earliest.
        count: Documents; they are numbered in the order.

    >>> chain = resolve(np.array([1, 2]), np.array([0, 1]), np.array([0.9, 0.9]), 3)
    >>> chain.tolist()  # 2 is only like 1, which is not kept
    [-1, 0, -1]
    """
    order = np.lexsort((earlier, later))
    survivor = np.full(count, -1, np.int64)
    _resolve(later[order], earlier[order], similarity[order], survivor)
    return survivor


@compiled
def _resolve(later: Any, earlier: Any, similarity: Any, survivor: Any) -> None:
    edge = 0
    while edge < len(later):
        document, best, name = later[edge], -1.0, -1
        while edge < len(later) and later[edge] == document:
            if survivor[earlier[edge]] < 0 and similarity[edge] > best:
                best, name = similarity[edge], earlier[edge]
            edge += 1
        survivor[document] = name


class Links(NamedTuple):
    """Pairs of rows to compare first, and the rows of runs that have more pairs than these.

    Attributes:
        later: Positions of rows, int64.
        earlier: The first row of the run of each, int64.
        large: Positions of all rows of runs of three or more, int64.
    """

    later: Array
    earlier: Array
    large: Array


def link_runs(keys: Array, may_go: Array) -> Links:
    """Link each row of a run of equal keys to the first row of its run.

    Args:
        keys: int64; those of a run stand together, in the documents' order.
        may_go: Whether a row may be dropped; rows that may not come first in a run and are not linked.

    >>> links = link_runs(np.array([7, 8, 8, 9, 9, 9]), np.ones(6, bool))
    >>> links.later.tolist(), links.earlier.tolist(), links.large.tolist()
    ([2, 4, 5], [1, 3, 3], [3, 4, 5])
    """
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))[: len(keys)]
    sizes = np.diff(np.append(starts, len(keys)))
    first = np.repeat(starts, sizes)
    later = np.flatnonzero(may_go & (first != np.arange(len(keys))))
    goes = np.add.reduceat(may_go.astype(np.int64), starts) if len(starts) else sizes
    large = np.flatnonzero(np.repeat((sizes > 2) & (goes > 0), sizes))
    return Links(later, first[later], large)


class Found(NamedTuple):
    """What came of comparing rows with those before them.

    Attributes:
        later: Positions in the batch, int64.
        earlier: Rows that they are like, as `compare` was given them, int64 (pairs, columns).
        matches: Equal positions of their signatures, int64.
        compared: How many pairs were compared.
        left_out: How many pairs were not, because their earlier row was no longer held.
        missed: How many of those are alike, as estimated from a sample of the rows that were let go.
    """

    later: Array
    earlier: Array
    matches: Array
    compared: int
    left_out: int
    missed: int


_SAMPLE = 64


class LargeBand:
    """Compares the rows of a run with all rows before them that are like none before them.

    Memory is bounded: of more than `limit` such rows the first half and the latest are held, and a fair sample of those
    that were let go, so that what the bound costs is known.
    """

    def __init__(self, limit: int, columns: int, permutations: int, enough: int) -> None:
        """Start before the first run.

        Args:
            limit: Rows to compare with, two at the least.
            columns: Of a row; the first tells rows apart.
            permutations: Numbers per signature.
            enough: Equal positions that make two signatures alike.
        """
        size = max(2, limit) + _SAMPLE
        self._kept: tuple[Array, Array, Array] = (
            np.empty((size, permutations), np.uint32),
            np.empty((size, columns), np.int64),
            np.array([-1, 0, 0], np.int64),  # key of the run, rows that entered it, rows that were let go
        )
        self._enough = enough

    def compare(self, keys: Array, may_go: Array, rows: Array, signatures: Array) -> Found:
        """Return what a batch's rows are like.

        Args:
            keys: Of the runs, int64, not negative; those of a run stand together, and go on from the batch before.
            may_go: Whether a row may be dropped.
            rows: What each row is known by, int64 (rows, columns).
            signatures: (rows, permutations), uint32.
        """
        room = 1024
        while True:
            kept, kept_rows, state = (array.copy() for array in self._kept)
            later, matches = np.empty(room, np.int64), np.empty(room, np.int64)
            earlier = np.empty((room, rows.shape[1]), np.int64)
            counts = np.zeros(4, np.int64)
            _compare(
                keys, may_go, rows, signatures, self._enough,
                kept, kept_rows, state, later, earlier, matches, counts,
            )  # fmt: skip
            pairs, *tally = (int(count) for count in counts)
            if pairs <= room:
                self._kept = (kept, kept_rows, state)
                return Found(later[:pairs], earlier[:pairs], matches[:pairs], *tally)
            room = pairs


@compiled
def _compare(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    keys: Any,
    may_go: Any,
    rows: Any,
    signatures: Any,
    enough: Any,
    kept: Any,
    kept_rows: Any,
    state: Any,
    later: Any,
    earlier: Any,
    matches: Any,
    counts: Any,
) -> None:
    bound = len(kept) - _SAMPLE  # behind it lies the sample of those that were let go
    for row in range(len(keys)):
        if keys[row] != state[0]:
            state[0], state[1], state[2] = keys[row], 0, 0
        alike = False
        if may_go[row]:
            sampled = min(state[2], _SAMPLE)
            hits = 0
            for number in range(min(state[1], bound) + sampled):
                at = number if number < min(state[1], bound) else number - min(state[1], bound) + bound
                same = _same(signatures[row], kept[at])
                if same >= enough:
                    alike = True
                    hits += at >= bound
                    if counts[0] < len(later):
                        later[counts[0]], earlier[counts[0]], matches[counts[0]] = row, kept_rows[at], same
                    counts[0] += 1
            counts[1] += min(state[1], bound) + sampled
            counts[2] += state[2] - sampled
            if sampled > 0:
                counts[3] += np.int64(hits * (state[2] - sampled) / sampled)
        if not alike:
            _enter(row, rows, signatures, bound, kept, kept_rows, state)


@compiled
def _enter(row: Any, rows: Any, signatures: Any, bound: Any, kept: Any, kept_rows: Any, state: Any) -> None:
    """Hold a row; where there is no slot, instead of one of the second half, which may go on into the sample."""
    slot = state[1]
    if slot >= bound:
        half = bound // 2
        slot = half + (slot - half) % (bound - half)
        chosen = state[2]
        if chosen >= _SAMPLE:
            chosen = np.int64(mix64(np.uint64(kept_rows[slot, 0])) % np.uint64(state[2] + 1))
        if chosen < _SAMPLE:
            kept[bound + chosen] = kept[slot]
            kept_rows[bound + chosen] = kept_rows[slot]
        state[2] += 1
    kept[slot] = signatures[row]
    kept_rows[slot] = rows[row]
    state[1] += 1


@compiled
def _same(left: Any, right: Any) -> Any:
    """Return how many positions are equal: to the end, for a vector of comparisons is faster than a way out of it."""
    same = 0
    for at in range(len(left)):
        same += left[at] == right[at]
    return same
