"""Files on a local disk or any store that fsspec knows, behind a few verbs; nothing of Hadoop's is needed.

Paths are strings: a local path or a URL (`s3://bucket/run`; `s3a://` means the same). A write appears whole or not at
all: a local file is renamed into place, an object is put in one piece. Small operations on a store are tried again
while its trouble may pass.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from xxhash import xxh3_64_intdigest

from pipeline.errors import DamageError, ManifestError
from pipeline.stores import disk, remote
from pipeline.stores.filesystems import filesystem
from pipeline.stores.paths import absolute, is_remote, join, local, real

__all__ = [
    "absolute",
    "age",
    "create",
    "exists",
    "filesystem",
    "has_conditional_put",
    "hash_of",
    "is_remote",
    "join",
    "link",
    "local",
    "names",
    "open_for_reading",
    "put_if_absent",
    "read",
    "read_json",
    "read_jsons",
    "real",
    "remove",
    "replace_if_unchanged",
    "sweep",
    "write",
    "write_json",
]
_AT_ONCE = 32
_LIKE_A_SEAL = re.compile(rb"[0-9a-f]{15}")
_SEALED = re.compile(rb'\{"checksum": "([0-9a-f]{16})",?')


@contextmanager
def create(path: str) -> Iterator[IO[bytes]]:
    """Open a new file for writing; it takes its name only when the block ends without an error."""
    with remote.create(path) if is_remote(path) else disk.create(Path(local(path))) as stream:
        yield stream


def write(path: str, content: bytes) -> None:
    """Write a file of these bytes, whole or not at all."""
    if is_remote(path):
        remote.write(path, content)
        return
    with disk.create(Path(local(path))) as stream:
        stream.write(content)


def open_for_reading(path: str) -> IO[bytes]:
    """Open a file for reading bytes; on a store each range that is read is one request, and streams are read ahead."""
    return remote.open_for_reading(path) if is_remote(path) else Path(local(path)).open("rb")


def hash_of(stream: IO[bytes], hasher: Callable[[], Any]) -> str:
    """Return the hash of what is left of a stream, which is read piece by piece.

    Args:
        stream: An open file.
        hasher: Makes what is fed, `hashlib.sha256` say.
    """
    return hashlib.file_digest(cast("Any", stream), hasher).hexdigest()


def read(path: str) -> bytes:
    """Return all bytes of a file, in one request where it is small and on a store.

    Raises:
        FileNotFoundError: There is no such file.
    """
    return remote.read(path) if is_remote(path) else Path(local(path)).read_bytes()


def write_json(
    path: str, value: Mapping[str, Any], indent: int | None = 1, default: Callable[[Any], Any] | None = None
) -> None:
    """Write an object as JSON with sorted keys, and a checksum before them.

    Args:
        path: Where to.
        value: The object, a dictionary.
        indent: For people; None for one line.
        default: Returns the JSON value of an object that has none of its own; without it such an object is an error.
    """
    text = json.dumps(value, indent=indent, sort_keys=True, ensure_ascii=False, default=default).encode()[1:]
    write(path, b'{"checksum": "%016x"%s%s' % (xxh3_64_intdigest(text), b"," if value else b"", text))


def read_json(path: str) -> dict[str, Any] | None:
    """Return the object that `write_json` wrote, None where there is no such file.

    Raises:
        DamageError: The file is not what was written.
        ManifestError: It was written before files had checksums.
    """
    try:
        content = read(path)
    except FileNotFoundError:
        return None
    sealed = _SEALED.match(content)
    if sealed is None and _is_former(content):
        raise ManifestError(
            f"{path} was made by an earlier version, which wrote no checksums: name another output,"
            " or remove this run and make it anew"
        )
    if sealed is None or int(sealed[1], 16) != xxh3_64_intdigest(content[sealed.end() :]):
        raise DamageError(path)
    value: dict[str, Any] = json.loads(b"{" + content[sealed.end() :])
    return value


def _is_former(content: bytes) -> bool:
    """Tell whether an unsealed file is a whole object, and none whose seal alone is damaged."""
    try:
        value = json.loads(content)
    except ValueError:
        return False
    return isinstance(value, dict) and "checksum" not in value and not _LIKE_A_SEAL.search(content[:40])


def read_jsons(paths: Sequence[str]) -> list[Any | None]:
    """Return what `read_json` returns for each path; on a store many are asked for at once."""
    if not any(is_remote(path) for path in paths):
        return [read_json(path) for path in paths]
    with ThreadPoolExecutor(min(_AT_ONCE, len(paths))) as threads:
        return list(threads.map(read_json, paths))


def exists(path: str) -> bool:
    """Tell whether there is a file or directory of this name."""
    return remote.exists(path) if is_remote(path) else Path(local(path)).exists()


def names(directory: str) -> list[str]:
    """Return the names inside a directory, sorted; none where it does not exist."""
    return remote.names(directory) if is_remote(directory) else disk.names(Path(local(directory)))


def link(source: str, target: str) -> None:
    """Give a committed file a second name: a hard link on the same disk, a copy elsewhere."""
    if not is_remote(source) and not is_remote(target):
        disk.link(Path(local(source)), Path(local(target)))
    elif not (is_remote(source) and is_remote(target) and remote.copy(source, target)):
        with open_for_reading(source) as content, create(target) as stream:
            shutil.copyfileobj(content, stream, 1 << 20)


def remove(path: str) -> None:
    """Remove a file or a directory with all in it; nothing happens where there is none."""
    if is_remote(path):
        remote.remove(path)
    else:
        disk.remove(Path(local(path)))


def sweep(directory: str) -> None:
    """Remove what killed writers have left below a directory. No writer may be at work there."""
    if is_remote(directory):
        remote.sweep(directory)
    else:
        disk.sweep(Path(local(directory)))


def age(path: str) -> float | None:
    """Return the seconds since a file was written, by the clock of the disk or store; None where that is not said.

    Raises:
        FileNotFoundError: There is no such file.
    """
    return remote.age(path) if is_remote(path) else disk.age(Path(local(path)))


def has_conditional_put(path: str) -> bool:
    """Tell whether of several callers of the two verbs below exactly one wins, wherever they run.

    Local disks do; S3 does where the store keeps to conditions, which is tried out once per process and bucket. On
    other stores the verbs look first and write then, and between the two another writer may come.
    """
    return remote.has_conditional_put(path) if is_remote(path) else True


def put_if_absent(path: str, content: bytes) -> bool:
    """Write a file unless there is one of this name; tell whether it was written. It appears whole."""
    return remote.put_if_absent(path, content) if is_remote(path) else disk.put_if_absent(Path(local(path)), content)


def replace_if_unchanged(path: str, content: bytes, expected: bytes) -> bool:
    """Write a file if its present content is the expected one; tell whether it was written. It appears whole."""
    if is_remote(path):
        return remote.replace_if_unchanged(path, content, expected)
    return disk.replace_if_unchanged(Path(local(path)), content, expected)
