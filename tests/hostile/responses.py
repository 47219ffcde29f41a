"""Hostile responses for ingest, as WARC files: heads, encodings, bombs, addresses, metas and charset labels."""

import gzip
import itertools
import lzma
import struct
import zlib
from random import Random

import brotli
import zstandard

from tests.hostile.registry import bomb, drawn, gathered, numbered, repeated, response

_PAGE = "<!doctype html><title>Mill</title><p>The mill grinds the grain that the farmers bring."
_TYPE = "Content-Type: text/html; charset=utf-8\r\n"
_URL = "https://mill.example/"
_BOMB = 1 << 30


def warc(payload: bytes, url: str = _URL, more: str = "") -> bytes:
    """Return a WARC file of one response."""
    head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Target-URI: {url}\r\n{more}"
    return f"{head}Content-Length: {len(payload)}\r\n\r\n".encode() + payload + b"\r\n\r\n"


def _headed(head: str, body: bytes | str = _PAGE, url: str = _URL) -> bytes:
    """Return a WARC file of a response with some lines in its head."""
    content = body if isinstance(body, bytes) else body.encode()
    return warc(f"HTTP/1.1 200 OK\r\n{head}{_TYPE}\r\n".encode() + content, url)


def _encoded(body: bytes, *encodings: str) -> bytes:
    return _headed(f"Content-Encoding: {', '.join(encodings)}\r\n", body)


def _deflated(raw: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(raw) + packer.flush()


def _filled(size: int) -> bytes:
    return repeated("mill &amp; water ", size, _PAGE).encode()


# Heads.


@response
def one_header_repeated(size: int, random: Random) -> bytes:
    return _headed(repeated("a:b\r\n", size))


@response
def one_header_repeated_within_the_bound(size: int, random: Random) -> bytes:
    return _headed(repeated("a:b\n", 250 << 10), _filled(size))


@response
def headers_of_all_names(size: int, random: Random) -> bytes:
    return _headed(numbered("a{}: b\r\n", size))


@response
def lines_that_go_on(size: int, random: Random) -> bytes:
    return _headed(repeated(" b\r\n", size - 10, "a: b\r\n"))


@response
def empty_lines_that_go_on(size: int, random: Random) -> bytes:
    return _headed(repeated("\t\n", size - 10, "a: b\r\n"))


@response
def one_enormous_header(size: int, random: Random) -> bytes:
    return _headed("X-Mill: " + "b" * (size - 10) + "\r\n")


@response
def a_header_of_spaces(size: int, random: Random) -> bytes:
    return _headed("X-Mill:" + " " * (size - 10) + "\r\n")


@response
def a_head_without_an_end(size: int, random: Random) -> bytes:
    return warc(repeated("a: b\r\n", size, "HTTP/1.1 200 OK\r\n" + _TYPE).encode())


@response
def a_head_of_carriage_returns(size: int, random: Random) -> bytes:
    return warc(repeated("\n\r", size, "HTTP/1.1 200 OK\r\n" + _TYPE.strip()).encode())


@response
def a_head_of_one_line(size: int, random: Random) -> bytes:
    return warc(repeated("x", size, "HTTP/1.1 200 ").encode())


@response
def a_status_of_spaces(size: int, random: Random) -> bytes:
    return warc(repeated(" ", size, "HTTP/1.1").encode())


@response
def colons_in_a_head(size: int, random: Random) -> bytes:
    return _headed(repeated(":", size) + "\r\n")


@response
def types_repeated(size: int, random: Random) -> bytes:
    return _headed(repeated("Content-Type: text/plain;charset\n", 250 << 10), _filled(size))


@response
def a_type_of_charsets(size: int, random: Random) -> bytes:
    return _headed("Content-Type: " + "charset " * 30_000 + "\r\n", _filled(size))


@response
def a_charset_of_spaces(size: int, random: Random) -> bytes:
    return _headed("Content-Type: text/html; charset" + " " * 250_000 + "\r\n", _filled(size))


@response
def a_long_charset(size: int, random: Random) -> bytes:
    return _headed("Content-Type: text/html; charset=" + "utf-" * 60_000 + "\r\n", _filled(size))


# Encodings.


@response
def chunks_of_a_byte(size: int, random: Random) -> bytes:
    return _headed("Transfer-Encoding: chunked\r\n", repeated("1\r\nm\r\n", size) + "0\r\n\r\n")


@response
def chunks_with_extensions(size: int, random: Random) -> bytes:
    return _headed("Transfer-Encoding: chunked\r\n", repeated("1 ;a=b;c\nm\n", size) + "0\r\n\r\n")


@response
def an_endless_extension_of_a_chunk(size: int, random: Random) -> bytes:
    return _headed("Transfer-Encoding: chunked\r\n", repeated(";a=b", size, "1"))


@response
def space_before_a_chunk(size: int, random: Random) -> bytes:
    return _headed("Transfer-Encoding: chunked\r\n", repeated("\r\n \t", size))


@response
def digits_of_a_chunk(size: int, random: Random) -> bytes:
    return _headed("Transfer-Encoding: chunked\r\n", repeated("f", size))


@response
def chunks_that_promise_too_much(size: int, random: Random) -> bytes:
    return _headed("Transfer-Encoding: chunked\r\n", repeated("ffffffffffffffff\r\nmill", size))


@response
def empty_gzip_members(size: int, random: Random) -> bytes:
    return _encoded(gzip.compress(b"") * (size // 20), "gzip")


@response
def gzip_members_of_a_byte(size: int, random: Random) -> bytes:
    return _encoded(gzip.compress(b"m", mtime=0) * (size // 21), "gzip")


@response
def gzip_members_with_names(size: int, random: Random) -> bytes:
    member = struct.pack("<4BI2B", 0x1F, 0x8B, 8, 8, 0, 0, 3) + b"n" * 1000 + b"\0" + gzip.compress(b"")[10:]
    return _encoded(member * (size // len(member)), "gzip")


@response
def a_gzip_name_without_an_end(size: int, random: Random) -> bytes:
    return _encoded((struct.pack("<4BI2B", 0x1F, 0x8B, 8, 8, 0, 0, 3)).ljust(size, b"n"), "gzip")


@response
def gzip_and_then_rubbish(size: int, random: Random) -> bytes:
    return _encoded(gzip.compress(_PAGE.encode()) + random.randbytes(size - 200), "gzip")


@response
def stored_blocks_of_deflate(size: int, random: Random) -> bytes:
    return _encoded(b"\0\0\0\xff\xff" * (size // 5), "deflate")


@response
def bodies_that_are_not_compressed(size: int, random: Random) -> bytes:
    return _encoded(_filled(size), *["deflate", "br", "gzip"] * 1000)


@response
def random_bytes_as_deflate(size: int, random: Random) -> bytes:
    return _encoded(random.randbytes(size), *["deflate"] * 1000)


@response
def random_bytes_as_brotli(size: int, random: Random) -> bytes:
    return _encoded(random.randbytes(size), *["br"] * 1000)


@response
def empty_blocks_of_brotli(size: int, random: Random) -> bytes:
    packer = brotli.Compressor(quality=1)
    body = bytearray(packer.process(_PAGE.encode()) + packer.flush())
    while len(body) < size - 100:
        body += packer.process(b"m") + packer.flush()
    return _encoded(bytes(body), "br")


@response
def many_encodings(size: int, random: Random) -> bytes:
    body = _filled(size - 10_000)
    for _ in range(40):
        packer = zlib.compressobj(0, zlib.DEFLATED, 31)
        body = packer.compress(body) + packer.flush()
    return _encoded(body[: size + (100 << 10)], *["gzip"] * 40)


@response
def names_of_encodings(size: int, random: Random) -> bytes:
    return _headed("Content-Encoding: " + "identity," * 27_000 + "\r\n", _filled(size))


@response
def many_tiny_frames_of_zstd(size: int, random: Random) -> bytes:
    return _encoded(zstandard.compress(b"") * ((size - 500) // 9), "zstd")


@response
def noise_that_is_served_as_a_page(size: int, random: Random) -> bytes:
    return _headed("", random.randbytes(size - 500))


@bomb
def a_bomb_of_zstd(size: int, random: Random) -> bytes:
    packer, zeros = zstandard.ZstdCompressor(level=1).compressobj(), bytes(1 << 24)
    return _encoded(b"".join(packer.compress(zeros) for _ in range(_BOMB >> 24)) + packer.flush(), "zstd")


@bomb
def a_bomb_of_gzip(size: int, random: Random) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(1 << 24)
    packed = b"".join(packer.compress(zeros) for _ in range(_BOMB >> 24)) + packer.flush()
    return _encoded(packed, "gzip")


@bomb
def a_bomb_of_gzip_in_gzip(size: int, random: Random) -> bytes:
    return _encoded(gzip.compress(gzip.compress(bytes(_BOMB >> 4))), "gzip", "gzip")


@bomb
def a_bomb_of_deflate_in_brotli(size: int, random: Random) -> bytes:
    return _encoded(brotli.compress(_deflated(bytes(_BOMB >> 4)), quality=5), "deflate", "br")


@bomb
def a_bomb_of_brotli(size: int, random: Random) -> bytes:
    return _encoded(brotli.compress(bytes(_BOMB >> 3), quality=5), "br")


@bomb
def a_bomb_of_many_gzips(size: int, random: Random) -> bytes:
    body = bytes(size - 100)
    for _ in range(200):
        body = gzip.compress(body, 1)
    return _encoded(body, *["gzip"] * 200)


@bomb
def bombs_that_each_fit(size: int, random: Random) -> bytes:
    record = _encoded(gzip.compress(_filled(size), mtime=0), "gzip")
    return record * 8


@response
def encodings_that_nobody_undoes(size: int, random: Random) -> bytes:
    return _encoded(lzma.compress(random.randbytes(size - 200)), "zstd", "compress", "xz")


# Addresses. A WARC header holds no more than some 32 kB; longer ones come with tables.


@response
def a_host_that_grows(size: int, random: Random) -> bytes:
    return _headed("", _filled(size), repeated("\ufdfa", 900, "https://", ".example/"))


@response
def many_segments(size: int, random: Random) -> bytes:
    return _headed("", _filled(size), "https://mill.example/" + "../a/./" * 4000)


@response
def many_parameters(size: int, random: Random) -> bytes:
    return _headed("", _filled(size), numbered("a{}&", 30_000, "https://mill.example/?"))


@response
def an_address_of_two_megabytes(size: int, random: Random) -> bytes:
    return _headed("", _filled(size >> 1), repeated("%41", 2 << 20, "https://mill.example/"))


@response
def headers_of_the_record(size: int, random: Random) -> bytes:
    return warc(_headed("", _filled(size))[-size:], more=numbered("X-{}: a\r\n", 30_000))


@response
def headers_of_the_record_without_an_end(size: int, random: Random) -> bytes:
    return warc(b"", more=numbered("X-{}: a\r\n", size))


@response
def beginnings_of_records(size: int, random: Random) -> bytes:
    return warc(_PAGE.encode()) + b"WARC/1.0\r\n" * (size // 10)


@response
def records_that_are_longer_than_the_file(size: int, random: Random) -> bytes:
    head = "WARC/1.0\r\nWARC-Type: response\r\nContent-Length: {}99999999\r\n\r\n"
    return warc(_PAGE.encode()) + numbered(head, size).encode()


@response
def records_of_a_wrong_length(size: int, random: Random) -> bytes:
    return repeated("WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 9\r\n\r\nHTTP\r\n\r\n", size).encode()


# Bodies.


@response
def metas_for_robots(size: int, random: Random) -> bytes:
    return _headed("", numbered("<meta name=robots content='noai {}'>", size - 200, _PAGE))


@response
def metas_without_an_end(size: int, random: Random) -> bytes:
    return _headed("", repeated("<meta name=robots content='noai", size - 200, _PAGE))


@response
def metas_in_quotes(size: int, random: Random) -> bytes:
    return _headed("", repeated('<meta a=\'"<meta noai "', size - 200, _PAGE))


@response
def a_meta_of_attributes(size: int, random: Random) -> bytes:
    return _headed("", repeated("a=noai / ", size - 200, _PAGE + "<meta ", ">"))


@response
def a_meta_of_entities(size: int, random: Random) -> bytes:
    return _headed("", repeated("&#110;", size - 200, _PAGE + "<meta name=robots content='", "'>"))


@response
def metas_of_entities(size: int, random: Random) -> bytes:
    return _headed("", repeated(f"<meta name=robots content='{'&#x6e;oai' * 200}'>", size - 200, _PAGE))


@response
def metas_in_templates(size: int, random: Random) -> bytes:
    inside = "<div>" * 150_000 + "<meta name=robots content=noai>" * 900
    return _headed("", repeated(" mill", size - 200, _PAGE + "<template>" + inside))


@response
def metas_below_many_elements(size: int, random: Random) -> bytes:
    return _headed("", repeated(" mill", size - 200, _PAGE + "<b>" * 190_000 + "<meta name=robots content=noai>" * 999))


@response
def robots_tags_of_megabytes(size: int, random: Random) -> bytes:
    return _headed(repeated("X-Robots-Tag: a: noindexx, b\r\n", size))


@response
def a_robots_tag_of_colons(size: int, random: Random) -> bytes:
    return _headed("X-Robots-Tag: " + "a:" * 125_000 + "\r\n", _filled(size))


@response
def a_robots_tag_of_spaces(size: int, random: Random) -> bytes:
    return _headed("X-Robots-Tag: a" + " " * 250_000 + "b\r\n", _filled(size))


@response
def a_robots_tag_of_names(size: int, random: Random) -> bytes:
    return _headed("X-Robots-Tag: " + "a " * 80 + ("a  " * 25 + ",") * 3000 + "\r\n", _filled(size))


@response
def a_reservation_of_commas(size: int, random: Random) -> bytes:
    return _headed("TDM-Reservation: " + "0," * 125_000 + "\r\n", _filled(size))


@response
def marks_of_byte_orders(size: int, random: Random) -> bytes:
    return _headed("", b"\xff\xfe" + b"\xff\xfe\xef\xbb\xbf" * ((size - 2) // 5))


@response
def nothing_but_space(size: int, random: Random) -> bytes:
    return _headed("", b" \n\t\r" * (size // 4))


@response
def nothing_but_nuls(size: int, random: Random) -> bytes:
    return _headed("", b"\0" * size)


@response
def less_than_signs(size: int, random: Random) -> bytes:
    return warc(b"HTTP/1.1 200 OK\r\n\r\n" + b"<" * size)


@response
def charsets_declared_again(size: int, random: Random) -> bytes:
    return _headed("", gathered(_charsets(), size - 200, "<meta name=robots content=noai>"))


def _charsets() -> "itertools.cycle[str]":
    return itertools.cycle(f"<meta charset={name}>" for name in ("utf-7", "utf-16", "x-user-defined", "big5", "é"))


@response
def bytes_that_need_a_guess(size: int, random: Random) -> bytes:
    body = b"<meta name=robots content=noai>" + random.randbytes(size - 200).replace(b"\0", b"\x80")
    return warc(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body)


@response
def soup_of_metas(size: int, random: Random) -> bytes:
    pieces = [
        "<meta ",
        "name=robots ",
        "content=",
        "noai",
        "'",
        '"',
        ">",
        "<!--",
        "-->",
        "&#x",
        "tdm-policy",
        "\0",
        " ",
    ]
    return _headed("", drawn(pieces, random, size - 200, _PAGE))
