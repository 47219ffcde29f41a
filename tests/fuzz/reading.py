"""A file read as a run reads it, without Spark: ingest, extraction, and every measure of the texts."""

from pathlib import Path

import pyarrow as pa

from pipeline.cells.batches import arrays_of, with_columns
from pipeline.dedup.order import UNITS
from pipeline.engine.tables import NO_TABLES, FittedTables
from pipeline.errors import InputError
from pipeline.heuristics.measuring import SignalParams, measure_text_signals
from pipeline.inputs.files import resolve
from pipeline.pii.params import PiiParams
from pipeline.pii.redaction import measure_pii
from pipeline.stages.dedup_document import SketchParams, measure_signatures
from pipeline.stages.dedup_line import LineParams, count_lines
from pipeline.stages.extract import ExtractParams, measure_extract
from pipeline.stages.ingest import REFUSAL, IngestParams, measure_ingest
from pipeline.stages.ingest_table import measure_table
from pipeline.stages.language import LanguageParams, measure_language
from pipeline.stages.log_lines import LogLinesParams, remove_log_lines
from pipeline.stages.opt_out import OptOutParams, measure_opt_out
from pipeline.stages.route import RouteParams, measure_route
from pipeline.stages.safety import WordParams, count_dirty_words
from schemas.columns import CATEGORY, SPANS, TEXT, TITLE
from tests.fuzz.mutations import File

Batches = list[pa.RecordBatch]


def read_file(file: File, folder: Path) -> str:
    """Read a file to its end, and say what came of its rows.

    Raises:
        AssertionError: Rows were lost, or a page broke the extraction.
    """
    path = folder / file.name
    path.write_bytes(file.content)
    try:
        inputs = resolve([str(path)])
    except InputError as error:  # a table of which nothing can be read
        return f"refused: {type(error).__name__}"
    fitted = NO_TABLES.of_part(inputs.parts[0])
    if inputs.kind == "warc":
        batches = list(measure_ingest(iter(()), IngestParams(), fitted))
    else:
        schema = pa.schema(list(inputs.fields))
        if not {"url", "text"} <= set(schema.names):
            return "refused: other columns"
        batches = list(measure_table(iter(()), IngestParams(), fitted, schema))
    rows = sum(batch.num_rows for batch in batches)
    assert rows == fitted.reports["responses"] <= fitted.reports["records"]
    kept = [batch.filter(batch.column(REFUSAL.name).is_null()) for batch in batches]
    if inputs.kind == "warc":
        list(measure_opt_out(iter(kept), OptOutParams(), NO_TABLES))
        kept = _extracted(kept, fitted)
    return f"{rows} rows, {_measured(kept)} texts"


def _extracted(batches: Batches, fitted: FittedTables) -> Batches:
    """Return the pages with their texts; none may be one on which the reading broke."""
    read = list(measure_extract(iter(batches), ExtractParams(), fitted))
    assert sum(batch.num_rows for batch in read) == sum(batch.num_rows for batch in batches)
    for batch in read:
        assert "unreadable" not in batch.column("__unread").to_pylist()
    return read


def _measured(batches: Batches) -> int:
    """Ask all measures of the texts; return how many texts there are."""
    texts = 0
    for batch in map(_with_defaults, batches):
        rows = list(
            measure_route(measure_language(iter([batch]), LanguageParams(), NO_TABLES), RouteParams(), NO_TABLES)
        )
        for row in rows:
            texts += row.num_rows
            _check_spans(row)
            list(measure_pii(iter([row]), PiiParams().find_params(), NO_TABLES))
            list(count_dirty_words(iter([row]), WordParams(), NO_TABLES))
            list(measure_text_signals(iter([row]), SignalParams(), NO_TABLES))
            list(count_lines(iter([row]), LineParams(), NO_TABLES))
            list(remove_log_lines(iter([row]), LogLinesParams(), NO_TABLES))
            (signed,) = measure_signatures(iter([row]), SketchParams(), NO_TABLES)
            assert signed.column(UNITS.name).null_count == 0
            assert set(row.column(CATEGORY.name).to_pylist()) <= {"general", "multilingual", "code", "math", None}
    return texts


def _with_defaults(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return rows with what a table of texts is given in place of what extraction would have added."""
    missing = [column for column in (SPANS, TITLE) if column.name not in batch.schema.names]
    return with_columns(batch, dict(zip(missing, arrays_of(batch, missing), strict=True)))


def _check_spans(batch: pa.RecordBatch) -> None:
    for text, spans in zip(batch.column(TEXT.name).to_pylist(), batch.column(SPANS.name).to_pylist(), strict=True):
        for span in spans or ():
            assert 0 <= span["start"] <= span["end"] <= len(text or "")
