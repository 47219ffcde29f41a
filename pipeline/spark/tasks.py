"""Tasks: a function over a list of things, one Spark task for each, and files of rows as DataFrames."""

import pickle
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Task = TypeVar("Task")


def slots(spark: "SparkSession") -> int:
    """Return how many tasks run at once."""
    return int(spark.sparkContext.defaultParallelism)


def run_tasks(
    spark: "SparkSession", tasks: Sequence[Task], work: Callable[[Task], Iterator[pa.RecordBatch]], schema: str
) -> "DataFrame":
    """Return what a function yields for each of some tasks; a task's description reaches its own worker's code alone.

    Args:
        spark: The session.
        tasks: Descriptions, which are pickled.
        work: Of a description; its batches have the schema's columns.
        schema: Of the batches, as DDL.
    """
    packed = [pickle.dumps(task, pickle.HIGHEST_PROTOCOL) for task in tasks]
    shared = spark.sparkContext.broadcast(packed)  # read once per worker, each task unpickled where it runs

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                yield from work(pickle.loads(shared.value[number]))  # noqa: S301  (packed by this very program)

    return spark.range(0, len(tasks), 1, max(1, len(tasks))).mapInArrow(run, schema)
