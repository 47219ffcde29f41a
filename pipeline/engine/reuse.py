"""What an earlier version, or a crash, has left: parts that need not be computed again.

A part with the same fingerprint is linked. Where that is not there, `pipeline.engine.patching` may take its rows over.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.engine.batches import Hop
from pipeline.runs import storage
from pipeline.runs.manifest import MANIFEST, UNITS
from pipeline.runs.parts import KEPT, Part, PartRecord
from schemas.columns import Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@dataclass(frozen=True)
class PartwiseJob:
    """What to write for each part, and where.

    Attributes:
        root: Directory of the table.
        reads: Columns to read from the parts' files.
        hop: The first hop.
        then: Column logic and further hops, from the hop's rows to the rows to write.
        writes: Columns to write.
        places: fate → directory below the root.
    """

    root: str
    reads: tuple[str, ...]
    hop: Hop
    then: "Callable[[DataFrame], DataFrame]"
    writes: tuple[Column, ...]
    places: dict[str, str]


@dataclass(frozen=True)
class Wanted:
    """A part and what it will be known by once it is written; see `PartRecord`.

    Attributes:
        part: The part as it is read.
        fingerprints: As in the record.
        origins: As in the record.
        contents: As in the record.
        may_thin: Whether each row is decided by itself, so that rows of an earlier version may be taken over.
        quarantined: Keys of the part's pages that are on the quarantine list; other pages of the list are none of it.
    """

    part: Part
    fingerprints: dict[str, str]
    origins: dict[str, str]
    contents: dict[str, str]
    may_thin: bool
    quarantined: tuple[str, ...] = ()

    @property
    def last_origin(self) -> str:
        """What each row's content is made of after the last stage."""
        return self.origins[list(self.origins)[-1]]

    @property
    def record(self) -> PartRecord:
        """The part's record before anything is written."""
        return PartRecord.begin(self.part, self.fingerprints, self.origins, self.contents)

    def is_like(self, record: PartRecord, stage: str) -> bool:
        """Tell whether a record is of the same rows, with the same ones left out, through a stage."""
        same = record.fingerprints.get(stage) == self.fingerprints[stage]
        return same and tuple(record.quarantined) == self.quarantined


Known = dict[str, PartRecord]
"""Name of a part → its record."""


def left_by_crash(job: PartwiseJob, wanted: Sequence[Wanted]) -> Known:
    """Return the parts that were written whole before the version could be committed."""
    parts = {one.part.name: one for one in wanted}
    known: Known = {}
    for name in storage.names(storage.join(job.root, UNITS)):
        value = storage.read_json(storage.join(job.root, UNITS, name))
        record = PartRecord(**value) if value is not None else None
        if record is None or (one := parts.get(record.part)) is None:
            continue
        if record.fingerprints == one.fingerprints and tuple(record.quarantined) == one.quarantined:
            known[record.part] = record
    return known


def records_of(directory: str) -> Known:
    """Return the parts that a version holds: from its manifest, or line by line where it was never committed."""
    manifest = storage.read_json(storage.join(directory, MANIFEST))
    if manifest is not None:
        values = manifest["parts"]
    else:
        lines = storage.names(storage.join(directory, UNITS))
        values = [storage.read_json(storage.join(directory, UNITS, line)) for line in lines]
    return {value["part"]: PartRecord(**value) for value in values if value is not None}


def link_parts(
    spark: "SparkSession",  # noqa: ARG001  (called like `thin_parts`)
    job: PartwiseJob,
    wanted: Sequence[Wanted],
    earlier: Sequence[str],
) -> Known:
    """Link the parts whose fingerprint through the wanted last stage an earlier version has.

    Args:
        spark: Not needed.
        job: What is to be written.
        wanted: Parts that are not up to date.
        earlier: Version directories, the latest first.
    """
    known: Known = {}
    for directory in earlier:
        old = records_of(directory)
        for one in wanted:
            last = list(one.fingerprints)[-1]
            record = old.get(one.part.name)
            if one.part.name not in known and record is not None and one.is_like(record, last):
                known[one.part.name] = _linked(job, directory, one, record)
    return known


def _linked(job: PartwiseJob, directory: str, one: Wanted, old: PartRecord) -> PartRecord:
    new = one.record
    new.input, new.quarantined = old.input, old.quarantined
    for file in old.files:
        fate = file["fate"] if file["fate"] in job.places else KEPT
        path = job.places[fate] + file["path"].rsplit("/", 1)[-1]
        storage.link(storage.join(directory, file["path"]), storage.join(job.root, path))
        new.files.append({**file, "path": path, "fate": fate})
        new.fates[fate] = new.fates.get(fate, 0) + file["rows"]
        if fate != KEPT:
            new.reasons[fate] = old.reasons[fate]
    storage.write_json(storage.join(job.root, UNITS, f"{one.part.name}.json"), new.to_json())
    return new
