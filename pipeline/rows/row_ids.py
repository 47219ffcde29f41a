"""Where a document's row is: a part and a row of it, in one integer, and what is read from there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.rows.verdicts import ROW
from pipeline.runs import storage
from schemas.columns import WARC_OFFSET

Array = np.ndarray[Any, np.dtype[Any]]
ROW_BITS = 32
_ROW_MASK = (1 << ROW_BITS) - 1
_BATCH = 4096


def place_of(part: int, rows: Array) -> Array:
    """Return the places of some rows of a part, int64: ordered by part, then by row.

    >>> place_of(2, np.array([7])).tolist() == [(2 << 32) + 7]
    True
    """
    return (np.int64(part) << np.int64(ROW_BITS)) | rows.astype(np.int64)


def part_of(places: Array) -> Array:
    """Return the number of the part of each place."""
    return places >> np.int64(ROW_BITS)


def row_of(places: Array) -> Array:
    """Return the row of each place in its part."""
    return places & np.int64(_ROW_MASK)


@dataclass(frozen=True)
class MeasuredPart:
    """What was measured of a part's rows.

    Attributes:
        name: Name of the part.
        part_id: By which tables know the part's rows.
        files: Files that hold them, a row a document, in the part's order.
        gone: Of an earlier run: side table of the rows that its own de-duplication dropped.
        run: Directory of the earlier run; "" for this one.
        superseded: Of an earlier run: side tables, by `warc_offset`, of captures that later runs have newer ones of.
    """

    name: str
    part_id: int
    files: tuple[str, ...]
    gone: str = ""
    superseded: tuple[str, ...] = ()
    run: str = ""


@dataclass(frozen=True)
class MeasuredParts:
    """The measured rows of earlier runs, then those of this run, by number of part.

    Attributes:
        parts: Earlier runs' parts, then this run's.
        first_new: Number of this run's first part: a document of a lower one came before every document of this run.
    """

    parts: tuple[MeasuredPart, ...]
    first_new: int = 0

    @property
    def new(self) -> range:
        """Numbers of this run's parts."""
        return range(self.first_new, len(self.parts))

    def own(self, places: Array) -> Array:
        """Return places of this run as a later run will know them: its parts counted from 0."""
        return places - (np.int64(self.first_new) << np.int64(ROW_BITS))

    def is_new(self, places: Array) -> Array:
        """Tell which places are of this run."""
        return places >= (np.int64(self.first_new) << np.int64(ROW_BITS))

    def batches(self, part: int, columns: Sequence[str]) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Yield (number of its first row, batch) of a part."""
        start = 0
        for path in self.parts[part].files:
            with storage.open_for_reading(path) as stream:
                parquet = pq.ParquetFile(stream)
                for group in range(parquet.num_row_groups):  # a batch across groups would hold several of them
                    for batch in parquet.iter_batches(batch_size=_BATCH, columns=list(columns), row_groups=[group]):
                        yield start, batch
                        start += batch.num_rows

    def take(self, part: int, rows: Array, columns: Sequence[str]) -> pa.Table:
        """Return some rows of a part, in the order asked for; no more than these are held at once.

        Args:
            part: Number of the part.
            rows: Sorted.
            columns: Which columns.
        """
        pieces = []
        for start, batch in self.batches(part, columns):
            low, high = np.searchsorted(rows, (start, start + batch.num_rows))
            if low < high:
                pieces.append(batch.take(pa.array(rows[low:high] - start)))
            if high == len(rows):
                break
        return pa.Table.from_batches(pieces).combine_chunks()

    def present(self, part: int, rows: Array, offsets: Array) -> Array:
        """Tell which rows of a part are still there; all are in this run's parts.

        Args:
            part: Number of the part.
            rows: Which rows.
            offsets: Their `warc_offset`.
        """
        there = np.ones(len(rows), bool)
        one = self.parts[part]
        if one.gone:
            there &= ~np.isin(rows, _column(one.gone, ROW.name))
        for path in one.superseded:
            there &= ~np.isin(offsets, _column(path, WARC_OFFSET.name))
        return there


@lru_cache(maxsize=64)
def _column(path: str, name: str) -> Array:
    try:
        with storage.open_for_reading(path) as stream:
            found: Array = pq.read_table(stream, columns=[name])[name].to_numpy()
            return found
    except FileNotFoundError:  # the table holds nothing of this part
        return np.empty(0, np.int64)


def by_part(places: Array) -> Iterator[tuple[int, slice]]:
    """Yield (part, slice) of sorted places.

    >>> [(part, cut.stop) for part, cut in by_part(np.array([5, 1 << 32, (1 << 32) + 1]))]
    [(0, 1), (1, 3)]
    """
    parts = part_of(places)
    for cut in runs_of(parts):
        yield int(parts[cut.start]), cut


def runs_of(values: Array) -> Iterator[slice]:
    """Yield the runs of equal values.

    >>> [(run.start, run.stop) for run in runs_of(np.array([4, 4, 7]))], list(runs_of(np.array([])))
    ([(0, 2), (2, 3)], [])
    """
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))[: len(values)].tolist()
    for start, end in zip(starts, [*starts[1:], len(values)][: len(starts)], strict=True):
        yield slice(start, end)
