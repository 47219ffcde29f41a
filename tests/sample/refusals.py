"""Responses that are no pages: errors, redirects, other media, nothing at all."""

from __future__ import annotations

import struct
import zlib

from tests.sample.capture import HTML, Capture, Headers
from tests.sample.fates import Kind
from tests.sample.markup import page

_STATUS = {
    "404-missing": "404 Not Found",
    "404-moved-away": "404 Not Found",
    "410-gone": "410 Gone",
    "403-forbidden": "403 Forbidden",
    "500-broken": "500 Internal Server Error",
    "503-busy": "503 Service Unavailable",
}
_MOVED = {
    "301-permanent": "301 Moved Permanently",
    "301-slash": "301 Moved Permanently",
    "302-found": "302 Found",
    "308-permanent": "308 Permanent Redirect",
}


def image() -> bytes:
    """Return a picture of one grey pixel.

    >>> image()[:4]
    b'\\x89PNG'
    """

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")


def refusal(name: str, body: bytes, kind: Kind, status: str = "200 OK", headers: Headers = HTML) -> Capture:
    """Return a capture without text of its own."""
    return Capture(f"https://sample.example/{name}", body, kind, name, status=status, headers=headers)


def refusals() -> list[Capture]:
    """Return errors, redirects, other media, empty bodies and a DNS answer."""
    sorry = page("Sorry", "en", "<p>We could not find the page that you asked for.</p>").encode()
    result = [refusal(f"error/{name}", sorry, "error", status) for name, status in _STATUS.items()]
    for name, status in _MOVED.items():
        target = (*HTML, ("Location", "https://sample.example/article/en/photosynthesis"))
        result.append(refusal(f"redirect/{name}", b"<html><body>Moved</body></html>", "redirect", status, target))
    pdf = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
    media = {
        "pdf": ("application/pdf", pdf),
        "png": ("image/png", image()),
        "json": ("application/json", b'{"mill": ["wheel", "gate"]}'),
        "css": ("text/css", b"body { margin: 0 }\n"),
        "mislabelled-pdf": ("text/html", pdf),
    }
    for name, (media_type, body) in media.items():
        result.append(refusal(f"nonhtml/{name}", body, "nonhtml", headers=(("Content-Type", media_type),)))
    result.append(refusal("empty/no-body", b"", "empty"))
    result.append(refusal("empty/white-space", b" \r\n\r\n ", "empty"))
    answer = b"20240304000000\nsample.example.\t300\tIN\tA\t203.0.113.10\n"
    result.append(Capture("dns:sample.example", answer, "dns", "dns/answer", headers=()))
    return result
