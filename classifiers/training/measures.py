"""What a model's scores are worth, measured on examples that it has not seen."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from classifiers.protocol import Scores
from classifiers.training.examples import Examples

Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
_BINS: Final = 10
_FEWEST: Final = 20
"""Examples of a language of which something is said."""


def measure(scores: Scores, examples: Examples, positive_from: float = 0.5) -> dict[str, Any]:
    """Return measures by name; shares and areas are between 0 and 1.

    Of labels that exclude each other: `accuracy`, `macro_f1` (the mean of the labels' F1), `calibration_error` (of the
    highest probability: the mean distance of confidence and accuracy in ten ranges; Naeini et al., 2015). Of each other
    label, under its name: `roc_auc`, `average_precision`, `positives`, `calibration_error`, the area `by_language` and
    `by_length`, in thirds.

    Args:
        scores: float32 (n, labels).
        examples: What is true.
        positive_from: Targets from here on are positive.
    """
    if examples.exclusive and len(examples.labels) > 1:
        return _of_one_label(scores, examples)
    return {
        "examples": len(examples),
        **{
            label: _of_label(scores[:, column], examples.targets[:, column] >= positive_from, examples)
            for column, label in enumerate(examples.labels)
        },
    }


def _of_one_label(scores: Scores, examples: Examples) -> dict[str, Any]:
    from sklearn.metrics import f1_score

    true, said = examples.targets.argmax(axis=1), scores.argmax(axis=1)
    by_label = f1_score(true, said, average=None, labels=range(len(examples.labels)), zero_division=0)
    return {
        "examples": len(examples),
        "accuracy": _rounded((true == said).mean()),
        "macro_f1": _rounded(by_label[np.unique(true)].mean()),
        "calibration_error": _rounded(calibration_error(scores.max(axis=1), true == said)),
        "f1": {label: _rounded(value) for label, value in zip(examples.labels, by_label, strict=True)},
    }


def _of_label(scores: npt.NDArray[np.float32], positive: Flags, examples: Examples) -> dict[str, Any]:
    from sklearn.metrics import average_precision_score

    lengths = pc.utf8_length(examples.texts).to_numpy(zero_copy_only=False)
    thirds = np.searchsorted(np.quantile(lengths, [1 / 3, 2 / 3]), lengths, side="right")
    languages = np.array(examples.languages)
    return {
        "positives": int(positive.sum()),
        "roc_auc": roc_auc(scores, positive),
        "average_precision": _rounded(average_precision_score(positive, scores)),
        "calibration_error": _rounded(calibration_error(scores, positive)),
        "by_language": {
            language: roc_auc(scores[rows], positive[rows])
            for language in sorted(set(examples.languages) - {""})
            if (rows := languages == language).sum() >= _FEWEST
        },
        "by_length": [roc_auc(scores[thirds == third], positive[thirds == third]) for third in range(3)],
    }


def roc_auc(scores: npt.NDArray[Any], positive: Flags) -> float | None:
    """Return the area under the ROC curve, None where there is nothing to tell apart."""
    from sklearn.metrics import roc_auc_score

    return None if positive.all() or not positive.any() else _rounded(roc_auc_score(positive, scores))


def calibration_error(confidence: npt.NDArray[Any], right: Flags) -> float:
    """Return the mean distance of confidence and frequency in ten ranges of confidence.

    >>> calibration_error(np.array([0.75, 0.75, 0.25, 0.25]), np.array([True, False, False, False]))
    0.25
    """
    ranges = np.minimum((np.clip(confidence, 0, 1) * _BINS).astype(int), _BINS - 1)
    sums = (np.bincount(ranges, weights=values, minlength=_BINS) for values in (confidence, right.astype(float)))
    claimed, frequent = sums
    return float(np.abs(claimed - frequent).sum() / len(confidence))


def threshold_for(scores: Sequence[float] | npt.NDArray[Any], positive: Flags, precision: float) -> float | None:
    """Return the lowest score from which on so many are positive; None where no score has that.

    >>> threshold_for([0.9, 0.8, 0.7, 0.6], np.array([True, True, False, True]), 0.7)
    0.6
    """
    values = np.asarray(scores, np.float64)
    order = np.argsort(-values, kind="stable")
    precise = np.cumsum(positive[order]) / np.arange(1, len(order) + 1) >= precision
    ends = np.append(values[order][:-1] != values[order][1:], True)  # equal scores are cut nowhere
    reached = np.flatnonzero(precise & ends)
    return float(values[order][reached[-1]]) if len(reached) else None


def _rounded(value: Any) -> float:
    return round(float(value), 4)
