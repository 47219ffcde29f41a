"""Where machine code of compiled kernels is kept: apart for each state of their sources.

Numba renews a function's code when its own file changes, not when the file of a function that it calls does. So code is
kept in a folder that is named by a digest of all kernels, and a change of any of them starts a new one.
"""

import os
import sys
from contextlib import ExitStack, suppress
from functools import cache, wraps
from pathlib import Path
from typing import Any

import numba
from llvmlite.binding import get_host_cpu_name
from numba.core.caching import IndexDataCacheFile
from xxhash import xxh3_64

try:
    import fcntl
except ImportError:  # not a system of the POSIX kind
    fcntl = None  # type: ignore[assignment]

_KERNELS = Path(__file__).parent
_SETTINGS: Any = numba.config  # whose attributes are set as numba starts
_COMPLETE = "complete"
"""Begins the name of the file that says that code of every kernel is there; an interrupted compiling leaves none."""


def sources_digest(folder: Path) -> str:
    """Hash of all Python sources in a folder; "" where they are no files, as in a zip archive.

    >>> len(sources_digest(_KERNELS)), sources_digest(_KERNELS / "nothing")
    (16, '')
    """
    digest = xxh3_64()
    paths = sorted(folder.rglob("*.py")) if folder.is_dir() else []
    for path in paths:
        digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest() if paths else ""


def keep_by_sources() -> None:
    """Tell numba to keep machine code under `NUMBA_CACHE_DIR`, or beside the kernels, by their digest."""
    _save_one_at_a_time()
    digest = sources_digest(_KERNELS)
    given = _SETTINGS.CACHE_DIR
    beside = _KERNELS / "__pycache__"
    if not digest or Path(given).name == digest:
        return
    if not given and not os.access(beside if beside.is_dir() else _KERNELS, os.W_OK):
        beside = Path.home() / ".cache" / "gristmill"
    _SETTINGS.CACHE_DIR = str((Path(given) if given else beside) / digest)


def is_compiled() -> bool:
    """Return whether all kernels have been compiled here: each process that needs one just loads it."""
    return bool(_SETTINGS.CACHE_DIR) and _mark().exists()


def can_be_kept() -> bool:
    """Return whether machine code can be kept at all."""
    if not _SETTINGS.CACHE_DIR:
        return False
    try:
        Path(_SETTINGS.CACHE_DIR).mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return True


def mark_compiled() -> None:
    """Say to later processes that all kernels have been compiled."""
    if can_be_kept():
        with suppress(OSError):  # a folder that cannot be written to keeps nothing: nothing is to be said of it
            _mark().touch()


def _mark() -> Path:
    """Where it is said that all kernels were compiled: code is that of one numba, one Python and one kind of CPU."""
    made_by = f"{numba.__version__}-{sys.implementation.cache_tag}-{get_host_cpu_name()}"
    return Path(_SETTINGS.CACHE_DIR) / f"{_COMPLETE}-{made_by}"


@cache
def _save_one_at_a_time() -> None:
    """Let one process at a time save machine code.

    Numba picks the number of a function's next file without a lock: two processes that compile it for two types at once
    would write one file, under the names of both.
    """
    if fcntl is None:
        return
    save: Any = IndexDataCacheFile.save

    @wraps(save)
    def save_alone(self: Any, key: Any, data: Any) -> None:
        with ExitStack() as stack:
            with suppress(OSError):  # a disk without locks is used without them
                folder = Path(_SETTINGS.CACHE_DIR)
                folder.mkdir(parents=True, exist_ok=True)
                fcntl.flock(stack.enter_context((folder / "lock").open("a")), fcntl.LOCK_EX)  # until it is closed
            save(self, key, data)

    IndexDataCacheFile.save = save_alone  # type: ignore[method-assign]
