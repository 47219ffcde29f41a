"""Places: a part and a row in one integer, and rows read from where they are."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.rows.row_ids import MeasuredPart, MeasuredParts, by_part, part_of, place_of, row_of

ROWS = 10_000


@given(st.lists(st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**32 - 1)), max_size=20))
def test_part_and_row_come_back_and_places_sort_by_part_then_row(pairs: list[tuple[int, int]]) -> None:
    places = np.array([int(place_of(part, np.array([row]))[0]) for part, row in pairs], np.int64)
    assert list(zip(part_of(places).tolist(), row_of(places).tolist(), strict=True)) == pairs
    assert np.argsort(places, kind="stable").tolist() == sorted(range(len(pairs)), key=lambda at: pairs[at])


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=20).map(sorted))
def test_sorted_places_are_cut_where_a_part_ends(pairs: list[tuple[int, int]]) -> None:
    places = np.array([(part << 32) + row for part, row in pairs], np.int64)
    found = [(part, row_of(places[cut]).tolist()) for part, cut in by_part(places)]
    expected = {part: [row for its, row in pairs if its == part] for part, _ in pairs}
    assert found == list(expected.items())


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> MeasuredParts:
    """Two parts: one of two files with several batches each, one empty."""
    folder = tmp_path_factory.mktemp("places")
    whole = pa.table({"n": range(ROWS), "s": [f"row {number}" for number in range(ROWS)]})
    pq.write_table(whole[:5000], folder / "a.parquet", row_group_size=1500)
    pq.write_table(whole[5000:], folder / "b.parquet")
    first = MeasuredPart("a", 1, (str(folder / "a.parquet"), str(folder / "b.parquet")))
    return MeasuredParts((first, MeasuredPart("empty", 2, ())))


@pytest.mark.parametrize(
    "rows",
    [
        [0],
        [ROWS - 1],
        [4095, 4096, 4999, 5000, 5001, 9095, 9096],
        [7, 7, 7, 9000, 9000],
        list(range(ROWS)),
        list(range(4096)),
        list(range(0, ROWS, 777)),
    ],
    ids=lambda rows: f"{len(rows)} rows",
)
def test_rows_are_taken_from_wherever_they_are_in_the_order_asked_for(tables: MeasuredParts, rows: list[int]) -> None:
    found = tables.take(0, np.array(rows), ["n", "s"])
    assert found["n"].to_pylist() == rows
    assert found["s"].to_pylist() == [f"row {row}" for row in rows]
    assert found["n"].num_chunks == 1


def test_batches_tell_the_number_of_their_first_row(tables: MeasuredParts) -> None:
    found = [(start, batch.column(0)[0].as_py(), batch.num_rows) for start, batch in tables.batches(0, ["n"])]
    assert all(start == first for start, first, _ in found)
    assert sum(count for *_, count in found) == ROWS
    assert list(tables.batches(1, ["n"])) == []


def test_the_parts_of_this_run_come_after_those_of_earlier_ones() -> None:
    tables = MeasuredParts((MeasuredPart("old", 1, ()), MeasuredPart("new", 2, ())), 1)
    assert list(tables.new) == [1]
    assert tables.is_new(np.array([0, 2**32 - 1, 2**32])).tolist() == [False, False, True]


def test_of_an_earlier_run_is_present_what_neither_gave_way_nor_is_superseded(tmp_path: Path) -> None:
    pq.write_table(pa.table({"row": [1, 4]}), tmp_path / "gone.parquet")
    pq.write_table(pa.table({"warc_offset": [20, 40]}), tmp_path / "superseded.parquet")
    gone, superseded = str(tmp_path / "gone.parquet"), str(tmp_path / "superseded.parquet")
    rows, offsets = np.arange(5), np.arange(5) * 10
    for one, there in [
        (MeasuredPart("old", 1, (), gone, (superseded,)), [0, 3]),
        (MeasuredPart("old", 1, (), gone), [0, 2, 3]),
        (MeasuredPart("old", 1, (), "", (str(tmp_path / "none"), superseded)), [0, 1, 3]),
        (MeasuredPart("old", 1, (), str(tmp_path / "none.parquet")), [0, 1, 2, 3, 4]),
    ]:
        assert np.flatnonzero(MeasuredParts((one,), 1).present(0, rows, offsets)).tolist() == there
