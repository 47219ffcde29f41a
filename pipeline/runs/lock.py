"""One driver a run directory: a lock file that names its holder."""

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.runs import storage
from pipeline.errors import ManifestError

_NAME = "_lock.json"


@contextmanager
def run_lock(run: str) -> Iterator[None]:
    """Hold the run directory's lock for the length of the block.

    A lock whose holder was a process of this host that is gone is taken over.

    Raises:
        ManifestError: Another driver holds it; names host, pid and age.
    """
    path = storage.join(run, _NAME)
    mine = {"host": socket.gethostname(), "pid": os.getpid(), "started": time.time(), "birth": _birth(os.getpid())}
    with _alone(run):
        holder = storage.read_json(path)
        if holder is not None and not _is_gone(holder):
            age = round(time.time() - float(holder.get("started", time.time())))
            raise ManifestError(
                f"{run} is in use by process {holder.get('pid')} on {holder.get('host')}, for {age} s; "
                f"if that driver is dead, remove {path}"
            )
        storage.write_json(path, mine)
    try:
        yield
    finally:
        if (storage.read_json(path) or {}).get("pid") == mine["pid"]:
            storage.remove(path)


@contextmanager
def _alone(run: str) -> Iterator[None]:
    """Let one process at a time look at the lock and take it; on a store the look is all there is."""
    if storage.is_remote(run):
        yield
        return
    guard = Path(storage.local(storage.join(run, "_lock.guard")))
    guard.parent.mkdir(parents=True, exist_ok=True)
    with guard.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _is_gone(holder: dict[str, Any]) -> bool:
    if holder.get("host") != socket.gethostname():
        return False
    pid = int(holder.get("pid", 0))
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return holder.get("birth") != _birth(pid)


def _birth(pid: int) -> str | None:
    """When a process of this host began, None once it is dead: a reused pid is not its former owner."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return None
    return None if fields[0] == "Z" else fields[19]
