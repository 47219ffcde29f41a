"""WARC files as streams: every record that may hold a page, what else there is, and what is damaged.

FastWARC parses; this module adds what a real crawl needs: after damage it finds the next record by its magic bytes
and goes on, and it tells a damaged file from one that is no WARC at all.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, NamedTuple

from fastwarc.warc import ArchiveIterator, WarcRecord

from pipeline.kernels.warc.http import HTML_TYPES, HttpHead, media_type, record_head
from pipeline.kernels.warc.packing import PackedFile, head_of, not_a_warc
from pipeline.kernels.warc.recovery import ByteStream
from pipeline.kernels.warc.zstd_dictionary import DictionaryError

RESPONSE: Final = "response"
CONVERSION: Final = "conversion"
"""A record of a text that was made of a page, as WET files have them."""
PAGE_KINDS: Final = {RESPONSE: None, "resource": ("", *HTML_TYPES), CONVERSION: ("", "text/plain")}
"""Types of WARC records that may hold a page, and the media types for which they do; None for those of HTTP."""
_Kinds = Mapping[str, Sequence[str] | None]
_MEDIA: Final = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,80}", re.ASCII)
_MOST_KINDS: Final = 200
_WINDOW = 1 << 20
_TRIES, _APART = 1000, 512
"""In vain a record may be looked for at so many places of a file, and once more on so many bytes of it."""


class Response(NamedTuple):
    """A record that may hold a page: its identity and its content, at most `cap` bytes of it.

    Attributes:
        payload: HTTP head and body of a response; of other records the body alone, of the media type `content_type`.
        kind: Its type of WARC record.
    """

    record_id: str | None
    url: str | None
    date: datetime | None
    offset: int
    truncated: str | None
    payload: bytes
    payload_is_whole: bool
    kind: str = RESPONSE
    content_type: str | None = None

    @property
    def head(self) -> HttpHead | None:
        """Status and headers; None where a response is none of HTTP."""
        return record_head(self.payload, self.content_type, is_http=self.kind == RESPONSE)


@dataclass
class ScanReport:
    """What a scan found, filled while it runs: records of any type, those that were yielded, and the first damage.

    Attributes:
        kinds: How many records there are of each type of WARC record and media type, such as `response image/png`.
    """

    records: int = 0
    responses: int = 0
    error: str | None = None
    damaged: int = 0
    kinds: Counter[str] = field(default_factory=Counter, compare=False)

    def note(self, error: str, count: int = 1) -> None:
        """Keep the first error and count them all; one may stand for several records."""
        self.damaged += count
        self.error = self.error or error

    def count(self, kind: str, content_type: str | None) -> None:
        """Count a record by its kind; those of very many kinds are counted together."""
        media = media_type(content_type)
        name = f"{kind} {media}" if _MEDIA.fullmatch(media) else kind
        self.kinds[name if name in self.kinds or len(self.kinds) < _MOST_KINDS else "other"] += 1


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


def read_pages(stream: ByteStream, cap: int, report: ScanReport, wanted: set[int] | None = None) -> Iterator[Response]:
    """Yield the records of a WARC stream that may hold a page, in file order: responses, resources and texts.

    Source: as `read_responses`, whose arguments it has.
    """
    return _read(stream, cap, report, wanted, PAGE_KINDS)


def read_responses(
    stream: ByteStream, cap: int, report: ScanReport, wanted: set[int] | None = None
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
    return _read(stream, cap, report, wanted, {RESPONSE: None})


def _read(
    stream: ByteStream, cap: int, report: ScanReport, wanted: set[int] | None, kinds: _Kinds
) -> Iterator[Response]:
    head = head_of(stream)
    complaint = not_a_warc(head)
    if complaint is not None:
        report.note(complaint)
        return
    try:
        file = PackedFile(stream, head)
    except DictionaryError as error:
        report.note(str(error))
        return
    start: int | None = file.start
    tries = 0
    last = _Last()
    while start is not None:
        last.length = None
        try:
            for record in ArchiveIterator(file.at(start), parse_http=False):
                yield from last.taken(report)
                report.records += 1
                last.begin(record, file.shift)
                last.response = _taken(record, last.offset, cap, report, kinds, wanted)
                last.end(record)
            yield from last.taken(report)
            if not report.records:
                report.note(f"no WARC record found{file.blame}")
            return
        except EOFError as error:
            report.note(f"record at offset {last.offset} is cut: {error}")
        except OSError as error:
            if getattr(error, "transient", False):
                raise
            if last.length is None:  # it broke off in a record, or no record begins where one was looked for
                report.note(f"after offset {max(last.offset, start)}: {error}{file.blame}")
            elif not last.is_at_its_offset or file.ends_in_order(last.offset, last.length):
                yield from last.taken(report)
                report.note(f"after offset {last.offset}: {error}{file.blame}")
            else:
                report.note(f"record at offset {last.offset}: its content is not as long as its Content-Length says")
        last.response = None
        tries += 1
        start = file.find(max(last.offset + 1, start + 1, (tries - _TRIES) * _APART))


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

    def begin(self, record: WarcRecord, shift: int) -> None:
        """Go to a record, whose place in the file is `shift` bytes behind that in its stream.

        Raises:
            EOFError: It says that it is longer than the file; for each such record the file is not read to its end.
        """
        # a file that is one gzip member gives every record the same place: count on, so that each has its own
        offset = record.stream_pos + shift
        self.is_at_its_offset = offset > self.offset
        self.offset = offset if self.is_at_its_offset else self.offset + 1
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


def _taken(
    record: WarcRecord, offset: int, cap: int, report: ScanReport, kinds: _Kinds, wanted: set[int] | None
) -> Response | None:
    """Return a record that may hold a page and is wanted, None for another; count it by its kind."""
    kind, content_type = str(record.record_type), record.headers.get("Content-Type")
    media_types = kinds.get(kind, ())
    is_page = media_types is None or media_type(content_type) in media_types
    response = None
    if is_page and (wanted is None or offset in wanted):
        response = _read_record(record, kind, offset, cap, report)
    if kind == RESPONSE:
        content_type = response.head.headers.get("content-type") if response and response.head else None
    report.count(kind, content_type)
    return response


def _read_record(record: WarcRecord, kind: str, offset: int, cap: int, report: ScanReport) -> Response | None:
    if not record.headers.get("Content-Length"):
        report.note(f"record at offset {offset} is cut in its header")
        return None
    payload = _content(record, cap + 1)
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
        kind=kind,
        content_type=headers.get("Content-Type"),
    )


def _content(record: WarcRecord, most: int) -> bytes:
    """Return the content of a record, up to some bytes; FastWARC makes room for all that it is asked for."""
    pieces: list[bytes] = []
    while most > 0 and (piece := record.reader.read(min(most, _WINDOW))):
        pieces.append(piece)
        most -= len(piece)
    return b"".join(pieces)
