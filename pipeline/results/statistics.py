"""Tallies of a run for dashboards: records, bytes and tokens by what became of them, hosts, and stable samples.

All is read from committed tables, batch by batch: what is held is the answer, never the corpus.
"""

import heapq
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.reader import read_cells
from pipeline.runs.run import Run
from pipeline.runs.table import Table
from pipeline.terminal import safe_text
from schemas.columns import (
    BODY_BYTES,
    CATEGORY,
    DOC_ID,
    DROP,
    HOST,
    LANGUAGE,
    SOURCE_URL,
    TEXT,
    TITLE,
    TOKENS,
    Column,
)

_BY = ("stage", "reason", LANGUAGE.name, CATEGORY.name)
_BATCH_ROWS = 8192
_SUMS = ("records", BODY_BYTES.name, TOKENS.name)
KEPT_STAGE = "kept"
"""The `stage` of the rows that every stage kept."""


def outcomes(run: str) -> pa.Table:
    """Return records, body bytes and tokens by (stage, reason, language, category).

    A stage's rows are those that it dropped; `kept` are those that reached the end. What a stage did not know yet
    (the language of a page without text, the tokens before the mix) is null or 0.
    """
    schema = pa.schema([*((name, pa.string()) for name in _BY), *((name, pa.int64()) for name in _SUMS)])
    total = schema.empty_table()
    for batch in _rows(Run(run).tables(), (LANGUAGE, CATEGORY, BODY_BYTES, TOKENS)):
        piece = _grouped(_outcome_rows(batch), _BY, _SUMS)
        total = _grouped(pa.concat_tables([total, piece]), _BY, _SUMS)
    return total.sort_by([("records", "descending"), ("stage", "ascending"), ("reason", "ascending")])


def hosts(run: str, most: int = 20) -> pa.Table:
    """Return the hosts with the most records: how many came in, how many were kept."""
    sums = ("records", "kept")
    total = pa.table({HOST.name: pa.array([], pa.string()), **{name: pa.array([], pa.int64()) for name in sums}})
    for batch in _rows(Run(run).tables(), (HOST,)):
        kept = pc.is_null(batch.column(DROP.name)).cast(pa.int64())
        ones = pa.array([1] * batch.num_rows, pa.int64())
        rows = pa.table({HOST.name: batch.column(HOST.name), "records": ones, "kept": kept})
        total = _grouped(pa.concat_tables([total, rows]), (HOST.name,), sums)
    return total.sort_by([("records", "descending"), (HOST.name, "ascending")]).slice(0, most)


def samples(run: str, stage: str = KEPT_STAGE, most: int = 5) -> list[dict[str, Any]]:
    """Return documents that a stage dropped (or, for `kept`, those that reached the end), with their texts.

    The sample is the same each time: the documents with the lowest doc_ids, which are hashes. Texts and titles are null
    where no stage had redacted them; of commands to a terminal and changes of direction in them, the letters are shown.
    """
    tables = Run(run).tables()
    passed = takewhile(lambda table: table.stage != stage, tables)
    redacted = {name for table in (*passed, *(t for t in tables if t.stage == stage)) for name in table.manifest.hides}
    nearest: list[tuple[str, dict[str, Any]]] = []
    columns = (DOC_ID, SOURCE_URL, TITLE, LANGUAGE, CATEGORY, TEXT)
    for batch in _rows(tables, columns):
        chosen = batch.filter(pc.equal(_stages(batch), stage))
        lowest = chosen.take(pc.select_k_unstable(chosen, min(most, chosen.num_rows), [(DOC_ID.name, "ascending")]))
        nearest = heapq.nsmallest(most, nearest + [(row[DOC_ID.name], row) for row in lowest.to_pylist()], key=_first)
    return [{name: _shown(name, value, redacted) for name, value in row.items()} for _, row in nearest]


def _shown(name: str, value: Any, redacted: Collection[str]) -> Any:
    if name in (TEXT.name, TITLE.name) and name not in redacted:
        return None
    return safe_text(value) if isinstance(value, str) else value


def _first(pair: tuple[str, dict[str, Any]]) -> str:
    return pair[0]


def _rows(tables: Sequence[Table], columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
    """Yield every record of a run with some columns and `drop`; what a record never had is null."""
    nullable = [*(replace(column, default=None) for column in columns), DROP]
    for cells in tables[-1].with_drops([column.name for column in columns]):
        yield from read_cells(cells, nullable, size=_BATCH_ROWS)


def _stages(batch: pa.RecordBatch) -> pa.Array:
    """Return the stage that dropped each record, `kept` for the others."""
    return pc.fill_null(pc.struct_field(batch.column(DROP.name), "stage"), KEPT_STAGE)


def _outcome_rows(batch: pa.RecordBatch) -> pa.Table:
    return pa.table(
        {
            "stage": _stages(batch),
            "reason": pc.struct_field(batch.column(DROP.name), "reason"),
            LANGUAGE.name: batch.column(LANGUAGE.name),
            CATEGORY.name: batch.column(CATEGORY.name),
            "records": pa.array([1] * batch.num_rows, pa.int64()),
            BODY_BYTES.name: batch.column(BODY_BYTES.name).cast(pa.int64()),
            TOKENS.name: batch.column(TOKENS.name).cast(pa.int64()),
        }
    )


def _grouped(rows: pa.Table, by: Sequence[str], sums: Sequence[str]) -> pa.Table:
    grouped = rows.group_by(list(by)).aggregate([(name, "sum") for name in sums])
    return grouped.rename_columns([*by, *sums] if grouped.column_names[0] == by[0] else [*sums, *by])
