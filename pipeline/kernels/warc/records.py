"""WARC files as streams: every response record that can be read, and what is damaged.

FastWARC parses; this module adds what a real crawl needs: after damage it finds the next record by its magic bytes
and goes on, and it tells a damaged file from one that is no WARC at all.
"""

import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from fastwarc.stream_io import GzipReader, Lz4Reader, ZstdReader
from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

_MAGICS = {b"\x1f\x8b": b"\x1f\x8b\x08", b"\x04\x22": b"\x04\x22\x4d\x18", b"\x28\xb5": b"\x28\xb5\x2f\xfd"}
_READERS = {b"\x1f\x8b": GzipReader, b"\x04\x22": Lz4Reader, b"\x28\xb5": ZstdReader}
_PLAIN_MAGIC = b"\nWARC/"
_WINDOW = 1 << 20
_FIRST_WINDOW = 1 << 12
_HEAD_END = b"\r\n\r\n"
_MOST_OF_HEAD = 1 << 16
_TRIES, _APART = 1000, 512
"""In vain a record may be looked for at so many places of a file, and once more on so many bytes of it."""


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

    def note(self, error: str, count: int = 1) -> None:
        """Keep the first error and count them all; one may stand for several records."""
        self.damaged += count
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

    A record whose Content-Length is wrong is damage: it is noted, and reading goes on at the next record behind its
    header, wherever its content is said to end. So a record is yielded once the next one, or the end of the file, was
    met where it has to be. A length that happens to end where a later record does, or before an empty line with
    damage behind it, is believed. What looks like a record's beginning everywhere costs a file no more than `_TRIES`
    and one place in `_APART` bytes: those between are passed over.

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
    magic = head[:2] if head[:2] in _MAGICS else b""
    start: int | None = 0
    tries = 0
    last = _Last()
    while start is not None:
        stream.seek(start)
        last.length = None
        try:
            for record in ArchiveIterator(stream, parse_http=False):
                yield from last.taken(report)
                report.records += 1
                last.begin(record)
                if record.record_type == WarcRecordType.response and (wanted is None or last.offset in wanted):
                    last.response = _read_record(record, last.offset, cap, report)
                last.end(record)
            yield from last.taken(report)
            if not report.records:
                report.note("no WARC record found")
            return
        except EOFError as error:
            report.note(f"record at offset {last.offset} is cut: {error}")
        except OSError as error:
            if getattr(error, "transient", False):
                raise
            if last.length is None:  # it broke off in a record, or no record begins where one was looked for
                report.note(f"after offset {max(last.offset, start)}: {error}")
            elif not last.is_at_its_offset or _ends_in_order(stream, magic, last.offset, last.length):
                yield from last.taken(report)
                report.note(f"after offset {last.offset}: {error}")
            else:
                report.note(f"record at offset {last.offset}: its content is not as long as its Content-Length says")
        last.response = None
        tries += 1
        start = _find(stream, magic, max(last.offset + 1, start + 1, (tries - _TRIES) * _APART))


@dataclass
class _Last:
    """The record that was read last; it is not known to be whole before the next one begins.

    Attributes:
        offset: Where it begins.
        is_at_its_offset: Whether it begins just there, and not in the middle of a stream that holds several.
        response: What to yield of it.
        length: Bytes of its content that were there; None while these are read.
        most: Bytes that the content of a record can have: those to the end of the file, once it was met.
    """

    offset: int = -1
    is_at_its_offset: bool = True
    response: Response | None = None
    length: int | None = None
    most: float = math.inf

    def begin(self, record: WarcRecord) -> None:
        """Go to a record.

        Raises:
            EOFError: It says that it is longer than the file; for each such record the file is not read to its end.
        """
        # a file that is one gzip member gives every record the same place: count on, so that each has its own
        self.is_at_its_offset = record.stream_pos > self.offset
        self.offset = record.stream_pos if self.is_at_its_offset else self.offset + 1
        self.response = self.length = None
        if record.content_length > self.most:
            raise EOFError(f"at most {self.most} of {record.content_length} bytes")

    def end(self, record: WarcRecord) -> None:
        """Read what is left of a record.

        Raises:
            EOFError: It is cut.
        """
        self.length = record.reader.tell() + record.reader.consume()
        if self.length < record.content_length:
            self.most = self.length
            raise EOFError(f"{self.length} of {record.content_length} bytes")

    def taken(self, report: ScanReport) -> Iterator[Response]:
        """Yield what there is to yield, and count it."""
        if self.response is not None:
            report.responses += 1
            yield self.response
            self.response = None


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
    known = head[:2] in _MAGICS or _PLAIN_MAGIC[1:] in text
    return None if known else f"not a WARC file: it begins with {text[:16]!r}"


def _read_record(record: WarcRecord, offset: int, cap: int, report: ScanReport) -> Response | None:
    if not record.headers.get("Content-Length"):
        report.note(f"record at offset {offset} is cut in its header")
        return None
    payload = _read(record, cap + 1)
    headers = record.headers
    url = headers.get("WARC-Target-URI")
    return Response(
        record_id=headers.get("WARC-Record-ID"),
        url=url.strip().removeprefix("<").removesuffix(">") if url else None,
        date=parse_date(headers.get("WARC-Date")),
        offset=offset,
        truncated=headers.get("WARC-Truncated"),
        payload=payload,
        payload_is_whole=len(payload) <= cap,
    )


def _read(record: WarcRecord, most: int) -> bytes:
    """Return the content of a record, up to some bytes; FastWARC makes room for all that it is asked for."""
    pieces: list[bytes] = []
    while most > 0 and (piece := record.reader.read(min(most, _WINDOW))):
        pieces.append(piece)
        most -= len(piece)
    return b"".join(pieces)


def _ends_in_order(stream: "ByteStream", magic: bytes, offset: int, length: int) -> bool:
    """Tell whether a record's content is followed by the two line breaks that end a record, or by nothing."""
    stream.seek(offset)
    reader = _READERS[magic](stream) if magic else stream
    try:
        if magic:
            _pass_packed_head(reader)
        else:
            stream.seek(offset + _head_length(stream))
        while length > 0 and (piece := reader.read(min(length, _WINDOW))):
            length -= len(piece)
        return length == 0 and reader.read(4) in (b"\r\n\r\n", b"")
    except OSError as error:
        if getattr(error, "transient", False):
            raise
        return False


def _pass_packed_head(reader: "ByteStream") -> None:
    """Read a record's head, byte by byte: the next member may be damaged, and must not be touched."""
    head = bytearray()
    while not head.endswith(_HEAD_END) and len(head) < _MOST_OF_HEAD and (byte := reader.read(1)):
        head += byte


def _head_length(stream: "ByteStream") -> int:
    """Return the bytes of a record's head."""
    head = b""
    while _HEAD_END not in head and len(head) < _MOST_OF_HEAD and (piece := stream.read(_FIRST_WINDOW)):
        head += piece
    end = head.find(_HEAD_END)
    return min(len(head) if end < 0 else end + len(_HEAD_END), _MOST_OF_HEAD)


def _find(stream: "ByteStream", magic: bytes, start: int) -> int | None:
    """Return where the next record may begin; None where none does.

    Args:
        stream: The file.
        magic: What its compressed records begin with; none for a plain file, whose records begin a line.
        start: Where to look from.
    """
    sought = _MAGICS[magic] if magic else _PLAIN_MAGIC
    stream.seek(start)
    position, tail, step = start, b"", _FIRST_WINDOW
    while chunk := stream.read(step):
        step = min(2 * step, _WINDOW)
        window = tail + chunk
        at = window.find(sought)
        if at >= 0:
            return position - len(tail) + at + (0 if magic else 1)
        tail = window[-(len(sought) - 1) :]
        position += len(chunk)
    return None
