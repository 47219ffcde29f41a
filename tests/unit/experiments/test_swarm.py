from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.errors import EvidenceError
from pipeline.experiments.evidence import Interval, require_gain
from pipeline.experiments.proposal import Swarm, best_mix, propose
from pipeline.experiments.ranks import spearman
from pipeline.experiments.regressors import choose
from pipeline.experiments.scaling import fit_law, predict, told
from pipeline.experiments.space import space_of
from pipeline.experiments.swarm import LEAST_DISTANCE, pool_tokens, stretch, swarm
from tests.benchmarks.mixture import regmix_correlations
from tests.conftest import shared

SPACE = space_of(["a", "b", "c", "d"], [40, 30, 20, 10], 100, 4)
SLOPES = np.array([[-1.5, 0.2, 0.0, 0.3], [0.3, -1.2, 0.2, 0.0], [0.0, 0.1, 0.2, -2.5]])
TARGETS = ("x", "y", "z")
EVEN = np.full(3, 1 / 3)


def _law(mixes: Any) -> Any:
    return 2 + np.exp(0.2 + mixes @ SLOPES.T)


def _swarm(noise: float, seed: int = 0) -> Any:
    mixes = np.stack([run.mix for run in swarm(SPACE, None, 3, 0)])
    losses = _law(mixes) + np.random.default_rng(seed).normal(0, noise, (len(mixes), 3))
    return Swarm(mixes, losses, TARGETS, EVEN)


def test_known_laws_are_recovered_from_a_swarm() -> None:
    made = _swarm(0.003)
    proposal = propose(SPACE, made, 0, bootstraps=20)
    true = best_mix(SPACE, _law, made, 0)
    assert proposal.choice.correlation > 0.95
    assert np.abs(proposal.mix - true).max() < 0.08
    assert _law(proposal.mix[None]).mean() - _law(true[None]).mean() < 0.01
    gained = (_law(SPACE.natural[None]) - _law(proposal.mix[None])).mean()
    assert proposal.answer.gain.value == pytest.approx(gained, abs=0.02)
    assert proposal.answer.floor == pytest.approx(0.003 / 3**0.5, rel=0.9)


def test_a_target_that_loses_is_named() -> None:
    assert propose(SPACE, _swarm(0.003), 0, bootstraps=5).answer.worse == ["x"]


def test_noise_is_refused() -> None:
    made = _swarm(0.003)
    noise = np.random.default_rng(1).normal(3, 0.01, made.losses.shape)
    with pytest.raises(EvidenceError, match="with a correlation of"):
        propose(SPACE, Swarm(made.mixes, noise, TARGETS, EVEN), 0, bootstraps=5)


@pytest.mark.parametrize(
    ("gain", "floor", "why"),
    [
        (Interval(0.02, -0.001, 0.04), None, "may be nothing"),
        (Interval(0.02, 0.01, 0.04), 0.015, "may be within the noise between seeds, 0.0150"),
    ],
)
def test_a_gain_that_may_be_none_is_refused(gain: Any, floor: Any, why: Any) -> None:
    with pytest.raises(EvidenceError, match=why):
        require_gain(gain, floor, "the noise between seeds", ["more runs"])
    require_gain(Interval(0.02, 0.016, 0.04), floor, "the noise between seeds", ["more runs"])


def test_too_few_runs_are_refused() -> None:
    made = _swarm(0.0)
    with pytest.raises(EvidenceError, match="5 runs for 4 weights; 6 is the least"):
        propose(SPACE, Swarm(made.mixes[:5], made.losses[:5], TARGETS, EVEN), 0)


def test_mixes_of_a_swarm_are_apart_and_inside_their_caps() -> None:
    space = space_of(["a", "b", "c"], [60, 30, 10], 100, 3)
    runs = swarm(space, 15, 2, 5, np.array([0.4, 0.4, 0.2]))
    assert [run.name for run in runs[15:]] == ["natural-0", "natural-1", "prior-0", "prior-1"]
    mixes = np.stack([run.mix for run in runs])
    assert (mixes <= space.caps + 1e-6).all()
    assert mixes.sum(axis=1) == pytest.approx(1)
    apart = np.abs(mixes[:15, None] - mixes[None, :16]).sum(axis=2) / 2 + np.eye(15, 16)
    assert apart.min() >= LEAST_DISTANCE
    assert all((a.mix == b.mix).all() for a, b in zip(runs, swarm(space, 15, 2, 5, runs[-1].mix), strict=True))


def test_a_pool_is_repeated_as_often_as_the_corpus_repeats_the_cell() -> None:
    pools = pool_tokens({"a": 900, "b": 100}, 1000, 100)
    assert pools == {"a": 90, "b": 10}
    share = 0.4  # of a corpus of 1,000: four epochs of b
    run = stretch(np.arange(pools["b"]), round(share * 100))
    assert np.bincount(run).tolist() == [4] * 10
    assert stretch(np.arange(10), 25).tolist() == stretch(np.arange(10), 40)[:25].tolist()


def test_a_seed_does_not_predict_its_twin() -> None:
    rng = np.random.default_rng(0)
    mixes = np.repeat(rng.dirichlet(np.ones(4), 8), 3, axis=0)
    losses = np.repeat(rng.normal(size=(8, 1)), 3, axis=0)
    assert choose(mixes, losses, 0).correlation < 0.6


def test_regressions_reach_their_floors_on_public_swarms() -> None:
    folder: Path = shared("data/regmix")
    one, every = regmix_correlations(folder, runs=51, draws=4)
    assert one >= 0.90
    assert every >= 0.60


def test_spearman_knows_ties() -> None:
    assert spearman(np.array([1.0, 1.0, 2.0]), np.array([1.0, 1.0, 2.0])) == pytest.approx(1)
    assert spearman(np.ones(3), np.array([0.0, 1.0, 2.0])) == 0


def test_a_law_of_compute_is_recovered_and_tells_how_far_it_reaches() -> None:
    compute = np.geomspace(1e13, 1e15, 5).repeat(3)
    losses = 1.2 + 0.8 * (compute / 1e14) ** -0.3 + np.random.default_rng(0).normal(0, 0.002, 15)
    law = fit_law(compute, losses)
    assert law.least == pytest.approx(1.2, abs=0.05)
    assert law.exponent == pytest.approx(0.3, abs=0.03)
    far = predict(compute, losses, 3.7e17, 0)
    assert far.loss.low < 1.2 + 0.8 * 3700**-0.3 < far.loss.high
    assert "370 times the largest proxy; nothing was measured there" in told("x", far, far, 3.7e17, compute.tolist())


def test_two_sizes_are_no_law() -> None:
    with pytest.raises(ValueError, match="three sizes, not 2"):
        fit_law(np.array([1e13, 1e14]), np.array([3.0, 2.0]))
