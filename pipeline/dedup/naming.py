"""Survivors by name: what is written of the one that stays beside a document that is dropped."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from pipeline.cells.part_batches import PART
from pipeline.cells.pieces import ROW
from pipeline.rows.exchange import CHUNKS, Chunk, PartGroups, by_bucket, in_pieces, scatter, sorted_by
from pipeline.rows.row_ids import by_part, part_of, row_of
from pipeline.spark.meter import map_batches
from schemas.columns import RECORD_ID, URL

if TYPE_CHECKING:
    from pyspark import Broadcast
    from pyspark.sql import DataFrame

    from pipeline.rows.row_ids import MeasuredParts

NAMED = (
    f"{PART.name} int, {ROW} long, matches int, exact boolean, survivor_record_id string, survivor_url string,"
    " survivor_run string"
)
"""By row of a part: its survivor. `survivor_run` is null where that is a document of this run."""
NAMES = (RECORD_ID, URL)
"""Columns that survivors are named by."""
_FIELDS = [piece.split()[0] for piece in NAMED.split(",")]
_ROWS_AT_ONCE = 1 << 20


def name_survivors(duplicates: "DataFrame", shared: "Broadcast[MeasuredParts]", groups: PartGroups) -> "DataFrame":
    """Return `NAMED`.

    Args:
        duplicates: duplicate, survivor, matches, exact.
        shared: The measured parts, which hold `record_id` and `url`.
        groups: Groups of the parts.
    """

    def to_survivors(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            columns = [batch.column(number).cast(pa.int64()).to_numpy(zero_copy_only=False) for number in range(4)]
            columns = sorted_by(columns, columns[:2])
            if len(columns[0]):
                yield from scatter(int(columns[1][0]) & 0xFFFFFFFF, groups.of_ids(columns[0]), columns)

    def named(_: int, chunks: Iterator[Chunk]) -> Iterator[pa.RecordBatch]:
        tables = shared.value
        for piece in in_pieces(chunks, 4, _ROWS_AT_ONCE):
            columns = sorted_by(piece, piece[:2])
            for part, cut in by_part(columns[0]):
                survivors, dropped, matches, exact = (column[cut] for column in columns)
                unique, at = np.unique(survivors, return_inverse=True)
                names = tables.take(part, row_of(unique), [RECORD_ID.name, URL.name]).take(pa.array(at))
                arrays = [
                    pa.array((part_of(dropped) - tables.first_new).astype(np.int32)),
                    pa.array(row_of(dropped)),
                    pa.array(matches.astype(np.int32)),
                    pa.array(exact.astype(bool)),
                    *(names[column].combine_chunks().cast(pa.string()) for column in (RECORD_ID.name, URL.name)),
                    pa.array([tables.parts[part].run or None] * len(dropped), pa.string()),
                ]
                yield pa.record_batch(arrays, names=_FIELDS)

    chunks = map_batches(duplicates.select("survivor", "duplicate", "matches", "exact"), to_survivors, CHUNKS)
    return by_bucket(chunks, groups.total, named, NAMED)
