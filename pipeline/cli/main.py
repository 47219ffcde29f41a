"""`gristmill`: one command for all, by its first word."""

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import NoReturn

from pipeline.cli.command import Command, print_lines
from pipeline.cli.commands import ENTRIES, GROUPS, command_named
from pipeline.errors import near_miss

_USAGE = "usage: gristmill COMMAND …"
_DESCRIPTION = "From a web crawl to a language model's pre-training corpus: every page accounted for."
_SHELLS = ("bash", "zsh", "tcsh")
COMPLETION_USAGE = f"usage: gristmill completion {'|'.join(_SHELLS)}"
"""The syntax of the one command that has no entry: it is about all others."""
_SUBMIT = "PYSPARK_SUBMIT_ARGS"


def main() -> NoReturn:
    """Run what the command line asks for, and end the process."""
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        _print_help()
        sys.exit(0 if arguments else 2)
    if arguments[0] in {"-V", "--version"}:
        print(f"gristmill {_version()}")  # noqa: T201
        sys.exit(0)
    if arguments[0] == "completion":
        sys.exit(_complete(arguments[1:]))
    if arguments[0] not in ENTRIES:
        miss = near_miss(arguments[0], ENTRIES)
        print(f"error: no command '{arguments[0]}'{miss or '; `gristmill --help` lists them'}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    from pipeline.cli.process import end_with
    from pipeline.cli.process import main as run_command

    command = command_named(arguments[0])
    given = _with_spark_options(command, arguments[1:])
    end_with(lambda: run_command(command, given))


def _version() -> str:
    try:
        return version("gristmill")
    except PackageNotFoundError:
        return "(not installed)"


def _print_help() -> None:
    width = max(map(len, ENTRIES))
    lines = [_USAGE, "", _DESCRIPTION]
    for group in GROUPS:
        lines += ["", group.title, *(f"  {name:<{width}}  {entry.summary}" for name, entry in group.commands.items())]
    lines += [
        "",
        "`gristmill COMMAND --help` has a command's arguments; commands that start Spark take --master URL and",
        "--conf KEY=VALUE beside them. `gristmill completion bash` (zsh, tcsh) prints what completes them in a shell.",
    ]
    print("\n".join(lines))  # noqa: T201


def _with_spark_options(command: Command, arguments: Sequence[str]) -> list[str]:
    """Return a command's own arguments; hand those of Spark to Spark, as `spark-submit` does.

    They are taken as they are spelt alone, so that no abbreviation of an argument of ours is mistaken for them.
    """
    if not command.starts_spark:
        return list(arguments)
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--master")
    parser.add_argument("--conf", action="append", default=[])
    given, own = parser.parse_known_args(list(arguments))
    words = ["--master", given.master] if given.master else []
    words += [word for setting in given.conf for word in ("--conf", setting)]
    if words:
        before = os.environ.get(_SUBMIT, "pyspark-shell").removesuffix("pyspark-shell").strip()
        os.environ[_SUBMIT] = f"{before} {shlex.join(words)} pyspark-shell".strip()
    return own


def _complete(arguments: Sequence[str]) -> int:
    """Print what makes a shell complete commands and their options."""
    if len(arguments) != 1 or arguments[0] not in _SHELLS:
        print(COMPLETION_USAGE, file=sys.stderr)  # noqa: T201
        return 2
    import shtab

    parser = argparse.ArgumentParser(prog="gristmill", description=_DESCRIPTION)
    parser.add_argument("--version", action="store_true", help="print the version")
    commands = parser.add_subparsers()
    for name, entry in ENTRIES.items():
        command = command_named(name)
        of_command = commands.add_parser(name, help=entry.summary, description=command.description)
        command.add_arguments(of_command)
        if command.starts_spark:
            of_command.add_argument("--master", metavar="URL", help="of Spark")
            of_command.add_argument("--conf", action="append", metavar="KEY=VALUE", help="of Spark")
    print_lines(shtab.complete(parser, shell=arguments[0]).split("\n"))
    return 0
