"""Rows on their way to a measure: each comes once and in order, suspects alone, those that hung as empty texts."""

from pathlib import Path

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cells.part_batches import PART, gathered, numbered
from pipeline.cells.part_cells import CellSet, PartCells
from pipeline.cells.pieces import ROW
from pipeline.quarantine.listed import NO_QUARANTINE, PAGE_COLUMNS, Quarantine
from pipeline.quarantine.watched_rows import WatchedPart, WatchedRows
from tests.tables import Cells, part_called, piece_of

TYPES = {"text": pa.string(), "spans": pa.list_(pa.int32()), "chars": pa.int32()}


def batches_of(counts: list[int]) -> list[pa.RecordBatch]:
    rows = [[{ROW: row, "text": f"corn {row}", "spans": [row], "chars": 6} for row in range(count)] for count in counts]
    schema = pa.schema([(ROW, pa.int64()), *TYPES.items()])
    return [
        batch
        for number, of_part in enumerate(rows)
        for batch in numbered(number, [pa.RecordBatch.from_pylist(of_part, schema=schema)])
    ]


def pages_of(root: str, name: str, count: int) -> PartCells:
    """Return a part whose pages have places and ids."""
    rows = {row: {"warc_offset": 7 * row, "doc_id": f"{row:x}", "source_url": f"u/{row}"} for row in range(count)}
    pieces = (piece_of(root, PAGE_COLUMNS, [], Cells(rows, {})),) if rows else ()
    names = tuple(column.name for column in PAGE_COLUMNS)
    return PartCells(root, part_called(name), count, (), (CellSet(names, (), pieces),))


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 5), max_size=4), st.data())
def test_rows_come_once_and_those_that_hung_have_empty_texts(counts: list[int], data: st.DataObject) -> None:
    left_out = [data.draw(st.frozensets(st.integers(0, max(count - 1, 0)))) for count in counts]
    parts = [
        WatchedPart(PartCells("", part_called(f"p{number}"), count, (), ()), rows)
        for number, (count, rows) in enumerate(zip(counts, left_out, strict=True))
    ]
    batches = list(WatchedRows(gathered(batches_of(counts)), parts, NO_QUARANTINE, 1))
    rows = [row for batch in batches for row in batch.to_pylist()]
    assert [(row[PART.name], row[ROW]) for row in rows] == [
        (n, row) for n, count in enumerate(counts) for row in range(count)
    ]
    for row in rows:
        is_readable = row[ROW] not in left_out[row[PART.name]]
        assert (row["text"], row["spans"]) == ((f"corn {row[ROW]}", [row[ROW]]) if is_readable else ("", []))
        assert row["chars"] == 6
    for batch in batches:
        assert [batch.schema.field(name).type for name in TYPES] == list(TYPES.values())


def test_suspects_come_alone_unless_they_hung_already(tmp_path: Path) -> None:
    quarantine = Quarantine(str(tmp_path / "_quarantine"), "pii")
    quarantine.add({"stage": "pii", "suspects": [("p0", 1, 3), ("p1", 0, 0)]})
    parts = [
        WatchedPart(pages_of(str(tmp_path), f"p{number}", count), rows)
        for number, (count, rows) in enumerate([(6, frozenset([2])), (2, frozenset())])
    ]
    pieces = WatchedRows(gathered(batches_of([6, 2])), parts, Quarantine("", "pii"), 1)
    assert [piece.num_rows for piece in pieces] == [8]  # another list knows no suspects
    script = WatchedRows(gathered(batches_of([6, 2])), parts, quarantine, 60)
    assert [[(row[PART.name], row[ROW]) for row in piece.to_pylist()] for piece in script] == [
        *([(0, 0)], [(0, 1)], [(0, 2)], [(0, 3)], [(0, 4), (0, 5)], [(1, 0)], [(1, 1)]),
    ]


def test_where_memory_does_not_suffice_rows_are_measured_alone_and_the_page_is_named(tmp_path: Path) -> None:
    quarantine = Quarantine(str(tmp_path / "_quarantine"), "pii")
    parts = [WatchedPart(pages_of(str(tmp_path), "p0", 3), frozenset())]
    together = WatchedRows(gathered(batches_of([3])), parts, quarantine, 60)
    next(iter(together))
    assert "ran out of memory at 3 rows, which the next try measures one at a time" in str(together.out_of_memory())
    assert quarantine.suspects() == {"p0": [(0, 2)]}
    assert quarantine.pages() == {}
    assert quarantine.that_hung(quarantine.entries()) == []
    alone = WatchedRows(gathered(batches_of([3])), parts, quarantine, 60)
    rows = iter(alone)
    next(rows)
    next(rows)
    assert "ran out of memory at u/1: " in str(alone.out_of_memory())
    assert quarantine.suspects() == {"p0": [(0, 2)]}
