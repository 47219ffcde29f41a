"""Part by part: one Spark job that reads parts, measures, decides and writes, with one Python hop where possible.

A part whose fingerprint is known is never computed again (`pipeline.engine.reuse`), nor a row that can be taken over
(`pipeline.engine.patching`).
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from pipeline.engine.batches import PART_NUMBER
from pipeline.engine.patching import Earlier, PatchWriter, earlier_rows, thin_parts, unknown_rows
from pipeline.engine.reuse import PartwiseJob, Wanted, left_by_crash, link_parts
from pipeline.errors import ManifestError
from pipeline.runs.manifest import UNITS
from pipeline.runs.parts import Part, PartRecord, PartWriter, read_part, write_parts
from pipeline.spark.types import arrow_schema, spark_schema

if TYPE_CHECKING:
    from pyspark import Broadcast
    from pyspark.sql import SparkSession

TASK_BYTES = 128 << 20


def run_partwise(
    spark: "SparkSession", job: PartwiseJob, wanted: Sequence[Wanted], earlier: Sequence[str]
) -> tuple[list[PartRecord], int]:
    """Bring every part of a table up to date.

    Args:
        spark: The session.
        job: What to write.
        wanted: The parts.
        earlier: Version directories whose parts may be used again, the latest first.

    Returns:
        The records of all parts in order of their names, and how many were computed now.
    """
    known = left_by_crash(job, wanted)
    missing = [one for one in wanted if one.part.name not in known]
    for reuse in (link_parts, thin_parts):
        if missing and earlier:
            known |= reuse(spark, job, missing, earlier)
            missing = [one for one in missing if one.part.name not in known]
    if missing:
        olds = {name: old for name, old in earlier_rows(missing, earlier).items() if not old.record.quarantined}
        known |= {record.part: record for record in _compute(spark, job, missing, olds)}
        if lost := sorted(olds.keys() - known.keys()):
            raise ManifestError(
                f"{job.root}: {lost[0]} was measured without a row, though rows are taken over one by one"
            )
    for one in missing:
        known.setdefault(one.part.name, one.record)  # no row, so no task wrote a line for it
    return [known[name] for name in sorted(known)], len(missing)


def pack(parts: Sequence[Part], slots: int) -> list[list[int]]:
    """Return tasks as lists of part numbers: one large file a task, many small ones packed.

    >>> sizes = [300 << 20, 1, 1, 1, 1]
    >>> pack([Part(str(n), "", "", size, "") for n, size in enumerate(sizes)], slots=1)
    [[0], [1, 2], [3, 4]]
    """
    sizes = [max(part.bytes, 1) if part.bytes >= 0 else TASK_BYTES for part in parts]  # unknown: taken for large
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


def _compute(
    spark: "SparkSession", job: PartwiseJob, wanted: Sequence[Wanted], olds: Mapping[str, Earlier]
) -> Iterator[PartRecord]:
    """Compute parts; of one that an earlier version has rows of, the others alone."""
    parts = [one.part for one in wanted]
    tasks = pack(parts, spark.sparkContext.defaultParallelism)
    hop, reads = job.hop, job.reads  # what workers need; the job itself holds Spark objects
    shared = spark.sparkContext.broadcast([(one, _old_of(one, olds)) for one in wanted])  # once a worker

    def measure(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for task in batch.column(0).to_pylist():
                for number in tasks[task]:
                    part, old = shared.value[number][0].part, shared.value[number][1]
                    fresh = read_part(part, reads) if old is None else unknown_rows(part, reads, old)
                    for rows in hop(fresh, part):
                        if rows.num_rows:
                            yield rows.append_column(PART_NUMBER.name, pa.array([number] * rows.num_rows, pa.int32()))

    read = spark.range(0, len(tasks), 1, len(tasks)).mapInArrow(measure, spark_schema((*hop.columns, PART_NUMBER)))
    lines = job.then(read).mapInArrow(_writer(job, shared), "line string")
    for row in lines.collect():
        yield PartRecord(**json.loads(row.line))


def _old_of(one: Wanted, olds: Mapping[str, Earlier]) -> Earlier | None:
    return None if one.quarantined else olds.get(one.part.name)


def _writer(
    job: PartwiseJob, shared: "Broadcast[list[tuple[Wanted, Earlier | None]]]"
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    root, places, schema = job.root, job.places, arrow_schema(job.writes)

    def writer_for(number: int) -> PartWriter:
        one, old = shared.value[number]
        if old is not None:
            return PatchWriter(root, one.record, places, schema, one.part, old)
        return PartWriter(root, one.record, places, schema)

    def write(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for record in write_parts(batches, PART_NUMBER.name, writer_for, UNITS):
            yield pa.record_batch([pa.array([json.dumps(record.to_json())])], names=["line"])

    return write
