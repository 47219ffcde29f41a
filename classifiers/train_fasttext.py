"""Trains a model of fastText's: `python -m classifiers.train_fasttext CONFIG.yaml --output FOLDER`.

A linear model (`train_linear`) is better on most tasks, and the same on each run; this is for those who need a fastText
file. Two trainings with one seed give two files: fastText's threads write into each other's weights (Recht et al.,
2011), and with fewer than ten of them release 0.9.3 leaves most of the input matrix as the memory was before.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from pydantic import Field

from classifiers.fasttext_files.model import FastTextSettings, load_fasttext
from classifiers.model_folder import CARD, ModelError, write_info
from classifiers.normalisers import normaliser_of
from classifiers.protocol import as_strings
from classifiers.training.cards import card_of
from classifiers.training.config import TrainingConfig, run_training
from classifiers.training.errors import ExamplesError
from classifiers.training.examples import Examples
from classifiers.training.folds import FOLDS, folds_of
from classifiers.training.measures import measure

FEWEST_THREADS: Final = 10
"""fastText 0.9.3 fills a tenth of its input matrix in each of its first ten threads (`DenseMatrix::uniform`)."""
LARGEST: Final = 1e4
"""A weight of a model that learnt is some ones or tens; what memory held before is of any size."""
_PREFIX: Final = "__label__"


class FastTextTraining(TrainingConfig):
    """How a model of fastText's is trained.

    Attributes:
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
    """

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
    info = config.describe("fasttext", seen, settings.model_dump(mode="json", exclude_defaults=True))
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent) as temporary:
        folder = Path(temporary) / output.name
        folder.mkdir()
        lines = Path(temporary) / "examples.txt"
        lines.write_text(_lines(seen, config), encoding="utf-8")
        _fit(config, examples, lines).save_model(str(folder / settings.file))
        write_info(folder, info)
        measures = measure(load_fasttext(folder).predict(unseen.texts), unseen, config.positive_from)
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
    import fasttext

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
    return run_training(
        "train_fasttext",
        __doc__.partition("\n")[0],
        FastTextTraining,
        lambda config, examples, options: train(config, examples, options.output),
        arguments,
    )


if __name__ == "__main__":
    sys.exit(main())
