"""From a model's outputs to scores: activation, labels by name, weights, grades."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.encoders.settings import Aggregate, Reading, Rounding
from classifiers.linear import activated
from classifiers.model_folder import ModelError

Outputs = npt.NDArray[Any]
Rows = npt.NDArray[np.float32]


def label_columns(labels: Sequence[str], reading: Reading) -> list[int]:
    """Return which outputs are a model's labels, by name.

    Raises:
        ModelError: A label is no output; or there is more than one label for a weighted score.

    >>> label_columns(["Low", "High"], Reading(outputs=("High", "Medium", "Low"), activation="softmax"))
    [2, 0]
    """
    if reading.weights:
        if len(labels) != 1:
            raise ModelError(f"weights make one score, and there are {len(labels)} labels: {', '.join(labels)}")
        return []
    if unknown := [label for label in labels if label not in reading.outputs]:
        raise ModelError(f"no output is called {', '.join(unknown)}: there are {', '.join(reading.outputs)}")
    return [reading.outputs.index(label) for label in labels]


def scores_of(values: Outputs, reading: Reading, columns: Sequence[int]) -> npt.NDArray[np.float32]:
    """Return scores, float32 (rows, labels), not yet rounded to grades: that comes after windows are one.

    Args:
        values: A model's outputs before any activation, (rows, outputs).
        reading: What becomes of them.
        columns: Those of the labels (`label_columns`); none where the score is weighted.
    """
    if values.shape[1] != len(reading.outputs):
        raise ModelError(f"the model has {values.shape[1]} outputs, not {len(reading.outputs)} as its settings name")
    scores: npt.NDArray[Any] = activated(values.astype(np.float64), reading.activation)
    if reading.weights:
        weighed = scores * np.array([reading.weights.get(name, 0.0) for name in reading.outputs])
        chosen = [reading.outputs.index(name) for name in reading.weights]
        made = weighed.sum(axis=1) if reading.combine == "sum" else weighed[:, chosen].max(axis=1)
        scores, columns = made[:, None], [0]
    return scores[:, list(columns)].astype(np.float32)


def aggregated(scores: Rows, counts: Sequence[int], lengths: npt.NDArray[np.int64], how: Aggregate) -> Rows:
    """Return one row per text, float32 (texts, columns).

    Args:
        scores: Of windows, text by text, (windows, columns).
        counts: Windows of each text.
        lengths: Tokens of each window.
        how: What becomes of several windows.
    """
    if len(scores) == len(counts):
        return scores
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
    if how == "max":
        largest: Any = np.maximum.reduceat(scores, starts)
        return np.asarray(largest, np.float32)
    weights = (lengths if how == "length-weighted" else np.ones(len(scores)))[:, None].astype(np.float64)
    sums = np.add.reduceat(scores.astype(np.float64) * weights, starts)
    means: Rows = (sums / np.add.reduceat(weights, starts)).astype(np.float32)
    return means


def graded(scores: Rows, rounding: Rounding | None) -> Rows:
    """Return scores as grades, where there are any; halves go to the even grade, as Python rounds.

    >>> graded(np.array([[5.7], [2.5], [-1.0]], np.float32), Rounding(low=0, high=5)).ravel().tolist()
    [5.0, 2.0, 0.0]
    """
    if rounding is None:
        return scores
    grades: Any = np.round(np.clip(scores, rounding.low, rounding.high))
    return np.asarray(grades, np.float32)
