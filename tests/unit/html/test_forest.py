"""Trees add up to what a plain walk through them gives."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.html.main_content.forest import Forest, evaluate


def plain(forest: Forest, features: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    out = np.repeat(forest.bias[:, None].astype(np.float64), features.shape[1], axis=1)
    for row in range(features.shape[1]):
        for asked, limits, leaves in zip(forest.features, forest.limits, forest.leaves, strict=True):
            answers = [features[feature, row] > limit for feature, limit in zip(asked, limits, strict=True)]
            leaf = sum(1 << depth for depth, answer in enumerate(answers) if answer)
            out[:, row] += leaves[:, leaf]
    return out


def grown(seed: int, trees: int, depth: int, outputs: int) -> Forest:
    random = np.random.default_rng(seed)
    return Forest(
        random.integers(0, 5, (trees, depth)).astype(np.int32),
        random.normal(size=(trees, depth)).astype(np.float32),
        random.normal(size=(trees, outputs, 1 << depth)).astype(np.float32),
        random.normal(size=outputs).astype(np.float32),
    )


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 5), st.integers(1, 8), st.integers(1, 3), st.integers(0, 9))
def test_trees_are_walked_as_a_plain_program_walks_them(
    seed: int, trees: int, depth: int, outputs: int, rows: int
) -> None:
    forest = grown(seed, trees, depth, outputs)
    features = np.random.default_rng(seed + 1).normal(size=(5, rows)).astype(np.float32)
    np.testing.assert_allclose(evaluate(forest, features), plain(forest, features), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("rows", [2047, 2048, 2049, 5000])
def test_rows_beyond_a_chunk_are_rows_like_any_other(rows: int) -> None:
    forest = grown(1, 7, 6, 2)
    features = np.random.default_rng(2).normal(size=(5, rows)).astype(np.float32)
    whole = evaluate(forest, features)
    parts = [evaluate(forest, np.ascontiguousarray(features[:, at : at + 100])) for at in range(0, rows, 100)]
    assert np.array_equal(whole, np.concatenate(parts, axis=1))


def test_a_value_that_is_the_limit_goes_to_the_lower_half() -> None:
    stump = grown(0, 1, 1, 1)._replace(features=np.zeros((1, 1), np.int32), limits=np.ones((1, 1), np.float32))
    low, high = (stump.bias + stump.leaves[0, :, leaf] for leaf in (0, 1))
    result = evaluate(stump, np.array([[1, np.nextafter(np.float32(1), np.float32(2)), np.nan]], np.float32))
    assert result[:, :1] == low
    assert result[:, 1:2] == high
    assert result[:, 2:] == low


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 5), st.integers(1, 9))
def test_features_that_all_rows_share_are_asked_for_all(seed: int, first: int, rows: int) -> None:
    forest = grown(seed, 4, 6, 1)
    features = np.random.default_rng(seed + 1).normal(size=(5, rows)).astype(np.float32)
    features[first:] = features[first:, :1]
    assert evaluate(forest, features, first).tolist() == evaluate(forest, features).tolist()
