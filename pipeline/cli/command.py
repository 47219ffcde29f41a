"""What a command is: its arguments, its one call, and how it prints."""

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pipeline.terminal import json_lines, safe

_OF_SPARK = "`gristmill` hands --master URL and --conf KEY=VALUE to Spark."


@dataclass(frozen=True)
class Command:
    """A command.

    Attributes:
        name: As `gristmill NAME` has it.
        description: What `--help` says first.
        add_arguments: Adds its arguments to a parser.
        run: Does what the arguments ask for. The parser is there for what argparse does not check itself. Returns an
            exit code, None for 0.
        starts_spark: Whether it may start Spark, so that `--master` and `--conf` mean something.
    """

    name: str
    description: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, argparse.ArgumentParser], int | None]
    starts_spark: bool = False

    def parser(self, prog: str) -> argparse.ArgumentParser:
        """Return what parses its arguments.

        Args:
            prog: What the user typed to start it.
        """
        made = argparse.ArgumentParser(
            prog=prog,
            description=self.description,
            epilog=_OF_SPARK if self.starts_spark else None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,  # else `--conf`, which is Spark's, is `--config`
        )
        self.add_arguments(made)
        return made


def run_path(text: str) -> str:
    """Return the path of a run directory without a slash at its end."""
    return text.rstrip("/") or text


def print_lines(lines: Iterable[str]) -> None:
    """Print lines until whoever reads them has seen enough."""
    try:
        for line in lines:
            print(safe(line))  # noqa: T201
        sys.stdout.flush()
    except BrokenPipeError:  # `| head`: what is still to be flushed goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def print_json(value: Any) -> None:
    """Print a value as one JSON object; times and what else has no JSON of its own as text."""
    print_lines(json_lines(value))


def print_progress(line: str) -> None:
    """Print a line beside the answer: on standard error, at once."""
    print(safe(line), file=sys.stderr, flush=True)  # noqa: T201
