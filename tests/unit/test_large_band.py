"""Rows of a run compared with all that are held of those before them, against the plainest possible program."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.near_duplicates.survivors import Found, LargeBand

LENGTH = 40
ENOUGH = 30
Signature = tuple[int, ...]
Row = tuple[int, bool, Signature]


class PlainBand:
    """What `LargeBand` says it does, with lists: while few rows were let go, all of them are compared all the same."""

    def __init__(self) -> None:
        self.pairs: list[tuple[int, int, int]] = []
        self.compared = 0

    def run(self, rows: list[tuple[int, bool, Signature]]) -> None:
        """Compare the rows of one key; each is a number that it is known by, whether it may go, and a signature."""
        entered: list[tuple[int, Signature]] = []
        for number, may_go, signature in rows:
            result = [
                (number, other, same) for other, its in entered if may_go and (same := equal(signature, its)) >= ENOUGH
            ]
            self.compared += len(entered) if may_go else 0
            self.pairs += result
            if not result:
                entered.append((number, signature))


def equal(left: Signature, right: Signature) -> int:
    return sum(mine == other for mine, other in zip(left, right, strict=True))


def plain(rows: list[Row]) -> PlainBand:
    band = PlainBand()
    numbered = list(enumerate(rows))
    for _, run in itertools.groupby(numbered, key=lambda one: one[1][0]):
        band.run([(number, may_go, signature) for number, (_, may_go, signature) in run])
    return band


def compared(rows: list[Row], held: int, cuts: list[int]) -> tuple[list[tuple[int, int, int]], list[int]]:
    band = LargeBand(held, 2, LENGTH, ENOUGH)
    pairs: list[tuple[int, int, int]] = []
    counts = [0, 0, 0]
    places = [0, *sorted({cut % (len(rows) + 1) for cut in cuts}), len(rows)]
    for start, end in itertools.pairwise(places):
        some = rows[start:end]
        numbers = np.arange(start, end)
        result: Found = band.compare(
            np.array([row[0] for row in some], np.int64),
            np.array([row[1] for row in some], bool),
            np.stack((numbers, -numbers), axis=1),
            np.array([row[2] for row in some], np.uint32).reshape(-1, LENGTH),
        )
        assert (result.earlier[:, 0] == -result.earlier[:, 1]).all()  # whole rows come back
        earlier = result.earlier[:, 0].tolist()
        pairs += zip((result.later + start).tolist(), earlier, result.matches.tolist(), strict=True)
        tally = (result.compared, result.left_out, result.missed)
        counts = [sum(pair) for pair in zip(counts, tally, strict=True)]
    return pairs, counts


@st.composite
def large_bands(draw: st.DrawFn) -> list[Row]:
    """Draw rows of a few runs; a signature differs from a common one of three in few or many positions."""
    rows = []
    for key in range(draw(st.integers(0, 3))):
        for _ in range(draw(st.integers(1, 14))):
            base, changed, value = draw(st.integers(0, 2)), draw(st.integers(0, 14)), draw(st.integers(3, 5))
            shift = draw(st.integers(0, LENGTH - 1))
            signature = [base] * LENGTH
            for at in range(changed):
                signature[(shift + at) % LENGTH] = value
            rows.append((key, draw(st.booleans()), tuple(signature)))
    return rows


@settings(deadline=None, max_examples=150)
@given(large_bands(), st.integers(1, 9), st.lists(st.integers(0, 50), max_size=8))
def test_rows_are_compared_as_by_the_plain_program_however_batches_fall(
    rows: list[Row], held: int, cuts: list[int]
) -> None:
    pairs, counts = compared(rows, held, cuts)
    expected = plain(rows)
    assert sorted(pairs) == sorted(expected.pairs)
    assert counts == [expected.compared, 0, 0]


@settings(deadline=None, max_examples=100)
@given(large_bands())
def test_with_room_for_all_a_row_is_alike_exactly_if_it_is_like_one_before_it_that_is_like_none(
    rows: list[Row],
) -> None:
    pairs, counts = compared(rows, 64, [])
    stays: list[int] = []
    expected = []
    for number, (key, may_go, signature) in enumerate(rows):
        like = [other for other in stays if rows[other][0] == key and equal(signature, rows[other][2]) >= ENOUGH]
        if may_go and like:
            expected += [(number, other) for other in like]
        else:
            stays.append(number)
    assert sorted((later, earlier) for later, earlier, _ in pairs) == sorted(expected)
    assert counts[1:] == [0, 0]


@pytest.mark.parametrize("alike", range(LENGTH + 1))
@pytest.mark.parametrize("at_the_end", [False, True])
def test_a_pair_is_alike_from_enough_equal_positions_on(alike: int, at_the_end: bool) -> None:
    same, other = [1] * alike, [2] * (LENGTH - alike)
    right = [*other, *same] if at_the_end else [*same, *other]
    pairs, _ = compared([(7, True, (1,) * LENGTH), (7, True, tuple(right))], 4, [])
    assert pairs == ([(1, 0, alike)] if alike >= ENOUGH else [])


def test_more_pairs_than_there_is_room_for_at_first_are_all_returned_once() -> None:
    base = [(row, *([9] * (LENGTH - 1))) for row in range(60)]
    rows: list[Row] = [(1, False, signature) for signature in base] + [(1, True, signature) for signature in base]
    pairs, counts = compared(rows, 64, [])
    assert len(pairs) == len(set(pairs)) == 60 * 60
    assert counts == [60 * 60, 0, 0]
    assert {(later, earlier): same for later, earlier, same in pairs}[60, 0] == LENGTH


def test_a_run_of_unlike_rows_beyond_the_bound_says_how_many_pairs_it_left_out() -> None:
    rows: list[Row] = [(1, True, (number,) * LENGTH) for number in range(300)]
    pairs, (done, left_out, missed) = compared(rows, 10, [100, 200])
    assert pairs == []
    assert done + left_out == 300 * 299 // 2
    assert left_out > 20_000
    assert missed == 0


@pytest.mark.parametrize("distance", [30, 300, 3000])
def test_a_sample_of_what_was_let_go_tells_how_many_alike_were_missed(distance: int) -> None:
    draw = np.random.default_rng(distance)
    fresh = iter(range(100_000))
    unlike: list[Row] = [(1, True, (next(fresh),) * LENGTH) for _ in range(4000)]
    for number in draw.choice(np.arange(distance, 4000), 400, replace=False):
        unlike[number] = unlike[number - distance]
    pairs, (_, left_out, missed) = compared(unlike, 16, [])
    first = {signature: number for number, (_, _, signature) in reversed(list(enumerate(unlike)))}
    alike = sum(first[signature] != number for number, (_, _, signature) in enumerate(unlike))
    result = len({later for later, _, _ in pairs})
    assert left_out > 1_000_000
    assert 0.3 * (alike - result) <= missed <= 3 * (alike - result)
