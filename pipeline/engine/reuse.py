"""What is left of earlier work: the one rule is to measure the rows that no valid piece has."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from pipeline.cells.part_cells import PartCells, alive, made_of
from pipeline.cells.parts import digest
from pipeline.cells.pieces import KEY, Piece
from pipeline.cells.stretch_reader import Rows, stretch_column, stretch_rows
from pipeline.runs.manifest import SetRecord


@dataclass(frozen=True)
class MeasuredPart:
    """A part that may have rows to measure.

    Attributes:
        cells: What the measure reads of it.
        earlier: Pieces that earlier work left of it, the oldest first.
        quarantined: Rows whose pages it must not read.
        file: Digest of the input file, where the measure makes the rows of it; "" elsewhere.
    """

    cells: PartCells
    earlier: tuple[Piece, ...] = ()
    quarantined: frozenset[int] = frozenset()
    file: str = ""

    def state_of(self, recipe: str) -> str:
        """Return a hash of all that a measure makes the part's cells of."""
        return digest(recipe, self.cells.state, sorted(self.quarantined), self.file)


class Fresh(NamedTuple):
    """What is to be measured of a part.

    Attributes:
        kept: Earlier pieces that still speak for some row.
        rows: Rows to measure, ascending.
        numbers: For each of them the number of its key.
        keys: The keys.
    """

    kept: tuple[Piece, ...]
    rows: Rows
    numbers: Rows
    keys: list[str]


def with_state(records: Iterable[SetRecord], part: str, state: str) -> tuple[tuple[Piece, ...], dict[str, Any]] | None:
    """Return the pieces of a part that were made of the same, and its report; None where no record has such."""
    for record in records:
        if record.states.get(part) == state:
            return record.pieces.get(part, ()), record.reports.get(part, {})
    return None


def pieces_of(records: Sequence[SetRecord], part: str) -> tuple[Piece, ...]:
    """Return all pieces that records have of a part, once each, those of the last record first."""
    unique: dict[tuple[str, int], Piece] = {}
    for record in reversed(records):
        for piece in record.pieces.get(part, ()):
            unique.setdefault((piece.columns.file, piece.columns.first), piece)
    return tuple(unique.values())


def fresh_rows(part: MeasuredPart, recipe: str) -> Fresh:
    """Return which rows of a part no earlier piece has as they would be measured now.

    Args:
        part: The part.
        recipe: Hash of what is done to the cells.
    """
    rows = alive(part.cells)
    numbers, keys = made_of(part.cells, rows, recipe + part.file)
    if part.quarantined:  # these alone are made of something else
        numbers[np.isin(rows, list(part.quarantined))] += len(keys)
        keys += [digest(key, "quarantined") for key in keys]
    if not part.earlier or not len(rows):
        return Fresh((), rows, numbers, keys)
    owner = np.full(len(rows), -1, np.int64)
    is_valid = np.zeros(len(rows), bool)
    known_as = {key: number for number, key in enumerate(keys)}
    for number, piece in enumerate(part.earlier):
        stored = stretch_rows(part.cells.root, piece.columns)
        of_key = stretch_column(part.cells.root, piece.columns, KEY)
        at = np.minimum(np.searchsorted(rows, stored), len(rows) - 1)
        hit = rows[at] == stored
        meant = np.array([known_as.get(key, -1) for key in piece.keys], np.int64)[of_key[hit]]
        owner[at[hit]] = number
        is_valid[at[hit]] = meant == numbers[at[hit]]
    kept = [piece for number, piece in enumerate(part.earlier) if (is_valid & (owner == number)).any()]
    missing = np.flatnonzero(~is_valid)
    return Fresh(tuple(kept), rows[missing], numbers[missing], keys)
