"""HTTP responses as crawlers store them: headers, transfer and content encodings undone, HTML told from the rest.

Everything is bounded by bytes: a decoder stops as soon as its output passes the cap, so a compression bomb costs no
more than an honest page of that size.
"""

import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import brotli

_STATUS = re.compile(rb"HTTP\S*[ \t]+(\d{3})(?:[ \t\r\n]|$)", re.IGNORECASE)
_HEAD_END = re.compile(rb"\n\r?\n")
_CHUNK_SIZE = re.compile(rb"\s*([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?\r?\n")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([^\s\"';,]+)", re.IGNORECASE)
_HTML_START = re.compile(rb"<(?:!doctype\s+html|html[\s>]|head[\s>]|body[\s>])", re.IGNORECASE)
_BINARY_MAGIC = (b"%PDF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"PK\x03\x04", b"RIFF", b"wOFF", b"wOF2", b"\x7fELF")
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_STEP = 1 << 16
_FIRST_STEP = 1 << 10
_MOST_OF_HEAD = 256 << 10
_MOST_ENCODINGS = 8
_APART = frozenset({"x-robots-tag"})


class BodyTooLargeError(Exception):
    """The decoded body passed the cap; `args[0]` is the number of bytes seen."""


class UndecodableBodyError(Exception):
    """An encoding that the headers name cannot be undone."""


class HttpHead(NamedTuple):
    """Status and headers of a response; header names are lower case, repeated headers are joined by ', '.

    Those of `_APART` are joined by a line break: an X-Robots-Tag may begin with the agent that it is meant for, and
    what follows holds for that agent up to the header's end. Of a head of more than 256 KiB the rest is passed over.
    """

    status: int
    headers: dict[str, str]
    body_start: int


def parse_head(payload: bytes) -> HttpHead | None:
    r"""Return the head of an HTTP response, None where the bytes are no HTTP response.

    >>> parse_head(b"HTTP/1.1 200 OK\r\nX-Robots-Tag: noai\r\nX-Robots-Tag: noindex\r\n\r\n<html>")
    HttpHead(status=200, headers={'x-robots-tag': 'noai\nnoindex'}, body_start=62)
    >>> parse_head(b"20060101 example.org. A 192.0.2.1") is None
    True
    """
    match = _STATUS.match(payload)
    if match is None:
        return None
    end = _HEAD_END.search(payload)
    body_start = end.end() if end else len(payload)
    values: dict[str, list[list[str]]] = {}  # name → its values, each of them the pieces that its lines hold
    last: list[str] | None = None
    for line in payload[: min(body_start, _MOST_OF_HEAD)].decode("latin-1").split("\n")[1:]:
        if line[:1] in (" ", "\t") and last is not None:
            last.append(line.strip())
            continue
        name, colon, value = line.partition(":")
        if colon:
            last = [value.strip()]
            values.setdefault(name.strip().lower(), []).append(last)
    headers = {
        name: ("\n" if name in _APART else ", ").join(" ".join(pieces).strip() for pieces in several)
        for name, several in values.items()
    }
    return HttpHead(int(match[1]), headers, body_start)


def header_charset(content_type: str | None) -> str | None:
    """Return the charset that a Content-Type header names, in lower case.

    >>> header_charset('text/html; charset="UTF-8"')
    'utf-8'
    """
    match = _CHARSET.search(content_type or "")
    return match[1].lower() if match else None


def decode_body(body: bytes, headers: dict[str, str], cap: int) -> bytes:
    r"""Return the body with chunks joined and content encodings undone.

    A header that lies (the body is not chunked or not compressed) is passed over: crawlers often undo an encoding and
    keep its header. A stream that ends early gives what it holds, as in browsers; a crawler that cut a record says so
    in WARC-Truncated.

    Raises:
        BodyTooLargeError: The decoded body has more than `cap` bytes.
        UndecodableBodyError: A compressed body is damaged, or encoded too many times.

    >>> decode_body(b"4\r\nabcd\r\n1\r\ne\r\n0\r\n\r\n", {"transfer-encoding": "chunked"}, 100)
    b'abcde'
    >>> decode_body(b"plain", {"content-encoding": "gzip"}, 100)
    b'plain'
    """
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _join_chunks(body)
    names = [name.strip() for name in headers.get("content-encoding", "").lower().split(",")]
    encodings = [name for name in names if name and name != "identity"]
    if len(encodings) > _MOST_ENCODINGS:
        raise UndecodableBodyError(f"{len(encodings)} content encodings")
    for encoding in reversed(encodings):
        body = _undo(body, encoding, cap)
    if len(body) > cap:
        raise BodyTooLargeError(len(body))
    return body


def _join_chunks(body: bytes) -> bytes:
    out: list[bytes] = []
    at = 0
    while match := _CHUNK_SIZE.match(body, at):
        size = int(match[1], 16)
        if size == 0:
            return b"".join(out)
        out.append(body[match.end() : match.end() + size])
        at = match.end() + size
        if body[at : at + 3] in (b"", b"\r", b"\n", b"\r\n"):  # cut after a chunk
            return b"".join(out)
    return b"".join(out) + body[at:]


def _undo(body: bytes, encoding: str, cap: int) -> bytes:
    if encoding in ("gzip", "x-gzip"):
        if body[:2] != b"\x1f\x8b":
            return body
        return _collect(_inflate(body, 31), cap)
    if encoding == "deflate":
        zlib_header = len(body) > 1 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
        return _collect_or_plain(_inflate(body, 15 if zlib_header else -15), body, cap)
    if encoding == "br":
        return _collect_or_plain(_unbrotli(body), body, cap)
    return body


def _collect_or_plain(pieces: Iterator[bytes], body: bytes, cap: int) -> bytes:
    """Return what a stream without a magic number holds; a text that is none, or that says nothing as one, itself."""
    try:
        decoded = _collect(pieces, cap)
    except UndecodableBodyError:
        if looks_like_text(body):
            return body
        raise
    return decoded if decoded or not looks_like_text(body) else body


def _collect(pieces: Iterator[bytes], cap: int) -> bytes:
    out: list[bytes] = []
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > cap:
            raise BodyTooLargeError(size)
        out.append(piece)
    return b"".join(out)


def _inflate(body: bytes, window: int) -> Iterator[bytes]:
    """Yield what a stream holds, and the members of gzip behind it, handing out no more than a step of it at a time."""
    at, goes_on = 0, bool(body)
    try:
        while goes_on:
            decoder, step = zlib.decompressobj(window), _FIRST_STEP  # a body may be thousands of tiny members
            while not decoder.eof:
                given = body[at : at + step]
                piece = decoder.decompress(given, _STEP)
                at += len(given) - len(decoder.unconsumed_tail) - len(decoder.unused_data)
                step = _STEP
                yield piece
                if not piece and at >= len(body):
                    return
            goes_on = body[at : at + 2] == b"\x1f\x8b"
    except zlib.error as error:
        raise UndecodableBodyError(str(error)) from error


def _unbrotli(body: bytes) -> Iterator[bytes]:
    decoder = brotli.Decompressor()
    try:
        yield decoder.process(body, output_buffer_limit=_STEP)
        while not decoder.is_finished():
            piece = decoder.process(b"", output_buffer_limit=_STEP)
            if not piece and decoder.can_accept_more_data():
                return
            yield piece
    except brotli.error as error:
        raise UndecodableBodyError(str(error)) from error


def looks_like_text(body: bytes) -> bool:
    r"""Tell whether bytes are text rather than compressed: hardly any control character at their start.

    >>> looks_like_text(b"<html><p>Hello"), looks_like_text(b"\x1b\x02\x00\x8f\x03\x01\x00")
    (True, False)
    """
    head = body[:512]
    odd = sum(byte < 32 and byte not in b"\t\n\r\x0c" for byte in head)
    return bool(head) and odd * 20 <= len(head)


def is_html(body: bytes, content_type: str | None) -> bool:
    r"""Tell whether a body is HTML or XHTML, by its header or, where that is missing or lies, by its content.

    >>> is_html(b"%PDF-1.7", "text/html"), is_html(b"\n<!DOCTYPE html><p>x", "application/octet-stream")
    (False, True)
    >>> is_html(b"{}", "application/json"), is_html(b"plain words", "text/html; charset=utf-8")
    (False, True)
    """
    head = body[:2048].replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(_BINARY_MAGIC):
        return False
    if re.split("[;,]", content_type or "")[0].strip().lower() in _HTML_TYPES:  # a repeated header is joined by commas
        return True
    return head.startswith(b"<") and _HTML_START.search(head) is not None
