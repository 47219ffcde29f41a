"""Texts as weighed n-grams of words, and linear models over them; compiled.

A text's features are its words and its pairs of neighbouring words, each hashed into one of `2 ** bits` buckets (the
hashing trick, Weinberger et al., 2009), weighed by `(1 + ln tf) * idf` and scaled to length 1 (Salton and Buckley,
1988).
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.kernels.array_types import Counts, Doubles, Floats, Hashes, Int
from pipeline.kernels.compiled import compiled
from pipeline.kernels.text.code_points import mix64
from pipeline.kernels.text.words import Words

MOST_WORDS: Final = 2_000
"""Words of a text that are looked at, from its start."""
_PAIR: Final = np.uint64(0x9E3779B97F4A7C15)


class LinearWeights(NamedTuple):
    """A linear model over n-grams.

    Attributes:
        idf: Of each bucket the logarithm of how rare it is, float32 (buckets,); 0 for one that was never seen.
        weights: Of each bucket what it says of each label, in units of `scales`, int8 (buckets, labels).
        scales: Of each label the size of a unit, float32 (labels,).
        biases: Of each label what every text begins with, float32 (labels,).
    """

    idf: npt.NDArray[np.float32]
    weights: npt.NDArray[np.int8]
    scales: npt.NDArray[np.float32]
    biases: npt.NDArray[np.float32]


class Grams(NamedTuple):
    """The n-grams of some texts as a sparse matrix by rows; those of text `i` are at `offsets[i]` to `offsets[i + 1]`.

    Attributes:
        offsets: int64 (texts + 1,).
        buckets: Distinct in a text, rising, int64.
        counts: How often each stands in the text, int64.
    """

    offsets: npt.NDArray[np.int64]
    buckets: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]


def count_grams(words: Words, bits: int) -> Grams:
    """The n-grams of texts.

    Args:
        words: Their words.
        bits: There are `2 ** bits` buckets.

    >>> import pyarrow as pa
    >>> from pipeline.kernels.text.words import find_words
    >>> grams = count_grams(find_words(pa.array(["the mill, the mill", ""])), 20)
    >>> grams.offsets.tolist(), sorted(grams.counts.tolist())
    ([0, 4, 4], [1, 2, 2, 2])
    """
    lengths = np.minimum(np.diff(words.offsets), MOST_WORDS)
    room = int(np.maximum(2 * lengths - 1, 0).sum())
    offsets, buckets, counts = np.zeros(len(lengths) + 1, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
    size = _count(words.offsets, words.hashes, bits, offsets, buckets, counts)
    return Grams(offsets, buckets[:size], counts[:size])


def score_linear(words: Words, model: LinearWeights) -> npt.NDArray[np.float64]:
    """What a model says of texts: log-odds or distances, float64 (texts, labels).

    Args:
        words: Their words.
        model: The model; its number of buckets is a power of two.
    """
    out = np.empty((len(words.offsets) - 1, len(model.biases)), np.float64)
    bits = len(model.idf).bit_length() - 1
    _score(words.offsets, words.hashes, bits, model.idf, model.weights, model.scales, model.biases, out)
    return out


@compiled
def _buckets_of(hashes: Hashes, start: Int, stop: Int, bits: Int) -> Counts:
    """The buckets of a text's n-grams, rising, as often as they stand in it."""
    size = min(stop - start, MOST_WORDS)
    shift = np.uint64(64 - bits)
    buckets = np.empty(max(0, 2 * size - 1), np.int64)
    for k in range(size):
        buckets[k] = np.int64(mix64(hashes[start + k]) >> shift)
    for k in range(size - 1):
        pair = mix64(hashes[start + k] * _PAIR + hashes[start + k + 1])
        buckets[size + k] = np.int64(pair >> shift)
    buckets.sort()
    return buckets


@compiled
def _count(offsets: Counts, hashes: Hashes, bits: Int, out: Counts, buckets: Counts, counts: Counts) -> Int:
    size = 0
    for text in range(len(offsets) - 1):
        sorted_buckets = _buckets_of(hashes, offsets[text], offsets[text + 1], bits)
        for k in range(len(sorted_buckets)):
            if k and sorted_buckets[k] == sorted_buckets[k - 1]:
                counts[size - 1] += 1
            else:
                buckets[size], counts[size] = sorted_buckets[k], 1
                size += 1
        out[text + 1] = size
    return size


@compiled
def _score(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    offsets: Counts, hashes: Hashes, bits: Int, idf: Floats, weights: Any, scales: Floats, biases: Floats, out: Doubles
) -> None:
    sums = np.empty(len(biases), np.float32)
    for text in range(len(offsets) - 1):
        buckets = _buckets_of(hashes, offsets[text], offsets[text + 1], bits)
        sums[:] = 0
        squares, k = 0.0, 0
        while k < len(buckets):
            bucket, first = buckets[k], k
            while k < len(buckets) and buckets[k] == bucket:
                k += 1
            value = np.float32((1 + np.log(k - first)) * idf[bucket])
            squares += value * value
            if value != 0:
                row = weights[bucket]
                for label in range(len(sums)):
                    sums[label] += value * np.float32(row[label])
        length = np.sqrt(squares) if squares > 0 else 1.0
        for label in range(len(sums)):
            out[text, label] = sums[label] * scales[label] / length + biases[label]
