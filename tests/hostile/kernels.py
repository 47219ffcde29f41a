"""The kernels that read a page or a text, called as their stages call them, on one record."""

import tempfile
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.cells.parts import BatchStream
from pipeline.dedup.order import UNITS
from pipeline.engine.tables import NO_TABLES, FittedTables
from pipeline.heuristics.measuring import SignalParams, measure_text_signals
from pipeline.heuristics.token_counts import N_TOKENS, TokenizerParams, count_document_tokens
from pipeline.inputs.files import part_of
from pipeline.inputs.pages import warc_pages
from pipeline.kernels.opt_out.sites import site_of
from pipeline.kernels.text.hashing import hash_strings
from pipeline.kernels.urls.url_keys import bin_starts, entry_keys, find_entries, key_table
from pipeline.kernels.urls.url_words import count_words
from pipeline.pii.params import PiiParams
from pipeline.pii.redaction import FOUND, measure_pii
from pipeline.rows.sites import sites_of
from pipeline.stages.dedup_document import SketchParams, measure_signatures
from pipeline.stages.dedup_line import LineParams, count_lines
from pipeline.stages.extract import ExtractParams, measure_extract
from pipeline.stages.ingest import REFUSAL, IngestParams, measure_ingest
from pipeline.stages.ingest_table import measure_table
from pipeline.stages.language import LanguageParams, measure_language
from pipeline.stages.log_lines import LogLinesParams, remove_log_lines
from pipeline.stages.opt_out import OptOutParams, measure_opt_out
from pipeline.stages.safety import WordParams, count_dirty_words
from pipeline.url_screen.params import HARD_WORDS, SOFT_WORDS
from schemas.columns import (
    CATEGORY,
    DOC_ID,
    HOST,
    LANGUAGE,
    LOG_LINES_REMOVED,
    SOURCE_URL,
    SPANS,
    TEXT,
    TITLE,
    URL,
    WARC_OFFSET,
)
from tests.hostile import addresses, pages, personal, responses, texts
from tests.hostile.registry import Text
from tests.hostile.responses import warc

MODULES = (addresses, pages, personal, responses, texts)
"""Where the kinds are: to import a module is to register them."""

_HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html"
_PLAIN_RESPONSE = b"\r\nX-Robots-Tag: noai\r\n\r\n<p>Mill<meta name=robots content=noai>"
_PLAIN = "The mill grinds the grain that the farmers bring, and nobody knows how old its wheel is.\n* It stands.\n"


class Kernel(NamedTuple):
    """What is measured.

    Attributes:
        sort: Of the records that it reads.
        prepare: From a record to what it reads; not measured.
        run: Reads it, and says what came of it.
        plain: A record of the sort that is not hostile, to warm up.
    """

    sort: str
    prepare: Callable[[Any], Any]
    run: Callable[[Any], str]
    plain: Any


# Responses.


@lru_cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    """Return this process's folder, which goes when it ends; its children end without removing it."""
    return tempfile.TemporaryDirectory(prefix="hostile-")


def _warc_file(content: bytes) -> FittedTables:
    file = Path(_folder().name, "hostile.warc")
    file.write_bytes(content)
    return NO_TABLES.of_part(part_of(str(file)))


def _ingested(content: bytes) -> tuple[FittedTables, list[pa.RecordBatch]]:
    fitted = _warc_file(content)
    return fitted, list(measure_ingest(iter(()), IngestParams(), fitted))


def _ingest(fitted: FittedTables) -> str:
    """Ingest a file, judge what its headers say to robots, and read the pages again, as extract does."""
    batches = list(measure_ingest(iter(()), IngestParams(), fitted))
    list(measure_opt_out(iter(batches), OptOutParams(), NO_TABLES))
    kept = (batch.filter(batch.column(REFUSAL.name).is_null()) for batch in batches)
    offsets = {offset for batch in kept for offset in batch.column(WARC_OFFSET.name).to_pylist()}
    return f"{_refusals(batches)}, {sum(len(page.source) for page in warc_pages(fitted.part, offsets)):,} bytes"


def _refusals(batches: list[pa.RecordBatch]) -> str:
    result = [one and one["reason"] for batch in batches for one in batch.column(REFUSAL.name).to_pylist()]
    return ", ".join(sorted({reason or "page" for reason in result})) or "no response"


# Addresses.


def _url_table(url: str) -> FittedTables:
    file = Path(_folder().name, "hostile.parquet")
    pq.write_table(pa.table({"url": [url], "text": ["The mill grinds."]}), file)
    return NO_TABLES.of_part(part_of(str(file)))


def _read_address(fitted: FittedTables) -> str:
    keys, _ = entry_keys(pa.array(["other.example", "mill.example/x"]))
    table = key_table(np.sort(keys), np.zeros(2, np.uint16), bin_starts(np.sort(keys)))
    schema = pa.schema([("url", pa.string()), ("text", pa.string())])
    batches = list(measure_table(iter(()), IngestParams(), fitted, schema))
    for batch in batches:
        urls = batch.column(URL.name)
        for words in (HARD_WORDS, SOFT_WORDS):
            count_words(urls, words)
        find_entries(urls, table)
        hash_strings(urls)
        sites_of(batch.column(HOST.name))
        for url in batch.column(SOURCE_URL.name).to_pylist():
            site_of(url)
    return _refusals(batches)


# Pages.


def _page_file(body: str | bytes) -> tuple[FittedTables, list[pa.RecordBatch]]:
    head = _HTTP + (b"; charset=utf-8" if isinstance(body, str) else b"") + b"\r\n\r\n"
    fitted, batches = _ingested(warc(head + (body.encode() if isinstance(body, str) else body)))
    # Ingest refuses noise; extraction has to bear it all the same, for a run with another code may have let it pass.
    assert _refusals(batches) in ("page", "not_html"), _refusals(batches)
    return fitted, batches


def _extract(ingested: tuple[FittedTables, list[pa.RecordBatch]]) -> str:
    fitted, batches = ingested
    rows = pa.Table.from_batches(list(measure_extract(iter(batches), ExtractParams(), fitted))).to_pylist()
    assert rows[0]["__unread"] != "unreadable", "the page could not be read"
    return f"{rows[0]['__unread'] or ''} {len(rows[0][TEXT.name]):,} signs, {len(rows[0][SPANS.name]):,} spans"


# Texts.


def _rows(given: str | Text) -> pa.RecordBatch:
    made = Text(given) if isinstance(given, str) else given
    spans = [{"start": start, "end": end, "kind": kind} for start, end, kind in made.spans]
    values = {
        DOC_ID: "0" * 32,
        TEXT: made.text,
        TITLE: made.text[:500],
        SPANS: spans,
        LANGUAGE: made.language,
        HOST: made.host,
        CATEGORY: "general",
    }
    arrays = [pa.array([value], column.type) for column, value in values.items()]
    return pa.record_batch(arrays, names=[column.name for column in values])


def _measured(measures: list[Callable[[BatchStream], BatchStream]], say: Callable[[pa.RecordBatch], str]) -> Any:
    def run(rows: pa.RecordBatch) -> str:
        return ["nothing", *(say(batch) for measure in measures for batch in measure(iter([rows])))][-1]

    return run


def _signals(rows: BatchStream) -> BatchStream:
    return measure_text_signals(rows, SignalParams(), NO_TABLES)


def _dirty_words(rows: BatchStream) -> BatchStream:
    return count_dirty_words(rows, WordParams(), NO_TABLES)


def _lines(rows: BatchStream) -> BatchStream:
    return count_lines(rows, LineParams(), NO_TABLES)


def _log_lines(rows: BatchStream) -> Iterator[pa.RecordBatch]:
    return remove_log_lines(rows, LogLinesParams(), NO_TABLES)


def _signatures(rows: BatchStream) -> BatchStream:
    return measure_signatures(rows, SketchParams(), NO_TABLES)


def _languages(rows: BatchStream) -> BatchStream:
    return measure_language(rows, LanguageParams(), NO_TABLES)


def _tokens(rows: BatchStream) -> BatchStream:
    return count_document_tokens(rows, TokenizerParams(), NO_TABLES)


def _pii(rows: BatchStream) -> BatchStream:
    return measure_pii(rows, PiiParams().find_params(), NO_TABLES)


def _values(batch: pa.RecordBatch) -> str:
    result = batch.column(FOUND.name).to_pylist()[0]
    return "a recogniser broke" if result is None else f"{len(result):,} values"


def _of_texts(say: Callable[[pa.RecordBatch], str], *measures: Callable[[BatchStream], BatchStream]) -> Kernel:
    return Kernel("text", _rows, _measured(list(measures), say), _PLAIN * 20)


KERNELS = {
    "ingest": Kernel(
        "response",
        _warc_file,
        _ingest,
        warc(_HTTP + b"\r\nX-Robots-Tag: noai\r\n\r\n<p>Mill<meta name=robots content=noai>"),
    ),
    "addresses": Kernel("address", _url_table, _read_address, "https://mill.example/a/%41?b=c&utm_d=e"),
    "extract": Kernel("page", _page_file, _extract, f"<title>Mill</title><h1>Mill</h1><p>{_PLAIN * 20}<pre>a</pre>"),
    "pii": Kernel("personal", _rows, _measured([_pii], _values), _PLAIN * 20 + "jane@mill.org, tel. +1 202-555-0143"),
    "signals": _of_texts(lambda batch: f"{batch.num_columns} columns", _dirty_words, _signals),
    "lines": _of_texts(lambda batch: f"{batch.num_rows:,} lines", _lines),
    "log lines": _of_texts(lambda batch: f"{batch.column(LOG_LINES_REMOVED.name)[0]} lines", _log_lines),
    "minhash": _of_texts(lambda batch: f"{batch.column(UNITS.name)[0]} units", _signatures),
    "language": _of_texts(lambda batch: str(batch.column(LANGUAGE.name)[0]), _languages),
    "tokens": _of_texts(lambda batch: f"{batch.column(N_TOKENS.name)[0]} tokens", _tokens),
}
