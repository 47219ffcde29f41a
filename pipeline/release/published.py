"""Whether published files are still what their manifest says: names, sizes and hashes."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipeline.cells.table_file import Written
from pipeline.errors import DamageError
from pipeline.spark.tasks import pack, run_tasks, slots
from pipeline.stores import storage

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MANIFEST = "_manifest.json"
_ON_DRIVER = 1 << 30
"""Bytes that the driver reads itself; more are read by tasks."""
_THREADS = 8
_SHOWN = 3


def differing(
    session: "Callable[[], SparkSession]", directory: str, files: Sequence[Written], besides: Sequence[str] = ()
) -> list[str]:
    """Return the files of a directory that are not what was written: gone, cut, changed, or not of it at all.

    Args:
        session: Gives the SparkSession; asked where there is much to read.
        directory: Where they are.
        files: What was written, by paths below the directory.
        besides: Paths of what may stand there, too.
    """
    written = {file.path for file in files} | set(besides)
    stray = [path for path in _present(directory, files) if path not in written]
    if sum(file.bytes for file in files) <= _ON_DRIVER:
        with ThreadPoolExecutor(_THREADS) as threads:
            same = list(threads.map(lambda file: _is_as_written(directory, file), files))
        return [*stray, *(file.path for file, is_same in zip(files, same, strict=True) if not is_same)]
    spark = session()
    tasks = [[files[number] for number in task] for task in pack([file.bytes for file in files], slots(spark))]

    def changed(task: list[Written]) -> Iterator[pa.RecordBatch]:
        paths = [file.path for file in task if not _is_as_written(directory, file)]
        if paths:
            yield pa.record_batch([pa.array(paths)], names=["path"])

    return [*stray, *sorted(row.path for row in run_tasks(spark, tasks, changed, "path string").collect())]


def _present(directory: str, files: Sequence[Written]) -> Iterator[str]:
    """Yield the paths in the folders that files lie in, without folders."""
    folders = {"/".join(file.path.split("/")[:depth]) for file in files for depth in range(file.path.count("/") + 1)}
    for folder in sorted(folders):
        for name in storage.names(storage.join(directory, folder) if folder else directory):
            path = f"{folder}/{name}" if folder else name
            if path not in folders and not name.startswith(("_", ".")):
                yield path


def _is_as_written(directory: str, file: Written) -> bool:
    return sha256_of(storage.join(directory, file.path)) == file.sha256


def sha256_of(path: str) -> str | None:
    """Return the hash of a file, None where there is none."""
    try:
        with storage.open_for_reading(path) as stream:
            return storage.hash_of(stream, hashlib.sha256)
    except FileNotFoundError:
        return None


def made_anew(what: str, paths: Sequence[str]) -> str:
    """Return the line that says which published files are written again."""
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return f"warning: {what}: not as written: {', '.join(paths[:_SHOWN])}{more}; made anew"


def manifest_of(directory: str) -> dict[str, Any] | None:
    """Return the manifest of a published directory; None where there is none, or a damaged one: it is made anew."""
    try:
        return storage.read_json(storage.join(directory, MANIFEST))
    except DamageError:
        return None
