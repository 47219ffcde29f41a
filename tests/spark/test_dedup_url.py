"""Of several captures of one address the newest stays, and the others name it."""

import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.kernels.urls import row_key
from pipeline.parts import PART_ID
from pipeline.stage import spark_schema, spark_type
from pipeline.stages.dedup_url import DedupUrlParams, dedup_url, fit_dedup_url
from pipeline.verdicts import VERDICT, VERDICTS
from schemas.columns import BODY_BYTES, DROP, DROP_TYPE, IDENTITY

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Capture = dict[str, Any]


class Kept:
    """Stands in for the writer of side tables: keeps what it is given."""

    rows = 0

    def save(self, name: str, rows: "DataFrame", *, by_part: bool = False, small: bool = False) -> "DataFrame":
        assert (name, by_part, small) == (VERDICTS, True, False)
        self.saved = [row.asDict() for row in rows.collect()]
        return rows


def capture(
    url: str, day: int | None, file: str = "a", offset: int = 0, size: int | None = 9, doc: str = "0"
) -> Capture:
    return {
        "record_id": f"<{file}:{offset}>",
        "doc_id": doc,
        "url": url,
        "source_url": url,
        "fetch_time": None if day is None else datetime(2024, 1, day, tzinfo=UTC),
        "warc_file": file,
        "warc_offset": offset,
        "body_bytes": size,
    }


def verdicts(spark: "SparkSession", captures: list[Capture]) -> dict[tuple[int, int], Capture]:
    """Return (part, offset) → verdict."""
    from pyspark.sql import functions as F  # noqa: N812

    schema = spark_schema((*IDENTITY, BODY_BYTES))
    rows = [tuple(one[field.name] for field in schema) for one in captures]
    docs = spark.createDataFrame(rows, schema).withColumn(PART_ID, F.xxhash64("warc_file"))
    side = Kept()
    fit_dedup_url(docs, DedupUrlParams(), side)  # type: ignore[arg-type]
    found = {(row[PART_ID], row["warc_offset"]): row for row in side.saved}
    assert len(found) == len(side.saved)
    return found


def place(one: Capture) -> tuple[int, int]:
    return row_key(one["warc_file"]), one["warc_offset"]


PAIRS = [
    (capture("u", 2), capture("u", 1, offset=1)),
    (capture("u", 1), capture("u", None, offset=1, size=99)),
    (capture("u", 1, size=5), capture("u", 1, offset=1, size=4, doc="f")),
    (capture("u", 1, size=5), capture("u", 1, offset=1, size=None, doc="f")),
    (capture("u", 1, doc="2"), capture("u", 1, doc="1", file="b")),
    (capture("u", 1, file="b"), capture("u", 1, file="a", offset=7)),
    (capture("u", 1, offset=8), capture("u", 1, offset=7)),
    (capture("u", None, doc="2"), capture("u", None, doc="1", offset=7)),
]


@pytest.mark.parametrize("turned", [False, True])
def test_the_newest_then_the_longest_then_the_highest_id_file_and_offset_stays(
    spark: "SparkSession", turned: bool
) -> None:
    pairs = []
    for number, pair in enumerate(PAIRS):
        own = {"url": f"u{number}", "record_id": None}
        pairs.append([{**one, **own, "warc_file": f"{number}{one['warc_file']}"} for one in pair])
    for winner, _ in pairs:
        winner["record_id"] = f"stays at {winner['url']}"
    captures = [one for pair in pairs for one in (reversed(pair) if turned else pair)]
    found = verdicts(spark, captures)
    assert set(found) == {place(loser) for _, loser in pairs}
    for winner, loser in pairs:
        verdict = found[place(loser)]
        assert (verdict["stage"], verdict["reason"]) == ("dedup_url", "newer_capture")
        assert (verdict["survivor_record_id"], verdict["survivor_url"]) == (winner["record_id"], winner["url"])


def test_addresses_seen_once_get_no_verdict(spark: "SparkSession") -> None:
    assert verdicts(spark, [capture("u", 1), capture("U", 1, offset=1), capture("u/", 1, offset=2)]) == {}
    assert verdicts(spark, []) == {}


def test_random_captures_are_decided_as_by_sorting_them(spark: "SparkSession") -> None:
    draw = random.Random(11)
    captures = [
        capture(
            f"u{draw.randrange(25)}",
            draw.choice([None, 1, 2, 3]),
            draw.choice("abc"),
            offset,
            draw.choice([None, 5, 6]),
            draw.choice("01"),
        )
        for offset in range(150)
    ]

    def order(one: Capture) -> tuple[Any, ...]:
        day = one["fetch_time"].day if one["fetch_time"] else 0
        return day, one["body_bytes"] or 0, one["doc_id"], one["warc_file"], one["warc_offset"]

    expected: dict[tuple[int, int], str] = {}
    for url in {one["url"] for one in captures}:
        *gone, stays = sorted((one for one in captures if one["url"] == url), key=order)
        expected |= {place(one): stays["record_id"] for one in gone}
    found = verdicts(spark, captures)
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
