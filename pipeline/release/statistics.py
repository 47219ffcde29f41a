"""What a release holds, added up: by split, category and cell, by language, and by licence."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from pipeline.cells.part_cells import PartCells
from pipeline.cells.reader import read_cells
from pipeline.mixing.cells import BUCKET, GROUP, keys_of
from pipeline.mixing.params import CellParams
from pipeline.release.documents import DRAWN_BY, times_in
from pipeline.release.layout import ANNEAL, TRAIN, VALIDATION
from pipeline.spark.driver_frames import table_of_frame
from pipeline.spark.tasks import pack, run_tasks, slots
from schemas.columns import CATEGORY, LANGUAGE, LICENSE, QUALITY_BUCKET, QUALITY_PERCENTILE, TEXT_BYTES, TOKENS, TOPIC

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import SparkSession

READS: Final = (
    CATEGORY,
    TOPIC,
    LANGUAGE,
    QUALITY_BUCKET,
    QUALITY_PERCENTILE,
    LICENSE,
    TOKENS,
    TEXT_BYTES,
    *DRAWN_BY,
)
_NAMES: Final = ("kind", "key", "split", CATEGORY.name, GROUP.name, BUCKET.name)
_SUMS: Final = ("documents", "rows", "tokens", "bytes")
_SCHEMA: Final = (
    "kind string, key string, split string, category string, group string, bucket int,"
    " documents long, rows long, tokens long, bytes long"
)
OTHERS: Final = "(others)"
"""Key of the licences that are not named."""
_LICENCES: Final = 200
"""Licences that are named; the others are added up."""
_BATCH: Final = 8192


def count_release(spark: "SparkSession", parts: "Sequence[PartCells]") -> dict[str, list[dict[str, Any]]]:
    """Return what is released: `cells`, `languages` and `licences`, each a list of rows with sums.

    Args:
        spark: The session.
        parts: With the columns `READS`.
    """
    from pyspark.sql import functions as F  # noqa: N812

    tasks = [[parts[number] for number in task] for task in pack([cells.part.bytes for cells in parts], slots(spark))]
    rows = run_tasks(spark, tasks, _tallied, _SCHEMA)
    added = rows.groupBy(*_NAMES).agg(*(F.sum(name).alias(name) for name in _SUMS)).cache()
    result = {}
    for kind in ("cells", "languages"):
        table = table_of_frame(added.where(F.col("kind") == kind))
        result[kind] = _sorted(table.to_pylist())
    of_kind = added.where(F.col("kind") == "licences")
    named = table_of_frame(of_kind.orderBy(F.desc("tokens"), "split", "key").limit(_LICENCES)).to_pylist()
    sums = table_of_frame(of_kind.groupBy("split").agg(*(F.sum(name).alias(name) for name in _SUMS))).to_pylist()
    result["licences"] = _sorted([*named, *_others(named, sums)])
    added.unpersist()
    return result


def _others(named: list[dict[str, Any]], sums: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a row per split for what is not among the named ones, where there is any."""
    for total in sums:
        of_split = [row for row in named if row["split"] == total["split"]]
        rest = {name: total[name] - sum(row[name] for row in of_split) for name in _SUMS}
        if rest["rows"]:
            yield {**dict.fromkeys(_NAMES), "key": OTHERS, "split": total["split"], **rest}


def _sorted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    order = [name for name in _NAMES if name != "kind"]
    named = [{name: value for name, value in row.items() if name != "kind"} for row in rows]
    return sorted(named, key=lambda row: [(row[name] is not None, row[name]) for name in order])


def _tallied(task: list[PartCells]) -> Iterator[pa.RecordBatch]:
    columns = tuple(replace(column, default=None) for column in READS)
    pending: list[pa.Table] = []
    for part in task:
        for batch in read_cells(part, columns, size=_BATCH):
            pending += _of_batch(batch)
            if len(pending) > 64:
                pending = [_added(pending)]
    if pending:
        yield from _added(pending).combine_chunks().to_batches()


def _of_batch(batch: pa.RecordBatch) -> Iterator[pa.Table]:
    categories, groups, buckets, _ = keys_of(batch, CellParams())
    nothing, no_bucket = pa.nulls(batch.num_rows, pa.string()), pa.nulls(batch.num_rows, pa.int32())
    keys = {
        "cells": (nothing, categories, groups, buckets),
        "languages": (batch.column(LANGUAGE.name), nothing, nothing, no_bucket),
        "licences": (batch.column(LICENSE.name), nothing, nothing, no_bucket),
    }
    for split in (TRAIN, VALIDATION, ANNEAL):
        times = times_in(batch, split)
        chosen = np.flatnonzero(times)
        if not len(chosen):
            continue
        sizes = [np.ones(len(times), np.int64), times]
        sizes += [
            times * batch.column(c.name).to_numpy(zero_copy_only=False).astype(np.int64) for c in (TOKENS, TEXT_BYTES)
        ]
        for kind, (key, category, group, bucket) in keys.items():
            kinds, splits = (pa.array([value] * batch.num_rows, pa.string()) for value in (kind, split))
            arrays = [kinds, key, splits, category, group, bucket, *(pa.array(size) for size in sizes)]
            yield pa.table(arrays, names=[*_NAMES, *_SUMS]).take(pa.array(chosen))


def _added(tables: list[pa.Table]) -> pa.Table:
    grouped = pa.concat_tables(tables).group_by(list(_NAMES)).aggregate([(name, "sum") for name in _SUMS])
    named = grouped.rename_columns([name.removesuffix("_sum") for name in grouped.column_names])
    return named.select([*_NAMES, *_SUMS])


def totals_of(cells: "Sequence[dict[str, Any]]") -> list[dict[str, Any]]:
    """Return the sums of cells by split and category."""
    totals: dict[tuple[str, str], dict[str, Any]] = {}
    for cell in cells:
        key = (cell["split"], cell[CATEGORY.name])
        total = totals.setdefault(key, {"split": key[0], "category": key[1], **dict.fromkeys(_SUMS, 0)})
        for name in _SUMS:
            total[name] += cell[name]
    return [totals[key] for key in sorted(totals)]
