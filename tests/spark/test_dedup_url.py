"""Of several captures of one address the newest stays, and the others name it."""

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.cells.parts import part_name
from pipeline.stages.dedup_url import DedupUrlParams, dedup_url
from schemas.columns import BODY_BYTES, IDENTITY
from tests.spark.stages import drops_in, run_stage
from tests.tables import first_table, without

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Capture = dict[str, Any]
COLUMNS = (*IDENTITY, BODY_BYTES)


def capture(
    url: str, day: int | None, file: str = "a", offset: int = 0, size: int | None = 9, doc: str = "0"
) -> Capture:
    return {
        "record_id": f"<{file}:{offset}>",
        "doc_id": doc.ljust(32, "0"),
        "url": url,
        "source_url": url,
        "fetch_time": None if day is None else datetime(2024, 1, day, tzinfo=UTC),
        "warc_file": file,
        "warc_offset": offset,
        "body_bytes": size,
    }


def verdicts(spark: "SparkSession", folder: Path, captures: list[Capture]) -> dict[tuple[str, int], Capture]:
    """Return (file, offset) → drop, of captures that stand in the order of their offsets."""
    parts: dict[str, list[Capture]] = {part_name(one["warc_file"]): [] for one in captures}
    for one in sorted(captures, key=lambda one: int(one["warc_offset"])):
        parts[part_name(one["warc_file"])].append(one)
    table = run_stage(spark, dedup_url, DedupUrlParams(), first_table(str(folder), COLUMNS, parts)).table
    rows = {(row["part"], row["row"]): row["drop"] for row in drops_in(table)}
    assert len(rows) == len(captures)
    return {place(parts[part][row]): drop for (part, row), drop in rows.items() if drop is not None}


def place(one: Capture) -> tuple[str, int]:
    return one["warc_file"], one["warc_offset"]


PAIRS = [
    (capture("u", 2), capture("u", 1, offset=1)),
    (capture("u", 1), capture("u", None, offset=1, size=99)),
    (capture("u", 1, size=5), capture("u", 1, offset=1, size=4, doc="f")),
    (capture("u", 1, size=5), capture("u", 1, offset=1, size=None, doc="f")),
    (capture("u", 1, doc="2"), capture("u", 1, doc="1", file="b")),
    (capture("u", 1, file="a", offset=7), capture("u", 1, file="b")),
    (capture("u", 1, offset=7), capture("u", 1, offset=8)),
    (capture("u", 1, doc="0" * 15 + "e"), capture("u", 1, offset=9, doc="0" * 15 + "f")),
    (capture("u", None, doc="2"), capture("u", None, doc="1", offset=7)),
]


@pytest.mark.parametrize("turned", [False, True])
def test_the_newest_then_the_longest_then_the_highest_id_then_the_first_in_the_files_stays(
    spark: "SparkSession", tmp_path: Path, turned: bool
) -> None:
    pairs = []
    for number, pair in enumerate(PAIRS):
        own = {"url": f"u{number}", "record_id": None}
        pairs.append([{**one, **own, "warc_file": f"{number}{one['warc_file']}"} for one in pair])
    for winner, _ in pairs:
        winner["record_id"] = f"stays at {winner['url']}"
    captures = [one for pair in pairs for one in (reversed(pair) if turned else pair)]
    result = verdicts(spark, tmp_path, captures)
    assert set(result) == {place(loser) for _, loser in pairs}
    for winner, loser in pairs:
        verdict = result[place(loser)]
        assert (verdict["stage"], verdict["reason"]) == ("dedup_url", "newer_capture")
        assert (verdict["survivor_record_id"], verdict["survivor_url"]) == (winner["record_id"], winner["url"])


def test_addresses_seen_once_get_no_verdict(spark: "SparkSession", tmp_path: Path) -> None:
    captures = [capture("u", 1), capture("U", 1, offset=1), capture("u/", 1, offset=2)]
    assert verdicts(spark, tmp_path / "some", captures) == {}
    assert verdicts(spark, tmp_path / "none", []) == {}


def test_random_captures_are_decided_as_by_sorting_them(spark: "SparkSession", tmp_path: Path) -> None:
    draw = random.Random(11)
    captures = [
        capture(
            draw.choice(["viral", f"u{draw.randrange(60)}"]),
            draw.choice([None, 1, 2, 3]),
            draw.choice("abcde"),
            offset,
            draw.choice([None, 5, 6]),
            draw.choice("01"),
        )
        for offset in range(400)
    ]

    def order(one: Capture) -> tuple[Any, ...]:
        day = one["fetch_time"].day if one["fetch_time"] else 0
        return day, one["body_bytes"] or 0, one["doc_id"]

    expected: dict[tuple[str, int], str] = {}
    last_first = sorted(captures, key=lambda one: (part_name(one["warc_file"]), one["warc_offset"]), reverse=True)
    for url in {one["url"] for one in captures}:
        *gone, stays = sorted((one for one in last_first if one["url"] == url), key=order)
        expected |= {place(one): stays["record_id"] for one in gone}
    result = verdicts(spark, tmp_path, captures)
    assert {where: verdict["survivor_record_id"] for where, verdict in result.items()} == expected


def test_what_went_before_is_no_capture(spark: "SparkSession", tmp_path: Path) -> None:
    captures = [capture("u", 3), capture("u", 2, offset=1), capture("u", 1, offset=2)]
    before = without(first_table(str(tmp_path), COLUMNS, {"a": captures}), "screen", {"a": {0: None}})
    table = run_stage(spark, dedup_url, DedupUrlParams(), before).table
    result = {row["row"]: row["drop"] and row["drop"]["survivor_record_id"] for row in drops_in(table, first=2)}
    assert result == {1: None, 2: "<a:1>"}
