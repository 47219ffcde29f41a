"""Sums of groups over many batches."""

from random import Random

import pyarrow as pa
import pytest

from pipeline.summaries import reading
from pipeline.summaries.reading import grouped, lowest, summed


def test_sums_over_many_pieces_are_those_of_all_rows_at_once() -> None:
    pieces = [
        pa.table({"host": [f"{n * k % 97}.example" for k in range(40)], "records": pa.array([1] * 40, pa.int64())})
        for n in range(1, 60)
    ]
    reading_rows, reading._BATCH_ROWS = reading._BATCH_ROWS, 4  # pieces are put together many times
    try:
        made = summed(iter(pieces), ("host",), ("records",))
    finally:
        reading._BATCH_ROWS = reading_rows
    expected = grouped(pa.concat_tables(pieces), ("host",), ("records",))
    assert made.groups.sort_by("host").to_pylist() == expected.sort_by("host").to_pylist()
    assert (made.weight, made.error) == (40 * 59, 0)
    assert summed(iter(()), ("host",), ("records",)).groups.num_rows == 0


@pytest.mark.parametrize("most", [1, 5, 50])
def test_of_more_groups_than_are_held_the_heaviest_stay_and_the_error_is_told(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_BATCH_ROWS", 4)
    random = Random(7)
    names = [f"{int(random.paretovariate(0.7))}.example" for _ in range(4000)] + ["late.example"] * 900
    pieces = [
        pa.table({"host": chunk, "records": [1] * len(chunk), "kept": [number % 2] * len(chunk)})
        for number, chunk in enumerate(names[start : start + 50] for start in range(0, len(names), 50))
    ]
    made = summed(iter(pieces), ("host",), ("records", "kept"), most)
    exact = grouped(pa.concat_tables(pieces), ("host",), ("records", "kept"))
    true = {row["host"]: (row["records"], row["kept"]) for row in exact.to_pylist()}
    told = {row["host"]: (row["records"], row["kept"]) for row in made.groups.to_pylist()}
    assert len(told) <= most + 50 + 32 < len(true)  # and those of the last pieces
    assert len(told) <= made.at_least <= len(true)
    assert made.weight == len(names)
    assert 0 < made.error <= len(names) / (most + 1)
    for host, (records, kept) in true.items():
        assert 0 <= records - told.get(host, (0, 0))[0] <= made.error
        assert 0 <= kept - told.get(host, (0, 0))[1] <= made.error


def test_of_groups_without_a_weight_none_is_lost_before_others_need_the_room() -> None:
    rows = pa.table({"host": ["a", "b", None], "records": pa.array([None, 2, 3], pa.int64())})
    made = summed(iter([rows, rows]), ("host",), ("records",), most=1)
    assert (made.groups.num_rows, made.weight, made.error, made.at_least) == (3, 10, 0, 3)


def test_a_sample_of_no_records_has_no_rows() -> None:
    assert lowest(iter(()), 5).num_rows == 0
