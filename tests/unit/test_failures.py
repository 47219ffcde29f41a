"""Hundreds of lines of Spark's become one that says what, where and what to do."""

import contextlib
import errno
import logging
import signal
from pathlib import Path

import pytest

from pipeline.cli import process
from pipeline.cli.command import Command
from pipeline.cli.process import INTERRUPTED, REFUSED, main
from pipeline.errors import DamageError, InputError
from pipeline.spark.failures import told


class SparksError(Exception):
    """Stands in for what PySpark raises."""


SparksError.__module__ = "pyspark.errors.exceptions.captured"

WORKER = """
  An exception was thrown from the Python worker. Please see the stack trace below.
Traceback (most recent call last):
  File "pipeline/cells/stretch_reader.py", line 70, in _opened
    file = open_parquet(path)
FileNotFoundError: [Errno 2] No such file or directory: '/data/a'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "pipeline/spark/tasks.py", line 81, in run
    yield from work(pickle.loads(zlib.decompress(packed)))
{raised}

JVM stacktrace:
org.apache.spark.SparkException
\tat org.apache.spark.api.python.BasePythonRunner$ReaderIterator.handlePythonException(PythonRunner.scala:581)
"""
ABORTED = """An error occurred while calling o66.collectToPython.
: org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 in stage 3.0 failed 4 times, most recent
failure: Lost task 0.3 in stage 3.0 (TID 14) (127.0.0.1 executor driver): {cause}
\tat org.apache.spark.util.collection.ExternalSorter.spill(ExternalSorter.scala:134)
Driver stacktrace:
\tat org.apache.spark.scheduler.DAGScheduler.abortStage
"""


@pytest.mark.parametrize(
    ("raised", "line"),
    [
        ("pipeline.errors.InputError: input changed since ingest: a", "input changed since ingest: a"),
        ("pipeline.errors.DamageError: /r/stages/pii/x is gone: …", "/r/stages/pii/x is gone: …"),
        ("MemoryError", "a worker ran out of memory at a task: let fewer work at once"),
        ("pyarrow.lib.ArrowMemoryError: malloc of size 9 failed", "a worker ran out of memory at a task"),
        ("OSError: [Errno 28] No space left on device: '/r/s/x'", "/r/s/x: No space left on device: make room"),
        ("FileNotFoundError: [Errno 2] No such file or directory: '/w/a.warc'", "/w/a.warc: No such file or directory"),
    ],
)  # fmt: skip
def test_what_a_worker_raised_is_said_alone(raised: str, line: str) -> None:
    said = told(SparksError(WORKER.format(raised=raised)))
    assert said is not None
    assert said.startswith(line)
    assert "\n" not in said


@pytest.mark.parametrize(
    ("cause", "line"),
    [
        ("java.io.IOException: No space left on device", "Spark's own disk is full"),
        ("java.lang.OutOfMemoryError: Java heap space", "Spark's JVM ran out of memory: give it more"),
        ("org.apache.spark.SparkException: Python worker exited unexpectedly (crashed)", "a Python worker was killed"),
    ],
)  # fmt: skip
def test_what_the_jvm_suffered_from_is_said_alone(cause: str, line: str) -> None:
    said = told(SparksError(ABORTED.format(cause=cause)))
    assert said is not None
    assert said.startswith(line)
    assert "\n" not in said


@pytest.mark.parametrize(
    "error", [ValueError("a fault of ours"), SparksError(WORKER.format(raised="KeyError: 'text'"))]
)
def test_a_fault_of_ours_keeps_its_traceback(error: Exception) -> None:
    assert told(error) is None

    def job(*_: object) -> None:
        raise error

    with pytest.raises(type(error)):
        main(Command("job", "", lambda _: None, job), [])


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (InputError("no input: \x1b[31m"), REFUSED, "error: no input: \\x1b[31m\n"),
        (KeyboardInterrupt(), INTERRUPTED, "interrupted: run again to go on\n"),
        (DamageError("/r/head.json"), REFUSED, "error: /r/head.json is damaged or cut: remove it and run again\n"),
        (
            OSError(errno.ENOSPC, "No space left on device", "/r/stages/x"),
            REFUSED,
            "error: /r/stages/x: No space left on device: make room there, or name another place; run again to go on\n",
        ),
    ],
)
def test_a_job_ends_in_a_line_and_a_code(
    error: BaseException, code: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def job(*_: object) -> None:
        raise error

    assert main(Command("job", "", lambda _: None, job), []) == code
    assert capsys.readouterr().err == line


def test_an_interrupt_whose_exception_gets_lost_is_one_all_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(process, "_interrupts", [])
    monkeypatch.setattr(logging, "disable", lambda: None)
    before = signal.getsignal(signal.SIGINT)

    def job(*_: object) -> None:
        with contextlib.suppress(KeyboardInterrupt):  # as it happens where an object's end is interrupted
            process._interrupt(signal.SIGINT, None)
        raise SparksError("An error occurred while calling o1.collect: Answer from Java side is empty")

    try:
        assert main(Command("job", "", lambda _: None, job), []) == INTERRUPTED
    finally:
        signal.signal(signal.SIGINT, before)
    assert capsys.readouterr().err == "interrupted: run again to go on\n"


def test_the_whole_of_a_spark_error_is_kept_in_a_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GRISTMILL_LOG_DIR", f"{tmp_path}/logs")

    def job(*_: object) -> None:
        raise SparksError(ABORTED.format(cause="java.lang.OutOfMemoryError: Java heap space"))

    assert main(Command("job", "", lambda _: None, job), []) == REFUSED
    said = capsys.readouterr().err.splitlines()
    assert said[1] == f"more of it: {tmp_path}/logs/errors.log"
    log = tmp_path / "logs" / "errors.log"
    assert "collectToPython" in log.read_text()
