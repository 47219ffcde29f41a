"""What a terminal shows while a stage runs: tasks, rows per second, and about what is left."""

import io
import os
import re
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.spark.progress import Progress

SHOWN = re.compile(r"extract +(\d+)%\|.*\| (\d+)/(\d+) tasks(?:, ([\d,]+) rows/s)?, about ([\d:?]+) left")


class Bar:
    """A bar that stops the watcher once it was drawn."""

    def __init__(self, done: threading.Event) -> None:
        self.total, self.n, self.postfix, self._done = 1, 0, "", done

    def set_postfix_str(self, text: str, refresh: bool) -> None:
        self.postfix = text

    def refresh(self) -> None:
        self._done.set()


def context_with(completed: int, tasks: int) -> Any:
    """Return a context of a job of two stages: one of four tasks, all completed, and one of the tasks given."""
    tracker = SimpleNamespace(
        getJobIdsForGroup=lambda name: [1],
        getJobInfo=lambda job: SimpleNamespace(stageIds=[7, 8]),
        getStageInfo=lambda stage: SimpleNamespace(
            numTasks=4 if stage == 7 else tasks, numCompletedTasks=4 if stage == 7 else completed
        ),
    )
    return SimpleNamespace(statusTracker=lambda: tracker, setJobGroup=lambda group, description: None)


def watched(rows: int | None) -> Bar:
    done = threading.Event()
    bar = Bar(done)
    given: Any = bar
    Progress._watch(context_with(0, 4), "extract", given, rows, done)
    return bar


def test_the_bar_counts_tasks_and_rows_per_second() -> None:
    bar = watched(1_000_000)
    assert (bar.n, bar.total) == (4, 8)
    number, _, unit = bar.postfix.partition(" ")
    assert unit == "rows/s"
    assert 0 < int(number.replace(",", "")) <= 500_000 / 0.3


def test_rows_that_nobody_has_counted_have_no_speed() -> None:
    assert watched(None).postfix == ""


class Screen(io.StringIO):
    """A terminal that remembers all that was drawn on it."""

    def fileno(self) -> int:
        return 1


def drawn(patch: pytest.MonkeyPatch, completed: int, tasks: int, rows: int | None = None) -> tuple[list[str], float]:
    """Return the lines that the real bar draws until one has all tasks, and how many seconds have gone by then.

    The tasks stand still, so that the line is the same whenever it is drawn, but for speed and what is left.
    """
    screen = Screen()
    patch.setattr("pipeline.spark.progress._terminal", lambda: screen)
    patch.setattr(os, "get_terminal_size", lambda descriptor: os.terminal_size((100, 30)))
    spark: Any = SimpleNamespace(sparkContext=context_with(completed, tasks))
    start = time.monotonic()
    with Progress().stage(spark, "extract", rows):
        while f"/{tasks + 4} tasks" not in screen.getvalue() and time.monotonic() < start + 60:
            time.sleep(0.01)
        lines = screen.getvalue().split("\r")
        seconds = time.monotonic() - start
    assert not screen.getvalue().split("\r")[-1].strip()  # nothing of the bar stays
    return [line for line in lines if line.strip()], seconds


def seconds_of(words: str) -> int:
    """Return the seconds of 1:02:03 or 02:03."""
    return sum(int(part) * 60**power for power, part in enumerate(reversed(words.split(":"))))


@pytest.mark.parametrize(("completed", "tasks"), [(0, 4), (1, 45), (26, 56), (6, 9_996), (96, 9_999_900)])
def test_what_is_left_is_told_by_the_share_of_tasks_that_are_completed(
    monkeypatch: pytest.MonkeyPatch, completed: int, tasks: int
) -> None:
    lines, seconds = drawn(monkeypatch, completed, tasks, 1_000_000)
    match = SHOWN.fullmatch(lines[-1])
    assert match, lines
    percent, n, total, speed, left = match.groups()
    assert (int(n), int(total)) == (completed + 4, tasks + 4)
    assert int(percent) == round(100 * int(n) / int(total))
    ahead = (int(total) - int(n)) / int(n)
    assert int(0.3 * ahead) <= seconds_of(left) <= seconds * ahead  # the first look is after 0.3 s
    rows = 1_000_000 / (1 + ahead)
    assert rows / seconds - 1 <= int(speed.replace(",", "")) <= rows / 0.3 + 1
    assert max(map(len, lines)) <= 100


def test_at_the_end_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    lines, _ = drawn(monkeypatch, 12, 12)
    assert lines[-1].endswith("| 16/16 tasks, about 00:00 left")
    assert lines[-1].startswith("extract 100%|")


def test_before_a_task_is_completed_what_is_left_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    lines, _ = drawn(monkeypatch, 0, 4)
    match = SHOWN.fullmatch(lines[0])
    assert match, lines
    assert match.groups() == ("0", "0", "1", None, "?")


def test_a_quiet_progress_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(is_quiet=True)
    progress.say("a line")
    assert capsys.readouterr() == ("", "")
