"""Checksums that are timed: a job and workers that note the CPU time which hashing and comparing bytes takes them.

`verification` runs it: with a script's name it is that job, without one the daemon of Python workers.
"""

import mmap
import os
import runpy
import struct
import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from pipeline.cells import checked_file
from pipeline.stores import storage

NOTES = "TIMED_CHECKS"
"""Variable of the environment: the folder in which each process has a file of its CPU seconds."""
_SECONDS = struct.Struct("<d")


class Clock:
    """CPU seconds of this process, in a file that outlives it; a worker is killed without a word."""

    def __init__(self) -> None:
        """Note nothing yet."""
        self._owner = 0
        self._memory: mmap.mmap | None = None

    def add(self, seconds: float) -> None:
        """Add CPU seconds."""
        if self._memory is None or self._owner != os.getpid():
            path = Path(os.environ[NOTES]) / str(os.getpid())
            path.write_bytes(bytes(_SECONDS.size))
            with path.open("r+b") as file:
                self._owner, self._memory = os.getpid(), mmap.mmap(file.fileno(), _SECONDS.size)
        _SECONDS.pack_into(self._memory, 0, _SECONDS.unpack_from(self._memory)[0] + seconds)


def timed(function: Callable[..., Any], clock: Clock, sign: int = 1) -> Callable[..., Any]:
    """Return a function whose CPU time counts; with -1 it is taken off again, that of reading within it say."""

    @wraps(function)
    def counted(*arguments: Any, **named: Any) -> Any:
        before = time.thread_time()
        try:
            return function(*arguments, **named)
        finally:
            clock.add(sign * (time.thread_time() - before))

    return counted


def time_checks() -> None:
    """Have all checksums of this process timed."""
    clock = Clock()
    blocks, stream = checked_file.BlockHashes, checked_file._CheckedStream
    blocks.update = timed(blocks.update, clock)  # type: ignore[method-assign]
    blocks.sealed = timed(blocks.sealed, clock)  # type: ignore[method-assign]
    stream.read = timed(stream.read, clock)  # type: ignore[method-assign]
    checked_file._read_at = timed(checked_file._read_at, clock, -1)
    checked_file._seal_of = timed(checked_file._seal_of, clock)
    storage.hash_of = timed(storage.hash_of, clock)
    storage.xxh3_64_intdigest = timed(storage.xxh3_64_intdigest, clock)  # type: ignore[attr-defined]


def noted(folder: Path) -> float:
    """Return the CPU seconds that all processes noted."""
    return float(sum(_SECONDS.unpack(path.read_bytes())[0] for path in folder.iterdir()))


if __name__ == "__main__":
    time_checks()
    if sys.argv[1:2] and sys.argv[1].endswith(".py"):
        sys.argv = sys.argv[1:]
        runpy.run_path(sys.argv[0], run_name="__main__")
    else:
        from pipeline import daemon

        daemon.main()
