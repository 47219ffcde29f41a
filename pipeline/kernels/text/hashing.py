"""128-bit hashes of Arrow strings by compiled code: keys by which rows meet."""

from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.kernels.compiled import compiled
from pipeline.kernels.text.code_points import mix64
from pipeline.kernels.text.words import utf8

Array = np.ndarray[Any, np.dtype[Any]]
_SEED, _STEP = np.uint64(0x9E3779B97F4A7C15), np.uint64(0x100000001B3)


def hash_strings(texts: pa.Array | pa.ChunkedArray) -> Array:
    """Return two 63-bit hashes of each string's UTF-8 bytes, int64 (strings, 2), not negative; null is hashed as "".

    >>> hashes = hash_strings(pa.array(["a", "b", "a"]))
    >>> bool((hashes[0] == hashes[2]).all()), bool((hashes[0] == hashes[1]).any())
    (True, False)
    """
    buffer, offsets = utf8(texts)
    hashes = np.empty((len(offsets) - 1, 2), np.int64)
    _hash(buffer, offsets, hashes)
    return hashes


@compiled
def _hash(buffer: Any, offsets: Any, hashes: Any) -> None:
    for text in range(len(hashes)):
        first, second = _SEED, np.uint64(offsets[text + 1] - offsets[text]) * _STEP
        for at in range(offsets[text], offsets[text + 1]):
            byte = np.uint64(buffer[at])
            first = (first ^ byte) * _STEP
            second = mix64(second + byte + np.uint64(1))
        hashes[text, 0] = np.int64(mix64(first) >> np.uint64(1))
        hashes[text, 1] = np.int64(second >> np.uint64(1))
