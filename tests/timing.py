"""What tests say of CPU time, so that a busy machine fails none of them: measured again before it fails."""

import gc
import time
from collections.abc import Callable

import pytest

_TRIES = 4


def assert_linear(work: Callable[[int], object], size: int) -> None:
    """Fail where work of twice a size takes far more than twice the CPU time, each of several times.

    Args:
        work: Called with a size.
        size: The smaller one.
    """
    for _ in range(_TRIES):
        gc.collect()  # what earlier tests left behind is no cost of this work
        spent = [cpu_seconds(lambda size=size: work(size)) for size in (size, 2 * size)]  # type: ignore[misc]
        if spent[1] < 3 * spent[0] + 0.5:
            return
    pytest.fail(f"twice the size took {spent} s of CPU time")


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds that a call took."""
    start = time.process_time()
    work()
    return time.process_time() - start


def assert_quick(work: Callable[[], object], seconds: float) -> None:
    """Fail where a call takes more CPU seconds, each of several times."""
    spent = 0.0
    for _ in range(_TRIES):
        spent = cpu_seconds(work)
        if spent < seconds:
            return
    pytest.fail(f"it took {spent:.1f} s of CPU time, not {seconds}")
