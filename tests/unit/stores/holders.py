"""What a lock's tests share: a lock's text, and waiting for what must come."""

import json
import os
import time
from collections.abc import Callable
from typing import Any

from pipeline.stores import storage
from pipeline.stores.processes import named


def holder(**changes: Any) -> bytes:
    return json.dumps({**named(os.getpid()), "started": time.time(), **changes}).encode()


def content(path: str) -> dict[str, Any]:
    """Return what a lock says."""
    value: dict[str, Any] = json.loads(storage.read(path))
    return value


def until(true: Callable[[], Any]) -> None:
    """Wait for what must come, at most for half a minute."""
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.01)
