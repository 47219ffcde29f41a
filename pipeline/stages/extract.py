"""extract: HTML → plain text with its code and math, for the pages that are still wanted."""

import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
from pydantic import Field

from pipeline.pages import PageReader, table_pages, warc_pages
from pipeline.parts import BatchStream, Part
from pipeline.stage import Params, SideTables, Stage, dropped, first_reason, stage
from schemas.columns import (
    DOC_ID,
    EXTRACTOR,
    SOURCE_URL,
    SPANS,
    TEXT,
    TITLE,
    WARC_FILE,
    WARC_OFFSET,
    Column,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_FOUND = Column("__found", pa.bool_(), "whether the record is still in its file")
_BATCH_ROWS = 256
_BATCH_CHARS = 4 << 20
_TALKATIVE = ("trafilatura", "courlan")


class ExtractParams(Params):
    """Parameters of extract."""

    engine: Literal["auto", "resiliparse", "trafilatura"] = "auto"
    """auto: resiliparse where its answer can be trusted, trafilatura as second opinion; or one of the two alone."""
    max_nodes: int = Field(200_000, ge=1)
    """Elements of a page above which its rest is not looked at."""


def measure_extract(
    rows: BatchStream, part: Part, params: ExtractParams, _: SideTables, pages: PageReader = warc_pages
) -> BatchStream:
    """Scan the part's file once and add text, title, spans and extractor to the rows."""
    for library in _TALKATIVE:  # what they say of odd pages would fill the logs of a cluster
        logging.getLogger(library).setLevel(logging.CRITICAL + 1)
    keys = pa.Table.from_batches(batches) if (batches := list(rows)) else None
    if keys is None or not keys.num_rows:
        return
    offsets = keys[WARC_OFFSET.name].to_pylist()
    urls = keys[SOURCE_URL.name].to_pylist()
    row_of = {offset: number for number, offset in enumerate(offsets)}
    found: set[int] = set()
    numbers: list[int] = []
    texts: list[tuple[Any, ...]] = []
    chars = 0
    for page in pages(part, set(offsets)):
        number = row_of[page.offset]
        if number in found:
            continue
        found.add(number)
        numbers.append(number)
        texts.append(_extracted(page.html, urls[number], params))
        chars += len(texts[-1][0])
        if len(texts) >= _BATCH_ROWS or chars >= _BATCH_CHARS:
            yield _with_texts(keys, numbers, texts)
            numbers, texts, chars = [], [], 0
    for number in range(len(offsets)):
        if number not in found:
            numbers.append(number)
            texts.append(("", None, [], None, False))
    if texts:
        yield _with_texts(keys, numbers, texts)


def _extracted(html: str, url: str, params: ExtractParams) -> tuple[Any, ...]:
    from pipeline.kernels.extraction import extract as extract_text  # noqa: PLC0415  (slow to import on a driver)

    page = extract_text(html, url, engine=params.engine, max_nodes=params.max_nodes)
    spans = [{"start": start, "end": end, "kind": kind} for start, end, kind in page.spans]
    return page.text, page.title, spans, page.engine, True


def _with_texts(keys: pa.Table, numbers: list[int], texts: list[tuple[Any, ...]]) -> pa.RecordBatch:
    rows = keys.take(pa.array(numbers, pa.int64())).combine_chunks()
    columns = (TEXT, TITLE, SPANS, EXTRACTOR, _FOUND)
    for column, values in zip(columns, zip(*texts, strict=True), strict=True):
        rows = rows.append_column(column.name, pa.array(values, column.type))
    return rows.to_batches()[0]


@stage(
    needs=(DOC_ID, SOURCE_URL, WARC_FILE, WARC_OFFSET),
    measures=(TEXT, TITLE, SPANS, EXTRACTOR, _FOUND),
    satisfied_by=(TEXT,),
    measure=measure_extract,
    reads_inputs=True,
)
def extract(docs: "DataFrame", params: ExtractParams) -> "DataFrame":  # noqa: ARG001
    """Drop pages on which no text was found."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    missing = F.when(~F.col(_FOUND.name), dropped("extract", "record_not_found"))
    empty = F.when(F.trim(TEXT.name) == "", dropped("extract", "no_text"))
    return first_reason(docs, missing, empty)


def extract_table(html_column: str) -> Stage:
    """Return the extract stage for an input table that holds HTML."""
    return replace(extract, measure=partial(measure_extract, pages=partial(table_pages, column=html_column)))
