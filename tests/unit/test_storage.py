"""Files appear whole or not at all, on a disk and in a store."""

from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from pipeline.runs import storage


@pytest.fixture(params=["disk", "file://", "memory://"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "memory://":
        yield "memory://storage-test/run"
        fsspec.filesystem("memory").rm("/storage-test", recursive=True)
    else:
        yield ("file://" if request.param == "file://" else "") + str(tmp_path / "run")


def write(path: str, content: bytes) -> None:
    with storage.create(path) as stream:
        stream.write(content)


def read(path: str) -> bytes:
    with storage.open_for_reading(path) as stream:
        return stream.read()


@pytest.fixture(autouse=True)
def begun(root: str) -> None:
    write(storage.join(root, "begun"), b"")


def test_what_is_written_is_read_back_and_listed(root: str) -> None:
    path = storage.join(root, "deep", "er", "x.bin")
    assert not storage.exists(path)
    write(path, b"first")
    write(path, b"second")
    assert read(path) == b"second"
    assert storage.exists(path)
    assert storage.exists(storage.join(root, "deep"))
    write(storage.join(root, "deep", "a"), b"")
    assert storage.names(storage.join(root, "deep")) == ["a", "er"]
    assert storage.names(storage.join(root, "deep", "er")) == ["x.bin"]


def test_a_write_that_fails_leaves_nothing(root: str) -> None:
    path = storage.join(root, "folder", "x.bin")

    def fail() -> None:
        with storage.create(path) as stream:
            stream.write(b"half")
            raise RuntimeError("on the way")

    with pytest.raises(RuntimeError, match="on the way"):
        fail()
    assert not storage.exists(path)
    assert storage.names(storage.join(root, "folder")) == []


@pytest.mark.parametrize("value", [{"b": [1, None, "ü\n"], "a": 0.5}, [], "x", None])
def test_json_values_are_read_back(root: str, value: object) -> None:
    path = storage.join(root, "v.json")
    storage.write_json(path, value)
    assert storage.read_json(path) == value


def test_json_does_not_depend_on_the_order_of_keys(root: str) -> None:
    paths = [storage.join(root, name) for name in ("1", "2")]
    storage.write_json(paths[0], {"a": 1, "b": 2})
    storage.write_json(paths[1], {"b": 2, "a": 1})
    assert read(paths[0]) == read(paths[1])


def test_what_is_absent_is_none_or_empty_and_removing_it_does_nothing(root: str) -> None:
    absent = storage.join(root, "absent")
    assert storage.read_json(absent) is None
    assert storage.names(absent) == []
    storage.remove(absent)
    with pytest.raises(FileNotFoundError):
        storage.open_for_reading(absent)


def test_a_linked_file_outlives_the_first_name(root: str) -> None:
    first, second = storage.join(root, "first"), storage.join(root, "sub", "second")
    write(first, b"content")
    write(second, b"what stood there")
    storage.link(first, second)
    storage.remove(first)
    assert read(second) == b"content"
    assert not storage.exists(first)


def test_a_linked_file_does_not_change_when_its_source_is_written_again(root: str) -> None:
    first, second = storage.join(root, "first"), storage.join(root, "second")
    write(first, b"old")
    storage.link(first, second)
    write(first, b"new")
    assert read(second) == b"old"


def test_a_directory_is_removed_with_all_in_it(root: str) -> None:
    write(storage.join(root, "d", "e", "x"), b"")
    write(storage.join(root, "dd", "x"), b"")
    storage.remove(storage.join(root, "d"))
    assert not storage.exists(storage.join(root, "d", "e", "x"))
    assert storage.names(root) == ["begun", "dd"]


@pytest.mark.parametrize(
    ("path", "absolute"),
    [("s3://b/x", "s3://b/x"), ("/a/b", "/a/b"), ("file:///a/b", "/a/b"), ("https://a/../b", "https://a/../b")],
)
def test_absolute_paths_mean_the_same_everywhere(path: str, absolute: str) -> None:
    assert storage.absolute(path) == absolute
    assert Path(storage.absolute("x")).is_absolute()
