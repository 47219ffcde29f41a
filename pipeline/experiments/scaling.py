"""Loss against compute over the proxies' sizes: E + A·C^−α, and what it says of a larger model that nobody trained."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.experiments.evidence import Interval

Array = np.ndarray[Any, np.dtype[np.float64]]
_EXPONENTS = np.geomspace(0.01, 1.0, 200)
BOOTSTRAPS = 200


@dataclass(frozen=True)
class Law:
    """L(C) = least + factor · (C / unit)^−exponent."""

    least: float
    factor: float
    exponent: float
    unit: float

    def __call__(self, compute: float) -> float:
        """Return the loss at a compute, FLOP."""
        return float(self.least + self.factor * (compute / self.unit) ** -self.exponent)


@dataclass(frozen=True)
class Prediction:
    """What a law says of one target.

    Attributes:
        law: The law.
        loss: At the compute that was asked for.
        times: How many times the largest proxy's compute that is.
    """

    law: Law
    loss: Interval
    times: float


def flops(params: float, tokens: float) -> float:
    """Return the compute of a training, 6·N·D.

    >>> flops(1e6, 1e8)
    600000000000000.0
    """
    return 6.0 * params * tokens


def fit_law(compute: Array, losses: Array) -> Law:
    """Return the law of least squared error with E ≥ 0 and A ≥ 0.

    Args:
        compute: FLOP of each run; three different values at least.
        losses: Of each run.

    Raises:
        ValueError: There are fewer than three sizes: any three numbers are met by many laws, two by endlessly many.
    """
    sizes = len(np.unique(compute))
    if sizes < 3:
        raise ValueError(f"a law of three parameters needs three sizes, not {sizes}")
    unit = float(np.exp(np.log(compute).mean()))
    best, chosen = np.inf, Law(float(losses.mean()), 0.0, 1.0, unit)
    for exponent in _EXPONENTS:
        powers = (compute / unit) ** -exponent
        spread = powers - powers.mean()
        factor = max(float(spread @ losses / (spread @ spread)), 0.0)
        least = float(losses.mean() - factor * powers.mean())
        if least < 0:
            least, factor = 0.0, float(powers @ losses / (powers @ powers))
        error = float(((losses - least - factor * powers) ** 2).sum())
        if error < best * (1 - 1e-9):
            best, chosen = error, Law(least, factor, float(exponent), unit)
    return chosen


def predict(compute: Array, losses: Array, wanted: float, seed: int, times: int = BOOTSTRAPS) -> Prediction:
    """Return the loss that a law says for a larger compute, with the interval of laws fitted to scattered losses.

    Losses are scattered by their residuals, two of whose degrees are spent; with three sizes and one run of each the
    residuals are too few to say much, and the interval is too narrow.

    Args:
        compute: FLOP of each run.
        losses: Of each run.
        wanted: FLOP.
        seed: Of the bootstrap.
        times: Samples.

    Raises:
        ValueError: There are fewer than three sizes.
    """
    law = fit_law(compute, losses)
    fitted = np.array([law(value) for value in compute])
    residuals = (losses - fitted) * np.sqrt(len(losses) / max(len(losses) - 2, 1))
    rng, samples = np.random.default_rng(seed), []
    for _ in range(times):
        samples.append(fit_law(compute, fitted + rng.choice(residuals, len(losses)))(wanted))
    return Prediction(law, Interval.of(law(wanted), samples), wanted / float(compute.max()))


def told(name: str, natural: Prediction, proposed: Prediction, wanted: float, sizes: Sequence[float]) -> str:
    """Return what the laws of a target say, in a line.

    Args:
        name: Of the target.
        natural: Of the natural mix.
        proposed: Of the mix that is proposed.
        wanted: FLOP that was asked for.
        sizes: FLOP of the proxies.
    """
    measured = f"{len(set(sizes))} sizes from {min(sizes):.2g} to {max(sizes):.2g} FLOP"
    far = (
        f"{natural.times:,.0f} times the largest proxy; nothing was measured there"
        if natural.times > 1
        else "within what was measured"
    )
    return f"{name}: at {wanted:.2g} FLOP {proposed.loss}, naturally {natural.loss} ({measured}; {far})"
