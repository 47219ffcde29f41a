"""The upsampling curve: how often documents stand in the mix, by the quality bucket that they lie in.

Of documents at share x of the tokens, from the worst to the best, u(x) = C · x'^power · exp(rate · x'), where
x' = (x − bottom) / (1 − bottom), and nothing below `bottom` (the family of Dolma 3's mix). A curve is flat with power 0
and rate 0. C follows from the tokens that the mix asks for, or from `integral`; no document stands in the mix more
often than `cap`, so that the curve is flat where it would go beyond.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from pipeline.engine.stage import Params
from pipeline.mixing.shares import BUCKETS

Array = npt.NDArray[np.float64]
_STEPS = 64
"""Points at which the curve is averaged within a bucket."""


class CurveParams(Params):
    """How often documents stand in the mix, by quality: u(x) = C · x'^power · exp(rate · x') above the bottom."""

    power: float = Field(0.0, ge=0, le=32)
    """0 for a flat curve, as Llama 3 mixes; 1 for a straight line from nothing for the worst."""
    rate: float = Field(0.0, ge=0, le=50)
    """Of the exponential: how much more the very best count."""
    bottom: float = Field(0.0, ge=0, le=0.95)
    """Share of the tokens of a language and category, from the worst, that stands in no mix; Dolma 3 has .4."""
    cap: float | None = Field(None, gt=0)
    """Times a document may stand in the mix; null for `max_epochs`."""
    integral: float | None = Field(None, gt=0)
    """Times the tokens of a topic stand in the mix at most, on average; null for as often as the shares ask for."""

    def values(self) -> Array:
        """Return the curve's mean in each bucket, float64 (BUCKETS,), of mean 1 over all.

        >>> CurveParams(power=1.0).values()[[0, 10, 19]].round(3).tolist()
        [0.05, 1.05, 1.95]
        """
        points = (np.arange(BUCKETS * _STEPS) + 0.5) / (BUCKETS * _STEPS)
        above = np.clip((points - self.bottom) / (1 - self.bottom), 0, None)
        heights: Any = np.where(points < self.bottom, 0.0, above**self.power * np.exp(self.rate * above))
        means = heights.reshape(BUCKETS, _STEPS).mean(axis=1)
        return np.asarray(means / means.mean())
