"""What an earlier version, or a crash, has left: parts that need not be computed again.

A part with the same fingerprint is linked. Where every row is decided by itself, a part whose rows are a subset of an
earlier version's is thinned: an added WARC takes rows away from the others (an older capture loses its place) but
gives them none, and what stays is what it was.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import storage
from pipeline.hops import Hop
from pipeline.manifest import MANIFEST, UNITS
from pipeline.parts import KEPT, Part, PartRecord, PartWriter, read_part
from pipeline.stage import arrow_schema
from schemas.columns import DROP, WARC_OFFSET, Column

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
        may_thin: Whether each row is decided by itself, so that an earlier part with more rows will do.
        quarantined: Keys of the part's pages that are on the quarantine list; other pages of the list are none of it.
    """

    part: Part
    fingerprints: dict[str, str]
    origins: dict[str, str]
    may_thin: bool
    quarantined: tuple[str, ...] = ()

    @property
    def record(self) -> PartRecord:
        """The part's record before anything is written."""
        return PartRecord.begin(self.part, self.fingerprints, self.origins)

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


def thin_parts(spark: "SparkSession", job: PartwiseJob, wanted: Sequence[Wanted], earlier: Sequence[str]) -> Known:
    """Write the parts that an earlier version holds with more rows.

    Args:
        spark: The session.
        job: What is to be written.
        wanted: Parts that are not up to date.
        earlier: Version directories, the latest first.

    Returns:
        The parts that could be made this way.
    """
    found: dict[str, tuple[Wanted, str, PartRecord]] = {}
    for directory in earlier:
        records = records_of(directory)
        for one in wanted:
            last = list(one.origins)[-1]
            old = records.get(one.part.name)
            fits = old is not None and old.origins.get(last) == one.origins[last]
            if one.may_thin and fits and old is not None:
                found.setdefault(one.part.name, (one, directory, old))
    if not found:
        return {}
    shared = spark.sparkContext.broadcast(list(found.values()))
    root, places, schema = job.root, job.places, arrow_schema(job.writes)

    def thin(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                one, directory, old = shared.value[number]
                writer = PartWriter(root, one.record, places, schema)
                if _thin(one, directory, old, writer):
                    line = json.dumps(writer.close(UNITS).to_json())
                    yield pa.record_batch([pa.array([line])], names=["line"])

    rows = spark.range(0, len(found), 1, len(found)).mapInArrow(thin, "line string").collect()
    records_written = [PartRecord(**json.loads(row.line)) for row in rows]
    return {record.part: record for record in records_written}


def _thin(one: Wanted, directory: str, old: PartRecord, writer: PartWriter) -> bool:
    """Write an earlier part's rows that are still in the input; refuse where the input has others."""
    wanted = _offsets(one.part.files)
    if {key for key in old.quarantined if int(key.split("-")[0]) in wanted} != set(one.quarantined):
        return False
    files = sorted((file["fate"], storage.join(directory, file["path"])) for file in old.files)
    if not np.isin(wanted, _offsets(tuple(path for _, path in files))).all():
        return False
    kept: dict[str, list[pa.Table]] = {}
    for fate, path in files:
        known = fate if fate in writer.places else KEPT
        kept.setdefault(known, []).extend(pa.Table.from_batches([batch]) for batch in _chosen(path, wanted))
    for known, pieces in sorted(kept.items()):
        rows = pa.concat_tables(pieces).sort_by(WARC_OFFSET.name)  # as the input has them
        if known == KEPT and DROP.name in rows.column_names:
            drop = rows.schema.get_field_index(DROP.name)
            rows = rows.set_column(drop, DROP.name, pa.nulls(rows.num_rows, DROP.type))
        writer.write(rows)
    return True


def _chosen(path: str, wanted: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Iterator[pa.RecordBatch]:
    with storage.open_for_reading(path) as stream:
        for batch in pq.ParquetFile(stream).iter_batches(batch_size=1024):
            yield batch.filter(pa.array(np.isin(batch.column(WARC_OFFSET.name).to_numpy(), wanted)))


def _offsets(files: tuple[str, ...]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    part = Part("", "", "", 0, "", files=files)
    found = [batch.column(0).to_numpy() for batch in read_part(part, [WARC_OFFSET.name])]
    return np.concatenate(found) if found else np.empty(0, np.int64)
