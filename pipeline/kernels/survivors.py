"""Which documents stay: in a total order, one is dropped if and only if it is like an earlier one that is kept."""

from typing import Any

import numpy as np

from pipeline.kernels.words import compiled

Array = np.ndarray[Any, np.dtype[Any]]


def resolve(later: Array, earlier: Array, similarity: Array, count: int) -> Array:
    """Return the survivor of each document, -1 for those that are kept.

    Args:
        later: For each edge, the document that would give way, int64.
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


class RunLinker:
    """Links each row of a sorted run of equal keys to a few rows before it, with memory for one batch.

    Rows come sorted by key, then by the documents' order. Each is linked to the first rows of its run and to the row
    just before it, so that a group of copies is found whole and a bucket of a million needs no million rows at once.
    """

    def __init__(self, representatives: int) -> None:
        """Start before the first run.

        Args:
            representatives: How many first rows of a run every later row is linked to.
        """
        self._keep = representatives
        self._key: int | None = None
        self._firsts: list[Any] = []
        self._last: Any = None
        self._length = 0

    def link(self, keys: Array, rows: Array) -> tuple[Array, Array]:
        """Return (later, earlier) rows of the links that a batch adds.

        Args:
            keys: int64, sorted; runs may go on from the batch before.
            rows: A structured or object array of row identities beside the keys.
        """
        starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
        ends = np.concatenate((starts[1:], [len(keys)]))
        later: list[Array] = []
        earlier: list[Array] = []
        single = (ends - starts == 1) & (np.arange(len(starts)) > 0) & (np.arange(len(starts)) < len(starts) - 1)
        for start, end in zip(starts[~single], ends[~single], strict=True):
            self._link_run(int(keys[start]), rows[start:end], later, earlier)
        if not later:
            return rows[:0], rows[:0]
        return np.concatenate(later), np.concatenate(earlier)

    def _link_run(self, key: int, run: Array, later: list[Array], earlier: list[Array]) -> None:
        if key != self._key:
            self._key, self._firsts, self._last, self._length = key, [], None, 0
        firsts = np.concatenate([*self._firsts, run[: max(0, self._keep - self._length)]])
        for position in range(len(firsts)):
            begin = max(0, position + 1 - self._length)
            later.append(run[begin:])
            earlier.append(np.repeat(firsts[position : position + 1], len(run[begin:])))
        before = run[:-1] if self._last is None else np.concatenate([self._last, run[:-1]])
        after = run[1:] if self._last is None else run
        begin = max(0, self._keep + 1 - self._length - (0 if self._last is not None else 1))
        later.append(after[begin:])
        earlier.append(before[begin:])
        self._firsts = [firsts]
        self._last = run[-1:]
        self._length += len(run)
