"""A stage left out of a run by the command that a user calls: arms of as many tokens, in one order, and a verdict."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.dataset as ds
import pytest

from pipeline.ablation.proxies import NOT_APART
from pipeline.cli.experiments import ABLATE
from pipeline.cli.process import main
from pipeline.curation import Request, understand
from pipeline.runs.run import Run
from tests.e2e.reading import decisions

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def _ablate(run: Path, *arguments: Any) -> int:
    return main(ABLATE, [str(run), *map(str, arguments)])


def _rows(folder: Path) -> list[dict[str, Any]]:
    files = sorted(str(path) for path in folder.iterdir())
    rows: list[dict[str, Any]] = ds.dataset(files).to_table().to_pylist()
    return rows


@pytest.mark.slow
def test_arms_have_as_many_tokens_in_one_order_and_the_one_without_a_stage_has_what_it_dropped(
    spark: "SparkSession", run_copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out"
    assert _ablate(run_copy, "--without", "heuristics", "--output", output, "--dev-bytes", 20_000) == 0
    printed = capsys.readouterr().out
    assert "bits per byte" in printed
    told = json.loads((output / "ablation.json").read_text())
    assert told["judged"][-1]["verdict"] in (NOT_APART, "better with it", "better without it")
    assert (NOT_APART in printed) == any(row["verdict"] == NOT_APART for row in told["judged"])
    arms = {name: _rows(output / name) for name in ("with", "without", "control")}
    kept, other = decisions(run_copy), decisions(output / "run")
    dropped = {row["doc_id"] for row in kept.values() if row["stage"] == "heuristics"}
    assert dropped
    ids = {name: [row["doc_id"] for row in rows] for name, rows in arms.items()}
    assert dropped.isdisjoint(ids["with"])
    assert not dropped.isdisjoint(ids["without"])
    assert not any(row["stage"] == "heuristics" for row in other.values())
    for category in told["arms"]["with"]["categories"]:
        sizes = {name: [row["tokens"] for row in rows if row["category"] == category] for name, rows in arms.items()}
        most = max(max(own, default=0) for own in sizes.values())
        for own in sizes.values():
            assert abs(sum(own) - sum(sizes["with"])) <= most
        order = {name: [r["doc_id"] for r in rows if r["category"] == category] for name, rows in arms.items()}
        both = set(order["with"]) & set(order["without"])
        assert [d for d in order["with"] if d in both] == [d for d in order["without"] if d in both]
        half = len(order["control"]) // 2
        assert order["control"][:half] == order["control"][half:] == order["with"][:half]
    assert {row["epoch"] for row in arms["control"]} == {0, 1}
    held_out = {
        text for path in (output / "targets").iterdir() for text in ds.dataset(path).to_table()["text"].to_pylist()
    }
    for rows in arms.values():
        assert held_out.isdisjoint(row["text"] for row in rows)
    digests = {name: arm["digest"] for name, arm in told["arms"].items()}
    assert Run(str(output / "run")).head.without == ["heuristics"]
    assert "heuristics" not in [stage.name for stage in understand(Request(str(output / "run"))).stages]
    again = ("--without", "heuristics", "--output", output, "--dev-bytes", 20_000, "--proxy", "none")
    assert _ablate(run_copy, *again) == 0
    told = json.loads((output / "ablation.json").read_text())
    assert {name: arm["digest"] for name, arm in told["arms"].items()} == digests
    assert told["judged"] == []


@pytest.mark.slow
def test_stages_that_a_run_cannot_do_without_are_refused(
    spark: "SparkSession", finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for stage, why in (
        ("ingest", "it reads the input"),
        ("extract", "needs column 'text'"),
        ("route", "needs column 'category'"),
        ("quality", "documents have no 'tokens'"),
        ("mix", "no stage that this run went through before its mix"),
        ("heuristic", "did you mean 'heuristics'"),
    ):
        assert _ablate(finished, "--without", stage, "--output", tmp_path / "out") == 2
        said = capsys.readouterr().err
        assert why in said
        assert stage == "heuristic" or "heuristics" in said
    other = ("--without", "dedup_line", "--set", "heuristics.min_words=7")
    assert _ablate(finished, *other, "--output", tmp_path / "out") == 2
    assert "stage 'heuristics' is not up to date (min_words" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
