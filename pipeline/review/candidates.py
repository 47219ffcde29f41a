"""Decisions of a stage, the closest to their limit first: read from what it stored, never more than the answer held."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.part_cells import PartCells, alive
from pipeline.cells.pieces import ROW
from pipeline.cells.reader import read_cells
from pipeline.cells.stretch_reader import Rows, stretch_rows
from pipeline.dedup.order import doc_numbers
from pipeline.inspection.verdicts import StoredRules
from pipeline.pii.redaction import VALUES
from pipeline.review.stored_rules import columns_of, distances, narrowest
from pipeline.runs.table import Table
from schemas.columns import DOC_ID, DROP, LANGUAGE, SOURCE_URL, SURVIVOR_FIELDS, Column, column_named

Floats = np.ndarray[Any, np.dtype[np.float64]]
_BATCH_ROWS = 8192
DISTANCE = "distance"
_STATUS = "http_status"
"""A reason whose value and limit are names: none is near to another."""
CANDIDATES = pa.schema(
    [
        (DISTANCE, pa.float64()),
        (DOC_ID.name, pa.string()),
        ("part", pa.int32()),
        ("row", pa.int64()),
        (SOURCE_URL.name, pa.string()),
        (LANGUAGE.name, pa.string()),
        ("reason", pa.string()),
        ("value", pa.float64()),
        ("limit", pa.float64()),
        ("is_above", pa.bool_()),
        ("kept", pa.bool_()),
        *((name, pa.float64() if name == "similarity" else pa.string()) for name in SURVIVOR_FIELDS),
        ("other_part", pa.int32()),
        ("other_row", pa.int64()),
    ]
)
"""Decisions: how near, of which document, by what; and the document that it is like, by its record or its row."""
_ORDER = [(DISTANCE, "ascending"), (DOC_ID.name, "ascending"), ("part", "ascending"), ("row", "ascending")]


def nearest(tables: Iterable[pa.Table], most: int) -> pa.Table:
    """Return the nearest of some `CANDIDATES`, one for each document; equally near ones by doc_id."""
    best = CANDIDATES.empty_table()
    for table in tables:
        finite = table.filter(pc.is_finite(table[DISTANCE]))
        if best.num_rows == most and most:
            finite = finite.filter(pc.less_equal(finite[DISTANCE], best[DISTANCE][most - 1]))
        if finite.num_rows:
            ordered = pa.concat_tables([best, finite]).sort_by(_ORDER).combine_chunks()
            best = _first_of_each(ordered).slice(0, most)
    return best


def _first_of_each(ordered: pa.Table) -> pa.Table:
    """Return the first row of each document; rows of a table that share their URL are one, for one reason."""
    ids = (ordered["part"].to_numpy().astype(np.int64) << 40) | ordered["row"].to_numpy()
    _, first = np.unique(ids, return_index=True)
    rows = ordered.take(pa.array(np.sort(first))).combine_chunks()
    doc, reason = (pc.rank(rows[name], tiebreaker="dense").to_numpy() for name in (DOC_ID.name, "reason"))
    _, first = np.unique(doc.astype(np.int64) * (rows.num_rows + 1) + reason.astype(np.int64), return_index=True)
    return rows.take(pa.array(np.sort(first)))


def parts_of(table: Table, names: Iterable[str]) -> list[PartCells]:
    """Return the parts with all rows that reached the stage, with `drop` of those that it dropped."""
    return table.with_drops(list(names), len(table.chain) - 1, private_sets=tuple(table.manifest.sets))


def dropped_rows(cells: PartCells) -> Rows:
    """Return the numbers of the rows that a stage dropped of a part, ascending."""
    rows = [stretch_rows(cells.root, piece.columns) for piece in cells.sets[-1].pieces]
    return np.sort(np.concatenate(rows)) if rows else np.empty(0, np.int64)


def nullable(*columns: Column) -> list[Column]:
    """Return columns that are null where a document never had them."""
    return [replace(column, default=None) for column in columns]


def dropped_candidates(table: Table, seed: int | None = None) -> Iterator[pa.Table]:
    """Yield what a stage dropped, as `CANDIDATES`.

    Args:
        table: Of the stage.
        seed: Takes the place of distances, so that the nearest are a random sample of all drops; None for distances.
    """
    columns = nullable(DOC_ID, SOURCE_URL, LANGUAGE, DROP)
    for part, cells in enumerate(parts_of(table, [column.name for column in columns[:-1]])):
        rows = dropped_rows(cells)
        for batch in read_cells(cells, columns, rows, _BATCH_ROWS) if len(rows) else ():
            names = [field.name for field in DROP.type]
            drop = dict(zip(names, batch.column(DROP.name).flatten(), strict=True))
            value, limit = (_filled(drop[name]) for name in ("value", "limit"))
            if seed is None:
                far = distances(value, limit)
                far[pc.equal(drop["reason"], _STATUS).to_numpy(zero_copy_only=False)] = np.inf
            else:
                far = shuffled(doc_numbers(batch.column(DOC_ID.name)), seed)
            yield candidates(
                _named(batch, part)
                | {DISTANCE: pa.array(far), "is_above": pa.array(~(value < limit)), "kept": _all(batch, is_true=False)}
                | {name: drop[name] for name in ("reason", "value", "limit", *SURVIVOR_FIELDS)}
            )


def kept_candidates(table: Table, stored: StoredRules) -> Iterator[pa.Table]:
    """Yield what a stage kept by the rules that it stored the columns of, as `CANDIDATES`.

    Args:
        table: Of the stage.
        stored: The rules.
    """
    if not stored.rules:
        return
    kinds = {column.name: column for column in (VALUES, *table.columns)}
    asked = [kinds.get(name) or column_named(name) for name in columns_of(stored.rules)]
    columns = nullable(*dict.fromkeys((DOC_ID, SOURCE_URL, *(column for column in asked if column is not None))))
    reasons = pa.array([rule.name for rule in stored.rules], pa.string())
    above = np.array([rule.fails == ">" for rule in stored.rules])
    for part, cells in enumerate(parts_of(table, [column.name for column in columns])):
        rows = np.setdiff1d(alive(cells), dropped_rows(cells), assume_unique=True)
        for batch in read_cells(cells, columns, rows, _BATCH_ROWS) if len(rows) else ():
            number, value, limit, far = narrowest(batch, stored)
            at = np.maximum(number, 0)
            measured = {"value": pa.array(value), "limit": pa.array(limit), DISTANCE: pa.array(far)}
            by_rule = {"reason": reasons.take(pa.array(at)), "is_above": pa.array(above[at])}
            yield candidates(_named(batch, part) | measured | by_rule | {"kept": _all(batch, is_true=True)})


def _filled(values: pa.Array) -> Floats:
    filled: Floats = pc.fill_null(values, np.nan).to_numpy(zero_copy_only=False)
    return filled


def shuffled(numbers: Rows, seed: int) -> Floats:
    """Return a hash of each number, float64 from 0 to 1: another order for each seed.

    >>> shuffled(np.array([1, 2, 3]), 0).argsort().tolist() == shuffled(np.array([1, 2, 3]), 1).argsort().tolist()
    False
    """
    mixed = numbers.astype(np.uint64) ^ np.uint64((seed * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019) % (1 << 64))
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)) / float(1 << 53)


def _named(batch: pa.RecordBatch, part: int) -> dict[str, pa.Array]:
    """Return what documents are known by."""
    named = {name: batch.column(name) for name in (DOC_ID.name, SOURCE_URL.name, LANGUAGE.name)}
    return named | {"part": pa.array(np.full(batch.num_rows, part, np.int32)), "row": batch.column(ROW)}


def _all(batch: pa.RecordBatch, *, is_true: bool) -> pa.Array:
    return pa.array(np.full(batch.num_rows, is_true))


def candidates(columns: Mapping[str, pa.Array]) -> pa.Table:
    """Return `CANDIDATES` of some columns; those that are lacking are null."""
    rows = len(columns[DISTANCE])
    made = [
        columns[entry.name].cast(entry.type) if entry.name in columns else pa.nulls(rows, entry.type)
        for entry in CANDIDATES
    ]
    return pa.table(made, CANDIDATES)
