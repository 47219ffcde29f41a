"""Copies: sizes of groups, the biggest of them, how similar near duplicates were, lines that stand everywhere."""

import heapq
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.results.redaction import shown_notes
from pipeline.runs.run import Run
from pipeline.summaries.histograms import counts_in
from pipeline.summaries.reading import added, all_records, empty, grouped, ones, stage_of, stages_of
from schemas.columns import (
    CAPTURES,
    COPIES_EXACT,
    COPIES_NEAR,
    DOC_ID,
    DROP,
    HOST,
    LANGUAGE,
    LINES_REMOVED,
    RECORD_ID,
    SOURCE_URL,
    Column,
)

KINDS: Final = {"older captures": CAPTURES, "exact copies": COPIES_EXACT, "near duplicates": COPIES_NEAR}
"""Kinds of copies, and the columns in which survivors count theirs."""
STAGES: Final = ("dedup_url", "dedup_document", "dedup_line")
"""Stages that this is about."""
MOST_HOSTS: Final = 100_000
"""Hosts that are told apart of the copies of a record."""
_SIZES: Final = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000, 100_000)
_BINS: Final = 50
_NOTED: Final = (0, 1, 2, 5, 10, 20, 50, 100, 1000)


def group_sizes(run: str) -> pa.Table:
    """Return how many records stand for copies, by kind and by how many copies of it they stand for.

    Columns: `kind`, `from` and `to` (copies, both included; null `to` is open), `groups`, `copies`. Copies of records
    of earlier runs are in no group: see `copies_of_earlier_runs`.
    """
    groups = {kind: np.zeros(len(_SIZES), np.int64) for kind in KINDS}
    copies = {kind: np.zeros(len(_SIZES), np.int64) for kind in KINDS}
    for batch in all_records(Run(run).tables(), tuple(KINDS.values())):
        for kind, column in KINDS.items():
            counts = pc.fill_null(batch.column(column.name), 0).to_numpy(zero_copy_only=False)
            counts = counts[counts > 0]
            at = np.searchsorted(_SIZES, counts, side="right") - 1
            groups[kind] += np.bincount(at, minlength=len(_SIZES))
            copies[kind] += np.bincount(at, weights=counts, minlength=len(_SIZES)).astype(np.int64)
    ends = [*(size - 1 for size in _SIZES[1:]), None]
    rows = [
        {"kind": kind, "from": low, "to": high, "groups": int(number), "copies": int(sum_of)}
        for kind in KINDS
        for low, high, number, sum_of in zip(_SIZES, ends, groups[kind], copies[kind], strict=True)
        if number
    ]
    schema = pa.schema([("kind", pa.string()), *((name, pa.int64()) for name in ("from", "to", "groups", "copies"))])
    return pa.Table.from_pylist(rows, schema)


def biggest_groups(run: str, most: int = 20) -> pa.Table:
    """Return the records that stand for most copies: URL, copies by kind and in all, and what became of them.

    `hosts` is on how many hosts the copies lie that were dropped for the record itself; `MOST_HOSTS` for more.

    Args:
        run: The run directory.
        most: Groups to return.
    """
    columns: tuple[Column, ...] = (RECORD_ID, DOC_ID, SOURCE_URL, LANGUAGE, *KINDS.values())
    first: list[tuple[int, str, dict[str, Any]]] = []
    for batch in all_records(Run(run).tables(), columns):
        total = pa.array(np.zeros(batch.num_rows, np.int64))
        for column in KINDS.values():
            total = pc.add(total, pc.fill_null(batch.column(column.name), 0).cast(pa.int64()))
        rows = batch.append_column("copies", total).append_column("stage", stages_of(batch)).drop_columns([DROP.name])
        rows = rows.filter(pc.greater(total, 0))
        order = [("copies", "descending"), (DOC_ID.name, "ascending")]
        largest = rows.take(pc.select_k_unstable(rows, min(most, rows.num_rows), order)).to_pylist()
        mixed = first + [(-row["copies"], row[DOC_ID.name], row) for row in largest]
        first = heapq.nsmallest(most, mixed, key=lambda entry: entry[:2])
    schema = pa.schema(
        [
            *((column.name, pa.string()) for column in (SOURCE_URL, DOC_ID, LANGUAGE)),
            ("stage", pa.string()),
            *((kind, pa.int64()) for kind in KINDS),
            ("copies", pa.int64()),
            ("hosts", pa.int64()),
        ]
    )
    hosts = _hosts_of_copies(run, [row[RECORD_ID.name] for _, _, row in first])
    lines = [
        {
            **{name: row[name] for name in (SOURCE_URL.name, DOC_ID.name, LANGUAGE.name, "stage", "copies")},
            **{kind: row[column.name] or 0 for kind, column in KINDS.items()},
            "hosts": hosts.get(row[RECORD_ID.name], 0),
        }
        for _, _, row in first
    ]
    return pa.Table.from_pylist(lines, schema)


def _hosts_of_copies(run: str, survivors: Sequence[str]) -> dict[str, int]:
    """Return on how many hosts the records lie that were dropped for each of some records of the run."""
    hosts: dict[str, set[str]] = {survivor: set() for survivor in survivors}
    wanted = pa.array(survivors, pa.string())
    for batch in all_records(Run(run).tables(), (HOST,)):
        drop = batch.column(DROP.name)
        named = pc.struct_field(drop, "survivor_record_id")
        is_copy = pc.and_(pc.is_in(named, wanted), pc.is_null(pc.struct_field(drop, "survivor_run")))
        copies = pa.table({"survivor": named, HOST.name: batch.column(HOST.name)}).filter(is_copy)
        for row in copies.group_by(copies.column_names).aggregate([]).to_pylist():
            seen = hosts[row["survivor"]]
            if row[HOST.name] is not None and len(seen) < MOST_HOSTS:
                seen.add(row[HOST.name])
    return {survivor: len(seen) for survivor, seen in hosts.items()}


def copies_of_earlier_runs(run: str) -> pa.Table:
    """Return how many records were dropped as copies of records of earlier runs, by run and reason."""
    by, total = ("earlier_run", "reason"), empty(("earlier_run", "reason"), ("records",))
    for batch in all_records(Run(run).tables(), (DOC_ID,)):
        drop = batch.column(DROP.name)
        rows = pa.table(
            {
                "earlier_run": pc.struct_field(drop, "survivor_run"),
                "reason": pc.struct_field(drop, "reason"),
                "records": ones(batch.num_rows),
            }
        )
        total = added(total, rows.filter(pc.is_valid(rows["earlier_run"])), by, ("records",))
    return total.sort_by([("records", "descending"), *((name, "ascending") for name in by)])


def similarities(run: str) -> pa.Table:
    """Return how similar near duplicates are to what is kept in their place: bins of a fiftieth, and documents.

    The metadata's `threshold` is the run's, 0 to 1; a run without `dedup_document` has no rows.
    """
    edges = np.linspace(0, 1, _BINS + 1)
    counts = np.zeros(_BINS, np.int64)
    for batch in all_records(Run(run).tables(), (DOC_ID,)):
        drop = batch.column(DROP.name)
        is_near = pc.fill_null(pc.equal(pc.struct_field(drop, "reason"), "near_duplicate"), False)  # noqa: FBT003
        counts += counts_in(edges, pc.struct_field(drop, "similarity").filter(is_near))
    table = pa.table({"from": edges[:-1], "to": edges[1:], "documents": counts})
    judged = stage_of(run, "dedup_document")
    if judged is None:
        return table.slice(0, 0)
    return table.replace_schema_metadata({"threshold": repr(judged.manifest.params["threshold"])})


def removed_lines(run: str, most: int = 25) -> pa.Table:
    """Return the lines that were seen most often and removed, as `dedup_line` noted them.

    A line is part of a text: where no stage before had taken personal data out, there are none.

    Args:
        run: The run directory.
        most: Lines to return.
    """
    judged = stage_of(run, "dedup_line")
    schema = pa.schema([("line", pa.string()), ("times", pa.int64())])
    if judged is None:
        return schema.empty_table()
    noted = shown_notes(judged).get("most_frequent", [])[:most]
    return pa.Table.from_pylist([{"line": row["line"], "times": row["count"]} for row in noted], schema)


def lines_removed(run: str) -> pa.Table:
    """Return how many documents lost how many lines: `from` and `to` (both included), `documents`, `lines`."""
    documents, lines = np.zeros(len(_NOTED), np.int64), np.zeros(len(_NOTED), np.int64)
    for batch in all_records(Run(run).tables(), (LINES_REMOVED,)):
        counts = pc.drop_null(batch.column(LINES_REMOVED.name)).to_numpy(zero_copy_only=False)
        at = np.searchsorted(_NOTED, counts, side="right") - 1
        documents += np.bincount(at, minlength=len(_NOTED))
        lines += np.bincount(at, weights=counts, minlength=len(_NOTED)).astype(np.int64)
    ends = pa.array([*(size - 1 for size in _NOTED[1:]), None], pa.int64())
    table = pa.table({"from": pa.array(_NOTED, pa.int64()), "to": ends, "documents": documents, "lines": lines})
    return table.filter(pc.greater(table["documents"], 0))


def copies_by_language(run: str) -> pa.Table:
    """Return how many documents of each language were handed to `dedup_document`, and dropped by it as copies."""
    tables = Run(run).tables()
    names = [table.stage for table in tables]
    sums = ("documents", "copies")
    total = empty((LANGUAGE.name,), sums)
    if "dedup_document" not in names:
        return total
    for batch in all_records(tables, (LANGUAGE,), names.index("dedup_document")):
        copies = pc.equal(stages_of(batch), "dedup_document").cast(pa.int64())
        rows = pa.table({LANGUAGE.name: batch[LANGUAGE.name], "documents": ones(batch.num_rows), "copies": copies})
        total = added(total, rows, (LANGUAGE.name,), sums)
    return grouped(total, (LANGUAGE.name,), sums).sort_by([("documents", "descending"), (LANGUAGE.name, "ascending")])
