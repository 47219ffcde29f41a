"""Reports of whole runs, hostile ones: no planted value is in their bytes, and no planted script runs."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.cli.process import main
from pipeline.cli.seeing import REPORT
from pipeline.report_page.documents import sample_of
from pipeline.report_page.facts import facts_of
from pipeline.report_page.findings import findings
from pipeline.report_page.reviewing import review_data
from tests.browser.browsing import draw_all, harmed, opened
from tests.e2e.hostile_crawl import EVERYWHERE, MARK, curated_hostile, curated_table
from tests.e2e.reading import rows
from tests.e2e.test_no_leak import found_in
from tests.planted_crawls import KINDS, LARGE, curated

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def hostile(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[str]]:
    """A run with planted values and scripts, its report beside it."""
    run, values = curated_hostile(tmp_path_factory.mktemp("hostile"))
    assert main(REPORT, [str(run), "-o", str(run.parent / "report.html"), "--compare", str(run)]) == 0
    return run, values


def test_no_planted_value_is_in_the_page(hostile: tuple[Path, set[str]]) -> None:
    run, values = hostile
    written = (run.parent / "report.html").read_text(encoding="utf-8")
    assert found_in(written, values) == set()
    assert found_in(written + " ".join(values), values) == values


def test_what_was_dropped_before_pii_has_no_text(hostile: tuple[Path, set[str]], finished: Path) -> None:
    stages = ("ingest", "url_screen", "dedup_url", "opt_out", "extract", "language", "route", "safety")
    for run in (hostile[0], finished):
        sample = sample_of(str(run), 3)
        assert {row["stage"] for row in sample} & set(stages)
        for row in sample:
            assert (row["text"] is None) == (row["stage"] in stages), row
            assert row["title"] is None or row["stage"] not in stages
            assert row["stage"] != "pii" or "@" not in row["text"]  # dense with it: shown as it was redacted


def test_every_chart_is_drawn_on_a_phone(browser: Any, hostile: tuple[Path, set[str]]) -> None:
    file = hostile[0].parent / "report.html"
    with opened(browser, file, width=390, height=844) as page:
        assert draw_all(page) == []
        assert harmed(page, file) == []


def test_no_planted_script_runs(browser: Any, hostile: tuple[Path, set[str]]) -> None:
    file = hostile[0].parent / "report.html"
    with opened(browser, file) as page:
        assert draw_all(page) == []
        page.fill("#query", MARK)
        assert not page.text_content("#matches").startswith("0 of")
        for at in range(len(page.query_selector_all("#review-stage option"))):
            page.select_option("#review-stage", index=at)
            for _ in range(12):
                page.evaluate("document.getElementById('skip').click()")
        assert harmed(page, file) == []


def test_categories_reasons_and_file_names_are_read_and_never_run(
    browser: Any, spark: "SparkSession", tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    assert main(REPORT, [str(curated_table(tmp_path)), "-o", str(file)]) == 0
    with opened(browser, file) as page:
        assert draw_all(page) == []
        assert EVERYWHERE in page.inner_text("#funnel h3 >> nth=0")
        assert f"hostile_stage: {EVERYWHERE}" in page.text_content("#reason")
        page.fill("#query", EVERYWHERE.split()[0])
        page.evaluate("document.querySelectorAll('details').forEach((e) => (e.open = true))")
        page.evaluate("document.getElementById('right')?.click()")
        assert harmed(page, file) == []


def test_the_sample_is_the_lowest_doc_ids_of_each_reason(finished: Path) -> None:
    sample, decided = sample_of(str(finished), 2), rows(finished, "decisions")
    by_reason: dict[tuple[str, str], list[str]] = {}
    for row in decided:
        if row["stage"]:
            by_reason.setdefault((row["stage"], row["reason"]), []).append(row["doc_id"])
    shown: dict[tuple[str, str], list[str]] = {}
    for row in sample:
        if row["stage"] != "kept":
            shown.setdefault((row["stage"], row["reason"]), []).append(row["doc_id"])
    assert shown == {reason: sorted(ids)[:2] for reason, ids in by_reason.items()}
    assert sample == sample_of(str(finished), 2)


def test_reports_are_the_same_each_time(finished: Path, tmp_path: Path) -> None:
    written = []
    for name in ("one.html", "two.html"):
        assert main(REPORT, [str(finished), "-o", str(tmp_path / name), "--sample", "2", "--review", "5"]) == 0
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    assert len(written[0]) < 5_000_000


def test_review_is_that_of_the_command(finished: Path) -> None:
    from pipeline.review.items import reviewable_stages, select_borderline

    made = review_data(str(finished), 10)
    assert [stage["stage"] for stage in made] == [
        stage
        for stage in reviewable_stages(str(finished))
        if any(item.text is not None or item.differences for item in select_borderline(str(finished), stage, 10).items)
    ]
    assert "url_screen" not in [stage["stage"] for stage in made]  # whose pages' texts nothing had redacted
    for stage in made:
        selection = select_borderline(str(finished), stage["stage"], 10)
        assert stage["run"] == selection.run
        assert [item["id"] for item in stage["items"]] == [item.id for item in selection.items]


def test_a_run_that_is_none_and_a_file_that_cannot_be_written(finished: Path, tmp_path: Path, capsys: Any) -> None:
    assert main(REPORT, [str(tmp_path / "none"), "-o", str(tmp_path / "r.html")]) == 2
    assert "error: " in capsys.readouterr().err
    assert main(REPORT, [str(finished), "--compare", str(tmp_path / "none"), "-o", str(tmp_path / "r.html")]) == 2
    assert not (tmp_path / "r.html").exists()


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_planted_is_the_first_or_second_finding(spark: "SparkSession", tmp_path: Path, kind: str) -> None:
    facts = facts_of(str(curated(kind, tmp_path)))
    first = [finding.sentence for finding in findings(facts)[:2]]
    wanted = {
        "a": "heuristics dropped all 90 documents in Japanese (ja)",
        "b": "501 pages are the same page",
        "c": f"of the release: {LARGE} has",
    }
    assert any(wanted[kind] in sentence for sentence in first), json.dumps(first)
