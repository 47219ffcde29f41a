"""A row is measured again if and only if the cells that it was made of changed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cells.part_cells import CellSet, PartCells, alive, made_of
from pipeline.cells.pieces import KEY, ROW, Piece, Stretch
from pipeline.cells.stretch_reader import stretch_rows
from pipeline.engine.reuse import MeasuredPart, fresh_rows, pieces_of, with_state
from pipeline.runs.manifest import SetRecord
from schemas.columns import TEXT, TITLE, Column
from tests.tables import KEY_COLUMN, Cells, drops_of, part_called, piece_of, rows_in, stretch_of

ROWS = 5
MEASURED = Column("measured", pa.string(), "what was measured")
TEXTS = st.sampled_from(["corn", "oats"])


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("reuse"))


@st.composite
def pieces(draw: st.DrawFn, root: str, adds: Sequence[Column], changes: Sequence[Column]) -> tuple[Piece, ...]:
    """Return pieces that have all rows together, the first of them all that no other has."""
    chosen = [set(rows) for rows in draw(st.lists(st.sets(st.integers(0, ROWS - 1)), min_size=1, max_size=3))]
    chosen[0] |= set(range(ROWS)).difference(*chosen)
    made = []
    for rows in filter(None, chosen):
        added = {row: {column.name: draw(TEXTS) for column in adds} for row in rows}
        changed = {row: {column.name: draw(TEXTS) for column in changes} for row in rows if draw(st.booleans())}
        made.append(piece_of(root, adds, changes, Cells(added, changed if changes else {})))
    return tuple(made)


@st.composite
def states(draw: st.DrawFn, root: str, kept: dict[str, list[tuple[Piece, ...]]]) -> PartCells:
    """Return the part as a measure of texts finds it; stages before are sometimes as they were in an earlier state."""
    sets = []
    for name, adds, changes in (("ingest", [TEXT], []), ("redact", [], [TEXT]), ("name", [TITLE], [])):
        old = kept.setdefault(name, [])
        if not old or draw(st.booleans()):
            old.append(draw(pieces(root, adds, changes)))
        added, changed = (tuple(column.name for column in columns) for columns in (adds, changes))
        sets.append(CellSet(added, changed, draw(st.sampled_from(old))))
    gone = draw(st.sets(st.integers(0, ROWS - 1)))
    return PartCells(root, part_called("p"), ROWS, (drops_of(root, dict.fromkeys(gone)),) if gone else (), tuple(sets))


def measure(part: MeasuredPart, recipe: str) -> tuple[tuple[Piece, ...], list[int]]:
    """Measure what is to be measured; return the pieces that then speak, and the rows."""
    fresh = fresh_rows(part, recipe)
    if not len(fresh.rows):
        return fresh.kept, []
    texts = {row[ROW]: said(row, recipe) for row in rows_in(part.cells, [TEXT, TITLE], rows=fresh.rows)}
    numbers = dict(zip(fresh.rows.tolist(), fresh.numbers.tolist(), strict=True))
    written = {row: {KEY: numbers[row], "measured": text} for row, text in texts.items()}
    stretch = stretch_of(part.cells.root, (KEY_COLUMN, MEASURED), written)
    return (*fresh.kept, Piece(stretch, None, tuple(fresh.keys))), fresh.rows.tolist()


def said(row: dict[str, Any], recipe: str) -> str:
    return f"{recipe} {row['text']} {row['title']}"


@settings(deadline=None, max_examples=120)
@given(st.data())
def test_however_a_part_changes_its_cells_are_those_of_measuring_anew(root: str, data: st.DataObject) -> None:
    kept: dict[str, list[tuple[Piece, ...]]] = {}
    records: list[SetRecord] = []
    for _ in range(data.draw(st.integers(1, 4))):
        cells = data.draw(states(root, kept))
        recipe = data.draw(st.sampled_from(["a", "b"]))
        now, _ = measure(MeasuredPart(cells, pieces_of(records, "p")), recipe)
        records.insert(0, SetRecord(("measured",), pieces={"p": now}))
        table = PartCells(root, cells.part, ROWS, cells.drops, (*cells.sets, CellSet(("measured",), (), now)))
        for row in rows_in(table, [TEXT, TITLE, MEASURED]):
            assert row["measured"] == said(row, recipe)
        assert measure(MeasuredPart(cells, now), recipe) == (now, [])


@settings(deadline=None, max_examples=120)
@given(st.data())
def test_only_rows_whose_cells_changed_or_that_come_back_are_measured_again(root: str, data: st.DataObject) -> None:
    kept: dict[str, list[tuple[Piece, ...]]] = {}
    before = data.draw(states(root, kept))
    old, _ = measure(MeasuredPart(before), "a")
    after = data.draw(states(root, kept))
    _, again = measure(MeasuredPart(after, old), "a")

    def spoken_by(cells: PartCells) -> dict[int, list[Any]]:
        """Return row → the stretches that its cells lie in."""
        seen: dict[int, list[Any]] = {}
        for row in alive(cells).tolist():
            speaking = [newest(each, row) for each in cells.sets]
            seen[row] = [
                (each.columns.digest if of.adds else "", is_in(each.changes, row) and each.changes.digest)
                for of, each in zip(cells.sets, speaking, strict=True)
            ]
        return seen

    def newest(each: CellSet, row: int) -> Any:
        return next(piece for piece in reversed(each.pieces) if is_in(piece.columns, row))

    def is_in(stretch: Stretch | None, row: int) -> bool:
        return stretch is not None and row in stretch_rows(root, stretch)

    then, now = spoken_by(before), spoken_by(after)
    assert again == [row for row, cells in now.items() if then.get(row) != cells]


def test_another_recipe_measures_all_rows_again_and_a_page_that_is_quarantined_its_own(root: str) -> None:
    piece = piece_of(root, [TEXT], [], Cells({0: {"text": "a"}, 1: {"text": "b"}}, {}))
    cells = PartCells(root, part_called("p"), 2, (), (CellSet(("text",), (), (piece,)),))
    numbers, keys = made_of(cells, alive(cells), "a")
    written = {row: {KEY: int(number), "measured": ""} for row, number in enumerate(numbers)}
    old = (Piece(stretch_of(root, (KEY_COLUMN, MEASURED), written), None, tuple(keys)),)
    for part, recipe, rows in (
        (MeasuredPart(cells, old), "a", []),
        (MeasuredPart(cells, old), "b", [0, 1]),
        (MeasuredPart(cells, old, quarantined=frozenset([1]), left_out=frozenset(["1-0f"])), "a", [1]),
        (MeasuredPart(cells, old, file="another"), "a", [0, 1]),
        (MeasuredPart(cells), "a", [0, 1]),
    ):
        assert fresh_rows(part, recipe).rows.tolist() == rows
        is_same = not part.quarantined and not part.file and recipe == "a"
        assert (part.state_of(recipe) == MeasuredPart(cells).state_of("a")) == is_same


def test_a_part_of_the_same_state_is_taken_from_the_latest_record_that_has_it() -> None:
    each, two = (Piece(Stretch(name, 0, 1, name), None, ()) for name in "ab")
    records = [
        SetRecord(states={"p": "2"}, pieces={"p": (two,)}, reports={"p": {"error": "cut"}}),
        SetRecord(states={"p": "1", "q": "1"}, pieces={"p": (each,)}),
    ]
    assert with_state(records, "p", "2") == ((two,), {"error": "cut"})
    assert with_state(records, "p", "1") == ((each,), {})
    assert with_state(records, "q", "1") == ((), {})
    assert with_state(records, "p", "3") is None
    assert pieces_of(records, "p") == (each, two)
    assert pieces_of([records[0], records[0]], "p") == (two,)


def test_rows_of_many_sets_of_many_pieces_are_told_apart() -> None:
    """There are more ways to be made than an integer can count."""
    rows = np.arange(64)

    def part_of(first: str) -> PartCells:
        sets = []
        for number in range(12):
            stretches = [Stretch(f"{number}-{piece}", 0, 64, f"{number}-{piece}") for piece in range(64)]
            if number == 0:
                stretches[63] = Stretch("0-63", 0, 64, first)
            sets.append(CellSet((f"c{number}",), (), tuple(Piece(each, None, ()) for each in stretches)))
        return PartCells("nowhere", part_called("p"), 64, (), tuple(sets))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "pipeline.cells.part_cells.stretch_rows", lambda _, each: rows[: 64 - int(each.file.split("-")[1])]
        )
        both = [made_of(part_of(first), rows, "recipe") for first in ("one", "other")]
    made = [[keys[number] for number in numbers] for numbers, keys in both]
    assert len(set(made[0])) == 64
    assert [row for row in rows.tolist() if made[0][row] != made[1][row]] == [0]
