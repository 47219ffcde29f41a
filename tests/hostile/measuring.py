"""What a record costs a kernel: a process that has warmed up forks a child for each record, as Spark forks its workers.

The child measures itself: its CPU time, and the most memory that it held beyond what it held when it began. One that
takes far too much of either is stopped by the kernel of the machine.
"""

import contextlib
import ctypes
import gc
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple, Self

MOST_SECONDS = 5.0
"""CPU seconds that a record of 4 MB may cost a kernel."""
MOST_SECONDS_OF = {"pii": 20.0, "log lines": 10.0}
"""Where that is not reached: at 2 µs a character, which pii may take of rows of figures, a text is read in 8 s, or
twice that where a clock wanders; two million lines cost the search for logs 5 s beside other work."""
MOST_BYTES = 1 << 30
"""Bytes that a kernel may hold for it."""
_STOPPED_AFTER = 100
_STOPPED_ABOVE = 6 * MOST_BYTES


class Cost(NamedTuple):
    """What a record cost.

    Attributes:
        seconds: CPU seconds; infinite where the child was stopped.
        growth: Bytes held at most.
        outcome: What came of the record.
    """

    seconds: float
    growth: int
    outcome: str

    @property
    def is_bearable(self) -> bool:
        """Whether it is within both limits."""
        return self.seconds <= MOST_SECONDS and self.growth <= MOST_BYTES

    def least(self, other: "Cost") -> "Cost":
        """Return the smaller figures of two measurements."""
        return Cost(min(self.seconds, other.seconds), min(self.growth, other.growth), other.outcome)

    def __str__(self) -> str:
        return f"{self.seconds:7.2f} s {self.growth / 1e6:7.0f} MB  {self.outcome}"


class Bench:
    """A kernel that has warmed up, in a process of its own."""

    def __init__(self, kernel: str) -> None:
        """Start it."""
        self.kernel = kernel
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.hostile.measuring", kernel],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).resolve().parents[2],
        )

    def cost(self, kind: str) -> Cost:
        """Return what a record of a kind costs."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{kind}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"the process that measures {self.kernel} ended"
        return Cost(*json.loads(answer))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def _serve(name: str) -> None:
    """Answer each line of the input, the name of a kind, with its cost."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    from pipeline.kernels.warm import load_kernels
    from tests.hostile.kernels import KERNELS

    load_kernels()
    kernel = KERNELS[name]
    kernel.run(kernel.prepare(kernel.plain))
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        answers.write(json.dumps(_forked(name, line.strip())) + "\n")
        answers.flush()


def _forked(name: str, kind: str) -> Cost:
    """Return what a record of a kind costs a child of this process."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            cost = _measure(name, kind)
        except BaseException as error:
            cost = Cost(float("inf"), 0, f"could not be measured: {error!r:.200}")
        os.write(writing, json.dumps(cost).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if answer:
        return Cost(*json.loads(answer))
    ended = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else "an error"
    return Cost(float("inf"), 0, f"stopped by {ended}")


def _measure(name: str, kind: str) -> Cost:
    from tests.hostile.kernels import KERNELS
    from tests.hostile.registry import record_of

    kernel = KERNELS[name]
    _allow_seconds(3 * _STOPPED_AFTER)  # to make a record costs some of it
    prepared = kernel.prepare(record_of(kernel.sort, kind))
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    _allow_seconds(_STOPPED_AFTER)
    resource.setrlimit(resource.RLIMIT_AS, (_status("VmSize") + _STOPPED_ABOVE,) * 2)
    Path("/proc/self/clear_refs").write_text("5")  # the high-water mark is what is held now
    before, start = _status("VmRSS"), time.process_time()
    try:
        outcome = kernel.run(prepared)
    except BaseException as error:
        outcome = f"{type(error).__name__}: {str(error)[:200]}"
        return Cost(float("inf"), _status("VmHWM") - before, outcome)
    return Cost(round(time.process_time() - start, 3), _status("VmHWM") - before, outcome)


def _allow_seconds(seconds: float) -> None:
    """Have this process stopped when it uses more CPU time from now on."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + seconds) + 1, hard))


def _status(field: str) -> int:
    """Return a figure of /proc/self/status in bytes."""
    lines: dict[str, Any] = dict(
        line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("Vm")
    )
    return int(lines[field].split()[0]) << 10


if __name__ == "__main__":
    _serve(sys.argv[1])
