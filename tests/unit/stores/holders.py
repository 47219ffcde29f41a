"""What a lock's tests share: a lock's text, and waiting for what must come."""

import json
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def holder(**changes: Any) -> bytes:
    birth = Path(f"/proc/{os.getpid()}/stat").read_text().rsplit(")", 1)[1].split()[19]
    mine = {"host": socket.gethostname(), "pid": os.getpid(), "started": time.time(), "birth": birth}
    return json.dumps({**mine, **changes}).encode()


def until(true: Callable[[], Any]) -> None:
    """Wait for what must come, at most for half a minute."""
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.01)
