"""Integers packed for a shuffle: columns of them as few bytes, sorted ones as differences."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

Array = np.ndarray[Any, np.dtype[Any]]
_LEVEL = 1


def pack(columns: Sequence[Array]) -> bytes:
    """Return columns of 64-bit integers as compressed bytes.

    The first column should be sorted: its differences are stored. The bytes of equal weight of a column stand side by
    side, so that those that are all zero cost nothing.

    Args:
        columns: int64 or uint64, of one length.

    >>> keys, rows = np.arange(1000) * 1_000_003, np.arange(1000)
    >>> len(pack([keys, rows])) < 2500
    True
    """
    count = len(columns[0])
    planes = np.empty((len(columns), 8, count), np.uint8)
    for number, column in enumerate(columns):
        values = np.ascontiguousarray(column).view(np.uint64)
        if number == 0:
            values = np.diff(values, prepend=np.uint64(0))
        planes[number] = values.view(np.uint8).reshape(count, 8).T
    packed = pa.Codec("zstd", compression_level=_LEVEL).compress(planes.tobytes(), asbytes=True)
    return count.to_bytes(8, "little") + bytes(packed)


def unpack(payload: bytes, width: int) -> list[Array]:
    """Return the columns of a payload, int64.

    Args:
        payload: What `pack` returned.
        width: How many columns went in.

    >>> [column.tolist() for column in unpack(pack([np.array([3, 5]), np.array([-1, 2])]), 2)]
    [[3, 5], [-1, 2]]
    """
    count = int.from_bytes(payload[:8], "little")
    data = pa.Codec("zstd").decompress(payload[8:], decompressed_size=count * width * 8, asbytes=True)
    planes = np.frombuffer(data, np.uint8).reshape(width, 8, count)
    columns = [np.ascontiguousarray(planes[number].T).view(np.uint64).reshape(count) for number in range(width)]
    columns[0] = np.cumsum(columns[0], dtype=np.uint64)
    return [column.view(np.int64) for column in columns]


def rows_in(payload: bytes) -> int:
    """Return how many rows a payload holds, without unpacking it."""
    return int.from_bytes(payload[:8], "little")
