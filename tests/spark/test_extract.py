"""What extract's Arrow hop does in a worker."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import pytest
import xxhash

from pipeline.cells.parts import Part, page_key
from pipeline.curation import Request, understand
from pipeline.engine.tables import NO_TABLES, FittedTables
from pipeline.errors import InputError, ResourceError
from pipeline.inputs.pages import Page
from pipeline.kernels.html.main_content.model import PAGE_TYPES
from pipeline.kernels.urls.addresses import content_hash
from pipeline.stages.extract import ExtractParams, extract, measure_extract, model_digest
from tests.spark.stages import verdicts

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ODD = ["", "<p>x", "<html><body></body></html>", "\0", "<a href='http://[::1'>broken</a>" * 50, "<div>" * 5000]


@pytest.mark.parametrize("engine", ["blocks", "trafilatura"])
def test_odd_pages_leave_no_line_in_a_worker_s_log(
    engine: Literal["blocks", "trafilatura"], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    urls = ["http://[::1", "https://mill.test/"] * 3
    offsets = list(range(len(ODD)))
    hashes = [content_hash(html.encode()) for html in ODD]
    columns = {"source_url": urls, "doc_id": ["0f"] * len(ODD), "warc_offset": offsets, "body_hash": hashes}
    keys = pa.record_batch(columns)
    pages = [page_at(offset, html) for offset, html in enumerate(ODD)]
    params = ExtractParams(engine=engine)
    rows = list(measure_extract(iter([keys]), params, fitted(), lambda *_: iter(pages)))
    assert sum(batch.num_rows for batch in rows) == len(ODD)
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


def page_at(offset: int, html: str) -> Page:
    return Page(offset, html.encode(), content_hash(html.encode()))


def fitted(*quarantined: str) -> FittedTables:
    return NO_TABLES.of_part(Part("p", "p.warc", "p.warc", 0, ""), quarantined)


def measured(pages: list[Page], offsets: list[int], *quarantined: str) -> dict[int, dict[str, Any]]:
    """Return offset → row of a part with rows at these offsets, whose file holds these pages, as it did in ingest."""
    of_first = {page.offset: page.body_hash for page in reversed(pages)}
    keys = pa.record_batch(
        {
            "body_hash": [of_first.get(offset, 0) for offset in offsets],
            "source_url": [f"https://mill.test/{offset}" for offset in offsets],
            "doc_id": ["0f"] * len(offsets),
            "warc_offset": offsets,
            "title": ["of the table"] * len(offsets),
        }
    )

    def reader(_: Part, wanted: set[int]) -> Iterator[Page]:
        return (page for page in pages if page.offset in wanted)

    batches = list(measure_extract(iter([keys]), ExtractParams(), fitted(*quarantined), reader))
    for batch in batches:
        for column in extract.adds:
            assert batch.schema.field(column.name).type == column.type
    return {row["warc_offset"]: row for batch in batches for row in batch.to_pylist()}


def test_a_page_gets_every_column_and_one_that_is_not_read_gets_none() -> None:
    head = "<title>The mill</title><link rel=canonical href=/mill><meta name=date content=2024-03-01>"
    prose = "<p>The mill stands by the river, and its wheel has turned there for two hundred years.</p>" * 3
    page = f"<html lang=en>{head}<main><h1>The mill</h1>{prose}<pre>turn(\n  wheel)</pre></main>"
    pages = [page_at(7, page), page_at(9, ""), page_at(7, "<p>the same offset again")]
    result = measured(pages, [5, 7, 9], page_key(5, "0f"))
    read, empty, gone = result[7], result[9], result[5]
    (code,) = (span for span in read["spans"] if span["kind"] == "code")
    assert read["text"][code["start"] : code["end"]] == "turn(\n  wheel)"
    declared = [read[f"declared_{name}"] for name in ("language", "canonical_url", "published", "modified")]
    assert declared == ["en", "https://mill.test/mill", "2024-03-01", None]
    assert (read["title"], read["extractor"], read["__unread"]) == ("The mill", "blocks", None)
    assert read["page_type"] in PAGE_TYPES
    assert 0 < read["extraction_confidence"] <= 1
    assert (empty["text"], empty["spans"], empty["page_type"], empty["__unread"]) == ("", [], None, "no_text")
    assert (gone["text"], gone["spans"], gone["__unread"]) == ("", [], "quarantined")
    for name in ("title", "page_type", "extraction_confidence", "extractor", "declared_language"):
        assert gone[name] is None


def test_rows_are_neither_lost_nor_doubled_where_batches_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.stages.extract._BATCH_ROWS", 2)
    for count in range(6):
        pages = [page_at(offset, f"<p>Page {offset} of the mill") for offset in range(count)]
        result = measured(pages, list(range(6)), *(page_key(offset, "0f") for offset in range(count, 6)))
        unread = {offset: row["__unread"] for offset, row in result.items()}
        assert unread == {at: None if at < count else "quarantined" for at in range(6)}


@pytest.mark.parametrize("offsets", [[5, 7], [7, 9], [7, 8, 9]])
def test_a_record_that_is_no_longer_there_is_an_error_and_no_reason(offsets: list[int]) -> None:
    with pytest.raises(InputError, match=r"input changed since ingest: p\.warc"):
        measured([page_at(7, "<p>A mill."), page_at(9, "<p>Another.")][: len(offsets) - 1], offsets)


def test_another_body_at_the_same_offset_is_an_error() -> None:
    then = content_hash(b"<p>A mill.")
    keys = pa.record_batch({"source_url": ["u"], "doc_id": ["0f"], "warc_offset": [7], "body_hash": [then]})
    with pytest.raises(InputError, match="input changed since ingest"):
        list(measure_extract(iter([keys]), ExtractParams(), fitted(), lambda *_: iter([page_at(7, "<p>A hill.")])))


@pytest.mark.parametrize("error", [MemoryError(), OSError("a library is gone")])
def test_neither_memory_nor_a_disk_is_a_page_s_fault(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.kernels import extraction

    whole = extraction.extract

    def breaking(html: bytes, *args: Any, **options: Any) -> Any:
        if b"large" in html:
            raise error
        return whole(html, *args, **options)

    monkeypatch.setattr(extraction, "extract", breaking)
    expected = ResourceError if isinstance(error, MemoryError) else OSError
    with pytest.raises(expected, match=r"at https://mill\.test/9: let fewer|a library is gone"):
        measured([page_at(7, "<p>A mill."), page_at(9, "<p>A large page.")], [7, 9])


def test_a_model_is_known_by_its_file_and_the_driver_does_not_load_it() -> None:
    model = files("pipeline.kernels.html.main_content") / "main_content.npz"
    assert model_digest() == xxhash.xxh3_128_hexdigest(model.read_bytes())
    code = (
        "import sys, pipeline.curation, pipeline.stages.extract as e\ne.model_digest()\n"
        "sys.exit('numba' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_another_model_is_another_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.warc").touch()
    request = Request(output=str(tmp_path / "run"), inputs=(str(tmp_path / "a.warc"),))

    def recipe() -> str:
        (step,) = (step for step in understand(request).steps if step.name == "extract")
        return step.content_recipe

    shipped = recipe()
    assert recipe() == shipped
    monkeypatch.setattr("pipeline.stages.extract.model_digest", lambda: "refitted")
    assert recipe() != shipped


def test_a_page_that_breaks_the_kernel_costs_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.kernels import extraction

    whole = extraction.extract

    def breaking(html: bytes, *args: Any, **options: Any) -> Any:
        if b"broken" in html:
            raise ValueError("an error of ours")
        return whole(html, *args, **options)

    monkeypatch.setattr(extraction, "extract", breaking)
    result = measured([page_at(7, "<p>The mill stands by the river."), page_at(9, "<p>broken")], [7, 9])
    assert (result[7]["extractor"], result[9]["extractor"]) == ("blocks", None)
    assert (result[9]["text"], result[9]["__unread"]) == ("", "unreadable")


def test_a_page_on_the_quarantine_list_is_not_read_and_its_row_says_so() -> None:
    pages = [page_at(offset, "<p>The mill stands by the river.") for offset in (7, 9)]
    result = measured(pages, [7, 9], page_key(9, "0f"), page_key(7, "another capture of the place"))
    assert {offset: row["__unread"] for offset, row in result.items()} == {7: None, 9: "quarantined"}
    assert result[9]["text"] == ""


def test_what_was_not_read_is_dropped_with_the_reason(spark: "SparkSession") -> None:
    reasons = [None, "no_text", "unreadable", "quarantined"]
    rows = [{"__unread": reason, "text": ""} for reason in reasons]
    result = verdicts(spark, extract, ExtractParams(), extract.adds, rows)
    assert [drop and (drop["stage"], drop["reason"]) for drop in result] == [
        reason and ("extract", reason) for reason in reasons
    ]
