"""The paper's last step: laws of loss over the proxies' compute, of the natural mix and of the one that is proposed."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.errors import ConfigError
from pipeline.experiments.proposal import Proposal, Swarm
from pipeline.experiments.scaling import Prediction, flops, predict, told
from pipeline.experiments.space import Array

_SAME = 1e-5


def laws_of(
    points: Sequence[tuple[int, int, Array]], targets: Sequence[str], seeds: int, compute: float, seed: int
) -> dict[str, Any]:
    """Return the laws of mixes that were trained at several sizes.

    Args:
        points: (params, tokens, losses) of each size; losses (2 · seeds, targets), the natural mix first.
        targets: Names.
        seeds: Runs of each mix.
        compute: FLOP to predict at.
        seed: Of the bootstrap.

    Raises:
        ConfigError: There are fewer than three sizes.
    """
    spent = np.array([flops(params, tokens) for params, tokens, _ in points]).repeat(seeds)
    sides = [np.concatenate([losses[side * seeds : (side + 1) * seeds] for *_, losses in points]) for side in (0, 1)]
    return _laws([(spent, side) for side in sides], targets, compute, seed)


def laws_of_collected(
    points: Sequence[tuple[Array, Swarm]], natural: Array, proposal: Proposal, compute: float, seed: int
) -> dict[str, Any]:
    """Return the laws of mixes whose losses at each size were measured, or are those of a fit to the size's runs.

    Args:
        points: (params and tokens, runs) of each size.
        natural: The natural mix, (K,).
        proposal: The mix that is proposed, and the kind of fit.
        compute: FLOP to predict at.
        seed: Of the bootstrap.

    Raises:
        ConfigError: There are fewer than three sizes, or too few runs of one to fit.
    """
    sides = []
    for mix in (natural, proposal.mix):
        spent, losses = [], []
        for (params, tokens), made in points:
            measured = made.losses[np.abs(made.mixes - mix).max(axis=1) < _SAME]
            if not len(measured):
                if len(made.mixes) < len(mix) + 2:
                    raise ConfigError(
                        f"--predict-compute: {len(made.mixes)} runs of {int(params):,} weights, none of which has the"
                        " mix that is proposed, are too few to fit"
                    )
                measured = proposal.choice.fit(made.mixes, made.losses)(mix[None])
            spent += [flops(params, tokens)] * len(measured)
            losses.append(measured)
        sides.append((np.array(spent), np.concatenate(losses)))
    return _laws(sides, points[0][1].targets, compute, seed)


def _laws(sides: Sequence[tuple[Array, Array]], targets: Sequence[str], compute: float, seed: int) -> dict[str, Any]:
    lines, shown = [], {}
    for number, target in enumerate(targets):
        try:
            natural, proposed = (predict(spent, losses[:, number], compute, seed) for spent, losses in sides)
        except ValueError as error:
            raise ConfigError(f"--predict-compute: {error}; name more with --sizes") from error
        lines.append(told(target, natural, proposed, compute, sides[0][0].tolist()))
        shown[target] = {"natural": _values(natural), "proposed": _values(proposed)}
    return {"lines": lines, "compute": compute, "targets": shown}


def _values(prediction: Prediction) -> Mapping[str, Any]:
    return {
        "law": vars(prediction.law),
        "loss": vars(prediction.loss),
        "times the largest proxy": prediction.times,
    }
