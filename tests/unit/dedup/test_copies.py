"""The first row of each key, found as a loop finds it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dedup.copies import first_of_key


@st.composite
def keyed_rows(draw: st.DrawFn) -> list[tuple[int, ...]]:
    small = st.integers(-2, 2)
    width = draw(st.integers(0, 3))
    rows = draw(st.lists(st.tuples(small, small, *[small] * width), max_size=30))
    places = draw(st.permutations(range(len(rows))))
    return [(*row, place) for row, place in zip(rows, places, strict=True)]


@given(keyed_rows())
def test_each_row_is_sent_to_the_least_row_with_its_two_keys(rows: list[tuple[int, ...]]) -> None:
    expected = []
    for row in rows:
        best = min((other for other in rows if other[:2] == row[:2]), key=lambda other: other[2:])
        expected.append(rows.index(best))
    width = len(rows[0]) if rows else 3
    columns = [np.array([row[column] for row in rows], np.int64) for column in range(width)]
    assert first_of_key(columns).tolist() == expected


def test_a_row_with_one_of_two_keys_is_no_copy() -> None:
    columns = [np.array([5, 5, 6]), np.array([0, 1, 0]), np.array([0, 1, 2])]
    assert first_of_key(columns).tolist() == [0, 1, 2]
