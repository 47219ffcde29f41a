r"""MinHash signatures of texts, bit-identical to datasketch 2's default scheme for the same shingle hashes.

A shingle is five units in a row; a unit is a lower-cased word (`\\w+`), or one character in scripts that are written
without spaces (Broder 1997; Lee et al. 2022 use word 5-grams).
"""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.kernels.code_points import LIMIT, SEPARATOR, UNSPACED, WORD, lower_cased, mix64, word_classes
from pipeline.kernels.words import compiled, decode, longest, utf8

Array = np.ndarray[Any, np.dtype[Any]]
_SEED, _FACTOR, _STEP = np.uint64(0x9E3779B97F4A7C15), np.uint64(0x100000001B3), np.uint64(0x9E3779B97F4A7C15)


class Sketches(NamedTuple):
    """Signatures and sizes of a batch of texts.

    Attributes:
        signatures: (texts, permutations), uint32; all ones where a text has no unit.
        units: Units of each text, int32.
    """

    signatures: Array
    units: Array


@lru_cache(maxsize=4)
def permutations(count: int) -> tuple[Array, Array]:
    """Return datasketch's default permutations as (a, b), uint32: `a * h + b mod 2^32` on pre-mixed hashes.

    >>> permutations(2)[0].tolist()
    [3582191691, 4270784983]
    """
    from datasketch import MinHash  # noqa: PLC0415

    a, b = MinHash(count).permutations
    return np.ascontiguousarray(a, np.uint32), np.ascontiguousarray(b, np.uint32)


def sketch(texts: pa.Array | pa.ChunkedArray, count: int = 128, shingle: int = 5) -> Sketches:
    """Return the MinHash signatures of texts.

    Args:
        texts: Strings; null counts as empty.
        count: Permutations.
        shingle: Units a shingle; a shorter text is one shingle.

    >>> pair = sketch(pa.array(["one two three four five six", "One, two; three FOUR five six!"]))
    >>> bool((pair.signatures[0] == pair.signatures[1]).all()), pair.units.tolist()
    (True, [6, 6])
    """
    held, offsets = utf8(texts)
    a, b = permutations(count)
    signatures = np.full((len(offsets) - 1, count), 0xFFFFFFFF, np.uint32)
    units = np.zeros(len(signatures), np.int32)
    points = longest(offsets)
    _sketch(held, offsets, points, word_classes(), lower_cased(), a, b, shingle, signatures, units)
    return Sketches(signatures, units)


@compiled
def _sketch(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    held: Any,
    offsets: Any,
    points: Any,
    classes: Any,
    lower: Any,
    a: Any,
    b: Any,
    shingle: Any,
    signatures: Any,
    units: Any,
) -> None:
    ring = np.zeros(shingle, np.uint64)
    for text in range(len(offsets) - 1):
        length = decode(held, offsets[text], offsets[text + 1], points)
        count, word, inside = 0, _SEED, False
        for at in range(length + 1):
            kind = classes[points[at]] if at < length and points[at] < LIMIT else SEPARATOR
            if inside and kind != WORD:
                ring[count % shingle] = mix64(word)
                count += 1
                inside = False
                if count >= shingle:
                    _add(_shingle_hash(ring, count, shingle), a, b, signatures[text])
            if kind == WORD:
                word = ((word if inside else _SEED) ^ np.uint64(lower[points[at]])) * _FACTOR
                inside = True
            elif kind == UNSPACED:
                ring[count % shingle] = mix64((_SEED ^ np.uint64(lower[points[at]])) * _FACTOR)
                count += 1
                if count >= shingle:
                    _add(_shingle_hash(ring, count, shingle), a, b, signatures[text])
        if 0 < count < shingle:
            _add(_shingle_hash(ring, count, count), a, b, signatures[text])
        units[text] = count


@compiled
def _shingle_hash(ring: Any, count: Any, size: Any) -> Any:
    value = np.uint64(size)
    for back in range(size):
        value = mix64(value * _STEP + ring[(count - size + back) % len(ring)])
    return np.uint32(value >> np.uint64(32))


@compiled
def _add(value: Any, a: Any, b: Any, signature: Any) -> None:
    """Take one shingle's 32-bit hash into a signature: datasketch's `affine32` (fmix32, then a*h+b)."""
    h = np.uint32(value)
    h = np.uint32(h ^ (h >> np.uint32(16)))
    h = np.uint32(h * np.uint32(0x85EBCA6B))
    h = np.uint32(h ^ (h >> np.uint32(13)))
    h = np.uint32(h * np.uint32(0xC2B2AE35))
    h = np.uint32(h ^ (h >> np.uint32(16)))
    for k in range(len(signature)):
        signature[k] = min(signature[k], np.uint32(np.uint32(a[k] * h) + b[k]))


def sign_hashes(hashes: Array, count: int) -> Array:
    """Return the signature of a set of 32-bit shingle hashes, uint32 of length `count`: the part that datasketch has.

    >>> sign_hashes(np.array([1, 2, 3], np.uint32), 2).dtype
    dtype('uint32')
    """
    a, b = permutations(count)
    signature = np.full(count, 0xFFFFFFFF, np.uint32)
    for value in hashes.astype(np.uint32):
        _add(value, a, b, signature)
    return signature


def band_keys(signatures: Array, bands: int) -> Array:
    """Return a 64-bit key of each band of each signature, int64 (texts, bands).

    Args:
        signatures: (texts, permutations), uint32; permutations that do not fill a band are left over.
        bands: Bands of equal height.

    >>> band_keys(np.ones((1, 128), np.uint32), 16).shape
    (1, 16)
    """
    keys = np.empty((len(signatures), bands), np.uint64)
    _band_keys(np.ascontiguousarray(signatures), signatures.shape[1] // bands, keys)
    return keys.view(np.int64)


@compiled
def _band_keys(signatures: Any, rows: Any, keys: Any) -> None:
    for text in range(keys.shape[0]):
        for band in range(keys.shape[1]):
            key = mix64(np.uint64(band + 1))
            for row in range(band * rows, (band + 1) * rows):
                key = mix64(key * _STEP + np.uint64(signatures[text, row]))
            keys[text, band] = key


def estimated_jaccard(left: Array, right: Array) -> Array:
    """Return the share of equal positions of pairs of signatures, float64: an unbiased estimate of Jaccard similarity.

    >>> float(estimated_jaccard(np.array([[1, 2, 3, 4]], np.uint32), np.array([[1, 2, 3, 9]], np.uint32))[0])
    0.75
    """
    same: Array = (left == right).mean(axis=1)
    return same


def candidate_probability(similarity: float, bands: int, rows: int) -> float:
    """Return the chance that two texts of a Jaccard similarity share a band: the S-curve 1 - (1 - s^r)^b.

    >>> round(candidate_probability(0.8, 16, 8), 2)
    0.95
    """
    return 1 - (1 - similarity**rows) ** bands
