"""Drawing a mix, step by step: cells, what is asked of them, the size, the cuts, and each document's epochs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.engine.stage import Measure
from pipeline.engine.tables import FittedTables
from pipeline.mixing.allocation import CELLS, Cell, planned_cells
from pipeline.mixing.budgets import Size, budgets, mix_size, taking_part
from pipeline.mixing.cells import KEYS, READS, SIZES, added_up, keys_of
from pipeline.mixing.cuts import Chosen, Copies, Cut, Cuts
from pipeline.mixing.draws import DRAW, TIE, as_heights
from pipeline.mixing.params import AllocationParams
from pipeline.mixing.schedule import Schedule, cells_frame_rows, schedule_of
from pipeline.mixing.shares import parse_shares, share_of
from pipeline.spark.driver_frames import frame_of, table_of_frame
from schemas.columns import TEXT_BYTES, TOKENS, Column

if TYPE_CHECKING:
    from pipeline.engine.fitting import FitContext

CELL_TABLE: Final = "cells"
CUT_TABLE: Final = "cuts"
CUTS: Final = "category string, natural long, most long, budget long, limited_by string, position long, tie long"


@dataclass(frozen=True)
class Draws:
    """What documents are drawn by.

    Attributes:
        params: How much of what.
        asked: Name of the parameter that asks for tokens, and how many; None for as many as there are.
        count: Measures the cells of a part's documents that take part.
        chosen: Tells which documents take part.
        reads: Columns that this depends on.
    """

    params: AllocationParams
    asked: tuple[str, int | None]
    count: Measure
    chosen: Chosen
    reads: tuple[Column, ...]


def fit_draws(context: "FitContext", by: Draws) -> Size:
    """Leave the tables of cells and of cuts, and return the size of the mix.

    Args:
        context: With `draw`, `tokens` and `text_bytes`.
        by: What documents are drawn by.

    Raises:
        ConfigError: More tokens are asked for than there are.
    """
    reads = (*by.reads, TOKENS, TEXT_BYTES)
    context.measure("cells_by_part", by.count, (*KEYS, *SIZES), reads, by.params, by_row=False)
    sizes = added_up([table_of_frame(context.set_frame("cells_by_part", (*KEYS, *SIZES)))])
    cells = planned_cells(sizes, by.params)
    if lacking := paths_without_documents(by.params.weights, cells):
        context.note(weights_without_documents=lacking)
    context.save_small(CELL_TABLE, frame_of(context.spark, cells_frame_rows(cells), CELLS))
    schedule = schedule_of(context.files(CELL_TABLE))
    copies = _copies(context, by)
    cuts = Cuts(context.spark, copies)
    weights = category_weights(by.params.weights)
    natural = {name: sum(c.tokens for c in schedule.cells if c.category == name) for name in schedule.categories}
    natural = {name: tokens for name, tokens in natural.items() if cuts.most.get(name, 0) > 0}
    size = mix_size(natural, cuts.most, weights, by.asked)
    wanted = budgets(natural, weights, size.tokens)
    ends = cuts.at(wanted)
    rows = [
        (name, natural[name], cuts.most[name], wanted[name], size.limited_by, *vars(ends[name]).values())
        for name in sorted(taking_part(natural, weights))
    ]
    context.save_small(CUT_TABLE, frame_of(context.spark, rows, CUTS))
    return size


def _copies(context: "FitContext", by: Draws) -> Copies:
    have = {column.name for column in context.columns}
    columns = tuple(c for c in dict.fromkeys((*by.reads, DRAW, TIE, TOKENS)) if c.name in have)
    return Copies(context.cells(*columns), columns, by.chosen, by.params, context.files(CELL_TABLE))


def paths_without_documents(weights: Mapping[str, float], cells: Sequence[Cell]) -> list[str]:
    """Return the paths of weights that no document belongs to: misspelt ones among them."""
    shares = parse_shares(weights)
    numbers = {share_of(shares, c.category, c.group, None if c.bucket < 0 else c.bucket) for c in cells if c.documents}
    return [path for number, path in enumerate(weights) if number not in numbers and weights[path] > 0]


def category_weights(weights: Mapping[str, float]) -> dict[str, float]:
    """Return category → share of tokens, of weights that may name parts of categories.

    >>> category_weights({"general/Science": 0.25, "general/*": 0.25, "code": 0.5})
    {'general': 0.5, 'code': 0.5}
    """
    sums: dict[str, float] = {}
    for share in parse_shares(weights):
        sums[share.category] = sums.get(share.category, 0.0) + share.weight
    return sums


class Drawn:
    """What a fit has drawn, as measures ask it.

    Args:
        fitted: The fit's tables.
        params: What cells depend on.
        chosen: Tells which documents take part.
    """

    def __init__(self, fitted: FittedTables, params: AllocationParams, chosen: Chosen) -> None:
        self._params, self._chosen = params, chosen
        self.schedule: Schedule = schedule_of(fitted.files(CELL_TABLE))
        rows = fitted.table(CUT_TABLE).to_pylist()
        self.cuts = {row["category"]: Cut(row["position"], row["tie"]) for row in rows}
        none = Cut()
        ends = [self.cuts.get(cell.category, none) for cell in self.schedule.cells] or [none]
        self._last = np.array([cut.position for cut in ends], np.int64)
        self._tie = np.array([cut.tie for cut in ends], np.int64)
        self.rates = self.schedule.rates({name: cut.position for name, cut in self.cuts.items()})

    def cells_of(self, batch: pa.RecordBatch) -> npt.NDArray[np.int64]:
        """Return the numbers of documents' cells, -1 for documents that take no part."""
        return np.where(self._chosen(batch), self.schedule.cells_of(keys_of(batch, self._params)), -1)

    def epochs(self, batch: pa.RecordBatch, cells: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
        """Return how many times each document stands in the mix."""
        heights = as_heights(batch.column(DRAW.name).to_numpy())
        last = np.where(cells < 0, -1, self._last[cells])
        is_first = (cells >= 0) & (batch.column(TIE.name).to_numpy() <= self._tie[cells])
        epochs = np.zeros(batch.num_rows, np.int32)
        for copy in range(self.schedule.most_copies):
            positions = self.schedule.positions(cells, heights + copy)
            epochs += (positions < last) | ((positions == last) & is_first)
        return epochs

    def rates_of(self, cells: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return how often documents of the cells stand in the mix on average; 0 for documents that take no part."""
        rates: Any = np.where(cells < 0, 0.0, np.append(self.rates, 0.0)[cells])
        return np.asarray(rates)


def draws_reads(more: Sequence[Column] = ()) -> tuple[Column, ...]:
    """Return the columns by which epochs are given."""
    return (*READS, *more, DRAW, TIE)
