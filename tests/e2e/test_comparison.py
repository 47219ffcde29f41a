"""Two runs compared: documents gained, lost and changed, with and without a difference to be found."""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.cli.judging import COMPARE
from pipeline.cli.process import main
from pipeline.comparison.compare import comparison
from pipeline.curation import Request, curate
from pipeline.review.items import borderline
from pipeline.runs.run import Head
from pipeline.spark.session import start_session
from tests.e2e.reading import decisions

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def ended_with(stage: str, run: Path) -> Path:
    """Make a copy of a run one that ended with an earlier stage."""
    head = Head.load(str(run))
    names = list(head.stages)
    head.stages = {name: head.stages[name] for name in names[: names.index(stage) + 1]}
    head.save(str(run))
    return run


def test_what_the_last_stages_dropped_is_lost_to_a_run_that_ended_before_them(
    finished: Path, run_copy: Path, spark: "SparkSession", capsys: pytest.CaptureFixture[str]
) -> None:
    dropped = [row for row in decisions(finished).values() if row["stage"] in {"heuristics", "mix", "anneal"}]
    ended_with("log_lines", run_copy)
    words = [str(run_copy), str(finished), "--json", "--sample", "1000"]
    assert main(COMPARE, [*words, "--fail-over", "99%"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["counts"]["lost"] == len(dropped) == sum(g["documents"] for g in made["groups"])
    assert {(g["second"][0], g["second"][1]): g["documents"] for g in made["groups"]} == {
        (stage, reason): sum((row["stage"], row["reason"]) == (stage, reason) for row in dropped)
        for stage, reason in {(row["stage"], row["reason"]) for row in dropped}
    }
    assert made["counts"]["gained"] == made["counts"]["changed"] == made["counts"]["only_first"] == 0
    assert made["records"] == len(decisions(finished))
    assert {sample["doc_id"] for sample in made["samples"]} == {row["doc_id"] for row in dropped}
    assert all(sample["text"] for sample in made["samples"])
    assert {stage["stage"] for stage in made["recipes"]} == {"heuristics", "quality", "topic", "mix", "anneal"}
    assert sum(tally["lost"] for tally in made["languages"]) == len(dropped)

    assert main(COMPARE, [str(finished), str(run_copy), "--sample", "1", "--fail-over", ".1"]) == 1
    said = capsys.readouterr()
    assert "gained (kept in the second run alone), 1 of" in said.out
    assert said.err.startswith("error: ")
    assert "of documents changed sides, more than 10 %" in said.err


def test_a_run_that_was_never_redacted_shows_no_text(finished: Path, run_copy: Path, spark: "SparkSession") -> None:
    early = ended_with("route", run_copy)
    made = comparison(start_session, (str(early), str(finished)), 1000)
    assert made.counts["lost"] > 0
    assert made.counts["changed"] > 0  # redacted since
    assert all(sample.text is None for sample in made.samples if sample.kind == "lost")
    assert all(sample.differences == () for sample in made.samples)
    changed = [sample for sample in made.samples if sample.kind == "changed" and "text" in sample.what]
    assert len(changed) > 0
    assert all("@" not in str(sample.text) for sample in changed)


def test_a_run_is_the_same_as_itself(finished: Path, spark: "SparkSession", capsys: pytest.CaptureFixture[str]) -> None:
    assert main(COMPARE, [str(finished), str(finished), "--fail-over", "0"]) == 0
    said = capsys.readouterr().out
    assert "parameters and code are the same" in said
    assert "gained, lost or changed: 0 % of them" in said


def test_a_directory_without_a_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(COMPARE, [str(tmp_path / "none"), str(tmp_path)]) == 2
    assert "holds no committed run" in capsys.readouterr().err


@pytest.mark.slow
def test_another_limit_and_other_inputs_are_told_and_near_misses_are_what_the_texts_say(
    finished: Path, sample: Path, tmp_path: Path, spark: "SparkSession"
) -> None:
    import pyarrow as pa

    from pipeline.kernels.near_duplicates.minhash import sketch

    run, inputs = tmp_path / "run", sorted(sample.iterdir())
    shutil.copytree(finished, run, copy_function=shutil.copy2, ignore=shutil.ignore_patterns("exports"))
    changed = (
        *("heuristics.min_words=200", "dedup_document.threshold=0.93"),
        *("safety.max_toxicity=0.008", "quality.min_percentile=0.3"),
    )
    curate(Request(output=str(run), inputs=tuple(map(str, inputs[:-1])), assignments=changed))
    made = comparison(start_session, (str(finished), str(run)), 0)
    before, after = decisions(finished), decisions(run)
    both = before.keys() & after.keys()
    assert made.counts["only_first"] == len(before.keys() - after.keys()) > 0
    assert made.counts["only_second"] == 0
    assert made.counts["lost"] == sum(before[key]["kept"] and not after[key]["kept"] for key in both) > 0
    assert made.counts["gained"] == sum(after[key]["kept"] and not before[key]["kept"] for key in both) > 0
    parameters = {stage.stage: dict(stage.parameters) for stage in made.recipes}
    assert parameters["heuristics"] == {"min_words": (50, 200)}
    assert parameters["dedup_document"] == {"threshold": (0.8, 0.93)}

    for stage, reason in (("safety", "toxic_page"), ("quality", "low_percentile"), ("heuristics", None)):
        items = borderline(str(run), stage, 10)
        assert {item.decision for item in items} == {"dropped", "kept"}
        for item in items:
            assert item.value is not None
            assert item.limit is not None
            assert reason in (item.reason, None)
            is_worse = item.value > item.limit if item.worse_if == "above" else item.value < item.limit
            assert is_worse == (item.decision == "dropped")
    misses = [item for item in borderline(str(run), "dedup_document", 40) if item.decision == "kept"]
    assert misses
    for item in misses:
        assert item.similarity == item.value
        assert item.value is not None
        assert item.value < 0.93
        assert item.text is not None
        assert item.other_text is not None
        mine, theirs = sketch(pa.array([item.text, item.other_text]), 128, 5).signatures
        assert (mine == theirs).mean() == item.value
