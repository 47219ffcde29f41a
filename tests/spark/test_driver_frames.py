"""Rows of the driver as DataFrames."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pipeline.spark.driver_frames import empty_frame, frame_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SCHEMA = "name string, size long, at timestamp, some array<struct<start: int, kind: string>>"
ROWS = [
    ("one", 1, datetime(2024, 3, 4, tzinfo=UTC), [{"start": 1, "kind": "code"}]),
    ("two", None, None, []),
    (None, 2**40, None, None),
]


def lineage(frame: "DataFrame") -> str:
    said: str = frame._jdf.queryExecution().toRdd().toDebugString()
    return said


def test_rows_come_back_as_they_were(spark: "SparkSession") -> None:
    result = frame_of(spark, ROWS, SCHEMA).toArrow().to_pylist()
    assert [(row["name"], row["size"], row["some"]) for row in result] == [(row[0], row[1], row[3]) for row in ROWS]
    assert [row["at"] and row["at"].astimezone(UTC) for row in result] == [row[2] for row in ROWS]


def test_a_frame_without_rows_has_its_columns(spark: "SparkSession") -> None:
    frame = empty_frame(spark, SCHEMA)
    assert (frame.columns, frame.collect()) == (["name", "size", "at", "some"], [])


@pytest.mark.parametrize("rows", [[], ROWS[:1]])
def test_no_python_worker_takes_part(spark: "SparkSession", rows: list[tuple[object, ...]]) -> None:
    assert "PythonRDD" not in lineage(frame_of(spark, rows, SCHEMA))
