"""Captures of earlier runs that this run has newer ones of: listed, to be taken out of what was released."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from pipeline.cells.pieces import ROW
from pipeline.dedup.bucket_files import SUPERSEDED
from pipeline.dedup.copies import links_of
from pipeline.rows.exchange import CHUNKS, Chunk, PartGroups, by_bucket, in_pieces, scatter, sorted_by
from pipeline.rows.row_ids import by_part, row_of
from pipeline.spark.meter import map_batches
from schemas.columns import DOC_ID, FETCH_TIME, RECORD_ID, URL, WARC_FILE, WARC_OFFSET

if TYPE_CHECKING:
    from pyspark import Broadcast
    from pyspark.sql import DataFrame

    from pipeline.engine.saved import SavedTable
    from pipeline.rows.row_ids import MeasuredParts

OLD = (RECORD_ID, DOC_ID, URL, FETCH_TIME, WARC_FILE, WARC_OFFSET)
"""Columns that a capture is listed with; the survivor's name is among them."""
_TYPES = {FETCH_TIME.name: "timestamp", WARC_OFFSET.name: "long"}
_FIELDS = ", ".join(f"{column.name} {_TYPES.get(column.name, 'string')}" for column in OLD)
_ROWS_AT_ONCE = 1 << 20


def list_superseded(table: "SavedTable", shared: "Broadcast[MeasuredParts]", groups: PartGroups) -> "DataFrame":
    """Return a row for each superseded capture, with the number of its part as `bucket`, sorted within parts.

    Args:
        table: `RESULTS` of URLs by bucket.
        shared: The captures of earlier runs and of this one.
        groups: Groups of the parts.
    """
    from pyspark.sql import functions as F  # noqa: N812

    links = links_of(table, SUPERSEDED)
    old = _rows(links.select("duplicate", "survivor"), shared, groups)
    new = _rows(links.select("survivor", "duplicate"), shared, groups)
    newer = new.select(
        F.col("other_id").alias("id"), *(F.col(column.name).alias(f"newer_{column.name}") for column in OLD)
    )
    pairs = old.join(newer.drop(f"newer_{URL.name}", f"newer_{DOC_ID.name}"), "id")
    bucket = F.shiftright("id", 32).cast("int")
    row = F.col("id").bitwiseAND(F.lit((1 << 32) - 1)).alias(ROW)
    return pairs.select(bucket.alias("bucket"), row, "run", *(column.name for column in OLD), *(
        f"newer_{column.name}" for column in (RECORD_ID, FETCH_TIME, WARC_FILE, WARC_OFFSET)
    )).repartition("bucket").sortWithinPartitions("bucket", ROW)  # fmt: skip


def _rows(links: "DataFrame", shared: "Broadcast[MeasuredParts]", groups: PartGroups) -> "DataFrame":
    """Return what identifies the capture at the first of two ids, with both as `id` and `other_id`."""

    def send(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            columns = sorted_by([column.to_numpy() for column in batch.columns], [batch.column(0).to_numpy()])
            if len(columns[0]):
                yield from scatter(int(columns[0][0]) & 0xFFFF, groups.of_ids(columns[0]), columns)

    def read(_: int, chunks: Iterator[Chunk]) -> Iterator[pa.RecordBatch]:
        for piece in in_pieces(chunks, 2, _ROWS_AT_ONCE):
            ids, other_ids = sorted_by(piece, piece)
            for part, cut in by_part(ids):
                unique, at = np.unique(ids[cut], return_inverse=True)
                names = [column.name for column in OLD]
                rows = shared.value.take(part, row_of(unique), names).take(pa.array(at)).combine_chunks()
                arrays = [pa.array(ids[cut]), pa.array(other_ids[cut])]
                arrays += [rows[column.name].combine_chunks().cast(column.type) for column in OLD]
                arrays.append(pa.array([shared.value.parts[part].run] * len(other_ids[cut]), pa.string()))
                yield pa.record_batch(arrays, names=["id", "other_id", *names, "run"])

    return by_bucket(
        map_batches(links, send, CHUNKS), groups.total, read, f"id long, other_id long, {_FIELDS}, run string"
    )
