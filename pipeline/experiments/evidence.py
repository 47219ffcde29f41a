"""What an experiment has shown, and when that is too little to speak."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipeline.errors import EvidenceError

Array = np.ndarray[Any, np.dtype[np.float64]]
LEAST_CORRELATION = 0.6
INTERVAL = (2.5, 97.5)
"""Percentiles of a bootstrap."""


@dataclass(frozen=True)
class Interval:
    """A value with what 95 of 100 bootstrap samples gave."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, value: float, samples: Sequence[float] | Array) -> "Interval":
        """Return a value with the percentiles of its samples."""
        low, high = np.percentile(samples, INTERVAL)
        return cls(value, float(low), float(high))

    def __str__(self) -> str:
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"


@dataclass(frozen=True)
class Answer:
    """A mix that an experiment speaks for.

    Attributes:
        proxy: `ngram` or `transformer`, or `losses` for losses that were collected.
        weights: Cell → share of tokens, with its interval.
        natural: Cell → share of tokens as it is.
        losses: Target → bits per byte (as predicted) of the natural and of this mix.
        gain: Mean bits per byte that are saved against the natural mix; by n-grams, on documents left out.
        floor: What the gain had to exceed: seed noise, or the gain of cells dealt at random; None where unknown.
        worse: Targets that lose more than two noise floors against the natural mix.
        facts: What else was found: label → value.
    """

    proxy: str
    weights: Mapping[str, Interval]
    natural: Mapping[str, float]
    losses: Mapping[str, tuple[float, float]]
    gain: Interval
    floor: float | None
    worse: Sequence[str] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def refuse(why: str, helps: Sequence[str]) -> EvidenceError:
    """Return the error that says that no mix is proposed.

    Args:
        why: What is too weak.
        helps: What would make it stronger.
    """
    return EvidenceError(
        f"the runs do not tell these mixes apart from the natural one: {why}; no mix is written\n"
        f"what would help: {'; '.join(helps)}"
    )


def require_gain(gain: Interval, floor: float | None, floor_is: str, helps: Sequence[str]) -> None:
    """Check that a gain is one.

    Args:
        gain: Bits per byte against the natural mix.
        floor: What it has to exceed; None where nobody knows.
        floor_is: What the floor is, in words.
        helps: What would help.

    Raises:
        EvidenceError: It may as well be nothing.
    """
    if gain.low <= 0:
        raise refuse(f"the gain of {gain} bits per byte may be nothing", helps)
    if floor is not None and gain.low <= floor:
        raise refuse(f"the gain of {gain} bits per byte may be within {floor_is}, {floor:.4f}", helps)
