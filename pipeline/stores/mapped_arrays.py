"""Arrays as one file that the workers of a machine map into memory and share.

A file: a line of a hash of all behind it and of JSON (types and lengths of the arrays, and what else the writer notes),
filled up to a multiple of 8 bytes; then the arrays, each filled up likewise.
"""

import fcntl
import json
import mmap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from xxhash import xxh3_128

from pipeline.errors import DamageError
from pipeline.stores import storage
from pipeline.stores.private import open_private

Array = np.ndarray[Any, np.dtype[Any]]
Opened = TypeVar("Opened")
_HASH = 32
"""Bytes of the hash that a file begins with."""


class MappedArrays(NamedTuple):
    """What a file holds.

    Attributes:
        arrays: One-dimensional, read-only, in the order in which they were written.
        notes: What the writer noted, as JSON values.
    """

    arrays: list[Array]
    notes: Any


def shared_file(path: Path, opened: Callable[[Path], Opened], write: Callable[[Path], None]) -> Opened:
    """Return what a file holds; the first worker of a machine that needs it writes it, the others wait for that.

    Args:
        path: Where it is, under a name that says what it is made of.
        opened: Opens it.
        write: Writes it, where it is not there yet, not this user's own, or not what was written.
    """
    with _locked(path):
        try:
            return opened(path)
        except (OSError, DamageError):
            path.unlink(missing_ok=True)
            write(path)
            path.chmod(0o600)
            return opened(path)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_arrays(arrays: Sequence[Array], notes: Any, target: Path) -> None:
    """Write one-dimensional arrays, and notes beside them."""
    arrays = [np.ascontiguousarray(array) for array in arrays]
    head = json.dumps([[[array.dtype.str, len(array)] for array in arrays], notes]).encode()
    head += b" " * (-(_HASH + len(head) + 1) % 8) + b"\n"
    pieces = [head, *(piece for array in arrays for piece in (array.data, bytes(-array.nbytes % 8)))]
    hashed = xxh3_128()
    for piece in pieces:
        hashed.update(piece)
    with storage.create(str(target)) as stream:
        stream.write(hashed.hexdigest().encode())
        for piece in pieces:
            stream.write(piece)


def map_arrays(path: Path) -> MappedArrays:
    """Return what `write_arrays` wrote, mapped into memory.

    Raises:
        DamageError: It is not what was written.
        OSError: It is not there, or not this user's own.
    """
    with open_private(path) as stream:
        line = stream.readline()
        try:
            mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError as error:  # empty
            raise DamageError(str(path)) from error
    if line[:_HASH] != xxh3_128(memoryview(mapped)[_HASH:]).hexdigest().encode():
        raise DamageError(str(path))
    kinds, notes = json.loads(line[_HASH:])
    arrays, at = [], len(line)
    for kind, length in kinds:
        array = np.frombuffer(mapped, np.dtype(kind), length, at)
        arrays.append(array)
        at += array.nbytes + -array.nbytes % 8
    return MappedArrays(arrays, notes)
