"""A URL that stands twice in a table: its twin's text, which nothing had redacted, is shown by nobody."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.curation import Request, curate
from pipeline.inspection.whatif import answer_lines
from pipeline.library import opened_run as library
from pipeline.results.redaction import Redaction, texts_by_id
from pipeline.runs.run import Run
from pipeline.summaries.page_view import page_view
from tests.e2e.reading import rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PROSE = " ".join(
    f"In year {year} the mill in the valley ground {year % 97} sacks of rye for the farms." for year in range(40)
)
SECRET = f"Write to jane.doe@mill-secrets.org before you come. {PROSE}"


REPETITION = (
    *(f"heuristics.max_top_{n}gram_char_share=1" for n in (2, 3, 4)),
    *(f"heuristics.max_dup_{n}gram_char_share=1" for n in range(5, 11)),
    "heuristics.max_repeated_share=1",
    "heuristics.min_word_entropy=0",
)


def own_prose(page: int) -> str:
    """Sentences that no other page has."""
    names = ("Ann", "Ben", "Cora", "Dan", "Eve", "Finn", "Gina", "Hal", "Ida", "Jon")
    return " ".join(
        f"{name} told us that the flour of mill {chr(97 + page)} would be ready before the {day} harvest, and we wait."
        for name in names
        for day in ("first", "second", "third")
    )


def test_a_twin_that_was_dropped_before_the_redaction_lends_no_text(spark: "SparkSession", tmp_path: Path) -> None:
    url = "https://mill.example/one"
    lines = [
        {"url": url, "text": SECRET + "More.", "fetch_time": "2024-02-01T00:00:00Z"},
        {"url": url, "text": SECRET, "fetch_time": "2024-01-01T00:00:00Z"},
    ]
    table = tmp_path / "pages.jsonl"
    table.write_text("".join(json.dumps(line) + "\n" for line in lines))
    run = tmp_path / "run"
    curate(Request(output=str(run), inputs=(str(table),), last="dedup_document"))
    decided = rows(run, "decisions")
    assert len({row["doc_id"] for row in decided}) == 1
    assert [row["stage"] for row in decided if row["stage"] == "dedup_url"] == ["dedup_url"]
    tables = Run(str(run)).tables()
    assert tables[Redaction(tables[-1]).first].stage == "pii"
    shown = texts_by_id(tables[-1], [decided[0]["doc_id"]], 10_000)
    assert "<EMAIL_ADDRESS>" in str(shown)
    assert "mill-secrets" not in str(shown) + str(page_view(str(run), url))


def test_words_of_a_run_that_never_redacts_stand_nowhere(
    spark: "SparkSession", tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pages = tmp_path / "pages.jsonl"
    lines = [
        {
            "url": f"row-\x1b[31m{number}",
            "text": f"{SECRET[:60]}\n{own_prose(number)} Or ask joe@mill-secrets.org.",
            "made_by": "\x1b]0;owned\x07",
        }
        for number in range(12)
    ]
    pages.write_text("".join(json.dumps(line) + "\n" for line in lines))
    run = tmp_path / "run"
    never = {
        "assignments": ("dedup_line.max_occurrences=2", *REPETITION),
        "without": ("pii", "dedup_document", "dedup_url"),
    }
    curate(Request(output=str(run), inputs=(str(pages),), last="heuristics", verbose=True, **never))  # type: ignore[arg-type]
    said = capsys.readouterr()
    opened = library.Run(str(run))
    assert opened.stages[-1] == "heuristics"
    (row, *_) = rows(run, "decisions")
    story = repr(opened.explain(row["doc_id"]))
    answer = opened.what_if({"heuristics.min_words": 5000}, sample=3)
    assert answer.lost[0] > 0
    assert all(change.text is None for change in answer.lost[1])
    everything = "".join(path.read_text(errors="ignore") for path in run.rglob("*.json"))
    for shown in (said.out, said.err, story, "\n".join(answer_lines(answer)), str(answer), everything):
        assert "mill-secrets" not in shown
    for shown in (said.out, said.err, story):
        assert "\x1b" not in shown
        assert "\x07" not in shown
