"""Cells and schedules for tests, and a plain way to say how often a document stands in a mix."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from pipeline.mixing.allocation import Cell, planned_cells
from pipeline.mixing.cells import KEYS, SIZES
from pipeline.mixing.params import AllocationParams
from pipeline.mixing.schedule import NEVER, Schedule

WEIGHTS = {"general": 0.5, "math": 0.25, "code": 0.17, "multilingual": 0.08}
Sizes = Mapping[tuple[str, str, int], int]
"""(category, group, bucket) → tokens."""


def planned(sizes: Sizes, **params: object) -> list[Cell]:
    """Return planned cells of some sizes: documents of 100 tokens."""
    rows = [
        {"category": category, "group": group, "bucket": bucket, "copies_class": 0}
        | {"documents": tokens // 100, "tokens": tokens, "bytes": 4 * tokens, "copies": 0}
        for (category, group, bucket), tokens in sorted(sizes.items())
    ]
    table = pa.Table.from_pylist(rows, pa.schema([column.field for column in (*KEYS, *SIZES)]))
    return planned_cells(table, AllocationParams.model_validate({"weights": WEIGHTS, **params}))


def epochs_at(schedule: Schedule, cell: int, share: float, draws: Sequence[float]) -> list[int]:
    """Return how often documents of a cell stand in a mix that ends at a share of the category's most tokens."""
    heights = np.array(draws, np.float64)
    cells = np.full(len(draws), cell, np.int64)
    counts = np.zeros(len(draws), np.int64)
    for copy in range(schedule.most_copies):
        counts += schedule.positions(cells, heights + copy) <= min(int(share * NEVER), NEVER - 1)
    return counts.tolist()


def tokens_at(schedule: Schedule, category: str, share: float) -> float:
    """Return the tokens that a category gives on average in a mix that ends at a share of its most tokens."""
    rates = schedule.rates({category: int(share * NEVER)})
    return float(sum(cell.tokens * rate for cell, rate in zip(schedule.cells, rates, strict=True)))
