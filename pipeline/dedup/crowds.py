"""Bands that many documents share: those of them that are kept so far are compared, all with all.

A viral page's copies gave way to the first of them when pairs were compared, so few of a crowd are left. Where they
are many, they are unlike: pages of one template. They are compared band by band in one pass, in memory for one batch
and a bounded number of documents.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from pipeline.dedup.bucket_files import CROWDED
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

if TYPE_CHECKING:
    from pyspark import Broadcast
    from pyspark.sql import DataFrame

    from pipeline.engine.saved import SavedTable, Slices
    from pipeline.kernels.near_duplicates.survivors import Crowd

Array = np.ndarray[Any, np.dtype[Any]]
_MEMBERS = "key long, rank long, doc long, place long, signature binary"
_ROWS_AT_ONCE = 1 << 14


class Crowds:
    """The crowded bands of a run."""

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
        self._rows = results.frame("bucket", "payload", kind=CROWDED)
        self._shared, self._groups = shared, groups
        self._buckets, self._bits = buckets, bits
        self._order = order

    def compare(
        self, given_way: "Slices", unsettled: "Slices | None", held: int, permutations: int, enough: int
    ) -> "DataFrame":
        """Return `EDGES` among the documents of crowds that are kept so far.

        Args:
            given_way: Rows that gave way so far.
            unsettled: Rows to be compared anew: crowds without one are left alone; None for all crowds.
            held: Documents of one band that later ones are compared with.
            permutations: Numbers a signature.
            enough: Equal positions that make two documents alike.
        """
        shared = self._shared

        def compare(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            from pipeline.kernels.near_duplicates.survivors import Crowd  # noqa: PLC0415

            crowd = Crowd(held, 3, permutations, enough)
            for batch in batches:
                if batch.num_rows:
                    yield _edges(crowd, batch, shared.value)

        members = (
            self._members(given_way, unsettled).repartition("key").sortWithinPartitions("key", "rank", "doc", "place")
        )
        return members.mapInArrow(compare, EDGES)

    def _members(self, given_way: "Slices", unsettled: "Slices | None") -> "DataFrame":
        """Return the signatures of those that are kept, once for each crowd of two or more of them."""
        shared, groups, buckets, bits, order = self._shared, self._groups, self._buckets, self._bits, self._order

        def kept(_: int, chunks: Iterator[Chunk]) -> Iterator[pa.RecordBatch]:
            for piece in in_pieces(chunks, 2):
                places, keys = distinct(piece)
                for part, cut in by_part(places):
                    there = _kept(shared.value, part, places[cut], given_way)
                    marks = _marked(shared.value, part, places[cut], unsettled).astype(np.int64)
                    columns = [column[there] for column in (keys[cut], places[cut], marks)]
                    columns = sorted_by(columns, columns[:1])
                    yield from scatter(part, bucket_of(columns[0], bits, buckets), columns)

        def crowded(bucket: int, chunks: Iterator[Chunk]) -> Iterator[pa.RecordBatch]:
            full = False  # of a bucket that is far too full nothing is left out: a crowd may lie in several pieces
            for keys, places, marks in in_pieces(chunks, 3):
                full = full or len(keys) >= ROWS_AT_ONCE
                chosen = np.arange(len(keys)) if full else _still_crowded(keys, marks)
                columns = sorted_by([places[chosen], keys[chosen]], [places[chosen]])
                yield from scatter(bucket, groups.of_places(columns[0]), columns)

        def with_signatures(_: int, chunks: Iterator[Chunk]) -> Iterator[pa.RecordBatch]:
            for piece in in_pieces(chunks, 2):
                places, keys = distinct(piece)
                for part, cut in by_part(places):
                    yield from _member_rows(shared.value, part, places[cut], keys[cut], order)

        chunks = by_bucket(self._rows.mapInArrow(_to_parts(groups), CHUNKS), groups.total, kept)
        chunks = by_bucket(chunks, buckets, crowded)
        return by_bucket(chunks, groups.total, with_signatures, _MEMBERS)


def _to_parts(groups: PartGroups) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def send(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            numbers, payloads = batch.column(0), batch.column(1)
            for row in range(batch.num_rows):
                keys, places = unpack(payloads[row].as_py(), 2)
                columns = sorted_by([places, keys], [places, keys])
                yield from scatter(numbers[row].as_py(), groups.of_places(columns[0]), columns)

    return send


def _edges(crowd: "Crowd", batch: pa.RecordBatch, tables: MeasuredParts) -> pa.RecordBatch:
    keys, ranks, docs, places = (batch.column(number).to_numpy() for number in range(4))
    rows = np.stack((places, ranks, docs), axis=1)
    found = crowd.compare(keys, tables.is_new(places), rows, signatures_of(batch.column(4)))
    later, earlier = rows[found.later].T, found.earlier.T
    pairs = [later[0], earlier[0], found.matches, later[1], later[2], earlier[1], earlier[2]]
    return edge_rows(pairs, (found.compared, found.left_out, found.missed))


def _kept(tables: MeasuredParts, part: int, places: Array, given_way: "Slices") -> Array:
    """Tell which documents of a part have not given way."""
    rows = row_of(places)
    if part < tables.first_new:
        unique, at = np.unique(rows, return_inverse=True)
        present: Array = tables.present(part, unique)[at]
        return present
    gone: Array = ~np.isin(rows, given_way.rows(part - tables.first_new))
    return gone


def _marked(tables: MeasuredParts, part: int, places: Array, unsettled: "Slices | None") -> Array:
    """Tell which documents are to be compared: those of this run, or the unsettled ones among them."""
    if part < tables.first_new or unsettled is None:
        return np.full(len(places), part >= tables.first_new)
    return np.isin(row_of(places), unsettled.rows(part - tables.first_new))


def _still_crowded(keys: Array, marks: Array) -> Array:
    """Return the positions of rows whose key has two rows or more, one of them marked."""
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.concatenate(([True], np.diff(keys[order]) != 0)))[: len(keys)]
    sizes = np.diff(np.append(starts, len(keys)))
    marked = np.add.reduceat(marks[order], starts) if len(starts) else sizes
    found: Array = order[np.repeat((sizes > 1) & (marked > 0), sizes)]
    return found


def _member_rows(
    tables: MeasuredParts, part: int, places: Array, keys: Array, order: Order
) -> Iterator[pa.RecordBatch]:
    for start in range(0, len(places), _ROWS_AT_ONCE):
        cut = slice(start, start + _ROWS_AT_ONCE)
        unique, at = np.unique(places[cut], return_inverse=True)
        mine: Signed = signed(tables, part, unique, order)
        width = mine.signatures.shape[1] * 4
        packed = pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(width), len(at), [None, pa.py_buffer(mine.signatures[at].tobytes())]
        ).cast(pa.binary())
        yield pa.record_batch(
            [pa.array(keys[cut]), pa.array(mine.ranks[at]), pa.array(mine.docs[at]), pa.array(places[cut]), packed],
            names=["key", "rank", "doc", "place", "signature"],
        )
