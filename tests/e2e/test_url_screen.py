"""Lists and words of URLs in a whole run: decisions, report, and what another list costs."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.curate import Request, curate
from tests.e2e.reading import decisions, rows
from tests.sample.prose import english_stories

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

STORIES = ["\n".join(story.paragraphs) for story in english_stories()[:8]]
PAGES = {
    "https://www.bad.example/a": ("url_screen", "listed.gambling", "bank,gambling"),
    "https://notbad.example/a": (None, None, None),
    "https://bank.example/a": (None, None, "bank"),
    "https://blog.example/dark/b?page=2": ("url_screen", "listed.adult", "adult"),
    "https://blog.example/darkness/b": (None, None, None),
    "https://x.example/free/gangbang-7": ("url_screen", "hard_word", None),
    "https://x.example/naked-nude-sexy": ("url_screen", "soft_words", None),
    "https://essex.example/naked-truth": (None, None, None),
}


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ut1")
    content = {
        "gambling/domains": "bad.example\nother.example\n<broken line>\n",
        "bank/domains": "bank.example\nwww.bad.example\n",
        "adult/urls": "blog.example/dark/\n",
    }
    for name, text in content.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


def run(folder: Path, lists: Path, *settings: str, last: str = "dedup_url") -> Path:
    table = folder / "pages.jsonl"
    if not table.exists():
        lines = [json.dumps({"url": url, "text": text}) for url, text in zip(PAGES, STORIES, strict=True)]
        table.write_text("\n".join(lines))
    places = (f"url_screen.lists=[{lists}]", *settings)
    curate(Request(str(folder / "run"), (str(table),), assignments=places, last=last))
    return folder / "run"


def report(run: Path) -> dict[str, Any]:
    return {stage["stage"]: stage for stage in json.loads((run / "report.json").read_text())["stages"]}


@pytest.fixture(scope="module")
def screened(spark: "SparkSession", lists: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(tmp_path_factory.mktemp("screened"), lists)


def test_each_page_goes_for_what_its_url_meets_and_the_others_stay(screened: Path) -> None:
    found = {row["url"]: (row["stage"], row["reason"]) for row in decisions(screened).values()}
    assert found == {url: fate[:2] for url, fate in PAGES.items()}


def test_categories_that_are_not_dropped_stand_in_the_table(screened: Path) -> None:
    found = {row["url"]: row["url_categories"] for row in rows(screened, "dedup_url")}
    assert found == {url: categories for url, (stage, _, categories) in PAGES.items() if stage is None}


def test_the_report_counts_entries_pages_and_broken_lines_by_category(screened: Path, lists: Path) -> None:
    stage = report(screened)["url_screen"]
    assert stage["dropped"] == {"listed.gambling": 1, "listed.adult": 1, "hard_word": 1, "soft_words": 1}
    assert stage["notes"] == {
        "list_files": 3,
        "entries": {"adult": 1, "bank": 2, "gambling": 2},
        "broken_lines": {str(lists / "gambling" / "domains"): 1},
        "pages": {"adult": 1, "bank": 2, "gambling": 1},
    }
