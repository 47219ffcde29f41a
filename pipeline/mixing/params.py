"""Parameters by which documents are drawn: those of the mix, and of the annealing set."""

from typing import Self

from pydantic import Field, field_validator, model_validator

from pipeline.engine.stage import Params
from pipeline.mixing.curve import CurveParams
from pipeline.mixing.shares import parse_shares

TOPIC_FACTORS = {"Art & Design": 0.5, "Entertainment": 0.5}
"""Arts and entertainment are over-represented on the web, and Llama 3 samples them down; it does not say how far."""
TEMPERATURE = 1 / 0.3
"""XLM-R and mT5 sample languages by the power .3 of their sizes."""


class DrawParams(Params):
    """What the draws depend on."""

    seed: int = 0
    """Another seed draws other documents."""


class CellParams(Params):
    """What cell a document lies in, and which documents take part at all."""

    copies: dict[int, float] = Field(default_factory=dict)
    """Documents that one stands for, itself with its exact and near copies → how often it counts from so many on;
    empty: copies count for nothing. FineWeb-2 has {1: 1, 2: 2, 3: 3, 5: 5, 100: 8, 1000: 1}."""

    @field_validator("copies")
    @classmethod
    def _counts(cls, copies: dict[int, float]) -> dict[int, float]:
        if any(count < 1 for count in copies) or any(weight < 0 for weight in copies.values()):
            raise ValueError("copies are counted from 1, and their weights must not be negative")
        return dict(sorted(copies.items()))


class AllocationParams(CellParams, DrawParams):
    """How many tokens each cell is asked for."""

    weights: dict[str, float]
    """category → share of tokens; `category/topic` and `multilingual/language` are for some documents of one,
    `category/topic/low-high` for some quality buckets (0 to 19), `*` for every topic that is not named."""
    max_epochs: float = Field(4.0, gt=0)
    """Times a document may stand in the release; above four, repeats teach little (Muennighoff et al. 2023)."""
    curve: CurveParams = CurveParams()
    """How often documents stand in the mix by their quality."""
    topic_factors: dict[str, float] = TOPIC_FACTORS
    """topic → times its natural share of `general`, where weights name no topic; {} keeps the natural shares."""
    language_temperature: float = Field(TEMPERATURE, ge=1)
    """Languages of `multilingual` count by the power 1/temperature of their tokens; 1 for natural shares."""

    @field_validator("weights")
    @classmethod
    def _paths(cls, weights: dict[str, float]) -> dict[str, float]:
        parse_shares(weights)
        return weights

    @field_validator("topic_factors")
    @classmethod
    def _not_negative(cls, factors: dict[str, float]) -> dict[str, float]:
        if any(factor < 0 for factor in factors.values()):
            raise ValueError("factors must not be negative")
        return factors

    @model_validator(mode="after")
    def _integral_can_be_met(self) -> Self:
        integral = self.curve.integral
        if integral is not None and integral > self.cap * (1 - self.curve.bottom):
            raise ValueError("curve.integral: more than max_epochs and curve.cap allow above curve.bottom")
        return self

    @property
    def cap(self) -> float:
        """Times a document may stand in the mix, by the limit and by the curve."""
        return self.max_epochs if self.curve.cap is None else min(self.max_epochs, self.curve.cap)
