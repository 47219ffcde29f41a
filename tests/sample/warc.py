"""WARC/1.0 records, written by hand so that every byte is known."""

from __future__ import annotations

import base64
import gzip
import hashlib
from urllib.parse import urlsplit

from tests.sample.capture import Capture, Headers, urn

AGENT = "gristmill-sample/1.0"


def digest(block: bytes) -> str:
    """Return a digest in the form that WARC tools write.

    >>> digest(b"")
    'sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ'
    """
    return "sha1:" + base64.b32encode(hashlib.sha1(block).digest()).decode("ascii")


def record(kind: str, record_id: str, date: str, headers: Headers, block: bytes) -> bytes:
    """Return one record: version line, headers, block and the two empty lines after it."""
    fields: Headers = (
        ("WARC-Type", kind),
        ("WARC-Record-ID", record_id),
        ("WARC-Date", date),
        *headers,
        ("WARC-Block-Digest", digest(block)),
        ("Content-Length", str(len(block))),
    )
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"WARC/1.0\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"


def description(file_name: str) -> bytes:
    """Return the `warcinfo` record that opens a file."""
    block = f"software: {AGENT}\r\nformat: WARC File Format 1.0\r\nisPartOf: gristmill-sample\r\n".encode()
    headers = (("WARC-Filename", file_name), ("Content-Type", "application/warc-fields"))
    return record("warcinfo", urn(file_name), "2024-03-04T00:00:00Z", headers, block)


def request(capture: Capture) -> bytes:
    """Return the `request` record that led to a capture."""
    parts = urlsplit(capture.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    block = f"GET {path} HTTP/1.1\r\nHost: {parts.hostname}\r\nUser-Agent: {AGENT}\r\nAccept: */*\r\n\r\n".encode()
    headers = (
        ("WARC-Target-URI", capture.url),
        ("WARC-Concurrent-To", capture.record_id),
        ("Content-Type", "application/http; msgtype=request"),
    )
    return record("request", urn(f"request {capture.record_id}"), capture.date, headers, block)


def response(capture: Capture) -> bytes:
    """Return the `response` record of a capture; for DNS the block is the answer itself."""
    target = (("WARC-Target-URI", capture.url), *capture.warc_headers)
    if capture.kind == "dns":
        headers: Headers = (*target, ("Content-Type", "text/dns"))
        return record("response", capture.record_id, capture.date, headers, capture.body)
    fields = (("Server", AGENT), *capture.headers)
    if not any(name == "Transfer-Encoding" for name, _ in fields):
        fields = (*fields, ("Content-Length", str(len(capture.body))))
    head = f"HTTP/1.1 {capture.status}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields)
    headers = (
        *target,
        ("Content-Type", "application/http; msgtype=response"),
        ("WARC-Payload-Digest", digest(capture.body)),
    )
    return record("response", capture.record_id, capture.date, headers, f"{head}\r\n".encode() + capture.body)


def member(written: bytes) -> bytes:
    """Return a gzip member that holds one record, without a clock in its header."""
    return gzip.compress(written, compresslevel=9, mtime=0)
