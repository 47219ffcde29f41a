"""Curves are the quartiles of the documents they were fitted on; scores and ranks follow from them."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.tokens.outliers import (
    MEASURES,
    SCORE_BINS,
    VALUE_BINS,
    Array,
    Curve,
    Outliers,
    Ranks,
    fit_curve,
    length_bins,
    score_bins,
)

NORMAL = 1.349
LEVEL = Curve(np.array([5.0]), np.array([2.0]), np.array([0.5]))
STEEP = Curve(np.array([5.0]), np.array([3.0]), np.array([0.1]))


def fitted(tokens: Array, values: Array) -> Curve | None:
    """Return the curve of some documents, as the stage fits it from their histogram."""
    cells = Counter(zip(length_bins(tokens).tolist(), np.floor(values * VALUE_BINS).astype(int).tolist(), strict=True))
    rows = np.array(sorted((*cell, number) for cell, number in cells.items()), np.int64).reshape(-1, 3)
    return fit_curve(*rows.T)


def curve_of(tokens: Array, values: Array) -> Curve:
    curve = fitted(tokens, values)
    assert curve is not None
    return curve


@given(st.integers(1, 2**24))
def test_there_are_two_bins_of_length_to_a_doubling(tokens: int) -> None:
    (result,) = length_bins(np.array([tokens])).tolist()
    assert 2**result <= tokens**2 < 2 ** (result + 1)


def test_bins_do_not_shrink_with_the_length() -> None:
    result = length_bins(np.arange(0, 5000))
    assert (np.diff(result) >= 0).all()
    assert result[0] == result[1] == 0
    assert length_bins(np.array([2**31 - 1, 2**40])).tolist() == [49, 49]


@pytest.mark.parametrize("seed", range(5))
def test_a_point_is_median_and_spread_of_its_documents_to_a_bin(seed: int) -> None:
    random = np.random.default_rng(seed)
    values = random.gamma(9.0, 0.3, 3000)
    curve = curve_of(random.integers(1024, 1400, 3000), values)
    low, middle, high = np.percentile(values, (25, 50, 75))
    assert len(curve.lengths) == 1
    assert curve.medians[0] == pytest.approx(middle, abs=1 / VALUE_BINS)
    assert curve.spreads[0] == pytest.approx((high - low) / NORMAL, abs=2 / VALUE_BINS / NORMAL)
    assert np.exp(curve.lengths[0]) == pytest.approx(1200, rel=0.05)


def test_a_curve_follows_the_length() -> None:
    random = np.random.default_rng(1)
    tokens = np.exp(random.uniform(np.log(100), np.log(20_000), 20_000)).astype(int)
    usual, spread = 6 - 0.4 * np.log(tokens), 0.2 + 100 / tokens
    values = usual + spread * random.normal(size=len(tokens))
    scores = curve_of(tokens, values).scores(tokens, values)
    assert abs(np.median(scores)) < 0.05
    assert np.std(scores) == pytest.approx(1.0, abs=0.1)
    assert abs(np.corrcoef(scores, np.log(tokens))[0, 1]) < 0.03


def test_documents_gone_wrong_do_not_move_a_curve_far() -> None:
    random = np.random.default_rng(2)
    tokens, values = np.full(6000, 500), random.normal(3.0, 0.2, 6000)
    values[:1000] = random.uniform(5.0, 9.0, 1000)
    curve = curve_of(tokens, values)
    assert curve.medians[0] == pytest.approx(3.0, abs=0.1)
    assert curve.spreads[0] == pytest.approx(0.2, abs=0.1)


@pytest.mark.parametrize("tokens", [20, 6000])
def test_a_length_at_which_most_documents_are_soup_does_not_make_it_usual(tokens: int) -> None:
    random = np.random.default_rng(3)
    lengths = np.concatenate((random.integers(100, 2000, 5000), np.full(60, tokens)))
    values = random.normal(6 - 0.4 * np.log(lengths), 0.3)
    values[-60:] += 2.5
    scores = curve_of(lengths, values).scores(lengths, values)
    assert np.median(scores[-60:]) > 4
    assert abs(np.median(scores[:-60])) < 0.1


def test_a_few_documents_of_unusual_length_are_not_far_from_the_trend() -> None:
    random = np.random.default_rng(4)
    tokens = np.concatenate((random.integers(200, 2000, 5000), np.full(100, 20_000), np.full(100, 12)))
    values = random.normal(6 - 0.4 * np.log(tokens), 0.3)
    curve = curve_of(tokens, values)
    for length in (12, 20_000):
        assert abs(np.median(curve.scores(tokens, values)[tokens == length])) < 0.2


@pytest.mark.parametrize(
    ("documents", "points"),
    [
        ({}, 0),
        ({10: 39}, 0),  # too few
        ({10: 40}, 1),
        ({10: 39, 11: 1}, 1),  # joined
        ({10: 40, 11: 40}, 2),
        ({10: 40, 11: 39}, 1),  # what is left over joins the last
        ({5: 1, 10: 40, 11: 39, 12: 1, 20: 100}, 3),
        ({10: 100, 11: 20, 12: 20, 13: 20, 14: 20}, 3),
    ],
)
def test_bins_of_length_with_few_documents_are_joined(documents: dict[int, int], points: int) -> None:
    cells = np.array([(length, 100, number) for length, number in documents.items()], np.int64).reshape(-1, 3)
    curve = fit_curve(*cells.T)
    assert (0 if curve is None else len(curve.lengths)) == points


def test_documents_that_are_all_alike_have_a_spread_nonetheless() -> None:
    curve = curve_of(np.full(100, 500), np.full(100, 3.0))
    assert curve.spreads[0] > 0


@given(st.lists(st.floats(-100, 1000), max_size=20))
def test_scores_are_binned_by_a_twentieth(scores: list[float]) -> None:
    result = score_bins(np.array(scores))
    kept = np.clip(scores, -50, 500)
    assert ((result <= kept * SCORE_BINS) & (kept * SCORE_BINS < result + 1)).all()


def test_a_rank_is_the_share_of_documents_in_lower_bins() -> None:
    ranks = Ranks.of(np.array([0, 20, 40]), np.array([5, 4, 1]))
    assert ranks.ranks(np.array([-9.0, 0.01, 1.0, 1.01, 1.5, 2.0, 99.0])).tolist() == [0, 0, 0.5, 0.5, 0.9, 0.9, 1.0]


@settings(max_examples=100)
@given(st.lists(st.floats(-40, 400), min_size=1, max_size=50))
def test_ranks_of_the_documents_themselves_count_those_below(scores: list[float]) -> None:
    bins = score_bins(np.array(scores))
    known, numbers = np.unique(bins, return_counts=True)
    result = Ranks.of(known, numbers).ranks(np.array(scores))
    assert result.tolist() == pytest.approx([(bins < one).mean() for one in bins], abs=1e-6)


def outliers(**curves: list[Curve]) -> Outliers:
    return Outliers(curves, {name: Ranks.of(np.array([0, 20]), np.array([3, 1])) for name in curves})


def test_a_score_is_the_highest_above_any_curve_of_the_language() -> None:
    result = outliers(en=[LEVEL, STEEP, LEVEL], de=[STEEP] * 3)
    values = np.array([[2.0, 3.1, 1.0], [2.0, 3.1, 1.0], [4.0, 2.0, 2.0]])
    assert result.scores(["en", "de", "en"], np.array([9, 9, 9]), values).tolist() == pytest.approx([1.0, 1.0, 4.0])


def test_languages_without_curves_and_texts_without_tokens_have_no_score() -> None:
    result = outliers(en=[LEVEL] * 3, und=[LEVEL] * 3)
    languages = ["en", "xx", None, "en"]
    scores = result.scores(languages, np.array([9, 9, 9, 0]), np.full((4, len(MEASURES)), 2.5))
    assert np.isnan(scores).tolist() == [False, True, False, True]
    ranks = result.ranks(languages, scores)
    assert np.isnan(ranks).tolist() == [False, True, False, True]
    assert np.isnan(Outliers({}).ranks(["en"], np.array([1.0]))).all()
    assert len(result.scores([], np.zeros(0, np.int64), np.zeros((0, 3)))) == 0


DOCUMENTS = st.lists(
    st.tuples(st.sampled_from(["en", "de", "xx", None]), st.integers(1, 10**7), st.floats(0, 50), st.floats(0, 50)),
    max_size=12,
)


@settings(max_examples=200)
@given(DOCUMENTS, st.integers(0, 12))
def test_scores_are_finite_and_do_not_depend_on_the_batch(documents: list[Any], cut: int) -> None:
    result = outliers(en=[LEVEL, STEEP, LEVEL], de=[STEEP, LEVEL, STEEP])
    languages = [one[0] for one in documents]
    tokens = np.array([one[1] for one in documents], np.int64)
    values = np.array([[one[2], one[3], one[2]] for one in documents]).reshape(-1, 3)
    whole = result.scores(languages, tokens, values)
    known = np.array([one in ("en", "de") for one in languages], bool)
    assert np.isfinite(whole[known]).all()
    assert np.isnan(whole[~known]).all()
    assert (np.abs(whole[known]) <= 1e6).all()
    ranks = result.ranks(languages, whole)[known]
    assert ((ranks >= 0) & (ranks <= 1)).all()
    parts = [result.scores(languages[a:b], tokens[a:b], values[a:b]) for a, b in ((0, cut), (cut, len(documents)))]
    assert np.array_equal(whole, np.concatenate(parts), equal_nan=True)
