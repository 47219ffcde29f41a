"""Small tables that a fit left, as measures read them in workers, and what else a task tells them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Protocol

import pyarrow as pa

from pipeline.cells.checked_file import read_parquet
from pipeline.cells.parts import Part
from pipeline.errors import ManifestError
from pipeline.quarantine.listed import NO_QUARANTINE, Quarantine
from pipeline.runs.manifest import Manifest
from pipeline.stores import storage


class TableReader(Protocol):
    """Reads small tables: in a worker those that a fit left, on the driver those of the fit that is running."""

    def table(self, name: str) -> pa.Table:
        """Return a small table."""


@dataclass(frozen=True)
class FittedTables:
    """What a measure is handed beside its rows; small enough to travel with every task.

    Attributes:
        whole: Name of a small table → its files.
        quarantine: The stage's entries on the run's list, for a stage that is watched.
        input: The part whose file is read, for such a stage.
        quarantined: Keys of the part's pages that must not be read again.
        reports: What the measure says of the part's file.
    """

    whole: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    quarantine: Quarantine = NO_QUARANTINE
    input: Part | None = None
    quarantined: frozenset[str] = frozenset()
    reports: dict[str, Any] = field(default_factory=dict)

    def of_part(self, part: Part, quarantined: Collection[str] = ()) -> "FittedTables":
        """Return what a measure of one part's file is handed."""
        return replace(self, input=part, quarantined=frozenset(quarantined), reports={})

    @property
    def part(self) -> Part:
        """The part whose file is read.

        Raises:
            ManifestError: The stage reads no input files: its rows may come from many parts.
        """
        if self.input is None:
            raise ManifestError("a stage that does not read the input files knows no part: see Stage.rereads_source")
        return self.input

    def report(self, **values: Any) -> None:
        """Remember what is to be said of the part's file: JSON values by name."""
        self.reports.update(values)

    def files(self, name: str) -> tuple[str, ...]:
        """Return the files of a small table, in order.

        Raises:
            ManifestError: There is no such table.
        """
        if name not in self.whole:
            raise ManifestError(f"the fit left no table '{name}'; there are: {', '.join(self.whole)}")
        return self.whole[name]

    def table(self, name: str) -> pa.Table:
        """Return a small table; a worker reads it once.

        Raises:
            ManifestError: There is no such table.
        """
        return read_whole(self.files(name))


@lru_cache(maxsize=8)
def read_whole(paths: tuple[str, ...]) -> pa.Table:
    """Return the rows of some files; a process reads them once."""
    return pa.concat_tables([read_parquet(path) for path in paths])


NO_TABLES = FittedTables()


def fitted_tables(root: str, made: Manifest, names: Sequence[str] | None = None) -> FittedTables:
    """Return what workers read small tables with: those named, or all by which cells are known."""
    chosen = [n for n, record in made.tables.items() if record.decides] if names is None else names
    return FittedTables({n: tuple(storage.join(root, path) for path, _ in made.tables[n].files) for n in chosen})
