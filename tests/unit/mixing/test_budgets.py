"""The largest mix that keeps the shares, and what limits it."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError
from pipeline.mixing.budgets import budgets, mix_size, taking_part

CATEGORIES = ("general", "math", "code", "multilingual")
NATURAL = st.dictionaries(st.sampled_from(CATEGORIES), st.integers(0, 10**12))
WEIGHTS = st.dictionaries(st.sampled_from(CATEGORIES), st.sampled_from([0.0, 0.08, 0.17, 0.25, 0.5, 3.0]))
NO_TARGET = ("mix.target_tokens", None)


def most(natural: Mapping[str, int], epochs: float) -> dict[str, int]:
    return {name: int(epochs * tokens) for name, tokens in natural.items()}


@given(NATURAL, WEIGHTS, st.sampled_from([0.5, 1, 2.5, 4]))
def test_the_largest_mix_is_met_by_every_category_and_used_up_by_the_one_that_limits(
    natural: dict[str, int], weights: dict[str, float], epochs: float
) -> None:
    size = mix_size(natural, most(natural, epochs), weights, NO_TARGET)
    shares = taking_part(natural, weights)
    if not shares:
        assert size == (0.0, "")
        return
    used = {name: size.tokens * share / natural[name] for name, share in shares.items()}
    assert all(times <= epochs * (1 + 1e-9) for times in used.values())
    is_scarce = size.tokens * shares[size.limited_by] == pytest.approx(int(epochs * natural[size.limited_by]), abs=1)
    assert is_scarce or used[size.limited_by] == pytest.approx(min(used.values()))


def test_one_category_alone_is_not_repeated() -> None:
    assert mix_size({"general": 1000}, {"general": 4000}, {"general": 1, "code": 1}, NO_TARGET) == (1000, "general")


def test_who_asks_for_tokens_gets_them_or_an_error_that_says_how_many_there_are() -> None:
    natural, under_caps = {"general": 1000, "code": 100}, {"general": 4000, "code": 400}
    weights = {"general": 0.5, "code": 0.5}
    assert mix_size(natural, under_caps, weights, ("mix.target_tokens", 800)) == (800, "mix.target_tokens")
    with pytest.raises(ConfigError, match=r"mix\.target_tokens=801: there are 800 tokens .* 'code', .* 50\.0%"):
        mix_size(natural, under_caps, weights, ("mix.target_tokens", 801))


@given(NATURAL, WEIGHTS, st.floats(0, 1))
def test_budgets_add_up_to_the_mix_in_the_asked_shares(
    natural: dict[str, int], weights: dict[str, float], part: float
) -> None:
    tokens = mix_size(natural, most(natural, 4), weights, NO_TARGET).tokens * part
    wanted = budgets(natural, weights, tokens)
    shares = taking_part(natural, weights)
    assert set(wanted) == set(shares)
    assert sum(wanted.values()) == pytest.approx(tokens if shares else 0, abs=len(shares))
    for name, share in shares.items():
        assert wanted[name] == pytest.approx(tokens * share, abs=1)
