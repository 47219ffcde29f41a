"""Pairs compared: the signature of the later document travels to the part of the earlier one, and to no other place."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from pipeline.dedup.bucket_files import PAIRS
from pipeline.dedup.candidates import SIGNATURE, signatures_of
from pipeline.dedup.order import DOC, FIRST, Order
from pipeline.kernels.near_duplicates.packing import unpack
from pipeline.rows.exchange import CHUNKS, Chunk, PartGroups, by_bucket, distinct, gathered, scatter
from pipeline.rows.row_ids import MeasuredParts, by_part, row_of
from pipeline.spark.meter import map_batches

if TYPE_CHECKING:
    from pyspark import Broadcast
    from pyspark.sql import DataFrame

    from pipeline.engine.saved import SavedTable

Array = np.ndarray[Any, np.dtype[Any]]
EDGES = (
    "later long, earlier long, matches int, later_rank long, later_doc long, earlier_rank long, earlier_doc long,"
    " compared long, left_out long, missed long"
)
"""Pairs that were compared, and rows without a pair that count comparisons; see `kernels.survivors.Found`."""
_TYPES = [pa.int64(), pa.int64(), pa.int32(), *[pa.int64()] * 7]
_NAMES = [piece.split()[0] for piece in EDGES.split(",")]
_PAIR = 7
_ROWS_AT_ONCE = 1 << 16


@dataclass(frozen=True)
class Signed:
    """What is needed of a document to compare it.

    Attributes:
        ranks: int64, the lowest possible one for documents of earlier runs.
        docs: int64.
        signatures: (rows, permutations), uint32.
        present: Whether an earlier run's document is still there.
    """

    ranks: Array
    docs: Array
    signatures: Array
    present: Array


def signed(tables: MeasuredParts, part: int, ids: Array, order: Order) -> Signed:
    """Return the signatures and ranks of some rows of one part, by their sorted ids."""
    rows = row_of(ids)
    is_new = part >= tables.first_new
    ranked = (order.column,) if is_new else ()
    table = tables.take(part, rows, list(dict.fromkeys((SIGNATURE.name, DOC.name, *ranked))))
    return Signed(
        order.ranks(table) if is_new else np.full(len(ids), FIRST),
        table[DOC.name].to_numpy(),
        signatures_of(table[SIGNATURE.name]),
        np.ones(len(ids), bool) if is_new else tables.present(part, rows),
    )


def edge_rows(columns: list[Array], counts: tuple[int, int, int] | None = None) -> pa.RecordBatch:
    """Return rows of `EDGES`.

    Args:
        columns: The seven columns of pairs.
        counts: compared, left out, missed: one row more, which has no pair.
    """
    extra = 1 if counts else 0
    size = len(columns[0])
    arrays = []
    for number, kind in enumerate(_TYPES):
        pair = number < _PAIR
        values = np.zeros(size + extra, np.int64)
        if pair:
            values[:size] = columns[number]
        elif counts:
            values[size:] = counts[number - _PAIR]
        mask = np.zeros(size + extra, bool)
        mask[size:] = pair
        arrays.append(pa.array(values.astype(kind.to_pandas_dtype()), kind, mask=mask))
    return pa.record_batch(arrays, names=_NAMES)


def compare_pairs(
    results: "SavedTable", shared: "Broadcast[MeasuredParts]", groups: PartGroups, order: Order, permutations: int
) -> "DataFrame":
    """Return `EDGES`: the pairs of a table of `RESULTS`, once each, with their equal positions.

    Args:
        results: Candidates.
        shared: The signatures.
        groups: Groups of the parts.
        order: By which the earlier of two stays.
        permutations: Numbers per signature.
    """

    def to_later(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            buckets, payloads = batch.column(0), batch.column(1)
            for row in range(batch.num_rows):
                pairs = unpack(payloads[row].as_py(), 2)
                yield from scatter(buckets[row].as_py(), groups.of_ids(pairs[0]), pairs)

    def at_later(_: int, chunks: Iterator[Chunk]) -> Iterator[pa.RecordBatch]:
        pairs = distinct(gathered(chunks, 2))
        for part, cut in by_part(pairs[0]):
            for start in range(cut.start, cut.stop, _ROWS_AT_ONCE):
                piece = slice(start, min(start + _ROWS_AT_ONCE, cut.stop))
                yield from _sent(part, [column[piece] for column in pairs], shared.value, groups, order)

    def at_earlier(_: int, chunks: Iterator[Chunk]) -> Iterator[pa.RecordBatch]:
        for columns, signatures in _met(chunks, permutations):
            for part, cut in by_part(columns[0]):
                of_part = [column[cut] for column in columns]
                yield _compared(shared.value, part, of_part, signatures[cut], order)

    pairs = results.frame("bucket", "payload", kind=PAIRS)
    sent = by_bucket(map_batches(pairs, to_later, CHUNKS), groups.total, at_later)
    return by_bucket(sent, groups.total, at_earlier, EDGES)


def _sent(
    part: int, pairs: list[Array], tables: MeasuredParts, groups: PartGroups, order: Order
) -> Iterator[pa.RecordBatch]:
    """Yield the pairs of a part's later documents, with their signatures, on the way to their earlier ones."""
    ids, of_pair = np.unique(pairs[0], return_inverse=True)
    documents = signed(tables, part, ids, order)
    at = np.argsort(pairs[1], kind="stable")
    of_pair = of_pair[at]
    columns = [pairs[1][at], pairs[0][at], documents.ranks[of_pair], documents.docs[of_pair]]
    for start in range(0, len(at), _ROWS_AT_ONCE >> 4):
        cut = slice(start, start + (_ROWS_AT_ONCE >> 4))
        piece = [column[cut] for column in columns]
        rows = of_pair[cut]

        def signatures(here: slice, rows: Array = rows) -> bytes:
            packed: bytes = documents.signatures[rows[here]].tobytes()
            return packed

        yield from scatter((part << 10) + (start >> 12), groups.of_ids(piece[0]), piece, signatures)


def _met(chunks: Iterator[Chunk], permutations: int) -> Iterator[tuple[list[Array], Array]]:
    """Yield (earlier, later, rank, doc) and signatures, sorted by the id of the earlier row, some at a time."""
    pieces: list[list[Array]] = []
    packed: list[bytes] = []
    for chunk in chunks:
        pieces.append(unpack(chunk.payload, 4))
        packed.append(chunk.extra or b"")
        if sum(len(piece[0]) for piece in pieces) >= _ROWS_AT_ONCE:
            yield _meeting(pieces, packed, permutations)
            pieces, packed = [], []
    if pieces:
        yield _meeting(pieces, packed, permutations)


def _meeting(pieces: list[list[Array]], packed: list[bytes], permutations: int) -> tuple[list[Array], Array]:
    columns = [np.concatenate(parts) for parts in zip(*pieces, strict=True)]
    at = np.argsort(columns[0], kind="stable")
    signatures = np.frombuffer(b"".join(packed), np.uint32).reshape(-1, permutations)
    return [column[at] for column in columns], signatures[at]


def _compared(
    tables: MeasuredParts, part: int, columns: list[Array], signatures: Array, order: Order
) -> pa.RecordBatch:
    """Compare what came with the part's own documents; put each pair into the documents' order."""
    from pipeline.kernels.near_duplicates.minhash import equal_positions

    ids, at = np.unique(columns[0], return_inverse=True)
    documents = signed(tables, part, ids, order)
    matches = equal_positions(signatures, documents.signatures, at)
    earlier, later, rank, doc = columns
    there = documents.present[at]
    own_rank, own_doc = documents.ranks[at], documents.docs[at]
    swap = (rank < own_rank) | ((rank == own_rank) & ((doc < own_doc) | ((doc == own_doc) & (later < earlier))))
    swap &= part >= tables.first_new  # what an earlier run kept stays
    edges = [
        np.where(swap, earlier, later),
        np.where(swap, later, earlier),
        matches,
        np.where(swap, own_rank, rank),
        np.where(swap, own_doc, doc),
        np.where(swap, rank, own_rank),
        np.where(swap, doc, own_doc),
    ]
    return edge_rows([column[there] for column in edges], (len(matches), 0, 0))
