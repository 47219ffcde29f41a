"""A budget ends at the copy with which it is met most closely."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mixing.cuts import SLOT_BITS, Cut, _cut, _narrowed
from pipeline.mixing.schedule import NEVER


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30), st.integers(0, 400))
def test_no_other_end_is_nearer_to_the_budget(tokens: list[int], budget: int) -> None:
    rows = [(position, 0, count) for position, count in enumerate(tokens)]
    end = _cut(rows, 0, budget)
    taken = sum((position, 0) <= (end.position, end.tie) for position in range(len(tokens)))
    sums = [sum(tokens[:count]) for count in range(len(tokens) + 1)]
    assert abs(sums[taken] - budget) == min(abs(total - budget) for total in sums)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.data())
def test_a_budget_ends_in_the_slot_that_does_not_fit(tokens: list[int], data: st.DataObject) -> None:
    budget = data.draw(st.integers(0, max(0, sum(tokens) - 1)))
    sums = np.zeros(1 << SLOT_BITS, np.int64)
    sums[: len(tokens)] = tokens
    (low, high), left, count = _narrowed((0, NEVER), (sums, sums), budget)
    width = NEVER >> SLOT_BITS
    slot = low // width
    assert high - low == width
    assert left == budget - sum(tokens[:slot])
    assert 0 <= left <= count or sum(tokens) == 0


@pytest.mark.parametrize(
    ("budget", "end"), [(0, (7, -1)), (5, (7, -1)), (6, (7, 1)), (15, (7, 1)), (16, (9, 0)), (99, (9, 0))]
)
def test_of_two_ends_that_are_equally_near_the_first_is_taken(budget: int, end: tuple[int, int]) -> None:
    rows = [(7, 1, 10), (9, 0, 10)]
    assert _cut(rows, 7, budget) == Cut(*end)


def test_copies_of_one_position_go_by_their_documents() -> None:
    assert _cut([(7, 1, 10), (7, 2, 10)], 7, 10) == Cut(7, 1)
