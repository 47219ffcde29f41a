"""The loss that a mixture of experts has on target texts: convex in the shares, so that its best mix is one."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.experiments.space import Array, Space, divergence, projected

Ids = np.ndarray[Any, np.dtype[np.int64]]
_ROUNDS, _INNER, _HALVINGS, _CLOSE, _STILL = 60, 200, 30, 1e-9, 1e-7
_RECOVERY = 15.4
"""Tokens repeated this many times are worth as much as ever they are (R* of Muennighoff et al. 2023)."""
_LEAST = 1e-6
_FLAT = 1e-3
"""A share below which the pull is taken to be no steeper: Newton's steps stay well scaled, and are checked anyway."""


@dataclass(frozen=True)
class ScoredTargets:
    """What each expert makes of each token of the target texts.

    Attributes:
        log_p: Log probability, nats, (tokens, cells).
        document: Each token's document, from 0 on, (tokens,).
        target: Each document's target, from 0 on, (documents,).
        bytes: Of each document, (documents,).
        weights: Of the targets in the sum, (targets,), sum 1.
    """

    log_p: Array
    document: Ids
    target: Ids
    bytes: Array
    weights: Array

    def row_weights(self, times: Array | None = None) -> Array:
        """Return what each token counts, so that the sum of −log₂ p is the weighted mean of targets' bits per byte.

        Args:
            times: How often each document counts; None for once.
        """
        times = np.ones(len(self.target)) if times is None else times
        sizes = np.bincount(self.target, weights=self.bytes * times, minlength=len(self.weights))
        here = np.where(sizes > 0, self.weights, 0)
        scale = here / max(here.sum(), _LEAST) / np.maximum(sizes, 1)
        return np.asarray((scale[self.target] * times)[self.document])

    def bits_per_byte(self, weights: Array) -> Array:
        """Return the bits per byte of each target, (targets,), under shares of the cells, (cells,)."""
        nats = -_mixed(self.log_p, weights)
        by_document = np.bincount(self.document, weights=nats, minlength=len(self.target))
        count = len(self.weights)
        sums = np.bincount(self.target, weights=by_document, minlength=count)
        return np.asarray(sums / np.bincount(self.target, weights=self.bytes, minlength=count) / np.log(2))

    def document_bits(self, weights: Array) -> Array:
        """Return the bits that each document takes, (documents,)."""
        nats = -_mixed(self.log_p, weights)
        return np.asarray(np.bincount(self.document, weights=nats, minlength=len(self.target)) / np.log(2))


def _mixed(log_p: Array, weights: Array) -> Array:
    top = log_p.max(axis=1)
    return np.asarray(np.log(np.exp(log_p - top[:, None]) @ weights) + top)


@dataclass(frozen=True)
class Repeats:
    """What it costs to repeat a cell: more tokens of its kind would have taught more.

    Attributes:
        epochs: Of each cell, were it all of the corpus, (cells,).
        gains: Bits per byte that twice the tokens of the cell would save on what the cell explains, (cells,).
    """

    epochs: Array
    gains: Array

    def price(self, weights: Array) -> tuple[float, Array]:
        """Return the price in bits per byte, and its gradient, (cells,)."""
        times = np.maximum(self.epochs * weights, 1.0)
        decay = np.exp(-(times - 1) / _RECOVERY)
        worth = 1 + _RECOVERY * (1 - decay)
        lost = np.log2(times / worth)
        slope = np.where(times > 1, (1 / times - decay / worth) / np.log(2) * self.epochs, 0)
        return float((weights * self.gains * lost).sum()), self.gains * (lost + weights * slope)


@dataclass(frozen=True)
class Objective:
    """What is minimised: bits per byte, the price of repeats, and the distance from the natural mix.

    Attributes:
        targets: What the experts make of the targets.
        space: The mixes to choose from.
        pull: Bits per byte for a nat of KL(mix ‖ natural).
        repeats: What repeats cost; None for nothing.
    """

    targets: ScoredTargets
    space: Space
    pull: float
    repeats: Repeats | None = None

    def prepared(self) -> tuple[Array, Array]:
        """Return the probabilities of what is weighed, scaled row by row, (tokens, K), and the logarithms of scales."""
        top = self.targets.log_p.max(axis=1)
        scaled = np.exp(self.targets.log_p - top[:, None]) @ self.space.members
        return scaled, top

    def best(self, times: Array | None = None, start: Array | None = None, scaled: Array | None = None) -> Array:
        """Return the best mix, (K,): Newton's method on the simplex under caps, the same each time.

        Args:
            times: How often each document counts; None for once.
            start: A mix near the best one.
            scaled: As `prepared` gives it.
        """
        rows = self.targets.row_weights(times) / np.log(2)
        used = rows > 0
        scaled = self.prepared()[0] if scaled is None else scaled
        scaled, rows = scaled[used], rows[used]
        mix = self.space.inside(0.99 * (self.space.natural if start is None else start) + 0.01 * self.space.natural)
        value = self._value(scaled, rows, mix)
        for _ in range(_ROUNDS):
            gradient, curvature = self._derivatives(scaled, rows, mix)
            aim = _quadratic_best(gradient, curvature, mix, self.space.caps)
            step, slope = aim - mix, float(gradient @ (aim - mix))
            if slope > -_CLOSE:
                break
            size = 1.0
            for _ in range(_HALVINGS):
                new = self._value(scaled, rows, mix + size * step)
                if new <= value + 1e-4 * size * slope:
                    break
                size /= 2
            mix, value = mix + size * step, new
        return mix

    def _value(self, scaled: Array, rows: Array, mix: Array) -> float:
        loss = -float(rows @ np.log(np.maximum(scaled @ mix, 1e-300)))
        loss += self.pull * float(divergence(mix, self.space.natural))
        return loss + (self.repeats.price(self.space.weights(mix))[0] if self.repeats is not None else 0.0)

    def _derivatives(self, scaled: Array, rows: Array, mix: Array) -> tuple[Array, Array]:
        ratio = scaled / np.maximum(scaled @ mix, 1e-300)[:, None]
        gradient = -(rows @ ratio)
        curvature = (ratio * rows[:, None]).T @ ratio
        floor = np.maximum(mix, _LEAST)
        gradient = gradient + self.pull * (np.log(floor / np.maximum(self.space.natural, _LEAST)) + 1)
        curvature = curvature + np.diag(self.pull / np.maximum(mix, _FLAT))
        if self.repeats is not None:
            gradient = gradient + self.space.members.T @ self.repeats.price(self.space.weights(mix))[1]
        return gradient, curvature


def _quadratic_best(gradient: Array, curvature: Array, mix: Array, caps: Array) -> Array:
    """Return where a quadratic around a mix is least on the simplex under caps: accelerated projected gradients."""
    step = 1 / max(float(np.linalg.eigvalsh(curvature)[-1]), _LEAST)
    point, before, momentum = mix, mix, 1.0
    for _ in range(_INNER):
        new = projected(point - step * (gradient + curvature @ (point - mix)), caps)
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        if float((point - new) @ (new - before)) > 0:  # it overshot
            following, point = 1.0, new
        else:
            point = new + (momentum - 1) / following * (new - before)
        moved = float(np.abs(new - before).max())
        before, momentum = new, following
        if moved < _STILL:
            break
    return before
