"""Rows with one key: the first of them in an order stays, and the others are linked to it.

Each task links the rows of its parts first (a combiner), so a key that half the corpus shares is sent once per task.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from pipeline.dedup.bucket_files import INDEX, LINKS, RESULTS, SUPERSEDED, BucketFiles, earlier_rows, results
from pipeline.kernels.near_duplicates.packing import pack, rows_in
from pipeline.rows.exchange import (
    DOCUMENTS_AT_ONCE,
    HASH_BITS,
    Chunk,
    bucket_of,
    by_bucket,
    chunk_row,
    from_parts,
    gathered,
    pooled,
    scatter,
)
from pipeline.rows.row_ids import MeasuredParts
from pipeline.spark.meter import map_batches

if TYPE_CHECKING:
    from pyspark import Broadcast
    from pyspark.sql import DataFrame, SparkSession

    from pipeline.engine.saved import SavedTable

Array = np.ndarray[Any, np.dtype[Any]]
Read = Callable[[MeasuredParts, int], Iterator[list[Array]]]
"""Reads a part's rows, some hundred thousand at a time: two 63-bit keys, the order's columns, ids; int64 all."""


def first_of_key(columns: Sequence[Array]) -> Array:
    """Return for each row the position of the first row with its keys.

    Args:
        columns: Two keys, then what the order goes by; the last column tells equals apart.

    >>> first_of_key([np.array([5, 6, 5]), np.array([0, 0, 0]), np.array([2, 0, 1])]).tolist()
    [2, 1, 2]
    """
    order = np.lexsort(tuple(reversed(list(columns))))
    first, second = columns[0][order], columns[1][order]
    starts = np.concatenate(([True], (first[1:] != first[:-1]) | (second[1:] != second[:-1])))[: len(order)]
    of_run = np.empty(len(order), np.int64)
    of_run[order] = order[np.flatnonzero(starts)][np.cumsum(starts) - 1]
    return of_run


def link_copies(
    spark: "SparkSession",
    shared: "Broadcast[MeasuredParts]",
    read: Read,
    width: int,
    buckets: int,
    earlier: Sequence[BucketFiles] | None = None,
) -> "DataFrame":
    """Return `RESULTS` by bucket: links (duplicate, survivor), the index of survivors, and what they supersede.

    A link's survivor may itself be linked to one of another part; see `join_exact_and_near`.

    Args:
        spark: The session.
        shared: What was measured of the parts.
        read: Reads a part's rows.
        width: How many columns it reads, the ids last.
        buckets: How many buckets.
        earlier: Indexes of earlier runs, whose rows are never linked, but superseded; None where no later run looks
            the survivors up, so that no index is written.
    """

    def of_parts(numbers: Sequence[int], parts: MeasuredParts) -> Iterator[pa.RecordBatch]:
        first_part = numbers[0]
        rows = (columns for part in numbers for columns in read(parts, part))
        for piece, columns in enumerate(pooled(rows, DOCUMENTS_AT_ONCE)):
            first = first_of_key(columns)
            stays = first == np.arange(len(first))
            ids = columns[-1]
            if not stays.all():
                links = pack([ids[~stays], ids[first[~stays]]])
                yield chunk_row(first_part % buckets, (first_part << 20) + piece, links, LINKS.encode())
            at = np.flatnonzero(stays)
            at = at[np.argsort(columns[0][at], kind="stable")]
            firsts = [column[at] for column in columns]
            yield from scatter((first_part << 10) + piece, bucket_of(firsts[0], HASH_BITS, buckets), firsts)

    def of_bucket(bucket: int, chunks: Iterator[Chunk]) -> Iterator[pa.RecordBatch]:
        keyed = []
        for chunk in chunks:
            if chunk.extra is None:
                keyed.append(chunk)
            else:
                yield _passed_on(bucket, chunk)
        new = gathered(iter(keyed), width)
        if len(new[0]):
            old = earlier_rows(earlier or (), np.unique(new[0]), bucket, buckets, width, width - 1)
            yield from _linked(bucket, new, old, shared.value if earlier is not None else None)

    chunks = from_parts(spark, shared, shared.value.new, of_parts)
    return by_bucket(chunks, buckets, of_bucket, RESULTS)


def _passed_on(bucket: int, chunk: Chunk) -> pa.RecordBatch:
    arrays = [
        pa.array([LINKS]),
        pa.array([bucket], pa.int32()),
        pa.array([rows_in(chunk.payload)], pa.int64()),
        pa.array([chunk.payload], pa.binary()),
    ]
    return pa.record_batch(arrays, names=["kind", "bucket", "rows", "payload"])


def _linked(
    bucket: int, new: list[Array], old: list[Array], index_of: MeasuredParts | None
) -> Iterator[pa.RecordBatch]:
    columns = [np.concatenate(pair) for pair in zip(new, old, strict=True)]
    first = first_of_key(columns)
    ids = columns[-1]
    stays = first == np.arange(len(first))
    is_new = np.arange(len(first)) < len(new[0])
    for kind, chosen in ((LINKS, ~stays & is_new), (SUPERSEDED, ~stays & ~is_new & is_new[first])):
        if chosen.any():
            yield from results(kind, bucket, [ids[chosen], ids[first[chosen]]])
    if index_of is not None:
        kept = np.flatnonzero(stays & is_new)
        kept = kept[np.argsort(columns[0][kept], kind="stable")]
        *keys, here = (column[kept] for column in columns)
        yield from results(INDEX, bucket, [*keys, index_of.as_later_ids(here)])


def links_of(table: "SavedTable", kind: str = LINKS) -> "DataFrame":
    """Return the links of a table of `RESULTS` as rows (duplicate, survivor)."""
    from pipeline.kernels.near_duplicates.packing import unpack

    def unpacked(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for payload in batch.column(0):
                duplicates, survivors = unpack(payload.as_py(), 2)
                yield pa.record_batch([pa.array(duplicates), pa.array(survivors)], names=["duplicate", "survivor"])

    return map_batches(table.frame("payload", kind=kind), unpacked, "duplicate long, survivor long")
