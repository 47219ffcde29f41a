"""Weights by path, and what they are for."""

from itertools import pairwise

import pytest

from pipeline.mixing.curve import CurveParams
from pipeline.mixing.params import AllocationParams
from pipeline.mixing.shares import parse_shares, share_of


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({}, "one must be positive"),
        ({"general": 0.0}, "one must be positive"),
        ({"general": -1.0, "code": 2.0}, "must not be negative"),
        ({"/a": 1.0}, "write category"),
        ({"..": 1.0}, "letters, digits"),
        ({"a b": 1.0}, "letters, digits"),
        ({"default": 1.0}, "letters, digits"),
        ({"general/": 1.0}, "write category"),
        ({"general/a/5-25": 1.0}, "from 0 to 19"),
        ({"general/a/9-5": 1.0}, "from 0 to 19"),
        ({"general/a/0-9": 1.0, "general/a/9-19": 1.0}, "the same documents of general/a"),
        ({"general": 1.0, "general/*": 1.0}, "the same documents"),
    ],
)
def test_weights_that_cannot_be_read_are_errors(weights: dict[str, float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_shares(weights)


def test_a_topic_may_have_signs_of_its_own() -> None:
    (share,) = parse_shares({"general/Science, Math & Technology/15-19": 1.0})
    assert (share.group, share.low, share.high) == ("Science, Math & Technology", 15, 19)


def test_documents_without_a_quality_belong_to_shares_of_any_quality_alone() -> None:
    shares = parse_shares({"general/a/0-9": 0.5, "general/*": 0.5})
    assert [share_of(shares, "general", "a", bucket) for bucket in (None, 3, 12)] == [1, 0, 1]
    assert share_of(shares, "code", "a", 3) is None


@pytest.mark.parametrize("curve", [{"power": 1}, {"power": 3, "rate": 2, "bottom": 0.4}, {}])
def test_a_curve_never_falls_and_has_a_mean_of_one(curve: dict[str, float]) -> None:
    values = CurveParams(**curve).values()
    assert values.mean() == pytest.approx(1)
    assert all(low <= high for low, high in pairwise(values))


def test_the_bottom_of_a_curve_may_be_nothing() -> None:
    values = CurveParams(bottom=0.4).values()
    assert values[:8].tolist() == [0] * 8
    assert values[8:] == pytest.approx([1 / 0.6] * 12)


def test_an_integral_that_the_cap_does_not_allow_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"more than max_epochs and curve\.cap allow"):
        AllocationParams(weights={"general": 1.0}, curve=CurveParams(bottom=0.5, cap=2, integral=1.5))
