r"""MinHash signatures of texts, bit-identical to datasketch 2's default scheme for the same shingle hashes.

A shingle is five units in a row; a unit is a lower-cased word (`\\w+`), or one character in scripts that are written
without spaces (Broder 1997; Lee et al. 2022 use word 5-grams).
"""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.kernels.compiled import compiled
from pipeline.kernels.near_duplicates.banding import KEY_BITS
from pipeline.kernels.text.code_points import LIMIT, SEPARATOR, UNSPACED, WORD, lower_cased, mix64, word_classes
from pipeline.kernels.text.composed import composed, nfc
from pipeline.kernels.text.words import decode, longest, utf8

Array = np.ndarray[Any, np.dtype[Any]]
_SEED, _FACTOR, _STEP = np.uint64(0x9E3779B97F4A7C15), np.uint64(0x100000001B3), np.uint64(0x9E3779B97F4A7C15)


class Sketches(NamedTuple):
    """Signatures, sizes and keys of a batch of texts.

    Attributes:
        signatures: (texts, permutations), uint32; all ones where a text has no unit.
        units: Units of each text, int32.
        keys: (texts, 2), int64, not negative: 126 bits of a hash of a text's units in their order. Texts with one key
            have the same words (or characters of unspaced scripts), whatever stands between them.
    """

    signatures: Array
    units: Array
    keys: Array


@lru_cache(maxsize=4)
def permutations(count: int) -> tuple[Array, Array]:
    """Return datasketch's default permutations as (a, b), uint32: `a * h + b mod 2^32` on pre-mixed hashes.

    >>> permutations(2)[0].tolist()
    [3582191691, 4270784983]
    """
    from datasketch import MinHash

    a, b = MinHash(count).permutations
    return np.ascontiguousarray(a, np.uint32), np.ascontiguousarray(b, np.uint32)


def sketch(texts: pa.Array | pa.ChunkedArray, count: int = 128, shingle: int = 5) -> Sketches:
    """Return the MinHash signatures of texts.

    Args:
        texts: Strings, which are compared composed (NFC); null counts as empty.
        count: Permutations.
        shingle: Units a shingle; a shorter text is one shingle.

    >>> pair = sketch(pa.array(["one two three four five six", "One, two; three FOUR five six!"]))
    >>> bool((pair.signatures[0] == pair.signatures[1]).all()), pair.units.tolist()
    (True, [6, 6])
    """
    data, offsets = utf8(composed(texts))
    a, b = permutations(count)
    signatures = np.full((len(offsets) - 1, count), 0xFFFFFFFF, np.uint32)
    units = np.zeros(len(signatures), np.int32)
    keys = np.zeros((len(signatures), 2), np.int64)
    points = longest(offsets)
    _sketch(data, offsets, points, word_classes(), lower_cased(), a, b, shingle, signatures, units, keys)
    return Sketches(signatures, units, keys)


def shingles(text: str, size: int = 5) -> Array:
    """Return the 64-bit hashes of a text's distinct shingles, uint64, sorted: the set that a signature stands for.

    >>> len(shingles("a rose is a rose is a rose", 3))
    3
    """
    data, offsets = utf8(pa.array([nfc(text)]))
    points = longest(offsets)
    hashes = np.empty(len(points) + 1, np.uint64)
    count, _ = _shingles(
        data, 0, offsets[1], points, word_classes(), lower_cased(), size, hashes, np.zeros(2, np.int64)
    )
    return np.unique(hashes[:count])


def exact_jaccard(left: Array, right: Array) -> float:
    """Return the Jaccard similarity of two sets of hashes, each sorted and distinct; 0 of two empty ones.

    >>> exact_jaccard(np.array([1, 2, 3]), np.array([2, 3, 4]))
    0.5
    """
    both = len(np.intersect1d(left, right, assume_unique=True))
    either = len(left) + len(right) - both
    return both / either if either else 0.0


@compiled
def _sketch(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    data: Any,
    offsets: Any,
    points: Any,
    classes: Any,
    lower: Any,
    a: Any,
    b: Any,
    size: Any,
    signatures: Any,
    units: Any,
    keys: Any,
) -> None:
    hashes = np.empty(len(points) + 1, np.uint64)
    for text in range(len(offsets) - 1):
        start, end = offsets[text], offsets[text + 1]
        count, units[text] = _shingles(data, start, end, points, classes, lower, size, hashes, keys[text])
        for at in range(count):
            _add(np.uint32(hashes[at] >> np.uint64(32)), a, b, signatures[text])


@compiled
def _shingles(  # noqa: PLR0913, PLR0917
    data: Any, start: Any, end: Any, points: Any, classes: Any, lower: Any, size: Any, hashes: Any, key: Any
) -> Any:
    """Write the hashes of a text's shingles and its key; return how many shingles and units it has."""
    ring = np.zeros(size, np.uint64)
    length = decode(data, start, end, points)
    count, word, inside = 0, _SEED, False
    first, second = _SEED, _FACTOR
    for at in range(length + 1):
        kind = classes[points[at]] if at < length and points[at] < LIMIT else SEPARATOR
        if inside and kind != WORD:
            unit = mix64(word)
            ring[count % size] = unit
            first, second = mix64(first * _STEP + unit), (second ^ unit) * _FACTOR + (second >> np.uint64(29))
            count += 1
            inside = False
            if count >= size:
                hashes[count - size] = _shingle_hash(ring, count, size)
        if kind == WORD:
            word = ((word if inside else _SEED) ^ np.uint64(lower[points[at]])) * _FACTOR
            inside = True
        elif kind == UNSPACED:
            unit = mix64((_SEED ^ np.uint64(lower[points[at]])) * _FACTOR)
            ring[count % size] = unit
            first, second = mix64(first * _STEP + unit), (second ^ unit) * _FACTOR + (second >> np.uint64(29))
            count += 1
            if count >= size:
                hashes[count - size] = _shingle_hash(ring, count, size)
    key[0], key[1] = np.int64(first >> np.uint64(1)), np.int64(mix64(second) >> np.uint64(1))
    if 0 < count < size:
        hashes[0] = _shingle_hash(ring, count, count)
        return 1, count
    return max(0, count - size + 1), count


@compiled
def _shingle_hash(ring: Any, count: Any, size: Any) -> Any:
    value = np.uint64(size)
    for back in range(size):
        value = mix64(value * _STEP + ring[(count - size + back) % len(ring)])
    return value


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


def band_keys(signatures: Array, bands: int, groups: Array) -> Array:
    """Return a 48-bit key of each band of each signature, int64 (texts, bands).

    Args:
        signatures: (texts, permutations), uint32; permutations that do not fill a band are left over.
        bands: Bands of equal height.
        groups: A number for each text, int64; bands of texts of different groups (languages) have different keys.

    >>> band_keys(np.ones((1, 128), np.uint32), 16, np.zeros(1, np.int64)).shape
    (1, 16)
    """
    keys = np.empty((len(signatures), bands), np.int64)
    _band_keys(np.ascontiguousarray(signatures), signatures.shape[1] // bands, groups, keys)
    return keys


@compiled
def _band_keys(signatures: Any, rows: Any, groups: Any, keys: Any) -> None:
    for text in range(keys.shape[0]):
        for band in range(keys.shape[1]):
            key = mix64(np.uint64(groups[text]) + np.uint64(band + 1))
            for row in range(band * rows, (band + 1) * rows):
                key = mix64(key * _STEP + np.uint64(signatures[text, row]))
            keys[text, band] = np.int64(key >> np.uint64(64 - KEY_BITS))


def equal_positions(left: Array, right: Array, of_left: Array) -> Array:
    """Return at how many positions pairs of signatures are equal, int64; over all of them, their estimated Jaccard.

    Args:
        left: (pairs, permutations), uint32.
        right: (signatures, permutations), uint32.
        of_left: Row of `right` that each row of `left` is compared with.

    >>> equal_positions(np.array([[1, 2, 3, 4]], np.uint32), np.array([[1, 2, 3, 9]], np.uint32), np.zeros(1, int))
    array([3])
    """
    same = np.zeros(len(left), np.int64)
    _equal_positions(left, right, of_left, same)
    return same


@compiled
def _equal_positions(left: Any, right: Any, of_left: Any, same: Any) -> None:
    for row in range(len(left)):
        right_row = of_left[row]
        count = 0
        for at in range(left.shape[1]):
            count += left[row, at] == right[right_row, at]
        same[row] = count
