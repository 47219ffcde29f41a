"""Content encodings undone, those that a header names and those that the bytes show; bounded by bytes while decoding.

A decoder stops as soon as its output passes the cap, so a compression bomb costs no more than an honest page of that
size.
"""

import zlib
from collections.abc import Iterator, Sequence
from typing import Final

import brotli
import zstandard

_STEP: Final = 1 << 16
_FIRST_STEP: Final = 1 << 10
_MOST_ENCODINGS: Final = 8
_MOST_WINDOW: Final = 8 << 20
"""Bytes of the window of zstd that browsers allow for a content encoding (RFC 9659)."""
_LARGEST_WINDOW: Final = 1 << 30
"""Bytes of a window that zstd can be asked for."""
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_ZLIB: Final = (b"\x78\x01", b"\x78\x9c", b"\x78\xda")
"""What zlib begins with at the levels in use, but for `x^`, with which a text may begin."""
_NAMES: Final = {"x-gzip": "gzip", "x-zstd": "zstd"}


class BodyTooLargeError(Exception):
    """The decoded body passed the cap; `args[0]` is the number of bytes seen."""


class UndecodableBodyError(Exception):
    """An encoding that the headers name cannot be undone."""


def undo_encodings(body: bytes, names: Sequence[str], cap: int, *, unnamed: bool) -> bytes:
    """Return a body without its content encodings.

    The bytes come before the names: what begins as gzip or zstd does is undone as such, whatever it is called and
    however often; what is called so and does not begin so stays. Neither deflate nor Brotli has a sure mark: what is
    called so and cannot be undone stays where it is text.

    Args:
        body: As it was sent, chunks joined.
        names: Encodings in the order in which they were applied, in lower case.
        cap: Bytes that the decoded body may have.
        unnamed: Whether to undo gzip, zstd and zlib that no name tells of; where these are damaged, the body stays.

    Raises:
        BodyTooLargeError: A decoded body has more than `cap` bytes.
        UndecodableBodyError: A compressed body is damaged, or encoded too many times.
    """
    left = [_NAMES.get(name, name) for name in names if name and name != "identity"]
    if len(left) > _MOST_ENCODINGS:
        raise UndecodableBodyError(f"{len(left)} content encodings")
    rounds = _MOST_ENCODINGS
    while left:
        name = _shown(body) or left[-1]
        del left[len(left) - 1 - left[::-1].index(name) if name in left else -1]
        body = _undo(body, name, cap)
        rounds -= 1
    while unnamed and rounds > 0:
        shown = _shown(body) or ("deflate" if body.startswith(_ZLIB) else "")
        try:
            undone = _undo(body, shown, cap)
        except UndecodableBodyError:
            break
        if not undone or undone is body:
            break
        body, rounds = undone, rounds - 1
    return body


def looks_like_text(body: bytes) -> bool:
    r"""Tell whether bytes are text rather than compressed: hardly any control character at their start.

    >>> looks_like_text(b"<html><p>Hello"), looks_like_text(b"\x1b\x02\x00\x8f\x03\x01\x00")
    (True, False)
    """
    head = body[:512]
    odd = sum(byte < 32 and byte not in b"\t\n\r\x0c" for byte in head)
    return bool(head) and odd * 20 <= len(head)


def _shown(body: bytes) -> str | None:
    """Return the encoding whose mark a body begins with."""
    if body.startswith(_GZIP):
        return "gzip"
    return "zstd" if body.startswith(_ZSTD) else None


def _undo(body: bytes, encoding: str, cap: int) -> bytes:
    if encoding == "gzip":
        if body.startswith(_GZIP):
            return _collect(_inflate(body, 31), cap)
        encoding = "deflate" if _has_zlib_header(body) else ""  # what some servers call gzip
    if encoding == "zstd" and body.startswith(_ZSTD):
        return _collect(_unzstd(body, cap), cap)
    if encoding == "deflate":
        return _collect_or_plain(_inflate(body, 15 if _has_zlib_header(body) else -15), body, cap)
    if encoding == "br":
        return _collect_or_plain(_unbrotli(body), body, cap)
    return body


def _has_zlib_header(body: bytes) -> bool:
    return len(body) > 1 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0


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
    at, goes_on, members = 0, bool(body), 0
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
            goes_on, members = body[at : at + 2] == _GZIP, members + 1
    except zlib.error as error:
        if not members:  # else it is what follows a whole stream, and happens to begin so
            raise UndecodableBodyError(str(error)) from error


def _unzstd(body: bytes, cap: int) -> Iterator[bytes]:
    """Yield what frames of zstd hold; what follows them is passed over.

    Raises:
        BodyTooLargeError: The first frame says so.
        UndecodableBodyError: A frame is damaged, or asks for a larger window than browsers allow.
    """
    try:
        size = zstandard.frame_content_size(body)
        if size > cap:
            raise BodyTooLargeError(size)
        decoder = zstandard.ZstdDecompressor(max_window_size=min(max(_MOST_WINDOW, cap), _LARGEST_WINDOW))
        reader = decoder.stream_reader(body, read_across_frames=True)
        while piece := reader.read1(_STEP):
            yield piece
    except zstandard.ZstdError as error:
        if "Unknown frame descriptor" not in str(error):  # that is: no frame, behind the last one
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
