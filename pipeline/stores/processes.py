"""Which process a file names, and whether that is gone."""

import os
import re
import socket
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any


def named(pid: int) -> dict[str, Any]:
    """Return what tells a process of this host from all others: JSON values."""
    return {"host": socket.gethostname(), "system": namespace(), "pid": pid, "birth": birth(pid)}


@cache
def namespace() -> str:
    """Return what process numbers are counted in: this boot of this host, and the container; "-" without /proc.

    Two containers may have one host name, and each a process 1.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text()
        container = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return "-"
    return f"{re.sub('[^0-9a-f]', '', boot)}-{re.sub('[^0-9]', '', container)}"


def short_namespace() -> str:
    """Return the same in few characters, as `spark-env.sh` has it in the names of folders."""
    boot, _, container = namespace().partition("-")
    return f"{boot[:8]}-{container[-4:]}"


def is_gone(holder: Mapping[str, Any]) -> bool:
    """Tell whether a `holder` was a process of this host and container that is no more.

    Those of others are never taken for gone.

    >>> is_gone({"host": "elsewhere", "pid": 1, "birth": "1"})
    False
    """
    pid = holder.get("pid")
    is_ours = holder.get("host") == socket.gethostname() and holder.get("system") == namespace()
    if not is_ours or not isinstance(pid, int) or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return holder.get("birth") != birth(pid)


def birth(pid: int) -> str | None:
    """Return when a process of this host began, None once it is dead: a reused pid is not its former owner."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return None
    return None if fields[0] == "Z" else fields[19]
