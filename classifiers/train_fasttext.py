"""Trains a model of fastText's: `python -m classifiers.train_fasttext CONFIG.yaml --output FOLDER`.

A linear model (`train_linear`) is better on most tasks, and the same on each run; this is for those who need a fastText
file. Two trainings with one seed give two files: fastText's threads write into each other's weights (Recht et al.,
2011), and with fewer than ten of them release 0.9.3 leaves most of the input matrix as the memory was before.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from classifiers.fasttext_model import FastTextSettings, load_fasttext
from classifiers.model_folder import CARD, ModelError, ModelInfo, write_info
from classifiers.normalisers import normaliser_of
from classifiers.protocol import as_strings
from classifiers.training.cards import card_of
from classifiers.training.examples import Examples, ExamplesError, ExamplesSpec, read_examples
from classifiers.training.folds import FOLDS, folds_of
from classifiers.training.measures import measure

FEWEST_THREADS: Final = 10
"""fastText 0.9.3 fills a tenth of its input matrix in each of its first ten threads (`DenseMatrix::uniform`)."""
LARGEST: Final = 1e4
"""A weight of a model that learnt is some ones or tens; what memory held before is of any size."""
_PREFIX: Final = "__label__"


class FastTextTraining(BaseModel):
    """How a model of fastText's is trained.

    Attributes:
        name: Of the model.
        data: Its examples, of labels; files are relative to `--data`, or to the configuration.
        normaliser: What is done to texts, in training and ever after. `ultra-fineweb` is not among them: a model of
            one's own has no use for another one's tokenizer.
        dim: Numbers of a word's vector.
        epochs: Times that each example is seen.
        learning_rate: At the start; it falls to 0.
        word_ngrams: Words of the longest n-gram.
        buckets: Into which n-grams are hashed.
        shortest_part: Letters of a word's shortest part; 0 for whole words alone.
        longest_part: Letters of its longest.
        fewest: Times that a word must occur.
        threads: At least ten, however many cores there are.
        quantised: Whether the file is made small, at a little cost.
        seed: Of folds and training; the file is another one each time all the same.
        max_chars: Code points of a text that the model looks at.
        good: The label whose high score speaks for a text; null where none does.
        languages: For which it is; empty for any.
        licence: Of the weights.
        trained_on: What the examples are, in words.
        notes: What people should know, what it is not above all.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    data: ExamplesSpec
    normaliser: Literal["newlines-to-spaces", "none"] = "newlines-to-spaces"
    dim: int = Field(100, ge=1)
    epochs: int = Field(5, ge=1)
    learning_rate: float = Field(0.5, gt=0)
    word_ngrams: int = Field(2, ge=1)
    buckets: int = Field(2_000_000, ge=1)
    shortest_part: int = Field(0, ge=0)
    longest_part: int = Field(0, ge=0)
    fewest: int = Field(1, ge=1)
    threads: int = Field(12, ge=FEWEST_THREADS)
    quantised: bool = False
    seed: int = 0
    max_chars: int = Field(20_000, ge=1)
    good: str | None = None
    languages: list[str] = []
    licence: str = "Apache-2.0"
    trained_on: str
    notes: str


def train(config: FastTextTraining, examples: Examples, output: Path) -> dict[str, Any]:
    """Train a model on four folds of five, write its folder and return what it reaches on the fifth.

    Raises:
        ExamplesError: The examples have scores, weights or labels that fastText cannot learn.
        ModelError: The folder is there already, or fastText left numbers in its matrix that no training made.
    """
    _require_plain_labels(examples)
    if output.exists():
        raise ModelError(f"{output} is there already: nothing is overwritten")
    folds = folds_of(examples.groups, seed=config.seed)
    seen, unseen = (examples.take(np.flatnonzero(rows)) for rows in (folds != 0, folds == 0))
    if not len(seen) or not len(unseen):
        raise ExamplesError(
            f"{len(examples)} examples of {len(set(examples.groups))} groups are too few to hold some out"
        )
    settings = FastTextSettings(file="model.ftz" if config.quantised else "model.bin", normaliser=config.normaliser)
    info = ModelInfo(
        name=config.name,
        kind="fasttext",
        labels=list(examples.labels),
        good=config.good,
        max_chars=config.max_chars,
        languages=config.languages,
        licence=config.licence,
        trained_on=config.trained_on,
        training_digest=seen.digest(),
        settings=settings.model_dump(mode="json", exclude_defaults=True),
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent) as temporary:
        folder = Path(temporary) / output.name
        folder.mkdir()
        lines = Path(temporary) / "examples.txt"
        lines.write_text(_lines(seen, config), encoding="utf-8")
        _fit(config, examples, lines).save_model(str(folder / settings.file))
        write_info(folder, info)
        measures = measure(load_fasttext(folder).predict(unseen.texts), unseen)
        looks_at = (
            f"words and their 1- to {config.word_ngrams}-grams; not bit-reproducible: each training differs a little"
        )
        where = f"{len(unseen):,} examples of a fold of {FOLDS} that it has not seen"
        (folder / CARD).write_text(card_of(info, looks_at, measures, where, config.notes), encoding="utf-8")
        folder.rename(output)
    return measures


def _require_plain_labels(examples: Examples) -> None:
    """Refuse what fastText would not learn as it was meant."""
    if not np.isin(examples.targets, (0.0, 1.0)).all():
        raise ExamplesError("fastText learns labels, and these examples have scores or probabilities")
    if np.ptp(examples.weights) > 0:
        raise ExamplesError("fastText takes each example alike, and these have weights")
    if wrong := [label for label in examples.labels if not label or label.split() != [label]]:
        raise ExamplesError(f"a label of fastText's is one word: {', '.join(map(repr, wrong))}")


def _lines(examples: Examples, config: FastTextTraining) -> str:
    """Return examples as fastText reads them: labels, then the text, a line each."""
    shown = [text[: config.max_chars] for text in as_strings(examples.texts)]
    lines = []
    for targets, text in zip(examples.targets, normaliser_of(config.normaliser)(shown), strict=True):
        labels = [_PREFIX + examples.labels[column] for column in np.flatnonzero(targets)]
        # A word of the text that looks like a label would be learnt as one.
        lines.append(" ".join([*labels, text.replace(_PREFIX, "_")]).encode("utf-8", "replace").decode())
    return "\n".join(lines) + "\n"


def _fit(config: FastTextTraining, examples: Examples, lines: Path) -> Any:
    import fasttext  # noqa: PLC0415  (compiled)

    model = fasttext.train_supervised(
        str(lines),
        dim=config.dim,
        epoch=config.epochs,
        lr=config.learning_rate,
        wordNgrams=config.word_ngrams,
        bucket=config.buckets,
        minn=config.shortest_part,
        maxn=config.longest_part,
        minCount=config.fewest,
        loss="softmax" if examples.exclusive else "ova",
        thread=config.threads,
        seed=config.seed,
        verbose=0,
    )
    require_sound(model.get_input_matrix())
    if config.quantised:
        model.quantize(str(lines), qnorm=True, thread=config.threads, verbose=0)
    return model


def require_sound(matrix: np.ndarray[Any, Any]) -> None:
    """Refuse a matrix that has numbers in it which no training made.

    Raises:
        ModelError: A number is infinite, none at all, or beyond `LARGEST`.

    >>> require_sound(np.zeros((2, 2)))
    """
    largest = np.abs(matrix).max()
    if not np.isfinite(largest) or largest > LARGEST:
        raise ModelError(f"the input matrix holds {largest:g}: memory that fastText never filled. Train again")


def main(arguments: Sequence[str] | None = None) -> int:
    """Train a model as the command line says; return the exit code."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(
        prog="python -m classifiers.train_fasttext", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("config", type=Path, help="YAML: see FastTextTraining")
    parser.add_argument("--output", type=Path, required=True, help="the model's folder")
    parser.add_argument("--data", type=Path, help="the folder of the examples; that of CONFIG where not given")
    options = parser.parse_args(arguments)
    try:
        config = FastTextTraining.model_validate(yaml.safe_load(options.config.read_text(encoding="utf-8")))
        examples = read_examples(config.data, options.data or options.config.parent)
        measures = train(config, examples, options.output)
    except (ExamplesError, ModelError, ValidationError, OSError, yaml.YAMLError) as error:
        print(f"train_fasttext: {error}", file=sys.stderr)  # noqa: T201  (what a command says)
        return 2
    print(json.dumps(measures, indent=1, ensure_ascii=False))  # noqa: T201  (what a command says)
    return 0


if __name__ == "__main__":
    sys.exit(main())
