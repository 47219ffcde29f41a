"""Progress: one bar a stage on a terminal, plain lines elsewhere.

Under `spark-submit` Python's own streams are pipes; the terminal, if there is one, is `/dev/tty`.
"""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from tqdm import tqdm

from pipeline.terminal import safe

if TYPE_CHECKING:
    from pyspark import SparkContext
    from pyspark.sql import SparkSession


def _terminal() -> TextIO | None:
    if os.environ.get("CI") or os.environ.get("TERM") == "dumb":
        return None
    if sys.stderr.isatty():
        return sys.stderr
    try:
        return open("/dev/tty", "w", encoding="utf-8")  # noqa: PTH123  (stays open for the whole run)
    except OSError:
        return None


class Progress:
    """Tells the user what runs now and what came of it."""

    def __init__(self, *, is_quiet: bool = False) -> None:
        """Look for a terminal.

        Args:
            is_quiet: Whether nothing is told at all.
        """
        self._terminal = None if is_quiet else _terminal()
        self._is_quiet = is_quiet

    def say(self, line: str) -> None:
        """Print a line that stays."""
        if self._is_quiet:
            return
        if self._terminal is not None:
            with contextlib.suppress(OSError):
                tqdm.write("", file=self._terminal, end="")
        print(safe(line), flush=True)  # noqa: T201  (this is the command's answer)

    @contextmanager
    def stage(self, spark: "SparkSession", name: str, rows: int | None = None) -> Iterator[None]:
        """Show a stage's tasks while the block runs Spark jobs, with rows per second and about what is left.

        Both go by the share of the tasks that are known so far: a stage may start more of them.

        Args:
            spark: The session.
            name: Of the stage.
            rows: That it is handed; None where nobody knows yet.
        """
        context = spark.sparkContext
        context.setJobGroup(name, name)
        if self._terminal is None:
            self.say(f"{name} …")
            yield
            return
        done = threading.Event()
        width = os.get_terminal_size(self._terminal.fileno()).columns or 80  # a serial line may not know its own
        shape = "{desc} {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} tasks{postfix}, about {remaining} left"
        with tqdm(total=1, desc=name, bar_format=shape, file=self._terminal, leave=False, ncols=min(width, 120)) as bar:
            watcher = threading.Thread(target=self._watch, args=(context, name, bar, rows, done), daemon=True)
            watcher.start()
            try:
                yield
            finally:
                done.set()
                watcher.join(timeout=2)

    @staticmethod
    def _watch(context: "SparkContext", name: str, bar: "tqdm[None]", rows: int | None, done: threading.Event) -> None:
        tracker, clock = context.statusTracker(), Clock()
        counts: dict[int, tuple[int, int]] = {}
        while not done.wait(0.3):
            with contextlib.suppress(Exception):  # a bar must never end a run
                for job in tracker.getJobIdsForGroup(name):
                    info = tracker.getJobInfo(job)
                    for stage in info.stageIds if info else ():
                        state = tracker.getStageInfo(stage)
                        if state is not None and state.numTasks:
                            counts[stage] = (state.numCompletedTasks, state.numTasks)
                bar.total = max(1, sum(total for _, total in counts.values()))
                bar.n = sum(completed for completed, _ in counts.values())
                if rows:
                    bar.set_postfix_str(f"{rows * bar.n / bar.total / clock.seconds:,.0f} rows/s", refresh=False)
                bar.refresh()


class Clock:
    """Seconds since it was made, for the lines that a user reads; nothing that decides looks at it."""

    def __init__(self) -> None:
        """Start."""
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds that have gone by."""
        return time.monotonic() - self._start
