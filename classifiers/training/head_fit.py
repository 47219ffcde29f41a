"""Fits heads on vectors: ridge regression with one exact solution, calibrated on folds that it has not seen."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import linalg

from classifiers.dense_head import Layer
from classifiers.encoder_settings import Activation
from classifiers.linear import activated
from classifiers.protocol import Scores
from classifiers.training.examples import Examples
from classifiers.training.folds import folds_of
from classifiers.training.linear_fit import calibration

Doubles = npt.NDArray[np.float64]


class FittedHead(NamedTuple):
    """A head and what it says of documents that it has not seen.

    Attributes:
        layer: Fitted on all examples; its outputs are log-odds, or values of a regression.
        unseen: Scores of each example by the head of the folds that it is not in, float32 (n, labels).
    """

    layer: Layer
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
    folds = folds_of(examples.groups, seed=seed)
    unseen = np.zeros_like(examples.targets)
    for fold in np.unique(folds):
        seen = folds != fold
        coefficients, biases = dense_ridge(vectors[seen], examples.targets[seen], examples.weights[seen], penalty)
        unseen[~seen] = vectors[~seen] @ coefficients + biases
    coefficients, biases = dense_ridge(vectors, examples.targets, examples.weights, penalty)
    shifts, slopes = calibration(unseen, examples.targets, examples.weights, activation)
    layer = Layer((coefficients * slopes).astype(np.float32), ((biases + shifts) * slopes).astype(np.float32))
    return FittedHead(layer, activated((unseen + shifts) * slopes, activation))


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
