"""What a task measures and writes: the rows that are to be measured, once each, whatever its batches and neighbours."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cells.batches import with_columns
from pipeline.cells.part_cells import CellSet, PartCells
from pipeline.cells.pieces import Piece
from pipeline.engine.measure_task import MeasureTask, Measuring
from pipeline.engine.reuse import MeasuredPart
from pipeline.engine.tables import NO_TABLES, FittedTables
from pipeline.errors import ContractError
from pipeline.quarantine.listed import Quarantine
from schemas.columns import DOC_ID, TEXT, WARC_OFFSET, Column
from tests.tables import Cells, drops_of, part_called, piece_of, rows_in

CHARS = Column("chars", pa.int32(), "what is added")
COLUMNS = (TEXT, WARC_OFFSET, DOC_ID)
Batches = Iterator[pa.RecordBatch]


def count_and_shout(rows: Batches, params: Any, fitted: FittedTables) -> Batches:
    """Add the length of each text, and write some in capitals."""
    for batch in rows:
        texts = batch.column("text")
        loud = pc.if_else(pc.starts_with(texts, "o"), pc.utf8_upper(texts), texts)
        yield with_columns(batch, {CHARS: pc.utf8_length(texts), TEXT: loud})


def part_of(root: str, name: str, texts: Sequence[str], gone: Sequence[int] = ()) -> PartCells:
    rows = {row: {"text": text, "warc_offset": row, "doc_id": "0f"} for row, text in enumerate(texts)}
    pieces = (piece_of(root, COLUMNS, [], Cells(rows, {})),) if texts else ()
    drops = (drops_of(root, dict.fromkeys(gone)),) if gone else ()
    return PartCells(root, part_called(name), len(texts), drops, (CellSet(tuple(c.name for c in COLUMNS), (), pieces),))


def job(root: str, measure: Callable[..., Any] = count_and_shout, **others: Any) -> Measuring:
    both = {"reads": COLUMNS, "adds": (CHARS,), "changes": (TEXT,), **others}
    return Measuring(root=root, stage="s", name="", recipe="r", measure=measure, params=None, **both)


def written(line: dict[str, Any], part: str) -> tuple[Piece, ...]:
    return tuple(map(Piece.of, line["parts"][part]["pieces"]))


def rows_after(cells: PartCells, pieces: tuple[Piece, ...]) -> list[dict[str, Any]]:
    after = replace(cells, sets=(*cells.sets, CellSet(("chars",), ("text",), pieces)))
    return rows_in(after, [TEXT, CHARS])


def test_rows_get_what_is_added_and_only_changed_rows_are_written_anew(tmp_path: Path) -> None:
    root = str(tmp_path)
    cells = part_of(root, "p", ["corn", "oats", "rye", "oil"], gone=[3])
    line = MeasureTask(job(root), [MeasuredPart(cells)]).run()
    (piece,) = written(line, "p")
    assert piece.columns.rows == 3
    assert piece.changes is not None
    assert piece.changes.rows == 1
    assert [(row["text"], row["chars"]) for row in rows_after(cells, (piece,))] == [
        ("corn", 4),
        ("OATS", 4),
        ("rye", 3),
    ]
    assert {path.name for path in (tmp_path / "stages/s/files").glob("c*s*")} >= {
        Path(path).name for path in line["files"]
    }


def rebatched(sizes: Sequence[int]) -> Callable[..., Batches]:
    """Return the measure with its rows in batches of other sizes."""

    def measure(rows: Batches, *others: Any) -> Batches:
        for batch in count_and_shout(rows, *others):
            start, turn = 0, 0
            while start < batch.num_rows:
                size = sizes[turn % len(sizes)]
                yield batch.slice(start, size)
                start, turn = start + size, turn + 1

    return measure


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("tasks"))


@pytest.mark.parametrize("by_part", [False, True])
@settings(deadline=None, max_examples=30)
@given(
    texts=st.lists(st.lists(st.sampled_from(["corn", "oats", "oil"]), max_size=5), min_size=1, max_size=4),
    sizes=st.lists(st.integers(1, 6), min_size=1, max_size=3),
)
def test_pieces_do_not_depend_on_batches_nor_on_the_other_parts_of_a_task(
    root: str, by_part: bool, texts: list[list[str]], sizes: list[int]
) -> None:
    cells = [part_of(root, f"p{number}", several) for number, several in enumerate(texts)]
    together = MeasureTask(job(root), [MeasuredPart(each) for each in cells]).run()
    again = MeasureTask(job(root, rebatched(sizes), by_part=by_part), [MeasuredPart(each) for each in cells]).run()
    assert list(again["files"].values()) == list(together["files"].values())
    for each, several in zip(cells, texts, strict=True):
        name = each.part.name
        alone = MeasureTask(job(root), [MeasuredPart(each)]).run()
        known_by = [
            [(piece.columns.digest, piece.changes and piece.changes.digest) for piece in written(line, name)]
            for line in (alone, together, again)
        ]
        assert known_by[0] == known_by[1] == known_by[2]
        assert len({line["parts"][name]["state"] for line in (alone, together, again)}) == 1
        loud = [text.upper() if text.startswith("o") else text for text in several]
        assert [row["text"] for row in rows_after(each, written(again, name))] == loud


def test_what_a_piece_has_already_is_not_measured_again(tmp_path: Path) -> None:
    root, seen = str(tmp_path), []

    def spying(rows: Batches, *others: Any) -> Batches:
        for batch in count_and_shout(rows, *others):
            seen.extend(batch.column("warc_offset").to_pylist())
            yield batch

    first = part_of(root, "p", ["corn", "oats", "rye"], gone=[1])
    old = written(MeasureTask(job(root, spying), [MeasuredPart(first)]).run(), "p")
    back = replace(first, drops=())
    line = MeasureTask(job(root, spying), [MeasuredPart(back, old)]).run()
    assert seen == [0, 2, 1]
    assert [row["text"] for row in rows_after(back, written(line, "p"))] == ["corn", "OATS", "rye"]
    last = MeasureTask(job(root, spying), [MeasuredPart(back, written(line, "p"))]).run()
    assert seen == [0, 2, 1]
    assert (last["files"], last["parts"]["p"]["computed"]) == ({}, 0)
    assert written(last, "p") == written(line, "p")


BROKEN: dict[str, Callable[[list[pa.RecordBatch]], list[pa.RecordBatch]]] = {
    "loses the first row": lambda batches: [batch.slice(1) for batch in batches],
    "loses the last row": lambda batches: [batch.slice(0, batch.num_rows - 1) for batch in batches],
    "gives nothing": lambda _: [],
    "doubles a row": lambda batches: [batch.take(pa.array([0, 0, 1, 2])) for batch in batches],
    "doubles all": lambda batches: [*batches, *batches],
    "turns rows round": lambda batches: [batch.take(pa.array([2, 1, 0])) for batch in batches],
}


@pytest.mark.parametrize("how", BROKEN)
@pytest.mark.parametrize("by_part", [False, True])
@pytest.mark.parametrize("changes", [(), (TEXT,)])
def test_a_measure_that_loses_doubles_or_turns_rows_is_refused_and_leaves_no_file(
    tmp_path: Path, how: str, by_part: bool, changes: tuple[Column, ...]
) -> None:
    root = str(tmp_path)
    cells = part_of(root, "p", ["corn", "oats", "rye"])
    files = set(tmp_path.rglob("*.parquet"))

    def measure(*given_to: Any) -> list[pa.RecordBatch]:
        return BROKEN[how](list(count_and_shout(*given_to)))

    with pytest.raises(ContractError, match=r"the measure of 's' (lost rows, doubled them or changed|gave [02] rows)"):
        MeasureTask(job(root, measure, by_part=by_part, changes=changes), [MeasuredPart(cells)]).run()
    assert set(tmp_path.rglob("*.parquet")) == files


def test_a_measure_that_makes_rows_has_them_numbered_and_says_something_of_the_file(tmp_path: Path) -> None:
    root = str(tmp_path)

    def create(rows: Batches, params: Any, fitted: FittedTables) -> Batches:
        assert list(rows) == []
        for text in fitted.part.name:
            yield pa.record_batch({"text": [text, text]})
        fitted.report(records=len(fitted.part.name))

    making = job(root, create, reads=(), changes=(), adds=(TEXT,), creates=True, by_part=True)
    parts = [PartCells(root, part_called(name), 0, (), ()) for name in ("ab", "c")]
    line = MeasureTask(making, [MeasuredPart(each, file=each.part.digest) for each in parts]).run()
    assert [line["parts"][name]["report"] for name in ("ab", "c")] == [{"records": 2}, {"records": 1}]
    made = [
        replace(each, rows=rows, sets=(CellSet(("text",), (), written(line, each.part.name)),))
        for each, rows in zip(parts, (4, 2), strict=True)
    ]
    assert [[row["text"] for row in rows_in(each, [TEXT])] for each in made] == [["a", "a", "b", "b"], ["c", "c"]]


def test_rows_of_a_part_as_a_whole_are_written_as_they_come(tmp_path: Path) -> None:
    root = str(tmp_path)

    def total(rows: Batches, *_: Any) -> Batches:
        yield pa.record_batch({"chars": [sum(batch.num_rows for batch in rows)]})

    cells = [part_of(root, "p", ["corn", "rye"], gone=[0]), part_of(root, "q", ["oil"] * 3)]
    line = MeasureTask(job(root, total, changes=(), by_row=False), [MeasuredPart(each) for each in cells]).run()
    counts = [written(line, name)[0].columns.rows for name in ("p", "q")]
    assert counts == [1, 1]


def test_a_task_tells_its_measure_which_pages_of_the_part_are_quarantined(tmp_path: Path) -> None:
    root = str(tmp_path)
    listed = Quarantine(str(tmp_path / "_quarantine"), "s")
    told: dict[str, frozenset[str]] = {}

    def reading(rows: Batches, params: Any, fitted: FittedTables) -> Batches:
        told[fitted.part.name] = fitted.quarantined
        yield from count_and_shout(rows, params, fitted)

    cells = [part_of(root, name, ["corn", "rye"], gone=[1] if name == "r" else []) for name in "pqr"]
    asked = job(root, reading, by_part=True, fitted=replace(NO_TABLES, quarantine=listed))
    before = MeasureTask(asked, [MeasuredPart(each) for each in cells]).run()
    for part, row, doc_id in (("p", 1, "0f"), ("q", 1, "another page there"), ("r", 1, "0f")):
        listed.add({"part": part, "warc_offset": row, "doc_id": doc_id})
    listed.add({"part": "p", "warc_offset": 0, "doc_id": "1e"})
    earlier = [MeasuredPart(each, written(before, each.part.name)) for each in cells]
    told.clear()
    line = MeasureTask(asked, earlier).run()
    assert told == {"p": frozenset({"1-0f"})}
    changed = {name for name in "pqr" if line["parts"][name]["state"] != before["parts"][name]["state"]}
    assert changed == {"p"}
