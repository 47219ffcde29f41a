"""Trains a linear model: `python -m classifiers.train_linear CONFIG.yaml --output FOLDER`.

The configuration names the examples, what the model looks at and what it is for (`LinearTraining`). What is printed,
and stands in the card, is measured on examples by models of the folds that they are not in; no group is in two folds.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from classifiers.linear import LinearSettings, save_linear
from classifiers.model_folder import CARD, ModelInfo, Threshold, write_info
from classifiers.protocol import Scores
from classifiers.training.cards import card_of
from classifiers.training.examples import Examples, ExamplesError, ExamplesSpec, read_examples
from classifiers.training.folds import FOLDS, share_across_folds
from classifiers.training.linear_design import names_of_columns
from classifiers.training.linear_fit import fit_linear
from classifiers.training.measures import measure, threshold_for

MOST_SHARED: Final = 0.01
"""Share of texts of which a near-duplicate may be in another fold."""


class LinearTraining(BaseModel):
    """How a linear model is trained.

    Attributes:
        name: Of the model.
        data: Its examples; files are relative to `--data`, or to the configuration.
        model: What it looks at.
        penalty: Of ridge regression.
        max_chars: Code points of a text that it looks at.
        seed: Of the folds.
        good: The label whose high score speaks for a text; null where none does.
        languages: For which it is; empty for any.
        licence: Of the weights.
        trained_on: What the examples are, in words.
        notes: What people should know, what it is not above all.
        positive_from: Targets from here on are positive where measures need to know.
        measured_weight: Examples that weigh less are learnt from and not measured.
        precision: Label → the precision that its threshold is to have on unseen examples.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    data: ExamplesSpec
    model: LinearSettings = LinearSettings()
    penalty: float = Field(1.0, gt=0)
    max_chars: int = Field(20_000, ge=1)
    seed: int = 0
    good: str | None = None
    languages: list[str] = []
    licence: str = "Apache-2.0"
    trained_on: str
    notes: str
    positive_from: float = 0.5
    measured_weight: float = 0.0
    precision: dict[str, float] = {}


def train(config: LinearTraining, examples: Examples, output: Path) -> dict[str, Any]:
    """Fit a model, write its folder and return what it reaches.

    Raises:
        ExamplesError: Too many texts have near-duplicates in other folds, or the configuration names a label that the
            examples do not have.
    """
    for label in (*config.precision, *([config.good] if config.good is not None else [])):
        if label not in examples.labels:
            raise ExamplesError(f"'{label}' is none of {', '.join(examples.labels)}")
    fitted = fit_linear(examples, config.model, config.penalty, config.max_chars, config.seed)
    shared = share_across_folds(examples.texts, fitted.folds)
    if shared > MOST_SHARED:
        raise ExamplesError(
            f"{shared:.1%} of the texts have near-duplicates in other folds, more than {MOST_SHARED:.0%}: what is"
            " measured would be too good. De-duplicate them, or name a column `group` that holds them together"
        )
    measured = np.flatnonzero(examples.weights >= config.measured_weight)
    measures = measure(fitted.unseen[measured], examples.take(measured), config.positive_from)
    info = ModelInfo(
        name=config.name,
        kind="linear",
        labels=list(examples.labels),
        good=config.good,
        max_chars=config.max_chars,
        languages=config.languages,
        licence=config.licence,
        trained_on=config.trained_on,
        training_digest=examples.digest(),
        thresholds=_thresholds(config, examples.take(measured), fitted.unseen[measured]),
        settings=config.model.model_dump(mode="json"),
    )
    save_linear(output, config.model, fitted.weights)
    write_info(output, info)
    looks_at = f"{', '.join(names_of_columns(config.model))}; ridge regression with penalty {config.penalty:g}"
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
    parser = argparse.ArgumentParser(prog="python -m classifiers.train_linear", description=__doc__.partition("\n")[0])
    parser.add_argument("config", type=Path, help="YAML: see LinearTraining")
    parser.add_argument("--output", type=Path, required=True, help="the model's folder")
    parser.add_argument("--data", type=Path, help="the folder of the examples; that of CONFIG where not given")
    options = parser.parse_args(arguments)
    try:
        config = LinearTraining.model_validate(yaml.safe_load(options.config.read_text(encoding="utf-8")))
        examples = read_examples(config.data, options.data or options.config.parent)
        measures = train(config, examples, options.output)
    except (ExamplesError, ValidationError, OSError, yaml.YAMLError) as error:
        print(f"train_linear: {error}", file=sys.stderr)  # noqa: T201  (what a command says)
        return 2
    print(json.dumps(measures, indent=1, ensure_ascii=False))  # noqa: T201  (what a command says)
    return 0


if __name__ == "__main__":
    sys.exit(main())
