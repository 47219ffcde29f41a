"""ingest for an input table: its rows are pages, or texts, with the columns that every table of a run carries."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pyarrow as pa

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.engine.stage import Stage
from pipeline.engine.tables import FittedTables
from pipeline.inputs.files import check_unchanged
from pipeline.inputs.table_types import keys_as_text
from pipeline.inputs.tables import adopt, read_table
from pipeline.kernels.opt_out.metas import declared_metas
from pipeline.kernels.text.composed import compose_columns, composed
from pipeline.kernels.urls.addresses import content_hash, is_no_address
from pipeline.kernels.warc.records import ScanReport
from pipeline.stages.ingest import REFUSAL, IngestParams, ingest, refused, report_scan
from schemas.columns import BODY_BYTES, BODY_HASH, DECLARED_ROBOTS, DECLARED_TDM, SPANS, TEXT, TEXT_DEFAULTS, Column


def ingest_table(fields: Sequence[pa.Field], columns: Sequence[Column]) -> Stage:
    """Return the ingest stage for an input table.

    Args:
        fields: What its files hold.
        columns: What becomes of them; a table of texts is given the defaults of what extraction would have added.
    """
    defaults = tuple(column for column in TEXT_DEFAULTS if column not in columns) if TEXT in columns else ()
    return replace(
        ingest,
        adds=_together((*ingest.adds, *columns, *defaults)),
        measure=partial(measure_table, schema=pa.schema(list(fields))),
    )


def _together(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Return columns once each, by name: those that the project knows come before those of a table."""
    by_name: dict[str, Column] = {}
    for column in columns:
        by_name.setdefault(column.name, column)
    return tuple(by_name.values())


def measure_table(_: BatchStream, params: IngestParams, fitted: FittedTables, schema: pa.Schema) -> BatchStream:
    """Yield the rows of an input table with the columns that every table of a run carries, and report on the file."""
    part, report = fitted.part, ScanReport()
    schema = pa.schema(keys_as_text(schema, params.url_column))
    content = params.text_column if params.text_column in schema.names else params.html_column
    for offset, rows in read_table(part, schema, report):
        bodies = [body.encode() if isinstance(body, str) else body for body in rows.column(content).to_pylist()]
        keys = rows.column(params.url_column).to_pylist()
        made = {
            BODY_BYTES: [None if body is None else len(body) for body in bodies],
            BODY_HASH: [None if body is None else content_hash(body) for body in bodies],
            **_metas(bodies, is_text=content == params.text_column),
            REFUSAL: [_refused_row(key, body, params) for key, body in zip(keys, bodies, strict=True)],
        }
        adopted = adopt(rows, part, offset, params.url_column, params.text_column)
        if params.compose and TEXT.name in adopted.schema.names:
            adopted = _composed(adopted)
        kept = [name for name in adopted.schema.names if name not in {column.name for column in made}]
        arrays = [pa.array(values, column.type) for column, values in made.items()]
        yield pa.record_batch(
            [*(adopted.column(name) for name in kept), *arrays], names=[*kept, *(column.name for column in made)]
        )
    check_unchanged(part)
    report_scan(report, fitted)


def _composed(rows: pa.RecordBatch) -> pa.RecordBatch:
    """Return rows with their texts composed; spans that a table has of its own move along, and code stays."""
    if SPANS.name in rows.schema.names:
        texts, spans = compose_columns(rows.column(TEXT.name), rows.column(SPANS.name), keep=("code",))
        return with_columns(rows, {TEXT: texts, SPANS: spans})
    return with_columns(rows, {TEXT: composed(rows.column(TEXT.name))})


def _metas(bodies: Sequence[bytes | None], *, is_text: bool) -> dict[Column, list[str | None]]:
    """Return what the metas of pages ask; texts have none."""
    metas = [(None, None) if body is None or is_text else declared_metas(body, None) for body in bodies]
    return {DECLARED_ROBOTS: [robots for robots, _ in metas], DECLARED_TDM: [mining for _, mining in metas]}


def _refused_row(key: Any, body: bytes | None, params: IngestParams) -> dict[str, Any] | None:
    if key in (None, ""):
        return refused("no_url")
    if is_no_address(str(key)):
        return refused("no_host")
    if body is None or not body.strip():
        return refused("no_text")
    if len(body) > params.max_body_bytes:
        return refused("body_too_large", len(body), params.max_body_bytes)
    return None
