"""No value of personal data outlives the stage that takes it out: not in a table, a report, a log or an answer."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.cli.judging import COMPARE, REVIEW
from pipeline.cli.limits import WHAT_IF
from pipeline.cli.looking import EXPLAIN, LOCATE
from pipeline.cli.process import main
from pipeline.plan import NAMES
from pipeline.review.items import reviewable_stages
from pipeline.runs.run import Head
from tests.e2e.planted_values import URL, VALUES, Crawl, planted_crawl
from tests.e2e.reading import rows
from tests.sample.warc import member, response

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROOT = Path(__file__).resolve().parents[2]
SUBMIT = Path(sys.executable).parent / "spark-submit"
pytestmark = pytest.mark.slow
BEFORE = NAMES[: NAMES.index("pii")]


def compact(text: str) -> str:
    return re.sub(r"[\s().:\-]", "", text).lower()


def forms(value: str) -> set[str]:
    """Return the value, the value without its separators, and the local part of an address of e-mail."""
    return {value.lower(), compact(value), value.partition("@")[0].lower()}


def found_in(content: str, values: Iterable[str]) -> set[str]:
    lowered, joined = content.lower(), compact(content)
    return {value for value in values if any(form in lowered or form in joined for form in forms(value))}


def decoded(file: Path) -> str:
    """Return all that a file holds: every column of a table, nested ones and bytes too, and its metadata."""
    raw = file.read_bytes()
    said = raw.decode("latin-1") + raw.decode("utf-8", errors="replace")
    if file.suffix != ".parquet":
        return said
    table = pq.read_table(file, partitioning=None)
    cells = [str(table.schema), str(table.schema.metadata)]
    for column in table.columns:
        for value in column.to_pylist():
            cells.append(value.decode("latin-1") if isinstance(value, bytes) else str(value))
            if pa.types.is_binary(column.type) and value is not None:
                cells.append(value.decode("utf-8", errors="replace"))
    return said + "\n" + "\n".join(cells)


@dataclass(frozen=True)
class Finished:
    """A run of the planted crawl, and what the job said of it."""

    crawl: Crawl
    run: Path
    said: str

    @property
    def values(self) -> set[str]:
        return self.crawl.read | self.crawl.unread

    def files(self, *, before: bool) -> list[Path]:
        early = {self.run / room / name for room in ("stages", "exports") for name in BEFORE}
        result = [file for file in sorted(self.run.rglob("*")) if file.is_file()]
        return [file for file in result if any(place in file.parents for place in early) == before]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = tmp_path_factory.mktemp("planted")
    crawl = planted_crawl()
    warc = folder / "crawl.warc.gz"
    warc.write_bytes(b"".join(member(response(capture)) for capture in crawl.captures))
    places = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    command = [str(SUBMIT), str(ROOT / "jobs" / "curate.py"), "--input", str(warc), "--output", str(folder / "run")]
    ended = subprocess.run(
        [*command, "--verbose", "--set", "pii.site_min_pages=2", "dedup_line.reported_lines=500"],
        cwd=folder,
        env={**os.environ, "CI": "true", "PYTHONPATH": places},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=580,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout
    return Finished(crawl, folder / "run", ended.stdout)


def test_what_was_planted_stands_in_the_tables_before_the_stage(planted: Finished) -> None:
    content = "\n".join(map(decoded, planted.files(before=True)))
    assert found_in(content, planted.crawl.read) == planted.crawl.read


def test_the_planted_pages_meet_the_fates_that_the_search_is_about(planted: Finished) -> None:
    fates = {row["source_url"]: (row["stage"], row["reason"]) for row in rows(planted.run, "decisions")}
    assert len(fates) == len(planted.crawl.captures)
    assert fates["https://lonely.lonely-mill.org/a"] == ("pii", "dense_page")
    assert fates["https://crowds.crowd-mill.org/a"] == ("pii", "dense_page")
    assert fates["https://clean.crowd-mill.org/a"] == ("pii", "dense_site")
    assert sorted(str(fates[URL.format(f"near{number}")][1]) for number in (0, 1)) == ["None", "near_duplicate"]
    assert fates[URL.format("short")][0] in {"dedup_line", "heuristics"}
    for name in ("marked", *(f"p{number}" for number in (*range(8), *range(10, 20)))):
        assert fates[URL.format(name)] == (None, None), name


def test_no_file_after_the_stage_holds_a_value(planted: Finished) -> None:
    files = planted.files(before=False)
    known = {file.relative_to(planted.run).parts[0] for file in files}
    assert {"stages", "decisions", "inputs", "release", "report.json"} <= known
    assert {file.name.partition("-")[0] for file in files if file.parent == planted.run / "stages/pii/files"} >= {
        "measured", "columns", "drops", "sites",
    }  # fmt: skip
    leaks = {str(file.relative_to(planted.run)): found_in(decoded(file), planted.values) for file in files}
    assert {file: result for file, result in leaks.items() if result} == {}


def test_frequent_lines_are_reported_with_what_stands_for_the_value(planted: Finished) -> None:
    report = json.loads((planted.run / "report.json").read_text())
    (notes,) = (stage["notes"] for stage in report["stages"] if stage["stage"] == "dedup_line")
    assert any("<EMAIL_ADDRESS>" in line["line"].upper() for line in notes["most_frequent"])


def test_the_job_says_how_many_values_there_are_and_never_one(planted: Finished) -> None:
    assert "values of personal data found" in planted.said
    assert found_in(planted.said, planted.values) == set()


def test_each_default_kind_was_replaced_and_its_place_is_known(planted: Finished) -> None:
    kept = rows(planted.run, "heuristics")
    result = {one["entity"]: row["text"][one["start"] : one["end"]] for row in kept for one in row["pii"]}
    assert result == {entity: f"<{entity}>" for entity in ("EMAIL_ADDRESS", *VALUES)}
    (marked,) = (row for row in kept if row["source_url"] == URL.format("marked"))
    headings = [marked["text"][one["start"] : one["end"]] for one in marked["spans"] if one["kind"] == "heading"]
    assert any("Questions to <EMAIL_ADDRESS> are welcome" in heading for heading in headings)
    (code,) = (marked["text"][one["start"] : one["end"]] for one in marked["spans"] if one["kind"] == "code")
    assert code.startswith("sender") or "\nsender" in code
    assert '"<EMAIL_ADDRESS>"' in code
    assert code.rstrip("`\n").endswith("send(line)")
    assert "<EMAIL_ADDRESS>" in marked["title"]
    released = {row["source_url"]: row["text"] for row in rows(planted.run, "release")}
    assert all(released[row["source_url"]] == row["text"] for row in kept)


def test_explain_and_locate_never_show_a_value(planted: Finished, capsys: pytest.CaptureFixture[str]) -> None:
    for capture in planted.crawl.captures:
        assert main(EXPLAIN, [str(planted.run), capture.url]) == 0
    for name in (*NAMES, "decisions", "inputs", "release"):
        assert main(LOCATE, [str(planted.run), name]) == 0
    said = capsys.readouterr()
    assert "EMAIL_ADDRESS at" in said.out
    assert found_in(said.out + said.err, planted.values) == set()


def test_what_if_shows_texts_without_values(
    planted: Finished, spark: "SparkSession", capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--set", "heuristics.min_words=100000", "--sample", "50", "--chars", "100000"]
    for more in ([], ["--json"]):
        assert main(WHAT_IF, [str(planted.run), *asked, *more]) == 0
    said = capsys.readouterr()
    assert "<EMAIL_ADDRESS>" in said.out
    assert found_in(said.out + said.err, planted.values) == set()


def test_review_shows_no_value_and_keeps_none_in_its_verdicts(
    planted: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    stages = reviewable_stages(str(planted.run))
    assert {"safety", "pii", "dedup_document", "heuristics"} <= set(stages)
    for stage in stages:
        for more in (["--json"], ["--chars", "100000"], ["--random", "500"]):
            monkeypatch.setattr("sys.stdin", io.StringIO("y\n" * 1000))
            chosen = [] if "--random" in more else ["--borderline", "1000"]
            assert main(REVIEW, [str(planted.run), "--stage", stage, *chosen, *more]) == 0
    said = capsys.readouterr()
    assert "<EMAIL_ADDRESS>" in said.out
    assert "https://lonely.lonely-mill.org/a" in said.out
    written = "".join(file.read_text() for file in tmp_path.glob("verdicts-*.jsonl"))
    assert written
    assert found_in(said.out + said.err + written, planted.values) == set()


@pytest.mark.parametrize("last", ["route", "pii", "dedup_document"])
def test_compare_shows_no_value_whatever_the_other_run_had_done(
    planted: Finished, tmp_path: Path, spark: "SparkSession", capsys: pytest.CaptureFixture[str], last: str
) -> None:
    early = tmp_path / "early"
    shutil.copytree(planted.run, early)
    head = Head.load(str(early))
    head.stages = {name: head.stages[name] for name in NAMES[: NAMES.index(last) + 1]}
    head.save(str(early))
    for runs in ((early, planted.run), (planted.run, early)):
        for more in ([], ["--json"]):
            assert main(COMPARE, [*map(str, runs), "--sample", "1000", *more]) == 0
    said = capsys.readouterr()
    assert URL.format("short") in said.out
    assert found_in(said.out + said.err, planted.values) == set()
