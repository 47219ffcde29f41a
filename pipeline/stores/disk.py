"""The verbs on a local disk, or on a network's disk that is mounted like one."""

import errno
import fcntl
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_SCRATCH = "_tmp-"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
_NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.EMLINK, errno.EXDEV}


@contextmanager
def create(target: Path) -> Iterator[IO[bytes]]:
    """Open a new file for writing; it takes its name only when the block ends without an error."""
    try:
        with _scratch(target) as scratch:
            with scratch.open("xb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            scratch.replace(target)
    except OSError as error:
        if error.errno in _NO_ROOM and error.filename is None:
            error.filename = str(target)  # writing does not say what was written to
        raise


@contextmanager
def _scratch(target: Path) -> Iterator[Path]:
    """Give a name beside the target for the length of the block; what is there at its end goes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f"{_SCRATCH}{uuid.uuid4().hex}-{target.name}")
    try:
        yield scratch
    finally:
        scratch.unlink(missing_ok=True)


def names(folder: Path) -> list[str]:
    """Return the names inside a folder, sorted, without files that are being written; none where it does not exist."""
    names_in = (entry.name for entry in folder.iterdir()) if folder.is_dir() else ()
    return sorted(name for name in names_in if not name.startswith(_SCRATCH))


def link(source: Path, target: Path) -> None:
    """Give a file a second name: a hard link on the same disk, a copy elsewhere."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        with source.open("rb") as content, create(target) as copy:
            shutil.copyfileobj(content, copy)


def remove(target: Path) -> None:
    """Remove a file or a folder with all in it; nothing happens where there is none."""
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what killed writers have left below a folder."""
    for scratch in folder.rglob(f"{_SCRATCH}*"):
        scratch.unlink(missing_ok=True)


def age(target: Path) -> float:
    """Return the seconds since a file was written, both times by the clock of the disk, which may be another host's.

    Raises:
        FileNotFoundError: There is no such file.
    """
    with target.open("rb") as stream:  # opening asks a network's disk anew
        written = os.fstat(stream.fileno()).st_mtime
    try:
        with _scratch(target) as scratch:
            scratch.touch()
            now = scratch.stat().st_mtime
    except OSError:
        now = time.time()
    return now - written


def put_if_absent(target: Path, content: bytes) -> bool:
    """Write a file unless there is one of this name; tell whether it was written."""
    with _scratch(target) as scratch:
        _write(scratch, content)
        try:
            os.link(scratch, target)
        except FileExistsError:
            return scratch.stat().st_nlink > 1  # a network's disk may do it, lose its answer, and be asked again
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            with _guarded(target):
                if target.exists():
                    return False
                scratch.replace(target)
    return True


def replace_if_unchanged(target: Path, content: bytes, expected: bytes) -> bool:
    """Write a file if its content is the expected one; tell whether it was written."""
    with _guarded(target):
        try:
            if target.read_bytes() != expected:
                return False
        except FileNotFoundError:
            return False
        with create(target) as stream:
            stream.write(content)
    return True


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


@contextmanager
def _guarded(target: Path) -> Iterator[None]:
    """Let a single caller through at a time, of all threads and processes that come this way.

    The guard is a file beside the target, locked and then removed. Who has waited for a guard that was removed looks
    for the next one. The system unlocks the guard of a process that dies.
    """
    guard = target.with_name(f"_guard-{target.name}")
    guard.parent.mkdir(parents=True, exist_ok=True)
    while True:
        with guard.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not _is_the_same(guard, file):
                continue
            try:
                yield
            finally:
                guard.unlink(missing_ok=True)
            return


def _is_the_same(guard: Path, file: IO[str]) -> bool:
    try:
        return os.path.samestat(guard.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False
