"""Budgets add up, cuts fall where a plain count puts them, and draws are fair."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernels.tokens.mixture import DRAW_BITS, budgets, corpus_size, draws, slot_of_cut

CATEGORIES = ("general", "math", "code", "multilingual")
AVAILABLE = st.dictionaries(st.sampled_from(CATEGORIES), st.integers(0, 10**12))
WEIGHTS = st.dictionaries(st.sampled_from(CATEGORIES), st.sampled_from([0.0, 0.08, 0.17, 0.25, 0.5, 3.0]))
IDS = [f"{number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128:032x}" for number in range(20_000)]


def taking_part(available: Mapping[str, int], weights: Mapping[str, float]) -> dict[str, float]:
    return {name: weight for name, weight in weights.items() if weight and available.get(name)}


@given(AVAILABLE, WEIGHTS, st.sampled_from([0.5, 1, 2.5, 4]))
def test_the_largest_corpus_is_met_by_every_category_and_used_up_by_the_one_that_limits(
    available: dict[str, int], weights: dict[str, float], epochs: float
) -> None:
    size, limiting = corpus_size(available, weights, epochs)
    asked = taking_part(available, weights)
    if not asked:
        assert (size, limiting) == (0.0, "")
        return
    for name, weight in asked.items():
        assert size * weight / sum(asked.values()) <= epochs * available[name] * (1 + 1e-9)
    used = {name: size * weight / sum(asked.values()) / available[name] for name, weight in asked.items()}
    assert used[limiting] == pytest.approx(epochs) or min(used.values()) == pytest.approx(1) == used[limiting]


def test_one_category_alone_is_not_repeated() -> None:
    assert corpus_size({"general": 1000}, {"general": 0.5, "code": 0.5}, 4) == (1000, "general")
    assert corpus_size({"general": 1000, "code": 900}, {"general": 0.5, "code": 0.5}, 4) == (2000, "general")


def test_who_asks_for_more_tokens_has_documents_repeated_up_to_the_limit() -> None:
    assert corpus_size({"general": 1000}, {"general": 1.0}, 4, target=2500) == (2500, "target_tokens")
    assert corpus_size({"general": 1000}, {"general": 1.0}, 4, target=9000) == (4000, "general")
    assert corpus_size({"general": 1000}, {"general": 1.0}, 4, target=10) == (10, "target_tokens")


@given(AVAILABLE, WEIGHTS, st.floats(0, 1))
def test_budgets_add_up_to_the_corpus_in_the_asked_shares(
    available: dict[str, int], weights: dict[str, float], part: float
) -> None:
    size = corpus_size(available, weights, 4)[0] * part
    found = budgets(available, weights, size)
    asked = taking_part(available, weights)
    assert set(found) == set(asked)
    tokens = {name: budget.epochs * available[name] + budget.remainder for name, budget in found.items()}
    assert sum(tokens.values()) == pytest.approx(size, abs=len(found))
    for name, budget in found.items():
        assert tokens[name] == pytest.approx(size * asked[name] / sum(asked.values()), abs=1)
        assert 0 <= budget.remainder < available[name]
        assert 0 <= budget.epochs <= 4


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.data())
def test_the_cut_falls_into_the_first_slot_that_does_not_fit(tokens: list[int], data: st.DataObject) -> None:
    remainder = data.draw(st.integers(0, sum(tokens)))
    slot, left = slot_of_cut(np.array(tokens), remainder)
    expected, room = 0, remainder
    while expected < len(tokens) - 1 and tokens[expected] <= room:
        room -= tokens[expected]
        expected += 1
    assert (slot, left) == (expected, room)


@pytest.mark.parametrize(
    ("tokens", "remainder", "cut"),
    [([5, 5], 0, (0, 0)), ([5, 5], 4, (0, 4)), ([5, 5], 5, (1, 0)), ([0, 5], 0, (1, 0)), ([5, 5], 10, (1, 5))],
)
def test_a_budget_that_a_slot_fills_ends_in_the_next(tokens: list[int], remainder: int, cut: tuple[int, int]) -> None:
    assert slot_of_cut(np.array(tokens), remainder) == cut


@pytest.mark.parametrize("seed", [0, 1, 2**40, -5])
def test_draws_are_spread_evenly(seed: int) -> None:
    found = draws(IDS, seed)
    assert found.min() >= 0
    assert found.max() < 1 << DRAW_BITS
    counts = np.bincount((found >> (DRAW_BITS - 4)).astype(np.int64), minlength=16)
    expected = len(IDS) / 16
    assert ((counts - expected) ** 2 / expected).sum() < 45  # chi-square, 15 degrees of freedom: 1 in 10,000


def test_ids_that_differ_little_are_drawn_apart() -> None:
    near = [f"{number:016x}{0:016x}" for number in range(2000)]
    found = draws(near, 0)
    assert len(set(found.tolist())) == 2000
    counts = np.bincount((found >> (DRAW_BITS - 4)).astype(np.int64), minlength=16)
    assert ((counts - 125) ** 2 / 125).sum() < 45


def test_another_seed_draws_others_and_the_same_seed_the_same() -> None:
    first, again, other = draws(IDS, 7), draws(IDS, 7), draws(IDS, 8)
    assert first.tolist() == again.tolist()
    chosen, others = (set(np.flatnonzero(found < 1 << (DRAW_BITS - 1)).tolist()) for found in (first, other))
    shared = len(chosen & others) / len(IDS)
    assert shared == pytest.approx(0.25, abs=0.02)


@given(st.permutations(IDS[:20]), st.integers(0, 20))
def test_a_draw_depends_on_its_document_alone(ids: list[str], cut: int) -> None:
    whole = dict(zip(ids, draws(ids, 3).tolist(), strict=True))
    assert whole == dict(zip(IDS[:20], draws(IDS[:20], 3).tolist(), strict=True))
    assert draws(ids[:cut], 3).tolist() + draws(ids[cut:], 3).tolist() == [whole[doc_id] for doc_id in ids]
