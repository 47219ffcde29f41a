"""Row ids: a part and a row in one integer, and rows read from where they are."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cells import pieces as module
from pipeline.cells.part_cells import PartCells
from pipeline.cells.pieces import ROW
from pipeline.rows.row_ids import MeasuredPart, MeasuredParts, PartRows, by_part, part_of, row_ids, row_of
from schemas.columns import Column
from tests.tables import Cells, dense, drops_of, part_called, piece_of, stretch_of, write_file

ROWS = 10_000
N = Column("n", pa.int64(), "a number")
S = Column("s", pa.string(), "a word")


@given(st.lists(st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**32 - 1)), max_size=20))
def test_part_and_row_come_back_and_places_sort_by_part_then_row(pairs: list[tuple[int, int]]) -> None:
    places = np.array([int(row_ids(part, np.array([row]))[0]) for part, row in pairs], np.int64)
    assert list(zip(part_of(places).tolist(), row_of(places).tolist(), strict=True)) == pairs
    assert np.argsort(places, kind="stable").tolist() == sorted(range(len(pairs)), key=lambda at: pairs[at])


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=20).map(sorted))
def test_sorted_places_are_cut_where_a_part_ends(pairs: list[tuple[int, int]]) -> None:
    places = np.array([(part << 32) + row for part, row in pairs], np.int64)
    result = [(part, row_of(places[cut]).tolist()) for part, cut in by_part(places)]
    expected = {part: [row for its, row in pairs if its == part] for part, _ in pairs}
    assert result == list(expected.items())


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> MeasuredParts:
    """Two parts: one whose columns lie in two pieces of several row groups each, one empty."""
    root = str(tmp_path_factory.mktemp("rows"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "GROUP_ROWS", 1500)
        halves = [
            piece_of(root, [N, S], [], Cells({n: {"n": n, "s": f"row {n}"} for n in numbers}, {}), 7)
            for numbers in (range(ROWS), range(4000, 6000))
        ]
    first = PartCells(root, part_called("a"), ROWS, (), (dense(["n", "s"], *halves),))
    return MeasuredParts(
        (MeasuredPart(first, (N, S)), MeasuredPart(PartCells(root, part_called("empty"), 0, (), ()), (N, S)))
    )


@pytest.mark.parametrize(
    "rows",
    [
        [0],
        [ROWS - 1],
        [4095, 4096, 4999, 5000, 5001, 9095, 9096],
        list(range(ROWS)),
        list(range(4096)),
        list(range(0, ROWS, 777)),
    ],
    ids=lambda rows: f"{len(rows)} rows",
)
def test_rows_are_taken_from_wherever_they_are(tables: MeasuredParts, rows: list[int]) -> None:
    result = tables.take(0, np.array(rows), ["n", "s"])
    assert result["n"].to_pylist() == rows
    assert result["s"].to_pylist() == [f"row {row}" for row in rows]
    assert result["n"].num_chunks == 1


def test_no_rows_are_taken_as_columns_without_any(tables: MeasuredParts) -> None:
    result = tables.take(1, np.empty(0, np.int64), ["s"])
    assert (result.num_rows, result.schema.names, result.schema.field("s").type) == (0, ["s"], pa.string())


def test_batches_tell_the_numbers_of_their_rows(tables: MeasuredParts) -> None:
    result = list(tables.batches(0, ["n"]))
    assert all(numbers.tolist() == batch.column(0).to_pylist() for numbers, batch in result)
    assert [number for numbers, _ in result for number in numbers.tolist()] == list(range(ROWS))
    assert {tuple(batch.schema.names) for _, batch in result} == {("n",)}
    assert list(tables.batches(1, ["n"])) == []


def test_rows_that_are_gone_are_passed_over_and_those_that_stay_keep_their_numbers(tables: MeasuredParts) -> None:
    whole = tables.parts[0].cells
    drops = (drops_of(whole.root, dict.fromkeys(range(0, ROWS, 2))),)
    left = MeasuredParts((MeasuredPart(PartCells(whole.root, whole.part, ROWS, drops, whole.sets), (N, S)),))
    numbers = [number for some, _ in left.batches(0, ["n"]) for number in some.tolist()]
    assert numbers == list(range(1, ROWS, 2))


def part(name: str, **others: Any) -> MeasuredPart:
    return MeasuredPart(PartCells("nowhere", part_called(name), 0, (), ()), (), **others)


def test_the_parts_of_this_run_come_after_those_of_earlier_ones() -> None:
    tables = MeasuredParts((part("old"), part("new")), 1)
    assert list(tables.new) == [1]
    ids = np.array([0, 2**32 - 1, 2**32])
    assert tables.is_new(ids).tolist() == [False, False, True]
    assert tables.as_later_ids(ids[2:]).tolist() == [0]


def test_of_an_earlier_run_is_present_what_neither_gave_way_nor_is_superseded(tmp_path: Path) -> None:
    gone = drops_of(str(tmp_path), dict.fromkeys([1, 4]))
    superseded = str(tmp_path / "superseded.parquet")
    write_file(superseded, pa.table({ROW: pa.array([2, 4], pa.int64())}))
    cells = PartCells(str(tmp_path), part_called("old"), 5, (), ())
    for one, there in [
        (MeasuredPart(cells, (), gone, "old", (superseded,)), [0, 3]),
        (MeasuredPart(cells, (), gone, "old"), [0, 2, 3]),
        (MeasuredPart(cells, (), None, "old", (superseded,)), [0, 1, 3]),
        (MeasuredPart(cells, (), None, "old"), [0, 1, 2, 3, 4]),
    ]:
        assert np.flatnonzero(MeasuredParts((one,), 1).present(0, np.arange(5))).tolist() == there


def test_rows_of_a_part_as_a_whole_are_read_from_all_their_stretches(tmp_path: Path) -> None:
    stretches = [stretch_of(str(tmp_path), [N], {0: {"n": n}, 1: {"n": n + 1}}, 2) for n in (5, 7)]
    batches = PartRows(str(tmp_path), tuple(stretches)).batches(["n"])
    assert [n for batch in batches for n in batch.column(0).to_pylist()] == [5, 6, 7, 8]
