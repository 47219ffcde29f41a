"""When a share is called out: by intervals, so that a few documents alarm nobody, and a billion not at nothing."""

from statistics import NormalDist
from typing import Final

from pipeline.review.intervals import wilson_end

_FALSE_ALARMS: Final = 0.01
"""Chance of one false alarm in a whole report, shared out among all its comparisons (Bonferroni)."""


def z_of(comparisons: int) -> float:
    """Return how many standard errors count, where so many things are compared.

    >>> round(z_of(1), 2), round(z_of(1000), 2)
    (2.33, 4.26)
    """
    return NormalDist().inv_cdf(1 - _FALSE_ALARMS / max(comparisons, 1))


def at_least(count: int, of: int, z: float) -> float:
    """Return the lower end of Wilson's one-sided interval of a share; 0 of nothing.

    >>> round(at_least(9, 9, 3), 2), round(at_least(412, 412, 3), 2), at_least(0, 9, 3)
    (0.5, 0.98, 0.0)
    """
    return max(wilson_end(count, of, -z), 0.0) if of and count else 0.0


def at_most(count: int, of: int, z: float) -> float:
    """Return the upper end likewise; 1 of nothing.

    >>> round(at_most(0, 9, 3), 2), at_most(9, 9, 3)
    (0.5, 1.0)
    """
    return min(wilson_end(count, of, z), 1.0) if of and count < of else 1.0


def excess(group: tuple[int, int], others: tuple[int, int], z: float) -> float:
    """Return by how much a group's share is surely larger than that of all others, 0 to 1.

    The lower end of one interval less the upper end of the other: stricter than a test of two proportions, and it says
    how much, which such a test does not.

    Args:
        group: (count, of how many).
        others: Likewise; nothing is known of no others, so that nothing is ever surely larger.
        z: Standard errors.

    >>> round(excess((3, 3), (100, 1000), 3.5), 2), round(excess((412, 412), (100, 1000), 3.5), 2)
    (0.06, 0.83)
    """
    return max(at_least(*group, z) - at_most(*others, z), 0.0)
