"""Fits heads on vectors: ridge regression with one exact solution, calibrated on folds that it has not seen."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import linalg, optimize

from classifiers.encoders.dense_head import Layer
from classifiers.encoders.embedding_head import averaged
from classifiers.encoders.settings import Activation
from classifiers.linear import LinearWeights, activated
from classifiers.protocol import Scores
from classifiers.training.examples import Examples
from classifiers.training.linear_fit import Fitted, calibration, several_folds

Doubles = npt.NDArray[np.float64]
_SURE: Final = 1e-6
"""Scores have six decimals: no probability is taken for nearer to 0 or 1 than this."""
_FACTORS: Final = (0.5, 8.0)


class FittedHead(NamedTuple):
    """A head and what it says of documents that it has not seen.

    Attributes:
        layer: Fitted on all examples; its outputs are log-odds, or values of a regression.
        unseen: Scores of each example by the head of the folds that it is not in, float32 (n, labels).
        sums: What the activation has made those of, float64 (n, labels).
    """

    layer: Layer
    unseen: Scores
    sums: Doubles


class Both(NamedTuple):
    """A head and a linear model, whose scores are averaged.

    Attributes:
        layer: The head.
        weights: The linear model.
        unseen: Their mean of each example, by models of the folds that it is not in, float32 (n, labels).
    """

    layer: Layer
    weights: LinearWeights
    unseen: Scores


def fit_head(examples: Examples, vectors: Doubles, activation: Activation, penalty: float, seed: int) -> FittedHead:
    """Fit a head, and as many others as there are folds.

    Args:
        examples: What it learns from.
        vectors: Of their texts, float64 (n, width).
        activation: What makes scores of its outputs.
        penalty: Ridge's; more is smoother.
        seed: Another one makes other folds.
    """
    folds = several_folds(examples, seed)
    unseen = np.zeros_like(examples.targets)
    for fold in np.unique(folds):
        seen = folds != fold
        coefficients, biases = dense_ridge(vectors[seen], examples.targets[seen], examples.weights[seen], penalty)
        unseen[~seen] = vectors[~seen] @ coefficients + biases
    coefficients, biases = dense_ridge(vectors, examples.targets, examples.weights, penalty)
    shifts, slopes = calibration(unseen, examples.targets, examples.weights, activation)
    layer = Layer((coefficients * slopes).astype(np.float32), ((biases + shifts) * slopes).astype(np.float32))
    sums = (unseen + shifts) * slopes
    return FittedHead(layer, activated(sums, activation), sums)


def averaged_fits(head: FittedHead, linear: Fitted, examples: Examples, activation: Activation, share: float) -> Both:
    """Return a head and a linear model whose scores are to be averaged.

    A mean of two probabilities that are right is too unsure, for two that agree are worth more than one: sums of both
    are multiplied by what makes the mean right on examples that they have not seen.

    Args:
        head: What speaks for 1 - `share`.
        linear: What speaks for `share`.
        examples: What is true.
        activation: What makes scores of sums; those of none, a regression, stay as they are.
        share: Of the linear model, above 0 and below 1.
    """

    def mean(factor: float) -> Scores:
        return averaged(activated(head.sums * factor, activation), activated(linear.sums * factor, activation), share)

    def loss(factor: float) -> float:
        scores = np.clip(mean(factor).astype(np.float64), _SURE, 1 - _SURE)
        logs = examples.targets * np.log(scores)
        if activation == "sigmoid":
            logs += (1 - examples.targets) * np.log(1 - scores)
        return float(-np.average(logs.sum(axis=1), weights=examples.weights))

    factor = 1.0
    if activation != "none":
        factor = float(optimize.minimize_scalar(loss, bounds=_FACTORS, method="bounded").x)
    layer = Layer(*(np.asarray(part * factor, np.float32) for part in head.layer))
    slopes = (linear.weights.slopes * factor).astype(np.float32)
    return Both(layer, linear.weights._replace(slopes=slopes), mean(factor))


def dense_ridge(vectors: Doubles, targets: Doubles, weights: Doubles, penalty: float) -> tuple[Doubles, Doubles]:
    """Return coefficients and biases that minimise squared errors and `penalty` times the squared coefficients.

    Vectors have few columns and no zeros, so that the equations of pairs of columns are solved, however many rows.

    Args:
        vectors: float64 (n, width).
        targets: float64 (n, labels).
        weights: How much each row counts, float64 (n,).
        penalty: Above 0; biases cost nothing.

    Returns:
        float64 (width, labels) and float64 (labels,).
    """
    centre, means = (np.average(values, axis=0, weights=weights) for values in (vectors, targets))
    rows = (vectors - centre) * np.sqrt(weights)[:, None]
    products = rows.T @ rows
    products[np.diag_indices_from(products)] += penalty
    sums = rows.T @ ((targets - means) * np.sqrt(weights)[:, None])
    coefficients = linalg.solve(products, sums, assume_a="pos", overwrite_a=True)
    return coefficients, means - centre @ coefficients
