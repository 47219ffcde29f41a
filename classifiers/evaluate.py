"""Measures a model on labelled documents: `python -m classifiers.evaluate MODEL EXAMPLES.yaml`.

EXAMPLES is the specification of examples (`training.examples.ExamplesSpec`), or a configuration of a training, whose
`data` it is. Of examples that the model was trained on, measures say nothing of others: the card has those of unseen
ones.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydantic import ValidationError

from classifiers.load import load_classifier, model_path
from classifiers.model_folder import CARD, ModelError
from classifiers.protocol import Classifier
from classifiers.training.config import read_config
from classifiers.training.errors import ExamplesError
from classifiers.training.examples import Examples, ExamplesSpec, read_examples
from classifiers.training.measures import measure

_BATCH: Final = 256
_HEADING: Final = "## Measured on other examples"


def evaluate(model: Classifier, examples: Examples, positive_from: float = 0.5) -> dict[str, Any]:
    """Return what a model reaches on examples, by `training.measures.measure`, and documents per second of CPU time.

    Args:
        model: A model, one of whose labels at least the examples know.
        examples: What is true, of which the measured ones are scored; labels that the model does not have are left
            out where they do not exclude each other.
        positive_from: Targets from here on are positive.

    Raises:
        ExamplesError: They have no label in common, or labels exclude each other and the model lacks some.
    """
    shared = [label for label in examples.labels if label in model.info.labels]
    if not shared or (examples.exclusive and len(shared) < len(examples.labels)):
        raise ExamplesError(f"the model has the labels {model.info.labels}, the examples {list(examples.labels)}")
    columns = [examples.labels.index(label) for label in shared]
    measured = examples.take(np.flatnonzero(examples.measured))
    asked = replace(measured, targets=measured.targets[:, columns], labels=tuple(shared))
    model.predict(asked.texts[:1], None if asked.urls is None else asked.urls[:1])  # what is loaded once is no speed
    started = time.process_time()
    batches = range(0, len(asked), _BATCH)
    scores = [
        model.predict(asked.texts[at : at + _BATCH], None if asked.urls is None else asked.urls[at : at + _BATCH])
        for at in batches
    ]
    spent = time.process_time() - started
    order = [model.info.labels.index(label) for label in shared]
    merged = np.concatenate(scores)[:, order]
    return {**measure(merged, asked, positive_from), "documents_per_second": round(len(asked) / spent, 1)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure a model as the command line says; return the exit code."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(prog="python -m classifiers.evaluate", description=__doc__.partition("\n")[0])
    parser.add_argument("model", help="a model that ships, the folder of one, or a name of the registry")
    parser.add_argument("examples", type=Path, help="YAML: where the examples are")
    parser.add_argument("--data", type=Path, help="the folder of the examples; that of EXAMPLES where not given")
    parser.add_argument("--positive-from", type=float, default=0.5, help="targets from here on are positive")
    parser.add_argument("--card", action="store_true", help="write the measures into the model's card")
    options = parser.parse_args(arguments)
    try:
        card = _card_of(options.model) if options.card else None
        given = read_config(options.examples)
        spec = ExamplesSpec.model_validate(given.get("data", given))
        examples = read_examples(spec, options.data or options.examples.parent)
        measures = evaluate(load_classifier(options.model), examples, options.positive_from)
    except (ExamplesError, ModelError, ValidationError, OSError) as error:
        print(f"evaluate: {error}", file=sys.stderr)  # noqa: T201  (what a command says)
        return 2
    report = json.dumps(measures, indent=1, ensure_ascii=False)
    print(report)  # noqa: T201  (what a command says)
    if card is not None:
        before = card.read_text(encoding="utf-8").partition(_HEADING)[0].rstrip()
        what = f"{int(examples.measured.sum()):,} of {len(examples):,} examples, sha256 `{examples.digest()}`"
        card.write_text(f"{before}\n\n{_HEADING}\n\n{what}:\n\n```\n{report}\n```\n", encoding="utf-8")
    return 0


def _card_of(name: str) -> Path:
    """Return the card of a model; looked for first, since measuring takes its time."""
    card = model_path(name) / CARD
    if not card.is_file():
        raise ModelError(f"{card.parent} holds no {CARD}, into which --card would write")
    return card


if __name__ == "__main__":
    sys.exit(main())
