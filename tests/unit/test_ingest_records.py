"""What becomes of a record in ingest, by its status, its type and its body, and what the file's report says."""

import gzip
import random
from pathlib import Path
from typing import Any

import pytest
import zstandard

from pipeline.engine.tables import NO_TABLES
from pipeline.inputs.files import part_of
from pipeline.stages.ingest import REFUSAL, IngestParams, measure_ingest
from schemas.columns import CHARSET, DECLARED_ROBOTS, SOURCE_URL
from tests.unit.test_record_kinds import FILE, PAGE, record

NOISE = random.Random(3).randbytes(4_000)


def ingested(folder: Path, content: bytes) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    path = folder / "a.warc"
    path.write_bytes(content)
    fitted = NO_TABLES.of_part(part_of(str(path)))
    rows = [row for batch in measure_ingest(iter(()), IngestParams(), fitted) for row in batch.to_pylist()]
    return rows, fitted.reports


def fate(folder: Path, head: str, body: bytes) -> str:
    block = f"HTTP/1.1 {head}\r\n\r\n".encode() + body
    ((row,), _) = ingested(folder, record("response", "application/http", block))
    return row[REFUSAL.name]["reason"] if row[REFUSAL.name] else "page"


TYPE = "200 OK\r\nContent-Type: text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        (TYPE, PAGE, "page"),
        (TYPE.replace("200 OK", "203 Non-Authoritative Information"), PAGE, "page"),
        (TYPE.replace("200 OK", "206 Partial Content"), PAGE, "http_status"),
        ("200 OK", b"<p>The mill", "page"),
        ("200 OK", b"The mill", "not_html"),
        (TYPE, gzip.compress(PAGE, mtime=0), "not_html"),
        (TYPE, zstandard.compress(PAGE), "not_html"),
        (f"{TYPE}\r\nContent-Encoding: zstd", zstandard.compress(PAGE), "page"),
        (f"{TYPE}\r\nContent-Encoding: zstd", b"\x28\xb5\x2f\xfd" + b"\xff" * 90, "undecodable_body"),
        (TYPE, b"\x28\xb5\x2f\xfd" + b"\xff" * 90, "not_html"),
        (TYPE, NOISE, "not_html"),
        (TYPE, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + NOISE, "not_html"),
        (TYPE.replace("utf-8", "hz-gb-2312"), PAGE, "not_html"),
    ],
)
def test_a_record_is_a_page_or_dropped_by_name(tmp_path: Path, head: str, body: bytes, expected: str) -> None:
    assert fate(tmp_path, head, body) == expected


def test_texts_and_resources_are_rows_and_all_kinds_are_reported(tmp_path: Path) -> None:
    rows, report = ingested(tmp_path, FILE)
    pages = [row[SOURCE_URL.name][-1] for row in rows if row[REFUSAL.name] is None]
    assert pages == ["2", "5", "6", "7", "9"]
    assert [row[CHARSET.name] for row in rows if row[SOURCE_URL.name].endswith("6")] == ["koi8-r"]
    assert (report["records"], report["responses"], report["error"]) == (13, 7, None)
    assert {"kind": "resource image/png", "count": 1} in report["kinds"]
    assert sum(kind["count"] for kind in report["kinds"]) == 13


def test_what_a_text_says_of_metas_is_no_meta(tmp_path: Path) -> None:
    text = b"<meta name=robots content=noai> is how a page asks for it."
    ((page,), _) = ingested(tmp_path, record("resource", "text/html", text))
    ((row,), _) = ingested(tmp_path, record("conversion", "text/plain", text))
    assert page[DECLARED_ROBOTS.name] == "robots: noai"
    assert (row[REFUSAL.name], row[DECLARED_ROBOTS.name]) == (None, None)
