"""The one reader that puts the newest cells of a part together.

Each stage leaves beside the earlier ones only what it adds, what it changes and whom it drops. The newest file that has
a row of a column speaks for it; the rows of a table are those that `ingest` read, less all that were dropped since.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from pipeline.cells.part_cells import CellSet, PartCells, alive, changed_rows, owners
from pipeline.cells.pieces import ROW
from pipeline.cells.stretch_reader import Rows, StretchReader
from pipeline.errors import ManifestError
from schemas.columns import REQUIRED, Column

BATCH_ROWS = 1024


def read_cells(
    cells: PartCells, columns: Sequence[Column], rows: Rows | None = None, size: int = BATCH_ROWS
) -> Iterator[pa.RecordBatch]:
    """Yield rows of a part in order, ROW first, with some columns; what no stage added takes its default.

    Args:
        cells: The part; asked for at least these columns.
        columns: What to read.
        rows: Ascending; None for all that are left.
        size: Rows of a batch; one ends before that where a row group of a file does.

    Raises:
        ManifestError: A cell is nowhere.
        ContractError: A column without a default is nowhere.
    """
    wanted = alive(cells) if rows is None else rows
    if not len(wanted):
        return
    names = frozenset(column.name for column in columns)
    readers = [_SetReader(cells, cell_set, wanted, names) for cell_set in cells.sets]
    start = 0
    while start < len(wanted):
        last = min([int(wanted[-1]), *(reader.until(start) for reader in readers)])
        stop = min(start + size, int(np.searchsorted(wanted, last, side="right")))
        stop = max(stop, start + 1)
        arrays: dict[str, pa.Array] = {}
        for reader in readers:
            reader.put(start, stop, arrays)
        made = [arrays[c.name].cast(c.type) if c.name in arrays else default_of(c, stop - start) for c in columns]
        yield pa.record_batch([pa.array(wanted[start:stop]), *made], names=[ROW, *(column.name for column in columns)])
        start = stop


def default_of(column: Column, rows: int) -> pa.Array:
    """Return a column's default for some rows.

    Raises:
        ManifestError: It has none.
    """
    if column.default is REQUIRED:
        raise ManifestError(f"no stage has added '{column.name}'")
    if column.default is None:
        return pa.nulls(rows, column.type)
    return pa.array([column.default] * rows, column.type)


class _SetReader:
    """Reads the wanted rows of one set."""

    def __init__(self, cells: PartCells, cell_set: CellSet, wanted: Rows, names: frozenset[str]) -> None:
        self._cells, self._set, self._wanted = cells, cell_set, wanted
        self._adds = tuple(name for name in cell_set.adds if name in names)
        self._changes = tuple(name for name in cell_set.changes if name in names)
        self._owner = owners(cells.root, cell_set, wanted) if len(cell_set.pieces) != 1 or cell_set.is_sparse else None
        if not cell_set.is_sparse and (not cell_set.pieces or (self._owner is not None and (self._owner < 0).any())):
            raise ManifestError(
                f"{cells.part.source}: rows of {', '.join((*cell_set.adds, *cell_set.changes))} are nowhere"
            )
        self._columns = [
            StretchReader(cells.root, piece.columns, self._adds) if self._adds else None for piece in cell_set.pieces
        ]
        changed = (
            changed_rows(cells.root, cell_set, wanted, self._owner) if self._changes else [None] * len(cell_set.pieces)
        )
        self._changed = [
            (rows, StretchReader(cells.root, piece.changes, self._changes))
            for rows, piece in zip(changed, cell_set.pieces, strict=True)
            if rows is not None and piece.changes is not None
        ]

    def until(self, start: int) -> int:
        """Return up to which row a batch that begins with the wanted row number `start` may go."""
        row = int(self._wanted[start])
        ends = [int(self._wanted[-1])]
        for number, reader in enumerate(self._columns):
            if reader is not None and self._owns(number, start):
                ends.append(reader.until(row))
        return min(ends)

    def _owns(self, number: int, start: int) -> bool:
        return self._owner is None or int(self._owner[start]) == number

    def put(self, start: int, stop: int, arrays: dict[str, pa.Array]) -> None:
        """Put the columns of some wanted rows among those of earlier sets."""
        if self._adds:
            arrays.update(self._added(start, stop))
        chunk = self._wanted[start:stop]
        for rows, reader in self._changed:
            low, high = np.searchsorted(rows, (chunk[0], chunk[-1] + 1))
            if low < high:
                new = reader.take(rows[low:high])
                at = np.arange(len(chunk))
                at[np.searchsorted(chunk, rows[low:high])] = len(chunk) + np.arange(high - low)
                for name in self._changes:
                    if name in arrays:
                        both = pa.concat_arrays([arrays[name], new[name].combine_chunks().cast(arrays[name].type)])
                        arrays[name] = both.take(pa.array(at))

    def _added(self, start: int, stop: int) -> dict[str, pa.Array]:
        chunk = self._wanted[start:stop]
        if self._owner is None:
            table = self._columns[0].take(chunk) if self._columns[0] is not None else None
            assert table is not None
            return {name: _joined(table[name]) for name in self._adds}
        owner = self._owner[start:stop]
        at = np.full(len(chunk), -1, np.int64)
        tables: list[pa.Table] = []
        count = 0
        for number, reader in enumerate(self._columns):
            positions = np.flatnonzero(owner == number)
            if len(positions) and reader is not None:
                tables.append(reader.take(chunk[positions]))
                at[positions] = count + np.arange(len(positions))
                count += len(positions)
        if not tables:
            return {name: pa.nulls(len(chunk)) for name in self._adds}
        together = pa.concat_tables(tables)
        index = pa.array(at, mask=at < 0)
        return {name: _joined(together[name]).take(index) for name in self._adds}


def _joined(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
