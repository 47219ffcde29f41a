"""ingest: WARC records that may hold a page, or the rows of a table of pages, with their keys, offsets and headers."""

from typing import TYPE_CHECKING, Any, NamedTuple, Self

import pyarrow as pa
from pydantic import Field

from pipeline.cells.parts import BatchStream, Part, charsets_digest, page_key
from pipeline.engine.stage import WatchedParams, stage
from pipeline.engine.tables import FittedTables
from pipeline.inputs.files import check_unchanged
from pipeline.inputs.streams import RetryingStream
from pipeline.kernels.opt_out.metas import declared_metas
from pipeline.kernels.opt_out.usage import usage_headers
from pipeline.kernels.urls.addresses import canonical_url, content_hash, document_id, host_of
from pipeline.kernels.warc.encodings import BodyTooLargeError, UndecodableBodyError
from pipeline.kernels.warc.http import HttpHead, decode_body, header_charset
from pipeline.kernels.warc.records import CONVERSION, Response, ScanReport, read_pages
from pipeline.kernels.warc.sniffing import is_html, is_text
from pipeline.spark.types import arrow_schema
from schemas.columns import (
    BODY_BYTES,
    BODY_HASH,
    CHARSET,
    CONTENT_LANGUAGE,
    CONTENT_USAGE,
    DECLARED_ROBOTS,
    DECLARED_TDM,
    DOC_ID,
    DROP,
    FETCH_TIME,
    HOST,
    IDENTITY,
    LAST_MODIFIED,
    RECORD_ID,
    SOURCE_URL,
    TDM_POLICY,
    TDM_RESERVATION,
    URL,
    WARC_FILE,
    WARC_OFFSET,
    X_ROBOTS_TAG,
    Column,
)
from schemas.reasons import QUARANTINED

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_MEASURED = (
    *(*IDENTITY, HOST, BODY_BYTES, BODY_HASH, CHARSET, X_ROBOTS_TAG, CONTENT_USAGE, TDM_RESERVATION, TDM_POLICY),
    *(DECLARED_ROBOTS, DECLARED_TDM, CONTENT_LANGUAGE, LAST_MODIFIED),
)
REFUSAL = Column("__refusal", DROP.type, "why the record is no page", None)
_ROWS = 1024
_PAGE_STATUSES = (200, 203)
"""OK, and what a proxy on the way has changed (Non-Authoritative Information): both answer with the page."""


class IngestParams(WatchedParams):
    """Parameters of ingest."""

    max_body_bytes: int = Field(4 << 20, ge=1)
    """Bytes of the decoded body above which a record is dropped; enforced while decoding."""
    url_column: str = "url"
    """Column of an input table that names the page."""
    html_column: str | None = "html"
    """Column of an input table that holds HTML; used where there is no text column."""
    text_column: str | None = "text"
    """Column of an input table that holds text."""
    charsets_digest: str | None = None
    """Hash of the tables of charsets; the run fills it in."""
    compose: bool = True
    """Whether the texts of an input table are composed, as `extract.compose` has it for pages."""

    def resolved(self) -> Self:
        """Return the parameters with the hash of the tables of charsets."""
        return self.model_copy(update={"charsets_digest": charsets_digest()})

    @property
    def payload_cap(self) -> int:
        """Bytes to read of a stored payload: the cap, and room for the head and the chunks' sizes."""
        return self.max_body_bytes + self.max_body_bytes // 16 + (256 << 10)


def measure_ingest(_: BatchStream, params: IngestParams, fitted: FittedTables) -> BatchStream:
    """Yield a row per record that may hold a page, and report on the file."""
    part = fitted.part
    stream, report = RetryingStream(part.uri), ScanReport()
    schema = arrow_schema((*_MEASURED, REFUSAL))
    rows: list[dict[str, Any]] = []
    watch = fitted.quarantine.watch(params.max_page_cpu_seconds)
    try:
        for response in read_pages(stream, params.payload_cap, report):
            keys = _keys(response, part)
            if page_key(response.offset, keys[DOC_ID.name]) in fitted.quarantined:
                rows.append(dict.fromkeys(schema.names) | keys | {REFUSAL.name: refused(QUARANTINED)})
            else:
                with watch.page(part, response.offset, keys[DOC_ID.name], keys[SOURCE_URL.name]):
                    rows.append(keys | _read(response, params))
            if len(rows) == _ROWS:
                yield pa.RecordBatch.from_pylist(rows, schema=schema)
                rows = []
    finally:
        stream.close()
    if rows:
        yield pa.RecordBatch.from_pylist(rows, schema=schema)
    check_unchanged(part)
    report_scan(report, fitted)


def report_scan(report: ScanReport, fitted: FittedTables) -> None:
    """Tell what could be read of a file."""
    error = report.error and f"{report.error} ({report.damaged} damaged)"
    kinds = [{"kind": kind, "count": count} for kind, count in sorted(report.kinds.items())]
    fitted.report(error=error, records=report.records, responses=report.responses, kinds=kinds)


def _keys(response: Response, part: Part) -> dict[str, Any]:
    """Return what a record is known by; nothing in it costs more than a look at its bytes."""
    source_url = response.url or ""
    name = part.source.rsplit("/", 1)[-1]
    return {
        RECORD_ID.name: response.record_id,
        DOC_ID.name: document_id(response.record_id or f"{name}:{response.offset}", source_url),
        SOURCE_URL.name: source_url,
        URL.name: source_url,
        FETCH_TIME.name: response.date,
        WARC_FILE.name: part.source,
        WARC_OFFSET.name: response.offset,
    }


def _read(response: Response, params: IngestParams) -> dict[str, Any]:
    """Return what a record holds; pages are few a second beside what their extraction costs."""
    url = canonical_url(response.url or "")
    head = response.head
    headers = head.headers if head else {}
    host = host_of(url)
    judged = _refusal(response, host, head, params)
    return {
        URL.name: url,
        HOST.name: host,
        BODY_BYTES.name: judged.size,
        BODY_HASH.name: judged.hash,
        CHARSET.name: header_charset(headers.get("content-type")),
        X_ROBOTS_TAG.name: headers.get("x-robots-tag"),
        CONTENT_USAGE.name: usage_headers(headers),
        TDM_RESERVATION.name: headers.get("tdm-reservation"),
        TDM_POLICY.name: headers.get("tdm-policy"),
        DECLARED_ROBOTS.name: judged.robots,
        DECLARED_TDM.name: judged.mining,
        CONTENT_LANGUAGE.name: headers.get("content-language"),
        LAST_MODIFIED.name: headers.get("last-modified"),
        REFUSAL.name: judged.refusal,
    }


class _Judged(NamedTuple):
    """Why a record is no page (None where it is one), bytes and hash of its decoded body, and what its metas ask."""

    refusal: dict[str, Any] | None
    size: int | None = None
    hash: int | None = None
    robots: str | None = None
    mining: str | None = None


def _refusal(response: Response, host: str | None, head: HttpHead | None, params: IngestParams) -> _Judged:
    if head is None:
        return _Judged(refused("not_http"))
    if head.status not in _PAGE_STATUSES:
        return _Judged(refused("http_status", head.status, 200))
    if response.truncated:
        return _Judged(refused("truncated"))
    if not response.url:
        return _Judged(refused("no_url"))
    if host is None:
        return _Judged(refused("no_host"))
    try:
        body = decode_body(response.payload[head.body_start :], head.headers, params.max_body_bytes)
    except BodyTooLargeError as error:
        return _Judged(refused("body_too_large", error.args[0], params.max_body_bytes), error.args[0])
    except UndecodableBodyError:
        return _Judged(refused("undecodable_body"))
    refusal = _refused_body(body, response, head, params)
    charset = header_charset(head.headers.get("content-type"))
    is_page = refusal is None and response.kind != CONVERSION
    metas = declared_metas(body, charset) if is_page else (None, None)
    return _Judged(refusal, len(body), content_hash(body), *metas)


def _refused_body(body: bytes, response: Response, head: HttpHead, params: IngestParams) -> dict[str, Any] | None:
    if not response.payload_is_whole:
        return refused("body_too_large", len(body), params.max_body_bytes)
    if not body.strip():
        return refused("empty_body")
    content_type = head.headers.get("content-type")
    is_page = response.kind == CONVERSION or is_html(body, content_type)
    if not is_page or not is_text(body, header_charset(content_type)):
        return refused("not_html")
    return None


def refused(reason: str, value: float | None = None, limit: float | None = None) -> dict[str, Any]:
    """Return the drop of a record that is no page."""
    return {
        "stage": "ingest",
        "reason": reason,
        "value": None if value is None else float(value),
        "limit": None if limit is None else float(limit),
    }


@stage(adds=(*_MEASURED, REFUSAL), measure=measure_ingest, rereads_source=True, version=3)
def ingest(docs: "DataFrame", params: IngestParams) -> "DataFrame":  # noqa: ARG001
    """Drop what is no page: errors, redirects, other media, truncated, empty and oversized bodies."""
    return docs.withColumn(DROP.name, docs[REFUSAL.name])
