"""Earlier runs that a run is de-duplicated against: what each level of theirs left for later ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.cells.part_cells import PartCells
from pipeline.cells.parts import digest
from pipeline.code_digests.stage_code import require_same
from pipeline.dedup.bucket_files import SUPERSEDED, BucketFiles
from pipeline.engine.fitting import FitContext
from pipeline.errors import ConfigError
from pipeline.rows.row_ids import MeasuredPart, MeasuredParts
from pipeline.runs.run import Run
from pipeline.runs.table import Table
from pipeline.stores import storage
from schemas.columns import Column


@dataclass(frozen=True)
class EarlierLevel:
    """One level of an earlier run.

    Attributes:
        run: The run directory.
        table: The level's committed table.
    """

    run: str
    table: Table

    def parts(self, name: str, columns: Sequence[Column]) -> list[PartCells]:
        """Return the parts as the level was handed them, with where some columns lie.

        Args:
            name: Set of columns that was measured.
            columns: What is to be read: of that set, or of the stages before.

        Raises:
            ConfigError: There is no such set: the run was made by an earlier version.
        """
        if name not in self.table.manifest.sets:
            raise ConfigError(f"--against {self.run}: it has no index of {self.table.stage}; run it again")
        measured = self.table.cells([column.name for column in columns], private_sets=(name,))
        before = self.table.before.cells(())
        return [
            PartCells(cells.root, cells.part, cells.rows, handed.drops, cells.sets)
            for cells, handed in zip(measured, before, strict=True)
        ]

    def index(self, name: str, first_part: int = 0) -> BucketFiles:
        """Return the index that a small table by bucket holds; see `BucketFiles` for the arguments.

        Raises:
            ConfigError: There is none: the run was made by an earlier version.
        """
        record = self.table.manifest.tables.get(name)
        if record is None:
            raise ConfigError(f"--against {self.run}: it has no index of {self.table.stage}; run it again")
        files = {int(bucket): storage.join(self.run, path) for bucket, path in record.by_bucket.items()}
        return BucketFiles(files, record.buckets, first_part)

    def require(self, fit: FitContext, params: Mapping[str, Any], **notes: Any) -> None:
        """Check that the level compares by what was made by the same functions and parameters, and noted the same.

        Args:
            fit: The level of this run, which has said what it compares by.
            params: Names and values of parameters that must be the same.
            notes: What the fit must have noted.

        Raises:
            ConfigError: Something differs, so that both cannot be compared.
        """
        manifest, step, where = self.table.manifest, fit.step, f"--against {self.run}"
        if manifest.version != step.stage.version:
            raise ConfigError(f"{where}: its {step.name} is of another version; run it again")
        require_same(where, step.name, manifest.compared_by, fit.made.compared_by, is_kept=step.is_kept)
        values = {**manifest.params, **{key: manifest.notes.get(key) for key in notes}}
        for key, value in {**params, **notes}.items():
            if values.get(key) != value:
                raise ConfigError(f"{where}: {step.name}.{key} is {values.get(key)!r} there and {value!r} here")


def earlier_levels(runs: Sequence[str], stage: str) -> list[EarlierLevel]:
    """Return a level of every earlier run.

    Raises:
        ManifestError: A run has no committed table of the stage, or nothing is committed there.
    """
    return [EarlierLevel(run, Run(run).table(stage)) for run in runs]


def superseded_name(run: str, part: str) -> str:
    """Return the name of the file, in a `superseded` table, of the captures of one part of an earlier run."""
    return f"{digest(run)}-{part}"


def superseded_files(levels: Sequence[EarlierLevel], files: Sequence[str]) -> dict[str, list[str]]:
    """Return the files that list superseded captures by their names without ending.

    Args:
        levels: Of the earlier runs, which list those of still earlier ones.
        files: This run's.
    """
    paths = list(files)
    for level in levels:
        for manifest in level.table.chain:
            listed = manifest.tables.get(SUPERSEDED)
            paths += [storage.join(level.run, path) for path, _ in listed.files] if listed is not None else []
    by_name: dict[str, list[str]] = {}
    for path in paths:
        by_name.setdefault(path.rsplit("/", 1)[-1].removesuffix(".parquet"), []).append(path)
    return by_name


def measured_parts(
    levels: Sequence[EarlierLevel],
    name: str,
    new_parts: Sequence[PartCells],
    columns: Sequence[Column],
    superseded: Mapping[str, Sequence[str]] | None = None,
) -> MeasuredParts:
    """Return the measured parts of earlier runs, with what was dropped from them, and then this run's.

    Args:
        levels: Of the earlier runs.
        name: Of the set of columns that was measured.
        new_parts: This run's parts.
        columns: What is read of them.
        superseded: Files that list superseded captures, by name; see `superseded_files`.
    """
    chosen = tuple(columns)
    parts: list[MeasuredPart] = []
    for level in levels:
        drops = level.table.manifest.drops
        for cells in level.parts(name, columns):
            record = drops.get(cells.part.name)
            newer = tuple((superseded or {}).get(superseded_name(level.run, cells.part.name), ()))
            parts.append(MeasuredPart(cells, chosen, record.rows if record is not None else None, level.run, newer))
    return MeasuredParts((*parts, *(MeasuredPart(cells, chosen) for cells in new_parts)), len(parts))


def indexes(levels: Sequence[EarlierLevel], name: str, *, holds_rows: bool) -> list[BucketFiles]:
    """Return the index of every earlier run.

    Args:
        levels: Of the earlier runs.
        name: Of the table by bucket.
        holds_rows: Whether it holds rows, which are counted on from run to run.
    """
    listed, first = [], 0
    for level in levels:
        listed.append(level.index(name, first))
        first += len(level.table.parts) if holds_rows else 0
    return listed
