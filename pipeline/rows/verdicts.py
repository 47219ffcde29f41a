"""What a fit found by keys, brought to the rows of a part without moving a text: verdicts, and what was measured."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.engine.stage import SideTables
from pipeline.errors import ManifestError
from pipeline.runs.parts import BatchStream, Part
from schemas.columns import DROP_TYPE, WARC_OFFSET, Column

VERDICTS = "verdicts"
"""Side table, by part: `row`, its number in the part, and the fields of `drop` for each row that is to go."""
VERDICT = Column("__verdict", DROP_TYPE, "what the fit decided for the row", None)
ROW = Column("row", pa.int64(), "number of the row in its part, from 0")


def numbered(rows: BatchStream) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Yield the batches of a part, each with the number of its first row."""
    start = 0
    for batch in rows:
        yield start, batch
        start += batch.num_rows


def row_numbers(start: int, count: int) -> pa.Array:
    """Return the numbers of some rows of a part, from `start` on.

    >>> row_numbers(2, 3).to_pylist()
    [2, 3, 4]
    """
    return pa.array(np.arange(start, start + count), ROW.type)


def look_up_verdicts(rows: BatchStream, part: Part, _: Any, sides: SideTables) -> BatchStream:
    """Add the verdict on each row: null where the fit has nothing against it."""
    verdicts = sides.slice(VERDICTS, part)
    start = 0
    for batch in rows:
        if verdicts is None:
            found = pa.nulls(batch.num_rows, DROP_TYPE)
        else:
            found = _match(np.arange(start, start + batch.num_rows), verdicts)
        start += batch.num_rows
        yield batch.append_column(VERDICT.name, found)


def verdicts_of(verdicts: pa.Table | None, measured: pa.Table) -> pa.Array:
    """Return the verdicts on rows that were measured with their numbers: null where the fit has nothing against one.

    Args:
        verdicts: All of the part.
        measured: Has ROW.
    """
    return pa.nulls(len(measured), DROP_TYPE) if verdicts is None else _match(measured[ROW.name].to_numpy(), verdicts)


def _match(rows: np.ndarray[Any, Any], verdicts: pa.Table) -> pa.Array:
    known = verdicts[ROW.name].to_numpy()
    at = np.searchsorted(known, rows)
    hit = (at < len(known)) & (known[np.minimum(at, len(known) - 1)] == rows)
    index = pa.array(at, pa.int64(), mask=~hit)
    names = [field.name for field in DROP_TYPE]
    taken = [verdicts[field.name].combine_chunks().cast(field.type).take(index) for field in DROP_TYPE]
    return pa.StructArray.from_arrays(taken, names=names, mask=pa.array(~hit))


def rows_of(measured: pa.Table, batch: pa.RecordBatch) -> pa.Table:
    """Return the rows of a part's side table that belong to the rows of a batch, in their order.

    Args:
        measured: All of the part, with `warc_offset`.
        batch: Rows of the part.

    Raises:
        ManifestError: One of them was not measured.
    """
    offsets, wanted = measured[WARC_OFFSET.name].to_numpy(), batch.column(WARC_OFFSET.name).to_numpy()
    order = np.argsort(offsets, kind="stable")
    at = np.minimum(np.searchsorted(offsets, wanted, sorter=order), len(offsets) - 1)
    if len(wanted) and (len(offsets) == 0 or (offsets[order[at]] != wanted).any()):
        raise ManifestError("a document of the stage was not measured")
    return measured.take(pa.array(order[at]))
