"""How often each line is seen: counts of parts added up by key, and what the frequent ones say."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from pipeline.cells.part_cells import PartCells
from pipeline.dedup.bucket_files import INDEX, RESULTS, BucketFiles, earlier_rows, results
from pipeline.kernels.near_duplicates.packing import unpack
from pipeline.rows.exchange import HASH_BITS, Chunk, bucket_of, by_bucket, from_parts, pooled, scatter, sorted_by
from pipeline.rows.row_ids import MeasuredPart, MeasuredParts, PartRows
from pipeline.spark.meter import map_batches
from pipeline.spark.tasks import share
from schemas.columns import Column

if TYPE_CHECKING:
    from pyspark import Broadcast
    from pyspark.sql import DataFrame, SparkSession

    from pipeline.engine.saved import SavedTable

Array = np.ndarray[Any, np.dtype[Any]]
LINE_KEY = Column("line_key", pa.int64(), "63-bit hash of language and normalised line")
BUCKET = Column("line_bucket", pa.int64(), "number of the bucket of the language's documents that it was counted in")
COUNT = Column("count", pa.int64(), "times the line was seen")
FREQUENT = "frequent"
FREQUENT_ROWS = f"{LINE_KEY.name} long, {COUNT.name} long, part long"
"""A frequent line: its key within its bucket, how often it was seen, and the number of a part that has it."""
_EXAMPLES = f"{LINE_KEY.name} long, example string"
_KEYS_AT_ONCE = 1 << 21
_BUCKET_STEP, _MASK = np.int64(0x1E3779B97F4A7C15), np.int64(2**63 - 1)


def in_bucket(keys: Array, buckets: Array) -> Array:
    """Return the keys of lines within their buckets, int64, not negative; those of bucket 0 are as they were."""
    in_buckets: Array = (keys ^ (buckets * _BUCKET_STEP)) & _MASK
    return in_buckets


def add_up(keys: Array, buckets: Array, counts: Array, *others: Array) -> list[Array]:
    """Return the sum of the counts of each key in each bucket, sorted by key; of other columns the first value.

    >>> [column.tolist() for column in add_up(np.array([7, 5, 7]), np.zeros(3, int), np.array([1, 1, 2]))]
    [[5, 7], [0, 0], [1, 3]]
    """
    order = np.lexsort((*reversed(others), buckets, keys))
    keys, buckets, counts, *others_sorted = (column[order] for column in (keys, buckets, counts, *others))
    starts = np.flatnonzero(np.concatenate(([True], (keys[1:] != keys[:-1]) | (buckets[1:] != buckets[:-1]))))
    starts = starts[: len(keys)]
    sums = np.add.reduceat(counts, starts) if len(starts) else counts
    return [keys[starts], buckets[starts], sums, *(column[starts] for column in others_sorted)]


def add_counts(
    spark: "SparkSession", shared: "Broadcast[list[PartRows]]", buckets: int, limit: int, earlier: Sequence[BucketFiles]
) -> "DataFrame":
    """Return `RESULTS` by bucket: frequent lines, and the index of all lines.

    A frequent line has key, count and part; one of the index has key and count in its fullest bucket.

    Args:
        spark: The session.
        shared: The counts of parts: `line_key`, `line_bucket`, `count`.
        buckets: How many buckets.
        limit: Times that a line may be seen, in a bucket and in the fullest bucket of each earlier run together.
        earlier: Counts of earlier runs.
    """

    def of_parts(numbers: Sequence[int], parts: list[PartRows]) -> Iterator[pa.RecordBatch]:
        rows = (columns for part in numbers for columns in _counted(parts[part], part))
        for piece, columns in enumerate(pooled(rows, _KEYS_AT_ONCE)):
            keyed = sorted_by(columns, (columns[0], columns[3]))
            yield from scatter((numbers[0] << 10) + piece, bucket_of(keyed[0], HASH_BITS, buckets), keyed)

    def of_bucket(bucket: int, chunks: Iterator[Chunk]) -> Iterator[pa.RecordBatch]:
        rows = (unpack(chunk.payload, 4) for chunk in chunks)
        keys, numbers, counts, parts = add_up(*next(pooled(rows)))
        lines = np.flatnonzero(np.diff(keys, prepend=-1))
        often = counts + _before(keys, earlier_rows(earlier, keys[lines], bucket, buckets, 2, -1)) > limit
        if often.any():
            frequent = [in_bucket(keys, numbers)[often], counts[often], parts[often]]
            yield from results(FREQUENT, bucket, sorted_by(frequent, frequent[:1]))
        yield from results(INDEX, bucket, [keys[lines], np.maximum.reduceat(counts, lines)])

    return by_bucket(from_parts(spark, shared, range(len(shared.value)), of_parts), buckets, of_bucket, RESULTS)


def _counted(part: PartRows, number: int) -> Iterator[list[Array]]:
    """Yield the counts of a part: keys, buckets, counts, and the number of the part."""
    for batch in part.batches([LINE_KEY.name, BUCKET.name, COUNT.name]):
        yield [*(column.to_numpy() for column in batch.columns), np.full(batch.num_rows, number)]


def _before(keys: Array, earlier: list[Array]) -> Array:
    """Return how often earlier runs saw each key, in the fullest bucket of each: the sum over the runs."""
    earlier_keys, counts = sorted_by(earlier, earlier[:1])
    sums = np.concatenate(([0], np.cumsum(counts)))
    sums_before: Array = (
        sums[np.searchsorted(earlier_keys, keys, side="right")] - sums[np.searchsorted(earlier_keys, keys)]
    )
    return sums_before


def frequent_lines(table: "SavedTable") -> "DataFrame":
    """Return the frequent lines of a table of `RESULTS` as `FREQUENT_ROWS`."""

    def unpacked(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for payload in batch.column(0):
                columns = [pa.array(column) for column in unpack(payload.as_py(), 3)]
                yield pa.record_batch(columns, names=[LINE_KEY.name, COUNT.name, "part"])

    return map_batches(table.frame("payload", kind=FREQUENT), unpacked, FREQUENT_ROWS)


def most_frequent(
    frequent: "DataFrame",
    texts: Sequence[PartCells],
    columns: Sequence[Column],
    lines_of: Callable[[pa.RecordBatch, Array], Iterator[tuple[int, str]]],
    count: int,
) -> list[dict[str, Any]]:
    """Return the lines that are seen most often, each with its count and as one of its texts has it.

    Args:
        frequent: `FREQUENT_ROWS`.
        texts: The parts, asked for what `lines_of` needs; at most `count` of them are read.
        columns: That `lines_of` needs.
        lines_of: Yields (key, line) of a batch's lines whose keys are wanted.
        count: How many to return.
    """
    from pyspark.sql import functions as F  # noqa: N812

    top = frequent.orderBy(F.desc(COUNT.name), LINE_KEY.name).limit(count).collect()
    wanted: dict[int, set[int]] = {}
    for row in top:
        wanted.setdefault(row["part"], set()).add(row[LINE_KEY.name])

    def of_parts(numbers: Sequence[int], parts: MeasuredParts) -> Iterator[pa.RecordBatch]:
        for part in numbers:
            yield from of_part(part, parts)

    def of_part(part: int, parts: MeasuredParts) -> Iterator[pa.RecordBatch]:
        missing = set(wanted[part])
        for _, batch in parts.batches(part, [column.name for column in columns]):
            for key, line in lines_of(batch, np.array(sorted(missing))):
                if key in missing:
                    missing.remove(key)
                    yield pa.record_batch([pa.array([key]), pa.array([line])], names=[LINE_KEY.name, "example"])
            if not missing:
                return

    spark = frequent.sparkSession
    shared = share(spark, MeasuredParts(tuple(MeasuredPart(cells, tuple(columns)) for cells in texts)))
    rows = from_parts(spark, shared, sorted(wanted), of_parts, _EXAMPLES).collect() if wanted else []
    examples = {row[LINE_KEY.name]: row["example"] for row in rows}
    return [{"count": row[COUNT.name], "line": examples.get(row[LINE_KEY.name], "")} for row in top]
