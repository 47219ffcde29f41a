"""Where the cells of a part lie, and the one reader that puts the newest of them together.

Each stage leaves beside the earlier ones only what it adds, what it changes and whom it drops. The newest file that has
a row of a column speaks for it; the rows of a table are those that `ingest` read, less all that were dropped since.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.errors import ManifestError
from pipeline.runs.parts import Part, digest
from pipeline.runs.pieces import ROW, Piece, Stretch
from pipeline.runs.stretch_file import Rows, StretchReader, stretch_rows
from schemas.columns import REQUIRED, Column

BATCH_ROWS = 1024


class CellSet(NamedTuple):
    """What a stage left of a part, as far as it is asked for.

    Attributes:
        adds: Names of columns that it added.
        changes: Names of columns of earlier stages that it changed.
        pieces: The oldest first: of two with the same row the newer one speaks.
        is_sparse: Whether rows may be lacking; their cells are null.
    """

    adds: tuple[str, ...]
    changes: tuple[str, ...]
    pieces: tuple[Piece, ...]
    is_sparse: bool = False


@dataclass(frozen=True)
class PartCells:
    """A part of a table: its rows, and where the cells that are asked for lie.

    Attributes:
        root: The run directory.
        part: The part.
        rows: Records that `ingest` read.
        drops: Rows that each stage so far dropped.
        sets: In order of the stages.
    """

    root: str
    part: Part
    rows: int
    drops: tuple[Stretch, ...]
    sets: tuple[CellSet, ...]

    @property
    def state(self) -> str:
        """Hash of the file, of which rows are left, and of all cells that are asked for."""
        return digest(self.part.source, self.rows_key, [_set_key(one) for one in self.sets])

    @property
    def rows_key(self) -> str:
        """Hash of which rows are left."""
        return digest(self.rows, [stretch.digest for stretch in self.drops])


def _set_key(one: CellSet) -> list[object]:
    has_owners = bool(one.adds) or len(one.pieces) > 1  # a newer piece takes rows over, whether it changes them or not
    added = [piece.columns.digest if has_owners else "" for piece in one.pieces]
    changed = [piece.changes.digest if one.changes and piece.changes else "" for piece in one.pieces]
    return [one.adds, one.changes, added, changed]


def alive(cells: PartCells) -> Rows:
    """Return the numbers of the rows that no stage so far dropped."""
    if not cells.drops:
        return np.arange(cells.rows, dtype=np.int64)
    left = np.ones(cells.rows, bool)
    for stretch in cells.drops:
        left[stretch_rows(cells.root, stretch)] = False
    return np.flatnonzero(left)


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
    readers = [_SetReader(cells, one, wanted, names) for one in cells.sets]
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

    def __init__(self, cells: PartCells, one: CellSet, wanted: Rows, names: frozenset[str]) -> None:
        self._cells, self._set, self._wanted = cells, one, wanted
        self._adds = tuple(name for name in one.adds if name in names)
        self._changes = tuple(name for name in one.changes if name in names)
        self._owner = owners(cells.root, one, wanted) if len(one.pieces) != 1 or one.is_sparse else None
        if not one.is_sparse and (not one.pieces or (self._owner is not None and (self._owner < 0).any())):
            raise ManifestError(f"{cells.part.source}: rows of {', '.join((*one.adds, *one.changes))} are nowhere")
        self._columns = [
            StretchReader(cells.root, piece.columns, self._adds) if self._adds else None for piece in one.pieces
        ]
        changed = changed_rows(cells.root, one, wanted, self._owner) if self._changes else [None] * len(one.pieces)
        self._changed = [
            (rows, StretchReader(cells.root, piece.changes, self._changes))
            for rows, piece in zip(changed, one.pieces, strict=True)
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
            mine = np.flatnonzero(owner == number)
            if len(mine) and reader is not None:
                tables.append(reader.take(chunk[mine]))
                at[mine] = count + np.arange(len(mine))
                count += len(mine)
        if not tables:
            return {name: pa.nulls(len(chunk)) for name in self._adds}
        together = pa.concat_tables(tables)
        index = pa.array(at, mask=at < 0)
        return {name: _joined(together[name]).take(index) for name in self._adds}


def _joined(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def owners(root: str, one: CellSet, wanted: Rows) -> Rows:
    """Return for each row the number of the newest piece of a set that has it, -1 where none has."""
    owner = np.full(len(wanted), -1, np.int64)
    for number, piece in enumerate(one.pieces):
        at, hit = _positions(stretch_rows(root, piece.columns), wanted)
        owner[at[hit]] = number
    return owner


def changed_rows(root: str, one: CellSet, wanted: Rows, owner: Rows | None) -> list[Rows | None]:
    """Return for each piece of a set the wanted rows that it speaks for and has changed."""
    changed: list[Rows | None] = []
    for number, piece in enumerate(one.pieces):
        if piece.changes is None or not len(wanted):
            changed.append(None)
            continue
        rows = stretch_rows(root, piece.changes)
        at, hit = _positions(rows, wanted)
        mine = hit if owner is None else hit & (owner[np.minimum(at, len(wanted) - 1)] == number)
        changed.append(rows[mine])
    return changed


def _positions(rows: Rows, wanted: Rows) -> tuple[Rows, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Return for each row its position among the wanted ones, and whether it is among them."""
    if not len(wanted):
        return np.zeros(len(rows), np.int64), np.zeros(len(rows), bool)
    at = np.minimum(np.searchsorted(wanted, rows), len(wanted) - 1)
    return at, wanted[at] == rows


def made_of(cells: PartCells, rows: Rows, recipe: str) -> tuple[Rows, list[str]]:
    """Return what rows are made of: for each row the number of its key, and the keys.

    A key is a hash of the recipe and of the stretches that the row's cells lie in.

    Args:
        cells: The part; asked for what is read, and nothing else.
        rows: Ascending.
        recipe: Hash of what is done to the cells.
    """
    number = np.zeros(len(rows), np.int64)
    made: list[list[object]] = [[]]
    for one in cells.sets:
        options: list[object] = []
        owner = (
            owners(cells.root, one, rows) if len(one.pieces) != 1 or one.is_sparse else np.zeros(len(rows), np.int64)
        )
        has_changed = np.zeros(len(rows), np.int64)
        if one.changes:
            for changed in changed_rows(cells.root, one, rows, owner):
                if changed is not None:
                    has_changed[np.searchsorted(rows, changed)] = 1
        for piece in (None, *one.pieces):
            base = piece.columns.digest if piece is not None and one.adds else None
            options += [[base, None], [base, piece.changes.digest if piece is not None and piece.changes else None]]
        # numbered anew after each set: all the ways in which many sets may be combined are more than an integer counts
        codes = number * len(options) + 2 * (owner + 1) + has_changed
        used, number = np.unique(codes, return_inverse=True)
        made = [[*made[code // len(options)], options[code % len(options)]] for code in used.tolist()]
    of_number = [digest(recipe, [one for one in ways if one != [None, None]]) for ways in made]
    keys = {key: at for at, key in enumerate(dict.fromkeys(of_number))}  # what two pieces left unchanged has one key
    return np.array([keys[key] for key in of_number], np.int64)[number], list(keys)
