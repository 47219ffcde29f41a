"""A command as a process: its exit code, what a user is told of an error, and what an interruption leaves behind."""

import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from pipeline.cli.command import Command
from pipeline.errors import CurationError, DifferenceError, EvidenceError, NothingReadError
from pipeline.spark.failures import told
from pipeline.spark.session import stop_session
from pipeline.terminal import safe

DIFFERENT, REFUSED, TOO_LITTLE, INTERRUPTED = 1, 2, 3, 130


def run(command: Command) -> NoReturn:
    """Run a command as a process of its own, and end it: what the entries in `jobs/` call."""
    end_with(lambda: main(command))


def end_with(work: Callable[[], int]) -> NoReturn:
    """End this process with the exit code that some work returns."""
    signal.signal(signal.SIGINT, _interrupt)
    code = REFUSED
    try:
        code = work()
    finally:
        if code != INTERRUPTED:  # else the JVM was interrupted too, and whoever speaks to it hears a traceback
            stop_session()
    sys.stdout.flush()
    if code == INTERRUPTED:
        os._exit(code)
    sys.exit(code)


_interrupts: list[object] = []
"""The interrupt that came: its exception may get lost, where it meets the end of an object, say."""


def _interrupt(*signals: object) -> NoReturn:
    _interrupts.extend(signals[:1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # what has to be let go of takes a second
    logging.disable()  # py4j has a traceback to tell
    raise KeyboardInterrupt


def main(command: Command, arguments: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Run a command; print what a user can act on as a line or two, without a traceback.

    Args:
        command: The command.
        arguments: Its arguments; None for those of this process.
        prog: What the user typed to start it; None for `gristmill NAME`.

    Returns:
        0; 1 where `compare` was to fail over a difference; 2 where the command refused or failed; 3 where there is too
        little to go by: inputs without a page or row, or proxies that do not tell mixes apart; 130 where it was
        interrupted.
    """
    try:
        parser = command.parser(prog or f"gristmill {command.name}")
        return command.run(parser.parse_args(sys.argv[1:] if arguments is None else list(arguments)), parser) or 0
    except KeyboardInterrupt:
        _complain("interrupted: run again to go on")
        return INTERRUPTED
    except Exception as error:
        if _interrupts:  # the JVM was interrupted too, and this is what its end looks like
            _complain("interrupted: run again to go on")
            return INTERRUPTED
        line = told(error)
        if line is None:
            raise
        _complain(f"error: {line}")
        if not isinstance(error, CurationError | OSError) and (log := _keep_traceback(error)):
            _complain(f"more of it: {log}")
        return _code(error)


def _code(error: Exception) -> int:
    if isinstance(error, DifferenceError):
        return DIFFERENT
    return TOO_LITTLE if isinstance(error, NothingReadError | EvidenceError) else REFUSED


def _complain(text: str) -> None:
    for line in text.split("\n"):
        print(safe(line), file=sys.stderr)  # noqa: T201


def _keep_traceback(error: Exception) -> str:
    """Add an error, whole, to a file beside Spark's log; return its path, nothing where it cannot be written."""
    path = Path(os.environ.get("GRISTMILL_LOG_DIR", "logs")) / "errors.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.writelines(traceback.format_exception(error))
    except OSError:
        return ""
    return str(path)
