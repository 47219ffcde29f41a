"""From the losses of a swarm to a mix: the fit that ranks best, the mix that it likes best, and how sure that is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.experiments.evidence import LEAST_CORRELATION, Answer, Interval, refuse, require_gain
from pipeline.experiments.regressors import Choice, Fit, Predict, choose
from pipeline.experiments.space import Array, Space, divergence
from pipeline.experiments.swarm import shares_drawn

PULL, BOOTSTRAPS = 0.05, 100
_CANDIDATES, _STARTS, _ROUNDS, _NEAR, _LEAST = 400, 3, 60, 1e-4, 1e-9
HELPS = ("more runs (--runs)", "longer or larger ones (--proxy-tokens, --sizes)", "fewer cells (--cells)")


@dataclass(frozen=True)
class Swarm:
    """Runs and their losses.

    Attributes:
        mixes: Shares of what is weighed, (N, K).
        losses: Bits per byte, or what a trainer of one's own reports, (N, targets).
        targets: Names.
        weights: Of the targets in the mean, (targets,), sum 1.
    """

    mixes: Array
    losses: Array
    targets: tuple[str, ...]
    weights: Array

    def noise(self) -> tuple[float | None, Array | None]:
        """Return the standard deviation between runs of one mix: of the mean over targets, and of each target.

        None where no mix was run twice.
        """
        _, same = np.unique(self.mixes.round(6), axis=0, return_inverse=True)
        same = same.ravel()
        counts = np.bincount(same)
        if counts.max() < 2:
            return None, None
        columns = np.column_stack([self.losses @ self.weights, self.losses])
        sums = np.zeros((len(counts), columns.shape[1]))
        np.add.at(sums, same, columns)
        squares = ((columns - (sums / counts[:, None])[same]) ** 2).sum(axis=0)
        deviations = np.sqrt(squares / (counts - 1).sum())
        return float(deviations[0]), deviations[1:]


def best_mix(space: Space, predict: Predict, swarm: Swarm, seed: int, pull: float = PULL) -> Array:
    """Return the mix of the least mean standardised prediction, pulled towards the natural one, under caps.

    Args:
        space: The mixes to choose from.
        predict: From mixes to the losses of all targets.
        swarm: Its losses give the units.
        seed: Of the candidates from which it starts.
        pull: Standard deviations for a nat of KL(mix ‖ natural).
    """
    scale = swarm.weights / np.maximum(swarm.losses.std(axis=0), _LEAST)

    def value(mixes: Array) -> Array:
        return np.asarray(predict(mixes) @ scale + pull * divergence(mixes, space.natural))

    drawn = shares_drawn(space, _CANDIDATES, np.random.default_rng(seed))
    candidates = np.concatenate([space.natural[None], space.inside(swarm.mixes), drawn])
    order = np.argsort(value(candidates), kind="stable")[:_STARTS]
    ends = np.array([_descended(space, value, candidates[number]) for number in order])
    return np.asarray(ends[int(np.argmin(value(ends)))])


def _descended(space: Space, value: Callable[[Array], Array], start: Array) -> Array:
    """Return where exponentiated gradients end that begin at a mix."""
    mix, size = space.inside(0.98 * start + 0.02 * space.natural), 0.5
    nudges = _NEAR * np.eye(len(mix))
    current = float(value(mix[None])[0])
    for _ in range(_ROUNDS):
        slopes = (value(mix + nudges) - value(np.maximum(mix - nudges, 0))) / (mix + _NEAR - np.maximum(mix - _NEAR, 0))
        sizes = size * 0.5 ** np.arange(12)
        steps = -sizes[:, None] * (slopes - slopes @ mix)
        tried = mix * np.exp(np.clip(steps, -20, 20))
        tried = space.inside(tried / tried.sum(axis=1, keepdims=True))
        values = value(tried)
        number = int(np.argmin(values))
        if values[number] >= current - 1e-10:
            break
        mix, current, size = tried[number], float(values[number]), sizes[number] * 4
    return mix


@dataclass(frozen=True)
class Proposal:
    """What a swarm speaks for.

    Attributes:
        mix: Shares of what is weighed, (K,).
        answer: The same in words and intervals.
        choice: The kind of fit.
    """

    mix: Array
    answer: Answer
    choice: Choice


def propose(
    space: Space,
    swarm: Swarm,
    seed: int,
    kinds: Mapping[str, tuple[Fit, ...]] | None = None,
    proxy: str = "losses",
    bootstraps: int = BOOTSTRAPS,
) -> Proposal:
    """Return the mix that a swarm speaks for.

    Args:
        space: The mixes to choose from.
        swarm: Its runs.
        seed: Of folds, candidates and bootstraps.
        kinds: Kinds of fits to choose from; None for those that need no texts.
        proxy: What was trained.
        bootstraps: Samples of runs.

    Raises:
        EvidenceError: The runs do not tell mixes apart, or the gain may be nothing.
    """
    few = len(space.names) + 2
    if len(swarm.mixes) < few:
        raise refuse(f"{len(swarm.mixes)} runs for {len(space.names)} weights; {few} is the least", HELPS)
    choice = choose(swarm.mixes, swarm.losses, seed, kinds)
    if choice.correlation < LEAST_CORRELATION:
        what = f"the best fit ({choice.name}) ranks mixes that it has not seen with a correlation of"
        raise refuse(f"{what} {choice.correlation:.2f}, less than {LEAST_CORRELATION}", HELPS)
    predict = choice.fit(swarm.mixes, swarm.losses)
    best = best_mix(space, predict, swarm, seed)
    both = predict(np.stack([space.natural, best]))
    mixes, gains = _bootstrap(space, swarm, choice, best, seed, bootstraps)
    noise, noises = swarm.noise()
    gain = Interval.of(float((both[0] - both[1]) @ swarm.weights), gains)
    require_gain(gain, noise, "the noise between seeds", HELPS)
    floors = np.zeros(len(swarm.targets)) if noises is None else noises
    worse = [name for name, (a, b), sd in zip(swarm.targets, both.T, floors, strict=True) if b - a > 2 * sd]
    weights = space.weights(mixes)
    shares = zip(space.cells, space.weights(best).tolist(), weights.T, strict=True)
    answer = Answer(
        proxy,
        {name: Interval.of(share, samples) for name, share, samples in shares},
        dict(zip(space.cells, space.weights(space.natural).tolist(), strict=True)),
        {name: (float(a), float(b)) for name, (a, b) in zip(swarm.targets, both.T, strict=True)},
        gain,
        noise,
        worse,
        {
            "runs": len(swarm.mixes),
            "fit": choice.name,
            "rank correlation of runs left out": round(choice.correlation, 4),
            "by target": {n: round(c, 4) for n, c in zip(swarm.targets, choice.by_target, strict=True)},
            "of other fits": {name: round(c, 4) for name, c in choice.others.items()},
        },
    )
    return Proposal(best, answer, choice)


def _bootstrap(
    space: Space, swarm: Swarm, choice: Choice, best: Array, seed: int, times: int
) -> tuple[Array, Sequence[float]]:
    """Return the mixes that samples of the runs speak for, and what the mix that was chosen gains by each."""
    rng, mixes, gains = np.random.default_rng(seed), [], []
    pair = np.stack([space.natural, best])
    for _ in range(times):
        drawn = rng.integers(0, len(swarm.mixes), len(swarm.mixes))
        predict = choice.fit(swarm.mixes[drawn], swarm.losses[drawn])
        mixes.append(best_mix(space, predict, swarm, seed))
        both = predict(pair)
        gains.append(float((both[0] - both[1]) @ swarm.weights))
    return np.array(mixes), gains
