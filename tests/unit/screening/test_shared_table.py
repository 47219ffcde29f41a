"""The file that workers of a machine share: as the fitted table says, written once, and mapped rather than read."""

import multiprocessing
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pipeline.cells.table_file import TableFile
from pipeline.errors import ConfigError, DamageError
from pipeline.kernels.urls.url_keys import MARK
from pipeline.stores import private
from pipeline.url_screen import shared_table
from pipeline.url_screen.measuring import categories_of
from pipeline.url_screen.shared_table import KEY, SET, Screen, map_screen, shared_screen, write_screen


def write_hosts_table(folder: Path, entries: dict[str, str]) -> str:
    """Write a fitted table of entries and the categories of each, as a fit does."""
    from pipeline.kernels.urls.url_keys import entry_keys

    keys, marks = entry_keys(pa.array(list(entries)))
    rows = {int(mark): "" for mark in marks if mark >= 0}
    rows |= dict(zip(keys.tolist(), entries.values(), strict=True))
    ordered = sorted(rows)
    return write_small_table(folder, np.array(ordered, np.int64), [rows[key] for key in ordered])


def write_small_table(folder: Path, keys: Any, sets: list[str]) -> str:
    table = pa.table({KEY: keys, SET: sets})
    file = TableFile(str(folder / "lists.parquet"), table.schema, 2 if len(sets) < 100 else None)
    file.write(table)
    file.close()
    return str(folder / "lists.parquet")


ENTRIES = {
    "a.example": "adult",
    "b.example": "adult,bank",
    "c.example": "bank",
    "a.example/x": "press",
    "d.example": "adult",
}
URLS = {
    "https://a.example/": "adult",
    "https://a.example/x/y": "adult,press",
    "https://www.b.example/": "adult,bank",
    "https://c.example/": "bank",
    "https://e.example/": None,
    "17": None,
}


def screen_of(folder: Path, entries: dict[str, str]) -> Screen:
    write_screen([write_hosts_table(folder, entries)], folder / "screen.keys")
    return map_screen(folder / "screen.keys")


def test_a_mapped_table_says_what_the_small_table_says(tmp_path: Path) -> None:
    screen = screen_of(tmp_path, ENTRIES)
    assert categories_of(pa.array(list(URLS)), screen).to_pylist() == list(URLS.values())
    assert set(screen.sets) == {"adult", "adult,bank", "bank", "press"}
    assert (screen.table.sets == MARK).sum() == 1
    assert not any(column.flags.writeable for column in screen.table[:3])


def test_a_url_that_meets_entries_of_several_categories_has_them_all_once_and_in_order(tmp_path: Path) -> None:
    screen = screen_of(tmp_path, {"z.example": "press,zoo", "www.z.example": "adult,press", "www.z.example/x": "bank"})
    urls = pa.array(["https://www.z.example/x", "https://z.example/", "https://www.z.example/x"])
    assert categories_of(urls, screen).to_pylist() == ["adult,bank,press,zoo", "press,zoo", "adult,bank,press,zoo"]


def test_an_empty_table_can_be_mapped(tmp_path: Path) -> None:
    screen = screen_of(tmp_path, {})
    assert categories_of(pa.array(["https://a.example/"]), screen).to_pylist() == [None]


def test_the_bytes_of_a_file_cost_ten_an_entry_and_little_more(tmp_path: Path) -> None:
    keys = np.sort(np.random.default_rng(0).integers(0, 1 << 63, 100_000))
    write_screen([write_small_table(tmp_path, keys, ["adult"] * len(keys))], tmp_path / "many.keys")
    assert (tmp_path / "many.keys").stat().st_size < 13 * len(keys)


def _open(paths: tuple[str, ...], folder: str) -> tuple[int, int]:
    tempfile.tempdir = folder
    screen = shared_screen(paths, "known")
    (path,) = Path(folder).glob("*/known.*.keys")
    return len(screen.table.keys), path.stat().st_ino


def test_workers_of_one_machine_open_one_file(tmp_path: Path) -> None:
    path = write_hosts_table(tmp_path, ENTRIES)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        result = pool.starmap(_open, [((path,), str(tmp_path))] * 4)
    assert {rows for rows, _ in result} == {len(ENTRIES) + 1}
    assert len({inode for _, inode in result}) == 1


@pytest.mark.parametrize("planted", ["a link to another's folder", "a folder that others may write to", "a plain file"])
def test_what_others_planted_decides_nothing(tmp_path: Path, planted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    theirs, ours = tmp_path / "theirs", tmp_path / f"gristmill-lists-{os.getuid()}"
    theirs.mkdir()
    write_screen(
        [write_hosts_table(tmp_path, {"innocent.example": "adult"})], theirs / f"hash.{shared_table._FORMAT}.keys"
    )
    if planted == "a link to another's folder":
        ours.symlink_to(theirs)
    elif planted == "a plain file":
        ours.touch()
    else:
        theirs.rename(ours)
        ours.chmod(0o777)
    shared_screen.cache_clear()
    private._of_process.cache_clear()
    screen = shared_screen((write_hosts_table(tmp_path, ENTRIES),), "hash")
    assert categories_of(pa.array(["https://innocent.example/", "https://c.example/"]), screen).to_pylist() == [
        None,
        "bank",
    ]


@pytest.mark.parametrize("damage", ["cut", "flipped bytes", "a link", "others may write"])
def test_a_file_that_is_not_what_was_written_is_written_anew(
    tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    table = (write_hosts_table(tmp_path, ENTRIES),)
    shared_screen.cache_clear()
    shared_screen(table, "hash")
    (path,) = tmp_path.glob("gristmill-lists-*/hash.*.keys")
    content = path.read_bytes()
    path.chmod(0o600)
    if damage == "cut":
        path.write_bytes(content[:-3])
    elif damage == "flipped bytes":
        for at in range(len(content)):
            path.write_bytes(bytes([*content[:at], content[at] ^ 1, *content[at + 1 :]]))
            with pytest.raises(DamageError):
                map_screen(path)
    elif damage == "a link":
        (tmp_path / "elsewhere").write_bytes(content)
        path.unlink()
        path.symlink_to(tmp_path / "elsewhere")
    else:
        path.chmod(0o666)
    shared_screen.cache_clear()
    assert categories_of(pa.array(list(URLS)), shared_screen(table, "hash")).to_pylist() == list(URLS.values())
    assert path.read_bytes() == content
    assert not path.is_symlink()


def test_more_sets_than_can_be_numbered_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_table, "_MOST_SETS", 2)
    with pytest.raises(ConfigError, match="more than 2 combinations"):
        screen_of(tmp_path, {"a.example": "a", "b.example": "b", "c.example": "c"})
