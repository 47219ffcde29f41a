"""A page out of a run is read again from where its input is, with the run's own parameters."""

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.cli.looking import SHOW
from pipeline.cli.process import main
from pipeline.curation import Request, curate
from pipeline.errors import ManifestError
from pipeline.inspection.show import page_of_run
from pipeline.results.explain import explain
from tests.e2e.reading import decisions, rows


def shown(capsys: pytest.CaptureFixture[str], run: Path, page: str, *options: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main(SHOW, ["--run", str(run), page, "--json", *options]) == 0
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def test_a_page_of_a_run_is_shown_as_the_run_has_read_it(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stored = rows(finished, "extract")
    for row in stored[:: len(stored) // 6]:
        result = shown(capsys, finished, row["doc_id"])
        assert result["from"][0].startswith(f"{row['warc_file']} at {row['warc_offset']:,}, ")
        for name in ("text", "spans", "title", "page_type", "declared_language", "declared_published", "extractor"):
            assert result[name] == row[name], name
        assert result["extraction_confidence"] == pytest.approx(row["extraction_confidence"], abs=1e-4)


def test_a_run_that_was_read_by_another_model_says_so(
    finished: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    doc_id = rows(finished, "extract")[0]["doc_id"]
    assert len(shown(capsys, finished, doc_id)["from"]) == 1
    monkeypatch.setattr("pipeline.inspection.show.model_digest", lambda: "refitted")
    assert "another model" in shown(capsys, finished, doc_id)["from"][1]


def test_explain_and_the_release_tell_type_and_confidence(finished: Path) -> None:
    row = next(row for row in rows(finished, "release") if row["page_type"])
    story = {line.split()[0]: line.split()[-1] for line in explain(str(finished), row["doc_id"]) if line.split()}
    assert story["page_type"] == row["page_type"]
    assert float(story["extraction_confidence"]) == pytest.approx(row["extraction_confidence"], rel=1e-3)
    assert story["extractor"] == "blocks"


def test_of_several_captures_the_one_that_got_furthest_is_shown(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = next(row for row in decisions(finished).values() if row["reason"] == "newer_capture")
    result = shown(capsys, finished, old["url"])
    assert old["doc_id"] in result["from"][1]
    assert "dropped by dedup_url" in shown(capsys, finished, old["doc_id"])["from"][0]


def test_what_is_no_page_or_no_record_or_no_longer_there_is_said(run_copy: Path, sample: Path, tmp_path: Path) -> None:
    result = decisions(run_copy)
    image = next(row for row in result.values() if row["reason"] == "not_html")
    with pytest.raises(ManifestError, match="is no page: ingest dropped it as 'not_html'"):
        page_of_run(str(run_copy), image["doc_id"], None)
    with pytest.raises(ManifestError, match=r"has no record of https://mill\.test/"):
        page_of_run(str(run_copy), "https://mill.test/", None)
    kept = next(row for row in result.values() if row["kept"] and row["warc_file"].endswith(".warc.gz"))
    file = Path(kept["warc_file"])
    aside = shutil.move(file, tmp_path / "aside")
    try:
        with pytest.raises(FileNotFoundError):
            page_of_run(str(run_copy), kept["doc_id"], None)
        shutil.copy(next(other for other in sorted(sample.iterdir()) if other.suffix == ".warc"), file)
        with pytest.raises(ManifestError, match=r"record not found: .* holds no page at"):
            page_of_run(str(run_copy), kept["doc_id"], None)
    finally:
        shutil.move(aside, file)


@pytest.mark.long
def test_a_table_of_pages_is_read_again_and_one_of_texts_has_none(spark: object, tmp_path: Path) -> None:
    prose = "The mill stands by the river, and its wheel has turned for years. " * 4
    urls = ["https://mill.test/1", "https://mill.test/2"]
    own = {"url": urls, "title": ["mine"] * 2, "published": [2019, 2020]}
    html = [f"<html lang=en><title>Mill</title><main><p>{prose}</main></html>"] * 2
    pq.write_table(pa.table({**own, "html": html}), tmp_path / "pages.parquet")
    pq.write_table(pa.table({**own, "text": [prose] * 2}), tmp_path / "texts.parquet")
    for name in ("pages", "texts"):
        curate(Request(str(tmp_path / name), (str(tmp_path / f"{name}.parquet"),), last="route"))
    assert prose.strip() in page_of_run(str(tmp_path / "pages"), urls[1], None).html
    first = next(row for row in rows(tmp_path / "pages", "route") if row["url"] == urls[0])
    assert (first["title"], first["declared_language"], first["published"]) == ("Mill", "en", 2019)
    with pytest.raises(ManifestError, match=r"texts\.parquet holds texts"):
        page_of_run(str(tmp_path / "texts"), urls[0], None)
    assert rows(tmp_path / "texts", "route")[0]["title"] == "mine"
    assert rows(tmp_path / "texts", "route")[0]["page_type"] is None
