"""What every training is told, whatever the kind of its model, and the command that starts it."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from classifiers.model_folder import Kind, ModelError, ModelInfo, Threshold
from classifiers.training.errors import ExamplesError
from classifiers.training.examples import Examples, ExamplesSpec, read_examples


class TrainingConfig(BaseModel):
    """How a model is trained, and what people are told of it.

    Attributes:
        name: Of the model.
        data: Its examples; files are relative to `--data`, or to the configuration.
        seed: Of the folds, and of whatever else is drawn.
        max_chars: Code points of a text that the model looks at.
        positive_from: Targets from here on are positive where measures need to know.
        good: The label whose high score speaks for a text; null where none does.
        languages: For which it is; empty for any.
        licence: Of the weights.
        trained_on: What the examples are, in words.
        notes: What people should know, what it is not above all.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    data: ExamplesSpec
    seed: int = 0
    max_chars: int = Field(20_000, ge=1)
    positive_from: float = 0.5
    good: str | None = None
    languages: list[str] = []
    licence: str = "Apache-2.0"
    trained_on: str
    notes: str

    def describe(
        self,
        kind: Kind,
        seen: Examples,
        settings: Mapping[str, Any],
        thresholds: Mapping[str, Threshold] | None = None,
    ) -> ModelInfo:
        """Return what the model is that was trained on some examples.

        Args:
            kind: Of the model.
            seen: The examples that it has learnt from.
            settings: What its kind needs to know.
            thresholds: Label → from where on it counts.

        Raises:
            ExamplesError: The good label is none of theirs.
        """
        self.require_labels(seen)
        return ModelInfo(
            name=self.name,
            kind=kind,
            labels=list(seen.labels),
            good=self.good,
            max_chars=self.max_chars,
            languages=self.languages,
            licence=self.licence,
            trained_on=self.trained_on,
            training_digest=seen.digest(),
            thresholds=dict(thresholds or {}),
            settings=dict(settings),
        )

    def require_labels(self, examples: Examples) -> None:
        """Refuse a label that the examples do not have.

        Raises:
            ExamplesError: There is one.
        """
        for label in self.named_labels():
            if label not in examples.labels:
                raise ExamplesError(f"'{label}' is none of {', '.join(examples.labels)}")

    def named_labels(self) -> list[str]:
        """Return the labels that the configuration names."""
        return [] if self.good is None else [self.good]


Config = TypeVar("Config", bound=TrainingConfig)


def read_config(path: Path) -> dict[str, Any]:
    """Read the keys of a configuration.

    Raises:
        ExamplesError: It is no YAML, or has no keys.
        OSError: It cannot be read.
    """
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ExamplesError(f"{path} is no YAML: {error}") from None
    if not isinstance(given, dict):
        what = "nothing" if given is None else f"a {type(given).__name__}"
        raise ExamplesError(f"{path} holds {what}, and a configuration has keys")
    return given


def run_training(
    program: str,
    description: str,
    config_type: type[Config],
    train: Callable[[Config, Examples, argparse.Namespace], dict[str, Any]],
    arguments: Sequence[str] | None,
    *,
    checkpoints: bool = False,
) -> int:
    """Train a model as a command line says, print what it reaches; return the exit code.

    Args:
        program: Name of the command's module, without its package.
        description: What it does.
        config_type: Of the configuration.
        train: Trains a model: takes the configuration, examples, and options, of which `output` is the folder.
        arguments: Of the command line; None for the process's own.
        checkpoints: Whether the command keeps some, in a folder `--work`.
    """
    parser = argparse.ArgumentParser(prog=f"python -m classifiers.{program}", description=description)
    parser.add_argument("config", type=Path, help=f"YAML: see {config_type.__name__}")
    parser.add_argument("--output", type=Path, required=True, help="the model's folder")
    if checkpoints:
        parser.add_argument(
            "--work", type=Path, required=True, help="for what is kept of a training, which goes on from there"
        )
    parser.add_argument("--data", type=Path, help="the folder of the examples; that of CONFIG where not given")
    options = parser.parse_args(arguments)
    try:
        config = config_type.model_validate(read_config(options.config))
        examples = read_examples(config.data, options.data or options.config.parent)
        measures = train(config, examples, options)
    except ImportError as error:
        print(f"{program}: {error}: pip install 'gristmill[train]'", file=sys.stderr)  # noqa: T201
        return 2
    except (ExamplesError, ModelError, ValidationError, OSError) as error:
        print(f"{program}: {error}", file=sys.stderr)  # noqa: T201  (what a command says)
        return 2
    print(json.dumps(measures, indent=1, ensure_ascii=False))  # noqa: T201  (what a command says)
    return 0
