"""Scores of token outliers: divergences of texts, measured against what texts of their language and length have."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

MEASURES = ("divergence", "cross_entropy", "cross_entropy_per_char")
"""What texts are compared by. Keywords without sentences have a high divergence; another language, and rare words in no
order, a high cross entropy; scans gone wrong and base64, whose tokens are common but short, one per character."""
DIGITS = 6
"""Decimals that are kept: processors differ in the last bits of a logarithm."""

_EDGES = np.ceil(2.0 ** (np.arange(0, 50) / 2)).astype(np.int64)
"""Where bins of length begin, in tokens: two to each doubling. Whole numbers, so that all machines bin alike."""
VALUE_BINS = 50
"""Bins of a measure to a nat."""
SCORE_BINS = 20
"""Bins of scores to a spread."""
_LOWEST, _HIGHEST = -50.0, 500.0
_FEW = 40
"""Documents that a point of a curve needs: bins of length are joined until they have as many. Fewer make quartiles an
accident."""
_WIDE = 0.05
"""Share of the documents that tells what is usual about a length."""
_FAR = 4.0
"""Spreads from there beyond which documents do not shape a curve."""
_LEAST_SPREAD = 0.02
_QUARTILES_OF_NORMAL = 1.349
"""Distance of a normal distribution's quartiles, in standard deviations."""


class Curve(NamedTuple):
    """Median and spread of a measure by the length of a text, between points in order of their length.

    Attributes:
        lengths: Natural logarithms of numbers of tokens.
        medians: At these lengths.
        spreads: A normal distribution's standard deviation with the same quartiles; positive.
    """

    lengths: Floats
    medians: Floats
    spreads: Floats

    def scores(self, tokens: Array, values: Floats) -> Floats:
        """Return how many spreads each value lies above the median of texts of its length.

        >>> curve = Curve(np.array([0.0, 1.0]), np.array([4.0, 2.0]), np.array([1.0, 0.5]))
        >>> curve.scores(np.array([1, 100]), np.array([5.0, 3.0])).tolist()
        [1.0, 2.0]
        """
        at = np.log(np.maximum(tokens, 1))
        above = values - np.interp(at, self.lengths, self.medians)
        scores: Floats = np.round(above / np.interp(at, self.lengths, self.spreads), DIGITS)
        return scores


def length_bins(tokens: Array) -> Array:
    """Return the bin of each length: two bins to a doubling.

    >>> length_bins(np.array([1, 2, 3, 1000])).tolist()
    [0, 2, 3, 19]
    """
    bins: Array = np.searchsorted(_EDGES, np.maximum(tokens, 1), side="right") - 1
    return bins


def score_bins(scores: Floats) -> Array:
    """Return the bin of each score.

    >>> score_bins(np.array([-0.01, 0.0, 0.05])).tolist()
    [-1, 0, 1]
    """
    bins: Array = np.floor(np.clip(scores, _LOWEST, _HIGHEST) * SCORE_BINS).astype(np.int64)
    return bins


def fit_curve(lengths: Array, values: Array, counts: Array) -> Curve | None:
    """Return the curve of a measure from its histogram; None where there are too few documents.

    Args:
        lengths: Bin of length of each cell.
        values: Bin of the measure (`VALUE_BINS` to a nat) of each cell.
        counts: Documents of each cell.

    >>> curve = fit_curve(np.array([10, 10]), np.array([100, 101]), np.array([100, 100]))
    >>> curve.medians.round(3).tolist()
    [2.02]
    """
    if counts.sum() < _FEW:
        return None
    usual = _near_trend(lengths, values, counts)
    lengths, values, counts = lengths[usual], values[usual], counts[usual]
    points: list[tuple[float, float, float]] = []
    bins: list[int] = []
    for length in np.unique(lengths).tolist():
        bins.append(length)
        inside = np.isin(lengths, bins)
        left = counts[lengths > length].sum()
        if counts[inside].sum() >= _FEW and (left >= _FEW or left == 0):
            points.append(_point(lengths[inside], values[inside], counts[inside]))
            bins = []
    if not points:
        return None
    columns = np.array(points).T
    return Curve(columns[0], columns[1], np.maximum(columns[2], _LEAST_SPREAD))


def _near_trend(lengths: Array, values: Array, counts: Array) -> Array:
    """Tell which cells are near what texts of about their length have.

    Soup can be longer or shorter than any text is, so that most documents of some lengths are soup: it would pass for
    usual there. So each length is held against the nearest ones that together have `_WIDE` of the documents.
    """
    bins = np.unique(lengths)
    inside = [lengths == bin_number for bin_number in bins]
    weights = np.array([counts[values_inside].sum() for values_inside in inside], float)
    medians = np.array([_quantile(values[values_inside], counts[values_inside], 0.5) for values_inside in inside])
    first, second = np.triu_indices(len(bins), 1)
    slopes = (medians[second] - medians[first]) / (bins[second] - bins[first])
    slope = _quantile(slopes, weights[first] * weights[second], 0.5) if len(slopes) else 0.0
    level = values - slope * lengths
    beside = level.astype(float)
    for bin_number, values_inside in zip(bins, inside, strict=True):
        far = np.abs(bins - bin_number)
        order = np.argsort(far, kind="stable")
        reach = far[order][np.searchsorted(np.cumsum(weights[order]), _WIDE * weights.sum())]
        near = np.abs(lengths - bin_number) <= reach
        beside[values_inside] -= _quantile(level[near], counts[near], 0.5)
    low, high = (_quantile(beside, counts, share) for share in (0.25, 0.75))
    spread = max((high - low) / _QUARTILES_OF_NORMAL, _LEAST_SPREAD * VALUE_BINS)
    usual: Array = np.abs(beside) <= _FAR * spread
    return usual


def _quantile(values: Array, weights: Array, share: float) -> float:
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(below, share * below[-1])])


def _point(lengths: Array, values: Array, counts: Array) -> tuple[float, float, float]:
    """Return the mean logarithm of the length, median and spread."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(counts[order])
    edges = np.concatenate(([0], below)) / below[-1]
    ends = np.concatenate(([values[order][0]], values[order] + 1)) / VALUE_BINS
    low, middle, high = np.interp((0.25, 0.5, 0.75), edges, ends)
    length = float((counts * (lengths + 0.5)).sum() / counts.sum() * np.log(2) / 2)
    rounded = np.round((length, middle, (high - low) / _QUARTILES_OF_NORMAL), 6)
    return float(rounded[0]), float(rounded[1]), float(rounded[2])


class Ranks(NamedTuple):
    """Shares of a language's documents with a score in a lower bin.

    Attributes:
        bins: Bins of scores, sorted.
        below: Share of documents in bins before each, and at last 1.
    """

    bins: Array
    below: Floats

    @classmethod
    def of(cls, bins: Array, counts: Array) -> "Ranks":
        """Return the shares from a histogram, whose bins are sorted.

        >>> Ranks.of(np.array([0, 5]), np.array([3, 1])).below.tolist()
        [0.0, 0.75, 1.0]
        """
        return cls(bins, np.round(np.concatenate(([0], np.cumsum(counts))) / counts.sum(), 6))

    def ranks(self, scores: Floats) -> Floats:
        """Return the share of documents with a score in a lower bin."""
        shares: Floats = self.below[np.searchsorted(self.bins, score_bins(scores), side="left")]
        return shares


class Outliers:
    """What a corpus's documents have, by language: curves by length and ranks of scores."""

    def __init__(self, curves: Mapping[str, Sequence[Curve]], ranks: Mapping[str, Ranks] | None = None) -> None:
        """Take the curves of each language, one for each of `MEASURES`, and its ranks."""
        self._curves = curves
        self._ranks = ranks or {}

    def scores(self, languages: Sequence[str | None], tokens: Array, values: Floats) -> Floats:
        """Return the highest of each text's distances above its language's curves; NaN for a language without.

        Args:
            languages: A label a text.
            tokens: Of each text.
            values: From `divergence.divergences`.
        """
        scores = np.full(len(tokens), np.nan)
        for language, at in _grouped(languages):
            if (curves := self._curves.get(language)) is not None:
                of_curves = [curve.scores(tokens[at], values[at, column]) for column, curve in enumerate(curves)]
                scores[at] = np.clip(np.max(of_curves, axis=0), -1e6, 1e6)
        scores[tokens == 0] = np.nan
        return scores

    def ranks(self, languages: Sequence[str | None], scores: Floats) -> Floats:
        """Return the share of its language's documents that score lower than each text; NaN where it has no score."""
        ranks = np.full(len(scores), np.nan)
        for language, at in _grouped(languages):
            if (curve := self._ranks.get(language)) is not None:
                scored = at[~np.isnan(scores[at])]
                ranks[scored] = curve.ranks(scores[scored])
        return ranks


def _grouped(languages: Sequence[str | None]) -> list[tuple[str, Array]]:
    names = np.array([language or "und" for language in languages])
    return [(str(name), np.flatnonzero(names == name)) for name in np.unique(names)]
