"""When each copy of a document comes into the mix: positions, which do not depend on the size of the mix."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.engine.tables import read_whole
from pipeline.mixing.allocation import Cell
from pipeline.mixing.cells import KEYS

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
POSITION_BITS: Final = 52
NEVER: Final = 1 << POSITION_BITS
"""Position of a copy that stands in no mix, however large."""


class Schedule:
    """Positions of copies.

    A position is the share of the category's tokens under the caps that comes into the mix before the copy does, as a
    whole number of 52 bits.

    Attributes:
        cells: All cells, those included from which nothing is drawn.
        categories: Names of the categories that something is drawn from.

    Args:
        cells: As planned.
    """

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.cells = tuple(cells)
        takes_part = np.array([c.share > 0 and c.value > 0 and c.tokens > 0 for c in self.cells], bool)
        drawn = [cell for cell, takes in zip(self.cells, takes_part, strict=True) if takes]
        self.categories = sorted({cell.category for cell in drawn})
        numbers = {name: number for number, name in enumerate(self.categories)}
        count = 1 + max((cell.part for cell in drawn), default=-1)
        of_part: list[list[Cell]] = [[] for _ in range(count)]
        for cell in drawn:
            of_part[cell.part].append(cell)
        self._scale = _Joined([_tokens_by_scale(cells) for cells in of_part])
        self._share = np.array([cells[0].share if cells else 1.0 for cells in of_part], np.float64)
        self._most = np.array([cells[0].most if cells else 0.0 for cells in of_part], np.float64)
        category_of = np.array([numbers[cells[0].category] if cells else 0 for cells in of_part], np.int64)
        self._level = _Joined(
            [_tokens_by_level(self._share[category_of == n], self._most[category_of == n]) for n in numbers.values()]
        )
        self._part = np.where(takes_part, np.array([cell.part for cell in self.cells], np.int64), -1)
        self._value = np.array([cell.value for cell in self.cells], np.float64)
        self._cap = np.array([cell.cap for cell in self.cells], np.float64)
        self._category = np.array([numbers.get(cell.category, -1) for cell in self.cells], np.int64)
        self.most_copies = int(np.ceil(self._cap.max())) if len(self.cells) else 0
        self._values = [
            pa.array(sorted({getattr(cell, column.name) for cell in self.cells}), column.type) for column in KEYS
        ]
        codes = self._codes([pa.array([getattr(c, k.name) for c in self.cells], k.type) for k in KEYS])
        self._order = np.argsort(codes)
        self._sorted_codes = codes[self._order]

    def _codes(self, keys: Sequence[pa.Array]) -> Integers:
        """Return a number for each combination of keys, -1 for one with a value that no cell has."""
        codes = np.zeros(len(keys[0]), np.int64)
        is_known = np.ones(len(keys[0]), bool)
        for column, values in zip(keys, self._values, strict=True):
            at = pc.fill_null(pc.index_in(column, values), -1).to_numpy().astype(np.int64)
            is_known &= at >= 0
            codes = codes * len(values) + at
        return np.where(is_known, codes, -1)

    def cells_of(self, keys: Sequence[pa.Array]) -> Integers:
        """Return the numbers of documents' cells.

        Args:
            keys: A column for each of `KEYS`.
        """
        codes = self._codes(keys)
        if not len(self.cells):
            return codes
        at = np.minimum(np.searchsorted(self._sorted_codes, codes), len(self._order) - 1)
        return np.where(self._sorted_codes[at] == codes, self._order[at], -1)

    def positions(self, cells: Integers, heights: Floats) -> Integers:
        """Return the positions of copies, int64.

        Args:
            cells: Numbers of the documents' cells, -1 for none.
            heights: Draw of the document, 0 to 1, plus how many of its copies came before.
        """
        part = np.where(cells < 0, -1, self._part[cells]) if len(self.cells) else np.full(len(cells), -1)
        chosen = np.flatnonzero((part >= 0) & (heights < self._cap[cells] if len(self.cells) else False))
        positions = np.full(len(cells), NEVER, np.int64)
        if len(chosen):
            part, cells, heights = part[chosen], cells[chosen], heights[chosen]
            tokens = self._scale.at(part, heights / self._value[cells])
            category = self._category[cells]
            share = self._level.at(category, tokens / self._share[part]) / self._level.top[category]
            below = np.minimum((share * NEVER).astype(np.int64), NEVER - 1)
            positions[chosen] = np.where(tokens <= self._most[part], below, NEVER)
        return positions

    def rates(self, cuts: dict[str, int]) -> Floats:
        """Return how often documents of each cell stand in the mix on average, float64 (cells,).

        Args:
            cuts: category → position up to which copies stand in the mix; NEVER for all of them.
        """
        rates = np.zeros(len(self.cells))
        for number, cell in enumerate(self.cells):
            if self._part[number] < 0 or cell.category not in cuts:
                continue
            category, part = self._category[number], self._part[number]
            share = min(1.0, cuts[cell.category] / NEVER)
            level = self._level.where(category, share * self._level.top[category])
            tokens = min(self._most[part], level * self._share[part])
            rates[number] = min(cell.cap, self._scale.where(part, tokens) * cell.value)
        return rates


class _Joined:
    """Piecewise linear functions that rise from (0, 0), evaluated for many documents at once.

    Args:
        curves: Of each function its points (x, y), x and y rising.
    """

    def __init__(self, curves: Sequence[tuple[Floats, Floats]]) -> None:
        self._curves = curves
        self.top = np.array([y[-1] for _, y in curves] or [0.0], np.float64)
        width = max((len(x) for x, _ in curves), default=1)
        self._x = np.full((max(1, len(curves)), width), np.inf)
        self._y = np.zeros_like(self._x)
        self._last = np.zeros(len(self._x), np.int64)
        for number, (x, y) in enumerate(curves):
            self._x[number, : len(x)], self._y[number, : len(y)] = x, y
            self._last[number] = len(x) - 1

    def at(self, numbers: Integers, x: Floats) -> Floats:
        """Return the values of functions, one for each x; beyond the last point a function is flat."""
        reached = (self._x[numbers] <= x[:, None]).sum(axis=1) - 1
        low = np.minimum(reached, self._last[numbers] - 1)
        x0, x1 = self._x[numbers, low], self._x[numbers, low + 1]
        y0, y1 = self._y[numbers, low], self._y[numbers, low + 1]
        values: Any = y0 + (y1 - y0) * np.minimum((x - x0) / (x1 - x0), 1.0)
        return np.asarray(values)

    def where(self, number: int, y: float) -> float:
        """Return the least x at which a function has a value."""
        x, values = self._curves[number]
        return float(np.interp(y, values, x))


def _tokens_by_scale(cells: Sequence[Cell]) -> tuple[Floats, Floats]:
    """Return the tokens that cells of one part give at the scales at which one of them reaches its cap."""
    if not cells:
        return np.array([0.0, 1.0]), np.array([0.0, 1.0])
    values, tokens = (np.array([getattr(cell, name) for cell in cells], np.float64) for name in ("value", "tokens"))
    scales = np.unique(cells[0].cap / values)
    given = [float(np.sum(np.minimum(cells[0].cap, scale * values) * tokens)) for scale in scales]
    return np.concatenate(([0.0], scales)), np.concatenate(([0.0], given))


def _tokens_by_level(shares: Floats, most: Floats) -> tuple[Floats, Floats]:
    """Return the tokens that parts of one category give at the levels at which one of them gives all that it has."""
    levels = np.unique(most / shares)
    given = [float(np.sum(np.minimum(most, level * shares))) for level in levels]
    return np.concatenate(([0.0], levels)), np.concatenate(([0.0], given))


@lru_cache(maxsize=4)
def schedule_of(files: tuple[str, ...]) -> Schedule:
    """Return the schedule that a fit's table of cells makes; made once a process."""
    rows = read_whole(files).sort_by([(column.name, "ascending") for column in KEYS])
    return Schedule([Cell(**row) for row in rows.to_pylist()])


def cells_frame_rows(cells: Sequence[Cell]) -> list[tuple[Any, ...]]:
    """Return cells as rows of a table of `CELLS`."""
    return [tuple(vars(cell).values()) for cell in cells]
