"""Rows of integers on their way to the bucket of their key: packed part by part, shuffled once, handled by bucket.

A bucket is a range of keys. Numbers of buckets are powers of two, so that the buckets of an earlier run nest in those
of this one or the other way round. A row of Spark's is a chunk of thousands of rows of ours.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.kernels.near_duplicates.packing import pack, unpack
from pipeline.rows.row_ids import runs_of
from pipeline.spark.meter import map_batches
from pipeline.spark.tasks import run_tasks, shuffle_partitions, slots, to_partitions

if TYPE_CHECKING:
    from pyspark import Broadcast
    from pyspark.sql import DataFrame, SparkSession

Array = np.ndarray[Any, np.dtype[Any]]
CHUNKS = "bucket int, source long, payload binary, extra binary"
"""Rows that travel: where to, whence (and so in which order), packed columns, and bytes that go with them."""
HASH_BITS = 63
"""Bits of a key that is a hash, so that it is never negative."""
ROWS_A_BUCKET = 1 << 20
ROWS_AT_ONCE = 1 << 22
DOCUMENTS_AT_ONCE = 1 << 19
_ROWS_A_CHUNK = 1 << 16
_PIECE_BITS = 20


class Chunk(NamedTuple):
    """A chunk as it arrives.

    Attributes:
        payload: Its packed columns.
        extra: The bytes that came with them.
        source: Number that its sender gave it.
    """

    payload: bytes
    extra: bytes | None
    source: int


def buckets_for(rows: int, spark: "SparkSession") -> int:
    """Return how many buckets some rows are spread over: a power of two.

    So many that a bucket holds a million rows, and on little data enough for all tasks to have some.
    """
    tasks = min(shuffle_partitions(spark), max(1, rows >> 12))
    return int(1 << (max(4 * tasks, -(-rows // ROWS_A_BUCKET)) - 1).bit_length())


def bucket_of(keys: Array, bits: int, buckets: int) -> Array:
    """Return the bucket of each key.

    Args:
        keys: From 0 to 2^bits.
        bits: Of a key.
        buckets: How many there are, a power of two.

    >>> bucket_of(np.array([0, 1 << 47, (1 << 48) - 1]), 48, 8).tolist()
    [0, 4, 7]
    """
    return keys >> np.int64(bits - (buckets - 1).bit_length())


def sorted_by(columns: Sequence[Array], order: Sequence[Array]) -> list[Array]:
    """Return columns sorted by some keys, the first of which weighs most."""
    at = np.lexsort(tuple(reversed(order)))
    return [column[at] for column in columns]


def distinct(columns: Sequence[Array]) -> list[Array]:
    """Return rows sorted, once each.

    >>> [column.tolist() for column in distinct([np.array([2, 1, 2]), np.array([5, 5, 5])])]
    [[1, 2], [5, 5]]
    """
    ordered = sorted_by(columns, columns)
    fresh = np.ones(len(ordered[0]), bool)
    fresh[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in ordered])
    return [column[fresh] for column in ordered]


def pooled(pieces: Iterable[Sequence[Array]], rows: int | None = None) -> Iterator[list[Array]]:
    """Yield pieces of columns joined: all of them, or as soon as there are enough rows.

    Args:
        pieces: Columns of one width.
        rows: After how many rows to yield; None for never before the end.
    """
    pending: list[Sequence[Array]] = []
    count = 0
    for piece in pieces:
        pending.append(piece)
        count += len(piece[0])
        if rows is not None and count >= rows:
            yield [np.concatenate(columns) for columns in zip(*pending, strict=True)]
            pending, count = [], 0
    if count:
        yield [np.concatenate(columns) for columns in zip(*pending, strict=True)]


def scatter(
    source: int, buckets: Array, columns: Sequence[Array], extra: Callable[[slice], bytes] | None = None
) -> Iterator[pa.RecordBatch]:
    """Yield the chunks of some rows.

    Args:
        source: Number of the part, say: chunks of a bucket are handled in this order.
        buckets: Of each row; ascending.
        columns: int64; the first one ascending within a bucket.
        extra: Bytes to go with a slice of the rows.
    """
    piece = 0
    for run in runs_of(buckets):
        for first in range(run.start, run.stop, _ROWS_A_CHUNK):
            cut = slice(first, min(first + _ROWS_A_CHUNK, run.stop))
            yield chunk_row(
                int(buckets[first]),
                (source << _PIECE_BITS) + piece,
                pack([column[cut] for column in columns]),
                extra(cut) if extra is not None else None,
            )
            piece += 1


def chunk_row(bucket: int, source: int, payload: bytes, extra: bytes | None = None) -> pa.RecordBatch:
    """Return one row of `CHUNKS`."""
    arrays = [
        pa.array([bucket], pa.int32()),
        pa.array([source], pa.int64()),
        pa.array([payload], pa.binary()),
        pa.array([extra], pa.binary()),
    ]
    return pa.record_batch(arrays, names=["bucket", "source", "payload", "extra"])


def from_parts(
    spark: "SparkSession",
    shared: "Broadcast[Any]",
    numbers: Sequence[int],
    function: Callable[[Sequence[int], Any], Iterator[pa.RecordBatch]],
    schema: str = CHUNKS,
) -> "DataFrame":
    """Return what a function yields for the parts of each task: small parts share their chunks.

    Args:
        spark: The session.
        shared: What was measured, by number of part.
        numbers: Of the parts.
        function: Of numbers of parts and what is shared; its batches have the schema's columns.
        schema: Of the batches.
    """
    count = max(1, min(len(numbers), 8 * slots(spark)))
    tasks = [list(numbers)[slot::count] for slot in range(count)]

    def run(task: list[int]) -> Iterator[pa.RecordBatch]:
        if task:
            yield from function(task, shared.value)

    return run_tasks(spark, tasks, run, schema)


def by_bucket(
    chunks: "DataFrame",
    buckets: int,
    function: Callable[[int, Iterator[Chunk]], Iterator[pa.RecordBatch]],
    schema: str = CHUNKS,
) -> "DataFrame":
    """Return what a function yields for each bucket; this is the shuffle.

    Args:
        chunks: Rows of `CHUNKS`.
        buckets: How many buckets there are.
        function: Of a bucket's number and its chunks in order of their sources, which are read as it asks for them.
        schema: Of its batches.
    """
    spark = chunks.sparkSession
    tasks = min(buckets, shuffle_partitions(spark))

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for bucket, rows in itertools.groupby(_rows(batches), key=lambda row: row[0]):
            yield from function(bucket, (row[1] for row in rows))

    spread = to_partitions(chunks, "bucket", tasks)
    return map_batches(spread.sortWithinPartitions("bucket", "source", "payload"), run, schema)


def _rows(batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[int, Chunk]]:
    for batch in batches:
        buckets, sources, payloads, extras = batch.columns
        for row in range(batch.num_rows):
            chunk = Chunk(payloads[row].as_py(), extras[row].as_py(), sources[row].as_py() >> _PIECE_BITS)
            yield buckets[row].as_py(), chunk


def gathered(chunks: Iterator[Chunk], width: int) -> list[Array]:
    """Return the rows of all chunks as columns."""
    return next(in_pieces(chunks, width, None), [np.empty(0, np.int64)] * width)


def in_pieces(chunks: Iterator[Chunk], width: int, rows: int | None = ROWS_AT_ONCE) -> Iterator[list[Array]]:
    """Yield the rows of chunks as columns: all of them, but of a bucket that is far too full some at a time.

    Args:
        chunks: Of a bucket.
        width: Columns of a row.
        rows: After how many rows to yield; None for never before the end.
    """
    yield from pooled((unpack(chunk.payload, width) for chunk in chunks), rows)


class PartGroups(NamedTuple):
    """Neighbouring parts as buckets: rows that are to meet those of a part are sent there by their ids.

    Attributes:
        parts: How many parts there are.
        size: Parts a group.
    """

    parts: int
    size: int

    @classmethod
    def of(cls, parts: int, rows: int, spark: "SparkSession") -> "PartGroups":
        """Return groups of which each is sent about as many rows as a bucket holds, or enough for all tasks."""
        groups = min(parts, buckets_for(rows, spark))
        return cls(parts, max(1, -(-parts // max(1, groups))))

    @property
    def total(self) -> int:
        """How many groups there are."""
        return max(1, -(-self.parts // self.size))

    def of_ids(self, ids: Array) -> Array:
        """Return the group of each row."""
        return (ids >> np.int64(32)) // self.size
