"""Rank correlation."""

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]


def ranks(values: Array) -> Array:
    """Return ranks from 1 on; equal values share the mean of theirs.

    >>> ranks(np.array([3.0, 1.0, 3.0])).tolist()
    [2.5, 1.0, 2.5]
    """
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[inverse])


def spearman(first: Array, second: Array) -> float:
    """Return Spearman's rank correlation; 0 where one side is constant.

    >>> spearman(np.array([1.0, 2.0, 3.0]), np.array([1.0, 4.0, 9.0]))
    1.0
    """
    centred = [ranks(side) - (len(side) + 1) / 2 for side in (first, second)]
    scale = float(np.sqrt((centred[0] ** 2).sum() * (centred[1] ** 2).sum()))
    return float((centred[0] * centred[1]).sum() / scale) if scale > 0 else 0.0
