"""Boosted oblivious trees, evaluated for all blocks of a page at once; compiled."""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.kernels.compiled import compiled

_CHUNK: Final = 2048


class Forest(NamedTuple):
    """Trees that ask the same question of every row at each depth.

    Attributes:
        features: Which feature is asked about, int32 (trees, depth).
        limits: Above which value a row goes to the higher half, float32 (trees, depth).
        leaves: What each leaf adds, float32 (trees, outputs, 2 ** depth).
        bias: What all rows begin with, float32 (outputs,).
    """

    features: npt.NDArray[np.int32]
    limits: npt.NDArray[np.float32]
    leaves: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]


def evaluate(
    forest: Forest, features: npt.NDArray[np.float32], shared_from: int | None = None
) -> npt.NDArray[np.float32]:
    """What the trees add up to, float32 (outputs, rows): log-odds, for a forest fitted on labels.

    Args:
        forest: The trees.
        features: float32 (features, rows).
        shared_from: Features from this one on are the same for all rows, so that one is asked for all.

    >>> stump = Forest(np.array([[0]], np.int32), np.array([[1.5]], np.float32),
    ...                np.array([[[-1, 1]]], np.float32), np.array([0.5], np.float32))
    >>> evaluate(stump, np.array([[1, 2, 3]], np.float32)).tolist()
    [[-0.5, 1.5, 1.5]]
    """
    out = np.empty((len(forest.bias), features.shape[1]), np.float32)
    out[:] = forest.bias[:, None]
    first = len(features) if shared_from is None else shared_from
    _evaluate(features, forest.features, forest.limits, forest.leaves, first, out)
    return out


@compiled
def _evaluate(x: Any, features: Any, limits: Any, leaves: Any, shared_from: Any, out: Any) -> None:
    rows = x.shape[1]
    places = np.empty(_CHUNK, np.uint8)
    for start in range(0, rows, _CHUNK):
        size = min(_CHUNK, rows - start)
        leaf = places[:size]
        for tree in range(len(features)):
            shared = np.uint8(0)
            for depth in range(features.shape[1]):
                feature = features[tree, depth]
                if feature >= shared_from and x[feature, start] > limits[tree, depth]:
                    shared |= np.uint8(1 << depth)
            leaf[:] = shared
            for depth in range(features.shape[1]):
                feature = features[tree, depth]
                if feature >= shared_from:
                    continue
                column = x[feature, start : start + size]
                limit, bit = limits[tree, depth], np.uint8(1 << depth)
                for row in range(size):
                    leaf[row] |= bit if column[row] > limit else np.uint8(0)
            for output in range(leaves.shape[1]):
                values, sums = leaves[tree, output], out[output, start : start + size]
                for row in range(size):
                    sums[row] += values[leaf[row]]
