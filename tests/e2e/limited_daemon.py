"""The daemon of Python workers, whose workers may have few MB more than it has itself: a full machine."""

import os
import resource
from pathlib import Path

from pipeline import daemon


def limit_memory() -> None:
    """Give this process, and the workers that are forked from it, `ROOM_MB` more than it has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + (int(os.environ["ROOM_MB"]) << 20)
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))


if __name__ == "__main__":
    daemon.main((*daemon.LOADERS, limit_memory))
