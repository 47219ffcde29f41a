"""The mixes that can be had: shares of tokens on the simplex, under caps, some of them tied to one another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pipeline.errors import ConfigError

Array = np.ndarray[Any, np.dtype[np.float64]]
_TINY = 1e-12


@dataclass(frozen=True)
class Space:
    """The mixes to choose from.

    Attributes:
        names: What is weighed, K of them: cells, or several cells whose ratios are fixed.
        cells: Names of the M cells.
        natural: Shares of tokens as they are, (K,), sum 1.
        caps: Largest share of each, (K,); together at least 1.
        members: Shares of the cells within what is weighed, (M, K); columns sum to 1.
    """

    names: tuple[str, ...]
    cells: tuple[str, ...]
    natural: Array
    caps: Array
    members: Array

    def weights(self, mix: Array) -> Array:
        """Return the shares of the cells, (…, M), of mixes, (…, K)."""
        return np.asarray(mix @ self.members.T)

    def inside(self, mix: Array) -> Array:
        """Return the nearest mix that the caps allow."""
        return projected(mix, self.caps)


def space_of(cells: Sequence[str], tokens: Sequence[int], target: float, max_epochs: float) -> Space:
    """Return the mixes of some cells in a corpus of a size.

    Args:
        cells: Names.
        tokens: Of each.
        target: Tokens of the corpus.
        max_epochs: Times a document may be repeated.

    Raises:
        ConfigError: There is nothing to weigh, or not enough tokens for such a corpus.

    >>> space_of(["a", "b"], [900, 100], 1000, 4).caps.tolist()
    [1.0, 0.4]
    """
    if len(cells) < 2:
        raise ConfigError(f"a mix of {', '.join(cells) or 'nothing'}: there have to be two cells to weigh")
    sizes = np.asarray(tokens, np.float64)
    caps = np.minimum(max_epochs * sizes / target, 1.0)
    if caps.sum() < 1:
        raise ConfigError(
            f"{max_epochs:g} epochs of {int(sizes.sum()):,} tokens are fewer than the {int(target):,} of the corpus:"
            " ask for a smaller one (--target-tokens) or allow more repeats (mix.max_epochs)"
        )
    natural = projected(sizes / sizes.sum(), caps)
    return Space(tuple(cells), tuple(cells), natural, caps, np.eye(len(cells)))


def tied(space: Space, ratios: Mapping[str, float], free: Sequence[str]) -> Space:
    """Return the space in which cells keep the ratios that they had, but for those that are free.

    Args:
        space: Of single cells.
        ratios: cell → share in an earlier mix.
        free: Cells that are weighed anew; a category stands for all of its cells.

    Raises:
        ConfigError: A free cell does not exist, all are free, or the earlier mix has none of the others.
    """
    chosen = [name in free or name.partition("/")[0] in free for name in space.cells]
    if unknown := [name for name in free if name not in {c.partition("/")[0] for c in space.cells} | {*space.cells}]:
        raise ConfigError(f"--free {unknown[0]}: the run's cells are {', '.join(space.cells)}")
    fixed = np.array([0.0 if own else ratios.get(name, 0.0) for name, own in zip(space.cells, chosen, strict=True)])
    if all(chosen) or fixed.sum() <= 0:
        raise ConfigError("--reuse: the earlier mix has no cell but those of --free")
    fixed /= fixed.sum()
    own = np.flatnonzero(chosen)
    members = np.column_stack([np.eye(len(chosen))[:, own], fixed])
    rest = float(np.min(space.caps[fixed > 0] / fixed[fixed > 0]))
    caps = np.append(space.caps[own], min(rest, 1.0))
    if caps.sum() < 1:
        raise ConfigError("--reuse: the caps of the other cells leave no room: allow more repeats, or free more cells")
    natural = np.append(space.natural[own], 1 - space.natural[own].sum())
    names = (*(space.cells[number] for number in own), "the others")
    return replace(space, names=names, natural=projected(natural, caps), caps=caps, members=members)


def frozen(space: Space, names: Sequence[str]) -> Space:
    """Return the space in which some cells keep their natural shares: nothing speaks for or against them.

    Args:
        space: Of single cells.
        names: The cells.

    Raises:
        ConfigError: Fewer than two cells are left to weigh.

    >>> space = frozen(space_of(["a", "b", "c"], [50, 30, 20], 100, 4), ["c"])
    >>> space.weights(np.array([0.25, 0.75])).round(3).tolist()
    [0.2, 0.6, 0.2]
    """
    own = np.array([name not in names for name in space.cells])
    if own.all():
        return space
    if own.sum() < 2:
        raise ConfigError(
            f"targets stand for {', '.join(np.array(space.cells)[own]) or 'no cell'} alone: name texts that stand for"
            " others too with --targets"
        )
    rest = np.where(own, 0, space.natural)
    left = 1 - rest.sum()
    members = left * np.eye(len(own))[:, own] + rest[:, None]
    caps = np.minimum(space.caps[own] / left, 1.0)
    weighed = tuple(name for name, is_own in zip(space.cells, own, strict=True) if is_own)
    return replace(space, names=weighed, natural=projected(space.natural[own] / left, caps), caps=caps, members=members)


def projected(point: Array, caps: Array) -> Array:
    """Return the nearest point, or points (…, K), whose coordinates sum to 1 and lie between 0 and their caps.

    >>> projected(np.array([0.9, 0.3]), np.array([0.6, 1.0])).round(3).tolist()
    [0.6, 0.4]
    """
    # The sum after a shift is piecewise linear in it: it is read off between the two bends around 1.
    bends = np.sort(np.concatenate([point - caps, point], axis=-1), axis=-1)
    sums = np.clip(point[..., None, :] - bends[..., :, None], 0, caps).sum(axis=-1)
    last = np.maximum((sums >= 1).sum(axis=-1, keepdims=True) - 1, 0)
    after = np.minimum(last + 1, bends.shape[-1] - 1)
    high, low = np.take_along_axis(sums, last, -1), np.take_along_axis(sums, after, -1)
    start, end = np.take_along_axis(bends, last, -1), np.take_along_axis(bends, after, -1)
    shift = start + (end - start) * np.clip((high - 1) / np.maximum(high - low, _TINY), 0, 1)
    inside = np.clip(point - shift, 0, caps)
    room = caps - inside
    left = 1 - inside.sum(axis=-1, keepdims=True)
    return np.asarray(inside + left * room / np.maximum(room.sum(axis=-1, keepdims=True), _TINY))


def divergence(mix: Array, natural: Array) -> Array:
    """Return KL(mix ‖ natural) in nats, of mixes (…, K).

    >>> float(divergence(np.array([0.5, 0.5]), np.array([0.5, 0.5])))
    0.0
    """
    ratio = np.where(mix > 0, mix, 1) / np.maximum(natural, _TINY)
    return np.asarray((mix * np.log(ratio)).sum(axis=-1))
