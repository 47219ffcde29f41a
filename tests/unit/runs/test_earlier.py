"""What earlier versions and killed runs left is gone on from, and what nobody names any more goes."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.cells.pieces import Piece, Stretch
from pipeline.runs.earlier import earlier_manifests, prune, remove_units
from pipeline.runs.manifest import Manifest, SetRecord, TableRecord
from pipeline.runs.run import Head, manifest_path
from pipeline.stores import storage


def piece(name: str) -> Piece:
    return Piece(Stretch(f"stages/s/files/{name}.parquet", 0, 1, name), None, ("k",))


def manifest(key: str, *names: str, tables: tuple[str, ...] = ()) -> Manifest:
    sets = {"": SetRecord(("a",), states={"p": key}, pieces={"p": tuple(piece(name) for name in names)})}
    made = Manifest("s", 1, {}, key, ["a"], [], "", sets=sets)
    made.tables = {where: TableRecord([[f"stages/s/tables/{where}/part.parquet", "0f"]]) for where in tables}
    made.files = {path: [1, 1, "0f"] for path in made.named_files()}
    return made


class Folder:
    """A run directory in which files lie that manifests name."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def commit(self, *manifests: Manifest, current: str | None) -> None:
        for each in manifests:
            each.save(manifest_path(str(self.root), "s", each.key))
        Head({"s": current} if current else {}).save(str(self.root))
        for each in manifests:
            self.write(*each.files)

    def write(self, *paths: str) -> None:
        for path in paths:
            storage.write_json(str(self.root / path), {})

    def unit(self, number: int, state: str, name: str, *, kept: str = "") -> None:
        """Leave the line of a finished task."""
        pieces = [*([piece(kept)] if kept else []), piece(name)]
        path = f"stages/s/files/{name}.parquet"
        line: dict[str, Any] = {
            "set": "",
            "adds": ["a"],
            "changes": [],
            "parts": {f"p{number}": {"pieces": pieces, "state": state, "report": {}, "computed": 1}},
            "files": {path: [1, 1, "0f"]},
        }
        storage.write_json(str(self.root / f"stages/s/units/unit-{number}.json"), line)
        self.write(path)

    @property
    def left(self) -> set[str]:
        return {path.stem for room in ("files", "tables") for path in (self.root / "stages/s" / room).glob("*")}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_the_current_version_is_looked_at_first_and_what_a_killed_run_finished_before_it(folder: Folder) -> None:
    folder.commit(manifest("a", "x"), manifest("b", "y"), manifest("c", "z"), current="b")
    assert [each.key for each in earlier_manifests(str(folder.root), "s")] == ["b", "a", "c"]
    folder.unit(1, "new", "u", kept="y")
    folder.unit(2, "new", "v")
    killed, *others = earlier_manifests(str(folder.root), "s")
    assert [each.key for each in others] == ["b", "a", "c"]
    assert killed.sets[""].pieces == {"p1": (piece("y"), piece("u")), "p2": (piece("v"),)}
    assert killed.sets[""].states == {"p1": "new", "p2": "new"}
    assert set(killed.files) == {"stages/s/files/u.parquet", "stages/s/files/v.parquet"}
    remove_units(str(folder.root), "s")
    assert [each.key for each in earlier_manifests(str(folder.root), "s")] == ["b", "a", "c"]


def test_of_a_current_stage_other_versions_go_with_the_files_that_they_alone_name(folder: Folder) -> None:
    old, new = manifest("a", "x", "shared", tables=("old",)), manifest("b", "y", "shared", tables=("new",))
    folder.commit(old, new, current="b")
    folder.write("stages/s/files/abandoned.parquet")
    prune(str(folder.root))
    assert [each.key for each in earlier_manifests(str(folder.root), "s")] == ["b"]
    assert folder.left == {"y", "shared", "new"}


def test_versions_of_a_stage_that_is_not_current_stay_to_be_used_again(folder: Folder) -> None:
    folder.commit(manifest("a", "x"), manifest("b", "y"), current=None)
    folder.write("stages/s/files/abandoned.parquet")
    prune(str(folder.root))
    assert {each.key for each in earlier_manifests(str(folder.root), "s")} == {"a", "b"}
    assert folder.left == {"x", "y"}


def test_what_a_killed_run_finished_stays_while_its_lines_do(folder: Folder) -> None:
    """A run up to an earlier stage comes between the killed one and the next."""
    folder.commit(current=None)
    folder.unit(1, "new", "u")
    folder.write("stages/s/files/abandoned.parquet")
    prune(str(folder.root))
    assert folder.left == {"u"}
    (killed,) = earlier_manifests(str(folder.root), "s")
    assert killed.sets[""].pieces == {"p1": (piece("u"),)}
