"""Linear models over n-grams and surface signals: small, quick, and the same on any machine."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from classifiers.model_folder import ModelError, ModelInfo, read_info
from classifiers.protocol import Scores, Texts, as_arrow
from pipeline.kernels.linear.ngrams import Table, add_scores, table_of
from pipeline.kernels.linear.units import Units, characters_of, tokens_of
from pipeline.kernels.signals.measure import measure_signals
from pipeline.kernels.text.words import find_words, hash_words

WEIGHTS: Final = "weights.npz"
_SIGNIFICANT: Final = 6
"""Decimals of a score that are kept: the last bits of an exponential differ between processors."""


class NgramGroup(BaseModel):
    """N-grams of one kind, scaled to length 1 by themselves.

    Attributes:
        of: What is looked at.
        unit: Of what they are made: words; tokens, which are words, signs and indentations; characters.
        low: Units of the shortest.
        high: Units of the longest.
        most_units: Units that are looked at, from the start.
        most_ngrams: N-grams of the model at the most, those that most documents have.
        min_documents: Documents in which an n-gram stands at the least.
        weight: What the group counts beside others.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    of: Literal["text", "url"] = "text"
    unit: Literal["words", "tokens", "characters"] = "tokens"
    low: int = Field(1, ge=1)
    high: int = Field(2, ge=1)
    most_units: int = Field(4_000, ge=1)
    most_ngrams: int = Field(200_000, ge=1)
    min_documents: int = Field(2, ge=1)
    weight: float = Field(1.0, gt=0)

    @model_validator(mode="after")
    def _has_lengths(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"n-grams of {self.low} to {self.high} units are none: low is above high")
        return self


class LinearSettings(BaseModel):
    """What a linear model looks at.

    Attributes:
        groups: Its n-grams.
        signals: Surface signals (`schemas.signals`), each told by which of some ranges it lies in.
        ignored: Words of texts that it does not see, so that its scores cannot depend on them.
        activation: softmax, of labels that exclude each other; sigmoid, of each by itself; none, of regressions.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    groups: tuple[NgramGroup, ...] = (NgramGroup(),)
    signals: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    activation: Literal["softmax", "sigmoid", "none"] = "sigmoid"

    @field_validator("ignored")
    @classmethod
    def _single_words(cls, ignored: tuple[str, ...]) -> tuple[str, ...]:
        hash_words(ignored)
        return ignored


class GroupWeights(NamedTuple):
    """The weights of a group of n-grams.

    Attributes:
        keys: Of the n-grams, uint32 (n-grams,).
        idf: What their counts are multiplied by, float32 (n-grams,).
        weights: In units of `scales`, int8 (n-grams, labels).
        scales: float32 (labels,).
    """

    keys: npt.NDArray[np.uint32]
    idf: npt.NDArray[np.float32]
    weights: npt.NDArray[np.int8]
    scales: npt.NDArray[np.float32]


class SignalWeights(NamedTuple):
    """The weights of a signal.

    Attributes:
        edges: Where its ranges end, rising, float64 (ranges - 1,).
        weights: float32 (ranges, labels).
    """

    edges: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float32]


class LinearWeights(NamedTuple):
    """The weights of a model.

    Attributes:
        groups: As in the settings.
        signals: Likewise.
        biases: What every text begins with, float32 (labels,).
        slopes: What sums are multiplied by to make probabilities of them, float32 (labels,) (Platt, 1999).
    """

    groups: tuple[GroupWeights, ...]
    signals: tuple[SignalWeights, ...]
    biases: npt.NDArray[np.float32]
    slopes: npt.NDArray[np.float32]


class LinearClassifier:
    """A linear model.

    Args:
        info: What it is; its settings are `LinearSettings`.
        weights: Its weights.
    """

    def __init__(self, info: ModelInfo, weights: LinearWeights) -> None:
        self.info = info
        self.settings = LinearSettings.model_validate(info.settings)
        self._weights = weights
        self._ignored = hash_words(self.settings.ignored)
        self._tables: tuple[Table, ...] = tuple(table_of(group.keys) for group in weights.groups)

    def predict(self, texts: Texts, urls: Texts | None = None) -> Scores:
        """Score texts, float32 (texts, labels)."""
        return activated(self.sums(texts, urls), self.settings.activation)

    def sums(self, texts: Texts, urls: Texts | None = None) -> npt.NDArray[np.float64]:
        """Return what the activation is applied to: log-odds, float64 (texts, labels)."""
        weights = self._weights
        shown = pc.utf8_slice_codeunits(as_arrow(texts), 0, self.info.max_chars)
        total = np.zeros((len(shown), len(self.info.labels)))
        for group, parts, table in zip(self.settings.groups, weights.groups, self._tables, strict=True):
            units = units_of(shown if group.of == "text" else shown_urls(urls, len(shown)), group, self._ignored)
            sums = np.zeros_like(total)
            add_scores(units, (group.low, group.high, group.most_units), table, parts.idf, parts.weights, sums)
            total += sums * (parts.scales.astype(np.float64) * group.weight)
        if self.settings.signals:
            signals = measure_signals(shown)
            for name, signal in zip(self.settings.signals, weights.signals, strict=True):
                total += signal.weights[np.searchsorted(signal.edges, signals[name], side="right")]
        return (total + weights.biases) * weights.slopes


def activated(sums: npt.NDArray[np.float64], activation: str) -> Scores:
    """Return scores from sums, float32 (texts, labels)."""
    if activation == "softmax":
        powers = np.exp(sums - sums.max(axis=1, keepdims=True))
        scores = powers / powers.sum(axis=1, keepdims=True)
    else:
        scores = 1 / (1 + np.exp(-sums)) if activation == "sigmoid" else sums
    rounded: Scores = np.round(scores, _SIGNIFICANT).astype(np.float32)
    return rounded


def units_of(texts: pa.Array, group: NgramGroup, ignored: npt.NDArray[np.uint64]) -> Units:
    """Return the units of texts.

    Args:
        texts: What a group looks at: texts or URLs.
        group: Of which units.
        ignored: Sorted hashes of words that are left out, uint64 (words,).
    """
    if group.unit == "characters":
        return characters_of(texts)
    units = tokens_of(texts) if group.unit == "tokens" else Units(*find_words(texts)[:2])
    return _without(units, ignored) if len(ignored) else units


def _without(units: Units, ignored: npt.NDArray[np.uint64]) -> Units:
    """Return units without some words."""
    stays = ignored[np.searchsorted(ignored, units.hashes) % len(ignored)] != units.hashes
    ends = np.append(0, np.cumsum(stays))
    return Units(ends[units.offsets], units.hashes[stays])


def shown_urls(urls: Texts | None, count: int) -> pa.Array:
    """Return URLs without scheme and `www.`, as models see them; empty ones where there are none."""
    if urls is None:
        return pa.array([""] * count, pa.large_string())
    return pc.replace_substring_regex(as_arrow(urls), "(?i)^[a-z]+://(www[.])?", "")


def load_linear(folder: Path) -> LinearClassifier:
    """Load a model that `save_linear` wrote.

    Raises:
        ModelError: The folder is no linear model.
    """
    info = read_info(folder)
    if info.kind != "linear":
        raise ModelError(f"{folder} is a model of kind {info.kind}, not linear")
    settings = LinearSettings.model_validate(info.settings)
    with np.load(folder / WEIGHTS, allow_pickle=False) as stored:
        groups = [GroupWeights(*_parts(stored, f"group{n}", GroupWeights._fields)) for n in range(len(settings.groups))]
        signals = [SignalWeights(*_parts(stored, name, SignalWeights._fields)) for name in settings.signals]
        weights = LinearWeights(tuple(groups), tuple(signals), stored["biases"], stored["slopes"])
    return LinearClassifier(info, weights)


def _parts(stored: Any, name: str, fields: Sequence[str]) -> list[Any]:
    return [stored[f"{name}.{field}"] for field in fields]


def save_linear(folder: Path, settings: LinearSettings, weights: LinearWeights) -> None:
    """Write the weights of a model; `write_info` writes what it is."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {"biases": weights.biases, "slopes": weights.slopes}
    for number, group in enumerate(weights.groups):
        arrays |= {f"group{number}.{field}": value for field, value in group._asdict().items()}
    for name, signal in zip(settings.signals, weights.signals, strict=True):
        arrays |= {f"{name}.{field}": value for field, value in signal._asdict().items()}
    with (folder / WEIGHTS).open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
