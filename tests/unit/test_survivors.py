"""Links of runs and the resolution of similar pairs, each against the plainest possible program."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.near_duplicates.survivors import link_runs, resolve


def plain_links(rows: list[tuple[int, bool]]) -> tuple[set[tuple[int, int]], set[int]]:
    """Link each row to the first of its run; call a run of three large, if one of them may go."""
    links, large = set(), set()
    for row, (key, may_go) in enumerate(rows):
        run = [other for other, (its, _) in enumerate(rows) if its == key]
        if may_go and row != run[0]:
            links.add((row, run[0]))
        if len(run) > 2 and any(rows[other][1] for other in run):
            large.add(row)
    return links, large


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 8), st.booleans()), max_size=40).map(sorted))
def test_rows_are_linked_to_the_first_of_their_run_and_runs_of_three_are_large(rows: list[tuple[int, bool]]) -> None:
    result = link_runs(np.array([key for key, _ in rows], np.int64), np.array([goes for _, goes in rows], bool))
    links, large = plain_links(rows)
    assert sorted(zip(result.later.tolist(), result.earlier.tolist(), strict=True)) == sorted(links)
    assert result.large.tolist() == sorted(large)


def plain_survivors(edges: dict[tuple[int, int], float], count: int) -> list[int]:
    """Go through the documents in order; one gives way to the most similar earlier one that is kept."""
    survivor = [-1] * count
    for document in range(count):
        kept = [
            (-score, earlier)
            for (later, earlier), score in edges.items()
            if later == document and survivor[earlier] < 0
        ]
        if kept:
            survivor[document] = min(kept)[1]
    return survivor


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[tuple[int, int], float], int]:
    count = draw(st.integers(1, 12))
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda pair: pair[0] > pair[1])
    if count == 1:
        return {}, 1
    return draw(st.dictionaries(pairs, st.sampled_from([0.8, 0.85, 0.9, 1.0]), max_size=30)), count


@settings(deadline=None)
@given(graphs(), st.randoms(use_true_random=False))
def test_survivors_are_those_of_the_plain_greedy_in_any_order_of_edges(
    graph: tuple[dict[tuple[int, int], float], int], shuffler: random.Random
) -> None:
    edges, count = graph
    listed = list(edges.items())
    shuffler.shuffle(listed)
    later = np.array([pair[0] for pair, _ in listed], np.int64)
    earlier = np.array([pair[1] for pair, _ in listed], np.int64)
    scores = np.array([score for _, score in listed], np.float64)
    result = resolve(later, earlier, scores, count).tolist()
    assert result == plain_survivors(edges, count)
    assert all(result[stays] == -1 for stays in result if stays >= 0)


@pytest.mark.parametrize(
    ("edges", "survivors"),
    [
        ({}, [-1, -1, -1]),
        ({(1, 0): 0.9, (2, 1): 0.9}, [-1, 0, -1]),
        ({(1, 0): 0.9, (2, 1): 0.95, (2, 0): 0.8}, [-1, 0, 0]),
        ({(2, 0): 0.8, (2, 1): 0.9}, [-1, -1, 1]),
        ({(2, 0): 0.9, (2, 1): 0.9}, [-1, -1, 0]),
    ],
)
def test_nothing_gives_way_to_what_itself_gave_way(edges: dict[tuple[int, int], float], survivors: list[int]) -> None:
    later, earlier = (np.array([pair[end] for pair in edges], np.int64) for end in (0, 1))
    assert resolve(later, earlier, np.array(list(edges.values()), np.float64), 3).tolist() == survivors
