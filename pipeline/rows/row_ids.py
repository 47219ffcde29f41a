"""Where a document's row is: a part and a row of it, in one integer, and what is read from there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.cells.checked_file import read_parquet
from pipeline.cells.part_cells import PartCells
from pipeline.cells.pieces import ROW, Stretch
from pipeline.cells.reader import read_cells
from pipeline.cells.stretch_reader import read_stretch, stretch_rows
from schemas.columns import Column

Array = np.ndarray[Any, np.dtype[Any]]
ROW_BITS = 32
_ROW_MASK = (1 << ROW_BITS) - 1
_BATCH = 4096


def row_ids(part: int, rows: Array) -> Array:
    """Return the ids of some rows of a part, int64: ordered by part, then by row.

    >>> row_ids(2, np.array([7])).tolist() == [(2 << 32) + 7]
    True
    """
    return (np.int64(part) << np.int64(ROW_BITS)) | rows.astype(np.int64)


def part_of(ids: Array) -> Array:
    """Return the number of the part of each row."""
    return ids >> np.int64(ROW_BITS)


def row_of(ids: Array) -> Array:
    """Return the number of each row in its part."""
    return ids & np.int64(_ROW_MASK)


@dataclass(frozen=True)
class MeasuredPart:
    """A part, and what may be read of its rows.

    Attributes:
        cells: Where the cells lie, of the rows that the level was handed.
        columns: What may be read.
        dropped: Of an earlier run: rows that its own de-duplication dropped.
        run: Directory of the earlier run; "" for this one.
        superseded: Of an earlier run: files with the rows of captures that later runs have newer ones of.
    """

    cells: PartCells
    columns: tuple[Column, ...]
    dropped: Stretch | None = None
    run: str = ""
    superseded: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name of the part."""
        return self.cells.part.name

    def named(self, names: Sequence[str]) -> list[Column]:
        """Return the columns of some names."""
        by_name = {column.name: column for column in self.columns}
        return [by_name[name] for name in names]


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

    def as_later_ids(self, ids: Array) -> Array:
        """Return rows of this run as a later run will know them: its parts counted from 0."""
        return ids - (np.int64(self.first_new) << np.int64(ROW_BITS))

    def is_new(self, ids: Array) -> Array:
        """Tell which rows are of this run."""
        return ids >= (np.int64(self.first_new) << np.int64(ROW_BITS))

    def batches(self, part: int, names: Sequence[str]) -> Iterator[tuple[Array, pa.RecordBatch]]:
        """Yield (numbers of the rows, some columns of them) of a part, in order."""
        of_part = self.parts[part]
        for batch in read_cells(of_part.cells, of_part.named(names), size=_BATCH):
            yield batch.column(0).to_numpy(), batch.select(list(names))

    def take(self, part: int, rows: Array, names: Sequence[str]) -> pa.Table:
        """Return some rows of a part; no more than these are held at once.

        Args:
            part: Number of the part.
            rows: Sorted.
            names: Which columns.
        """
        of_part = self.parts[part]
        columns = of_part.named(names)
        batches = list(read_cells(of_part.cells, columns, rows, _BATCH))
        if not batches:
            return pa.table([pa.array([], column.type) for column in columns], names=list(names))
        return pa.Table.from_batches(batches).select(list(names)).combine_chunks()

    def present(self, part: int, rows: Array) -> Array:
        """Tell which rows of a part are still there; all are in this run's parts.

        Args:
            part: Number of the part.
            rows: Which rows.
        """
        there = np.ones(len(rows), bool)
        of_part = self.parts[part]
        if of_part.dropped is not None:
            there &= ~np.isin(rows, stretch_rows(of_part.cells.root, of_part.dropped))
        for path in of_part.superseded:
            there &= ~np.isin(rows, _rows_in(path))
        return there


@lru_cache(maxsize=64)
def _rows_in(path: str) -> Array:
    rows: Array = read_parquet(path, [ROW])[ROW].to_numpy()
    return rows


@dataclass(frozen=True)
class PartRows:
    """Rows that are a part's as a whole, as counts are.

    Attributes:
        root: The run directory.
        stretches: Where they lie.
    """

    root: str
    stretches: tuple[Stretch, ...]

    def batches(self, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Yield some columns of the rows."""
        for stretch in self.stretches:
            yield from read_stretch(self.root, stretch, tuple(names))


def by_part(ids: Array) -> Iterator[tuple[int, slice]]:
    """Yield (part, slice) of sorted rows.

    >>> [(part, cut.stop) for part, cut in by_part(np.array([5, 1 << 32, (1 << 32) + 1]))]
    [(0, 1), (1, 3)]
    """
    parts = part_of(ids)
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
