"""Fits linear models: ridge regression, and slopes that make probabilities of its sums.

Ridge regression (Hoerl and Kennard, 1970) on n-grams is as good a classifier as a support vector machine or logistic
regression, takes soft labels and scores as they are, and has one solution, so that the same examples give the same
model.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import linalg, optimize
from scipy.sparse.linalg import lsqr

from classifiers.linear import LinearSettings, LinearWeights, activated
from classifiers.protocol import Scores
from classifiers.training.errors import ExamplesError
from classifiers.training.examples import Examples
from classifiers.training.folds import folds_of
from classifiers.training.linear_design import Design

Doubles = npt.NDArray[np.float64]
_MOST_EXACT: Final = 8_000
"""Documents up to which the equations of all pairs of them are solved; their matrix has 512 MB."""
_SLOPES: Final = (1e-2, 1e3)


class Fitted(NamedTuple):
    """A model and what it says of documents that it has not seen.

    Attributes:
        weights: Fitted on all examples.
        unseen: Scores of each example by the model of the folds that it is not in, float32 (n, labels).
        sums: What the activation has made those of, float64 (n, labels).
        folds: The fold of each example, int64 (n,).
    """

    weights: LinearWeights
    unseen: Scores
    sums: Doubles
    folds: npt.NDArray[np.int64]


def fit_linear(examples: Examples, settings: LinearSettings, penalty: float, max_chars: int, seed: int) -> Fitted:
    """Fit a linear model, and as many others as there are folds.

    Args:
        examples: What it learns from.
        settings: What it looks at.
        penalty: Ridge's; more is smoother.
        max_chars: Code points of a text that it looks at.
        seed: Another one makes other folds.

    Raises:
        ExamplesError: There are too few groups for folds.
    """
    design = Design(examples.texts, examples.urls, settings, max_chars)
    folds = several_folds(examples, seed)
    unseen = np.zeros_like(examples.targets)
    for fold in np.unique(folds):
        seen = folds != fold
        columns = design.columns(seen)
        matrix = design.matrix(columns)
        coefficients, biases = ridge(matrix[seen], examples.targets[seen], examples.weights[seen], penalty)
        unseen[~seen] = matrix[~seen] @ coefficients + biases
    columns = design.columns(np.ones(len(examples), bool))
    coefficients, biases = ridge(design.matrix(columns), examples.targets, examples.weights, penalty)
    shifts, slopes = calibration(unseen, examples.targets, examples.weights, settings.activation)
    weights = design.weights(columns, coefficients, biases + shifts)._replace(slopes=slopes.astype(np.float32))
    sums = (unseen + shifts) * slopes
    return Fitted(weights, activated(sums, settings.activation), sums, folds)


def several_folds(examples: Examples, seed: int) -> npt.NDArray[np.int64]:
    """Return the fold of each example, int64 (n,).

    Raises:
        ExamplesError: All are in one fold.
    """
    folds = folds_of(examples.groups, seed=seed)
    if len(np.unique(folds)) < 2:
        raise ExamplesError(f"{len(examples)} examples of {len(set(examples.groups))} groups are too few for folds")
    return folds


def ridge(matrix: Any, targets: Doubles, weights: Doubles, penalty: float) -> tuple[Doubles, Doubles]:
    """Return coefficients and biases that minimise squared errors and `penalty` times the squared coefficients.

    Args:
        matrix: Sparse, (n, columns).
        targets: float64 (n, labels).
        weights: How much each row counts, float64 (n,).
        penalty: Above 0.

    Returns:
        float64 (columns, labels) and the weighted means of the targets, float64 (labels,).
    """
    biases = np.average(targets, axis=0, weights=weights)
    roots = np.sqrt(weights)[:, None]
    rows, errors = matrix.multiply(roots).tocsr(), (targets - biases) * roots
    if len(targets) <= _MOST_EXACT:
        products = (rows @ rows.T).toarray()
        products[np.diag_indices_from(products)] += penalty
        return rows.T @ linalg.solve(products, errors, assume_a="pos", overwrite_a=True), biases
    columns = [lsqr(rows, column, damp=np.sqrt(penalty), atol=1e-7, btol=1e-7)[0] for column in errors.T]
    return np.stack(columns, axis=1), biases


def calibration(sums: Doubles, targets: Doubles, weights: Doubles, activation: str) -> tuple[Doubles, Doubles]:
    """Return what is added to sums, and what they are multiplied by, to be log-odds: float64 (labels,) each.

    Logistic functions get a shift and a slope of their own (Platt, 1999), a softmax one slope (temperature scaling,
    Guo et al., 2017), regressions nothing.
    """
    labels = targets.shape[1]
    if activation == "none":
        return np.zeros(labels), np.ones(labels)
    if activation == "softmax":
        best = optimize.minimize_scalar(
            lambda slope: _cross_entropy(sums * slope, targets, weights), bounds=_SLOPES, method="bounded"
        )
        return np.zeros(labels), np.full(labels, float(best.x))
    shifts, slopes = zip(*(_platt(*column, weights) for column in zip(sums.T, targets.T, strict=True)), strict=True)
    return np.array(shifts), np.array(slopes)


def _cross_entropy(logits: Doubles, targets: Doubles, weights: Doubles) -> float:
    logits = logits - logits.max(axis=1, keepdims=True)
    logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return float(-np.average((logs * targets).sum(axis=1), weights=weights))


def _platt(sums: Doubles, targets: Doubles, weights: Doubles) -> tuple[float, float]:
    """Return the shift and the slope of a logistic function."""

    def loss(parts: Doubles) -> float:
        logits = parts[0] * sums + parts[1]
        return float(np.average(np.logaddexp(0, logits) - targets * logits, weights=weights))

    slope, shift = optimize.minimize(loss, np.array([5.0, -2.0]), method="Nelder-Mead").x
    return float(shift / slope), float(slope)
