"""Cells of the mix: category × topic (of `multilingual`: language) × quality bucket × class of copies."""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.parts import BatchStream
from pipeline.engine.tables import FittedTables
from pipeline.mixing.params import CellParams
from pipeline.mixing.shares import BUCKETS, BY_LANGUAGE
from schemas.columns import (
    CATEGORY,
    COPIES_EXACT,
    COPIES_NEAR,
    LANGUAGE,
    QUALITY_BUCKET,
    QUALITY_PERCENTILE,
    SPLIT,
    TEXT_BYTES,
    TOKENS,
    TOPIC,
    Column,
)

GROUP = Column("group", pa.string(), "topic, of multilingual documents language; '' for none")
BUCKET = Column("bucket", pa.int32(), "quality bucket, -1 where the quality is not known")
COPIES_CLASS = Column("copies_class", pa.int32(), "how many of the thresholds of `copies` the document reaches")
KEYS: Final = (CATEGORY, GROUP, BUCKET, COPIES_CLASS)
_DOCUMENTS = Column("documents", pa.int64(), "documents of the cell")
_TOKENS = Column("tokens", pa.int64(), "their tokens")
_BYTES = Column("bytes", pa.int64(), "bytes of their texts")
_COPIES = Column("copies", pa.int64(), "exact and near copies that they are kept in place of")
SIZES: Final = (_DOCUMENTS, _TOKENS, _BYTES, _COPIES)
READS: Final = (CATEGORY, TOPIC, LANGUAGE, QUALITY_BUCKET, QUALITY_PERCENTILE, COPIES_EXACT, COPIES_NEAR, SPLIT)
"""What a document's cell depends on; topic, quality, copies and split may be lacking."""
TRAIN, VALIDATION = "train", "validation"
_TOGETHER: Final = 64


def in_training(batch: pa.RecordBatch) -> npt.NDArray[np.bool_]:
    """Tell which documents are not of the validation split, and have a category."""
    chosen = batch.column(CATEGORY.name).is_valid()
    if SPLIT.name in batch.schema.names:
        chosen = pc.and_(chosen, pc.equal(batch.column(SPLIT.name), TRAIN))
    mask: npt.NDArray[np.bool_] = chosen.to_numpy(zero_copy_only=False)
    return mask


def keys_of(batch: pa.RecordBatch, params: CellParams) -> list[pa.Array]:
    """Return the cells of documents: a column for each of `KEYS`."""
    names = batch.schema.names
    categories = pc.fill_null(batch.column(CATEGORY.name).cast(pa.string()), "")
    rows = batch.num_rows
    topics = batch.column(TOPIC.name) if TOPIC.name in names else pa.nulls(rows, pa.string())
    languages = batch.column(LANGUAGE.name) if LANGUAGE.name in names else pa.nulls(rows, pa.string())
    groups = pc.if_else(pc.equal(categories, BY_LANGUAGE), languages, topics)
    return [categories, pc.fill_null(groups.cast(pa.string()), ""), buckets_of(batch), _copies_class(batch, params)]


def buckets_of(batch: pa.RecordBatch) -> pa.Array:
    """Return quality buckets, int32, of a table that has percentiles alone too; -1 where the quality is not known."""
    buckets: Any = np.full(batch.num_rows, -1, np.int32)
    if QUALITY_PERCENTILE.name in batch.schema.names:
        shares = pc.fill_null(batch.column(QUALITY_PERCENTILE.name), -1.0).to_numpy(zero_copy_only=False)
        buckets = np.where(shares < 0, -1, np.minimum(shares * BUCKETS, BUCKETS - 1)).astype(np.int32)
    if QUALITY_BUCKET.name not in batch.schema.names:
        return pa.array(buckets)
    given = pc.fill_null(batch.column(QUALITY_BUCKET.name).cast(pa.int32()), -1).to_numpy()
    return pa.array(np.where((given >= 0) & (given < BUCKETS), given, buckets))


def _copies(batch: pa.RecordBatch) -> npt.NDArray[np.int64]:
    """Return how many exact and near copies documents are kept in place of."""
    copies = np.zeros(batch.num_rows, np.int64)
    for column in (COPIES_EXACT, COPIES_NEAR):
        if column.name in batch.schema.names:
            copies += pc.fill_null(batch.column(column.name).cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
    return copies


def _copies_class(batch: pa.RecordBatch, params: CellParams) -> pa.Array:
    """Return the classes of copies; 0 for all where copies count for nothing."""
    if not params.copies:
        return pa.array(np.zeros(batch.num_rows, np.int32))
    return pa.array(np.searchsorted(list(params.copies), 1 + _copies(batch), side="right").astype(np.int32))


def copies_weight(params: CellParams, number: int) -> float:
    """Return how often a document of a class of copies counts."""
    return 1.0 if number == 0 else list(params.copies.values())[number - 1]


def count_cells(rows: BatchStream, params: CellParams, _: FittedTables) -> BatchStream:
    """Yield the cells of a part's documents with their sizes: one row per cell."""
    yield from sized_cells((batch.filter(pa.array(in_training(batch))) for batch in rows), params)


def sized_cells(rows: Iterable[pa.RecordBatch], params: CellParams) -> BatchStream:
    """Yield the cells of documents with their sizes: one row per cell.

    Args:
        rows: Documents with `READS`, `tokens` and `text_bytes`.
        params: What cells depend on.
    """
    pending: list[pa.Table] = []
    for batch in rows:
        sizes = [
            pa.array(np.ones(batch.num_rows, np.int64)),
            batch.column(TOKENS.name).cast(pa.int64()),
            batch.column(TEXT_BYTES.name).cast(pa.int64()),
            pa.array(_copies(batch)),
        ]
        pending.append(pa.table([*keys_of(batch, params), *sizes], names=[c.name for c in (*KEYS, *SIZES)]))
        if len(pending) == _TOGETHER:
            pending = [added_up(pending)]
    if pending:
        yield from added_up(pending).combine_chunks().to_batches()


def added_up(tables: list[pa.Table]) -> pa.Table:
    """Return sizes of cells added up, in order of the cells."""
    keys = [column.name for column in KEYS]
    grouped = pa.concat_tables(tables).group_by(keys).aggregate([(column.name, "sum") for column in SIZES])
    named = grouped.rename_columns([name.removesuffix("_sum") for name in grouped.column_names])
    return named.select([column.name for column in (*KEYS, *SIZES)]).sort_by([(key, "ascending") for key in keys])
