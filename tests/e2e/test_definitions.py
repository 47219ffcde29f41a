"""Other definitions of what is measured: datatrove's, an earlier corpus's, and another of repeated lines."""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from pipeline.curation import Request, curate
from pipeline.errors import ConfigError
from pipeline.heuristics.datatrove_verdicts import verdicts
from pipeline.inspection.disagreements import find_disagreements, why_of
from pipeline.runs.run import Run, manifest_path
from tests.e2e.reading import decisions, rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FEW = "heuristics.min_outlier_documents=20"


@pytest.mark.long
def test_datatroves_definition_decides_as_its_library_function_and_edits_the_text(
    run_copy: Path, finished: Path
) -> None:
    read = {row["record_id"]: row for row in rows(finished, "log_lines") if row["language"] in {"en", "und"}}
    told = verdicts([row["text"] for row in read.values()])
    curate(Request(output=str(run_copy), assignments=("heuristics.definition=datatrove",), last="heuristics"))
    fates, kept = decisions(run_copy), {row["record_id"]: row for row in rows(run_copy, "heuristics")}
    reasons = set()
    for record, verdict in zip(read, told, strict=True):
        if verdict.keep:
            assert kept[record]["text"] == verdict.text_after
        else:
            assert fates[record]["reason"] == f"datatrove.{verdict.reason}"
            reasons.add(verdict.reason)
    assert len(reasons) > 2
    others = [row for row in rows(run_copy, "log_lines") if row["language"] not in {"en", "und"}]
    assert others
    assert all(row["record_id"] in kept and kept[row["record_id"]]["n_sentences"] is not None for row in others)


def test_disagreements_are_listed_with_both_values(run_copy: Path, spark: "SparkSession") -> None:
    report = find_disagreements(spark, str(run_copy))
    listed = pq.read_table(report.path).to_pylist()
    assert report.documents == report.both_keep + report.both_drop + len(listed)
    assert len(listed) == sum(report.ours.values()) + sum(report.theirs.values()) > 0
    for row in listed:
        assert row["reason"].startswith("datatrove.") == (row["dropped_by"] == "datatrove")
        assert why_of(row)
    kept = {row["source_url"] for row in rows(run_copy, "heuristics")}
    assert {row["source_url"] for row in listed if row["dropped_by"] == "datatrove"} <= kept


@pytest.mark.long
def test_scores_of_tokens_are_those_of_the_corpus_or_of_an_earlier_one(run_copy: Path, tmp_path: Path) -> None:
    curate(Request(output=str(run_copy), assignments=(FEW,), last="heuristics"))
    own = {row["record_id"]: row for row in rows(run_copy, "heuristics")}
    english = [row for row in own.values() if row["language"] == "en"]
    assert all(row["token_outlier_score"] is not None and 0 <= row["token_outlier_rank"] <= 1 for row in english)
    assert any(row["token_outlier_score"] is None for row in own.values())  # languages with too few documents
    later = tmp_path / "later"
    shutil.copytree(run_copy, later)
    curate(Request(output=str(later), assignments=(f"heuristics.token_distribution={run_copy}",), last="heuristics"))
    taken = {row["record_id"]: row for row in rows(later, "heuristics")}
    for record, row in own.items():
        assert taken[record]["token_outlier_score"] == row["token_outlier_score"]
    with pytest.raises(ConfigError, match="holds no run that learnt one"):
        curate(Request(output=str(later), assignments=(f"heuristics.token_distribution={tmp_path}",)))
    run = Run(str(run_copy))
    manifest = run.table("heuristics").manifest
    function = "pipeline/heuristics/token_outliers.py:_fit_curves"
    assert manifest.compared_by[function]
    manifest.compared_by[function] = "of another day"
    manifest.save(manifest_path(run.path, "heuristics", run.head.stages["heuristics"]))
    fresh = str(tmp_path / "fresh")
    shutil.copytree(later, fresh)
    shutil.rmtree(f"{fresh}/stages/heuristics")
    with pytest.raises(ConfigError, match=f"token_distribution {run_copy}: {function}, by which 'heuristics' compares"):
        curate(Request(fresh, assignments=(f"heuristics.token_distribution={run_copy}",), last="heuristics"))


@pytest.mark.long
def test_with_an_earlier_distribution_an_added_file_changes_no_score(
    sample: Path, run_copy: Path, tmp_path: Path
) -> None:
    curate(Request(output=str(run_copy), assignments=(FEW,), last="heuristics"))
    files = [str(file) for file in sorted(sample.iterdir())]
    fixed = (f"heuristics.token_distribution={run_copy}",)
    run = tmp_path / "run"
    scores = []
    for some in (files[:3], files):
        curate(Request(output=str(run), inputs=tuple(some), assignments=fixed, last="heuristics"))
        scores.append({row["record_id"]: (row["text"], row["token_outlier_score"]) for row in rows(run, "heuristics")})
    same = [record for record, (text, _) in scores[0].items() if scores[1].get(record, (None, None))[0] == text]
    assert len(same) > 50
    assert all(scores[0][record] == scores[1][record] for record in same)
    assert any(scores[0][record][1] is not None for record in same)


def log(part: str, trouble: str) -> list[str]:
    """Return lines that a program may have written."""
    return [
        f"2024-05-{day:02} 10:{minute:02}:07,31{day % 10} ERROR [worker-{minute % 7}] {part} {minute * 31}: {trouble}"
        for day in range(1, 9)
        for minute in range(9)
    ]


STORY = (
    "The miller went to the river and looked at the gate, for the wheel had not turned since the storm of the night."
)


@pytest.mark.long
def test_another_setting_of_repeated_lines_gives_the_texts_of_a_run_from_nothing(tmp_path: Path) -> None:
    table = tmp_path / "pages.jsonl"
    story = [f"{STORY} He counted {number} sacks, and {number + 3} that were wet." for number in range(12)]
    pages = [
        {
            "url": "https://mill.test/1",
            "text": "\n".join([*story, *log("mill.Gate", "did not answer, retrying"), *story[::-1]]),
            "language": "en",
        }
    ]
    pages.append(
        {
            "url": "https://mill.test/2",
            "text": "\n".join([STORY[:40], *log("barn.Door", "hinge is out of oil")]),
            "language": "en",
        }
    )
    table.write_text("\n".join(map(json.dumps, pages)))
    off, lines = ("log_lines.min_lines=0",), "dedup_line.max_occurrences=100000"
    kept = {}
    for name, changes in (("changed", ((), off)), ("fresh", (off,)), ("back", (off, ()))):
        for change in changes:
            curate(Request(str(tmp_path / name), (str(table),), assignments=(lines, *change), last="log_lines"))
        kept[name] = {row["url"]: row["text"] for row in rows(tmp_path / name, "log_lines")}
    assert kept["changed"] == kept["fresh"] == {page["url"]: page["text"] for page in pages}
    assert set(kept["back"]) == {"https://mill.test/1"}
    assert "ERROR" not in kept["back"]["https://mill.test/1"]
    dropped = {row["url"]: (row["stage"], row["reason"]) for row in rows(tmp_path / "back", "decisions")}
    assert dropped["https://mill.test/2"] == ("log_lines", "too_little_text_left")
