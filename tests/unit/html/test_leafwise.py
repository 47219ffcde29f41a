"""Trees grown leaf by leaf add up to what a walk down each of them gives."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.main_content.second_stage import LEAVES, to_leafwise
from pipeline.kernels.html.main_content.leafwise import MOST_LEAVES, evaluate_leafwise, no_trees

FEATURES = 5


def leaf(value: float) -> dict[str, Any]:
    return {"leaf_value": value}


def question(feature: int, limit: float, left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    return {"split_feature": feature, "threshold": limit, "left_child": left, "right_child": right}


def grown(random: np.random.Generator, leaves: int) -> dict[str, Any]:
    if leaves == 1:
        return leaf(float(random.normal()))
    left = int(random.integers(1, leaves))
    limit = float(np.float32(random.normal()))
    return question(int(random.integers(FEATURES)), limit, grown(random, left), grown(random, leaves - left))


def walk(tree: dict[str, Any], row: Any) -> float:
    while "split_feature" in tree:
        tree = tree["left_child" if row[tree["split_feature"]] <= tree["threshold"] else "right_child"]
    return float(tree["leaf_value"])


def chain(leaves: int, side: str) -> dict[str, Any]:
    """A tree as deep as it has leaves: each question parts one leaf off."""
    tree = leaf(0.0)
    for number in range(1, leaves):
        one = leaf(float(number))
        tree = question(0, -float(number), one, tree) if side == "left" else question(0, float(number), tree, one)
    return tree


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.integers(1, LEAVES), max_size=5), st.integers(0, 40))
def test_all_answers_at_once_find_the_leaf_that_a_walk_finds(seed: int, sizes: list[int], rows: int) -> None:
    random = np.random.default_rng(seed)
    trees = [grown(random, size) for size in sizes]
    features = random.normal(size=(FEATURES, rows)).astype(np.float32)
    wanted = [sum(walk(tree, features[:, row]) for tree in trees) for row in range(rows)]
    np.testing.assert_allclose(evaluate_leafwise(to_leafwise(trees), features), wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_tree_may_be_as_deep_as_it_has_leaves(side: str) -> None:
    tree = chain(LEAVES, side)
    values = np.arange(-MOST_LEAVES, MOST_LEAVES + 1, 0.5, dtype=np.float32)
    sums = evaluate_leafwise(to_leafwise([tree]), values[None])
    assert sums.tolist() == [walk(tree, [value]) for value in values]


def test_a_value_that_is_the_limit_goes_to_the_left_also_where_the_limit_is_no_float32() -> None:
    limits = (1.0, 0.1, 0.3)  # as float32, 0.1 is a little more than 0.1, and 0.3 more than 0.3
    for limit in limits:
        near = np.float32(limit)
        rows = [np.nextafter(near, np.float32(-9)), near, np.nextafter(near, np.float32(9))]
        tree = question(0, limit, leaf(-1.0), leaf(1.0))
        sums = evaluate_leafwise(to_leafwise([tree]), np.array([rows], np.float32))
        assert sums.tolist() == [walk(tree, [float(row)]) for row in rows]


def test_no_trees_add_nothing() -> None:
    assert evaluate_leafwise(no_trees(), np.ones((2, 3), np.float32)).tolist() == [0, 0, 0]
