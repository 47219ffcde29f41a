"""What every classifier can do, whatever it is made of."""

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from classifiers.model_folder import ModelInfo

Texts: TypeAlias = Sequence[str | None] | pa.Array
"""Texts, or as many URLs: a sequence or an Arrow array of strings. A null is an empty text."""
Scores: TypeAlias = npt.NDArray[np.float32]
"""float32 (texts, labels)."""


class Classifier(Protocol):
    """A model that scores texts.

    A text's scores depend on the text (and its URL) alone, not on those beside it. They are probabilities for the kinds
    that know any, and the model's own values for regressions: `info` says which end is good.
    """

    @property
    def info(self) -> ModelInfo:
        """What the model is."""

    def predict(self, texts: Texts, urls: Texts | None = None) -> Scores:
        """Score texts, float32 (texts, labels), in the order of `info.labels`.

        Args:
            texts: What is scored.
            urls: Where each stood, for models that look at it; None where nobody knows.
        """


def as_arrow(texts: Texts) -> pa.Array:
    """Return texts as an Arrow array of large strings."""
    if isinstance(texts, pa.Array):
        return texts.cast(pa.large_string())
    return pa.array(texts, pa.large_string())


def as_strings(texts: Texts) -> list[str]:
    """Return texts as Python strings, a null as an empty one."""
    listed = texts.to_pylist() if isinstance(texts, pa.Array) else texts
    return [text or "" for text in listed]
