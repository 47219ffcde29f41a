"""Compile every kernel and keep its machine code: `python -m pipeline.kernels`, once after installing."""

import os
import sys

from pipeline.kernels.machine_code import mark_compiled
from pipeline.kernels.warm import load_kernels


def _cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def main() -> int:
    """Compile the kernels, name those that cannot be compiled, and return the exit code."""
    failures = load_kernels(processes=_cores())
    if not any(isinstance(error, OSError | MemoryError) for error in failures.values()):
        mark_compiled()  # what failed otherwise would fail again
    for name, error in failures.items():
        sys.stderr.write(f"error: pipeline.kernels.{name} cannot be compiled: {type(error).__name__}: {error}\n")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
