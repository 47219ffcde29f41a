"""Whether a process that a file names is gone."""

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def is_gone(holder: Mapping[str, Any]) -> bool:
    """Tell whether a `holder` was a process of this host that is no more; other hosts' are never taken for gone.

    >>> is_gone({"host": "elsewhere", "pid": 1, "birth": "1"})
    False
    """
    pid = holder.get("pid")
    if holder.get("host") != socket.gethostname() or not isinstance(pid, int) or pid <= 0:
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
