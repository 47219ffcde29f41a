"""HTTP responses as crawls hold them: heads are read, encodings undone, bombs stopped, and no bytes raise."""

import contextlib
import gzip
import tracemalloc
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernels.urls.addresses import canonical_url, host_of, is_no_address
from pipeline.kernels.warc.encodings import BodyTooLargeError, UndecodableBodyError, looks_like_text
from pipeline.kernels.warc.http import decode_body, header_charset, parse_head
from pipeline.kernels.warc.sniffing import is_html
from tests.timing import assert_quick

CAP = 1 << 20
TEXT = b"<html><body>" + b"The miller grinds the grain. " * 40 + b"</body></html>"
GZIPPED = gzip.compress(TEXT, mtime=0)
NOISE = bytes((7 * i * i + 31 * i) % 251 for i in range(400))


def raw_deflate(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def chunked(*pieces: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + end


@pytest.mark.parametrize(
    ("payload", "status", "headers", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nx", 200, {"a": "b"}, b"x"),
        (b"HTTP/3 200\r\nA: b\r\n\r\nx", 200, {"a": "b"}, b"x"),
        (b"HTTP/3.0 203 \r\nA: b\r\n\r\nx", 203, {"a": "b"}, b"x"),
        (b"HTTP/1.0 404 Not Found\r\n\r\n", 404, {}, b""),
        (b"HTTP/1.1 200\r\nA: b\r\n\r\nx", 200, {"a": "b"}, b"x"),
        (b"HTTP/2 200 \r\nA: b\r\n\r\nx", 200, {"a": "b"}, b"x"),
        (b"HTTP/3 204\r\n\r\n", 204, {}, b""),
        (b"http/1.1 200 ok\r\n\r\nx", 200, {}, b"x"),
        (b"HTTP 200 OK\r\n\r\nx", 200, {}, b"x"),
        (b"HTTP/1.1 200 OK\nA: b\n\nx\r\n\r\ny", 200, {"a": "b"}, b"x\r\n\r\ny"),
        (b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nx\n\ny", 200, {"a": "b"}, b"x\n\ny"),
        (b"HTTP/1.1 200 OK\nA: b\n\r\nx\n\ny", 200, {"a": "b"}, b"x\n\ny"),
        (b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\td\r\n\r\nx", 200, {"a": "b c d"}, b"x"),
        (b"HTTP/1.1 200 OK\r\nA:\r\n b\r\n\r\nx", 200, {"a": "b"}, b"x"),
        (b"HTTP/1.1 200 OK\r\n lost\r\nA: b\r\n\r\nx", 200, {"a": "b"}, b"x"),
        (b"HTTP/1.1 200 OK\r\nA: b\r\na: c\r\nA: d\r\n\r\n", 200, {"a": "b, c, d"}, b""),
        (b"HTTP/1.1 200 OK\r\nX-Robots-Tag: b: c\r\nx-robots-tag: d\r\n\r\n", 200, {"x-robots-tag": "b: c\nd"}, b""),
        (b"HTTP/1.1 200 OK\r\nno colon\r\nA : b:c \r\n\r\n", 200, {"a": "b:c"}, b""),
        (b"HTTP/1.1 200 OK\r\nA: \xe9\x85\x1c\x0cb\r\n\r\nx", 200, {"a": "é\x85\x1c\x0cb"}, b"x"),
        (b"HTTP/1.1 200 OK\r\nA: cut", 200, {"a": "cut"}, b""),
        (b"HTTP/1.1 200", 200, {}, b""),
    ],
)
def test_heads_are_read_as_servers_write_them(
    payload: bytes, status: int, headers: dict[str, str], body: bytes
) -> None:
    head = parse_head(payload)
    assert head is not None
    assert (head.status, head.headers, payload[head.body_start :]) == (status, headers, body)


@pytest.mark.parametrize(
    "payload", [b"", b"<html>", b"HTTP/1.1", b"HTTP/1.1 OK", b"HTTP/1.1 20000 OK\r\n\r\n", b" HTTP/1.1 200 OK\r\n\r\n"]
)
def test_what_has_no_status_line_is_no_http_response(payload: bytes) -> None:
    assert parse_head(payload) is None


@pytest.mark.parametrize(
    ("header", "charset"),
    [
        (None, None),
        ("text/html", None),
        ("text/html; charset=UTF-8", "utf-8"),
        ("text/html;charset = 'Windows-1251' ", "windows-1251"),
        ('text/html; CHARSET="shift_jis"; x=y', "shift_jis"),
        ("text/html; charset=", None),
        ("text/html; charset=utf-8, text/html; charset=latin1", "utf-8"),
    ],
)
def test_charsets_are_found_in_the_header(header: str | None, charset: str | None) -> None:
    assert header_charset(header) == charset


@pytest.mark.parametrize(
    ("body", "joined"),
    [
        (chunked(b"abcd", b"e"), b"abcde"),
        (chunked(b"a" * 300), b"a" * 300),
        (b"4;name=value\r\nabcd\r\n0\r\nTrailer: x\r\n\r\n", b"abcd"),
        (b"0004 \r\nabcd\r\n0\r\n\r\n", b"abcd"),
        (b"4\nabcd\n0\n\n", b"abcd"),
        (b"A\r\n0123456789\r\n0\r\n\r\n", b"0123456789"),
        (b"0\r\n\r\n", b""),
        (chunked(b"abcd", b"efgh", end=b""), b"abcdefgh"),
        (chunked(b"abcd", b"efgh")[:12], b"abcde"[:4]),
        (b"9\r\nabcd", b"abcd"),
        (b"<html>not chunked", b"<html>not chunked"),
        (chunked(b"abcd", end=b"") + b"rest without a size", b"abcd\r\nrest without a size"),
        (b"", b""),
    ],
)
def test_chunks_are_joined_and_what_is_not_chunked_stays(body: bytes, joined: bytes) -> None:
    assert decode_body(body, {"transfer-encoding": "Chunked"}, CAP) == joined


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", GZIPPED),
        ("x-gzip", GZIPPED),
        ("GZIP", GZIPPED),
        ("gzip", gzip.compress(TEXT[:99], mtime=0) + gzip.compress(TEXT[99:], mtime=0)),
        ("gzip", GZIPPED + b"\r\n\0garbage"),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", zlib.compress(TEXT, 1)),
        ("deflate", raw_deflate(TEXT)),
        ("br", brotli.compress(TEXT)),
        ("gzip, br", brotli.compress(GZIPPED)),
        ("identity", TEXT),
        ("", TEXT),
        ("unheard-of", TEXT),
    ],
)
def test_content_encodings_are_undone(encoding: str, packed: bytes) -> None:
    assert decode_body(packed, {"content-encoding": encoding}, CAP) == TEXT
    both = {"content-encoding": encoding, "transfer-encoding": "chunked"}
    assert decode_body(chunked(packed[:50], packed[50:]), both, CAP) == TEXT


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
@pytest.mark.parametrize("body", [TEXT, b"plain", b"<p>hi</p>", b"a", b"\xef\xbb\xbf<html>", "Müller".encode()])
def test_an_encoding_that_was_undone_already_is_passed_over(encoding: str, body: bytes) -> None:
    assert decode_body(body, {"content-encoding": encoding}, CAP) == body


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(NOISE * 9, mtime=0)),
        ("deflate", zlib.compress(NOISE * 9)),
        ("br", brotli.compress(TEXT * 9)),
    ],
)
@pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
def test_a_stream_that_ends_early_gives_what_it_holds(encoding: str, packed: bytes, share: float) -> None:
    whole = decode_body(packed, {"content-encoding": encoding}, CAP)
    result = decode_body(packed[: int(len(packed) * share)], {"content-encoding": encoding}, CAP)
    assert whole.startswith(result)
    assert len(result) < len(whole) or encoding == "br"


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", b"\x1f\x8b\x08\0" + b"\xff" * 90),
        ("deflate", b"\x78\x9c" + b"\xff\x01\0" * 90),
        ("br", b"\xff\0\x01" * 90),
    ],
)
def test_a_damaged_stream_is_undecodable(encoding: str, packed: bytes) -> None:
    with pytest.raises(UndecodableBodyError):
        decode_body(packed, {"content-encoding": encoding}, CAP)


@pytest.mark.parametrize("size", [CAP - 1, CAP, CAP + 1])
@pytest.mark.parametrize("encoding", ["", "gzip", "br"])
def test_the_cap_is_the_largest_body_that_passes(encoding: str, size: int) -> None:
    body = b"a" * size
    packed = {"": body, "gzip": gzip.compress(body), "br": brotli.compress(body, quality=1)}[encoding]
    if size <= CAP:
        assert len(decode_body(packed, {"content-encoding": encoding}, CAP)) == size
    else:
        with pytest.raises(BodyTooLargeError) as raised:
            decode_body(packed, {"content-encoding": encoding}, CAP)
        assert raised.value.args[0] > CAP


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip"])
def test_a_bomb_costs_no_more_memory_than_the_cap(encoding: str) -> None:
    zeros = bytes(64 << 20)
    if encoding == "br":
        bomb = brotli.compress(zeros, quality=1)
    elif encoding == "deflate":
        bomb = zlib.compress(zeros, 1)
    else:
        bomb = gzip.compress(zeros, 1)
        bomb = gzip.compress(bomb) if "," in encoding else bomb
    del zeros
    tracemalloc.start()
    try:
        with pytest.raises(BodyTooLargeError):
            decode_body(bomb, {"content-encoding": encoding}, CAP)
        assert tracemalloc.get_traced_memory()[1] < 4 * CAP
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("body", "content_type", "html"),
    [
        (b"words", "text/html", True),
        (b"words", "TEXT/HTML ; charset=x", True),
        (b"words", "text/html, text/html; charset=utf-8", True),
        (b"<?xml version='1.0'?><html xmlns='x'>", "application/xhtml+xml", True),
        (b"words", None, False),
        (b"words", "text/plain", False),
        (b"<!DOCTYPE html>", None, True),
        (b"  \r\n<!doctype  HTML PUBLIC>", "text/plain", True),
        (b"\xef\xbb\xbf<html>", None, True),
        (b"<!-- c --><html lang=en>", "", True),
        (b"<?xml version='1.0'?><rss><channel>", "text/xml", False),
        (b"<svg xmlns='x'></svg>", "image/svg+xml", False),
        (b"{}", "application/json", False),
        (b"%PDF-1.7 <html>", "text/html", False),
        (b"\x89PNG\r\n", "text/html", False),
        (b"GIF89a\x01\0", "text/html", False),
        (b"PK\x03\x04", "text/html", False),
        (b"", None, False),
        (b"<\0h\0t\0m\0l\0>\0", None, True),
    ],
)
def test_html_is_told_by_header_or_content(body: bytes, content_type: str | None, html: bool) -> None:
    assert is_html(body, content_type) is html


HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "transfer-encoding": st.sampled_from(["chunked", "x, chunked", "identity"]),
        "content-encoding": st.sampled_from(["gzip", "deflate", "br", "gzip, br", "zstd", ",,", "deflate,deflate"]),
    },
)


@given(st.binary(max_size=300), HEADERS, st.integers(0, 400))
def test_any_bytes_decode_or_are_refused_by_name(body: bytes, headers: dict[str, str], cap: int) -> None:
    with contextlib.suppress(BodyTooLargeError, UndecodableBodyError):
        assert len(decode_body(body, headers, cap)) <= cap
    parse_head(body)
    parse_head(b"HTTP/1.1 200 OK\r\n" + body)
    is_html(body, None)


@given(st.binary(max_size=2000), st.sampled_from(["gzip", "deflate", "br", "deflate, gzip"]), st.integers(1, 500))
def test_what_was_packed_comes_back(body: bytes, encoding: str, size: int) -> None:
    packers = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress}
    packed = body
    for name in encoding.split(", "):
        packed = packers[name](packed)
    pieces = chunked(*(packed[at : at + size] for at in range(0, len(packed), size)))
    headers = {"content-encoding": encoding, "transfer-encoding": "chunked"}
    result = decode_body(pieces, headers, 4000)
    assert result == body or (not body and looks_like_text(packed))


HOSTILE_HEADS = {
    "one header, repeated": b"a:b\r\n" * 850_000,
    "continuation lines": b"a:b\r\n" + b" c\r\n" * 850_000,
    "many names": b"".join(b"n%d:v\r\n" % number for number in range(300_000)),
    "one line": b"a:" + b"b" * (4 << 20) + b"\r\n",
}


@pytest.mark.parametrize("lines", HOSTILE_HEADS.values(), ids=HOSTILE_HEADS)
def test_a_head_costs_no_more_than_its_length(lines: bytes) -> None:
    payload = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + lines + b"\r\n<p>x"
    assert_quick(lambda: parse_head(payload), 1)
    head = parse_head(payload)
    assert head is not None
    assert (head.headers["content-type"], payload[head.body_start :]) == ("text/html", b"<p>x")


def test_a_body_of_many_members_costs_no_more_than_its_length() -> None:
    members = gzip.compress(b"") * 200_000 + gzip.compress(b"<p>x")
    assert_quick(lambda: decode_body(members, {"content-encoding": "gzip"}, 1 << 20), 3)
    assert decode_body(members, {"content-encoding": "gzip"}, 1 << 20) == b"<p>x"


@given(
    pieces=st.lists(st.binary(max_size=3_000), min_size=1, max_size=8), rest=st.sampled_from([b"", b"\0\0", b"junk"])
)
def test_members_of_any_sizes_are_joined_and_what_follows_them_is_passed_over(pieces: list[bytes], rest: bytes) -> None:
    body = b"".join(map(gzip.compress, pieces)) + rest
    assert decode_body(body, {"content-encoding": "gzip"}, 1 << 20) == b"".join(pieces)


def test_a_host_longer_than_names_may_be_costs_nothing_and_is_none() -> None:
    url = "https://" + "\ufdfa" * 600_000 + "/"
    assert_quick(lambda: canonical_url(url), 3)
    assert host_of(canonical_url(url)) is None


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(3)", " JavaScript:void(0)", "data:text/html,<p>x", "mailto:jane@mill.org", "tel:0691234"),
        *(
            "about:blank",
            "file:///etc/passwd",
            "FILE:/c/x.html",
            "blob:https://mill.org/1",
            "view-source:https://a.org/",
        ),
    ],
)
def test_scripts_and_the_like_are_no_addresses(url: str) -> None:
    assert is_no_address(url)
    assert host_of(canonical_url(url)) is None


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "unheard-of"])
def test_a_body_that_claims_to_be_encoded_many_times_is_undecodable(encoding: str) -> None:
    with pytest.raises(UndecodableBodyError, match="9 content encodings"):
        decode_body(b"text", {"content-encoding": ", ".join([encoding] * 9)}, CAP)
    assert decode_body(b"text of a mill", {"content-encoding": ", ".join([encoding] * 8)}, CAP) == b"text of a mill"
