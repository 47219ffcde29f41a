"""Tasks: a function over a list of things, one Spark task for each; and parts packed into tasks."""

import pickle
import zlib
from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from pipeline.cells.stretch_reader import forget
from pipeline.spark.driver_frames import frame_of_table
from pipeline.spark.meter import map_batches

if TYPE_CHECKING:
    from pyspark import Broadcast
    from pyspark.sql import DataFrame, SparkSession

Task = TypeVar("Task")
Value = TypeVar("Value")
_SETTING = Lock()
TASK_BYTES = 128 << 20
_LOCAL_ROWS = "spark.sql.execution.arrow.localRelationThreshold"


def slots(spark: "SparkSession") -> int:
    """Return how many tasks run at once."""
    return int(spark.sparkContext.defaultParallelism)


def pack(sizes: Sequence[int], slots: int) -> list[list[int]]:
    """Return tasks as lists of numbers of parts: one large part per task, many small ones together.

    Args:
        sizes: Bytes of each part's input file; -1 where they are not known.
        slots: Tasks that run at once.

    >>> pack([300 << 20, 1, 1, 1, 1], slots=1)
    [[0], [1, 2], [3, 4]]
    """
    sizes = [max(size, 1) if size >= 0 else TASK_BYTES for size in sizes]
    small = sum(size for size in sizes if size < TASK_BYTES)
    room = max(1, min(TASK_BYTES, -(-small // max(1, 2 * slots))))
    tasks: list[list[int]] = []
    filled = room
    for number in sorted(range(len(sizes)), key=lambda n: (-sizes[n], n)):
        if filled + sizes[number] > room or sizes[number] >= room:
            tasks.append([])
            filled = 0
        tasks[-1].append(number)
        filled += sizes[number]
    return [sorted(task) for task in tasks]


def shuffle_partitions(spark: "SparkSession") -> int:
    """Return into how many partitions rows are shuffled."""
    return int(spark.conf.get("spark.sql.shuffle.partitions") or 1)


def share(spark: "SparkSession", value: Value) -> "Broadcast[Value]":
    """Return a value that every worker reads once."""
    shared: Broadcast[Value] = spark.sparkContext.broadcast(value)
    return shared


def label(spark: "SparkSession", name: str) -> None:
    """Name the jobs that follow, for whoever watches the cluster."""
    spark.sparkContext.setJobGroup(name, name)


def to_partitions(rows: "DataFrame", number: str, partitions: int) -> "DataFrame":
    """Return rows moved to the partition that a column of numbers names, modulo how many there are.

    Before Spark 4.1 a hash of that number chooses the partition: rows of one number are still together.
    """
    from pyspark.sql import functions as F  # noqa: N812

    target = F.pmod(number, F.lit(partitions))
    if hasattr(rows, "repartitionById"):
        moved: DataFrame = rows.repartitionById(partitions, target)
        return moved
    return rows.repartition(partitions, target)


def run_tasks(
    spark: "SparkSession", tasks: Sequence[Task], work: Callable[[Task], Iterator[pa.RecordBatch]], schema: str
) -> "DataFrame":
    """Return what a function yields for each of some tasks, one Spark task for each.

    Args:
        spark: The session.
        tasks: Descriptions, which are pickled; each travels with its own task alone.
        work: Of a description; its batches have the schema's columns.
        schema: Of the batches, as DDL.
    """

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        try:
            for batch in batches:
                for packed in batch.column(0).to_pylist():
                    yield from work(pickle.loads(zlib.decompress(packed)))  # noqa: S301  (packed by this very program)
        finally:
            forget()

    return map_batches(_descriptions(spark, tasks), run, schema)


def _descriptions(spark: "SparkSession", tasks: Sequence[Any]) -> "DataFrame":
    """Return the pickles of tasks as rows, each in a partition of its own: a worker is sent those that it runs."""
    rows = [zlib.compress(pickle.dumps(task, pickle.HIGHEST_PROTOCOL), 1) for task in tasks]
    batches = [pa.record_batch([pa.array([row], pa.binary())], names=["task"]) for row in rows]
    table = pa.Table.from_batches(batches, pa.schema([pa.field("task", pa.binary())]))
    with _SETTING:
        before = str(spark.conf.get(_LOCAL_ROWS))
        spark.conf.set(_LOCAL_ROWS, "0")  # else Spark puts small tables into as few partitions as there are cores
        try:
            return frame_of_table(spark, table, "task binary")
        finally:
            spark.conf.set(_LOCAL_ROWS, before)
