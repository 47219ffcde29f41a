"""Which documents are compared: those of one language whose signatures agree on a band."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.dedup.bucket_files import INDEX, LARGE_BANDS, PAIRS, RESULTS, BucketFiles, earlier_rows, results
from pipeline.dedup.order import FIRST, UNITS, Order
from pipeline.kernels.urls.addresses import row_key
from pipeline.rows.exchange import (
    Chunk,
    bucket_of,
    by_bucket,
    distinct,
    from_parts,
    in_pieces,
    pooled,
    scatter,
    sorted_by,
)
from pipeline.rows.row_ids import MeasuredParts, row_ids
from schemas.columns import LANGUAGE, Column

if TYPE_CHECKING:
    from pyspark import Broadcast
    from pyspark.sql import DataFrame, SparkSession

    from pipeline.engine.saved import Slices

Array = np.ndarray[Any, np.dtype[Any]]
SIGNATURE = Column("minhash_signature", pa.binary(), "MinHash signature, uint32 little-endian")
_ROWS_AT_ONCE = 1 << 19


@dataclass(frozen=True)
class Banded:
    """What the bands of a part's documents are made of.

    Attributes:
        bands: Bands per signature.
        bits: Of a band's key.
        order: Of the documents.
        copies: Rows that are exact copies, by this run's parts; they have no bands.
    """

    bands: int
    bits: int
    order: Order
    copies: "Slices"


def signatures_of(column: pa.Array | pa.ChunkedArray) -> Array:
    """Return a column of packed signatures as (rows, permutations), uint32."""
    packed = b"".join(column.to_pylist())
    return np.frombuffer(packed, np.uint32).reshape(len(column), -1)


def language_numbers(languages: pa.Array) -> Array:
    """Return a 64-bit number for each row's language, int64; null is `und`."""
    encoded = pc.fill_null(languages, "und").dictionary_encode()
    numbers = np.array([row_key(language) for language in encoded.dictionary.to_pylist()], np.int64)
    of_rows: Array = numbers[encoded.indices.to_numpy()]
    return of_rows


def find_candidates(
    spark: "SparkSession",
    shared: "Broadcast[MeasuredParts]",
    banded: Banded,
    buckets: int,
    earlier: Sequence[BucketFiles],
) -> "DataFrame":
    """Return `RESULTS` by bucket: pairs (later, earlier), rows of large bands (key, id), and the index (key, id).

    Args:
        spark: The session.
        shared: The signatures.
        banded: How they are cut.
        buckets: How many buckets.
        earlier: Indexes of earlier runs.
    """

    def of_parts(numbers: Sequence[int], parts: MeasuredParts) -> Iterator[pa.RecordBatch]:
        rows = (columns for part in numbers for columns in _band_rows(part, parts, banded))
        for piece, columns in enumerate(pooled(rows, _ROWS_AT_ONCE)):
            keyed = sorted_by(columns, columns[:1])
            yield from scatter((numbers[0] << 10) + piece, bucket_of(keyed[0], banded.bits, buckets), keyed)

    def of_bucket(bucket: int, chunks: Iterator[Chunk]) -> Iterator[pa.RecordBatch]:
        is_new = shared.value.is_new
        rows = [np.empty(0, np.int64)] * 3
        for piece in in_pieces(chunks, 3):
            new = sorted_by(piece, piece[:1])
            yield from results(INDEX, bucket, [new[0], shared.value.as_later_ids(new[2])])
            keys, ids = earlier_rows(earlier, new[0], bucket, buckets, 2, 1)
            old = [keys, np.full(len(keys), FIRST), ids]
            rows = [np.concatenate(columns) for columns in zip(rows, old, new, strict=True)]
            rows = sorted_by(rows, rows)
            yield from _linked(bucket, rows, is_new(rows[2]))
            firsts = _first_of_runs(rows[0])
            rows = [column[firsts] for column in rows]

    return by_bucket(from_parts(spark, shared, shared.value.new, of_parts), buckets, of_bucket, RESULTS)


def _band_rows(part: int, parts: MeasuredParts, banded: Banded) -> Iterator[list[Array]]:
    """Yield (key, rank, id) of the bands of some of a part's documents."""
    from pipeline.kernels.near_duplicates.minhash import band_keys

    copies = banded.copies.rows(part - parts.first_new)
    wanted = list(dict.fromkeys((SIGNATURE.name, UNITS.name, LANGUAGE.name, banded.order.column)))
    for rows, batch in parts.batches(part, wanted):
        chosen = (batch.column(UNITS.name).to_numpy() > 0) & ~np.isin(rows, copies)
        documents = batch.filter(pa.array(chosen))
        groups = language_numbers(documents.column(LANGUAGE.name))
        signatures = (
            signatures_of(documents.column(SIGNATURE.name))
            if len(documents)
            else np.empty((0, banded.bands), np.uint32)
        )
        keys = band_keys(signatures, banded.bands, groups)
        of_document = (banded.order.ranks(documents), row_ids(part, rows[chosen]))
        yield [keys.ravel(), *(np.repeat(column, banded.bands) for column in of_document)]


def _first_of_runs(keys: Array) -> Array:
    """Tell which rows are among the first three of their key: enough to link later rows, and to tell a large band.

    >>> _first_of_runs(np.array([5, 5, 5, 5, 6])).tolist()
    [True, True, True, False, True]
    """
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))[: len(keys)]
    position = np.arange(len(keys)) - np.repeat(starts, np.diff(np.append(starts, len(keys))))
    among_first: Array = position < 3  # three rows make a large band
    return among_first


def _linked(bucket: int, columns: list[Array], may_go: Array) -> Iterator[pa.RecordBatch]:
    """Yield the pairs and the rows of large bands of a bucket whose rows are in order."""
    from pipeline.kernels.near_duplicates.survivors import link_runs

    keys, _, ids = columns
    links = link_runs(keys, may_go)
    if len(links.later):
        pairs = [ids[links.later], ids[links.earlier]]
        yield from results(PAIRS, bucket, distinct([column[pairs[0] != pairs[1]] for column in pairs]))
    if len(links.large):
        yield from results(LARGE_BANDS, bucket, [keys[links.large], ids[links.large]])
