"""A stage of a user's own, in a package of its own: run, resumed, explained and reported without a change in ours."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.cli.curating import CURATE
from pipeline.cli.looking import EXPLAIN
from pipeline.cli.process import main
from tests.e2e.example_package.plan import MEANING
from tests.e2e.reading import decisions, rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PLACE = "tests.e2e.example_package.plan:STAGES"
QUIET, LOUD = "https://mill.test/quiet", "https://mill.test/loud"
LINE = "2 texts were listened to, for more than 50% of capitals"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("own") / "pages.jsonl"
    pages = {QUIET: "The miller brings corn to the mill.", LOUD: "THE MILLER BRINGS CORN TO THE MILL."}
    path.write_text("".join(json.dumps({"url": url, "text": text}) + "\n" for url, text in pages.items()))
    return path


@pytest.fixture(scope="module")
def run(spark: "SparkSession", table: Path) -> Path:
    run = table.parent / "run"
    assert main(CURATE, ["--output", str(run), "--input", str(table), "--stages", PLACE, "--to", "shouting"]) == 0
    return run


def test_it_adds_its_column_and_drops_with_its_own_reason(run: Path) -> None:
    (kept,) = rows(run, "shouting")
    assert (kept["url"], kept["capitals"]) == (QUIET, pytest.approx(1 / 28))
    gone = decisions(run)[LOUD]
    assert (gone["stage"], gone["reason"], gone["value"], gone["limit"]) == ("shouting", "too_loud", 1.0, 0.5)


def test_it_is_resumed_without_being_named_again(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(CURATE, ["--output", str(run), "--to", "shouting"]) == 0
    assert "shouting        done already: 1 rows" in capsys.readouterr().out


def test_its_reason_is_explained_in_its_own_words(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(EXPLAIN, [str(run), LOUD]) == 0
    said = capsys.readouterr().out
    assert "shouting        DROPPED: too_loud (1, limit 0.5)" in said
    assert MEANING in said
    assert "capitals                   1\n" in said


def test_it_has_its_line_in_the_report(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(CURATE, ["--output", str(run), "--to", "shouting", "--verbose"]) == 0
    assert f"shouting        {LINE}" in capsys.readouterr().out
    report = {stage["stage"]: stage for stage in json.loads((run / "report.json").read_text())["stages"]}
    assert report["shouting"]["notes"] == {"texts": 2, "most": 0.5}
    assert report["shouting"]["dropped"] == {"too_loud": 1}


def test_its_parameters_are_set_and_shown_as_those_of_any_stage(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change = ["--set", "shouting.most=0.9"]
    assert main(CURATE, ["--output", str(run), "--to", "shouting", "--dry-run", *change]) == 0
    assert "shouting        run       most 0.5 → 0.9" in capsys.readouterr().out
    assert main(CURATE, ["--show-config", "--stages", PLACE, *change]) == 0
    assert "  # Share of capitals above which a text goes.\n  most: 0.9\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("tests.e2e.no_package:STAGES", "No module named 'tests.e2e.no_package'"),
        ("tests.e2e.example_package.plan:PLANS", "has no attribute 'PLANS'"),
        ("tests.e2e.example_package.plan:MEANING", "expected stages, the first of them `ingest`"),
    ],
)
def test_what_holds_no_stages_is_refused_in_words(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str, message: str
) -> None:
    asked = ["--output", str(tmp_path / "run"), "--input", str(table), "--stages", place]
    assert main(CURATE, asked) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"error: --stages {place}: ")
    assert message in said
    assert not (tmp_path / "run").exists()
