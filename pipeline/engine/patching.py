"""Rows of an earlier version taken over one by one, where every row is decided by itself.

A part whose rows an earlier version all has is thinned: an added WARC takes rows away from the others (an older capture
loses its place) but gives them none. A part that has further ones, as where an earlier stage's limit was loosened, is
patched: those alone are computed, and what the earlier version has is put beside them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.engine.reuse import Known, PartwiseJob, Wanted, records_of
from pipeline.runs import storage
from pipeline.runs.manifest import UNITS
from pipeline.runs.parts import KEPT, Part, PartRecord, PartWriter, read_part
from pipeline.spark.types import arrow_schema
from schemas.columns import DROP, WARC_OFFSET

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Offsets = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True)
class Earlier:
    """A part as an earlier version holds it, made of the same content row by row.

    Attributes:
        directory: Of the version.
        record: Of the part.
    """

    directory: str
    record: PartRecord

    def files(self) -> list[tuple[str, str]]:
        """Return fate and path of each file."""
        return sorted((file["fate"], storage.join(self.directory, file["path"])) for file in self.record.files)

    def offsets(self) -> Offsets:
        """Return which rows it has."""
        return _offsets(tuple(path for _, path in self.files()))

    def streams(self, wanted: Offsets, places: Mapping[str, str]) -> list[Iterator[pa.Table]]:
        """Return the wanted rows that it has, a stream a file; none is dropped by a later stage than `places` names."""
        found: list[Iterator[pa.Table]] = []
        for fate, path in self.files():
            rows = (pa.Table.from_batches([batch]) for batch in _chosen(path, wanted))
            found.append(rows if fate in places and fate != KEPT else map(_undropped, rows))
        return found


def _undropped(rows: pa.Table) -> pa.Table:
    drop = rows.schema.get_field_index(DROP.name)
    return rows if drop < 0 else rows.set_column(drop, DROP.name, pa.nulls(len(rows), DROP.type))


def earlier_rows(wanted: Sequence[Wanted], earlier: Sequence[str]) -> dict[str, Earlier]:
    """Return of which parts an earlier version has rows that may be taken over, by the parts' names.

    Args:
        wanted: Parts that are not up to date.
        earlier: Version directories, the latest first.
    """
    found: dict[str, Earlier] = {}
    for directory in earlier:
        records = records_of(directory)
        for one in wanted:
            old = records.get(one.part.name)
            if one.may_thin and old is not None and old.origins.get(list(one.origins)[-1]) == one.last_origin:
                found.setdefault(one.part.name, Earlier(directory, old))
    return found


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
    olds = earlier_rows(wanted, earlier)
    if not olds:
        return {}
    found = [(one, olds[one.part.name]) for one in wanted if one.part.name in olds]
    shared = spark.sparkContext.broadcast(found)
    root, places, schema = job.root, job.places, arrow_schema(job.writes)

    def thin(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                one, old = shared.value[number]
                if not _may_thin(one, old):
                    continue
                writer = PatchWriter(root, one.record, places, schema, one.part, old)
                line = json.dumps(writer.close(UNITS).to_json())
                yield pa.record_batch([pa.array([line])], names=["line"])

    rows = spark.range(0, len(found), 1, len(found)).mapInArrow(thin, "line string").collect()
    records_written = [PartRecord(**json.loads(row.line)) for row in rows]
    return {record.part: record for record in records_written}


def _may_thin(one: Wanted, old: Earlier) -> bool:
    """Tell whether an earlier part has all rows of the input, and the same ones left out."""
    wanted = _offsets(one.part.files)
    if {key for key in old.record.quarantined if int(key.split("-")[0]) in wanted} != set(one.quarantined):
        return False
    return bool(np.isin(wanted, old.offsets()).all())


class PatchWriter(PartWriter):
    """Writes a part whose rows are partly in an earlier version of it: new rows beside those, in the input's order."""

    def __init__(
        self, root: str, record: PartRecord, directories: dict[str, str], schema: pa.Schema, part: Part, old: Earlier
    ) -> None:
        """Start without new rows.

        Args:
            root: See `PartWriter`, as for the next three.
            record: Whose rows these are.
            directories: fate → directory.
            schema: Columns to write.
            part: The part as it is read.
            old: The earlier version's part.
        """
        super().__init__(root, record, directories, schema)
        self._part = part
        self._old = old
        self._columns = schema.names
        streams = old.streams(_offsets(part.files), directories)
        self._streams = [(stream, next(stream, None)) for stream in streams]

    def write(self, rows: pa.Table) -> None:
        """Add rows that the earlier version does not have, with those of it that come before their end."""
        last = rows[WARC_OFFSET.name][-1].as_py()
        pieces = [rows.select(self._columns)]
        for number in range(len(self._streams)):
            pieces += self._up_to(number, last)
        super().write(pa.concat_tables(pieces, promote_options="permissive").sort_by(WARC_OFFSET.name))

    def _up_to(self, number: int, last: int) -> Iterator[pa.Table]:
        """Take a stream's rows up to an offset out of it."""
        stream, held = self._streams[number]
        while held is not None and held[WARC_OFFSET.name][0].as_py() <= last:
            before = pc.less_equal(held[WARC_OFFSET.name], last)
            yield held.filter(before).select(self._columns)
            rest = held.filter(pc.invert(before))
            held = rest if len(rest) else next(stream, None)
        self._streams[number] = (stream, held)

    def close(self, units: str) -> PartRecord:
        """Write what is left of the earlier version's rows, and publish the part; see `PartWriter.close`."""
        while heads := [held for _, held in self._streams if held is not None]:
            first = min(heads, key=lambda held: held[WARC_OFFSET.name][-1].as_py())
            self.write(self._taken(first))
        return super().close(units)

    def _taken(self, rows: pa.Table) -> pa.Table:
        """Take the head of a stream out of it."""
        self._streams = [(stream, next(stream, None) if held is rows else held) for stream, held in self._streams]
        return rows


def _chosen(path: str, wanted: Offsets) -> Iterator[pa.RecordBatch]:
    with storage.open_for_reading(path) as stream:
        for batch in pq.ParquetFile(stream).iter_batches(batch_size=1024):
            rows = batch.filter(pa.array(np.isin(batch.column(WARC_OFFSET.name).to_numpy(), wanted)))
            if rows.num_rows:
                yield rows


def unknown_rows(part: Part, reads: Sequence[str], old: Earlier) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a part that an earlier version does not have."""
    known = old.offsets()
    for batch in read_part(part, reads):
        fresh = ~np.isin(batch.column(WARC_OFFSET.name).to_numpy(), known)
        if fresh.any():
            yield batch if fresh.all() else batch.filter(pa.array(fresh))


def _offsets(files: tuple[str, ...]) -> Offsets:
    part = Part("", "", "", 0, "", files=files)
    found = [batch.column(0).to_numpy() for batch in read_part(part, [WARC_OFFSET.name])]
    return np.concatenate(found) if found else np.empty(0, np.int64)
