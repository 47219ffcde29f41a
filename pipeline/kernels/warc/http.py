"""HTTP responses as crawlers store them: headers, transfer and content encodings undone."""

import re
from typing import NamedTuple

from pipeline.kernels.warc.encodings import BodyTooLargeError, undo_encodings

_STATUS = re.compile(rb"HTTP\S*[ \t]+(\d{3})(?:[ \t\r\n]|$)", re.IGNORECASE)
_HEAD_END = re.compile(rb"\n\r?\n")
_CHUNK_SIZE = re.compile(rb"\s*([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?\r?\n")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([^\s\"';,]+)", re.IGNORECASE)
HTML_TYPES = ("text/html", "application/xhtml+xml")
"""Media types of pages."""
_MOST_OF_HEAD = 256 << 10
_APART = frozenset({"x-robots-tag"})


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


def record_head(payload: bytes, content_type: str | None, *, is_http: bool) -> HttpHead | None:
    """Return the head of a record's content; of one that holds no HTTP a head that says its media type.

    >>> record_head(b"<p>x", "text/html", is_http=False)
    HttpHead(status=200, headers={'content-type': 'text/html'}, body_start=0)
    """
    if is_http:
        return parse_head(payload)
    return HttpHead(200, {"content-type": content_type} if content_type else {}, 0)


def header_charset(content_type: str | None) -> str | None:
    """Return the charset that a Content-Type header names, in lower case.

    >>> header_charset('text/html; charset="UTF-8"')
    'utf-8'
    """
    match = _CHARSET.search(content_type or "")
    return match[1].lower() if match else None


def is_xml(content_type: str | None) -> bool:
    """Return whether a browser reads what a Content-Type header names as XML.

    >>> is_xml("application/xhtml+xml; charset=utf-8"), is_xml("text/html"), is_xml(None)
    (True, False, False)
    """
    return (content_type or "").partition(";")[0].strip().lower() == "application/xhtml+xml"


def decode_body(body: bytes, headers: dict[str, str], cap: int) -> bytes:
    r"""Return the body with chunks joined and content encodings undone.

    A header that lies (the body is not chunked, not compressed, or in another way) is passed over: crawlers often undo
    an encoding and keep its header. What is sent under any Content-Encoding as a page or under no type is undone where
    its bytes show gzip, zstd or zlib; a file that is served as an archive stays one, and so does what is sent under
    none, as in browsers. A stream that ends early gives what it holds; a crawler that cut a record says so in
    WARC-Truncated.

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
    encodings = headers.get("content-encoding", "").lower()
    names = [name.strip() for name in encodings.split(",")]
    mislabelled = bool(encodings.strip()) and _may_be_a_page(headers.get("content-type"))
    body = undo_encodings(body, names, cap, unnamed=mislabelled)
    if len(body) > cap:
        raise BodyTooLargeError(len(body))
    return body


def media_type(content_type: str | None) -> str:
    """Return the media type of a Content-Type header in lower case, "" where there is none.

    >>> media_type("Text/HTML; charset=utf-8, text/plain")
    'text/html'
    """
    return re.split("[;,]", content_type or "")[0].strip().lower()  # a repeated header is joined by commas


def _may_be_a_page(content_type: str | None) -> bool:
    media = media_type(content_type)
    return not media or media.startswith("text/") or media in HTML_TYPES


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
