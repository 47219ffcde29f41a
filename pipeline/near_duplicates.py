"""Near duplicates at scale: rows that share a band, pairs that are verified, and who gives way to whom.

A row is known by its place in the documents' order and by where it comes from: `rank`, `doc`, `part_id`,
`warc_offset`, compared in this order. Pairs carry both rows, `later_…` and `earlier_…`.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import CurationError
from pipeline.parts import PART_ID
from schemas.columns import LANGUAGE, WARC_OFFSET, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

SIGNATURE = Column("signature", pa.binary(), "MinHash signature, uint32 little-endian")
ROW = ("rank", "doc", PART_ID, WARC_OFFSET.name)
MAX_DRIVER_PAIRS = 20_000_000
"""Verified pairs that the driver resolves (about 1.5 GB); more are refused, not attempted."""
_ROW_SCHEMA = ", ".join(f"{name} long" for name in ROW)
_PAIR_NAMES = tuple(f"{end}_{name}" for end in ("later", "earlier") for name in ROW)
_PAIR_SCHEMA = ", ".join(f"{name} long" for name in _PAIR_NAMES)


def linked_pairs(ordered: "DataFrame", bands: int, representatives: int) -> "DataFrame":
    """Return pairs of rows that agree on a band within a language, once each.

    Args:
        ordered: Rows with language and signature.
        bands: Bands a signature.
        representatives: First rows of a bucket that every later one is paired with.
    """
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    def keys_of(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from pipeline.kernels.minhash import band_keys  # noqa: PLC0415  (numba, which workers alone need)

        for batch in batches:
            if batch.num_rows:
                keys = band_keys(_signatures(batch, SIGNATURE.name), bands)
                repeated = batch.select([*ROW, LANGUAGE.name]).take(pa.array(np.repeat(range(batch.num_rows), bands)))
                yield repeated.append_column("band", pa.array(keys.ravel()))

    def link(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from pipeline.kernels.survivors import RunLinker  # noqa: PLC0415

        linker = RunLinker(representatives)
        for batch in batches:
            if batch.num_rows:
                yield _pairs(*linker.link(batch.column("key").to_numpy(), _pack(batch, "")))

    banded = ordered.mapInArrow(keys_of, f"{_ROW_SCHEMA}, {LANGUAGE.name} string, band long")
    keyed = banded.select(F.xxhash64(LANGUAGE.name, "band").alias("key"), *ROW)
    runs = keyed.repartition("key").sortWithinPartitions("key", *ROW)
    return runs.mapInArrow(link, _PAIR_SCHEMA).distinct()


def verified_pairs(pairs: "DataFrame", ordered: "DataFrame", threshold: float) -> "DataFrame":
    """Return the pairs whose estimated Jaccard similarity reaches the threshold, with it."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    for end in ("later", "earlier"):
        signatures = ordered.select(
            F.col(PART_ID).alias(f"{end}_{PART_ID}"),
            F.col(WARC_OFFSET.name).alias(f"{end}_{WARC_OFFSET.name}"),
            F.col(SIGNATURE.name).alias(f"{end}_signature"),
        )
        pairs = pairs.join(signatures, on=[f"{end}_{PART_ID}", f"{end}_{WARC_OFFSET.name}"], how="inner")

    def compare(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from pipeline.kernels.minhash import estimated_jaccard  # noqa: PLC0415

        for batch in batches:
            if batch.num_rows:
                left, right = (_signatures(batch, f"{end}_signature") for end in ("later", "earlier"))
                similarity = pa.array(estimated_jaccard(left, right), pa.float64())
                scored = batch.select(list(_PAIR_NAMES)).append_column("similarity", similarity)
                yield scored.filter(pc.greater_equal(similarity, threshold))

    return pairs.mapInArrow(compare, f"{_PAIR_SCHEMA}, similarity double")


def resolve_pairs(pairs: "DataFrame") -> "DataFrame":
    """Return the pairs in which the later row gives way to the earlier one, which is kept.

    Raises:
        CurationError: There are more pairs than the driver may hold.
    """
    from pipeline.kernels.survivors import resolve  # noqa: PLC0415

    count = pairs.count()
    if count > MAX_DRIVER_PAIRS:
        raise CurationError(f"dedup_document: {count:,} verified pairs are more than the driver's {MAX_DRIVER_PAIRS:,}")
    table = pairs.toArrow().combine_chunks()
    if not count:
        return pairs
    batch = table.to_batches()[0]
    nodes, numbers = np.unique(np.concatenate([_pack(batch, "later_"), _pack(batch, "earlier_")]), return_inverse=True)
    later, earlier = numbers[:count], numbers[count:]
    survivor = resolve(later, earlier, batch.column("similarity").to_numpy(), len(nodes))
    chosen = batch.filter(pa.array(survivor[later] == earlier))
    return pairs.sparkSession.createDataFrame(pa.Table.from_batches([chosen]), pairs.schema)


def _signatures(batch: pa.RecordBatch, column: str) -> Any:
    packed = b"".join(batch.column(column).to_pylist())
    return np.frombuffer(packed, np.uint32).reshape(batch.num_rows, -1)


def _pack(batch: pa.RecordBatch, prefix: str) -> Any:
    packed = np.empty(batch.num_rows, [(name, np.int64) for name in ROW])
    for name in ROW:
        packed[name] = batch.column(prefix + name).to_numpy()
    return packed


def _pairs(later: Any, earlier: Any) -> pa.RecordBatch:
    values = [rows[name] for rows in (later, earlier) for name in ROW]
    return pa.record_batch([pa.array(value) for value in values], names=list(_PAIR_NAMES))
