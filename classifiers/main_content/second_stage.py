"""Fitting the second stage: trees that weigh what a first stage which has not seen a page makes of its blocks."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from classifiers.main_content.examples import Example
from pipeline.kernels.html.main_content.context import measure_context
from pipeline.kernels.html.main_content.feature_names import CONTEXT_NAMES
from pipeline.kernels.html.main_content.features import Features, measure_blocks
from pipeline.kernels.html.main_content.leafwise import ALL_LEAVES, LeafwiseForest
from pipeline.kernels.html.main_content.model import Model
from pipeline.kernels.html.main_content.stages import (
    HOPELESS_ODDS,
    likely_article,
    odds_alone,
    odds_of_types,
    words_of_blocks,
)
from pipeline.kernels.html.tree.nodes import read_nodes
from pipeline.kernels.html.writing.blocks import read_blocks

Floats = npt.NDArray[np.float32]

TREES: Final = 150
LEAVES: Final = 31
RATE: Final = 0.07
# What all weights are multiplied by, so that the least sum of a leaf below is a number of blocks of a usual page.
_SCALE: Final = 100
_SETTINGS: Final[dict[str, Any]] = {
    "objective": "cross_entropy",
    "learning_rate": RATE,
    "num_leaves": LEAVES,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5,
    "min_sum_hessian_in_leaf": 2.0,
    "min_data_in_leaf": 20,
    "max_bin": 64,
    "seed": 1,
    "deterministic": True,
    "force_col_wise": True,
    "num_threads": 2,
    "verbose": -1,
}


class Context(NamedTuple):
    """The blocks of a page that the second stage judges.

    Attributes:
        features: What is known of them, (features, blocks).
        share: How much of each is main content.
        weight: What each counts for.
    """

    features: Features
    share: Floats
    weight: Floats


def read_context(example: Example, model: Model) -> Context:
    """What the first stage of a model that has not seen an example makes of it; blocks without a label are left out."""
    page = read_nodes(example.source, model.classes)
    blocks = read_blocks(page, model.words)
    features = measure_blocks(page, blocks, example.hints, example.title)
    alone = odds_alone(model, features)
    article = likely_article(odds_of_types(model, features))
    context = measure_context(page, blocks, alone, words_of_blocks(blocks), article)
    judged = (alone > HOPELESS_ODDS) & (example.weight > 0)
    return Context(context[:, judged], example.share[judged], example.weight[judged])


def fit_second_stage(pages: Sequence[Context]) -> LeafwiseForest:
    """Fit trees whose log-odds say how much of a block is main content."""
    import lightgbm

    data = lightgbm.Dataset(
        np.concatenate([page.features for page in pages], axis=1).T,
        np.concatenate([page.share for page in pages]),
        weight=_SCALE * np.concatenate([page.weight for page in pages]),
        feature_name=[name.replace(".", "_") for name in CONTEXT_NAMES],
    )
    trees = lightgbm.train(dict(_SETTINGS), data, num_boost_round=TREES).dump_model()
    return to_leafwise([tree["tree_structure"] for tree in trees["tree_info"]])


def to_leafwise(trees: Sequence[dict[str, Any]]) -> LeafwiseForest:
    """Trees as LightGBM dumps them, as arrays.

    >>> stump = {"split_feature": 2, "threshold": 0.5, "left_child": {"leaf_value": -1.0},
    ...          "right_child": {"leaf_value": 1.0}}
    >>> forest = to_leafwise([stump])
    >>> int(forest.features[0, 0]), float(forest.limits[0, 0]), int(forest.masks[0, 0]) & 3
    (2, 0.5, 2)
    >>> forest.leaves[0, :2].tolist()
    [-1.0, 1.0]
    """
    forest = LeafwiseForest(
        np.zeros((len(trees), LEAVES - 1), np.int32),
        np.full((len(trees), LEAVES - 1), np.inf, np.float32),
        np.full((len(trees), LEAVES - 1), ALL_LEAVES, np.uint32),
        np.zeros((len(trees), LEAVES), np.float32),
    )
    for tree, root in enumerate(trees):
        leaves: list[float] = []
        for depth, (feature, limit, mask) in enumerate(_questions(root, leaves)):
            forest.features[tree, depth] = feature
            forest.limits[tree, depth] = _at_most(limit)
            forest.masks[tree, depth] = mask
        forest.leaves[tree, : len(leaves)] = leaves
    return forest


def _questions(node: dict[str, Any], leaves: list[float]) -> Iterator[tuple[int, float, int]]:
    """The questions of a tree from left to right, each with the leaves that remain to the right; fills the leaves."""
    if "split_feature" not in node:
        leaves.append(node["leaf_value"])
        return
    first = len(leaves)
    yield from _questions(node["left_child"], leaves)
    struck_out = (1 << len(leaves)) - (1 << first)
    yield node["split_feature"], node["threshold"], int(ALL_LEAVES) & ~struck_out
    yield from _questions(node["right_child"], leaves)


def _at_most(limit: float) -> np.float32:
    """The highest float32 that is not above a limit: what is above the one is above the other."""
    near = np.float32(limit)
    return near if float(near) <= limit else np.nextafter(near, np.float32(-math.inf))
