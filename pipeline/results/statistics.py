"""Tallies of a run for dashboards: records, bytes and tokens by what became of them, hosts, and stable samples.

All is read from committed tables, batch by batch: what is held is the answer, never the corpus.
"""

import heapq
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.engine.committed import Committed
from pipeline.runs import storage
from pipeline.runs.manifest import StageTable
from schemas.columns import BODY_BYTES, CATEGORY, DOC_ID, DROP, HOST, LANGUAGE, SOURCE_URL, TEXT, TITLE, TOKENS

_BY = ("stage", "reason", LANGUAGE.name, CATEGORY.name)
_SUMS = ("records", BODY_BYTES.name, TOKENS.name)
KEPT_STAGE = "kept"
"""The `stage` of the rows that every stage kept."""


def outcomes(run: str) -> pa.Table:
    """Return records, body bytes and tokens by (stage, reason, language, category).

    A stage's rows are those that it dropped; `kept` are those that reached the end. What a stage did not know yet
    (the language of a page without text, the tokens before the mix) is null or 0.
    """
    wanted = (DROP, LANGUAGE, CATEGORY, BODY_BYTES, TOKENS)
    columns = [column.name for column in wanted]
    total = _outcome_rows(pa.record_batch([], names=[]), "")
    for stage, batch in _final_rows(run, columns):
        piece = _grouped(_outcome_rows(batch, stage), _BY, _SUMS)
        total = _grouped(pa.concat_tables([total, piece]), _BY, _SUMS)
    return total.sort_by([("records", "descending"), ("stage", "ascending"), ("reason", "ascending")])


def hosts(run: str, most: int = 20) -> pa.Table:
    """Return the hosts with the most records: how many came in, how many were kept."""
    sums = ("records", "kept")
    total = pa.table({HOST.name: pa.array([], pa.string()), **{name: pa.array([], pa.int64()) for name in sums}})
    for stage, batch in _final_rows(run, [HOST.name]):
        kept = pa.array([int(stage == KEPT_STAGE)] * batch.num_rows, pa.int64())
        ones = pa.array([1] * batch.num_rows, pa.int64())
        rows = pa.table({HOST.name: _column(batch, HOST.name, pa.string()), "records": ones, "kept": kept})
        total = _grouped(pa.concat_tables([total, rows]), (HOST.name,), sums)
    return total.sort_by([("records", "descending"), (HOST.name, "ascending")]).slice(0, most)


def samples(run: str, stage: str = KEPT_STAGE, most: int = 5) -> list[dict[str, Any]]:
    """Return documents that a stage dropped (or, for `kept`, those that reached the end), with their texts.

    The sample is the same each time: the documents with the lowest doc_ids, which are hashes.
    """
    tables = Committed(run).tables()
    with_text = [table for table in tables if any(column.name == TEXT.name for column in table.columns)]
    found: list[tuple[str, dict[str, Any]]] = []
    names = [column.name for column in (DOC_ID, SOURCE_URL, TITLE, LANGUAGE, CATEGORY, TEXT, DROP)]
    if stage == KEPT_STAGE:
        files = [file for part in with_text[-1].parts() for file in part.files] if with_text else []
    else:
        files = [file for table in tables if table.stage == stage for file in table.files_of(stage)]
    for batch in _batches(files, names):
        lowest = batch.take(pc.select_k_unstable(batch, min(most, batch.num_rows), [(DOC_ID.name, "ascending")]))
        found = heapq.nsmallest(most, found + [(row[DOC_ID.name], row) for row in lowest.to_pylist()], key=_first)
    return [row for _, row in found]


def _first(pair: tuple[str, dict[str, Any]]) -> str:
    return pair[0]


def _final_rows(run: str, columns: Sequence[str]) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield (stage that dropped them, or `kept`; rows) of every record of the chain, once."""
    tables: list[StageTable] = Committed(run).tables()
    for table in tables:
        for batch in _batches(table.files_of(table.stage), columns):
            yield table.stage, batch
    for batch in _batches([file for part in tables[-1].parts() for file in part.files], columns):
        yield KEPT_STAGE, batch


def _batches(files: Sequence[str], columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    for path in files:
        with storage.open_for_reading(path) as stream:
            file = pq.ParquetFile(stream)
            present = [name for name in columns if name in file.schema_arrow.names]
            yield from file.iter_batches(batch_size=8192, columns=present)


def _column(batch: pa.RecordBatch, name: str, kind: pa.DataType) -> pa.Array:
    return batch.column(name).cast(kind) if name in batch.schema.names else pa.nulls(batch.num_rows, kind)


def _outcome_rows(batch: pa.RecordBatch, stage: str) -> pa.Table:
    reason = pa.nulls(batch.num_rows, pa.string())
    if stage != KEPT_STAGE and DROP.name in batch.schema.names:
        reason = pc.struct_field(batch.column(DROP.name), "reason")
    return pa.table(
        {
            "stage": pa.array([stage] * batch.num_rows, pa.string()),
            "reason": reason,
            LANGUAGE.name: _column(batch, LANGUAGE.name, pa.string()),
            CATEGORY.name: _column(batch, CATEGORY.name, pa.string()),
            "records": pa.array([1] * batch.num_rows, pa.int64()),
            BODY_BYTES.name: _column(batch, BODY_BYTES.name, pa.int64()),
            TOKENS.name: _column(batch, TOKENS.name, pa.int64()),
        }
    )


def _grouped(rows: pa.Table, by: Sequence[str], sums: Sequence[str]) -> pa.Table:
    grouped = rows.group_by(list(by)).aggregate([(name, "sum") for name in sums])
    return grouped.rename_columns([*by, *sums] if grouped.column_names[0] == by[0] else [*sums, *by])
