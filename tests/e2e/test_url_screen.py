"""Lists and words of URLs in a whole run: decisions, report, and what another list costs."""

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from pipeline.curation import Request, curate
from pipeline.errors import ConfigError
from pipeline.runs.run import Run
from tests.e2e.reading import decisions, hashes, rows, table_of
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
    result = {row["url"]: (row["stage"], row["reason"]) for row in decisions(screened).values()}
    assert result == {url: fate[:2] for url, fate in PAGES.items()}


def test_categories_that_are_not_dropped_stand_in_the_table(screened: Path) -> None:
    result = {row["url"]: row["url_categories"] for row in rows(screened, "dedup_url")}
    assert result == {url: categories for url, (stage, _, categories) in PAGES.items() if stage is None}


def test_the_report_counts_entries_pages_and_broken_lines_by_category(screened: Path, lists: Path) -> None:
    stage = report(screened)["url_screen"]
    assert stage["dropped"] == {"listed.gambling": 1, "listed.adult": 1, "hard_word": 1, "soft_words": 1}
    assert stage["notes"] == {
        "list_files": 3,
        "entries": {"adult": 1, "bank": 2, "gambling": 2},
        "broken_lines": {str(lists / "gambling" / "domains"): 1},
        "pages": {"adult": 1, "bank": 2, "gambling": 1},
    }


def test_hosts_of_dropped_pages_are_left_for_later_stages_with_the_number_of_their_pages(screened: Path) -> None:
    hosts = Run(str(screened)).table("dedup_url").files("url_screen", "flagged_hosts")
    assert sorted(map(tuple, (row.values() for row in pq.read_table(list(hosts)).to_pylist()))) == [
        ("blog.example", 1),
        ("www.bad.example", 1),
        ("x.example", 2),
    ]


@pytest.mark.long
def test_a_run_is_redone_for_another_list_and_for_nothing_else(
    spark: "SparkSession", lists: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, moved = tmp_path, tmp_path / "moved"
    shutil.copytree(lists, moved)
    run(folder, lists)
    capsys.readouterr()
    run(folder, moved)
    assert "url_screen      done already" in capsys.readouterr().out  # the same lists, wherever they lie

    (moved / "bank" / "domains").write_text("unseen.example\nbank.example\nwww.bad.example\n")
    before = hashes(Path(table_of(folder / "run", "dedup_url")))
    run(folder, moved)
    said = capsys.readouterr().out
    assert "url_screen      8 → 4 rows, 4 dropped" in said
    assert "dedup_url       done already" in said  # no page meets the new entry, so the table is the same
    assert hashes(Path(table_of(folder / "run", "dedup_url"))) == before

    (moved / "gambling" / "domains").write_text("other.example\n")
    run(folder, moved)
    assert decisions(folder / "run")["https://www.bad.example/a"]["kept"]
    run(folder, moved, "url_screen.categories=null", "url_screen.max_soft_words=null", "url_screen.hard_words=[]")
    result = {row["url"]: row["reason"] for row in decisions(folder / "run").values() if not row["kept"]}
    assert result == {
        "https://www.bad.example/a": "listed.bank",
        "https://bank.example/a": "listed.bank",
        "https://blog.example/dark/b?page=2": "listed.adult",
    }


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("url_screen.lists=[bundeld]", "there is no 'bundeld'; did you mean 'bundled'"),
        ("url_screen.lists=['{here}']", "no list in"),
        ("url_screen.lists=['a,b={here}']", "'a,b' is no name of a category"),
        ("url_screen.hard_words=[two words]", "'two words' is no word"),
        ("url_screen.categories=[gamblign]", "no list has the category 'gamblign'; did you mean 'gambling'"),
    ],
)
def test_what_is_wrong_with_the_parameters_is_said_before_spark_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, message: str
) -> None:
    monkeypatch.setattr("pipeline.curation.start_session", lambda: pytest.fail("Spark was started"))
    (tmp_path / "pages.jsonl").write_text(json.dumps({"url": "https://a.example/", "text": "t"}))
    assignments = (setting.format(here=tmp_path / "empty"),)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match=re.escape(message)):
        curate(Request(str(tmp_path / "run"), (str(tmp_path / "pages.jsonl"),), assignments=assignments))
