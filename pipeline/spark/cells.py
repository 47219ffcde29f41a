"""The rows of parts as a DataFrame."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from pipeline.cells.part_batches import PART, ROW_COLUMN, gathered, numbered
from pipeline.cells.part_cells import PartCells
from pipeline.cells.reader import read_cells
from pipeline.spark.tasks import pack, run_tasks, slots
from pipeline.spark.types import spark_schema
from schemas.columns import Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def cells_frame(spark: "SparkSession", parts: Sequence[PartCells], columns: Sequence[Column]) -> "DataFrame":
    """Return rows of parts as a DataFrame: PART (number in the sequence), ROW and some columns."""
    read = tuple(columns)
    packed = pack([cells.part.bytes for cells in parts], slots(spark))
    tasks = [[(number, parts[number]) for number in task] for task in packed]

    def rows_of(task: list[tuple[int, PartCells]]) -> Iterator[pa.RecordBatch]:
        yield from gathered(batch for number, cells in task for batch in numbered(number, read_cells(cells, read)))

    return run_tasks(spark, tasks, rows_of, spark_schema((PART, ROW_COLUMN, *columns)))
