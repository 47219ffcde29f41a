"""Tables of texts or pages as input: no row is lost or doubled, and what the user brought is still there at the end."""

import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.curation import Request, curate
from pipeline.errors import CurationError
from tests.e2e.reading import rows
from tests.sample.prose import english_stories, foreign_stories

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

STORIES = ["\n".join(story.paragraphs) for story in english_stories()[:8]]
GERMAN = "\n".join(foreign_stories("de")[0].paragraphs)
TIMES = {
    "2024-02-29T12:00:00Z": datetime(2024, 2, 29, 12, tzinfo=UTC),
    "2024-02-29T12:00:00+02:00": datetime(2024, 2, 29, 10, tzinfo=UTC),
    "2024-02-29 12:00:00": datetime(2024, 2, 29, 12, tzinfo=UTC),
    "2024-02-29": datetime(2024, 2, 29, tzinfo=UTC),
    "some day": None,
}


def json_lines(path: Path, lines: list[dict[str, Any] | bytes]) -> Path:
    content = b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def decided(run: Path) -> Counter[tuple[str | None, str | None]]:
    return Counter((row["stage"], row["reason"]) for row in rows(run, "decisions"))


# Ids that are no URLs, times as text, extra columns of awkward kinds, and all that can be wrong with a line.
@pytest.fixture(scope="module")
def ids(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ids")
    published = "2021-05-06 07:08:09"
    extra = {"rating": 4, "URL": "not ours", "published": published, "tags": ["a", "b"], "by": {"name": "N"}, "x": None}
    good: list[dict[str, Any] | bytes] = [
        {"id": f"book-{number}", "text": text, "fetch_time": time, **extra}
        for number, (text, time) in enumerate(zip(STORIES, TIMES, strict=False))
    ]
    planted: list[dict[str, Any] | bytes] = [
        {"id": "empty", "text": None, **extra},
        {"id": "blank", "text": "", **extra},
        {"id": "spaces", "text": " \t\n", **extra},
        {"text": STORIES[0], **extra},
        b'{"id": "broken", "text": "an open quote}\n',
        b"[1, 2]\n",
        b"\n",
        {"id": "twice", "text": STORIES[5], **extra},
        {"id": "twice", "text": STORIES[6], **extra},
        {"id": "same", "text": STORIES[7], **extra},
        {"id": "same", "text": STORIES[7], **extra},
        {"id": "copy", "text": STORIES[4].replace("the", "that", 1), **extra},
        {"id": " Odd\tID/ü?#", "text": GERMAN, **extra},
    ]
    table = json_lines(folder / "books.jsonl", good + planted)
    curate(Request(str(folder / "run"), (str(table),), assignments=("ingest.url_column=id", "ingest.html_column=null")))
    return folder / "run"


def test_every_line_that_can_be_read_has_exactly_one_decision(ids: Path) -> None:
    result = Counter(row["record_id"] for row in rows(ids, "decisions"))
    once = [*(f"book-{number}" for number in range(5)), "empty", "blank", "spaces", "", "copy", " Odd\tID/ü?#"]
    assert result == Counter({**dict.fromkeys(once, 1), "twice": 2, "same": 2})


def test_lines_that_cannot_be_read_are_a_warning_and_cost_only_themselves(ids: Path) -> None:
    (result,) = rows(ids, "inputs")
    assert result["responses"] == 15
    assert result["error"].startswith("line 10: ")
    assert result["error"].endswith("(2 damaged)")


def test_rows_without_text_or_without_id_are_dropped_by_ingest_with_their_reason(ids: Path) -> None:
    result = {row["record_id"]: (row["stage"], row["reason"]) for row in rows(ids, "decisions")}
    for name in ("empty", "blank", "spaces"):
        assert result[name] == ("ingest", "no_text")
    assert result[""] == ("ingest", "no_url")


def test_ids_that_are_no_urls_pass_verbatim(ids: Path) -> None:
    result = {row["record_id"]: row for row in rows(ids, "decisions")}
    for name in ("book-0", " Odd\tID/ü?#"):
        assert (result[name]["source_url"], result[name]["url"]) == (name, name)


def test_of_rows_with_one_id_the_first_url_rule_keeps_one_and_names_it(ids: Path) -> None:
    by_id = {"twice": [], "same": []}  # type: dict[str, list[tuple[bool, str | None, str | None]]]
    for row in rows(ids, "decisions"):
        if row["record_id"] in by_id:
            by_id[row["record_id"]].append((row["stage"] == "dedup_url", row["reason"], row["survivor_record_id"]))
    for name, fates in by_id.items():
        assert sorted(is_older for is_older, *_ in fates) == [False, True], name
        assert [(reason, survivor) for is_older, reason, survivor in fates if is_older] == [("newer_capture", name)]


def test_near_duplicates_find_their_survivor(ids: Path) -> None:
    result = {row["record_id"]: row for row in rows(ids, "decisions")}
    gone = [row for row in (result["copy"], result["book-4"]) if row["reason"] == "near_duplicate"]
    assert len(gone) == 1
    assert {gone[0]["record_id"], gone[0]["survivor_record_id"]} == {"copy", "book-4"}
    assert gone[0]["similarity"] >= 0.8


@pytest.mark.parametrize(("number", "time"), enumerate(TIMES.values()), ids=list(TIMES))
def test_times_given_as_text_become_points_in_time(ids: Path, number: int, time: datetime | None) -> None:
    result = {row["record_id"]: row["fetch_time"] for row in rows(ids, "decisions")}
    assert result[f"book-{number}"] == time


@pytest.mark.parametrize("stage", ["ingest", "dedup_url", "language", "route", "dedup_document", "heuristics", "mix"])
def test_further_columns_stay_in_every_table(ids: Path, stage: str) -> None:
    result = rows(ids, stage)
    assert result
    for row in result:
        assert (row["rating"], row["URL"], row["tags"]) == (4, "not ours", ["a", "b"])
        assert row["published"].replace(tzinfo=None) == datetime(2021, 5, 6, 7, 8, 9)  # noqa: DTZ001
        assert row["by"] == {"name": "N"}


def test_texts_get_their_language_and_reach_the_release(ids: Path) -> None:
    languages = {row["record_id"]: row["language"] for row in rows(ids, "route")}
    assert languages[" Odd\tID/ü?#"] == "de"
    assert {languages[f"book-{number}"] for number in range(4)} == {"en"}
    assert {row["text"] for row in rows(ids, "release")} <= {*STORIES, GERMAN}
    assert rows(ids, "release")


# URL and text, gzip, the language given.
@pytest.fixture(scope="module")
def labelled(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("labelled")
    lines: list[dict[str, Any] | bytes] = [
        {"url": f"HTTPS://Books.Example:443/{number}?utm_source=x", "text": text, "language": "xx"}
        for number, text in enumerate(STORIES)
    ]
    first = json_lines(folder / "a.jsonl.gz", lines[:4])
    json_lines(folder / "b.jsonl.gz", lines[4:])
    first.write_bytes(first.read_bytes()[:-40])
    curate(Request(str(folder / "run"), (str(folder / "*.gz"),), last="dedup_document"))
    return folder / "run"


def test_a_language_column_takes_the_place_of_the_stage(labelled: Path) -> None:
    assert {row["language"] for row in rows(labelled, "dedup_document")} == {"xx"}
    with pytest.raises(CurationError, match="no committed stage 'language'"):
        rows(labelled, "language")


def test_urls_of_a_table_are_made_canonical_and_their_spelling_kept(labelled: Path) -> None:
    result = {(row["url"], row["source_url"]) for row in rows(labelled, "ingest")}
    assert ("https://books.example/7", "HTTPS://Books.Example:443/7?utm_source=x") in result


def test_a_cut_gzip_file_gives_the_rows_that_it_holds_and_a_warning(labelled: Path) -> None:
    files = {Path(row["warc_file"]).name: row for row in rows(labelled, "inputs")}
    assert files["b.jsonl.gz"]["error"] is None
    assert "cut or damaged" in files["a.jsonl.gz"]["error"]
    assert 0 < files["a.jsonl.gz"]["responses"] < 4
    assert decided(labelled).total() == 4 + files["a.jsonl.gz"]["responses"]


# Pages as HTML in Parquet, with columns as other tools write them.
@pytest.fixture(scope="module")
def pages(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    html = [
        f"<html><head><title>T</title></head><body><article><p>{text.replace(chr(10), '<p>')}</article></body></html>"
        for text in STORIES[:3]
    ]
    table = pa.table(
        {
            "url": pa.array([f"https://pages.example/{number}" for number in range(4)], pa.large_string()),
            "html": pa.array([*html, None], pa.large_string()),
            "crawl": pa.array(["a", "b", "a", "b"]).dictionary_encode(),
            "score": pa.array([1, 2, 3, 4], pa.uint16()),
            "day": pa.array([1, 2, 3, 4], pa.date32()),
        }
    )
    pq.write_table(table, folder / "pages.parquet")
    curate(Request(str(folder / "run"), (str(folder / "pages.parquet"),), last="route"))
    return folder / "run"


def test_html_of_a_table_is_extracted(pages: Path) -> None:
    result = {row["url"]: row for row in rows(pages, "extract")}
    assert len(result) == 3
    for number, text in enumerate(STORIES[:3]):
        assert text.split("\n")[0] in result[f"https://pages.example/{number}"]["text"]
    assert decided(pages) == Counter({(None, None): 3, ("ingest", "no_text"): 1})


def test_columns_of_kinds_that_spark_lacks_keep_their_values(pages: Path) -> None:
    result = {row["url"]: row for row in rows(pages, "route")}
    assert [result[f"https://pages.example/{number}"]["crawl"] for number in range(3)] == ["a", "b", "a"]
    assert [result[f"https://pages.example/{number}"]["score"] for number in range(3)] == [1, 2, 3]
    assert "html" not in result["https://pages.example/0"]
