"""What is committed is read back as it was, and the tables of a chain hold what every stage of it left."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipeline.cells.pieces import Piece, Stretch
from pipeline.errors import ManifestError
from pipeline.runs.manifest import DropRecord, Manifest, SetRecord, TableRecord, encode_schema
from pipeline.runs.run import Head, Run, manifest_path
from pipeline.runs.table import Table
from pipeline.spark.types import arrow_schema
from pipeline.stores import storage
from schemas.columns import DROP, DROP_TYPE, TEXT, TITLE, Column
from tests.tables import Cells, Row, all_rows, first_table, piece_of, rows_in, without

VOTES = Column("votes", pa.int16(), "of the user's own", None)
NOTE = Column("note", pa.string(), "the stage's own affair", None)


def edited(before: Table) -> Table:
    """Return the table after a stage that adds votes and a note of its own, and changes a text."""
    piece = piece_of(
        before.root,
        [VOTES, NOTE],
        [TEXT],
        Cells({row: {"votes": row, "note": "n"} for row in (0, 1)}, {1: {"text": "OATS"}}),
    )
    own = SetRecord(("votes", "note"), ("text",), states={"p": "s"}, pieces={"p": (piece,)})
    made = Manifest(
        *("edit", 1, {}, "k", ["votes"], [], encode_schema(arrow_schema([VOTES]))),
        sets={"": own},
    )
    return Table(before.root, (*before.chain, made))


@pytest.fixture
def first(tmp_path: Path) -> Table:
    texts = [{"text": text, "title": None} for text in ("corn", "oats", "rye")]
    return first_table(str(tmp_path / "run"), [TEXT, TITLE], {"p": texts, "q": []})


def drop(stage: str, reason: str) -> dict[str, Any]:
    return {**dict.fromkeys(DROP_TYPE.names), "stage": stage, "reason": reason}


def test_a_table_has_the_columns_and_rows_that_its_chain_left(first: Table) -> None:
    table = edited(without(first, "screen", {"p": {2: drop("screen", "a")}}))
    assert (first.rows, table.rows, table.rows_of("p"), table.rows_of("q")) == (3, 2, 2, 0)
    assert [column.name for column in table.columns] == ["text", "title", "votes"]
    assert table.columns[2].type == VOTES.type
    assert list(all_rows(table, "text", "votes")) == [
        {"part": "p", "__row": 0, "text": "corn", "votes": 0},
        {"part": "p", "__row": 1, "text": "OATS", "votes": 1},
    ]
    assert [row["text"] for row in all_rows(first, "text")] == ["corn", "oats", "rye"]


def test_what_is_a_stage_s_own_affair_is_for_it_alone(first: Table) -> None:
    two = {part: {2: None} for part in ("p",)}
    table = edited(without(first, "screen", two))
    assert [len(cells.sets) for cells in table.cells(["note"])] == [0, 0]
    assert [row["note"] for row in rows_in(table.cells(["note"], private_sets=("",))[0], [NOTE])] == ["n", "n"]
    later = without(table, "later", {})
    assert [len(cells.sets) for cells in later.cells(["note"], private_sets=("",))] == [0, 0]


def test_the_newest_set_that_has_a_column_speaks_for_it(first: Table) -> None:
    piece = piece_of(first.root, [TITLE], [], Cells({row: {"title": f"T{row}"} for row in range(3)}, {}))
    own = SetRecord(("title",), pieces={"p": (piece,)})
    made = replace(first.manifest, stage="name", adds=["title"], parts=[], sets={"": own})
    table = Table(first.root, (*first.chain, made))
    assert [row["title"] for row in all_rows(table, "title")] == ["T0", "T1", "T2"]
    (cells, _) = table.cells(["title"])
    assert [each.pieces for each in cells.sets] == [(piece,)]


def test_dropped_rows_are_there_with_their_drop_and_nulls_for_what_they_never_had(first: Table) -> None:
    table = edited(without(first, "screen", {"p": {2: drop("screen", "a")}}))
    table = without(table, "last", {"p": {0: drop("last", "b")}})

    def told(stages: int) -> list[Row]:
        (cells, _) = table.with_drops(["text", "votes"], stages)
        return [
            {"row": row.pop("__row"), **row, "drop": row["drop"] and row["drop"]["reason"]}
            for row in rows_in(cells, [replace(TEXT, default=None), VOTES, DROP])
        ]

    assert told(0) == [
        {"row": 0, "text": "corn", "votes": 0, "drop": "b"},
        {"row": 1, "text": "OATS", "votes": 1, "drop": None},
        {"row": 2, "text": "rye", "votes": None, "drop": "a"},
    ]
    assert told(2) == told(0)[:2]


def test_a_manifest_is_read_back_as_it_was_written(first: Table, tmp_path: Path) -> None:
    table = edited(without(first, "screen", {"p": {2: drop("screen", "a")}}))
    full = replace(
        table.manifest,
        sets={"z": SetRecord(("a",), is_sparse=True), "b": SetRecord(("a",), by_row=False), **table.manifest.sets},
        drops={"p": DropRecord("s", Stretch("f", 0, 1, "d"), "c", {"a": 1}), "q": DropRecord("s")},
        tables={"lists": TableRecord([["stages/x.parquet", "0f"]], {"3": "stages/x.parquet"}, 4, decides=False)},
        notes={"found": 3},
        meanings={"a": "Why."},
        hides=["text"],
        files={"f": [1, 2, "0f"]},
    )
    for number, manifest in enumerate((first.manifest, table.manifest, full)):
        path = str(tmp_path / f"{number}.json")
        manifest.save(path)
        again = Manifest.load(path)
        assert again == manifest
        assert list(again.sets) == list(manifest.sets)
        stored = [[column.name for column in one.stored_columns()] for one in (again, manifest)]
        assert stored[0] == stored[1]
    assert full.named_files() >= {"f", "stages/x.parquet"}
    assert Manifest.load(str(tmp_path / "none.json")) is None


def test_a_run_opens_what_its_head_names(first: Table) -> None:
    table = edited(without(first, "screen", {"p": {2: None}}))
    for manifest in table.chain:
        manifest.save(manifest_path(table.root, manifest.stage, manifest.key))
    Head({each.stage: each.key for each in table.chain}, ["crawl/*"], ["old"], "mine:STAGES").save(table.root)
    run = Run(table.root)
    assert run.head == Head({"first": "first", "screen": "screen", "edit": "k"}, ["crawl/*"], ["old"], "mine:STAGES")
    assert run.stages == ["first", "screen", "edit"]
    assert list(all_rows(run.table("edit"), "votes")) == list(all_rows(table, "votes"))
    assert run.table("edit").digest == table.digest != run.table("first").digest
    with pytest.raises(
        ManifestError, match=r"no committed stage 'edits' \(it has: first, screen, edit\); did you mean 'edit'"
    ):
        run.table("edits")
    Path(manifest_path(table.root, "edit", "k")).unlink()
    with pytest.raises(ManifestError, match="the manifest of 'edit' is gone"):
        Run(table.root).tables()


def test_a_new_run_has_no_tables_and_one_of_a_former_format_is_refused(tmp_path: Path) -> None:
    assert Run(str(tmp_path / "new")).stages == []
    with pytest.raises(ManifestError, match="holds no committed run"):
        Run(str(tmp_path / "new")).tables()
    (tmp_path / "chain.json").write_text("{}")
    with pytest.raises(ManifestError, match=r"made by an earlier version.*name another output"):
        Run(str(tmp_path))
    (tmp_path / "former.json").write_text(json.dumps({"format": 4, "adds": []}))
    with pytest.raises(ManifestError, match="by an earlier version, which wrote no checksums: name another"):
        Manifest.load(str(tmp_path / "former.json"))
    storage.write_json(str(tmp_path / "other.json"), {"format": 1})
    with pytest.raises(ManifestError, match="has manifest format 1; this version reads 5"):
        Manifest.load(str(tmp_path / "other.json"))


def test_a_digest_of_drops_tells_whom_and_why(first: Table) -> None:
    def digest(**contents: str) -> str:
        drops = {part: DropRecord("s", None, content) for part, content in contents.items()}
        return Table(first.root, (replace(first.manifest, drops=drops),)).digest_of_drops

    assert digest(p="a", q="b") == digest(q="b", p="a")
    assert len({digest(p="a", q="b"), digest(p="b", q="a"), digest(p="a"), digest()}) == 4


def test_a_piece_is_read_back_from_json() -> None:
    for piece in (
        Piece(Stretch("f", 0, 2, "d"), None, ("a", "b")),
        Piece(Stretch("f", 0, 2, "d"), Stretch("g", 1, 1, "e"), ()),
    ):
        assert Piece.of(json.loads(json.dumps(piece))) == piece
