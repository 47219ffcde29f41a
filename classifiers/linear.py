"""Linear models over n-grams of words: small, quick, and the same on any machine."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from classifiers.model_folder import ModelError, ModelInfo, read_info
from classifiers.protocol import Scores
from pipeline.kernels.text.ngrams import LinearWeights, score_linear
from pipeline.kernels.text.words import find_words

WEIGHTS: Final = "weights.npz"


class LinearClassifier:
    """A linear model with a logistic function per label, or a softmax over labels that exclude each other.

    Args:
        info: What it is.
        weights: Its weights.
        exclusive: Whether a text has one label alone.
    """

    def __init__(self, info: ModelInfo, weights: LinearWeights, *, exclusive: bool) -> None:
        self.info = info
        self._weights = weights
        self._exclusive = exclusive

    def predict(self, texts: Sequence[str]) -> Scores:
        """Score texts: probabilities, float32 (texts, labels)."""
        shown = pa.array([text[: self.info.max_chars] for text in texts], pa.large_string())
        odds = score_linear(find_words(shown), self._weights)
        if self._exclusive:
            odds -= odds.max(axis=1, keepdims=True)
            likely = np.exp(odds)
            likely /= likely.sum(axis=1, keepdims=True)
        else:
            likely = 1 / (1 + np.exp(-odds))
        return np.round(likely, 7).astype(np.float32)


def load_linear(folder: Path) -> LinearClassifier:
    """Load a model that `save_linear` wrote.

    Raises:
        ModelError: The folder is no linear model.
    """
    info = read_info(folder)
    if info.kind != "linear":
        raise ModelError(f"{folder} is a model of kind {info.kind}, not linear")
    with np.load(folder / WEIGHTS, allow_pickle=False) as stored:
        weights = LinearWeights(*(stored[name] for name in LinearWeights._fields))
        exclusive = bool(stored["exclusive"])
    return LinearClassifier(info, weights, exclusive=exclusive)


def save_linear(folder: Path, weights: LinearWeights, *, exclusive: bool) -> None:
    """Write the weights of a model; `write_info` writes what it is."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {**weights._asdict(), "exclusive": np.array(exclusive)}
    with (folder / WEIGHTS).open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
