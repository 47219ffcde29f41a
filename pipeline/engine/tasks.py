"""Parts packed into tasks, and the rows of a task's small parts into batches of a useful size."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from pipeline.cells.part_cells import PartCells
from pipeline.cells.pieces import ROW
from pipeline.cells.reader import read_cells
from pipeline.spark.tasks import run_tasks, slots
from pipeline.spark.types import spark_schema
from schemas.columns import Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

TASK_BYTES = 128 << 20
PART = Column("__part", pa.int32(), "number of the part in its table")
ROW_COLUMN = Column(ROW, pa.int64(), "number of the row in its part")
_BATCH_ROWS, _BATCH_BYTES = 1024, 8 << 20


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


def numbered(number: int, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield batches with PART, the number of their part."""
    for batch in batches:
        parts = pa.array(np.full(batch.num_rows, number, np.int32))
        yield pa.record_batch([parts, *batch.columns], names=[PART.name, *batch.schema.names])


def gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield batches joined, so that a kernel is not called for a row or two at a time."""
    pending: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        if not batch.num_rows:
            continue
        if rows and (rows + batch.num_rows > _BATCH_ROWS or size + batch.nbytes > _BATCH_BYTES):
            yield _joined(pending)
            pending, rows, size = [], 0, 0
        pending.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
    if pending:
        yield _joined(pending)


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    if len(batches) == 1:
        return batches[0]
    return pa.Table.from_batches(batches).combine_chunks().to_batches()[0]


def by_part(batch: pa.RecordBatch) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Yield (number of the part, its rows) of a batch in which the rows of a part stand together."""
    numbers = batch.column(PART.name).to_numpy()
    starts: Any = np.flatnonzero(np.concatenate(([True], numbers[1:] != numbers[:-1])))[: len(numbers)].tolist()
    for start, stop in zip(starts, [*starts[1:], len(numbers)][: len(starts)], strict=True):
        yield int(numbers[start]), batch.slice(start, stop - start)


def cells_frame(spark: "SparkSession", parts: Sequence[PartCells], columns: Sequence[Column]) -> "DataFrame":
    """Return rows of parts as a DataFrame: PART (number in the sequence), ROW and some columns."""
    read = tuple(columns)
    packed = pack([cells.part.bytes for cells in parts], slots(spark))
    tasks = [[(number, parts[number]) for number in task] for task in packed]

    def rows_of(task: list[tuple[int, PartCells]]) -> Iterator[pa.RecordBatch]:
        yield from gathered(batch for number, cells in task for batch in numbered(number, read_cells(cells, read)))

    return run_tasks(spark, tasks, rows_of, spark_schema((PART, ROW_COLUMN, *columns)))
