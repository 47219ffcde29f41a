"""A part's rows go where their fate sends them, and one line commits them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.runs.parts import INPUT_ROW, KEPT, Part, PartRecord, PartWriter, digest, part_name, read_part, write_parts
from schemas.columns import DROP_TYPE

SCHEMA = pa.schema([("warc_offset", pa.int64()), ("drop", DROP_TYPE)])
PLACES = {"first": "_dropped/", "second": "dropped_by_second/", KEPT: "then_second/"}


def drop(stage: str, reason: str | None, value: float | None = None, limit: float | None = None) -> dict[str, Any]:
    return {"stage": stage, "reason": reason, "value": value, "limit": limit}


def record(name: str = "p") -> PartRecord:
    return PartRecord.begin(
        Part(name, f"{name}.warc", f"/{name}.warc", 9, "d"), {"first": "f"}, {"first": "o"}, {"first": "c"}
    )


def rows(drops: list[dict[str, Any] | None], start: int = 0) -> pa.Table:
    offsets = range(start, start + len(drops))
    return pa.table({"warc_offset": pa.array(offsets, pa.int64()), "drop": pa.array(drops, DROP_TYPE)})


def offsets(path: Path) -> list[int]:
    found: list[int] = pq.read_table(path)["warc_offset"].to_pylist()
    return found


def test_rows_are_written_by_fate_with_counts_by_reason(tmp_path: Path) -> None:
    writer = PartWriter(str(tmp_path), record(), PLACES, SCHEMA)
    writer.write(rows([None, drop("first", "a"), drop("second", "b"), None]))
    writer.write(rows([drop("first", "a"), drop("first", "c"), drop(INPUT_ROW, "cut", 7, 5)], 4))
    found = writer.close("_units")
    assert offsets(tmp_path / "then_second" / "p.parquet") == [0, 3]
    assert offsets(tmp_path / "_dropped" / "p.first.parquet") == [1, 4, 5]
    assert offsets(tmp_path / "dropped_by_second" / "p.second.parquet") == [2]
    assert found.fates == {"first": 3, "second": 1, KEPT: 2}
    assert found.reasons == {"first": {"a": 2, "c": 1}, "second": {"b": 1}}
    assert found.input == {"error": "cut", "records": 7, "responses": 5}
    assert PartRecord(**json.loads((tmp_path / "_units" / "p.json").read_text())) == found


def test_a_fate_without_rows_has_no_file_and_a_part_without_rows_its_line(tmp_path: Path) -> None:
    found = PartWriter(str(tmp_path), record(), PLACES, SCHEMA).close("_units")
    assert (found.files, found.fates) == ([], {})
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["p.json"]


def test_rows_without_a_drop_column_are_kept(tmp_path: Path) -> None:
    writer = PartWriter(str(tmp_path), record(), {KEPT: ""}, pa.schema([("n", pa.int64())]))
    writer.write(pa.table({"n": [1, 2]}))
    assert writer.close("_units").fates == {KEPT: 2}


def test_an_abandoned_part_leaves_nothing(tmp_path: Path) -> None:
    writer = PartWriter(str(tmp_path), record(), PLACES, SCHEMA)
    writer.write(rows([None, drop("first", "a")]))
    writer.abandon(RuntimeError())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def numbered(numbers: list[int], drops: list[dict[str, Any] | None]) -> pa.RecordBatch:
    return rows(drops).append_column("n", pa.array(numbers, pa.int32())).combine_chunks().to_batches()[0]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=20).map(sorted), st.integers(1, 20))
def test_a_stream_of_rows_becomes_a_record_a_part_however_batches_fall(
    tmp_path: Path, given_rows: list[tuple[int, bool]], size: int
) -> None:
    batches = []
    for at in range(0, len(given_rows), size):
        piece = given_rows[at : at + size]
        batches.append(numbered([n for n, _ in piece], [drop("first", "a") if gone else None for _, gone in piece]))

    def writer_for(number: int) -> PartWriter:
        return PartWriter(str(tmp_path), record(f"p{number}"), PLACES, SCHEMA)

    found = {one.part: sum(one.fates.values()) for one in write_parts(batches, "n", writer_for, "_units")}
    numbers = [number for number, _ in given_rows]
    assert found == {f"p{number}": numbers.count(number) for number in set(numbers)}


def test_an_error_in_the_stream_commits_finished_parts_alone(tmp_path: Path) -> None:
    def failing() -> Iterator[pa.RecordBatch]:
        yield numbered([0, 1], [None, None])
        raise RuntimeError("on the way")

    def writer_for(number: int) -> PartWriter:
        return PartWriter(str(tmp_path), record(f"p{number}"), PLACES, SCHEMA)

    with pytest.raises(RuntimeError, match="on the way"):
        list(write_parts(failing(), "n", writer_for, "_units"))
    files = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert files == ["p0.json", "p0.parquet"]


def test_a_part_is_read_in_file_order_by_columns(tmp_path: Path) -> None:
    for name, start in (("a", 0), ("b", 2000)):
        pq.write_table(rows([None] * 1500, start), tmp_path / f"{name}.parquet")
    part = Part("p", "", "", 0, "", files=(str(tmp_path / "b.parquet"), str(tmp_path / "a.parquet")))
    batches = list(read_part(part, ["warc_offset"]))
    assert max(batch.num_rows for batch in batches) <= 1024
    assert [n for batch in batches for n in batch.column(0).to_pylist()] == [*range(2000, 3500), *range(1500)]


@pytest.mark.parametrize(
    "source", ["a/b.warc.gz", "s3://bucket/ü b?.warc.gz", "x" * 300, "a/", "_hidden.jsonl.gz", "..."]
)
def test_part_names_are_safe_in_file_names(source: str) -> None:
    name = part_name(source)
    assert len(name) < 100
    assert all(character.isascii() and (character.isalnum() or character in ".-") for character in name)
    assert not name.startswith(".")


def test_part_names_tell_files_of_one_name_apart() -> None:
    assert part_name("a/x.warc.gz") != part_name("b/x.warc.gz")
    assert part_name("a/x.warc.gz").startswith("x-")


@pytest.mark.parametrize(
    ("left", "right"),
    [((1,), ("1",)), (("a", "b"), ("ab",)), (([],), ()), (({"a": 1},), ({"a": 2},)), ((None,), ("",))],
)
def test_digests_tell_values_apart(left: tuple[Any, ...], right: tuple[Any, ...]) -> None:
    assert digest(*left) != digest(*right)
    assert digest(*left) == digest(*left)
