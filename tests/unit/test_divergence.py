"""Divergences agree with the definition of Kullback and Leibler in plain Python, and curves with their points."""

from collections import Counter
from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.tokens.divergence import (
    PSEUDO_COUNT,
    Array,
    TokenCounts,
    count_tokens,
    divergences,
    log_shares,
)
from pipeline.kernels.tokens.outliers import DIGITS, MEASURES, Curve

VOCABULARY = 8
# ids of the vocabulary, and two that are not in it
TOKENS = st.lists(st.integers(0, VOCABULARY + 1), max_size=30)
CORPORA = st.dictionaries(st.integers(0, VOCABULARY - 1), st.integers(1, 10_000))


def counted(texts: list[list[int]]) -> TokenCounts:
    offsets = np.cumsum([0, *map(len, texts)])
    return count_tokens(offsets, np.array([one for text in texts for one in text], np.int32))


def logs_of(corpus: dict[int, int]) -> Array:
    return log_shares(np.array(list(corpus), np.int32), np.array(list(corpus.values()), np.int64), VOCABULARY)


def plain_logs(corpus: dict[int, int]) -> list[float]:
    total = sum(corpus.values()) + VOCABULARY * PSEUDO_COUNT
    return [log((corpus.get(token, 0) + PSEUDO_COUNT) / total) for token in range(VOCABULARY)]


def plain_measures(text: list[int], chars: int, logs: list[float]) -> list[float]:
    """Return the sum of p · log(p/q), the mean of -log q, and the sum of -log q a character."""
    if not text:
        return [0.0, 0.0, 0.0]
    logs_here = {token: logs[token] if token < len(logs) else min(logs) for token in text}
    shares = {token: number / len(text) for token, number in Counter(text).items()}
    diverged = sum(share * (log(share) - logs_here[token]) for token, share in shares.items())
    cross = -sum(share * logs_here[token] for token, share in shares.items())
    return [max(0.0, diverged), cross, cross * len(text) / max(chars, 1)]


@settings(max_examples=300, deadline=None)
@given(st.lists(TOKENS, max_size=5))
def test_tokens_are_counted_as_a_counter_counts_them(texts: list[list[int]]) -> None:
    result = counted(texts)
    assert len(result.offsets) == len(texts) + 1
    for row, text in enumerate(texts):
        mine = slice(result.offsets[row], result.offsets[row + 1])
        pairs = zip(result.ids[mine].tolist(), result.counts[mine].tolist(), strict=True)
        assert list(pairs) == sorted(Counter(text).items())


def test_counting_leaves_its_input_as_it_was() -> None:
    ids = np.array([3, 1, 3, 2], np.int32)
    count_tokens(np.array([0, 4]), ids)
    assert ids.tolist() == [3, 1, 3, 2]


@given(CORPORA)
def test_shares_of_a_corpus_are_smoothed_and_add_up_to_one(corpus: dict[int, int]) -> None:
    logs = logs_of(corpus)
    assert logs.tolist() == pytest.approx(plain_logs(corpus))
    assert sum(map(exp, logs)) == pytest.approx(1.0)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(TOKENS, st.integers(0, 500)), max_size=5), CORPORA)
def test_measures_agree_with_the_plain_definition(texts: list[tuple[list[int], int]], corpus: dict[int, int]) -> None:
    chars = np.array([number for _, number in texts], np.int64)
    result = divergences(counted([text for text, _ in texts]), chars, logs_of(corpus))
    assert result.shape == (len(texts), len(MEASURES))
    assert np.isfinite(result).all()
    assert (result >= 0).all()
    for row, (text, number) in zip(result, texts, strict=True):
        assert row.tolist() == pytest.approx(plain_measures(text, number, plain_logs(corpus)), abs=2 * 10**-DIGITS)


@settings(max_examples=100, deadline=None)
@given(st.lists(TOKENS, min_size=1, max_size=6), CORPORA, st.integers(0, 6))
def test_measures_do_not_depend_on_the_batch(texts: list[list[int]], corpus: dict[int, int], cut: int) -> None:
    logs, chars = logs_of(corpus), np.array([3 * len(text) for text in texts])
    together = divergences(counted(texts), chars, logs)
    parts = [divergences(counted(texts[a:b]), chars[a:b], logs) for a, b in ((0, cut), (cut, len(texts)))]
    assert together.tolist() == np.concatenate(parts).tolist()


def test_a_text_without_tokens_has_no_divergence() -> None:
    assert divergences(counted([[]]), np.array([0]), logs_of({1: 5})).tolist() == [[0.0, 0.0, 0.0]]


def test_a_token_that_is_not_in_the_vocabulary_is_as_rare_as_the_rarest() -> None:
    logs = logs_of({1: 5})
    unknown, rarest = divergences(counted([[VOCABULARY + 90], [0]]), np.array([4, 4]), logs)
    assert unknown.tolist() == rarest.tolist()


def test_one_token_diverges_by_its_own_rarity() -> None:
    logs = logs_of({1: 5})
    result = divergences(counted([[1]]), np.array([4]), logs)
    assert result[0].tolist() == pytest.approx([-logs[1], -logs[1], -logs[1] / 4], abs=1e-6)


def test_a_text_as_the_corpus_is_does_not_diverge() -> None:
    corpus = dict.fromkeys(range(VOCABULARY), 100_000)
    result = divergences(counted([list(range(VOCABULARY)) * 9]), np.array([1]), logs_of(corpus))
    assert result[0, 0] == pytest.approx(0.0, abs=1e-4)


def test_a_curve_is_straight_between_its_points_and_level_beyond_them() -> None:
    curve = Curve(np.log([100.0, 10_000.0]), np.array([4.0, 2.0]), np.array([1.0, 0.5]))
    tokens = np.array([0, 1, 100, 1000, 10_000, 10**8])
    medians, spreads = [4.0, 4.0, 4.0, 3.0, 2.0, 2.0], [1.0, 1.0, 1.0, 0.75, 0.5, 0.5]
    assert curve.scores(tokens, np.array(medians)).tolist() == pytest.approx([0.0] * 6, abs=1e-6)
    result = curve.scores(tokens, np.array(medians) + 3 * np.array(spreads))
    assert result.tolist() == pytest.approx([3.0] * 6, abs=1e-6)


def test_a_curve_of_one_point_is_level() -> None:
    curve = Curve(np.array([5.0]), np.array([2.0]), np.array([0.5]))
    assert curve.scores(np.array([1, 148, 10**6]), np.array([1.0, 2.0, 3.0])).tolist() == [-2.0, 0.0, 2.0]
