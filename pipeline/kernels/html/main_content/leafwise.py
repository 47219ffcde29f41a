"""Boosted trees that are grown leaf by leaf, evaluated for all blocks of a page at once; compiled.

No row walks down a tree: all rows answer all questions of it, and each answer strikes out the leaves that it rules
out. The first leaf that is left is the one that a walk would end in (QuickScorer, Lucchese et al., 2015).
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.kernels.compiled import compiled

# Leaves are the bits of a number.
MOST_LEAVES: Final = 32
ALL_LEAVES: Final = np.uint32(0xFFFFFFFF)
# Multiplied by this, a power of two has its exponent's place in `_EXPONENT` in its highest five bits (de Bruijn).
_SPREAD: Final = np.uint32(0x077CB531)
_PLACES: Final = [(0x077CB531 << bit & 0xFFFFFFFF) >> 27 for bit in range(MOST_LEAVES)]
_EXPONENT: Final = np.argsort(np.array(_PLACES)).astype(np.uint8)


class LeafwiseForest(NamedTuple):
    """Trees whose leaves are numbered from left to right, the left ones of a question being those not above its limit.

    Attributes:
        features: Which feature each question is about, int32 (trees, questions).
        limits: Above which value it goes to the right, float32 (trees, questions); infinite for one that is not asked.
        masks: The leaves that remain if it does, uint32 (trees, questions).
        leaves: What each leaf adds, float32 (trees, leaves).
    """

    features: npt.NDArray[np.int32]
    limits: npt.NDArray[np.float32]
    masks: npt.NDArray[np.uint32]
    leaves: npt.NDArray[np.float32]


def no_trees() -> LeafwiseForest:
    """A forest that adds nothing."""
    return LeafwiseForest(
        np.zeros((0, 0), np.int32),
        np.zeros((0, 0), np.float32),
        np.zeros((0, 0), np.uint32),
        np.zeros((0, MOST_LEAVES), np.float32),
    )


def evaluate_leafwise(forest: LeafwiseForest, features: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """What the trees add up to, float64 (rows,).

    Args:
        forest: The trees.
        features: float32 (features, rows).

    >>> stump = LeafwiseForest(np.array([[0]], np.int32), np.array([[1.5]], np.float32),
    ...                        np.array([[~np.uint32(1)]], np.uint32), np.array([[-1, 1]], np.float32))
    >>> evaluate_leafwise(stump, np.array([[1, 2, 3]], np.float32)).tolist()
    [-1.0, 1.0, 1.0]
    """
    out = np.zeros(features.shape[1])
    _evaluate(features, forest.features, forest.limits, forest.masks, forest.leaves, out)
    return out


@compiled
def _evaluate(x: Any, features: Any, limits: Any, masks: Any, leaves: Any, out: Any) -> None:
    left = np.empty(len(out), np.uint32)
    for tree in range(len(features)):
        left[:] = ALL_LEAVES
        for question in range(features.shape[1]):
            column = x[features[tree, question]]
            limit, mask = limits[tree, question], masks[tree, question]
            for row in range(len(left)):
                left[row] &= mask if column[row] > limit else ALL_LEAVES
        values = leaves[tree]
        for row in range(len(left)):
            lowest = np.uint32(left[row] & (~left[row] + np.uint32(1)))
            out[row] += values[_EXPONENT[np.uint32(lowest * _SPREAD) >> np.uint32(27)]]
