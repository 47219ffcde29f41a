"""The manifest of a release: what it holds, what was asked for, and what it was made of and by."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pipeline.cells.parts import digest
from pipeline.engine.stage import Released
from pipeline.errors import DamageError
from pipeline.mixing.allocation import Cell
from pipeline.mixing.schedule import Schedule
from pipeline.release.layout import FORMAT, MANIFEST, TRAIN, Shard
from pipeline.release.shards import Holds
from pipeline.release.statistics import totals_of
from pipeline.runs.funnel import funnel
from pipeline.runs.table import Table
from pipeline.stores import storage

_CRAWL: Final = re.compile(r"CC-MAIN-\d{4}-\d{2}")
_CLOSE: Final = 1e-9
_TABLE_COLUMNS: Final = ("category", "group", "bucket")


@dataclass(frozen=True)
class Contents:
    """What a release holds.

    Attributes:
        statistics: What is released, added up; see `statistics.count_release`.
        shards: Each with what it holds.
    """

    statistics: Mapping[str, list[dict[str, Any]]]
    shards: Sequence[tuple[Shard, Holds]]


def make_manifest(tables: Sequence[Table], released: Released, contents: Contents, source: str) -> dict[str, Any]:
    """Return the manifest of a release, without the files beside its shards.

    Args:
        tables: The chain.
        released: How its rows were to be released.
        contents: What was written.
        source: What the release is known by.
    """
    params = released.params
    return {
        "format": FORMAT,
        "source": source,
        "mix": {
            "seed": params["seed"],
            "write": params["write"],
            "weights": released.weights,
            "limited_by": released.limited_by,
            "target_tokens": params["target_tokens"],
            "max_epochs": params["max_epochs"],
            "categories": [
                {name: cut[name] for name in ("category", "natural", "most", "budget")} for cut in released.cuts
            ],
        },
        "tokenizer": {"name": params["tokenizer"], "digest": params["tokenizer_digest"]},
        "totals": totals_of(contents.statistics["cells"]),
        "cells": cell_rows(released, contents.statistics["cells"]),
        "languages": contents.statistics["languages"],
        "licences": contents.statistics["licences"],
        "validation": next((t.manifest.notes["validation"] for t in tables if "validation" in t.manifest.notes), {}),
        "shards": [{**shard._asdict(), **holds._asdict()} for shard, holds in contents.shards],
        "files": [],
        **provenance(tables),
    }


def provenance(tables: Sequence[Table]) -> dict[str, Any]:
    """Return what a release was made of and by: entries of its manifest that may change where no document does.

    Args:
        tables: The chain.
    """
    return {
        "funnel": [
            {"stage": stage, "in": before, "kept": kept, "dropped": dropped}
            for stage, before, kept, dropped in funnel(tables)
        ],
        "config": {table.stage: table.manifest.params for table in tables},
        "code": {table.stage: digest(table.manifest.version, table.manifest.code) for table in tables},
        "digests": _digests(tables),
        "inputs": [{"file": part.source, "bytes": part.bytes, "digest": part.digest} for part in tables[0].parts],
        "crawls": sorted({match for part in tables[0].parts for match in _CRAWL.findall(part.uri)}),
    }


def _digests(tables: Sequence[Table]) -> dict[str, Any]:
    """Return the hashes of the models, lists and other files that stages went by."""
    return {
        f"{table.stage}.{name}": value
        for table in tables
        for name, value in table.manifest.params.items()
        if value is not None and (name.endswith("digest") or name == "versions")
    }


def cell_rows(released: Released, tallied: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the cells of the training split: natural, target and reached shares, and what bound each.

    Args:
        released: How the rows were to be released.
        tallied: Cells of all splits with what is released of them.
    """
    cells = [Cell(**row) for row in released.cells]
    schedule = Schedule(cells)
    ends = {cut["category"]: cut["position"] for cut in released.cuts}
    rates = schedule.rates(ends).tolist()
    reached = {tuple(row[n] for n in _TABLE_COLUMNS): row for row in tallied if row["split"] == TRAIN}
    in_train = sum(row["tokens"] for row in reached.values())
    natural = sum(cell.tokens for cell in cells)
    weights = {name: released.weights.get(name, 0.0) for name in schedule.categories}
    asked = sum(weights.values())
    valued: dict[int, float] = {}
    for cell in cells:
        valued[cell.part] = valued.get(cell.part, 0.0) + cell.value * cell.tokens
    reached_in: dict[int, float] = {}
    for cell, rate in zip(cells, rates, strict=True):
        reached_in[cell.part] = reached_in.get(cell.part, 0.0) + rate * cell.tokens
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for cell, rate in zip(cells, rates, strict=True):
        key = (cell.category, cell.group, cell.bucket)
        row = rows.setdefault(key, {**dict(zip(_TABLE_COLUMNS, key, strict=True)), **_nothing()})
        row["natural_documents"] += cell.documents
        row["natural_tokens"] += cell.tokens
        row["natural_bytes"] += cell.bytes
        row["copies"] += cell.copies
        row["natural_share"] += cell.tokens / natural if natural else 0.0
        if cell.share > 0 and valued[cell.part] > 0 and asked:
            of_part = cell.value * cell.tokens / valued[cell.part]
            row["target_share"] += weights.get(cell.category, 0.0) / asked * cell.share * of_part
        row["bound_by"] = row["bound_by"] or _bound(cell, rate, reached_in[cell.part])
    for key, row in rows.items():
        sums = reached.get(key, {})
        row |= {name: sums.get(name, 0) for name in ("documents", "rows", "tokens", "bytes")}
        row["epochs"] = row["rows"] / row["natural_documents"] if row["natural_documents"] else 0.0
        row["reached_share"] = row["tokens"] / in_train if in_train else 0.0
    return [rows[key] for key in sorted(rows)]


def _nothing() -> dict[str, Any]:
    return {
        "natural_documents": 0,
        "natural_tokens": 0,
        "natural_bytes": 0,
        "copies": 0,
        "natural_share": 0.0,
        "target_share": 0.0,
        "bound_by": None,
    }


def _bound(cell: Cell, rate: float, given: float) -> str | None:
    """Return what keeps a cell from giving more; None for its share alone.

    Args:
        cell: As planned.
        rate: Times that its documents stand in the mix.
        given: Tokens that its share and group give.
    """
    if cell.share == 0 and cell.value > 0:
        return "no weight"
    if cell.value == 0:
        return "curve or copies of value 0"
    if rate >= cell.cap * (1 - _CLOSE):
        return "cap"
    return "integral of the curve" if given >= cell.most * (1 - _CLOSE) else None


def read_manifest(directory: str) -> dict[str, Any] | None:
    """Return the manifest of a release; None where there is none, or a damaged one: it is made anew."""
    try:
        return storage.read_json(storage.join(directory, MANIFEST))
    except DamageError:
        return None
