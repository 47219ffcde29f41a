"""What becomes of pages that hold items of benchmarks: reported, dropped, or cut; and what another limit costs."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from pipeline.decontamination.deciding import is_contaminated
from pipeline.decontamination.params import CoverageLimits, DecontaminateParams
from pipeline.runs.table import Table
from pipeline.stages.decontaminate import decontaminate
from schemas.columns import CONTAMINATION, DOC_ID, HOST, SPANS, TEXT, URL
from schemas.reasons import meaning_of
from tests.spark.stages import drops_in, run_stage
from tests.tables import all_rows, first_table
from tests.unit.decontamination.made_items import LONG, MIDDLE, PAGE, SHORT

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PART = " ".join(LONG.split()[:40])
TEXTS = {
    "p": [PAGE * 3 + "\n" + LONG + "\n" + PAGE * 3, PAGE, PAGE + PART + "\n"],
    "q": [PAGE + SHORT + " Red.", PAGE + MIDDLE],
}


@pytest.fixture
def before(tmp_path: Path) -> Table:
    rows: dict[str, list[dict[str, Any]]] = {}
    for part, texts in TEXTS.items():
        rows[part] = [
            {
                TEXT.name: text,
                SPANS.name: [],
                URL.name: f"https://{part}.example/{number}",
                HOST.name: f"{part}.example",
                DOC_ID.name: f"{part}{number}",
            }
            for number, text in enumerate(texts)
        ]
    return first_table(str(tmp_path / "run"), [TEXT, SPANS, URL, HOST, DOC_ID], rows)


@pytest.fixture
def params(tmp_path: Path) -> DecontaminateParams:
    rows = {
        "sums": [{"id": "rye", "question": LONG, "answer": "917"}, {"id": "none", "question": "Who built it?"}],
        "facts": [{"id": "litmus", "question": SHORT, "answer": "red"}],
    }
    for folder, suites in (("test", rows), ("train", {"clocks": [{"id": "clock", "question": MIDDLE}]})):
        (tmp_path / folder).mkdir()
        for suite, items in suites.items():
            (tmp_path / folder / f"{suite}.jsonl").write_text("".join(json.dumps(item) + "\n" for item in items))
    return DecontaminateParams(suites=(str(tmp_path / "test"),), train_suites=(str(tmp_path / "train"),)).resolved()


def drops(table: Table) -> dict[str, tuple[str, float, float]]:
    return {
        f"{row['part']}{row['row']}": (row["drop"]["reason"], row["drop"]["value"], row["drop"]["limit"])
        for row in drops_in(table)
        if row["drop"] is not None
    }


def test_a_run_reports_what_it_holds_and_drops_nothing(
    spark: "SparkSession", before: Table, params: DecontaminateParams
) -> None:
    outcome = run_stage(spark, decontaminate, params, before)
    cells = {f"{row['part']}{n}": row["contamination"] for n, row in _numbered(outcome.table, CONTAMINATION.name)}
    assert [(hit["suite"], hit["item"], hit["coverage"]) for hit in cells["p0"]] == [("sums", "rye", 1.0)]
    assert cells["p1"] is None
    assert cells["p2"][0]["coverage"] == pytest.approx(0.6, abs=0.15)
    assert [(hit["item"], hit["answer_near"], hit["is_training"]) for hit in cells["q0"]] == [("litmus", True, False)]
    assert [(hit["item"], hit["answer_near"], hit["is_training"]) for hit in cells["q1"]] == [("clock", None, True)]
    hit = cells["q0"][0]
    assert TEXTS["q"][0][hit["start"] : hit["end"]] == SHORT.rstrip("?")
    assert drops(outcome.table) == {}
    assert outcome.table.rows == 5
    notes = outcome.table.manifest.notes
    assert [(row["suite"], row["items"], row["too_short"]) for row in notes["suites"]] == [
        ("clocks", 1, 0), ("facts", 1, 0), ("sums", 2, 1)
    ]  # fmt: skip
    assert notes["nearest_misses"][0]["url"] == "https://p.example/2"
    assert [host["host"] for host in notes["hosts"]] == ["p.example", "q.example"]
    assert decontaminate.report is not None
    lines = list(decontaminate.report(notes))
    assert "4 items of 3 suites; 1 of fewer than 8 words are not looked for" in lines
    assert any(
        line.startswith("sums: 1 documents contaminated; items found at a coverage of .1 50.0%") for line in lines
    )


def test_another_limit_or_action_measures_nothing_again(
    spark: "SparkSession", before: Table, params: DecontaminateParams
) -> None:
    first = run_stage(spark, decontaminate, params, before)
    assert len(first.computed) == len(TEXTS)
    dropping = run_stage(spark, decontaminate, params.model_copy(update={"action": "drop"}), before)
    assert drops(dropping.table) == {
        "p0": ("contamination.sums", 1.0, 0.8),
        "q0": ("contamination.facts", 1.0, 0.7),
    }
    lower = params.model_copy(update={"action": "drop", "min_coverage_long": 0.4})
    again = run_stage(spark, decontaminate, lower, before)
    assert set(drops(again.table)) == {"p0", "p2", "q0"}
    sets = [run.table.manifest.sets["matches"].pieces for run in (first, dropping, again)]
    assert sets[0] == sets[1] == sets[2]
    assert "sums" in meaning_of("decontaminate", "contamination.sums")


def test_items_are_cut_out_with_what_stands_around_them(
    spark: "SparkSession", before: Table, params: DecontaminateParams
) -> None:
    cutting = params.model_copy(update={"action": "cut", "cut_chars": 50, "min_chars_left": 200})
    table = run_stage(spark, decontaminate, cutting, before).table
    texts = {f"{row['part']}{n}": row["text"] for n, row in _numbered(table, TEXT.name)}
    whole, start = TEXTS["p"][0], TEXTS["p"][0].index(LONG)
    end = start + len(LONG) - 1  # the question mark is no word
    assert texts["p0"] == whole[: start - 50] + "\n\n" + whole[end + 50 :]
    assert texts["p2"] == TEXTS["p"][2]
    assert {name: reason for name, (reason, _, _) in drops(table).items()} == {}
    strict = cutting.model_copy(update={"min_chars_left": 10_000, "max_cuts": 0})
    assert set(drops(run_stage(spark, decontaminate, strict, before).table).values()) == {("too_many_cuts", 1.0, 0.0)}


def test_what_is_common_counts_for_nothing(spark: "SparkSession", before: Table, params: DecontaminateParams) -> None:
    common = params.model_copy(update={"common_documents": 1, "common_share": 0.0})
    table = run_stage(spark, decontaminate, common, before).table
    cells = {f"{row['part']}{n}": row["contamination"] for n, row in _numbered(table, CONTAMINATION.name)}
    assert cells["p2"] is None  # its words of the item stand in two documents
    assert cells["p0"][0]["coverage"] == 1
    assert table.manifest.notes["common_grams"] > 20


def test_later_stages_are_told_by_a_column(spark: "SparkSession", before: Table, params: DecontaminateParams) -> None:
    table = run_stage(spark, decontaminate, params, before).table
    rows = [row for _, row in _numbered(table, CONTAMINATION.name, DOC_ID.name)]
    cells = pa.array([row[CONTAMINATION.name] for row in rows], CONTAMINATION.type)
    contaminated = is_contaminated(cells, CoverageLimits())
    assert {row[DOC_ID.name] for row, is_so in zip(rows, contaminated, strict=True) if is_so} == {"p0", "q0", "q1"}


def test_without_suites_nothing_is_read_or_added(spark: "SparkSession", before: Table) -> None:
    outcome = run_stage(spark, decontaminate, DecontaminateParams().resolved(), before)
    assert not outcome.computed
    assert outcome.table.manifest.sets == {}
    assert outcome.table.rows == 5
    assert [column.name for column in outcome.table.columns] == [column.name for column in before.columns]


def _numbered(table: Table, *names: str) -> list[tuple[int, dict[str, Any]]]:
    return [(row["__row"], row) for row in all_rows(table, *names)]
