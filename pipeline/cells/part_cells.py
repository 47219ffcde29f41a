"""A part of a table: its rows, where the cells that are asked for lie, and what each row's cells were made of."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pipeline.cells.parts import Part, digest
from pipeline.cells.pieces import Piece, Stretch
from pipeline.cells.stretch_reader import Rows, stretch_rows


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
        return digest(self.part.source, self.rows_key, [_set_key(cell_set) for cell_set in self.sets])

    @property
    def rows_key(self) -> str:
        """Hash of which rows are left."""
        return digest(self.rows, [stretch.digest for stretch in self.drops])


def _set_key(cell_set: CellSet) -> list[object]:
    # a newer piece takes rows over, whether it changes them or not
    has_owners = bool(cell_set.adds) or len(cell_set.pieces) > 1
    added = [piece.columns.digest if has_owners else "" for piece in cell_set.pieces]
    changed = [piece.changes.digest if cell_set.changes and piece.changes else "" for piece in cell_set.pieces]
    return [cell_set.adds, cell_set.changes, added, changed]


def alive(cells: PartCells) -> Rows:
    """Return the numbers of the rows that no stage so far dropped."""
    if not cells.drops:
        return np.arange(cells.rows, dtype=np.int64)
    left = np.ones(cells.rows, bool)
    for stretch in cells.drops:
        left[stretch_rows(cells.root, stretch)] = False
    return np.flatnonzero(left)


def owners(root: str, cell_set: CellSet, wanted: Rows) -> Rows:
    """Return for each row the number of the newest piece of a set that has it, -1 where none has."""
    owner = np.full(len(wanted), -1, np.int64)
    for number, piece in enumerate(cell_set.pieces):
        at, hit = _positions(stretch_rows(root, piece.columns), wanted)
        owner[at[hit]] = number
    return owner


def changed_rows(root: str, cell_set: CellSet, wanted: Rows, owner: Rows | None) -> list[Rows | None]:
    """Return for each piece of a set the wanted rows that it speaks for and has changed."""
    changed: list[Rows | None] = []
    for number, piece in enumerate(cell_set.pieces):
        if piece.changes is None or not len(wanted):
            changed.append(None)
            continue
        rows = stretch_rows(root, piece.changes)
        at, hit = _positions(rows, wanted)
        owned = hit if owner is None else hit & (owner[np.minimum(at, len(wanted) - 1)] == number)
        changed.append(rows[owned])
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
    for cell_set in cells.sets:
        options: list[object] = []
        owner = (
            owners(cells.root, cell_set, rows)
            if len(cell_set.pieces) != 1 or cell_set.is_sparse
            else np.zeros(len(rows), np.int64)
        )
        has_changed = np.zeros(len(rows), np.int64)
        if cell_set.changes:
            for changed in changed_rows(cells.root, cell_set, rows, owner):
                if changed is not None:
                    has_changed[np.searchsorted(rows, changed)] = 1
        for piece in (None, *cell_set.pieces):
            base = piece.columns.digest if piece is not None and cell_set.adds else None
            options += [[base, None], [base, piece.changes.digest if piece is not None and piece.changes else None]]
        # numbered anew after each set: all the ways in which many sets may be combined are more than an integer counts
        codes = number * len(options) + 2 * (owner + 1) + has_changed
        used, number = np.unique(codes, return_inverse=True)
        made = [[*made[code // len(options)], options[code % len(options)]] for code in used.tolist()]
    of_number = [digest(recipe, [way for way in ways if way != [None, None]]) for ways in made]
    keys = {key: at for at, key in enumerate(dict.fromkeys(of_number))}  # what two pieces left unchanged has one key
    return np.array([keys[key] for key in of_number], np.int64)[number], list(keys)
