"""WARC files as streams: every response record that can be read, and what is damaged.

FastWARC parses; this module adds what a real crawl needs: after damage it finds the next record by its magic bytes
and goes on, and it tells a damaged file from one that is no WARC at all.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

_MAGICS = {b"\x1f\x8b": b"\x1f\x8b\x08", b"\x04\x22": b"\x04\x22\x4d\x18", b"\x28\xb5": b"\x28\xb5\x2f\xfd"}
_PLAIN_MAGIC = b"WARC/"
_WINDOW = 1 << 20


class ByteStream(Protocol):
    """What a scan needs of a file."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a byte."""

    def tell(self) -> int:
        """Return the position."""

    def close(self) -> None:
        """Let go of the file."""


class Response(NamedTuple):
    """A response record: its identity and its payload (HTTP head and body), at most `cap` bytes of it."""

    record_id: str | None
    url: str | None
    date: datetime | None
    offset: int
    truncated: str | None
    payload: bytes
    payload_is_whole: bool


@dataclass
class ScanReport:
    """What a scan found, filled while it runs: records of any type, responses, and the first damage."""

    records: int = 0
    responses: int = 0
    error: str | None = None
    damaged: int = 0

    def note(self, error: str) -> None:
        """Keep the first error and count them all."""
        self.damaged += 1
        self.error = self.error or error


def parse_date(value: str | None) -> datetime | None:
    """Return a WARC-Date in UTC, None where it cannot be parsed.

    >>> parse_date("2026-06-17T11:10:00Z")
    datetime.datetime(2026, 6, 17, 11, 10, tzinfo=datetime.timezone.utc)
    >>> parse_date("soon") is None
    True
    """
    try:
        date = datetime.fromisoformat((value or "").strip())
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_responses(
    stream: "ByteStream", cap: int, report: ScanReport, wanted: set[int] | None = None
) -> Iterator[Response]:
    """Yield the response records of a WARC stream in file order.

    Args:
        stream: A seekable stream at its start; plain, gzip (a member a record), lz4 or zstd.
        cap: Bytes of a payload to read; what is longer is not whole.
        report: Filled while reading.
        wanted: Offsets of the records to yield; None for all. Others are passed over unread.
    """
    head = stream.read(512)
    complaint = _not_a_warc(head)
    if complaint is not None:
        report.note(complaint)
        return
    magic = _MAGICS.get(head[:2], _PLAIN_MAGIC)
    start, last = 0, -1
    while True:
        stream.seek(start)
        try:
            for record in ArchiveIterator(stream, parse_http=False):
                # a file that is one gzip member gives every record the same place: count on, so that each has its own
                last = record.stream_pos if record.stream_pos > last else last + 1
                response = _read_record(record, last, cap, report, wanted)
                if response is not None:
                    yield response
            if not report.records:
                report.note("no WARC record found")
            return
        except OSError as error:
            if getattr(error, "transient", False):
                raise
            last = max(last, start)
            report.note(f"after offset {last}: {error}")
        found = _find(stream, magic, last + 1)
        if found is None:
            return
        start = found


def _not_a_warc(head: bytes) -> str | None:
    if not head:
        return "empty file"
    text = head
    if head[:2] == b"\x1f\x8b":
        try:
            text = zlib.decompressobj(31).decompress(head, 256)
        except zlib.error:
            return None
    if text.startswith(b"filedesc:"):
        return "ARC file, which is not read: convert it to WARC first (warcio recompress)"
    known = head[:2] in _MAGICS or _PLAIN_MAGIC in text
    return None if known else f"not a WARC file: it begins with {text[:16]!r}"


def _read_record(
    record: WarcRecord, offset: int, cap: int, report: ScanReport, wanted: set[int] | None
) -> Response | None:
    report.records += 1
    if record.record_type != WarcRecordType.response:
        return None
    if wanted is not None and offset not in wanted:
        return None
    if not record.headers.get("Content-Length"):
        report.note(f"record at offset {offset} is cut in its header")
        return None
    payload = record.reader.read(cap + 1)
    whole = len(payload) <= cap
    if whole and len(payload) < record.content_length:
        report.note(f"record at offset {offset} is cut: {len(payload)} of {record.content_length} bytes")
        return None
    report.responses += 1
    headers = record.headers
    url = headers.get("WARC-Target-URI")
    return Response(
        record_id=headers.get("WARC-Record-ID"),
        url=url.strip().removeprefix("<").removesuffix(">") if url else None,
        date=parse_date(headers.get("WARC-Date")),
        offset=offset,
        truncated=headers.get("WARC-Truncated"),
        payload=payload,
        payload_is_whole=whole,
    )


def _find(stream: "ByteStream", magic: bytes, start: int) -> int | None:
    stream.seek(start)
    position, tail = start, b""
    while chunk := stream.read(_WINDOW):
        window = tail + chunk
        at = window.find(magic)
        if at >= 0:
            return position - len(tail) + at
        tail = window[-(len(magic) - 1) :]
        position += len(chunk)
    return None
