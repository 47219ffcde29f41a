"""Where each category's budget ends: the last copy that stands in the mix, to within one document."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.cells.part_cells import PartCells
from pipeline.cells.reader import read_cells
from pipeline.mixing.cells import keys_of
from pipeline.mixing.draws import DRAW, TIE, as_heights
from pipeline.mixing.params import CellParams
from pipeline.mixing.schedule import NEVER, schedule_of
from pipeline.spark.driver_frames import table_of_frame
from pipeline.spark.tasks import pack, run_tasks, slots
from schemas.columns import TOKENS, Column

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Integers = npt.NDArray[np.int64]
SLOT_BITS: Final = 12
_AT_ONCE: Final = 200_000
"""Copies that the driver looks at one by one."""
_BATCH: Final = 8192
Chosen = Callable[[pa.RecordBatch], npt.NDArray[np.bool_]]
TableFiles = tuple[str, ...]


@dataclass(frozen=True)
class Copies:
    """What tasks need to find copies of documents.

    Attributes:
        parts: The parts with the columns.
        columns: What to read: what cells depend on, draw, tokens, and what tells equals apart.
        chosen: Tells which documents take part.
        params: What cells depend on.
        cells: Files of the table of cells.
    """

    parts: Sequence[PartCells]
    columns: tuple[Column, ...]
    chosen: Chosen
    params: CellParams
    cells: TableFiles

    def of(self, task: Sequence[PartCells]) -> Iterator[tuple[pa.RecordBatch, Integers, Integers]]:
        """Yield (documents, numbers of their categories, positions) of copies: the first of each, then the second."""
        schedule = schedule_of(self.cells)
        numbers = {name: number for number, name in enumerate(schedule.categories)}
        of_cell = np.array([numbers.get(cell.category, -1) for cell in schedule.cells] or [-1], np.int64)
        for part in task:
            for batch in read_cells(part, self.columns, size=_BATCH):
                rows = batch.filter(pa.array(self.chosen(batch)))
                cells = schedule.cells_of(keys_of(rows, self.params))
                heights = as_heights(rows.column(DRAW.name).to_numpy())
                for copy in range(schedule.most_copies):
                    positions = schedule.positions(cells, heights + copy)
                    yield rows, np.where(cells < 0, -1, of_cell[cells]), positions


@dataclass(frozen=True)
class Cut:
    """The last copy of a category that stands in the mix, by the order of copies; see `Copies`.

    Attributes:
        position: Its position; -1 where none stands in it, NEVER where all do.
        tie: What tells it from others of that position.
    """

    position: int = -1
    tie: int = 0


class Cuts:
    """Finds cuts of categories.

    Attributes:
        most: category → tokens of all copies under the caps.

    Args:
        spark: The session.
        copies: Where copies are.
    """

    def __init__(self, spark: "SparkSession", copies: Copies) -> None:
        self._spark, self._copies = spark, copies
        self._first = _sums(spark, copies, {})
        self.most = {name: int(tokens.sum()) for name, (tokens, _) in self._first.items()}

    def at(self, budgets: Mapping[str, int]) -> dict[str, Cut]:
        """Return the cut with which each category's budget is met most closely.

        Args:
            budgets: category → tokens.
        """
        cuts: dict[str, Cut] = {}
        ranges: dict[str, tuple[int, int]] = {}
        left: dict[str, int] = {}
        counts: dict[str, int] = {}
        for name, wanted in budgets.items():
            if wanted >= self.most.get(name, 0):
                cuts[name] = Cut(NEVER) if self.most.get(name, 0) else Cut()
            else:
                ranges[name], left[name], counts[name] = _narrowed((0, NEVER), self._first[name], wanted)
        while any(counts[name] > _AT_ONCE and _is_divisible(ranges[name]) for name in ranges):
            for name, sums in _sums(self._spark, self._copies, ranges).items():
                if _is_divisible(ranges[name]):
                    ranges[name], left[name], counts[name] = _narrowed(ranges[name], sums, left[name])
        rows = _rows(self._spark, self._copies, ranges) if ranges else {}
        return cuts | {name: _cut(rows.get(name, []), ranges[name][0], left[name]) for name in ranges}


def _is_divisible(positions: tuple[int, int]) -> bool:
    return positions[1] - positions[0] >= 1 << SLOT_BITS


def _narrowed(
    positions: tuple[int, int], sums: tuple[Integers, Integers], wanted: int
) -> tuple[tuple[int, int], int, int]:
    """Return the slot of some positions in which a budget ends, the tokens left for it, and the copies in it."""
    tokens, counts = sums
    total = np.cumsum(tokens)
    slot = min(int(np.searchsorted(total, wanted, side="right")), len(total) - 1)
    width = (positions[1] - positions[0]) >> SLOT_BITS
    low = positions[0] + slot * width
    return (low, low + width), wanted - int(total[slot] - tokens[slot]), int(counts[slot])


def _tasks(spark: "SparkSession", copies: Copies) -> list[list[PartCells]]:
    packed = pack([cells.part.bytes for cells in copies.parts], slots(spark))
    return [[copies.parts[number] for number in task] for task in packed]


def _sums(
    spark: "SparkSession", copies: Copies, ranges: Mapping[str, tuple[int, int]]
) -> dict[str, tuple[Integers, Integers]]:
    """Return category → (tokens, copies) in each of 2^SLOT_BITS slots of a range of positions, or of all positions."""
    looked = _Ranges(dict(ranges))
    work = _without_parts(copies)

    def summed(task: list[PartCells]) -> Iterator[pa.RecordBatch]:
        names = schedule_of(work.cells).categories
        low, width = looked.bounds(names)
        tokens = np.zeros((len(names), 1 << SLOT_BITS), np.int64)
        counts = np.zeros_like(tokens)
        for rows, category, positions in work.of(task):
            slot = np.where(category < 0, -1, (positions - low[category]) // width[category])
            at = np.flatnonzero((slot >= 0) & (slot < 1 << SLOT_BITS) & (positions < NEVER))
            np.add.at(tokens, (category[at], slot[at]), rows.column(TOKENS.name).to_numpy()[at])
            np.add.at(counts, (category[at], slot[at]), 1)
        where = np.nonzero(counts)
        arrays = [pa.array(where[0]), pa.array(where[1]), pa.array(tokens[where]), pa.array(counts[where])]
        yield pa.record_batch(arrays, names=["category", "slot", "tokens", "copies"])

    from pyspark.sql import functions as F  # noqa: N812

    rows = run_tasks(spark, _tasks(spark, copies), summed, "category long, slot long, tokens long, copies long")
    added = rows.groupBy("category", "slot").agg(F.sum("tokens").alias("tokens"), F.sum("copies").alias("copies"))
    table = table_of_frame(added)
    names = schedule_of(copies.cells).categories
    sums = {name: (np.zeros(1 << SLOT_BITS, np.int64), np.zeros(1 << SLOT_BITS, np.int64)) for name in names}
    category, slot, tokens, counts = (table[name].to_numpy() for name in ("category", "slot", "tokens", "copies"))
    for number, name in enumerate(names):
        here = category == number
        sums[name][0][slot[here]], sums[name][1][slot[here]] = tokens[here], counts[here]
    return {name: pair for name, pair in sums.items() if not ranges or name in ranges}


@dataclass(frozen=True)
class _Ranges:
    """Ranges of positions by category; all positions of a category that is not named where none is."""

    ranges: Mapping[str, tuple[int, int]]

    def bounds(self, names: Sequence[str]) -> tuple[Integers, Integers]:
        """Return the lowest position of each category, and the width of its slots."""
        nothing = (NEVER, NEVER + (1 << SLOT_BITS))
        pairs = [self.ranges.get(name, nothing if self.ranges else (0, NEVER)) for name in names] or [nothing]
        low = np.array([pair[0] for pair in pairs], np.int64)
        width = np.array([max(1, (pair[1] - pair[0]) >> SLOT_BITS) for pair in pairs], np.int64)
        return low, width


def _without_parts(copies: Copies) -> Copies:
    """Return what travels with every task: not where all parts lie."""
    return Copies((), copies.columns, copies.chosen, copies.params, copies.cells)


_ORDER: Final = "position long, tie long, tokens long, category long"


def _rows(
    spark: "SparkSession", copies: Copies, ranges: Mapping[str, tuple[int, int]]
) -> dict[str, list[tuple[Any, ...]]]:
    """Return the copies in a range of positions of each category, in their order."""
    work, looked = _without_parts(copies), dict(ranges)

    def within(task: list[PartCells]) -> Iterator[pa.RecordBatch]:
        names = schedule_of(work.cells).categories
        low = np.array([looked.get(name, (0, 0))[0] for name in names] or [0], np.int64)
        high = np.array([looked.get(name, (0, 0))[1] for name in names] or [0], np.int64)
        for rows, category, positions in work.of(task):
            at = np.flatnonzero((category >= 0) & (positions >= low[category]) & (positions < high[category]))
            if not len(at):
                continue
            taken = rows.take(pa.array(at))
            tokens = taken.column(TOKENS.name).cast(pa.int64())
            arrays = [pa.array(positions[at]), taken.column(TIE.name), tokens, pa.array(category[at])]
            yield pa.record_batch(arrays, names=[piece.split()[0] for piece in _ORDER.split(", ")])

    table = table_of_frame(run_tasks(spark, _tasks(spark, copies), within, _ORDER))
    names = schedule_of(copies.cells).categories
    by_category: dict[str, list[tuple[Any, ...]]] = {}
    for *row, category in sorted(zip(*(column.to_pylist() for column in table.columns), strict=True)):
        by_category.setdefault(names[category], []).append(tuple(row))
    return by_category


def _cut(rows: list[tuple[Any, ...]], low: int, left: int) -> Cut:
    """Return the last copy with which a budget is met most closely.

    Args:
        rows: Copies in order, each with its tokens last.
        low: No copy has a lower position.
        left: Tokens of the budget that these copies are to give.
    """
    last = Cut(low, -1)
    for *copy, tokens in rows:
        if tokens - left >= left:  # to go past the budget would miss it by more than to stop here
            break
        left -= tokens
        last = Cut(*copy)
        if left <= 0:
            break
    return last
