"""Tables that a user brings instead of WARC files: Parquet or JSON lines with a URL column and HTML or text."""

from collections.abc import Callable, Iterator
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.cells.parts import Part
from pipeline.inputs.json_lines import DAMAGE, open_lines, read_json_lines
from pipeline.inputs.table_columns import name_now, stored_type
from pipeline.inputs.table_types import fitted
from pipeline.kernels.urls.addresses import canonical_url, document_id, host_of
from pipeline.kernels.warc.records import ScanReport, parse_date
from pipeline.stores import storage
from schemas.columns import DOC_ID, FETCH_TIME, HOST, RECORD_ID, SOURCE_URL, TEXT, URL, WARC_FILE, WARC_OFFSET

_OURS = (RECORD_ID, DOC_ID, SOURCE_URL, URL, HOST, WARC_FILE, WARC_OFFSET)


def read_table(part: Part, schema: pa.Schema, report: ScanReport) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Yield (number of the first row among those that can be read, rows) of a table's file; damage is reported.

    Args:
        part: The file.
        schema: Columns and types to read, which `table_types.unified` gives; what a row lacks is null.
        report: `responses` counts the rows that can be read, `records` those that cannot be, too.
    """

    def lose(what: str, rows: int = 1) -> None:
        report.note(what, rows)
        report.records += rows

    with storage.open_for_reading(part.uri) as stream:
        try:
            if part.uri.lower().endswith(".parquet"):
                batches = _parquet(stream, schema, lose)
            else:
                batches = read_json_lines(open_lines(stream, part.uri), schema, lose, report.note)
            for batch in batches:
                yield report.responses, batch
                report.records += batch.num_rows
                report.responses += batch.num_rows
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError, *DAMAGE) as error:
            report.note(f"after row {report.responses:,}: {error}")


def _parquet(stream: IO[bytes], schema: pa.Schema, lose: Callable[[str, int], None]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a Parquet file; damage costs the rest of its row group."""
    file = pq.ParquetFile(stream)
    present = [name for name in schema.names if name in file.schema_arrow.names]
    for group in range(file.num_row_groups):
        rows, read = file.metadata.row_group(group).num_rows, 0
        try:
            for batch in file.iter_batches(batch_size=1024, columns=present, row_groups=[group]):
                fitting = _fit(batch, schema)
                yield fitting
                read += batch.num_rows
        except (OSError, pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            if isinstance(error, OSError) and error.errno is not None:  # the store's fault, not the file's
                raise
            lose(f"row group {group}, after row {read:,} of {rows:,}: {error}", rows - read)


def _fit(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    arrays = [
        fitted(batch.column(field.name), field.type)
        if field.name in batch.schema.names
        else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.record_batch(arrays, schema=schema)


def adopt(rows: pa.RecordBatch, part: Part, offset: int, url_column: str, text_column: str | None) -> pa.RecordBatch:
    """Return rows with identity columns made of the URL column; the user's further columns stay.

    Args:
        rows: As read.
        part: The file they come from.
        offset: Row number of the first of them.
        url_column: Holds URLs, or ids, which pass verbatim.
        text_column: Becomes `text`.
    """
    keys = ["" if key is None else str(key) for key in rows.column(url_column).to_pylist()]
    urls = [canonical_url(key) for key in keys]
    values = (
        keys,
        [document_id(key, key) for key in keys],
        keys,
        urls,
        [host_of(url) for url in urls],
        [part.source] * rows.num_rows,
        range(offset, offset + rows.num_rows),
    )
    arrays = {column.name: pa.array(value, column.type) for column, value in zip(_OURS, values, strict=True)}
    for name, array in zip(rows.schema.names, rows.columns, strict=True):
        kept = _times(array) if name == FETCH_TIME.name else array.cast(stored_type(array.type), safe=False)
        arrays.setdefault(TEXT.name if name == text_column else name_now(name, rows.schema.names), kept)
    return pa.RecordBatch.from_pydict(arrays)


def _times(values: pa.Array) -> pa.Array:
    """Return points in time: ISO strings are parsed (null where they are none), what names no zone is in UTC."""
    if not pa.types.is_temporal(values.type):
        values = pa.array([parse_date(value) for value in values.to_pylist()], FETCH_TIME.type)
    return values.cast(pa.timestamp("us", getattr(values.type, "tz", None))).cast(FETCH_TIME.type)
