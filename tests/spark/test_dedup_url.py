"""Of several captures of one address the newest stays, and the others name it."""

import random
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pipeline.engine.side_writer import SparkSides
from pipeline.rows.verdicts import ROW, VERDICT, VERDICTS

from pipeline.engine.recipes import Source
from pipeline.runs.parts import Part, part_name
from pipeline.spark.types import arrow_schema, spark_type
from pipeline.stages.dedup_url import DedupUrlParams, dedup_url, fit_dedup_url
from schemas.columns import BODY_BYTES, DROP, DROP_TYPE, IDENTITY

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


def source_of(folder: Path, captures: list[Capture]) -> Source:
    """Write captures as a table of a part a file, in order of their offsets."""
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, list[Capture]] = defaultdict(list)
    for one in captures:
        files[one["warc_file"]].append(one)
    parts = []
    for file, some in files.items():
        path = folder / f"{part_name(file)}.parquet"
        ordered = sorted(some, key=lambda one: int(one["warc_offset"]))
        pq.write_table(pa.Table.from_pylist(ordered, arrow_schema(COLUMNS)), path)
        parts.append(Part(part_name(file), file, file, 1, file, file, (str(path),), len(some)))
    return Source(tuple(parts), COLUMNS, len(captures), "source")


def verdicts(spark: "SparkSession", folder: Path, captures: list[Capture]) -> dict[tuple[str, int], Capture]:
    """Return (file, offset) → verdict."""
    source = source_of(folder / "table", captures)
    side = SparkSides(spark, str(folder / "version"), [], "dedup_url", 2, source, {})
    fit_dedup_url(side.docs(), DedupUrlParams(), side)
    found: dict[tuple[str, int], Capture] = {}
    for part in source.parts:
        offsets = pq.read_table(part.files[0])["warc_offset"].to_pylist()
        table = side.slice(VERDICTS, part)
        rows = table.to_pylist() if table is not None else []
        assert [row[ROW.name] for row in rows] == sorted({row[ROW.name] for row in rows})
        found |= {(part.source, offsets[row[ROW.name]]): row for row in rows}
    return found


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
    found = verdicts(spark, tmp_path, captures)
    assert set(found) == {place(loser) for _, loser in pairs}
    for winner, loser in pairs:
        verdict = found[place(loser)]
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
    found = verdicts(spark, tmp_path, captures)
    assert {where: verdict["survivor_record_id"] for where, verdict in found.items()} == expected


def test_a_verdict_drops_its_row_and_an_earlier_reason_stands(spark: "SparkSession") -> None:
    from pyspark.sql.types import StructField, StructType

    kind = spark_type(DROP_TYPE)
    names = DROP_TYPE.names
    newer = tuple({"stage": "dedup_url", "reason": "newer_capture"}.get(name) for name in names)
    earlier = tuple({"stage": "ingest", "reason": "not_html"}.get(name) for name in names)
    schema = StructType([StructField(VERDICT.name, kind), StructField(DROP.name, kind)])
    docs = spark.createDataFrame([(newer, None), (newer, earlier), (None, None)], schema)
    found = dedup_url.decide(docs, DedupUrlParams()).collect()
    assert [row["drop"] and row["drop"]["reason"] for row in found] == ["newer_capture", "not_html", None]
