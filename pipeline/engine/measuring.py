"""Measuring: what of a set of columns is there already, and tasks for what is not."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipeline.cells.pieces import new_name
from pipeline.engine.measure_task import MeasureTask, Measuring
from pipeline.engine.reuse import MeasuredPart, pieces_of, with_state
from pipeline.errors import QuarantineError
from pipeline.runs.manifest import SetRecord
from pipeline.spark.tasks import pack, run_tasks, slots
from pipeline.stores import storage

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass
class Measured:
    """What came of measuring.

    Attributes:
        record: The set.
        files: Path below the run → [rows, bytes, sha256] of the files written now, and of those used again.
        computed: Names of the parts of which any row was measured.
    """

    record: SetRecord
    files: dict[str, list[Any]] = field(default_factory=dict)
    computed: set[str] = field(default_factory=set)


def measure_parts(
    spark: "SparkSession", job: Measuring, parts: Sequence[MeasuredPart], earlier: Sequence[SetRecord]
) -> Measured:
    """Bring a set of columns up to date; what is measured already is not measured again.

    Where the quarantine list grows while tasks run, Spark's next try of a task leaves the page out; then the parts are
    looked at once more, and the state of those that the page means holds it.

    Args:
        spark: The session.
        job: What to measure.
        parts: The parts, without earlier pieces.
        earlier: What earlier work left, the latest first.

    Raises:
        QuarantineError: Pages hung, more often than Spark tries a task.
    """
    quarantine = job.fitted.quarantine
    files: dict[str, list[Any]] = {}
    while True:
        entries, listed = quarantine.entries(), quarantine.pages()
        try:
            without_listed = [part.without_quarantined(listed, creates=job.creates) for part in parts]
            done = _measured(spark, job, without_listed, earlier)
        except Exception as error:
            if hung := quarantine.that_hung([name for name in quarantine.entries() if name not in entries]):
                raise QuarantineError(f"{job.stage}: {quarantine.what_happened(hung)}") from error
            raise
        files |= done.files
        if quarantine.pages() == listed:
            return replace(done, files=files)
        earlier = [done.record, *earlier]


def _measured(
    spark: "SparkSession", job: Measuring, parts: Sequence[MeasuredPart], earlier: Sequence[SetRecord]
) -> Measured:
    adds, changes = (tuple(column.name for column in columns) for columns in (job.adds, job.changes))
    done = Measured(SetRecord(adds, changes, by_row=job.by_row))
    missing = []
    for part in parts:
        name = part.cells.part.name
        done.record.states[name] = part.state_of(job.recipe)
        pieces = with_state(earlier, name, done.record.states[name])
        if pieces is not None:
            done.record.pieces[name], report = pieces
            done.record.reports |= {name: report} if report else {}
        else:
            old = pieces_of(earlier, name) if job.by_row and not job.creates else ()
            missing.append(replace(part, earlier=old))
    for line in _run(spark, job, missing) if missing else ():
        done.files |= line["files"]
        for name, unit in line["parts"].items():
            done.record.add_unit(name, unit)
            done.computed |= {name} if unit["computed"] else set()
    return done


def _run(spark: "SparkSession", job: Measuring, missing: Sequence[MeasuredPart]) -> Iterator[dict[str, Any]]:
    """Run the tasks; yield the lines by which they commit what they wrote."""
    sizes = [part.cells.part.bytes for part in missing]
    tasks = [[missing[number] for number in task] for task in pack(sizes, slots(spark))]

    def work(parts: list[MeasuredPart]) -> Iterator[pa.RecordBatch]:
        line = MeasureTask(job, parts).run()
        line |= {"set": job.name, "adds": [c.name for c in job.adds], "changes": [c.name for c in job.changes]}
        storage.write_json(new_name(job.units, "unit", ".json"), line, indent=None)
        yield pa.record_batch([pa.array([json.dumps(line)])], names=["line"])

    for row in run_tasks(spark, tasks, work, "line string").collect():
        yield json.loads(row.line)
