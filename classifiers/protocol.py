"""What every classifier can do, whatever it is made of."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from classifiers.model_folder import ModelInfo

Scores = npt.NDArray[np.float32]


class Classifier(Protocol):
    """A model that scores texts.

    A text's scores depend on the text alone, not on those beside it. They are probabilities for the kinds that know
    any, and the model's own values for regressions: `info` says which end is good.
    """

    @property
    def info(self) -> ModelInfo:
        """What the model is."""

    def predict(self, texts: Sequence[str]) -> Scores:
        """Score texts, float32 (texts, labels), in the order of `info.labels`."""
