"""Counts of lines, added up as a dictionary adds them."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dedup.line_counts import _before, add_up, in_bucket

COUNTED = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 2), st.integers(1, 2**40), st.integers(0, 4)), min_size=1, max_size=30
)
EARLIER = st.lists(st.tuples(st.sampled_from([0, 1, 3, 6, 2**63 - 1]), st.integers(1, 2**40)), max_size=20)


def arrays(rows: Sequence[tuple[int, ...]], width: int) -> list[np.ndarray[tuple[int], np.dtype[np.int64]]]:
    return [np.array([row[column] for row in rows], np.int64) for column in range(width)]


@given(COUNTED)
def test_counts_are_added_by_key_and_bucket_and_the_first_part_is_named(rows: list[tuple[int, int, int, int]]) -> None:
    totals: Counter[tuple[int, int]] = Counter()
    parts: dict[tuple[int, int], int] = {}
    for key, bucket, count, part in rows:
        totals[key, bucket] += count
        parts[key, bucket] = min(part, parts.get((key, bucket), part))
    keys, buckets, counts, firsts = (column.tolist() for column in add_up(*arrays(rows, 4)))
    result = list(zip(keys, buckets, strict=True))
    assert result == sorted(totals)
    assert counts == [totals[one] for one in result]
    assert firsts == [parts[one] for one in result]


def test_nothing_adds_up_to_nothing() -> None:
    assert [column.tolist() for column in add_up(*arrays([], 3))] == [[], [], []]


@given(st.lists(st.integers(0, 2**63 - 1), min_size=1, unique=True), st.integers(1, 40))
def test_a_line_has_another_key_in_each_bucket_and_its_own_in_the_first(keys: list[int], buckets: int) -> None:
    held = np.array(keys, np.int64)
    result = [in_bucket(held, np.full(len(held), number)).tolist() for number in range(buckets)]
    assert result[0] == keys
    assert min(map(min, result)) >= 0
    for of_key in zip(*result, strict=True):
        assert len(set(of_key)) == buckets


@given(st.sets(st.one_of(st.integers(0, 7), st.just(2**63 - 1))), EARLIER)
def test_what_earlier_runs_saw_is_added_over_all_of_them(keys: set[int], earlier: list[tuple[int, int]]) -> None:
    totals: Counter[int] = Counter()
    for key, count in earlier:
        totals[key] += count
    wanted = sorted(keys)
    assert _before(np.array(wanted, np.int64), arrays(earlier, 2)).tolist() == [totals[key] for key in wanted]
