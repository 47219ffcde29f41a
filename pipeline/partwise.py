"""Part by part: one Spark job that reads parts, measures, decides and writes, with one Python hop where possible.

A part whose fingerprint is known is never computed again: within a version that a crash cut short it is found
committed, from an earlier version its files are linked.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline import storage
from pipeline.errors import ContractError
from pipeline.manifest import UNITS
from pipeline.parts import (
    KEPT,
    BatchStream,
    Part,
    PartRecord,
    PartWriter,
    read_part,
    write_parts,
)
from pipeline.stage import Measure, SideTables, arrow_schema, spark_schema
from pipeline.thinning import thin_parts
from schemas.columns import DROP, REQUIRED, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

PART_NUMBER = Column("_part", pa.int32(), "number of the part in its job")
TASK_BYTES = 128 << 20


@dataclass(frozen=True)
class Hop:
    """The measures of neighbouring stages: one Python function over a part's rows.

    Attributes:
        measures: (measure, its parameters, its side tables), in order.
        columns: Columns of the rows that come out.
    """

    measures: tuple[tuple[Measure, Any, SideTables], ...]
    columns: tuple[Column, ...]

    def __call__(self, rows: BatchStream, part: Part) -> BatchStream:
        """Yield the rows with all measures made, cast to the promised types."""
        for measure, params, sides in self.measures:
            rows = measure(rows, part, params, sides)
        for batch in rows:
            yield conform_batch(batch, self.columns)


def conform_batch(batch: pa.RecordBatch, columns: Sequence[Column]) -> pa.RecordBatch:
    """Return a batch with exactly these columns; one that is absent takes its default.

    Raises:
        ContractError: A column without a default is missing.
    """
    arrays = []
    for column in columns:
        if column.name in batch.schema.names:
            arrays.append(batch.column(column.name).cast(column.type))
        elif column.default is REQUIRED:
            raise ContractError(f"the hop left out column '{column.name}'; there are: {', '.join(batch.schema.names)}")
        elif column.default is None:
            arrays.append(pa.nulls(batch.num_rows, column.type))
        else:
            arrays.append(pa.array([column.default] * batch.num_rows, column.type))
    return pa.record_batch(arrays, schema=arrow_schema(columns))


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
    """

    part: Part
    fingerprints: dict[str, str]
    origins: dict[str, str]
    may_thin: bool

    @property
    def record(self) -> PartRecord:
        """The part's record before anything is written."""
        return PartRecord.begin(self.part, self.fingerprints, self.origins)


def run_partwise(
    spark: "SparkSession", job: PartwiseJob, wanted: Sequence[Wanted], earlier: Sequence[str]
) -> tuple[list[PartRecord], int]:
    """Bring every part of a table up to date.

    Args:
        spark: The session.
        job: What to write.
        wanted: The parts.
        earlier: Version directories whose parts may be linked.

    Returns:
        The records of all parts in order of their names, and how many were computed now.
    """
    known = _committed(job, wanted)
    missing = [one for one in wanted if one.part.name not in known]
    for directory in earlier:
        missing = [one for one in missing if not _link(job, directory, one, known)]
    known.update({record.part: record for record in thin_parts(spark, job, missing, earlier)})
    missing = [one for one in missing if one.part.name not in known]
    if missing:
        known.update({record.part: record for record in _compute(spark, job, missing)})
    for one in missing:
        known.setdefault(one.part.name, one.record)  # no row, so no task wrote a line for it
    return [known[name] for name in sorted(known)], len(missing)


def _committed(job: PartwiseJob, wanted: Sequence[Wanted]) -> dict[str, PartRecord]:
    prints = {one.part.name: one.fingerprints for one in wanted}
    known = {}
    for name in storage.names(storage.join(job.root, UNITS)):
        value = storage.read_json(storage.join(job.root, UNITS, name))
        record = PartRecord(**value) if value is not None else None
        if record is not None and record.fingerprints == prints.get(record.part):
            known[record.part] = record
    return known


def _link(job: PartwiseJob, directory: str, one: Wanted, known: dict[str, PartRecord]) -> bool:
    """Link a part of an earlier version whose fingerprint through the wanted last stage is the same."""
    old = record_of(directory, one.part)
    last = list(one.fingerprints)[-1]
    if old is None or old.fingerprints.get(last) != one.fingerprints[last]:
        return False
    new = one.record
    new.input = old.input
    for file in old.files:
        fate = file["fate"] if file["fate"] in job.places else KEPT
        path = job.places[fate] + file["path"].rsplit("/", 1)[-1]
        storage.link(storage.join(directory, file["path"]), storage.join(job.root, path))
        new.files.append({**file, "path": path, "fate": fate})
        new.fates[fate] = new.fates.get(fate, 0) + file["rows"]
        if fate != KEPT:
            new.reasons[fate] = old.reasons[fate]
    storage.write_json(storage.join(job.root, UNITS, f"{one.part.name}.json"), new.to_json())
    known[one.part.name] = new
    return True


def record_of(directory: str, part: Part) -> PartRecord | None:
    """Return what a version holds of a part, None where it holds nothing."""
    value = storage.read_json(storage.join(directory, UNITS, f"{part.name}.json"))
    return None if value is None else PartRecord(**value)


def pack(parts: Sequence[Part], slots: int) -> list[list[int]]:
    """Return tasks as lists of part numbers: one large file a task, many small ones packed.

    >>> sizes = [300 << 20, 1, 1, 1, 1]
    >>> pack([Part(str(n), "", "", size, "") for n, size in enumerate(sizes)], slots=1)
    [[0], [1, 2], [3, 4]]
    """
    sizes = [max(part.bytes, 1) for part in parts]
    small = sum(size for size in sizes if size < TASK_BYTES)
    room = max(1, min(TASK_BYTES, -(-small // max(1, 2 * slots))))
    tasks: list[list[int]] = []
    filled = room
    for number in sorted(range(len(parts)), key=lambda n: (-sizes[n], n)):
        if filled + sizes[number] > room or sizes[number] >= room:
            tasks.append([])
            filled = 0
        tasks[-1].append(number)
        filled += sizes[number]
    return tasks


def _compute(spark: "SparkSession", job: PartwiseJob, wanted: Sequence[Wanted]) -> Iterator[PartRecord]:
    parts = [one.part for one in wanted]
    tasks = pack(parts, spark.sparkContext.defaultParallelism)
    hop, reads = job.hop, job.reads  # what workers need; the job itself holds Spark objects

    def measure(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for task in batch.column(0).to_pylist():
                for number in tasks[task]:
                    part = parts[number]
                    for rows in hop(read_part(part, reads), part):
                        if rows.num_rows:
                            yield rows.append_column(PART_NUMBER.name, pa.array([number] * rows.num_rows, pa.int32()))

    read = spark.range(0, len(tasks), 1, len(tasks)).mapInArrow(measure, spark_schema((*hop.columns, PART_NUMBER)))
    lines = job.then(read).mapInArrow(_writer(job, wanted), "line string")
    for row in lines.collect():
        yield PartRecord(**json.loads(row.line))


def _writer(
    job: PartwiseJob, wanted: Sequence[Wanted]
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    root, places, schema = job.root, job.places, arrow_schema(job.writes)

    def writer_for(number: int) -> PartWriter:
        return PartWriter(root, wanted[number].record, places, schema)

    def write(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for record in write_parts(batches, PART_NUMBER.name, writer_for, UNITS):
            yield pa.record_batch([pa.array([json.dumps(record.to_json())])], names=["line"])

    return write


def later_hop(docs: "DataFrame", hop: Hop, parts: Sequence[Part]) -> "DataFrame":
    """Run a further hop inside a job; rows that are dropped by now pass it with nulls where it measures."""
    columns = (*hop.columns, PART_NUMBER)
    schema = arrow_schema(columns)

    def measure(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            numbers = batch.column(PART_NUMBER.name)
            for number in numbers.unique().to_pylist():
                rows = batch.filter(pc.equal(numbers, number))
                alive = rows.column(DROP.name).is_null()
                for measured in hop(iter([rows.filter(alive)]), parts[number]):
                    yield _numbered(measured, number, schema)
                gone = rows.filter(pc.invert(alive))
                if gone.num_rows:
                    yield _filled(gone, schema)

    return docs.mapInArrow(measure, spark_schema(columns))


def _numbered(rows: pa.RecordBatch, number: int, schema: pa.Schema) -> pa.RecordBatch:
    marks = pa.array([number] * rows.num_rows, pa.int32())
    return pa.record_batch([*rows.columns, marks], schema=schema)


def _filled(rows: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    names = set(rows.schema.names)
    arrays = [
        rows.column(field.name).cast(field.type) if field.name in names else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return pa.record_batch(arrays, schema=schema)
