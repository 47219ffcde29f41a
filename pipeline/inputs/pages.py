"""The HTML of the pages that are still wanted, read again from where they came from."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.cells.parts import Part
from pipeline.errors import InputError
from pipeline.inputs.files import changed
from pipeline.inputs.streams import RetryingStream
from pipeline.inputs.tables import read_table
from pipeline.kernels.urls.addresses import content_hash
from pipeline.kernels.warc.charset import to_utf_8
from pipeline.kernels.warc.encodings import BodyTooLargeError, UndecodableBodyError
from pipeline.kernels.warc.http import decode_body, header_charset, is_xml
from pipeline.kernels.warc.records import CONVERSION, ScanReport, read_pages
from pipeline.stores import storage


class Page(NamedTuple):
    """A page.

    Attributes:
        offset: Where its record begins, or the number of its row.
        source: Its HTML, as UTF-8.
        body_hash: The hash of the bytes that this was read from.
        is_text: Whether it is a text already, as WET files have them, instead of HTML.
        is_xml: Whether it was sent as XML.
    """

    offset: int
    source: bytes
    body_hash: int
    is_text: bool = False
    is_xml: bool = False


PageReader = Callable[[Part, set[int]], Iterator[Page]]
_MOST = 256 << 20
"""Bytes of a record that ingest has let pass; it bounds them far lower, unless the file has changed since."""


def warc_pages(part: Part, wanted: set[int]) -> Iterator[Page]:
    """Yield the wanted pages of a WARC file in file order.

    Args:
        part: The file.
        wanted: Offsets of the records.
    """
    stream = RetryingStream(part.uri)
    try:
        for response in read_pages(stream, _MOST, ScanReport(), wanted):
            head = response.head
            if head is None or not response.payload_is_whole:
                continue
            try:
                body = decode_body(response.payload[head.body_start :], head.headers, _MOST)
            except (BodyTooLargeError, UndecodableBodyError):
                continue
            content_type = head.headers.get("content-type")
            source, _ = to_utf_8(body, header_charset(content_type))
            yield Page(
                response.offset, source, content_hash(body), response.kind == CONVERSION, is_xml=is_xml(content_type)
            )
    finally:
        stream.close()


def table_pages(part: Part, wanted: set[int], column: str) -> Iterator[Page]:
    """Yield the wanted pages of an input table, whose `column` holds HTML (text, or bytes in any charset)."""
    schema = pa.schema([(column, pa.binary() if _is_binary(part, column) else pa.string())])
    for offset, rows in read_table(part, schema, ScanReport()):
        for number, html in enumerate(rows.column(0).to_pylist(), offset):
            if number in wanted and html is not None:
                is_text = isinstance(html, str)
                body = html.encode() if is_text else html
                yield Page(number, body if is_text else to_utf_8(body, None)[0], content_hash(body))


def _is_binary(part: Part, column: str) -> bool:
    if not part.uri.lower().endswith(".parquet"):
        return False
    try:
        with storage.open_for_reading(part.uri) as stream:
            schema = pq.read_schema(stream)
    except pa.ArrowInvalid:
        raise InputError(changed(part)) from None
    kind = schema.field(column).type if column in schema.names else pa.string()
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))
