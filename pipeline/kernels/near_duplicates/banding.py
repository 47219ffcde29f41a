"""How signatures are cut into bands, and what chance that gives a pair of being compared (Leskovec et al., 3.4)."""

from typing import NamedTuple

KEY_BITS = 48
"""Bits of a band's key: two unlike bands with one key cost a comparison and nothing else."""


class Banding(NamedTuple):
    """How a signature is cut: two texts that agree on all rows of a band are compared."""

    bands: int
    rows: int


def banding(permutations: int, threshold: float, chance: float) -> Banding:
    """Return the bands of most rows that give a pair at the threshold this chance of being compared, or the best one.

    More rows a band mean fewer pairs that are compared in vain.

    >>> banding(128, 0.8, 0.9)
    Banding(bands=16, rows=8)
    """
    for rows in range(permutations, 0, -1):
        bands = permutations // rows
        if candidate_probability(threshold, bands, rows) >= chance:
            return Banding(bands, rows)
    return Banding(permutations, 1)


def candidate_probability(similarity: float, bands: int, rows: int) -> float:
    """Return the chance that two texts of a Jaccard similarity share a band: the S-curve 1 - (1 - s^r)^b.

    >>> round(candidate_probability(0.8, 16, 8), 2)
    0.95
    """
    return 1 - (1 - similarity**rows) ** bands
