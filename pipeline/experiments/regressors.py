"""From the mixes of a swarm and their losses to the loss of any mix: a fit a target, its kind cross-validated."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.experiments.ranks import spearman

Array = np.ndarray[Any, np.dtype[np.float64]]
Predict = Callable[[Array], Array]
"""From mixes (N, K) to losses (N,)."""
Fit = Callable[[Array, Array], Predict]
"""From mixes (N, K) and losses (N,) of one target to what predicts it."""
FOLDS = 5
_PENALTIES = (1e-4, 1e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0)
_FLOORS = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.94, 0.97)
"""What part of the lowest loss is taken for irreducible."""
_HUBER, _ROUNDS = 0.02, 8


def _ridge(features: Array, losses: Array) -> Callable[[Array], Array]:
    """Return a ridge regression; the penalty is the one of the least error on runs left out, one at a time.

    Features are not scaled: shares have one unit, and a cell that hardly varies is not to be blown up.
    """
    mean, centre = features.mean(0), losses.mean()
    left, singular, right = np.linalg.svd(features - mean, full_matrices=False)
    projection, squared = left.T @ (losses - centre), singular**2
    best, chosen = np.inf, np.zeros(features.shape[1])
    for penalty in _PENALTIES:
        shrink = squared / (squared + penalty)
        residual = losses - centre - left @ (shrink * projection)
        leverage = (left**2 * shrink).sum(1) + 1 / len(losses)
        error = float(np.mean((residual / np.maximum(1 - leverage, 0.05)) ** 2))
        if error < best:
            best, chosen = error, right.T @ (singular / (squared + penalty) * projection)
    return lambda new: np.asarray((new - mean) @ chosen + centre)


def linear(mixes: Array, losses: Array) -> Predict:
    """Fit losses as a linear function of the shares."""
    return _ridge(mixes, losses)


def _with_roots(mixes: Array) -> Array:
    return np.concatenate([mixes, np.sqrt(np.maximum(mixes, 0))], axis=1)


def square_root(mixes: Array, losses: Array) -> Predict:
    """Fit losses as a linear function of the shares and of their roots: the first tokens of a cell teach most."""
    predict = _ridge(_with_roots(mixes), losses)
    return lambda new: predict(_with_roots(new))


def log_linear(mixes: Array, losses: Array) -> Predict:
    """Fit losses as c + exp(k + t·w), with Huber's loss against outliers."""
    unit = float(losses.std()) or 1.0
    design = np.column_stack([np.ones(len(mixes)), mixes])
    damp = 1e-4 * len(mixes) * np.eye(design.shape[1])
    best, chosen = np.inf, (0.0, np.zeros(design.shape[1]))
    for part in _FLOORS:
        floor = float(losses.min()) - (1 - part) * max(abs(float(losses.min())), unit)
        above = losses - floor
        rows = np.ones(len(losses))
        for _ in range(_ROUNDS):
            weights = rows * (above / above.mean()) ** 2  # an error of the logarithm, as one of the loss
            solved = np.linalg.solve(
                design.T @ (design * weights[:, None]) + damp, design.T @ (weights * np.log(above))
            )
            error = (losses - floor - np.exp(np.minimum(design @ solved, 50))) / unit
            rows = np.minimum(1, _HUBER / np.maximum(np.abs(error), 1e-12)) ** 0.5
        size = np.abs(error)
        loss = float(np.where(size < _HUBER, size**2 / 2, _HUBER * (size - _HUBER / 2)).sum())
        if loss < best:
            best, chosen = loss, (floor, solved)
    floor, solved = chosen
    return lambda new: np.asarray(floor + np.exp(np.minimum(solved[0] + new @ solved[1:], 50)))


def both(mixes: Array, losses: Array) -> Predict:
    """Fit losses twice, and predict the mean: one bends where shares are small, the other where they are large."""
    first, second = square_root(mixes, losses), log_linear(mixes, losses)
    return lambda new: (first(new) + second(new)) / 2


def with_experts(experts: Callable[[Array], Array]) -> Fit:
    """Return a fit on the shares and the loss that a mixture of one n-gram model a cell has (MDE, 2502.15950).

    Args:
        experts: From mixes (N, K) to the n-gram losses of this target, (N,).
    """

    def fit(mixes: Array, losses: Array) -> Predict:
        predict = _ridge(np.column_stack([mixes, experts(mixes)]), losses)
        return lambda new: predict(np.column_stack([new, experts(new)]))

    return fit


BOTH = "mean of both"
FITS: Mapping[str, Fit] = {
    "ridge on w and √w": square_root,
    "log-linear": log_linear,
    BOTH: both,
    "linear": linear,
}


@dataclass(frozen=True)
class Choice:
    """The kind of fit that ranks unseen mixes best.

    Attributes:
        name: Of the kind.
        fits: Target's number → the fit.
        correlation: Mean over the targets of Spearman's correlation, of predictions for mixes that were left out.
        by_target: The same of each target.
        others: Kind → its mean.
    """

    name: str
    fits: tuple[Fit, ...]
    correlation: float
    by_target: tuple[float, ...]
    others: Mapping[str, float]

    def fit(self, mixes: Array, losses: Array) -> Predict:
        """Return what predicts the losses of all targets, (N, targets), for mixes (N, K)."""
        predicts = [fit(mixes, losses[:, number]) for number, fit in enumerate(self.fits)]
        return lambda new: np.column_stack([predict(new) for predict in predicts])


def choose(mixes: Array, losses: Array, seed: int, kinds: Mapping[str, tuple[Fit, ...]] | None = None) -> Choice:
    """Return the kind of fit with the highest cross-validated rank correlation; within its standard error, the mean.

    Fits that rank small runs equally well differ on large ones, where their mean is safer than either.
    Runs of the same mix are in the same fold: else a seed would predict its twin.

    Args:
        mixes: Of the runs, (N, K).
        losses: Of the runs, (N, targets).
        seed: Of the folds.
        kinds: Kind → its fit for each target; None for all that need no texts.
    """
    if kinds is None:
        kinds = {name: (fit,) * losses.shape[1] for name, fit in FITS.items()}
    _, same = np.unique(mixes.round(9), axis=0, return_inverse=True)
    groups = np.random.default_rng(seed).permutation(same.max() + 1)[same.ravel()]
    folds = groups % min(FOLDS, same.max() + 1)
    scores: dict[str, Array] = {}
    for name, fits in kinds.items():
        predicted = np.empty_like(losses)
        for fold in np.unique(folds):
            inside = folds != fold
            for number, fit in enumerate(fits):
                predicted[~inside, number] = fit(mixes[inside], losses[inside, number])(mixes[~inside])
        scores[name] = np.array([spearman(predicted[:, n], losses[:, n]) for n in range(losses.shape[1])])
    means = {name: float(score.mean()) for name, score in scores.items()}
    best = max(means, key=lambda name: (means[name], name))
    error = (1 - means[best] ** 2) / np.sqrt(max(len(mixes) - 1, 1))
    if means.get(BOTH, -1.0) >= means[best] - error:
        best = BOTH
    return Choice(best, tuple(kinds[best]), means[best], tuple(map(float, scores[best])), means)
