"""Sentence vectors of one encoder or several, and a small head on them; n-grams may have a say beside it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from pydantic import ConfigDict, Field, field_validator

from classifiers.encoders.dense_head import HEAD, apply_head, load_head
from classifiers.encoders.encoder import Encoder
from classifiers.encoders.scores import aggregated, graded, label_columns, scores_of
from classifiers.encoders.settings import Backbone, Reading
from classifiers.linear import load_linear
from classifiers.model_files.located import checked
from classifiers.model_folder import INFO, ModelError, ModelInfo, read_info
from classifiers.protocol import Scores, Texts

_SMALLEST: Final = 1e-12
"""No vector is divided by less."""


class EmbeddingSettings(Reading):
    """What a head on sentence vectors needs to know.

    Attributes:
        embeddings: The encoders; their vectors stand one after the other. Each pools by mean or cls.
        unit_length: Whether each encoder's vector is scaled to length 1.
        head: The head's weights, an .npz in the model's folder.
        ngrams: A linear model of the same labels whose scores are averaged in: a folder inside the model's.
        ngrams_share: What they count, of 1.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    embeddings: tuple[Backbone, ...] = Field(min_length=1)
    unit_length: bool = True
    head: str = HEAD
    ngrams: str | None = None
    ngrams_share: float = Field(0.5, gt=0, lt=1)

    @field_validator("embeddings")
    @classmethod
    def _pool_themselves(cls, embeddings: tuple[Backbone, ...]) -> tuple[Backbone, ...]:
        if any(backbone.pool == "model" for backbone in embeddings):
            raise ValueError("an embedding's pool is mean or cls: with `model` an encoder answers without a vector")
        return embeddings


def text_vectors(encoder: Encoder, texts: Texts, urls: Texts | None) -> npt.NDArray[np.float32]:
    """Return an encoder's vectors of some texts, at least one, float32 (texts, width): of windows, the mean."""
    return np.concatenate([aggregated(*windows, "length-weighted") for windows in encoder.read(texts, urls)])


def joined(vectors: Sequence[npt.NDArray[np.float32]], unit_length: bool) -> npt.NDArray[np.float64]:  # noqa: FBT001
    """Return the vectors of several encoders one after the other, float64 (texts, width of all).

    Args:
        vectors: Of each encoder, (texts, width).
        unit_length: Whether each encoder's vector is scaled to length 1.

    >>> joined([np.array([[3.0, 4.0]], np.float32), np.array([[2.0]], np.float32)], True).tolist()
    [[0.6, 0.8, 1.0]]
    """
    parts = [part.astype(np.float64) for part in vectors]
    if unit_length:
        parts = [part / np.maximum(np.linalg.norm(part, axis=1, keepdims=True), _SMALLEST) for part in parts]
    return np.concatenate(parts, axis=1)


def averaged(scores: Scores, ngrams: Scores, share: float) -> Scores:
    """Return scores into which those of n-grams are averaged; `share` is what these count, of 1."""
    mean: Scores = ((1 - share) * scores + share * ngrams).astype(np.float32)
    return mean


class EmbeddingClassifier:
    """Sentence vectors and a head.

    Args:
        folder: Where the head is.
        info: What it is; its settings are `EmbeddingSettings`.

    Raises:
        ModelError: Something of it is missing or another than it was, or the labels are not its own.
    """

    def __init__(self, folder: Path, info: ModelInfo) -> None:
        self.info = info
        self.settings = EmbeddingSettings.model_validate(info.settings)
        self._columns = label_columns(info.labels, self.settings)
        self._head = load_head(checked(folder, info, folder / self.settings.head, None), len(self.settings.outputs))
        self._encoders = [Encoder(folder, info, named) for named in self.settings.embeddings]
        self._ngrams = None
        if self.settings.ngrams is not None:
            path = folder / self.settings.ngrams
            if not path.resolve().is_relative_to(folder.resolve()):
                raise ModelError(f"{folder}: the n-grams' model {self.settings.ngrams} is not inside")
            checked(folder, info, path / INFO, None)
            self._ngrams = load_linear(path)
            if self._ngrams.info.labels != info.labels:
                raise ModelError(f"{folder}: the n-grams' labels are {self._ngrams.info.labels}, not {info.labels}")

    def vectors(self, texts: Texts, urls: Texts | None = None) -> npt.NDArray[np.float64]:
        """Return what the head is applied to, float64 (texts, width of all embeddings)."""
        if len(texts) == 0:
            return np.zeros((0, len(self._head[0].weights)))
        return joined([text_vectors(encoder, texts, urls) for encoder in self._encoders], self.settings.unit_length)

    def predict(self, texts: Texts, urls: Texts | None = None) -> Scores:
        """Score texts, float32 (texts, labels)."""
        if len(texts) == 0:
            return np.zeros((0, len(self.info.labels)), np.float32)
        scores = scores_of(apply_head(self._head, self.vectors(texts, urls)), self.settings, self._columns)
        if self._ngrams is not None:
            share = self.settings.ngrams_share
            scores = averaged(scores, self._ngrams.predict(texts, urls), share)
        return graded(scores, self.settings.rounding)


def load_embedding_head(folder: Path) -> EmbeddingClassifier:
    """Load a head on sentence vectors.

    Raises:
        ModelError: The folder is none, or its encoder is not on this machine.
    """
    info = read_info(folder)
    if info.kind != "embedding+head":
        raise ModelError(f"{folder} is a model of kind {info.kind}, not embedding+head")
    return EmbeddingClassifier(folder, info)
