"""Records that may hold a page are yielded by kind, and all that a file holds is counted."""

import gzip
import io
from collections import Counter
from pathlib import Path

from pipeline.cells.parts import Part
from pipeline.inputs.files import part_of
from pipeline.inputs.pages import warc_pages
from pipeline.kernels.warc.records import Response, ScanReport, read_pages, read_responses

PAGE = b"<html><body><p>The mill stands still.</p></body></html>"


def record(kind: str, content_type: str | None, block: bytes, number: int = 0) -> bytes:
    lines = [f"WARC-Type: {kind}", f"WARC-Record-ID: <urn:r:{number}>", f"WARC-Target-URI: https://a.example/{number}"]
    lines += [f"Content-Type: {content_type}"] if content_type else []
    return "\r\n".join(["WARC/1.1", *lines, f"Content-Length: {len(block)}", "", ""]).encode() + block + b"\r\n\r\n"


def http(content_type: str, body: bytes) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n\r\n".encode() + body


FILE = b"".join(
    [
        record("warcinfo", "application/warc-fields", b"software: x", 0),
        record("request", "application/http;msgtype=request", b"GET / HTTP/1.1", 1),
        record("response", "application/http; msgtype=response", http("Text/HTML; charset=utf-8", PAGE), 2),
        record("response", "application/http", http("image/png", b"\x89PNG"), 3),
        record("response", "application/http", http("application/pdf", b"%PDF-1.7"), 4),
        record("response", "application/http", b"HTTP/1.1 200 OK\r\n\r\n<p>content-type: x/y", 5),
        record("resource", "text/html; charset=koi8-r", "<p>Мельница".encode("koi8-r"), 6),
        record("resource", None, PAGE, 7),
        record("resource", "image/png", b"\x89PNG", 8),
        record("conversion", "text/plain", "The mill\n\n  grinds Ж. ".encode(), 9),
        record("conversion", "application/pdf", b"%PDF-1.7", 10),
        record("revisit", "application/http", b"HTTP/1.1 304 \r\n\r\n", 11),
        record("metadata", "nonsense", b"", 12),
    ]
)


def scan(content: bytes, cap: int = 1 << 20) -> tuple[list[Response], ScanReport]:
    report = ScanReport()
    return list(read_pages(io.BytesIO(content), cap, report)), report


def test_pages_and_texts_are_yielded_with_what_their_records_say() -> None:
    result, report = scan(FILE)
    assert [response.record_id for response in result] == [f"<urn:r:{number}>" for number in (2, 3, 4, 5, 6, 7, 9)]
    assert (report.records, report.responses, report.error) == (13, 7, None)
    heads = [response.head for response in result]
    assert [head.headers.get("content-type") if head else None for head in heads] == [
        *("Text/HTML; charset=utf-8", "image/png", "application/pdf", None),
        *("text/html; charset=koi8-r", None, "text/plain"),
    ]
    assert result[4].kind == "resource"
    assert result[5].payload == PAGE


def test_responses_alone_are_yielded_where_they_are_asked_for() -> None:
    report = ScanReport()
    result = read_responses(io.BytesIO(FILE), 1 << 20, report)
    assert [response.record_id for response in result] == [f"<urn:r:{number}>" for number in (2, 3, 4, 5)]
    assert report.responses == 4


def test_all_records_are_counted_by_kind_and_media_type() -> None:
    assert scan(FILE)[1].kinds == Counter(
        {
            "warcinfo application/warc-fields": 1,
            "request application/http": 1,
            "response text/html": 1,
            "response image/png": 1,
            "response application/pdf": 1,
            "response": 1,
            "resource text/html": 1,
            "resource": 1,
            "resource image/png": 1,
            "conversion text/plain": 1,
            "conversion application/pdf": 1,
            "revisit application/http": 1,
            "metadata": 1,
        }
    )


def test_a_file_of_a_thousand_kinds_is_counted_in_bounds() -> None:
    content = b"".join(record("resource", f"image/x{number}", b"", number) for number in range(1000))
    kinds = scan(content)[1].kinds
    assert len(kinds) == 201
    assert kinds["other"] == 800


def written(path: Path, content: bytes) -> Part:
    path.write_bytes(gzip.compress(content))
    return part_of(str(path))


def test_pages_are_read_again_as_pages_and_texts_as_texts(tmp_path: Path) -> None:
    part = written(tmp_path / "a.warc.gz", FILE)
    offsets = {response.offset for response in scan(gzip.compress(FILE))[0]}
    pages = [(page.source.decode(), page.is_text) for page in warc_pages(part, offsets)]
    assert pages[0] == (PAGE.decode(), False)
    assert pages[-3:] == [("<p>Мельница", False), (PAGE.decode(), False), ("The mill\n\n  grinds Ж. ", True)]


def test_a_page_that_was_sent_as_xml_is_read_as_such(tmp_path: Path) -> None:
    types = ("application/xhtml+xml; charset=utf-8", "text/html")
    content = b"".join(
        record("response", "application/http", http(kind, PAGE), number) for number, kind in enumerate(types)
    )
    offsets = {response.offset for response in scan(gzip.compress(content))[0]}
    assert [page.is_xml for page in warc_pages(written(tmp_path / "a.warc.gz", content), offsets)] == [True, False]
