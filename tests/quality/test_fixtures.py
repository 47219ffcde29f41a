"""Other projects' odd WARC and ARC files, all in one run: none ends it, and every page that is whole is read."""

import csv
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.curation import Request, curate
from tests.e2e.reading import rows
from tests.quality.scoring import pinned

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.slow

FOLDER = "data/warc-fixtures"
# One of its two answers that call themselves text/html is a PNG picture: not_html is right.
NOT_HTML = {"openzim+warc2zim__tests__data__content-resource-types.warc.gz": 1}
# Their only page has a Content-Length that is one or two bytes too short: damage, which costs the record.
WRONG_LENGTH = {
    "webrecorder+warcio.js__test__data__example-bad-length.warc": 1,
    "webrecorder+warcio__test__data__example-trunc.warc": 1,
}
# Its lines end in CR CR LF, so that its only record begins with an empty line and is cut.
SPOILT = {"webrecorder+pywb__sample_archive__warcs__missing-status-text.warc"}


def is_arc(name: str) -> bool:
    return name.endswith((".arc", ".arc.gz"))


@pytest.fixture(scope="module")
def index() -> dict[str, dict[str, str]]:
    with pinned(f"{FOLDER}/INDEX.tsv").open(newline="") as lines:
        return {line["path"]: line for line in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)}


@pytest.fixture(scope="module")
def run(spark: "SparkSession", index: dict[str, dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("fixtures") / "run"
    folder = pinned(f"{FOLDER}/INDEX.tsv").parent
    curate(Request(output=str(output), inputs=tuple(str(folder / name) for name in index), last="dedup_url"))
    return output


@pytest.fixture(scope="module")
def reports(run: Path) -> dict[str, dict[str, Any]]:
    return {Path(row["warc_file"]).name: row for row in rows(run, "inputs")}


def test_every_file_is_reported_and_every_record_that_a_public_reader_finds_is_counted(
    reports: dict[str, dict[str, Any]], index: dict[str, dict[str, str]]
) -> None:
    assert set(reports) == set(index)
    for name, line in index.items():
        if not is_arc(name):
            result = max(int(line["warcio_records"]), int(line["fastwarc_records"]))
            assert reports[name]["records"] >= result, name


def test_every_good_html_answer_of_a_warc_file_is_a_page(run: Path, index: dict[str, dict[str, str]]) -> None:
    pages = Counter(Path(row["warc_file"]).name for row in rows(run, "ingest"))
    for name, line in index.items():
        if not is_arc(name):
            lost = NOT_HTML.get(name, 0) + WRONG_LENGTH.get(name, 0)
            assert pages[name] >= int(line["html200"]) - lost, name


def test_arc_files_and_damaged_ones_and_no_others_have_an_error(
    reports: dict[str, dict[str, Any]], index: dict[str, dict[str, str]]
) -> None:
    damaged = {name for name, line in index.items() if is_arc(name) or line["fastwarc_error"]}
    damaged |= SPOILT | set(WRONG_LENGTH)
    assert {name for name, row in reports.items() if row["error"]} == damaged
    assert all("ARC file" in reports[name]["error"] for name in index if is_arc(name))
