"""Small linear models, made by hand or fitted on made-up words."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from classifiers.linear import (
    GroupWeights,
    LinearClassifier,
    LinearSettings,
    LinearWeights,
    NgramGroup,
    SignalWeights,
    load_linear,
    save_linear,
    units_of,
)
from classifiers.model_folder import ModelInfo, write_info
from pipeline.kernels.linear.ngrams import count_ngrams
from pipeline.kernels.text.words import hash_words

ABOUT: dict[str, Any] = {"licence": "Apache-2.0", "trained_on": "made-up words", "training_digest": "0" * 64}


def keys_of(group: NgramGroup, texts: list[str], ignored: tuple[str, ...] = ()) -> np.ndarray[Any, Any]:
    """Return the keys of the n-grams of some texts, rising."""
    units = units_of(pa.array(texts, pa.large_string()), group, hash_words(ignored))
    return np.unique(count_ngrams(units, group.low, group.high, group.most_units).keys)


def drawn_group(group: NgramGroup, texts: list[str], labels: int, ignored: tuple[str, ...] = ()) -> GroupWeights:
    """Return weights, drawn by chance, of the n-grams of some texts."""
    keys, draw = keys_of(group, texts, ignored), np.random.default_rng(3)
    return GroupWeights(
        keys,
        draw.uniform(1, 5, len(keys)).astype(np.float32),
        draw.integers(-127, 128, (len(keys), labels)).astype(np.int8),
        np.full(labels, 0.03, np.float32),
    )


def linear_folder(
    folder: Path,
    settings: LinearSettings,
    weights: LinearWeights,
    labels: list[str],
    **about: Any,
) -> Path:
    """Write a model; return its folder."""
    save_linear(folder, settings, weights)
    write_info(folder, ModelInfo(**{"name": folder.name, "kind": "linear", "labels": labels, **ABOUT, **about}
                                 | {"settings": settings.model_dump(mode="json")}))  # fmt: skip
    return folder


def weights_of(
    groups: list[GroupWeights],
    labels: int,
    signals: list[SignalWeights] | None = None,
    biases: list[float] | None = None,
) -> LinearWeights:
    """Return weights with slopes of one."""
    start = np.array(biases or [0.0] * labels, np.float32)
    return LinearWeights(tuple(groups), tuple(signals or ()), start, np.ones(labels, np.float32))


def word_model(folder: Path, word_weights: dict[str, int], label: str = "quality", **about: Any) -> LinearClassifier:
    """Write a model that knows some single words: log-odds of the weight / 10 of a text of one of them alone."""
    group = NgramGroup(unit="words", low=1, high=1)
    keys = {int(keys_of(group, [word])[0]): weight for word, weight in word_weights.items()}
    rows = sorted(keys)
    parts = GroupWeights(
        np.array(rows, np.uint32),
        np.ones(len(rows), np.float32),
        np.array([[keys[row]] for row in rows], np.int8),
        np.array([0.1], np.float32),
    )
    settings = LinearSettings(groups=(group,))
    return load_linear(linear_folder(folder, settings, weights_of([parts], 1), [label], **about))
