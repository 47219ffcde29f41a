"""Counts of values between fixed edges, and edges that suit values of any spread."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Edges = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


def counts_in(edges: Edges, values: pa.Array) -> Counts:
    """Return how many values lie between the edges; those beyond the outer edges count in the outer bins.

    Args:
        edges: Ascending, float64 (bins + 1,).
        values: Numbers; nulls and values that are no number are left out.

    >>> counts_in(np.array([0.0, 1.0, 2.0]), pa.array([-5.0, 0.5, 1.0, 2.0, 9.0, None]))
    array([2, 3])
    """
    numbers = pc.drop_null(values).cast(pa.float64()).to_numpy(zero_copy_only=False)
    numbers = numbers[~np.isnan(numbers)]
    at = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, len(edges) - 2)
    return np.bincount(at, minlength=len(edges) - 1).astype(np.int64)


def edges_for(sample: npt.NDArray[Any], limits: tuple[float, ...] = (), bins: int = 30) -> Edges:
    """Return edges of equal steps over nearly all of a sample, wide enough to show the limits that are near.

    The lowest and the highest hundredth do not widen them. A limit that lies further off than the span of the sample is
    wide does not either.

    Args:
        sample: Numbers.
        limits: That are to be seen.
        bins: How many.

    >>> edges_for(np.arange(101.0), (110.0,), 4).tolist()
    [1.0, 28.25, 55.5, 82.75, 110.0]
    """
    if not len(sample):
        return np.linspace(0.0, 1.0, bins + 1)
    low, high = np.quantile(sample.astype(np.float64), (0.01, 0.99))
    span = (high - low) or abs(high) or 1.0
    near = [limit for limit in limits if low - span <= limit <= high + span]
    low, high = min([low, *near]), max([high, *near])
    if low == high:
        low, high = low - span / 2, high + span / 2
    return np.linspace(low, high, bins + 1)
