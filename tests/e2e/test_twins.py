"""A URL that stands twice in a table: its twin's text, which nothing had redacted, is shown by nobody."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.curation import Request, curate
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
