"""Reads rows out of a run for a benchmark: all of them at once, for crawls that fit."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pipeline.cells.part_cells import PartCells
from pipeline.cells.reader import read_cells
from pipeline.runs.run import Run
from pipeline.runs.table import Table
from schemas.columns import DROP, Column


def judged_rows(
    run: str, stage: str, names: Sequence[str], own: Sequence[Column] = (), sets: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Return all rows that a stage was handed, each with `drop`, which a later stage may have filled.

    Args:
        run: The run directory.
        stage: Name of the stage.
        names: Of columns of its table.
        own: Columns that are the stage's own affair, to be read too.
        sets: Names of the sets that they are in.
    """
    table = Run(run).table(stage)
    columns = [*_columns(table, names), *own]
    parts = table.with_drops([column.name for column in columns], len(table.chain) - 1, private_sets=sets)
    return _rows(parts, [*columns, DROP])


def passed_rows(run: str, stage: str, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows that passed a stage, with some columns as they were then."""
    table = Run(run).table(stage)
    return _rows(table.cells(names), _columns(table, names))


def _columns(table: Table, names: Sequence[str]) -> list[Column]:
    return [column for column in table.columns if column.name in names]


def _rows(parts: Sequence[PartCells], columns: Sequence[Column]) -> list[dict[str, Any]]:
    nullable = [replace(column, default=None) for column in columns]
    return [row for cells in parts for batch in read_cells(cells, nullable) for row in batch.to_pylist()]
