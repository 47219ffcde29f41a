"""The blocks that are kept are those of which the most is expected."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.html.main_content.select_blocks import choose

PAGES = st.lists(st.tuples(st.floats(1e-6, 1), st.integers(0, 300)), min_size=1, max_size=8)


def promised(kept: tuple[int, ...], likely: list[float], words: list[int]) -> float:
    """The F1 of a set of blocks that are each main content for itself."""
    hoped = sum(p * w for p, w in zip(likely, words, strict=True))
    size = sum(words[k] for k in kept)
    return 2 * sum(likely[k] * words[k] for k in kept) / (size + hoped) if size + hoped else 0.0


@settings(max_examples=300, deadline=None)
@given(PAGES)
def test_no_set_of_blocks_promises_more(page: list[tuple[float, int]]) -> None:
    likely, words = [p for p, _ in page], [w for _, w in page]
    result = choose(np.array(likely), np.array(words))
    sets = (kept for size in range(len(page) + 1) for kept in combinations(range(len(page)), size))
    best = max(promised(kept, likely, words) for kept in sets)
    chosen = tuple(np.flatnonzero(result.kept).tolist())
    assert result.expected_f1 == pytest.approx(best, abs=1e-6)
    assert promised(chosen, likely, words) == pytest.approx(best, abs=1e-6)


@settings(max_examples=200, deadline=None)
@given(PAGES)
def test_what_is_kept_is_likelier_than_what_is_not(page: list[tuple[float, int]]) -> None:
    likely = np.array([p for p, _ in page])
    kept = choose(likely, np.array([w for _, w in page])).kept
    if kept.any() and not kept.all():
        assert likely[kept].min() >= likely[~kept].max()


@pytest.mark.parametrize(
    ("likely", "words", "kept"),
    [
        ([1.0, 0.0], [10, 10], [True, False]),
        ([0.0, 1.0], [10, 10], [False, True]),
        ([0.9, 0.5, 0.1], [100, 100, 100], [True, True, False]),
        ([0.3], [10], [True]),
        ([0.9], [0], [False]),
    ],
)
def test_a_page_of_few_blocks(likely: list[float], words: list[int], kept: list[bool]) -> None:
    assert choose(np.array(likely), np.array(words)).kept.tolist() == kept


def test_a_page_without_blocks_promises_nothing() -> None:
    result = choose(np.zeros(0), np.zeros(0, np.int64))
    assert result.kept.tolist() == []
    assert result.expected_f1 == 0
