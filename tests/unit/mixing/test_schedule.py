"""Each copy of a document has one place from which on it stands in the mix, whatever the size of the mix."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mixing.curve import CurveParams
from pipeline.mixing.schedule import NEVER, Schedule
from tests.unit.mixing.plans import Sizes, epochs_at, planned, tokens_at

SIZES = st.dictionaries(
    st.tuples(
        st.sampled_from(["general", "code", "multilingual"]), st.sampled_from(["a", "b", ""]), st.integers(-1, 19)
    ),
    st.integers(1, 10_000).map(lambda hundreds: 100 * hundreds),
    min_size=1,
    max_size=12,
)
CURVES = st.builds(
    CurveParams,
    power=st.sampled_from([0.0, 0.5, 1.0, 3.0, 20.0]),
    rate=st.sampled_from([0.0, 2.0]),
    bottom=st.sampled_from([0.0, 0.4]),
    cap=st.sampled_from([None, 1.0, 2.5, 7.0]),
)
EPOCHS = st.sampled_from([0.5, 1.0, 2.5, 4.0])
SHARE = st.floats(0, 1)
DRAWS = np.linspace(0, 1, 401)[:-1].tolist()


def has_tokens(schedule: Schedule) -> bool:
    return bool(schedule.categories)


@given(SIZES, CURVES, EPOCHS, SHARE, SHARE)
def test_a_larger_mix_has_all_that_a_smaller_one_has(
    sizes: Sizes, curve: CurveParams, epochs: float, first: float, second: float
) -> None:
    schedule = Schedule(planned(sizes, curve=curve, max_epochs=epochs))
    low, high = sorted((first, second))
    for number in range(len(schedule.cells)):
        small, large = (epochs_at(schedule, number, share, DRAWS[::20]) for share in (low, high))
        assert all(few <= many for few, many in zip(small, large, strict=True))


@given(SIZES, CURVES, EPOCHS, SHARE)
def test_documents_stand_in_the_mix_as_often_as_the_rate_of_their_cell_says(
    sizes: Sizes, curve: CurveParams, epochs: float, share: float
) -> None:
    cells = planned(sizes, curve=curve, max_epochs=epochs)
    schedule = Schedule(cells)
    rates = schedule.rates({name: int(share * NEVER) for name in schedule.categories})
    for number, rate in enumerate(rates):
        counted = float(np.mean(epochs_at(schedule, number, share, DRAWS)))
        assert counted == pytest.approx(rate, abs=schedule.most_copies / len(DRAWS) + 1e-6)


@given(SIZES, CURVES, EPOCHS, SHARE)
def test_a_share_of_the_most_tokens_gives_that_many(
    sizes: Sizes, curve: CurveParams, epochs: float, share: float
) -> None:
    schedule = Schedule(planned(sizes, curve=curve, max_epochs=epochs))
    for category in schedule.categories:
        most = tokens_at(schedule, category, 1.0)
        assert tokens_at(schedule, category, share) == pytest.approx(share * most, rel=1e-6, abs=1e-3)


@given(SIZES, CURVES, EPOCHS)
def test_no_document_stands_in_the_mix_more_often_than_the_caps_allow(
    sizes: Sizes, curve: CurveParams, epochs: float
) -> None:
    cap = epochs if curve.cap is None else min(epochs, curve.cap)
    schedule = Schedule(planned(sizes, curve=curve, max_epochs=epochs))
    for number, cell in enumerate(schedule.cells):
        most = max(epochs_at(schedule, number, 1.0, DRAWS))
        assert most <= np.ceil(cap)
        assert (most > 0) == (cell.share > 0 and cell.value > 0)


@given(SIZES, CURVES, SHARE)
def test_better_documents_of_a_topic_stand_in_the_mix_at_least_as_often(
    sizes: Sizes, curve: CurveParams, share: float
) -> None:
    schedule = Schedule(planned(sizes, curve=curve))
    rates = schedule.rates({name: int(share * NEVER) for name in schedule.categories})
    by_group: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for cell, rate in zip(schedule.cells, rates, strict=True):
        if cell.bucket >= 0:
            by_group.setdefault((cell.category, cell.group), []).append((cell.bucket, rate))
    for pairs in by_group.values():
        ordered = [rate for _, rate in sorted(pairs)]
        assert all(low <= high + 1e-9 for low, high in pairwise(ordered))


def test_topics_have_their_factors_and_languages_their_temperature() -> None:
    sizes = {
        ("general", "Entertainment", -1): 100_000,
        ("general", "History", -1): 100_000,
        ("multilingual", "de", -1): 1_600_000,
        ("multilingual", "cs", -1): 100_000,
    }
    cells = planned(sizes, topic_factors={"Entertainment": 0.5}, language_temperature=2)
    shares = {cell.group: cell.share for cell in cells}
    assert shares == pytest.approx({"Entertainment": 1 / 3, "History": 2 / 3, "de": 4 / 5, "cs": 1 / 5})


def test_what_a_capped_topic_lacks_goes_to_the_others() -> None:
    weights = {"general/a": 0.9, "general/b": 0.1}
    cells = planned({("general", "a", -1): 1_000, ("general", "b", -1): 9_000}, weights=weights, max_epochs=2)
    schedule = Schedule(cells)
    rates = schedule.rates({"general": int(0.5 * NEVER)})  # half of 20,000 tokens
    given_tokens = [cell.tokens * rate for cell, rate in zip(schedule.cells, rates, strict=True)]
    assert given_tokens == pytest.approx([2_000, 8_000])


def test_weights_may_name_topics_and_ranges_of_quality() -> None:
    sizes = {("general", topic, bucket): 1_000 for topic in ("a", "b") for bucket in (3, 17)}
    weights = {"general/a/15-19": 0.6, "general/*": 0.4}
    shares = {(cell.group, cell.bucket): cell.share for cell in planned(sizes, weights=weights)}
    assert shares[("a", 17)] == pytest.approx(0.6)
    assert shares[("b", 3)] == shares[("b", 17)] == pytest.approx(0.4 * 2 / 3)
    assert shares[("a", 3)] == pytest.approx(0.4 / 3)


def test_a_given_integral_bounds_the_epochs_of_a_topic() -> None:
    sizes = {("general", "a", bucket): 1_000 for bucket in range(20)}
    half = Schedule(planned(sizes, curve=CurveParams(bottom=0.5, integral=1)))
    assert tokens_at(half, "general", 1.0) == pytest.approx(20_000)
    schedule = Schedule(planned(sizes, curve=CurveParams(power=1, integral=0.5)))
    assert tokens_at(schedule, "general", 1.0) == pytest.approx(10_000)
    rates = schedule.rates({"general": NEVER})
    assert rates[19] == pytest.approx(19.5 / 20, rel=0.01)


def test_documents_without_a_cell_never_stand_in_the_mix() -> None:
    schedule = Schedule(planned({("general", "a", -1): 1_000}))
    assert schedule.positions(np.array([-1, 0]), np.array([0.0, 0.0])).tolist() == [NEVER, 0]
    empty = Schedule([])
    assert not has_tokens(empty)
    assert empty.positions(np.array([-1]), np.array([0.5])).tolist() == [NEVER]
