"""Folds for cross-validation, none of whose groups is in two of them, and what stands in two all the same."""

import zlib
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.kernels.near_duplicates.minhash import sketch

FOLDS: Final = 5
_ALIKE: Final = 0.8
"""Share of equal positions of two signatures from which texts are near-duplicates."""
_BAND: Final = 8
"""Positions of a band: texts that share one are compared."""


def folds_of(groups: Sequence[str], count: int = FOLDS, seed: int = 0) -> npt.NDArray[np.int64]:
    """Return the fold of each example, int64 (n,): a hash of its group, so that another example moves no other.

    >>> folds_of(["a.example", "b.example", "a.example"]).tolist()
    [2, 4, 2]
    """
    return np.array([zlib.crc32(f"{seed}/{group}".encode()) % count for group in groups], np.int64)


def across_folds(texts: pa.Array, folds: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Tell of which texts a near-duplicate is in another fold, bool (n,): what a model could know by heart.

    >>> texts = pa.array(["the mill grinds corn for the whole village by the river"] * 2 + ["something else"])
    >>> across_folds(texts, np.array([0, 1, 1])).tolist()
    [True, True, False]
    """
    signatures = sketch(texts).signatures
    likes = np.zeros(len(folds), bool)
    for start in range(0, signatures.shape[1], _BAND):
        band = np.ascontiguousarray(signatures[:, start : start + _BAND])
        order = np.argsort(band.view(np.dtype((np.void, band.itemsize * _BAND))).ravel(), kind="stable")
        first, second = order[:-1], order[1:]
        pairs = (band[first] == band[second]).all(axis=1) & (folds[first] != folds[second])
        first, second = first[pairs], second[pairs]
        alike = (signatures[first] == signatures[second]).mean(axis=1) >= _ALIKE
        likes[first[alike]] = likes[second[alike]] = True
    return likes
