"""What a terminal shows while a stage runs: tasks, rows per second, and about what is left."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.spark.progress import Progress


class Bar:
    """A bar that stops the watcher once it was drawn."""

    def __init__(self, done: threading.Event) -> None:
        self.total, self.n, self.postfix, self._done = 1, 0, "", done

    def set_postfix_str(self, text: str, refresh: bool) -> None:
        self.postfix = text

    def refresh(self) -> None:
        self._done.set()


def watched(rows: int | None) -> Bar:
    done = threading.Event()
    bar = Bar(done)
    tracker = SimpleNamespace(
        getJobIdsForGroup=lambda name: [1],
        getJobInfo=lambda job: SimpleNamespace(stageIds=[7, 8]),
        getStageInfo=lambda stage: SimpleNamespace(numTasks=4, numCompletedTasks=4 if stage == 7 else 0),
    )
    context: Any = SimpleNamespace(statusTracker=lambda: tracker)
    given: Any = bar
    Progress._watch(context, "extract", given, rows, done)
    return bar


def test_the_bar_counts_tasks_and_rows_per_second() -> None:
    bar = watched(1_000_000)
    assert (bar.n, bar.total) == (4, 8)
    number, _, unit = bar.postfix.partition(" ")
    assert unit == "rows/s"
    assert 0 < int(number.replace(",", "")) <= 500_000 / 0.3


def test_rows_that_nobody_has_counted_have_no_speed() -> None:
    assert watched(None).postfix == ""


def test_a_quiet_progress_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(is_quiet=True)
    progress.say("a line")
    assert capsys.readouterr() == ("", "")
