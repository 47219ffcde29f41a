"""A part's rows come back as they were, whatever pieces, changes and drops lie in how many files."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cells import pieces as module
from pipeline.cells.part_cells import CellSet, PartCells, alive
from pipeline.cells.pieces import ROW, Piece, Stretch
from pipeline.cells.reader import read_cells
from pipeline.errors import ManifestError
from schemas.columns import SPANS, TEXT, Column
from tests.tables import Cells, dense, drops_of, part_called, piece_of, rows_in

NUMBER = Column("number", pa.int32(), "a number", None)
NOTE = Column("note", pa.string(), "a note that few rows have", None)
SCORE = Column("score", pa.float64(), "what a later stage adds", None)
COLUMNS = {column.name: column for column in (NUMBER, TEXT, SPANS, NOTE, SCORE)}
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "number": st.one_of(st.none(), st.integers(0, 3)),
    "text": st.one_of(st.none(), st.sampled_from(["", "corn", "水", "ä" * 9])),
    "spans": st.one_of(
        st.none(),
        st.lists(st.builds(lambda end: {"start": 0, "end": end, "kind": "code"}, st.integers(0, 2)), max_size=2),
    ),
    "note": st.sampled_from(["a", "b"]),
    "score": st.floats(0, 1),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "GROUP_ROWS", 4)
        yield str(tmp_path_factory.mktemp("cells"))


class History:
    """What stages did to a part, by a dictionary and on disk."""

    def __init__(self, draw: st.DrawFn, root: str) -> None:
        self.draw, self.root = draw, root
        self.count = draw(st.integers(0, 11))
        self.left: dict[int, dict[str, Any]] = {number: {} for number in range(self.count)}
        self.sets: list[CellSet] = []
        self.drops: list[Stretch] = []

    @property
    def cells(self) -> PartCells:
        return PartCells(self.root, part_called("p"), self.count, tuple(self.drops), tuple(self.sets))

    def add(self, adds: Sequence[str], changes: Sequence[str] = (), *, is_sparse: bool = False) -> None:
        """Measure: some rows again and again, and rows that are gone among them; the newest speaks."""
        numbers = st.sets(st.integers(0, max(0, self.count - 1)), max_size=self.count)
        chosen = self.draw(st.lists(numbers, min_size=1, max_size=3)) if self.count else []
        if not is_sparse and chosen:
            chosen[0] |= set(self.left).difference(*chosen[1:])
        pieces = []
        for rows in filter(None, chosen):
            piece = Cells(
                {row: self.values(adds) for row in rows},
                {row: self.values(changes) for row in sorted(rows) if bool(changes) and self.draw(st.booleans())},
            )
            pieces.append((piece, self.written(adds, changes, piece)))
        self.sets.append(CellSet(tuple(adds), tuple(changes), tuple(piece for _, piece in pieces), is_sparse))
        for row, values in self.left.items():
            newest = next((piece for piece, _ in reversed(pieces) if row in piece.rows), None)
            values.update(newest.rows[row] if newest is not None else dict.fromkeys(adds))
            values.update(newest.changes.get(row, {}) if newest is not None else {})

    def values(self, names: Sequence[str]) -> dict[str, Any]:
        return {name: self.draw(VALUES[name]) for name in names}

    def written(self, adds: Sequence[str], changes: Sequence[str], piece: Cells) -> Piece:
        added, changed = ([COLUMNS[name] for name in names] for names in (adds, changes))
        return piece_of(self.root, added, changed, piece, self.draw(st.integers(0, 5)))

    def drop(self) -> None:
        gone = self.draw(st.sets(st.sampled_from(sorted(self.left)))) if self.left else set()
        if gone:
            self.drops.append(drops_of(self.root, dict.fromkeys(gone), self.draw(st.integers(0, 5))))
            for row in gone:
                del self.left[row]


@st.composite
def histories(draw: st.DrawFn, root: str) -> History:
    history = History(draw, root)
    history.add(["number", "text", "spans"])
    for step in draw(st.lists(st.sampled_from(["drop", "change", "again", "both"]), max_size=4)):
        if step == "drop":
            history.drop()
        elif step == "change":
            history.add([], draw(st.sampled_from([["text"], ["text", "spans"], ["number"]])))
        elif step == "again":
            history.add(["number"], is_sparse=False)
        else:
            history.add(["score"], ["spans"])
    history.add(["note"], is_sparse=True)
    return history


@settings(deadline=None, max_examples=120)
@given(st.data(), st.integers(1, 7))
def test_rows_come_back_as_the_stages_left_them(root: str, data: st.DataObject, size: int) -> None:
    history = data.draw(histories(root))
    asked = data.draw(st.lists(st.sampled_from([*COLUMNS]), unique=True))
    columns = [COLUMNS[name] for name in asked]
    expected = [{ROW: row, **{name: values.get(name) for name in asked}} for row, values in history.left.items()]
    batches = list(read_cells(history.cells, columns, size=size))
    assert [row for batch in batches for row in batch.to_pylist()] == expected
    assert all(0 < batch.num_rows <= size for batch in batches)
    assert all(batch.schema.field(c.name).type == c.type for batch in batches for c in columns)
    several = sorted(data.draw(st.sets(st.sampled_from(sorted(history.left)))) if history.left else [])
    wanted = pa.array(several, pa.int64()).to_numpy()
    taken = rows_in(history.cells, columns, rows=wanted, size=size)
    assert taken == [row for row in expected if row[ROW] in several]


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_rows_that_were_crossed_out_never_come_back(root: str, data: st.DataObject) -> None:
    history = data.draw(histories(root))
    assert alive(history.cells).tolist() == list(history.left)


def two_rows(root: str) -> tuple[Piece, Piece]:
    return (
        piece_of(root, [TEXT], [], Cells({0: {"text": "a"}, 1: {"text": "b"}}, {})),
        piece_of(root, [TEXT], [], Cells({1: {"text": "c"}}, {})),
    )


def test_the_newest_piece_speaks_for_its_rows_alone(root: str) -> None:
    old, new = two_rows(root)
    for pieces, texts in (((old, new), ["a", "c"]), ((new, old), ["a", "b"]), ((old,), ["a", "b"])):
        cells = PartCells(root, part_called("p"), 2, (), (dense(["text"], *pieces),))
        assert [row["text"] for row in rows_in(cells, [TEXT])] == texts


def test_a_change_that_a_newer_piece_did_not_make_is_undone(root: str) -> None:
    base = piece_of(root, [TEXT], [], Cells({0: {"text": "a"}, 1: {"text": "b"}}, {}))
    edited = piece_of(root, [], [TEXT], Cells({0: {}, 1: {}}, {0: {"text": "A"}, 1: {"text": "B"}}))
    again = piece_of(root, [], [TEXT], Cells({1: {}}, {}))
    for pieces, texts in (((edited,), ["A", "B"]), ((edited, again), ["A", "b"])):
        cells = PartCells(root, part_called("p"), 2, (), (dense(["text"], base), dense([], *pieces, changes=["text"])))
        assert [row["text"] for row in rows_in(cells, [TEXT])] == texts


def test_a_column_that_no_stage_added_takes_its_default_and_one_without_is_an_error(root: str) -> None:
    cells = PartCells(root, part_called("p"), 2, (), ())
    votes = Column("votes", pa.int16(), "with a default", 7)
    assert rows_in(cells, [votes, NOTE]) == [{ROW: row, "votes": 7, "note": None} for row in (0, 1)]
    with pytest.raises(ManifestError, match="no stage has added 'text'"):
        rows_in(cells, [TEXT])


def test_a_row_that_no_piece_has_is_an_error_unless_the_set_says_that_rows_may_lack(root: str) -> None:
    _, new = two_rows(root)
    with pytest.raises(ManifestError, match="rows of text are nowhere"):
        rows_in(PartCells(root, part_called("p"), 2, (), (dense(["text"], new, new),)), [TEXT])
    for texts, rows in ({0: "a", 2: "c"}, 3), ({0: "a", 1: "b"}, 3), ({1: "b"}, 2):
        each = piece_of(root, [TEXT], [], Cells({row: {"text": text} for row, text in texts.items()}, {}), 3)
        with pytest.raises(ManifestError, match="rows of a part are lacking"):
            rows_in(PartCells(root, part_called("p"), rows, (), (dense(["text"], each),)), [TEXT])
    sparse = CellSet(("text",), (), (new,), is_sparse=True)
    assert [row["text"] for row in rows_in(PartCells(root, part_called("p"), 2, (), (sparse,)), [TEXT])] == [None, "c"]
    nothing = CellSet(("text",), (), (), is_sparse=True)
    assert [row["text"] for row in rows_in(PartCells(root, part_called("p"), 1, (), (nothing,)), [TEXT])] == [None]


def test_a_part_is_known_by_its_rows_and_its_cells_and_not_by_where_they_lie(root: str) -> None:
    old, new = two_rows(root)
    again, _ = two_rows(root)
    gone, more = (drops_of(root, dict.fromkeys(rows)) for rows in ([0], [0, 1]))
    states = [
        PartCells(root, part_called("p"), 2, drops, sets).state
        for drops, sets in itertools.product(
            [(), (gone,), (more,)], [(dense(["text"], old),), (dense(["text"], old, new),), (dense(["note"], old),)]
        )
    ]
    assert len(set(states)) == len(states)
    assert PartCells(root, part_called("p"), 2, (), (dense(["text"], again),)).state == states[0]
    assert PartCells(root, part_called("q"), 2, (), (dense(["text"], old),)).state != states[0]
