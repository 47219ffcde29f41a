"""Tables that Spark's tasks write, file by file, and report to the driver."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import pyarrow as pa

from pipeline.cells.table_file import Written, write_runs
from pipeline.spark.meter import map_batches

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_WRITTEN = "path string, rows long, bytes long, sha256 string"
_TASK = "_task"


def write_keyed(rows: "DataFrame", key: str, root: str, names: Mapping[int, str], schema: pa.Schema) -> list[Written]:
    """Write one file a key; return what was published, sorted by path.

    Args:
        rows: With an integer column `key`; rows of one key are in one partition, one after the other.
        key: Name of that column.
        root: Directory of the files.
        names: key → path below the root.
        schema: Columns to write.
    """

    def write(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from map(_row_of, write_runs(batches, key, root, names, schema))

    return _written(rows, write)


def write_whole(rows: "DataFrame", root: str, schema: pa.Schema) -> list[Written]:
    """Write one file a partition that has rows; return what was published, sorted by path."""

    def write(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from pyspark import TaskContext

        context = TaskContext.get()
        task = context.partitionId() if context is not None else 0
        marked = (b.append_column(_TASK, pa.array([task] * b.num_rows, pa.int32())) for b in batches if b.num_rows)
        yield from map(_row_of, write_runs(marked, _TASK, root, {task: f"part-{task:05d}.parquet"}, schema))

    return _written(rows, write)


def _written(rows: "DataFrame", write: Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]) -> list[Written]:
    return sorted(Written(*row) for row in map_batches(rows, write, _WRITTEN).collect())


def _row_of(written: Written) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([written._asdict()])
