"""Stretches read back: row group by row group, those of small parts out of a group that is decoded once."""

import ctypes
from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.cells.checked_file import open_parquet
from pipeline.cells.pieces import ROW, Stretch
from pipeline.errors import ManifestError
from pipeline.stores import storage

Rows = np.ndarray[Any, np.dtype[np.int64]]
_KEPT_BYTES = 64 << 20
"""Bytes of decoded row groups that a process keeps, for parts that share them."""


class _Groups:
    """Decoded row groups that several parts share, the last ones that were asked for."""

    def __init__(self) -> None:
        self._tables: OrderedDict[tuple[str, int, tuple[str, ...]], pa.Table] = OrderedDict()
        self._bytes = 0

    def clear(self) -> None:
        self._tables.clear()
        self._bytes = 0

    def read(self, path: str, group: int, columns: tuple[str, ...]) -> pa.Table:
        key = (path, group, columns)
        if key in self._tables:
            self._tables.move_to_end(key)
            return self._tables[key]
        table = _decoded(path, group, columns)
        self._tables[key] = table
        self._bytes += table.nbytes
        while self._bytes > _KEPT_BYTES and len(self._tables) > 1:
            self._bytes -= self._tables.popitem(last=False)[1].nbytes
        return table


_SHARED = _Groups()


def forget() -> None:
    """Let go of files and row groups, and of freed memory: a worker that waits keeps nothing of its last task."""
    _SHARED.clear()
    _opened.cache_clear()
    pa.default_memory_pool().release_unused()
    _malloc_trim()(0)


@cache
def _malloc_trim() -> Callable[[int], object]:
    """Return glibc's function that gives freed memory back; with other C libraries one that does nothing."""
    try:
        trim = ctypes.CDLL(None).malloc_trim
        trim.argtypes = (ctypes.c_size_t,)
    except (AttributeError, OSError, TypeError):  # macOS, musl, Windows
        return lambda _: None
    return trim


@lru_cache(maxsize=64)
def _opened(path: str) -> tuple[pq.ParquetFile, Rows]:
    """Return a file and the numbers of the first rows of its groups, with that of the row behind the last one."""
    file = open_parquet(path)
    sizes = [file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups)]
    return file, np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)


def _decoded(path: str, group: int, columns: tuple[str, ...]) -> pa.Table:
    return _opened(path)[0].read_row_group(group, columns=list(columns), use_threads=False).combine_chunks()


class StretchReader:
    """Reads rows of a stretch in ascending order; holds one row group at a time."""

    def __init__(self, root: str, stretch: Stretch, columns: tuple[str, ...]) -> None:
        """Start before the first row.

        Args:
            root: The run directory.
            stretch: What to read.
            columns: Their names; ROW is read with them.
        """
        self._path = storage.join(root, stretch.file)
        self._stretch = stretch
        self._columns = (ROW, *columns)
        _, starts = _opened(self._path)
        self._starts = starts
        self._group = int(np.searchsorted(starts, stretch.first, side="right")) - 2
        self._rows: Rows = np.empty(0, np.int64)
        self._table: pa.Table | None = None

    def _advance(self) -> None:
        self._group += 1
        if self._starts[self._group] >= self._stretch.first + self._stretch.rows:
            raise ManifestError(f"{self._path}: rows of a part are lacking")
        first, behind = int(self._starts[self._group]), int(self._starts[self._group + 1])
        low = max(first, self._stretch.first)
        high = min(behind, self._stretch.first + self._stretch.rows)
        is_whole = low == first and high == behind
        table = (_decoded if is_whole else _SHARED.read)(self._path, self._group, self._columns)
        self._table = table if is_whole else table.slice(low - first, high - low)
        self._rows = self._table[ROW].to_numpy()

    def until(self, row: int) -> int:
        """Return the number of the last row that lies in the same row group as a row, or behind it.

        Raises:
            ManifestError: The stretch has neither.
        """
        while not len(self._rows) or self._rows[-1] < row:
            self._advance()
        return int(self._rows[-1])

    def take(self, rows: Rows) -> pa.Table:
        """Return rows of the stretch without ROW; all of them lie in it, behind those asked for before.

        Raises:
            ManifestError: It has not all of them.
        """
        pieces = []
        start = 0
        while start < len(rows):
            self.until(int(rows[start]))
            stop = int(np.searchsorted(rows, self._rows[-1], side="right"))
            at = np.searchsorted(self._rows, rows[start:stop])
            if not np.array_equal(self._rows[at], rows[start:stop]):
                raise ManifestError(f"{self._path}: rows of a part are lacking")
            assert self._table is not None
            pieces.append(_chosen(self._table, at))
            start = stop
        table = pieces[0] if len(pieces) == 1 else pa.concat_tables(pieces).combine_chunks()
        return table.drop_columns([ROW])


def _chosen(table: pa.Table, at: Any) -> pa.Table:
    """Return the rows at some positions, without a copy where these follow one another."""
    if len(at) and at[-1] - at[0] + 1 == len(at):
        return table.slice(int(at[0]), len(at))
    return table.take(pa.array(at))


def stretch_rows(root: str, stretch: Stretch) -> Rows:
    """Return the numbers of all rows of a stretch."""
    rows: Rows = stretch_column(root, stretch, ROW)
    return rows


def stretch_column(root: str, stretch: Stretch, name: str) -> Any:
    """Return one column of numbers of a stretch, whole."""
    pieces = [batch.column(0).to_numpy() for batch in read_stretch(root, stretch, (name,))]
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


def read_stretch(root: str, stretch: Stretch, columns: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a stretch, row group by row group."""
    path = storage.join(root, stretch.file)
    _, starts = _opened(path)
    behind = stretch.first + stretch.rows
    for group in range(int(np.searchsorted(starts, stretch.first, side="right")) - 1, len(starts) - 1):
        first = int(starts[group])
        if first >= behind:
            return
        low, high = max(first, stretch.first), min(int(starts[group + 1]), behind)
        is_whole = low == first and high == int(starts[group + 1])
        table = (_decoded if is_whole else _SHARED.read)(path, group, columns)
        yield from table.slice(low - first, high - low).to_batches()
