"""A swarm: mixes that differ enough to learn from, and the tokens that each run takes of each cell's pool."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.experiments.space import Array, Space

CONCENTRATIONS = (0.1, 5.0)
LEAST_WEIGHT, LEAST_DISTANCE = 0.002, 0.05
_TRIES = 200
NATURAL, PRIOR = "natural", "prior"


@dataclass(frozen=True)
class Run:
    """A proxy to train.

    Attributes:
        name: Of the run; those of one mix that differ in the seed alone are named `natural-0`, `natural-1`, say.
        mix: Shares of what is weighed, (K,).
        seed: Of the weights and of the order of texts.
    """

    name: str
    mix: Array
    seed: int


def shares_drawn(space: Space, count: int, rng: np.random.Generator) -> Array:
    """Return mixes, (count, K): Dirichlet around natural^½, with concentrations from .1 to 5, inside the caps.

    Args:
        space: The mixes to choose from.
        count: How many.
        rng: Where chance comes from.
    """
    centre = np.sqrt(space.natural)
    centre /= centre.sum()
    low, high = np.log(CONCENTRATIONS)
    scale = np.exp(rng.uniform(low, high, (count, 1))) * len(centre)
    drawn = rng.standard_gamma(np.maximum(scale * centre, 1e-3))
    drawn = np.maximum(drawn, 1e-12)
    drawn /= drawn.sum(axis=1, keepdims=True)
    drawn[drawn < LEAST_WEIGHT] = 0
    inside = space.inside(drawn / drawn.sum(axis=1, keepdims=True))
    inside[inside < LEAST_WEIGHT] = 0
    return np.asarray(inside / inside.sum(axis=1, keepdims=True))


def swarm(space: Space, runs: int | None, seeds: int, seed: int, prior: Array | None = None) -> list[Run]:
    """Return the runs: mixes at least .05 apart in total variation, then the natural mix and the prior, repeated.

    Args:
        space: The mixes to choose from.
        runs: Mixes to draw; None for three for each weight that can be chosen, and twelve at least.
        seeds: Times that the natural mix and the prior are run: what their losses differ by is noise.
        seed: Of the draws; the runs' seeds follow it.
        prior: The mix of the n-gram proxy; None for none.
    """
    count = max(12, 3 * (len(space.names) + 1)) if runs is None else runs
    rng, mixes = np.random.default_rng(seed), [space.natural]
    for _ in range(_TRIES):
        for mix in shares_drawn(space, count, rng):
            distance = min(float(np.abs(mix - other).sum()) / 2 for other in mixes)
            if len(mixes) <= count and distance >= LEAST_DISTANCE:
                mixes.append(mix)
        if len(mixes) > count:
            break
    drawn = [Run(f"mix-{number:03d}", mix, seed) for number, mix in enumerate(mixes[1:])]
    again = [(NATURAL, space.natural), *([(PRIOR, prior)] if prior is not None else [])]
    return [*drawn, *(Run(f"{name}-{n}", mix, seed + n) for name, mix in again for n in range(seeds))]


def pool_tokens(cells: Mapping[str, int], target_tokens: int, proxy_tokens: int) -> dict[str, int]:
    """Return cell → tokens of its pool, such that a run repeats a cell as often as the corpus would (2606.07597).

    Args:
        cells: Cell → tokens of the run.
        target_tokens: Of the corpus.
        proxy_tokens: That a proxy is trained on.

    >>> pool_tokens({"a": 1000, "b": 100}, 1000, 100)
    {'a': 100, 'b': 10}
    """
    return {name: max(1, round(tokens * proxy_tokens / target_tokens)) for name, tokens in cells.items()}


def stretch(ids: Any, tokens: int) -> Any:
    """Return the first tokens of a pool, which begins anew where it ends: a run's share is a prefix of a larger one's.

    >>> stretch(np.array([1, 2, 3]), 5).tolist()
    [1, 2, 3, 1, 2]
    """
    return np.resize(ids, tokens)
