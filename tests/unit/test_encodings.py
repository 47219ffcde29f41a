"""Encodings are undone where the bytes show them, named or not, and bounded while they are."""

import gzip
import tracemalloc
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernels.warc.encodings import BodyTooLargeError, UndecodableBodyError
from pipeline.kernels.warc.http import decode_body

CAP = 1 << 20
TEXT = b"<html><body>" + b"The miller grinds the grain. " * 40 + b"</body></html>"


def packed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


GZIP, ZSTD, ZLIB, BR = packed(TEXT), zstandard.compress(TEXT), zlib.compress(TEXT), brotli.compress(TEXT)
SUMMED = zstandard.ZstdCompressor(write_checksum=True).compress(TEXT)
UNSIZED = zstandard.ZstdCompressor(write_content_size=False).compress(TEXT)


def undone(body: bytes, encoding: str | None, content_type: str | None = "text/html") -> bytes:
    headers = {"content-encoding": encoding, "content-type": content_type}
    return decode_body(body, {name: value for name, value in headers.items() if value is not None}, CAP)


@pytest.mark.parametrize("body", [ZSTD, SUMMED, UNSIZED, ZSTD + b"\r\n", zstandard.compress(TEXT, 19)])
@pytest.mark.parametrize("encoding", ["zstd", "ZSTD", "x-zstd"])
def test_zstd_is_undone(body: bytes, encoding: str) -> None:
    assert undone(body, encoding) == TEXT


def test_frames_of_zstd_are_joined() -> None:
    assert undone(zstandard.compress(TEXT[:99]) + zstandard.compress(TEXT[99:]), "zstd") == TEXT


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", ZSTD),
        ("br", ZSTD),
        ("deflate", GZIP),
        ("zstd", GZIP),
        ("br", GZIP),
        ("gzip", ZLIB),
        ("gzip", packed(GZIP)),
        ("gzip", zstandard.compress(GZIP)),
        ("gzip, gzip", GZIP),
        ("gzip, br", packed(BR)),
        ("br, gzip", brotli.compress(GZIP)),
        ("zstd, gzip, br", brotli.compress(packed(ZSTD))),
        ("utf-8", GZIP),
        ("identity", GZIP),
        ("none", ZSTD),
        ("utf-8", packed(ZSTD)),
        ("text/html", ZLIB),
        ("utf-8", zlib.compress(TEXT, 1)),
        ("utf-8", packed(zlib.compress(TEXT, 9))),
        ("gzip", TEXT),
        ("zstd", TEXT),
        ("zstd, gzip, deflate, br", TEXT),
    ],
)
def test_bytes_come_before_names(encoding: str | None, body: bytes) -> None:
    assert undone(body, encoding) == TEXT
    assert undone(body, encoding, None) == TEXT


@pytest.mark.parametrize("body", [GZIP, ZSTD])
def test_an_archive_that_is_served_as_one_stays(body: bytes) -> None:
    assert undone(body, None, "application/gzip") == body
    assert undone(packed(body), "gzip", "application/octet-stream") == body


@pytest.mark.parametrize("body", [b"\x1f\x8b\x08\0" + b"\xff" * 90, b"\x28\xb5\x2f\xfd" + b"\xff" * 90])
def test_damage_under_a_name_is_an_error_and_without_one_stays(body: bytes) -> None:
    assert undone(body, None) == body
    for encoding in ("gzip", "zstd", "br"):
        with pytest.raises(UndecodableBodyError):
            undone(body, encoding)


@pytest.mark.parametrize("body", [b"x\x01", b"x\x9cwords", b"x^2 + y^2", b"x\xda" + b"\xff" * 90])
def test_what_only_begins_as_zlib_stays(body: bytes) -> None:
    assert undone(body, None) == body


def test_damage_within_a_frame_of_zstd_is_an_error() -> None:
    damaged = bytearray(SUMMED)
    damaged[-6:] = b"damage"
    with pytest.raises(UndecodableBodyError):
        undone(bytes(damaged), "zstd")


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_frame_that_ends_early_gives_what_it_holds(share: float) -> None:
    noise = bytes((7 * i * i + i // 3) % 251 for i in range(600_000))
    packed = zstandard.compress(noise, 1)
    part = undone(packed[: int(len(packed) * share)], "zstd", "text/html")
    assert noise.startswith(part)
    assert len(part) < len(noise)


@pytest.mark.parametrize("sized", [True, False])
@pytest.mark.parametrize("encoding", ["zstd", "utf-8", "gzip, zstd"])
def test_a_bomb_of_zstd_costs_no_more_memory_than_the_cap(encoding: str, sized: bool) -> None:
    packer = zstandard.ZstdCompressor(level=1, write_content_size=sized)
    bomb = packer.compress(bytes(64 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(BodyTooLargeError) as raised:
            undone(bomb, encoding)
        assert raised.value.args[0] > CAP
        assert tracemalloc.get_traced_memory()[1] < 4 * CAP
    finally:
        tracemalloc.stop()


def test_a_window_larger_than_browsers_allow_is_an_error() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27, write_content_size=False)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    body = packer.compress(TEXT) + packer.flush()
    with pytest.raises(UndecodableBodyError, match="memory"):
        undone(body, "zstd")


@pytest.mark.parametrize("body", [GZIP, ZSTD, ZLIB])
def test_what_is_sent_under_no_encoding_stays(body: bytes) -> None:
    assert undone(body, None) == undone(body, "") == undone(body, None, None) == body


def test_encodings_that_the_name_does_not_tell_of_are_undone_eight_times_at_most() -> None:
    body = TEXT
    for _ in range(9):
        body = packed(body)
    assert undone(body, "utf-8") == packed(TEXT)


@given(st.binary(max_size=200), st.sampled_from(["zstd", "gzip", "zstd, gzip", "br, zstd", ""]))
def test_any_bytes_behind_a_mark_decode_or_are_refused_by_name(rest: bytes, encoding: str) -> None:
    for mark in (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18"):
        try:
            body = undone(mark + rest, encoding)
        except (BodyTooLargeError, UndecodableBodyError):
            continue
        assert len(body) <= CAP
