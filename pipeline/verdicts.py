"""Verdicts that a fit reached on keys, brought to the rows of a part without moving a text."""

from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.parts import BatchStream, Part
from pipeline.stage import SideTables
from schemas.columns import DROP_TYPE, Column

VERDICTS = "verdicts"
"""Side table, by part: `row`, its number in the part, and the fields of `drop` for each row that is to go."""
VERDICT = Column("__verdict", DROP_TYPE, "what the fit decided for the row", None)
ROW = Column("row", pa.int64(), "number of the row in its part, from 0")


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
