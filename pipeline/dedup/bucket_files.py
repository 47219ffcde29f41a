"""What became of the rows of each bucket, as files: links for this run, and the index that later runs look up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.cells.checked_file import opened_parquet
from pipeline.kernels.near_duplicates.packing import pack, unpack
from pipeline.rows.row_ids import ROW_BITS

Array = np.ndarray[Any, np.dtype[Any]]
RESULTS = "kind string, bucket int, rows long, payload binary"
"""Rows of a table by bucket: what they are, of which bucket, how many are packed, and they themselves."""
LINKS, INDEX, PAIRS, SUPERSEDED = "links", "index", "pairs", "superseded"
LARGE_BANDS = "large_bands"
"""Its former name: earlier runs have it in their files."""
FILED_BY = (
    "pipeline.rows.exchange:bucket_of",
    "pipeline.rows.exchange:HASH_BITS",
    "pipeline.kernels.near_duplicates.packing:pack",
    "pipeline.kernels.near_duplicates.packing:unpack",
)
"""What decides where an index has a key, and how: a later run must look there."""
_ROWS_A_RESULT = 1 << 17


def bucket_names(buckets: int) -> list[str]:
    """Return the names of buckets, by number.

    >>> bucket_names(2)
    ['bucket-00000', 'bucket-00001']
    """
    return [f"bucket-{number:05d}" for number in range(buckets)]


def results(kind: str, bucket: int, columns: Sequence[Array]) -> Iterator[pa.RecordBatch]:
    """Yield rows of `RESULTS`.

    Args:
        kind: What the rows are.
        bucket: Which bucket they come from.
        columns: int64; the first one sorted.
    """
    for start in range(0, len(columns[0]), _ROWS_A_RESULT):
        cut = slice(start, start + _ROWS_A_RESULT)
        arrays = [
            pa.array([kind]),
            pa.array([bucket], pa.int32()),
            pa.array([len(columns[0][cut])], pa.int64()),
            pa.array([pack([column[cut] for column in columns])], pa.binary()),
        ]
        yield pa.record_batch(arrays, names=["kind", "bucket", "rows", "payload"])


@dataclass(frozen=True)
class BucketFiles:
    """The index that an earlier run left, by bucket of its keys.

    Attributes:
        files: Bucket → file, for the buckets that hold anything.
        buckets: How many buckets that run had.
        first_part: Number that the run's first part has here; added to ids of rows.
    """

    files: dict[int, str]
    buckets: int
    first_part: int

    def rows(self, keys: Array, bucket: int, buckets: int, width: int, id_column: int) -> Iterator[list[Array]]:
        """Yield the index rows with some keys of a bucket of this run; the index is read a piece at a time.

        Args:
            keys: Sorted.
            bucket: Of this run: all keys are in it.
            buckets: How many this run has.
            width: Columns of the index; the first is the key.
            id_column: Which of them holds ids of rows; -1 for none.
        """
        if self.buckets >= buckets:
            share = self.buckets // buckets
            wanted = range(bucket * share, (bucket + 1) * share)
        else:
            wanted = range(bucket * self.buckets // buckets, bucket * self.buckets // buckets + 1)
        for number in wanted:
            for columns in self._read(number, width):
                at = np.searchsorted(keys, columns[0])
                hit = keys[np.minimum(at, len(keys) - 1)] == columns[0]
                if hit.any():
                    rows = [column[hit] for column in columns]
                    if id_column >= 0:
                        rows[id_column] = rows[id_column] + (np.int64(self.first_part) << np.int64(ROW_BITS))
                    yield rows

    def _read(self, number: int, width: int) -> Iterator[list[Array]]:
        if number not in self.files:
            return
        with opened_parquet(self.files[number]) as file:
            for batch in file.iter_batches(batch_size=16, columns=["kind", "payload"]):
                kinds, payloads = batch.column(0).to_pylist(), batch.column(1)
                for row, kind in enumerate(kinds):
                    if kind == INDEX:
                        yield unpack(payloads[row].as_py(), width)


def earlier_rows(
    indexes: Sequence[BucketFiles], keys: Array, bucket: int, buckets: int, width: int, id_column: int
) -> list[Array]:
    """Return the index rows of all earlier runs with some sorted keys of a bucket; see `BucketFiles.rows`."""
    pieces = [piece for index in indexes if len(keys) for piece in index.rows(keys, bucket, buckets, width, id_column)]
    if not pieces:
        return [np.empty(0, np.int64)] * width
    return [np.concatenate(columns) for columns in zip(*pieces, strict=True)]
