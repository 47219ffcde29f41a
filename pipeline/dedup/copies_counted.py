"""Copies are a signal: how many documents were dropped in favour of each survivor, as cells of its row."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from pipeline.cells.part_batches import PART
from pipeline.cells.pieces import ROW
from pipeline.rows.row_ids import MeasuredParts, part_of, row_of
from pipeline.spark.meter import map_batches
from schemas.columns import Column

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn
    from pyspark.sql import DataFrame


def count_copies(
    duplicates: "DataFrame", tables: MeasuredParts, counted: "Mapping[Column, SparkColumn]"
) -> "DataFrame":
    """Return how many copies each survivor of this run stands for: PART, ROW and a column for each kind.

    A survivor of an earlier run has no row here, and none that no document was dropped for is named: its counts are
    null.

    Args:
        duplicates: `duplicate` and `survivor`, ids of rows.
        tables: The parts by which ids are known.
        counted: Column of counts → whether a duplicate counts there.
    """
    from pyspark.sql import functions as F  # noqa: N812

    names = [column.name for column in counted]
    sums = [F.sum(F.when(chosen, 1)).cast("int").alias(column.name) for column, chosen in counted.items()]
    by_survivor = duplicates.groupBy("survivor").agg(*sums)
    first_new = tables.first_new

    def split(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            ids = batch.column(0).to_numpy()
            is_new = pa.array(tables.is_new(ids)) if first_new else pa.array(np.ones(len(ids), bool))
            kept = batch.filter(is_new)
            ids = kept.column(0).to_numpy()
            where = [pa.array((part_of(ids) - first_new).astype(np.int32)), pa.array(row_of(ids))]
            yield pa.record_batch([*where, *(kept.column(name) for name in names)], names=[PART.name, ROW, *names])

    fields = [f"{PART.name} int", f"{ROW} long", *(f"{name} int" for name in names)]
    return map_batches(by_survivor, split, ", ".join(fields))
