"""A function over descriptions: one Spark task for each, sent to the worker that runs it and to no other."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from pipeline.cells import stretch_reader
from pipeline.spark.tasks import run_tasks
from tests.tables import write_file

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def kept_by_reader() -> int:
    """Return how many files and row groups this process's reader keeps."""
    return stretch_reader._opened.cache_info().currsize + len(stretch_reader._SHARED._tables)


@pytest.mark.parametrize("count", [0, 1, 7])
def test_each_description_has_a_task_of_its_own(spark: "SparkSession", count: int) -> None:
    before = spark.conf.get("spark.sql.execution.arrow.localRelationThreshold")

    def tell(description: tuple[int, str]) -> Iterator[pa.RecordBatch]:
        from pyspark import TaskContext

        context = TaskContext.get()
        task = context.partitionId() if context is not None else -1
        yield pa.record_batch([pa.array([description[0]]), pa.array([task])], names=["number", "task"])

    rows = run_tasks(spark, [(number, "x" * 1000) for number in range(count)], tell, "number long, task long").collect()
    assert sorted(row.number for row in rows) == list(range(count))
    assert len({row.task for row in rows}) == count
    assert spark.conf.get("spark.sql.execution.arrow.localRelationThreshold") == before


def test_a_worker_lets_go_of_files_when_its_task_ends(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = str(tmp_path_factory.mktemp("files") / "rows.parquet")
    write_file(path, pa.table({"__row": [0, 1]}))
    stretch_reader._SHARED.read(path, 0, ("__row",))
    assert kept_by_reader() >= 2
    stretch_reader.forget()
    assert kept_by_reader() == 0
    assert stretch_reader._SHARED.read(path, 0, ("__row",)).num_rows == 2
