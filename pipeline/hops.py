"""Hops: how rows travel through Python once for all neighbouring measures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import ContractError
from pipeline.parts import BatchStream, Part
from pipeline.stage import Measure, SideTables, arrow_schema, spark_schema
from schemas.columns import DROP, REQUIRED, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

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


def later_hop(docs: "DataFrame", hop: Hop, parts: Sequence[Part]) -> "DataFrame":
    """Run a further hop inside a job; rows that are dropped by now pass it with nulls where it measures."""
    columns = (*hop.columns, PART_NUMBER)
    schema = arrow_schema(columns)

    def measure(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            numbers = batch.column(PART_NUMBER.name)
            for number in numbers.unique().to_pylist():
                rows = batch.filter(pc.equal(numbers, number))
                alive = rows.column(DROP.name).is_null()
                for measured in hop(iter([rows.filter(alive)]), parts[number]):
                    yield _numbered(measured, number, schema)
                gone = rows.filter(pc.invert(alive))
                if gone.num_rows:
                    yield _filled(gone, schema)

    return docs.mapInArrow(measure, spark_schema(columns))


def _numbered(rows: pa.RecordBatch, number: int, schema: pa.Schema) -> pa.RecordBatch:
    marks = pa.array([number] * rows.num_rows, pa.int32())
    return pa.record_batch([*rows.columns, marks], schema=schema)


def _filled(rows: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    names = set(rows.schema.names)
    arrays = [
        rows.column(field.name).cast(field.type) if field.name in names else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return pa.record_batch(arrays, schema=schema)
