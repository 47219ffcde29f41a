"""A share of counts with its confidence interval."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Any, Literal

Method = Literal["exact", "wilson"]
METHODS: tuple[Method, ...] = ("exact", "wilson")
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Share:
    """How many of some verdicts are of a kind, and between which shares the truth probably lies.

    Attributes:
        count: How many.
        of: Of how many; where this is 0, nothing is said, and the interval is 0 to 1.
        low: Lower end of the 95 % interval, 0 to 1.
        high: Upper end of it.
    """

    count: int
    of: int
    low: float
    high: float

    @property
    def share(self) -> float | None:
        """The share, None of nothing."""
        return self.count / self.of if self.of else None

    def as_value(self) -> dict[str, Any]:
        """Return this as a JSON value."""
        return {"count": self.count, "of": self.of, "share": self.share, "low": self.low, "high": self.high}

    def __str__(self) -> str:
        """Return this in words."""
        if self.share is None:
            return "no verdicts"
        return f"{self.share:.3f} ({self.count} of {self.of}; 95 % interval {self.low:.3f} to {self.high:.3f})"


def share_of(count: int, of: int, method: Method = "exact") -> Share:
    """Return a share with its interval.

    Args:
        count: Of successes, 0 to `of`.
        of: Trials.
        method: `exact` is Clopper and Pearson's interval, `wilson` Wilson's, without correction for continuity.

    >>> print(share_of(9, 10, "wilson"))
    0.900 (9 of 10; 95 % interval 0.596 to 0.982)
    """
    if not of:
        return Share(0, 0, 0.0, 1.0)
    low, high = (_wilson if method == "wilson" else _exact)(count, of)
    return Share(count, of, low, high)


def _wilson(count: int, of: int) -> tuple[float, float]:
    z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    return (wilson_end(count, of, -z) if count else 0.0), (wilson_end(count, of, z) if count < of else 1.0)


def wilson_end(count: int, of: int, z: float) -> float:
    """Return the end of Wilson's interval that is so many standard errors off: the lower one for a negative number."""
    share, spread = count / of, z * z / of
    return (share + spread / 2 + z * sqrt(share * (1 - share) / of + spread / (4 * of))) / (1 + spread)


def _exact(count: int, of: int) -> tuple[float, float]:
    from scipy.special import betaincinv

    tail = (1 - CONFIDENCE) / 2
    low = float(betaincinv(count, of - count + 1, tail)) if count else 0.0
    high = float(betaincinv(count + 1, of - count, 1 - tail)) if count < of else 1.0
    return low, high
