"""Tables that a user brings instead of WARC files: Parquet or JSON lines with a URL column and HTML or text."""

import gzip
import io
import json
import zlib
from collections.abc import Iterator
from typing import IO, Any

import pyarrow as pa
import pyarrow.json as pj
import pyarrow.parquet as pq

from pipeline.cells.parts import Part
from pipeline.inputs.table_columns import stored_type
from pipeline.kernels.urls.addresses import canonical_url, document_id, host_of
from pipeline.kernels.warc.records import ScanReport, parse_date
from pipeline.stores import storage
from schemas.columns import DOC_ID, FETCH_TIME, HOST, RECORD_ID, SOURCE_URL, TEXT, URL, WARC_FILE, WARC_OFFSET

_BLOCK = 8 << 20
_DAMAGE = (gzip.BadGzipFile, EOFError, zlib.error)
"""What the file itself is to blame for; any other error of a store fails the task, which is tried again."""
_OURS = (RECORD_ID, DOC_ID, SOURCE_URL, URL, HOST, WARC_FILE, WARC_OFFSET)


def read_table(part: Part, schema: pa.Schema, report: ScanReport) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Yield (row number of the first row, rows) of a table's file; damage goes into the report.

    Args:
        part: The file.
        schema: Columns and types to read; what a row lacks is null.
        report: `records` and `responses` count the rows.
    """
    with storage.open_for_reading(part.uri) as stream:
        try:
            is_parquet = part.uri.lower().endswith(".parquet")
            batches = _parquet(stream, schema, report) if is_parquet else _json_lines(stream, part, schema, report)
            for batch in batches:
                yield report.records, batch
                report.records += batch.num_rows
                report.responses += batch.num_rows
        except (pa.ArrowInvalid, *_DAMAGE) as error:
            report.note(f"after row {report.records}: {error}")


def _parquet(stream: IO[bytes], schema: pa.Schema, report: ScanReport) -> Iterator[pa.RecordBatch]:
    file = pq.ParquetFile(stream)
    present = [name for name in schema.names if name in file.schema_arrow.names]
    for group in range(file.num_row_groups):
        try:
            for batch in file.iter_batches(batch_size=1024, columns=present, row_groups=[group]):
                yield _fit(batch, schema)
        except OSError as error:
            if error.errno is not None:  # the store's fault, not the file's
                raise
            report.note(f"row group {group}: {error}")


def _json_lines(stream: IO[bytes], part: Part, schema: pa.Schema, report: ScanReport) -> Iterator[pa.RecordBatch]:
    opened = gzip.GzipFile(fileobj=stream) if part.uri.lower().endswith(".gz") else stream
    options = pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    for lines in _blocks(opened, report):
        try:
            table = pj.read_json(pa.BufferReader(b"".join(lines)), parse_options=options)
        except pa.ArrowInvalid:
            table = _line_by_line(lines, schema, options, report)
        for batch in table.combine_chunks().to_batches(max_chunksize=1024):
            yield _fit(batch, schema)


def _blocks(stream: "IO[bytes] | gzip.GzipFile", report: ScanReport) -> Iterator[list[bytes]]:
    """Yield lines, a block at a time; where the file is cut or damaged, those before it."""
    lines: list[bytes] = []
    size = 0
    try:
        for line in stream:
            lines.append(line)
            size += len(line)
            if size >= _BLOCK:
                yield lines
                lines, size = [], 0
    except _DAMAGE as error:
        report.note(f"cut or damaged: {error}")
    if lines:
        yield lines


def _line_by_line(lines: list[bytes], schema: pa.Schema, options: pj.ParseOptions, report: ScanReport) -> pa.Table:
    """Return the lines of a block that can be read: one bad line does not cost its neighbours."""
    pieces = [schema.empty_table()]
    for line in filter(bytes.strip, lines):
        try:
            pieces.append(pj.read_json(io.BytesIO(line), parse_options=options).select(schema.names))
        except pa.ArrowInvalid as error:
            try:
                values = json.loads(line)
                pieces.append(pa.table([_value_or_null(values.get(f.name), f.type) for f in schema], schema=schema))
            except (ValueError, AttributeError):
                report.note(f"unreadable line {line[:40]!r}: {error}")
    return pa.concat_tables(pieces, promote_options="permissive")


def _value_or_null(value: Any, kind: pa.DataType) -> pa.Array:
    """Return a value as a column of one row: as text where text is asked for, null where it is of another type."""
    try:
        return pa.array([value], kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        text = json.dumps(value, ensure_ascii=False) if pa.types.is_string(kind) else None
        return pa.array([text], kind)


def _fit(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    arrays = [
        batch.column(field.name).cast(field.type)
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
        arrays.setdefault(TEXT.name if name == text_column else name, kept)
    return pa.RecordBatch.from_pydict(arrays)


def _times(values: pa.Array) -> pa.Array:
    """Return points in time: ISO strings are parsed (null where they are none), what names no zone is in UTC."""
    if not pa.types.is_temporal(values.type):
        values = pa.array([parse_date(value) for value in values.to_pylist()], FETCH_TIME.type)
    return values.cast(pa.timestamp("us", getattr(values.type, "tz", None))).cast(FETCH_TIME.type)
