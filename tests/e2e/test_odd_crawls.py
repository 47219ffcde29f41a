"""Crawls at the edge: nothing in them, nothing worth keeping, one page, one file twice."""

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.cli.curating import CURATE
from pipeline.cli.process import main
from pipeline.curation import Request, curate
from pipeline.errors import NothingReadError
from tests.e2e.reading import decisions, rows
from tests.sample.capture import HTML, Capture
from tests.sample.warc import member, response

WORDS = "The miller and the baker have to be at the mill with the grain of that day before the sun is up. "


def write_warc(path: Path, *captures: Capture) -> Path:
    path.write_bytes(b"".join(member(response(capture)) for capture in captures))
    return path


def page(url: str, text: str, status: str = "200 OK") -> Capture:
    body = f"<html><head><title>A page</title></head><body><main><p>{text}</p></main></body></html>"
    return Capture(url=url, body=body.encode(), kind="page", purpose="test", status=status, headers=HTML)


@pytest.mark.long
def test_a_crawl_of_errors_alone_ends_with_decisions_and_an_empty_release(spark: object, tmp_path: Path) -> None:
    warc = write_warc(tmp_path / "a.warc.gz", page("https://a.example/", WORDS, status="404 Not Found"))
    curate(Request(output=str(tmp_path / "run"), inputs=(str(warc),)))
    assert [row["reason"] for row in decisions(tmp_path / "run").values()] == ["http_status"]
    assert not list((tmp_path / "run" / "release").rglob("*.parquet"))


@pytest.mark.parametrize("last", ["route", pytest.param("mix", marks=pytest.mark.long)])
def test_a_file_without_a_response_record_ends_with_no_decision(spark: object, tmp_path: Path, last: str) -> None:
    (tmp_path / "a.warc.gz").write_bytes(b"")
    with pytest.raises(NothingReadError, match=r"a\.warc\.gz holds no page and no row, but no record that can be read"):
        curate(Request(output=str(tmp_path / "run"), inputs=(str(tmp_path / "a.warc.gz"),), last=last))
    assert rows(tmp_path / "run", "decisions") == []
    assert [row["error"] for row in rows(tmp_path / "run", "inputs")] == ["empty file (1 damaged)"]


def test_what_inputs_hold_beside_pages_is_said_and_the_code_is_3(
    spark: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = b"WARC/1.0\r\nWARC-Type: metadata\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}\r\n\r\n"
    (tmp_path / "a.warc").write_bytes(record * 3)
    arguments = ["--input", str(tmp_path / "a.warc"), "--output", str(tmp_path / "run"), "--to", "url_screen"]
    assert main(CURATE, arguments) == 3
    told = capsys.readouterr().err.strip().split("\n")[-1]
    assert told.startswith(f"error: nothing was read: {tmp_path}/a.warc holds no page and no row, but 3 metadata")
    assert rows(tmp_path / "run", "decisions") == []


def test_a_run_that_lost_much_says_where(spark: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    captures = [
        page(f"https://a.example/{n}", f"{WORDS} Page {n}.", "404 Not Found" if n else "200 OK") for n in range(4)
    ]
    warc, run = write_warc(tmp_path / "a.warc.gz", *captures), tmp_path / "run"
    arguments = ["--input", str(warc), "--output", str(run), "--to", "dedup_url"]
    assert main(CURATE, arguments) == 0
    last = capsys.readouterr().out.strip().split("\n")[-2]
    assert last.startswith("warning: ingest dropped 3 of 4 rows (75 %) for http_status: The HTTP status is neither 200")
    assert main(CURATE, [*arguments, "--warn-over", "0.8"]) == 0
    assert "warning" not in capsys.readouterr().out


@pytest.mark.long
def test_the_same_file_under_two_names_is_kept_once(spark: object, tmp_path: Path) -> None:
    warc = write_warc(
        tmp_path / "a.warc.gz",
        page("https://a.example/1", " ".join(f"{WORDS} Number {n} follows." for n in range(12))),
        page("https://a.example/2", " ".join(f"Bread {n} is baked of rye and of that flour." for n in range(30))),
    )
    shutil.copy(warc, tmp_path / "b.warc.gz")
    run = tmp_path / "run"
    curate(Request(output=str(run), inputs=(str(tmp_path / "*.warc.gz"),), last="dedup_document"))
    result = rows(run, "decisions")
    assert len(result) == 4
    assert sorted(row["kept"] for row in result) == [False, False, True, True]
    assert {row["stage"] for row in result if not row["kept"]} == {"dedup_url"}
    assert len(rows(run, "dedup_document")) == 2


def test_a_page_in_tiny_chunks_is_read_to_its_end(spark: object, tmp_path: Path) -> None:
    body = f"<html><body><main><p>{WORDS * 400}The end.</p></main></body></html>".encode()
    chunked = b"".join(b"1\r\n" + body[at : at + 1] + b"\r\n" for at in range(len(body))) + b"0\r\n\r\n"
    headers = (*HTML, ("Transfer-Encoding", "chunked"))
    capture = Capture(url="https://a.example/", body=chunked, kind="page", purpose="test", headers=headers)
    warc = write_warc(tmp_path / "a.warc.gz", capture)
    curate(Request(output=str(tmp_path / "run"), inputs=(str(warc),), last="extract"))
    assert [row["text"][-8:] for row in rows(tmp_path / "run", "extract")] == ["The end."]


def test_a_damaged_row_group_costs_its_rows_and_no_others(spark: object, tmp_path: Path) -> None:
    texts = [f"{WORDS} Page {n}." for n in range(40)]
    path = tmp_path / "pages.parquet"
    table = pa.table({"url": [f"https://a.example/{n}" for n in range(40)], "text": texts})
    pq.write_table(table, path, row_group_size=10, compression="snappy")
    column = pq.ParquetFile(path).metadata.row_group(2).column(1)
    content = bytearray(path.read_bytes())
    start = column.dictionary_page_offset or column.data_page_offset  # the header of its first page
    content[start : start + 60] = b"\xff" * 60
    path.write_bytes(content)
    curate(Request(output=str(tmp_path / "run"), inputs=(str(path),), last="dedup_url"))
    assert len(decisions(tmp_path / "run")) == 30
    assert ["row group 2" in row["error"] for row in rows(tmp_path / "run", "inputs")] == [True]
