"""What extract's Arrow hop does in a worker."""

import logging
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pytest
import xxhash
from pipeline.engine.side_tables import NO_SIDES

from pipeline.curate import Request, Run
from pipeline.engine.recipes import Step
from pipeline.inputs.pages import Page
from pipeline.kernels.html.model import PAGE_TYPES
from pipeline.runs.parts import Part
from pipeline.stages.extract import ExtractParams, extract, measure_extract, model_digest

ODD = ["", "<p>x", "<html><body></body></html>", "\0", "<a href='http://[::1'>broken</a>" * 50, "<div>" * 5000]


@pytest.mark.parametrize("engine", ["blocks", "trafilatura"])
def test_odd_pages_leave_no_line_in_a_worker_s_log(
    engine: Literal["blocks", "trafilatura"], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    urls = ["http://[::1", "https://mill.test/"] * 3
    offsets = list(range(len(ODD)))
    keys = pa.record_batch({"source_url": urls, "doc_id": ["0f"] * len(ODD), "warc_offset": offsets})
    pages = [Page(offset, html) for offset, html in enumerate(ODD)]
    params = ExtractParams(engine=engine)
    part = Part("odd", "odd.warc", "odd.warc", 0, "")
    rows = list(measure_extract(iter([keys]), part, params, NO_SIDES, lambda *_: iter(pages)))
    assert sum(batch.num_rows for batch in rows) == len(ODD)
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


def measured(pages: list[Page], offsets: list[int]) -> dict[int, dict[str, Any]]:
    """Return offset → row of a part with rows at these offsets, whose file holds these pages."""
    keys = pa.record_batch(
        {
            "source_url": [f"https://mill.test/{offset}" for offset in offsets],
            "doc_id": ["0f"] * len(offsets),
            "warc_offset": offsets,
            "title": ["of the table"] * len(offsets),
        }
    )
    part = Part("p", "p.warc", "p.warc", 0, "")
    batches = list(measure_extract(iter([keys]), part, ExtractParams(), NO_SIDES, lambda *_: iter(pages)))
    for batch in batches:
        for column in extract.measures:
            assert batch.schema.field(column.name).type == column.type
    return {row["warc_offset"]: row for batch in batches for row in batch.to_pylist()}


def test_a_page_gets_every_column_and_one_that_is_gone_gets_none() -> None:
    head = "<title>The mill</title><link rel=canonical href=/mill><meta name=date content=2024-03-01>"
    prose = "<p>The mill stands by the river, and its wheel has turned there for two hundred years.</p>" * 3
    page = f"<html lang=en>{head}<main><h1>The mill</h1>{prose}<pre>turn(\n  wheel)</pre></main>"
    found = measured([Page(7, page), Page(9, ""), Page(7, "<p>the same offset again")], [5, 7, 9])
    read, empty, gone = found[7], found[9], found[5]
    (code,) = (span for span in read["spans"] if span["kind"] == "code")
    assert read["text"][code["start"] : code["end"]] == "turn(\n  wheel)"
    declared = [read[f"declared_{name}"] for name in ("language", "canonical_url", "published", "modified")]
    assert declared == ["en", "https://mill.test/mill", "2024-03-01", None]
    assert (read["title"], read["extractor"], read["__found"]) == ("The mill", "blocks", True)
    assert read["page_type"] in PAGE_TYPES
    assert 0 < read["extraction_confidence"] <= 1
    assert (empty["text"], empty["spans"], empty["page_type"], empty["__found"]) == ("", [], None, True)
    assert (gone["text"], gone["spans"], gone["__found"]) == ("", [], False)
    for name in ("title", "page_type", "extraction_confidence", "extractor", "declared_language"):
        assert gone[name] is None


def test_rows_are_neither_lost_nor_doubled_where_batches_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.stages.extract._BATCH_ROWS", 2)
    for count in range(6):
        found = measured([Page(offset, f"<p>Page {offset} of the mill") for offset in range(count)], list(range(6)))
        assert {offset: row["__found"] for offset, row in found.items()} == {at: at < count for at in range(6)}


def test_a_model_is_known_by_its_file_and_the_driver_does_not_load_it() -> None:
    model = files("pipeline.kernels.html") / "main_content.npz"
    assert model_digest() == xxhash.xxh3_128_hexdigest(model.read_bytes())
    code = (
        "import sys, pipeline.curate, pipeline.stages.extract as e; e.model_digest(); sys.exit('numba' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_another_model_is_another_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.warc").touch()
    request = Request(output=str(tmp_path / "run"), inputs=(str(tmp_path / "a.warc"),))

    def recipe() -> str:
        return Step(extract, Run.of(request).params["extract"]).recipe

    shipped = recipe()
    assert recipe() == shipped
    monkeypatch.setattr("pipeline.loaded_files.model_digest", lambda: "refitted")
    assert recipe() != shipped


def test_a_page_that_breaks_the_kernel_costs_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.kernels import extraction

    whole = extraction.extract

    def breaking(html: str, *args: Any, **options: Any) -> Any:
        if "broken" in html:
            raise ValueError("an error of ours")
        return whole(html, *args, **options)

    monkeypatch.setattr(extraction, "extract", breaking)
    found = measured([Page(7, "<p>The mill stands by the river."), Page(9, "<p>broken")], [7, 9])
    assert (found[7]["extractor"], found[9]["extractor"]) == ("blocks", None)
    assert (found[9]["text"], found[9]["__found"]) == ("", True)
