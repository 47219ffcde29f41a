"""Hops: how rows travel through Python once for all neighbouring measures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from pipeline.engine.stage import Measure, SideTables
from pipeline.errors import ContractError
from pipeline.runs.parts import BatchStream, Part
from pipeline.spark.types import arrow_schema
from schemas.columns import REQUIRED, Column

PART_NUMBER = Column("__part", pa.int32(), "number of the part in its job")


@dataclass(frozen=True)
class Hop:
    """The measures of neighbouring stages: one Python function over a part's rows.

    Attributes:
        measures: (measure, its parameters, its side tables), in order.
        columns: Columns of the rows that come out.
    """

    measures: tuple[tuple[Measure, Any, SideTables], ...]
    columns: tuple[Column, ...]

    def __call__(self, rows: BatchStream, part: Part) -> BatchStream:
        """Yield the rows with all measures made, cast to the promised types."""
        for measure, params, sides in self.measures:
            rows = measure(rows, part, params, sides)
        for batch in rows:
            yield conform_batch(batch, self.columns)


def with_columns(batch: pa.RecordBatch, added: Mapping[Column, pa.Array]) -> pa.RecordBatch:
    """Return a batch with further columns; a column of the user's own that has the name of one of them is left out."""
    taken = {column.name for column in added}
    kept = [name for name in batch.schema.names if name not in taken]
    arrays = [*(batch.column(name) for name in kept), *added.values()]
    return pa.record_batch(arrays, names=[*kept, *(column.name for column in added)])


def conform_batch(batch: pa.RecordBatch, columns: Sequence[Column]) -> pa.RecordBatch:
    """Return a batch with exactly these columns; one that is absent takes its default.

    Raises:
        ContractError: A column without a default is missing.
    """
    arrays = []
    for column in columns:
        if column.name in batch.schema.names:
            arrays.append(batch.column(column.name).cast(column.type))
        elif column.default is REQUIRED:
            raise ContractError(f"the hop left out column '{column.name}'; there are: {', '.join(batch.schema.names)}")
        elif column.default is None:
            arrays.append(pa.nulls(batch.num_rows, column.type))
        else:
            arrays.append(pa.array([column.default] * batch.num_rows, column.type))
    return pa.record_batch(arrays, schema=arrow_schema(columns))
