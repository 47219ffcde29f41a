"""Files on a local disk or any fsspec store, behind six verbs: read, write, list, link, remove, join.

Paths are strings: a local path or a URL (`s3://bucket/run`). A write appears whole or not at all: a local file is
renamed into place, an object store publishes on close.
"""

import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import fsspec


def is_remote(path: str) -> bool:
    """Tell whether a path is a URL of a store rather than a local path.

    >>> is_remote("s3://bucket/x"), is_remote("file:///x"), is_remote("/x"), is_remote("x.warc.gz")
    (True, False, False, False)
    """
    return "://" in path and not path.startswith("file://")


def local(path: str) -> str:
    """Return a local path without its `file://` prefix.

    >>> local("file:///runs/first")
    '/runs/first'
    """
    return path.removeprefix("file://")


def join(root: str, *names: str) -> str:
    """Join names to a root with `/`.

    >>> join("s3://bucket/run/", "stages", "ingest")
    's3://bucket/run/stages/ingest'
    """
    return "/".join([root.rstrip("/"), *names])


def absolute(path: str) -> str:
    """Return a path that means the same in every process: URLs as they are, local paths from the root."""
    return path if is_remote(path) else str(Path(local(path)).absolute())


def real(path: str) -> str:
    """Return the one path by which a place is known, links followed; URLs as they are."""
    return path if is_remote(path) else str(Path(local(path)).resolve())


@contextmanager
def create(path: str) -> Iterator[IO[bytes]]:
    """Open a new file for writing; it takes its name only when the block ends without an error."""
    if is_remote(path):
        try:
            with fsspec.open(path, "wb") as stream:
                yield stream
        except BaseException:
            remove(path)  # closing published what there was
            raise
        return
    target = Path(local(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f"_tmp-{uuid.uuid4().hex}-{target.name}")
    try:
        with scratch.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        scratch.replace(target)
    finally:
        scratch.unlink(missing_ok=True)


def open_for_reading(path: str) -> IO[bytes]:
    """Open a file for reading bytes."""
    if is_remote(path):
        stream: IO[bytes] = fsspec.open(path, "rb").open()
        return stream
    return Path(local(path)).open("rb")


def write_json(path: str, value: Any) -> None:
    """Write a value as indented JSON with sorted keys."""
    with create(path) as stream:
        stream.write(json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False).encode())


def read_json(path: str) -> Any | None:
    """Return the JSON value of a file, None where there is no such file."""
    try:
        with open_for_reading(path) as stream:
            return json.loads(stream.read())
    except FileNotFoundError:
        return None


def exists(path: str) -> bool:
    """Tell whether there is a file or directory of this name."""
    if is_remote(path):
        store, inner = fsspec.url_to_fs(path)
        return bool(store.exists(inner))
    return Path(local(path)).exists()


def names(directory: str) -> list[str]:
    """Return the names inside a directory, sorted; none where it does not exist."""
    if is_remote(directory):
        store, inner = fsspec.url_to_fs(directory)
        store.invalidate_cache()
        if not store.exists(inner):
            return []
        return sorted(entry.rstrip("/").rsplit("/", 1)[-1] for entry in store.ls(inner, detail=False))
    folder = Path(local(directory))
    return sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []


def link(source: str, target: str) -> None:
    """Give a committed file a second name: a hard link on one disk, a copy elsewhere."""
    if is_remote(target):
        store, inner = fsspec.url_to_fs(target)
        store.copy(fsspec.url_to_fs(source)[1], inner)
        return
    destination = Path(local(target))
    destination.parent.mkdir(parents=True, exist_ok=True)
    destination.unlink(missing_ok=True)
    try:
        os.link(local(source), destination)
    except OSError:
        shutil.copyfile(local(source), destination)


def remove(path: str) -> None:
    """Remove a file or a directory with all in it; nothing happens where there is none."""
    if is_remote(path):
        store, inner = fsspec.url_to_fs(path)
        if store.exists(inner):
            store.rm(inner, recursive=True)
        return
    target = Path(local(path))
    if target.is_dir():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)


def sweep(directory: str) -> None:
    """Remove what killed writers have left below a local directory."""
    if not is_remote(directory):
        for scratch in Path(local(directory)).rglob("_tmp-*"):
            scratch.unlink(missing_ok=True)
