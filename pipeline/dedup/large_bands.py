"""Bands that many documents share: those of them that are kept so far are compared, all with all.

A viral page's copies were dropped for the first of them when pairs were compared, so few of a large band are left.
Where they are many, they are unlike: pages of one template. They are compared band by band in one pass, in memory for
one batch and a bounded number of documents.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from pipeline.dedup.bucket_files import LARGE_BANDS
from pipeline.dedup.candidates import signatures_of
from pipeline.dedup.comparing import EDGES, Signed, edge_rows, signed
from pipeline.dedup.order import Order
from pipeline.kernels.near_duplicates.packing import unpack
from pipeline.rows.exchange import (
    CHUNKS,
    ROWS_AT_ONCE,
    Chunk,
    PartGroups,
    bucket_of,
    by_bucket,
    distinct,
    in_pieces,
    scatter,
    sorted_by,
)
from pipeline.rows.row_ids import MeasuredParts, by_part, row_of
from pipeline.spark.meter import map_batches

if TYPE_CHECKING:
    from pyspark import Broadcast
    from pyspark.sql import DataFrame

    from pipeline.engine.saved import SavedTable, Slices
    from pipeline.kernels.near_duplicates.survivors import LargeBand

Array = np.ndarray[Any, np.dtype[Any]]
_MEMBERS = "key long, rank long, doc long, id long, signature binary"
_ROWS_AT_ONCE = 1 << 14


class LargeBands:
    """The large bands of a run."""

    def __init__(
        self,
        results: "SavedTable",
        shared: "Broadcast[MeasuredParts]",
        groups: PartGroups,
        buckets: int,
        bits: int,
        order: Order,
    ) -> None:
        """Remember where they are.

        Args:
            results: Candidates by bucket.
            shared: The signatures.
            groups: Groups of the parts.
            buckets: How many buckets of keys.
            bits: Of a key.
            order: Of the documents.
        """
        self._rows = results.frame("bucket", "payload", kind=LARGE_BANDS)
        self._shared, self._groups = shared, groups
        self._buckets, self._bits = buckets, bits
        self._order = order

    def compare(
        self, dropped: "Slices", pending: "Slices | None", limit: int, permutations: int, enough: int
    ) -> "DataFrame":
        """Return `EDGES` among the documents of large bands that are kept so far.

        Args:
            dropped: Rows that were dropped so far.
            pending: Rows to be compared anew: bands without one are left alone; None for all bands.
            limit: Documents of one band that later ones are compared with.
            permutations: Numbers per signature.
            enough: Equal positions that make two documents alike.
        """
        shared = self._shared

        def compare(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            from pipeline.kernels.near_duplicates.survivors import LargeBand

            band = LargeBand(limit, 3, permutations, enough)
            for batch in batches:
                if batch.num_rows:
                    yield _edges(band, batch, shared.value)

        members = self._members(dropped, pending).repartition("key").sortWithinPartitions("key", "rank", "doc", "id")
        return map_batches(members, compare, EDGES)

    def _members(self, dropped: "Slices", pending: "Slices | None") -> "DataFrame":
        """Return the signatures of those that are kept, once for each band of two or more of them."""
        shared, groups, buckets, bits, order = self._shared, self._groups, self._buckets, self._bits, self._order

        def kept(_: int, chunks: Iterator[Chunk]) -> Iterator[pa.RecordBatch]:
            for piece in in_pieces(chunks, 2):
                ids, keys = distinct(piece)
                for part, cut in by_part(ids):
                    there = _kept(shared.value, part, ids[cut], dropped)
                    marks = _marked(shared.value, part, ids[cut], pending).astype(np.int64)
                    columns = [column[there] for column in (keys[cut], ids[cut], marks)]
                    columns = sorted_by(columns, columns[:1])
                    yield from scatter(part, bucket_of(columns[0], bits, buckets), columns)

        def in_large_bands(bucket: int, chunks: Iterator[Chunk]) -> Iterator[pa.RecordBatch]:
            full = False  # of a bucket that is far too full nothing is left out: a band may lie in several pieces
            for keys, ids, marks in in_pieces(chunks, 3):
                full = full or len(keys) >= ROWS_AT_ONCE
                chosen = np.arange(len(keys)) if full else _still_large(keys, marks)
                columns = sorted_by([ids[chosen], keys[chosen]], [ids[chosen]])
                yield from scatter(bucket, groups.of_ids(columns[0]), columns)

        def with_signatures(_: int, chunks: Iterator[Chunk]) -> Iterator[pa.RecordBatch]:
            for piece in in_pieces(chunks, 2):
                ids, keys = distinct(piece)
                for part, cut in by_part(ids):
                    yield from _member_rows(shared.value, part, ids[cut], keys[cut], order)

        chunks = by_bucket(map_batches(self._rows, _to_parts(groups), CHUNKS), groups.total, kept)
        chunks = by_bucket(chunks, buckets, in_large_bands)
        return by_bucket(chunks, groups.total, with_signatures, _MEMBERS)


def _to_parts(groups: PartGroups) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def send(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            numbers, payloads = batch.column(0), batch.column(1)
            for row in range(batch.num_rows):
                keys, ids = unpack(payloads[row].as_py(), 2)
                columns = sorted_by([ids, keys], [ids, keys])
                yield from scatter(numbers[row].as_py(), groups.of_ids(columns[0]), columns)

    return send


def _edges(band: "LargeBand", batch: pa.RecordBatch, tables: MeasuredParts) -> pa.RecordBatch:
    keys, ranks, docs, ids = (batch.column(number).to_numpy() for number in range(4))
    rows = np.stack((ids, ranks, docs), axis=1)
    similar = band.compare(keys, tables.is_new(ids), rows, signatures_of(batch.column(4)))
    later, earlier = rows[similar.later].T, similar.earlier.T
    pairs = [later[0], earlier[0], similar.matches, later[1], later[2], earlier[1], earlier[2]]
    return edge_rows(pairs, (similar.compared, similar.left_out, similar.missed))


def _kept(tables: MeasuredParts, part: int, ids: Array, dropped: "Slices") -> Array:
    """Tell which documents of a part were not dropped."""
    rows = row_of(ids)
    if part < tables.first_new:
        unique, at = np.unique(rows, return_inverse=True)
        present: Array = tables.present(part, unique)[at]
        return present
    kept: Array = ~np.isin(rows, dropped.rows(part - tables.first_new))
    return kept


def _marked(tables: MeasuredParts, part: int, ids: Array, pending: "Slices | None") -> Array:
    """Tell which documents are to be compared: those of this run, or the pending ones among them."""
    if part < tables.first_new or pending is None:
        return np.full(len(ids), part >= tables.first_new)
    return np.isin(row_of(ids), pending.rows(part - tables.first_new))


def _still_large(keys: Array, marks: Array) -> Array:
    """Return the positions of rows whose key has two rows or more, one of them marked."""
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.concatenate(([True], np.diff(keys[order]) != 0)))[: len(keys)]
    sizes = np.diff(np.append(starts, len(keys)))
    marked = np.add.reduceat(marks[order], starts) if len(starts) else sizes
    positions: Array = order[np.repeat((sizes > 1) & (marked > 0), sizes)]
    return positions


def _member_rows(tables: MeasuredParts, part: int, ids: Array, keys: Array, order: Order) -> Iterator[pa.RecordBatch]:
    for start in range(0, len(ids), _ROWS_AT_ONCE):
        cut = slice(start, start + _ROWS_AT_ONCE)
        unique, at = np.unique(ids[cut], return_inverse=True)
        documents: Signed = signed(tables, part, unique, order)
        width = documents.signatures.shape[1] * 4
        packed = pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(width), len(at), [None, pa.py_buffer(documents.signatures[at].tobytes())]
        ).cast(pa.binary())
        yield pa.record_batch(
            [
                pa.array(keys[cut]),
                pa.array(documents.ranks[at]),
                pa.array(documents.docs[at]),
                pa.array(ids[cut]),
                packed,
            ],
            names=["key", "rank", "doc", "id", "signature"],
        )
