"""Trains a linear model: `python -m classifiers.train_linear CONFIG.yaml --output FOLDER`.

The configuration names the examples, what the model looks at and what it is for (`LinearTraining`). What is printed,
and stands in the card, is measured on examples by models of the folds that they are not in; no group is in two folds.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydantic import BaseModel, Field

from classifiers.linear import LinearSettings, save_linear
from classifiers.model_folder import CARD, Kind, ModelError, Threshold, write_info
from classifiers.protocol import Scores
from classifiers.training.cards import card_of
from classifiers.training.config import TrainingConfig, run_training
from classifiers.training.errors import ExamplesError
from classifiers.training.examples import Examples
from classifiers.training.folds import FOLDS, across_folds, folds_of
from classifiers.training.linear_design import names_of_columns
from classifiers.training.linear_fit import fit_linear
from classifiers.training.measures import measure, threshold_for

MOST_SHARED: Final = 0.01
"""Share of measured texts of which a near-duplicate may be in another fold."""


class LinearTraining(TrainingConfig):
    """How a linear model is trained.

    Attributes:
        model: What it looks at.
        penalty: Of ridge regression.
        precision: Label → the precision that its threshold is to have on unseen examples.
    """

    model: LinearSettings = LinearSettings()
    penalty: float = Field(1.0, gt=0)
    precision: dict[str, float] = Field(default_factory=dict)

    def named_labels(self) -> list[str]:
        """Return the labels that the configuration names."""
        return [*super().named_labels(), *self.precision]


def train(config: LinearTraining, examples: Examples, output: Path) -> dict[str, Any]:
    """Fit a model, write its folder and return what it reaches.

    Raises:
        ExamplesError: Too many texts have near-duplicates in other folds, or the configuration names a label that the
            examples do not have.
        ModelError: The folder is there already.
    """
    if output.exists():
        raise ModelError(f"{output} is there already: nothing is overwritten")
    config.require_labels(examples)
    require_apart(examples, config.seed)
    fitted = fit_linear(examples, config.model, config.penalty, config.max_chars, config.seed)
    save_linear(output, config.model, fitted.weights)
    looks_at = f"{', '.join(names_of_columns(config.model))}; ridge regression with penalty {config.penalty:g}"
    return describe_model(config, examples, fitted.unseen, output, ("linear", config.model, looks_at))


def require_apart(examples: Examples, seed: int) -> None:
    """Refuse examples of which too many measured texts have near-duplicates in other folds.

    Args:
        examples: What is learnt from.
        seed: Of the folds.

    Raises:
        ExamplesError: They are.
    """
    shared = float(across_folds(examples.texts, folds_of(examples.groups, seed=seed))[examples.measured].mean())
    if shared > MOST_SHARED:
        raise ExamplesError(
            f"{shared:.1%} of the measured texts have near-duplicates in other folds, more than {MOST_SHARED:.0%}: what"
            " is measured would be too good. De-duplicate them, or name a column `group` that holds them together"
        )


def describe_model(
    config: LinearTraining, examples: Examples, unseen: Scores, output: Path, about: tuple[Kind, BaseModel, str]
) -> dict[str, Any]:
    """Write the description and the card of a model whose weights are in its folder; return what it reaches.

    Args:
        config: Of its training.
        examples: What it has learnt from.
        unseen: Scores of each by the model of the folds that it is not in, float32 (n, labels).
        output: The model's folder.
        about: Its kind, its settings, and in words what it looks at.
    """
    kind, settings, looks_at = about
    measured = np.flatnonzero(examples.measured)
    measures = measure(unseen[measured], examples.take(measured), config.positive_from)
    thresholds = _thresholds(config, examples.take(measured), unseen[measured])
    info = config.describe(kind, examples, settings.model_dump(mode="json"), thresholds)
    write_info(output, info)
    where = f"{len(measured):,} of {len(examples):,} examples, each by a model of the {FOLDS - 1} folds it is not in"
    (output / CARD).write_text(card_of(info, looks_at, measures, where, config.notes), encoding="utf-8")
    return measures


def _thresholds(config: LinearTraining, examples: Examples, unseen: Scores) -> dict[str, Threshold]:
    """Return the thresholds that were asked for, where they can be had."""
    thresholds = {}
    for label, precision in config.precision.items():
        scores = unseen[:, examples.labels.index(label)]
        positive = examples.targets[:, examples.labels.index(label)] >= config.positive_from
        value = threshold_for(scores, positive, precision)
        if value is not None:
            recall = positive[scores >= value].sum() / positive.sum()
            how = f"the lowest with a precision of {precision:g} on unseen examples; its recall there is {recall:.3f}"
            thresholds[label] = Threshold(value=value, how=how)  # rounded up, it would leave out what it was chosen for
    return thresholds


def main(arguments: Sequence[str] | None = None) -> int:
    """Train a model as the command line says; return the exit code."""
    assert __doc__ is not None
    return run_training(
        "train_linear",
        __doc__.partition("\n")[0],
        LinearTraining,
        lambda config, examples, options: train(config, examples, options.output),
        arguments,
    )


if __name__ == "__main__":
    sys.exit(main())
