"""Documents that were nearly dropped as near duplicates: stored candidates, compared again by their stored signatures.

dedup_document keeps which documents shared a band, and every signature, but not how alike those were that it kept.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.checked_file import opened_parquet
from pipeline.cells.part_cells import PartCells
from pipeline.cells.reader import read_cells
from pipeline.cells.stretch_reader import Rows
from pipeline.dedup.bucket_files import PAIRS
from pipeline.dedup.candidates import SIGNATURE, signatures_of
from pipeline.dedup.documents import BANDS
from pipeline.dedup.order import DOC, UNITS, Order
from pipeline.kernels.near_duplicates.packing import unpack
from pipeline.review.candidates import DISTANCE, Floats, candidates, nullable
from pipeline.rows.row_ids import by_part, part_of, row_of
from pipeline.runs.table import Table
from pipeline.stores import storage
from schemas.columns import DOC_ID, DROP, LANGUAGE, SOURCE_URL, Column, column_named

MOST_PAIRS = 1_000_000
"""Candidate pairs that are compared again. Buckets are ranges of hashes: the pairs of the first are a random sample."""
_AT_ONCE = 1 << 16
_SIGNATURES = "signatures"


def near_misses(table: Table) -> Iterator[pa.Table]:
    """Yield pairs of kept documents that were compared and found to be less alike than the threshold.

    The document of a `CANDIDATES` row is the later of the two, which would have been dropped. Pairs of bands that many
    documents share are not among them.

    Args:
        table: Of dedup_document, of a run without earlier runs.
    """
    record = table.manifest.tables.get(BANDS)
    if record is None:
        return
    order, params = Order(str(table.manifest.params["keep"])), table.manifest.params
    columns = _columns(table, order)
    names = [column.name for column in columns[:-1]]
    parts = table.with_drops(names, len(table.chain) - 1, private_sets=(_SIGNATURES,))
    left = MOST_PAIRS
    for path, _ in record.files:
        for pairs in _pairs(storage.join(table.root, path)):
            for start in range(0, min(len(pairs), left), _AT_ONCE):
                piece = pairs[start : min(start + _AT_ONCE, left)]
                yield _compared(piece, parts, columns, order, params["permutations"], params["threshold"])
            left -= len(pairs)
            if left <= 0:
                return


def _columns(table: Table, order: Order) -> list[Column]:
    kinds = {column.name: column for column in (SIGNATURE, UNITS, DOC, *table.columns)}
    ranked = kinds.get(order.column) or column_named(order.column)
    chosen = (SIGNATURE, UNITS, DOC, DOC_ID, SOURCE_URL, LANGUAGE, *([ranked] if ranked is not None else []), DROP)
    return nullable(*{column.name: column for column in chosen}.values())


def _pairs(path: str) -> Iterator[Rows]:
    """Yield the pairs of a bucket's file, int64 (pairs, 2)."""
    with opened_parquet(path) as file:
        for batch in file.iter_batches(batch_size=16, columns=["kind", "payload"]):
            chosen = batch.filter(pc.equal(batch.column("kind"), PAIRS))
            for payload in chosen.column("payload").to_pylist():
                yield np.stack(unpack(payload, 2), axis=1)


def _compared(
    pairs: Rows,
    parts: Sequence[PartCells],
    columns: Sequence[Column],
    order: Order,
    permutations: int,
    threshold: float,
) -> pa.Table:
    from pipeline.kernels.near_duplicates.minhash import equal_positions

    ids = np.unique(pairs)
    rows = _rows(ids, parts, columns)
    signatures = signatures_of(rows[SIGNATURE.name])
    ranks, docs = order.ranks(rows), rows[DOC.name].to_numpy()
    rank = np.empty(len(ids), np.int64)  # of each document in the order
    rank[np.lexsort((ids, docs, ranks))] = np.arange(len(ids))
    left, right = (np.searchsorted(ids, pairs[:, side]) for side in (0, 1))
    later, earlier = np.where(rank[left] > rank[right], (left, right), (right, left))
    matches = equal_positions(signatures[later], signatures, earlier)
    is_kept = rows[DROP.name].is_null().to_numpy()
    enough = int(np.ceil(threshold * permutations - 1e-9))
    chosen = (matches < enough) & is_kept[later] & is_kept[earlier]
    return _as_candidates(rows, ids, later[chosen], earlier[chosen], matches[chosen] / permutations, threshold)


def _rows(ids: Rows, parts: Sequence[PartCells], columns: Sequence[Column]) -> pa.Table:
    """Return some rows, in the order of their ids."""
    batches = [
        batch for part, cut in by_part(ids) for batch in read_cells(parts[part], columns, row_of(ids[cut]), _AT_ONCE)
    ]
    return pa.Table.from_batches(batches).combine_chunks()


def _as_candidates(
    rows: pa.Table,
    ids: Rows,
    later: Rows,
    earlier: Rows,
    similarity: Floats,
    threshold: float,
) -> pa.Table:
    count = len(later)
    named = rows.select([DOC_ID.name, SOURCE_URL.name, LANGUAGE.name]).take(pa.array(later))
    arrays = {
        DISTANCE: pa.array((threshold - similarity) / threshold),
        **{name: named[name] for name in named.column_names},
        "part": pa.array(part_of(ids[later])),
        "row": pa.array(row_of(ids[later])),
        "reason": pa.array(["near_duplicate"] * count, pa.string()),
        "value": pa.array(similarity),
        "limit": pa.array(np.full(count, threshold)),
        "is_above": pa.array(np.ones(count, bool)),
        "kept": pa.array(np.ones(count, bool)),
        "survivor_url": rows[SOURCE_URL.name].take(pa.array(earlier)),
        "similarity": pa.array(similarity),
        "other_part": pa.array(part_of(ids[earlier])),
        "other_row": pa.array(row_of(ids[earlier])),
    }
    return candidates(arrays)
