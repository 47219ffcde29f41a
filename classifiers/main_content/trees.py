"""Fitting the trees of the model, by CatBoost."""

import json
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pipeline.kernels.html.forest import Forest

Floats = npt.NDArray[np.float32]

_SEED: Final = 1
_SHALLOW: Final = {"l2_leaf_reg": 5, "random_seed": _SEED, "thread_count": 1, "verbose": False}
BLOCKS: Final = {"iterations": 700, "learning_rate": 0.07, "depth": 6, "rsm": 0.3, "border_count": 48}
TYPES: Final = {"iterations": 150, "learning_rate": 0.1, "depth": 4, "border_count": 32}
# Of the blocks that weigh less than this share of all does, some stand for all: they weigh more instead.
_LIGHT: Final = 0.7
_FEWEST_DRAWN: Final = 0.05


def fit_blocks(features: Floats, share: Floats, weight: Floats) -> Forest:
    """Fit trees whose log-odds say how much of a block is main content.

    Args:
        features: Of each block, (blocks, features).
        share: How much of it is main content.
        weight: What it counts for; a block that counts for nothing is not looked at.
    """
    import catboost  # noqa: PLC0415  (an extra, for training only)

    drawn, weight = _draw(weight)
    trees = catboost.CatBoostClassifier(
        loss_function="CrossEntropy",
        bootstrap_type="Bernoulli",
        subsample=0.7,
        allow_writing_files=False,
        **_SHALLOW,
        **BLOCKS,
    )
    trees.fit(catboost.Pool(features[drawn], share[drawn], weight=1000 * weight[drawn]))
    return to_forest(trees)


def _draw(weight: Floats) -> tuple[npt.NDArray[np.intp], Floats]:
    """Which blocks are looked at, and what blocks then count for: the lighter one is, the rarer it is drawn."""
    heavy = np.quantile(weight[weight > 0], _LIGHT)
    chance = np.where(weight > 0, np.clip(weight / heavy, _FEWEST_DRAWN, 1), 0)
    drawn = np.random.default_rng(_SEED).random(len(weight)) < chance
    return np.flatnonzero(drawn), (weight / np.maximum(chance, _FEWEST_DRAWN)).astype(np.float32)


def fit_types(features: Floats, types: npt.NDArray[np.int64]) -> Forest:
    """Fit trees that tell the type of a page, rare types counting more."""
    import catboost  # noqa: PLC0415

    trees = catboost.CatBoostClassifier(
        loss_function="MultiClass", auto_class_weights="SqrtBalanced", allow_writing_files=False, **_SHALLOW, **TYPES
    )
    trees.fit(features, types)
    return to_forest(trees)


def to_forest(trees: Any) -> Forest:
    """The trees of a fitted CatBoost model as arrays."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trees.json"
        trees.save_model(str(path), format="json")
        found = json.loads(path.read_text(encoding="utf-8"))
    scale, bias = found["scale_and_bias"]
    bias = np.atleast_1d(np.asarray(bias, np.float32))
    grown = found["oblivious_trees"]
    depth = max(len(tree["splits"] or ()) for tree in grown)
    features = np.zeros((len(grown), depth), np.int32)
    limits = np.full((len(grown), depth), np.inf, np.float32)  # never passed: a shallow tree uses its low leaves
    leaves = np.zeros((len(grown), len(bias), 1 << depth), np.float32)
    for number, tree in enumerate(grown):
        for place, split in enumerate(tree["splits"] or ()):
            features[number, place] = split["float_feature_index"]
            limits[number, place] = split["border"]
        values = np.asarray(tree["leaf_values"], np.float32).reshape(-1, len(bias)).T
        leaves[number, :, : values.shape[1]] = scale * values
    return Forest(features, limits, leaves, bias)
