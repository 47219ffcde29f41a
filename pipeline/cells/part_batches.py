"""Rows of several parts in one batch: each with the number of its part, small parts together in a useful size."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.cells.pieces import ROW
from schemas.columns import Column

PART = Column("__part", pa.int32(), "number of the part in its table")
ROW_COLUMN = Column(ROW, pa.int64(), "number of the row in its part")
_BATCH_ROWS, _BATCH_BYTES = 1024, 8 << 20


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
