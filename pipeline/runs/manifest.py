"""Manifests: what a committed version of a table is made of, and the chain of versions that is a run.

A segment's version directory is a funnel: what passed its first stage lies in it, `then_<next>/` inside holds what
passed the next one too, `dropped_by_<next>/` what that dropped; the first stage's drops lie in `_dropped/`, which
readers of Parquet directories skip. So the directory of any stage, read whole, is exactly what passed that stage.
"""

import base64
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import pyarrow as pa

from pipeline.runs import storage
from pipeline.errors import ManifestError
from pipeline.runs.parts import KEPT, Part, PartRecord, digest
from schemas import columns as known_columns
from schemas.columns import Column

MANIFEST = "_manifest.json"
UNITS = "_units"
FORMAT = 3


@dataclass(frozen=True)
class Member:
    """A stage of a segment as it was committed."""

    stage: str
    version: int
    params: dict[str, Any]
    fingerprint: str

    @property
    def recipe(self) -> str:
        """Hash of what the stage does, apart from its input."""
        return digest(self.stage, self.version, self.params)


def recipe_of(stage: str, version: int, params: dict[str, Any]) -> str:
    """Return the recipe that a committed member of this stage would have."""
    return Member(stage, version, params, "").recipe


@dataclass
class Manifest:
    """What a committed segment holds; written last, and so the commit.

    Attributes:
        members: The segment's stages.
        source: Digest of the input table.
        columns: stage → names of its table's columns.
        schema: Arrow schema of the files, as base64 of its IPC message.
        parts: What was written for each part.
        sides: Side table → its files.
        notes: What the fit has to say in the run's report.
        format: Of this file.
    """

    members: list[Member]
    source: str
    columns: dict[str, list[str]]
    schema: str
    parts: list[PartRecord]
    sides: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)
    format: int = FORMAT

    def columns_of(self, stage: str) -> tuple[Column, ...]:
        """Return the columns of a stage's table."""
        fields = pa.ipc.read_schema(pa.BufferReader(base64.b64decode(self.schema)))
        return tuple(
            column_named(name) or Column(name, fields.field(name).type, "column of the input", None)
            for name in self.columns[stage]
        )

    def save(self, directory: str) -> None:
        """Commit the directory."""
        storage.write_json(storage.join(directory, MANIFEST), asdict(self))

    @classmethod
    def load(cls, directory: str) -> "Manifest | None":
        """Return the manifest of a directory, None where nothing is committed.

        Raises:
            ManifestError: It was written by another format.
        """
        value = storage.read_json(storage.join(directory, MANIFEST))
        if value is None:
            return None
        if value.get("format") != FORMAT:
            raise ManifestError(
                f"{directory} has manifest format {value.get('format')}; this version reads {FORMAT}:"
                " name another output, or remove this run and make it anew"
            )
        value["members"] = [Member(**member) for member in value["members"]]
        value["parts"] = [PartRecord(**part) for part in value["parts"]]
        return cls(**value)


def directories(stages: Sequence[str]) -> dict[str, str]:
    """Return the directory of each fate below a segment's version, with a trailing slash.

    >>> directories(["extract", "language"])
    {'extract': '_dropped/', 'language': 'dropped_by_language/', '': 'then_language/'}
    """
    places = {stages[0]: "_dropped/"}
    prefix = ""
    for stage in stages[1:]:
        places[stage] = f"{prefix}dropped_by_{stage}/"
        prefix += f"then_{stage}/"
    places[KEPT] = prefix
    return places


def place_of(stages: Sequence[str], stage: str) -> str:
    """Return where, below a segment's version, what passed a stage lies.

    >>> place_of(["extract", "language", "route"], "language")
    'then_language'
    """
    return directories(stages[: stages.index(stage) + 1])[KEPT].rstrip("/")


@dataclass(frozen=True)
class StageTable:
    """The committed table of one stage: the rows that passed it.

    Attributes:
        directory: The segment's version directory.
        stage: Which stage's rows.
        manifest: Of the segment.
    """

    directory: str
    stage: str
    manifest: Manifest

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Columns of the stage's table; files may hold more, added by later stages of the segment."""
        return self.manifest.columns_of(self.stage)

    @property
    def stages(self) -> list[str]:
        """Names of the segment's stages, in order."""
        return [member.stage for member in self.manifest.members]

    @property
    def member(self) -> Member:
        """The stage as it was committed."""
        return self.manifest.members[self.stages.index(self.stage)]

    @property
    def location(self) -> str:
        """The directory that holds the rows which passed the stage, and no others."""
        place = place_of(self.stages, self.stage)
        return storage.join(self.directory, place) if place else self.directory

    @property
    def hidden_fates(self) -> set[str]:
        """Fates of rows that did not get past this stage."""
        return set(self.stages[: self.stages.index(self.stage) + 1])

    def parts(self) -> list[Part]:
        """Return the parts with the files of the rows that passed, KEPT rows first."""
        hidden = self.hidden_fates
        found = []
        for record in self.manifest.parts:
            files = sorted(
                (f for f in record.files if f["fate"] not in hidden), key=lambda file: (file["fate"], file["path"])
            )
            found.append(
                Part(
                    record.part,
                    record.source,
                    record.uri,
                    record.bytes,
                    digest([(f["path"], f["sha256"]) for f in files]),
                    record.contents[self.stage],
                    tuple(storage.join(self.directory, f["path"]) for f in files),
                    sum(f["rows"] for f in files),
                )
            )
        return found

    @property
    def digest(self) -> str:
        """Hash of the content of the table."""
        return digest([(part.name, part.digest) for part in self.parts()])

    @property
    def digest_of_dropped(self) -> str:
        """Hash of the content of what this stage dropped."""
        files = (file for record in self.manifest.parts for file in record.files)
        return digest([(file["path"], file["sha256"]) for file in files if file["fate"] == self.stage])

    @property
    def rows(self) -> int:
        """Rows that passed the stage."""
        return sum(part.rows for part in self.parts())

    def files_of(self, fate: str) -> list[str]:
        """Return the files of the rows with one fate: a stage of the segment, or KEPT."""
        return [
            storage.join(self.directory, f["path"])
            for record in self.manifest.parts
            for f in record.files
            if f["fate"] == fate
        ]

    def dropped(self) -> dict[str, int]:
        """Return how many rows this stage dropped, by reason."""
        totals: dict[str, int] = {}
        for record in self.manifest.parts:
            for reason, count in record.reasons.get(self.stage, {}).items():
                totals[reason] = totals.get(reason, 0) + count
        return dict(sorted(totals.items()))


_KNOWN = {column.name: column for column in vars(known_columns).values() if isinstance(column, Column)}


def column_named(name: str) -> Column | None:
    """Return the project's column of this name, None for a column of the user's own."""
    return _KNOWN.get(name)


def encode_schema(schema: pa.Schema) -> str:
    """Return an Arrow schema as text."""
    return base64.b64encode(schema.serialize().to_pybytes()).decode()


def versions(run: str, first_stage: str) -> list[str]:
    """Return the version directories, committed or not, of the segments that begin with a stage."""
    root = storage.join(run, "stages", first_stage)
    return [storage.join(root, name) for name in storage.names(root) if not name.startswith(("_", "."))]
