"""Pages are told from other formats by their first bytes, and texts from noise by their characters."""

import bz2
import codecs
import gzip
import io
import lzma
import random
import zipfile
import zlib

import pytest
import zstandard

from pipeline.kernels.warc.sniffing import is_html, is_text

HTML = "text/html; charset=utf-8"
PROSE = "The old mill at the end of the valley has been grinding wheat for two hundred years. " * 6
RUSSIAN = "Мельница стоит у реки, и колесо её вертится день и ночь. " * 8
JAPANESE = "水車小屋は川のそばにあり、昼も夜も回っている。" * 12
CHINESE = "山谷盡頭的老水磨已經磨了兩百多年的小麥。" * 12
THAI = "โรงสีน้ำเก่าแก่ที่ปลายหุบเขาบดข้าวสาลี " * 12
KOREAN = "골짜기 끝에 있는 오래된 물레방아는 이백 년이 넘도록 밀을 빻아 왔다. " * 8


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", PROSE)
    return stream.getvalue()


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(PROSE.encode(), mtime=0),
        zstandard.compress(PROSE.encode()),
        bz2.compress(PROSE.encode()),
        lzma.compress(PROSE.encode()),
        zipped(),
        b"7z\xbc\xaf\x27\x1c\0\4",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + PROSE.encode(),
        b"%PDF-1.7 <html>",
        b"\r\n%PDF-1.4",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a\x01\0",
        b"\xff\xd8\xff\xe0",
        b"RIFF\0\0\0\0WEBP",
        b"wOF2\0\1\0\0",
        b"\0\1\0\0\0\x0f",
        b"SQLite format 3\0",
        b"\xca\xfe\xba\xbe\0\0\0\x34",
        b"\0\0\0\x18ftypmp42",
        b"\x1f\x9d\x90",
    ],
)
def test_other_formats_are_no_pages_whatever_their_header_says(body: bytes) -> None:
    assert not is_html(body, HTML)
    assert not is_html(body, None)


STARTS = [b"!DOCTYPE HTML", b"html", b"head", b"script", b"IFRAME", b"h1", b"div", b"font", b"table", b"a", b"style",
          b"title", b"b", b"body", b"br", b"p"]  # fmt: skip


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8, b" \t\r\n", codecs.BOM_UTF8 + b"\n"])
@pytest.mark.parametrize("start", STARTS)
def test_a_body_without_a_type_is_sniffed_as_browsers_do(start: bytes, mark: bytes) -> None:
    for end in (b">", b" class=x>", b"\nid=x>"):
        assert is_html(mark + b"<" + start + end, None)
        assert is_html(mark + b"<" + start.upper() + end, "*/*")
    if not start.startswith(b"!"):
        assert not is_html(mark + b"<" + start + b"x>", None)
    assert is_html(mark + b"<!-- c -->", None)


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be"])
def test_a_body_without_a_type_in_utf_16_is_sniffed_too(name: str) -> None:
    assert is_html("\ufeff<p>words".encode(name), None)


@pytest.mark.parametrize("body", [b"words", b"<words>", b"{}", b"<?xml version='1.0'?><rss>", b"<svg xmlns='x'>", b""])
def test_other_bodies_without_a_type_are_no_pages(body: bytes) -> None:
    assert not is_html(body, None)


@pytest.mark.parametrize("media", ["text/plain", "application/octet-stream", "image/png"])
def test_a_body_of_another_type_is_a_page_where_it_begins_as_a_document_does(media: str) -> None:
    assert is_html(b"<!DOCTYPE html><p>x", media)
    assert not is_html(b"<p>x", media)


def noise(kind: str, number: int, size: int) -> bytes:
    draw = random.Random(f"{kind}{number}")
    if kind == "random":
        return draw.randbytes(size)
    if kind == "utf-16":
        return codecs.BOM_UTF16_LE + draw.randbytes(size)
    words = " ".join(draw.choice(PROSE.split()) + str(draw.randrange(999)) for _ in range(size)).encode()
    return zlib.compress(words, 9)[2:]


@pytest.mark.parametrize("charset", [None, "utf-8", "windows-1252", "koi8-r", "shift_jis", "big5", "gb18030", "ibm866"])
@pytest.mark.parametrize("kind", ["random", "utf-16", "deflate"])
@pytest.mark.parametrize("size", [500, 4000, pytest.param(100_000, marks=pytest.mark.long)])
def test_noise_is_no_text(kind: str, size: int, charset: str | None) -> None:
    assert [number for number in range(8) if is_text(noise(kind, number, size), charset)] == []


@pytest.mark.parametrize(
    ("text", "codec"),
    [(PROSE, "ascii"), (RUSSIAN, "koi8-r"), (RUSSIAN, "cp1251"), (RUSSIAN, "cp866"), (RUSSIAN, "iso8859-5"),
     (RUSSIAN, "utf-8"), (RUSSIAN, "utf-16-le"), (RUSSIAN, "utf-16-be"), (RUSSIAN, "utf-16"), (RUSSIAN, "utf-32"),
     (JAPANESE, "cp932"), (JAPANESE, "euc_jp"), (JAPANESE, "iso2022_jp"), (JAPANESE, "utf-16"), (CHINESE, "big5"),
     (CHINESE, "gb18030"), (CHINESE, "utf-16-be"), (KOREAN, "cp949"), (THAI, "cp874"), (THAI, "utf-8")],
)  # fmt: skip
@pytest.mark.parametrize("header", [None, "utf-8", "windows-1252", "shift_jis", "iso-8859-2", "utf-16"])
def test_pages_in_any_charset_under_any_label_are_text(text: str, codec: str, header: str | None) -> None:
    page = f"<!DOCTYPE html>\n<html><head><title>x</title></head>\n<body><div class='post'><p>{text}</p></div>"
    assert is_text(page.encode(codec), header)


@pytest.mark.parametrize("share", [0.001, 0.01, 0.04])
def test_a_page_with_broken_bytes_is_text(share: float) -> None:
    draw = random.Random(5)
    page = bytearray(f"<html><body><p>{PROSE * 9}{RUSSIAN}".encode())
    for _ in range(int(len(page) * share)):
        page[draw.randrange(len(page))] = draw.randrange(256)
    assert is_text(bytes(page), "utf-8")


def test_nuls_at_the_end_of_a_page_are_no_noise() -> None:
    assert is_text(b"<p>" + PROSE.encode() + bytes(100), None)
    assert not is_text(b"<p>words" + bytes(1000), None)
