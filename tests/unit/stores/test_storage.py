"""Files appear whole or not at all, on a disk and in every kind of store."""

import gc
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import DamageError
from pipeline.stores import remote, storage


def write(path: str, content: bytes) -> None:
    with storage.create(path) as stream:
        stream.write(content)


def read(path: str) -> bytes:
    with storage.open_for_reading(path) as stream:
        return stream.read()


@pytest.fixture
def begun(root: str) -> str:
    write(storage.join(root, "begun"), b"")
    return root


def test_what_is_written_is_read_back_and_listed(begun: str) -> None:
    path = storage.join(begun, "deep", "er", "x.bin")
    assert not storage.exists(path)
    write(path, b"first")
    write(path, b"second")
    assert read(path) == storage.read(path) == b"second"
    assert storage.exists(path)
    assert storage.exists(storage.join(begun, "deep"))
    storage.write(storage.join(begun, "deep", "a"), b"")
    assert storage.names(storage.join(begun, "deep")) == ["a", "er"]
    assert storage.names(storage.join(begun, "deep", "er")) == ["x.bin"]


def test_a_file_written_after_a_listing_is_in_the_next_one_and_a_removed_one_is_not(begun: str) -> None:
    folder = storage.join(begun, "folder")
    for count in range(3):
        assert storage.names(folder) == [str(number) for number in range(count)]
        write(storage.join(folder, str(count)), b"x")
        assert storage.exists(storage.join(folder, str(count)))
    storage.remove(storage.join(folder, "1"))
    assert storage.names(folder) == ["0", "2"]


@pytest.mark.parametrize("size", [4, 300_000], ids=["in memory", "in a local file"])
def test_a_write_that_fails_leaves_nothing_of_itself_and_all_that_was_there(
    begun: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "_IN_MEMORY", 1 << 16)
    folder = storage.join(begun, "folder")
    write(storage.join(folder, "old"), b"old")

    def fail(name: str) -> None:
        with storage.create(storage.join(folder, name)) as stream:
            stream.write(bytes(size))
            raise KeyboardInterrupt

    for name in ("new", "old"):
        with pytest.raises(KeyboardInterrupt):
            fail(name)
    assert storage.names(folder) == ["old"]
    assert read(storage.join(folder, "old")) == b"old"


def test_a_writer_that_is_forgotten_leaves_nothing(begun: str) -> None:
    context = storage.create(storage.join(begun, "x"))
    stream = context.__enter__()
    stream.write(b"half")
    del context, stream
    gc.collect()
    assert storage.names(begun) == ["begun"]


@pytest.mark.parametrize("root", ["disk", "s3://"], indirect=True)
def test_a_writer_that_is_killed_leaves_nothing_under_its_name(root: str) -> None:
    program = (
        "import os, signal, sys\nfrom pipeline.stores import storage\nwith storage.create(sys.argv[1]) as stream:\n"
        "    stream.write(bytes(20 << 20))\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, storage.join(root, "x")], timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert not storage.exists(storage.join(root, "x"))
    storage.sweep(root)
    assert storage.names(root) == []


def test_nothing_is_seen_before_the_end_of_the_block(begun: str) -> None:
    path = storage.join(begun, "x")
    with storage.create(path) as stream:
        stream.write(bytes(20 << 20))
        assert not storage.exists(path)
    assert len(storage.read(path)) == 20 << 20


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("value", [{"b": [1, None, "ü\n"], "a": 0.5}, {}])
def test_json_values_are_read_back_by_us_and_by_others(root: str, value: dict[str, object], indent: int | None) -> None:
    path = storage.join(root, "v.json")
    storage.write_json(path, value, indent)
    assert storage.read_json(path) == value
    plain = json.loads(storage.read(path))
    assert plain.pop("checksum")
    assert plain == value


def test_every_byte_of_a_json_file_counts(tmp_path: Path) -> None:
    path = str(tmp_path / "v.json")
    storage.write_json(path, {"files": ["a", "b"], "rows": 17})
    whole = storage.read(path)
    for at in range(len(whole)):
        for bit in range(8):
            damaged = bytearray(whole)
            damaged[at] ^= 1 << bit
            storage.write(path, bytes(damaged))
            with pytest.raises(DamageError, match=r"v\.json is damaged or cut: remove it and run again"):
                storage.read_json(path)
        storage.write(path, whole[:at])
        with pytest.raises(DamageError):
            storage.read_json(path)


def test_json_does_not_depend_on_the_order_of_keys(root: str) -> None:
    paths = [storage.join(root, name) for name in ("1", "2")]
    storage.write_json(paths[0], {"a": 1, "b": 2})
    storage.write_json(paths[1], {"b": 2, "a": 1})
    assert read(paths[0]) == read(paths[1])


def test_many_json_values_come_in_the_order_of_their_paths(root: str) -> None:
    paths = [storage.join(root, f"{number}.json") for number in range(40)]
    for number in range(0, 40, 2):
        storage.write_json(paths[number], {"number": number})
    assert storage.read_jsons(paths) == [None if number % 2 else {"number": number} for number in range(40)]
    assert storage.read_jsons([]) == []


def test_what_is_absent_is_none_or_empty_and_removing_it_does_nothing(begun: str) -> None:
    absent = storage.join(begun, "absent")
    assert storage.read_json(absent) is None
    assert storage.names(absent) == []
    storage.remove(absent)
    with pytest.raises(FileNotFoundError):
        storage.open_for_reading(absent)
    with pytest.raises(FileNotFoundError):
        storage.age(absent)


def test_a_linked_file_outlives_the_first_name_and_does_not_change_with_it(begun: str) -> None:
    first, second = storage.join(begun, "first"), storage.join(begun, "sub", "second")
    write(first, b"content")
    write(second, b"what stood there")
    storage.link(first, second)
    write(first, b"new")
    assert read(second) == b"content"
    storage.remove(first)
    assert read(second) == b"content"
    assert not storage.exists(first)


def test_a_link_goes_from_one_store_to_another(begun: str, tmp_path: Path) -> None:
    write(storage.join(begun, "first"), b"content")
    storage.link(storage.join(begun, "first"), str(tmp_path / "there" / "second"))
    storage.link(str(tmp_path / "there" / "second"), storage.join(begun, "third"))
    assert read(storage.join(begun, "third")) == b"content"


def test_a_directory_is_removed_with_all_in_it_and_with_nothing_beside_it(begun: str) -> None:
    write(storage.join(begun, "d", "e", "x"), b"")
    write(storage.join(begun, "d", "y[1]*"), b"")
    write(storage.join(begun, "dd", "x"), b"")
    storage.remove(storage.join(begun, "d"))
    assert not storage.exists(storage.join(begun, "d", "e", "x"))
    assert storage.names(begun) == ["begun", "dd"]


def test_the_age_of_a_file_is_that_of_its_last_write(begun: str) -> None:
    path = storage.join(begun, "x")
    write(path, b"x")
    age = storage.age(path)
    assert age is not None
    assert -2 < age < 60


def test_what_killed_writers_left_is_swept(renaming: str, tmp_path: Path) -> None:
    for root in (renaming, str(tmp_path / "disk")):
        write(storage.join(root, "a", "_tmp-0-x"), b"")
        write(storage.join(root, "a", "x"), b"")
        storage.sweep(root)
        assert storage.names(storage.join(root, "a")) == ["x"]
