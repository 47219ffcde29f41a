"""Manifests: what a stage left beside the tables of those before it, written last, and so the commit."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from sys import intern
from typing import Any

import pyarrow as pa

from pipeline.cells.parts import Part, digest
from pipeline.cells.pieces import Piece, Stretch, files_of
from pipeline.errors import ManifestError
from pipeline.stores import storage
from schemas.columns import Column, column_named
from schemas.renamed import PARAMETERS

FORMAT = 5
FORMER = "chain.json"
"""What a run directory of a former format has at its top."""


@dataclass
class SetRecord:
    """A set of columns that a stage left, part by part.

    Attributes:
        adds: Names of the columns that it adds.
        changes: Names of the columns of earlier stages that it changes.
        is_sparse: Whether rows may be lacking.
        by_row: Whether it has a row per document; else its rows are a part's as a whole, and no cells of a table.
        states: Part → hash of what its pieces were made of.
        pieces: Part → its pieces, the oldest first; a part without rows has none.
        reports: Part → what the measure says of its file.
    """

    adds: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    is_sparse: bool = False
    by_row: bool = True
    states: dict[str, str] = field(default_factory=dict)
    pieces: dict[str, tuple[Piece, ...]] = field(default_factory=dict)
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "SetRecord":
        """Return a record from its JSON value."""
        pieces = {part: tuple(map(Piece.of, values)) for part, values in value["pieces"].items()}
        reports = {part: report for part, report in value["reports"].items() if report}
        names = {"adds": tuple(value["adds"]), "changes": tuple(value["changes"])}
        return cls(**{**value, **names, "pieces": pieces, "reports": reports})

    def add_unit(self, part: str, unit: Mapping[str, Any]) -> None:
        """Add what a task had finished of a part."""
        part = intern(part)
        self.states[part], self.pieces[part] = unit["state"], tuple(map(Piece.of, unit["pieces"]))
        self.reports.pop(part, None)
        if unit["report"]:
            self.reports[part] = unit["report"]


@dataclass(frozen=True)
class DropRecord:
    """Whom a stage dropped of one part.

    Attributes:
        state: Hash of what that was decided by.
        rows: Where the rows are, each with its `drop`; None where it dropped none. The digest is of the rows alone.
        content: Hash of the rows with their drops.
        reasons: Reason → rows.
    """

    state: str
    rows: Stretch | None = None
    content: str = ""
    reasons: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "DropRecord":
        """Return a record from its JSON value."""
        rows = Stretch.of(value["rows"]) if value["rows"] else None
        return cls(value["state"], rows, value["content"], dict(value["reasons"]))


@dataclass(frozen=True)
class PartRecord(Part):
    """A part as `ingest` read it.

    Attributes:
        rows: Records that were read.
        report: What the stage says of the file.
    """

    rows: int = 0
    report: dict[str, Any] = field(default_factory=dict, compare=False)

    def part(self) -> Part:
        """Return the part alone, as tasks are given it."""
        return Part(self.name, self.source, self.uri, self.bytes, self.digest)


@dataclass
class TableRecord:
    """A small table that a fit left.

    Attributes:
        files: [path, sha256] of its files in order; of a table by bucket the file of each bucket that has rows.
        by_bucket: Number of a bucket → its file; empty where the table is not by bucket.
        buckets: How many buckets there are.
        decides: Whether the stage's cells depend on it.
    """

    files: list[list[str]]
    by_bucket: dict[str, str] = field(default_factory=dict)
    buckets: int = 0
    decides: bool = True

    @property
    def digest(self) -> str:
        """Hash of what the table holds."""
        return digest([sha256 for _, sha256 in self.files], sorted(self.by_bucket))


@dataclass
class Manifest:
    """What a stage left.

    Attributes:
        stage: Its name.
        version: Of the stage.
        params: On which its results depend, as JSON values.
        code: File → hash of the definitions in it that decide the stage's cells.
        key: What the table is known by: a hash of the recipe and of what the stage reads.
        adds: Names of the columns that the stage adds for those after it.
        leaves_out: Names of columns that the table no longer has.
        schema: Arrow schema of the columns that it adds, as base64 of its IPC message.
        hides: Columns that must not be shown as they were before this stage.
        meanings: Drop reason → what it means, where the stage brings its own.
        parts: Of the first stage: the parts.
        sets: Name → set of columns; "" for what the stage's own measure left.
        drops: Part → whom the stage dropped of it.
        tables: Name → small table of the fit.
        notes: What the fit has to say in the run's report.
        compared_by: "file:name" → hash of the definitions that make what later runs compare theirs with.
        files: Path below the run → [rows, bytes, sha256] of every file that is named here.
        format: Of this file.
    """

    stage: str
    version: int
    params: dict[str, Any]
    key: str
    adds: list[str]
    leaves_out: list[str]
    schema: str
    code: dict[str, str] = field(default_factory=dict)
    hides: list[str] = field(default_factory=list)
    meanings: dict[str, str] = field(default_factory=dict)
    parts: list[PartRecord] = field(default_factory=list)
    sets: dict[str, SetRecord] = field(default_factory=dict)
    drops: dict[str, DropRecord] = field(default_factory=dict)
    tables: dict[str, TableRecord] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)
    compared_by: dict[str, str] = field(default_factory=dict)
    files: dict[str, list[Any]] = field(default_factory=dict)
    format: int = FORMAT

    def save(self, path: str) -> None:
        """Commit the table."""
        sets = list(self.sets.items())  # their order counts: of two with the same column the later speaks
        storage.write_json(path, {**vars(self), "sets": sets}, indent=None, default=vars)

    @classmethod
    def load(cls, path: str) -> "Manifest | None":
        """Return a manifest, None where there is none.

        Raises:
            ManifestError: It was written by another format.
        """
        value = storage.read_json(path)
        if value is None:
            return None
        if value.get("format") != FORMAT:
            raise ManifestError(
                f"{path} has manifest format {value.get('format')}; this version reads {FORMAT}:"
                " name another output, or remove this run and make it anew"
            )
        new_names = PARAMETERS.get(value["stage"], {})
        value["params"] = {new_names.get(name, name): setting for name, setting in value["params"].items()}
        value["parts"] = [PartRecord(**part) for part in value["parts"]]
        value["sets"] = {name: SetRecord.of(record) for name, record in value["sets"]}
        value["drops"] = {part: DropRecord.of(record) for part, record in value["drops"].items()}
        value["tables"] = {name: TableRecord(**record) for name, record in value["tables"].items()}
        return cls(**value)

    def stored_columns(self) -> tuple[Column, ...]:
        """Return the columns that the stage adds for those after it."""
        if not self.schema:
            return ()
        fields = pa.ipc.read_schema(pa.BufferReader(base64.b64decode(self.schema)))
        return tuple(
            column_named(entry.name) or Column(entry.name, entry.type, _comment(entry), None) for entry in fields
        )

    def named_files(self) -> set[str]:
        """Return the paths of all files that the manifest names, below the run directory."""
        cells = (pieces for record in self.sets.values() for pieces in record.pieces.values())
        tables = {path for record in self.tables.values() for path, _ in record.files}
        drops = {record.rows.file for record in self.drops.values() if record.rows is not None}
        return tables | drops | {file for pieces in cells for file in files_of(pieces)}

    def dropped(self) -> dict[str, int]:
        """Return how many rows the stage dropped, by reason."""
        totals: dict[str, int] = {}
        for record in self.drops.values():
            for reason, count in record.reasons.items():
                totals[reason] = totals.get(reason, 0) + count
        return dict(sorted(totals.items()))


def _comment(field_of: pa.Field) -> str:
    return ((field_of.metadata or {}).get(b"comment") or b"column of the input").decode()


def encode_schema(schema: pa.Schema) -> str:
    """Return an Arrow schema as text."""
    return base64.b64encode(schema.serialize().to_pybytes()).decode()
