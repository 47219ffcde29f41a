from typing import Any

import numpy as np
import pytest

from pipeline.errors import ConfigError
from pipeline.experiments.laws import laws_of, laws_of_collected
from pipeline.experiments.proposal import Swarm, propose
from pipeline.experiments.scaling import flops
from pipeline.experiments.space import space_of
from pipeline.experiments.swarm import swarm

SPACE = space_of(["a", "b", "c"], [5, 3, 2], 10, 4)
SIZES = ((1e6, 2e7), (2e6, 4e7), (4e6, 8e7), (8e6, 1.6e8))
FAR = 1e19


def _loss(mixes: Any, params: float, tokens: float) -> Any:
    return 1 + np.exp(-0.5 - 1.5 * mixes[:, 2] + 0.3 * mixes[:, 0]) * (flops(params, tokens) / 1e14) ** -0.1


def _points() -> list[tuple[Any, Swarm]]:
    mixes = np.stack([run.mix for run in swarm(SPACE, 12, 2, 0)])
    noise = np.random.default_rng(0)
    return [
        (
            np.array(size),
            Swarm(mixes, (_loss(mixes, *size) + noise.normal(0, 1e-3, len(mixes)))[:, None], ("t",), np.ones(1)),
        )
        for size in SIZES
    ]


def test_losses_that_were_collected_predict_a_larger_model_and_say_how_far_that_is() -> None:
    points = _points()
    proposal = propose(SPACE, points[0][1], 0, bootstraps=5)
    laws = laws_of_collected(points, SPACE.natural, proposal, FAR, 0)
    far = (FAR / 6e12, 1e12)
    for side, mix in (("natural", SPACE.natural), ("proposed", proposal.mix)):
        assert laws["targets"]["t"][side]["loss"]["value"] == pytest.approx(float(_loss(mix[None], *far)[0]), abs=0.03)
    assert f"{FAR / flops(*SIZES[-1]):,.0f} times the largest proxy; nothing was measured there" in laws["lines"][0]


def test_mixes_that_were_trained_at_three_sizes_have_laws_and_at_two_none() -> None:
    points = [
        (
            int(params),
            int(tokens),
            np.repeat(_loss(np.stack([SPACE.natural, SPACE.natural]), params, tokens), 2)[:, None],
        )
        for params, tokens in SIZES[:3]
    ]
    laws = laws_of(points, ["t"], 2, FAR, 0)
    assert laws["targets"]["t"]["natural"] == laws["targets"]["t"]["proposed"]
    with pytest.raises(ConfigError, match="needs three sizes, not 2"):
        laws_of(points[:2], ["t"], 2, FAR, 0)


def test_too_few_runs_of_a_size_are_told() -> None:
    points = _points()
    proposal = propose(SPACE, points[0][1], 0, bootstraps=5)
    few = points[-1][1]
    points[-1] = (points[-1][0], Swarm(few.mixes[:3], few.losses[:3], few.targets, few.weights))
    with pytest.raises(ConfigError, match="3 runs of 8,000,000 weights"):
        laws_of_collected(points, SPACE.natural, proposal, FAR, 0)
