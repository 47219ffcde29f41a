"""Links of runs and the resolution of similar pairs, each against the plainest possible program."""

import itertools
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.survivors import RunLinker, resolve


def plain_links(keys: list[int], representatives: int) -> set[tuple[int, int]]:
    """Link each row to the first rows of its run and to the one before it."""
    found = set()
    for row, key in enumerate(keys):
        run = [other for other in range(row) if keys[other] == key]
        found |= {(row, other) for other in [*run[:representatives], *run[-1:]]}
    return found


def links(keys: list[int], representatives: int, cuts: list[int]) -> list[tuple[int, int]]:
    linker = RunLinker(representatives)
    rows = np.arange(len(keys))
    places = [0, *sorted({cut % (len(keys) + 1) for cut in cuts}), len(keys)]
    found: list[tuple[int, int]] = []
    for start, end in itertools.pairwise(places):
        if start < end:
            later, earlier = linker.link(np.array(keys[start:end], np.int64), rows[start:end])
            found += zip(later.tolist(), earlier.tolist(), strict=True)
    return found


@settings(deadline=None)
@given(
    st.lists(st.integers(-3, 8), max_size=40).map(sorted),
    st.integers(1, 5),
    st.lists(st.integers(0, 40), max_size=10),
)
def test_rows_are_linked_to_the_first_of_their_run_and_the_one_before_however_batches_fall(
    keys: list[int], representatives: int, cuts: list[int]
) -> None:
    found = links(keys, representatives, cuts)
    assert set(found) == plain_links(keys, representatives)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("representatives", [1, 4])
def test_a_run_longer_than_every_batch_is_one_run(representatives: int) -> None:
    found = links([7] * 50, representatives, list(range(0, 50, 3)))
    assert set(found) == plain_links([7] * 50, representatives)


def test_links_carry_whole_rows() -> None:
    rows = np.array([(1, 2), (3, 4), (5, 6)], [("rank", np.int64), ("doc", np.int64)])
    later, earlier = RunLinker(4).link(np.array([1, 1, 2]), rows)
    assert (later.tolist(), earlier.tolist()) == ([(3, 4)], [(1, 2)])


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
    found = resolve(later, earlier, scores, count).tolist()
    assert found == plain_survivors(edges, count)
    assert all(found[stays] == -1 for stays in found if stays >= 0)


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
