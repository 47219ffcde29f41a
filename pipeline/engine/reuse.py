"""What is left of earlier work: the one rule is to measure the rows that no valid piece has."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from pipeline.cells.part_cells import PartCells, alive, made_of
from pipeline.cells.parts import digest
from pipeline.cells.pieces import KEY, Piece
from pipeline.cells.stretch_reader import Rows, stretch_column, stretch_rows
from pipeline.quarantine.listed import PAGE_COLUMNS, Quarantine, pages_among
from pipeline.runs.manifest import SetRecord
from pipeline.runs.table import Table


@dataclass(frozen=True)
class MeasuredPart:
    """A part that may have rows to measure.

    Attributes:
        cells: What the measure reads of it.
        earlier: Pieces that earlier work left of it, the oldest first.
        pages: The part, asked for what its pages are known by; None where nobody watches.
        quarantined: Rows whose pages it must not read.
        left_out: Keys of these pages; of a part that has no rows yet, of all its pages on the list.
        file: Digest of the input file, where the measure makes the rows of it; "" elsewhere.
    """

    cells: PartCells
    earlier: tuple[Piece, ...] = ()
    pages: PartCells | None = None
    quarantined: frozenset[int] = frozenset()
    left_out: frozenset[str] = frozenset()
    file: str = ""

    def state_of(self, recipe: str) -> str:
        """Return a hash of all that a measure makes the part's cells of."""
        return digest(recipe, self.cells.state, sorted(self.left_out), self.file)

    def without_quarantined(self, listed: Mapping[str, Collection[str]], *, creates: bool) -> "MeasuredPart":
        """Return the part with what the quarantine list has of it.

        Args:
            listed: Part → keys of its pages on the list.
            creates: Whether the measure makes the rows.
        """
        keys = listed.get(self.cells.part.name, ())
        if creates:
            return replace(self, left_out=frozenset(keys))
        pages = pages_among(self.pages or self.cells, keys)
        return replace(self, quarantined=frozenset(pages), left_out=frozenset(pages.values()))


def measured_parts(table: Table, cells: Sequence[PartCells], quarantine: Quarantine) -> list[MeasuredPart]:
    """Return the parts of a table as they are to be measured, without earlier pieces.

    Args:
        table: What the stage reads.
        cells: Its parts, asked for what the measure reads.
        quarantine: The stage's list.
    """
    if not quarantine.directory:
        return [MeasuredPart(part) for part in cells]
    pages = table.cells([column.name for column in PAGE_COLUMNS])
    return [MeasuredPart(part, pages=page) for part, page in zip(cells, pages, strict=True)]


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
