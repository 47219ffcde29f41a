"""The verbs on a store that fsspec knows.

An object store shows an object when all of it was put. Other stores (HDFS, SFTP) show a file that is still written, so
there it is written under another name and renamed.
"""

import os
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import IO, Any

from pipeline.errors import ConfigError
from pipeline.stores import reading, s3
from pipeline.stores.filesystems import filesystem, is_s3
from pipeline.stores.retries import retried

_OBJECT_STORES = {"s3", "gs", "gcs", "abfs", "abfss", "az", "memory", "oss"}
_READ_ONLY = {"http", "https"}
_WEB_AHEAD = 5 << 20
"""There are web servers that cannot give ranges: of those a file of up to this size can still be read."""
_IN_MEMORY = 16 << 20
_SCRATCH = "_tmp-"
_alone = threading.Lock()


@contextmanager
def create(path: str) -> Iterator[IO[bytes]]:
    """Give a stream to write to; what was written is put when the block ends without an error, and not before.

    The bytes wait in memory, or in a nameless local file if they are many: a writer that is killed leaves nothing.
    """
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as stream:
        yield stream
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        if size <= _IN_MEMORY:
            write(path, stream.read())
        else:
            stream.flush()
            _put(path, f"/dev/fd/{stream.fileno()}", size)


def write(path: str, content: bytes) -> None:
    """Put bytes."""
    _put(path, content, len(content))


def _put(path: str, source: bytes | str, size: int) -> None:
    """Put bytes or a local file, tried again."""
    store, inner = filesystem(path)
    kinds = _protocols(store)
    if kinds & _READ_ONLY:
        raise ConfigError(f"{path}: {path.partition('://')[0]}:// can be read but not written to")
    retried(path, lambda: (_put_whole if kinds & _OBJECT_STORES else _put_renamed)(store, source, size, inner))


def _put_whole(store: Any, source: bytes | str, size: int, inner: str) -> None:
    if isinstance(source, bytes):
        store.pipe_file(inner, source)
    elif is_s3(store):
        s3.upload(store, source, size, inner)
    else:
        store.put_file(source, inner)


def _put_renamed(store: Any, source: bytes | str, size: int, inner: str) -> None:
    parent, _, name = inner.rpartition("/")
    store.makedirs(parent, exist_ok=True)
    scratch = f"{parent}/{_SCRATCH}{uuid.uuid4().hex}-{name}"
    try:
        _put_whole(store, source, size, scratch)
        store.mv(scratch, inner)
    except BaseException:
        with suppress(Exception):
            store.rm_file(scratch)
        raise


def open_for_reading(path: str) -> IO[bytes]:
    """Open a file for reading bytes: a range is one request, a stream is read ahead."""
    store, inner = filesystem(path)
    options: dict[str, Any] = {"block_size": 1 << 18, "cache_type": reading.GrowingReads.name}
    if _protocols(store) & _READ_ONLY:
        options["cache_options"] = {"first_ahead": _WEB_AHEAD}
    stream: IO[bytes] = retried(path, lambda: store.open(inner, "rb", **options))
    return stream


def read(path: str) -> bytes:
    """Return all bytes of a file, in one request where it is an object."""
    store, inner = filesystem(path)
    return bytes(retried(path, lambda: s3.read(store, inner)[0] if is_s3(store) else store.cat_file(inner)))


def exists(path: str) -> bool:
    """Tell whether there is a file or directory of this name."""
    store, inner = filesystem(path)
    store.invalidate_cache()
    return bool(retried(path, lambda: store.exists(inner)))


def names(path: str) -> list[str]:
    """Return the names inside a directory, sorted; none where it does not exist."""
    store, inner = filesystem(path)
    return retried(path, lambda: s3.names(store, inner) if is_s3(store) else _names(store, inner))


def _names(store: Any, inner: str) -> list[str]:
    store.invalidate_cache()
    if not store.exists(inner):
        return []
    entries = (entry.rstrip("/") for entry in store.ls(inner, detail=False))
    return sorted({entry.rpartition("/")[2] for entry in entries if entry.strip("/") != inner.strip("/")})


def copy(source: str, target: str) -> bool:
    """Copy a file inside a store; False where the two names are of different stores, and nothing is done."""
    (store, inner), (source_store, source_path) = filesystem(target), filesystem(source)
    if source_store is not store:
        return False
    retried(target, lambda: store.cp_file(source_path, inner))
    return True


def remove(path: str) -> None:
    """Remove a file or a directory with all in it; nothing happens where there is none."""
    store, inner = filesystem(path)
    retried(path, lambda: s3.remove(store, inner) if is_s3(store) else _remove(store, inner))


def _remove(store: Any, inner: str) -> None:
    store.invalidate_cache()
    if store.exists(inner):
        with suppress(FileNotFoundError):
            store.rm(inner, recursive=True)


def sweep(path: str) -> None:
    """Remove what killed writers have left below a directory: unfinished uploads, files that were not renamed."""
    store, inner = filesystem(path)
    if is_s3(store):
        with suppress(OSError):  # not everybody may list them, and a bucket's own rule may see to them
            s3.abort_uploads(store, inner)
    elif not _protocols(store) & (_OBJECT_STORES | _READ_ONLY):
        for file in retried(path, lambda: store.find(inner)):
            if file.rpartition("/")[2].startswith(_SCRATCH):
                store.rm_file(file)


def age(path: str) -> float | None:
    """Return the seconds since a file was written, by the store's clock where it tells the time, else by this host's.

    None where the store does not say when.
    """
    store, inner = filesystem(path)
    if is_s3(store):
        return retried(path, lambda: s3.age(store, inner))
    store.invalidate_cache()
    retried(path, lambda: store.info(inner))  # not each store's `modified` knows that there is no such file
    try:
        written: datetime = retried(path, lambda: store.modified(inner))
    except NotImplementedError:
        return None
    return (datetime.now(UTC) - (written if written.tzinfo else written.replace(tzinfo=UTC))).total_seconds()


def has_conditional_put(path: str) -> bool:
    """Tell whether the store itself sees to it that of several conditional writers a single one wins."""
    store, inner = filesystem(path)
    if is_s3(store):
        return retried(path, lambda: s3.has_conditional_put(store, inner))
    return "memory" in _protocols(store)  # it ends at this process, and so does our lock


def put_if_absent(path: str, content: bytes) -> bool:
    """Put an object unless there is one of this name; tell whether it was put."""
    store, inner = filesystem(path)
    if is_s3(store) and has_conditional_put(path):
        mark = uuid.uuid4().hex
        return retried(path, lambda: s3.put_if(store, inner, content, mark, IfNoneMatch="*"))
    with _alone:
        if exists(path):
            return False
        write(path, content)
        return True


def replace_if_unchanged(path: str, content: bytes, expected: bytes) -> bool:
    """Put an object if the content of the present one is the expected; tell whether it was put."""
    store, inner = filesystem(path)
    mark = uuid.uuid4().hex
    try:
        if is_s3(store) and has_conditional_put(path):
            present, etag = retried(path, lambda: s3.read(store, inner))
            if present != expected:
                return False
            return retried(path, lambda: s3.put_if(store, inner, content, mark, IfMatch=etag))
        with _alone:
            if read(path) != expected:
                return False
            write(path, content)
            return True
    except FileNotFoundError:
        return False


def _protocols(store: Any) -> set[str]:
    return {store.protocol} if isinstance(store.protocol, str) else set(store.protocol)
