"""Run gates and say what moved: `python -m tests.benchmarks.gates [NAME …] [--write]`.

NAME is a measurement of `gates.yaml`; without one all are run. Exit code 1 where a figure is beyond its limit or cannot
be read. What needs material that is not here is skipped, with the reason. `--write` stores values and dates of what
passes, and writes the tables of BENCHMARKS.md anew; what fails stays as it was, until its limit is changed by hand.
"""

import argparse
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.gate_files import FILE, PAGE, ROOT, Gate, Measurement, as_text, read_gates, shown, with_tables

_VARIABLE = re.compile(r"\$(\w+)")
_DEFAULTS = {"SHARED": str(ROOT.parent / "shared")}
_SECONDS = 4 * 3600


class Outcome(NamedTuple):
    """What became of a gate.

    Attributes:
        gate: The gate.
        name: `measurement.gate`.
        value: The figure; None where it was not read.
        why: Why not.
    """

    gate: Gate
    name: str
    value: float | None
    why: str = ""

    @property
    def fails(self) -> bool:
        """Whether it was run and is not within its limit."""
        return self.value is None or not self.gate.passes(self.value)


def command_of(measurement: Measurement, variables: Mapping[str, str]) -> list[str]:
    """Return the words of a command, with what its variables stand for.

    Args:
        measurement: Whose command.
        variables: Variable → path; `SHARED` has a default.

    Raises:
        FileNotFoundError: A variable is not set, or what it names is not there.
    """
    words: list[str] = []
    for word in shlex.split(measurement.run):
        words += _meant(word, {**_DEFAULTS, **variables})
    for path in measurement.needs:
        _meant(path, {**_DEFAULTS, **variables})
    return [sys.executable, *words[1:]]


def _meant(word: str, given: Mapping[str, str]) -> list[str]:
    """Return what a word of a command means: itself, or files where it names a variable."""
    names = _VARIABLE.findall(word)
    for name in names:
        if name not in given:
            raise FileNotFoundError(f"set ${name}")
    return _there(_VARIABLE.sub(lambda match: given[match[1]], word)) if names else [word]


def _there(pattern: str) -> list[str]:
    """Return the files that a path means, whose last part may have wildcards."""
    path = Path(pattern)
    paths = sorted(map(str, path.parent.glob(path.name)))
    if not paths:
        raise FileNotFoundError(f"there is no {pattern}")
    return paths


def outcomes(name: str, measurement: Measurement, printed: str) -> Iterator[Outcome]:
    """Yield what became of the gates of a measurement by what its command printed."""
    for gate_name, gate in measurement.gates.items():
        full = f"{name}.{gate_name}"
        try:
            yield Outcome(gate, full, gate.read(printed))
        except ValueError as error:
            yield Outcome(gate, full, None, str(error))


def with_values(measurement: Measurement, results: Sequence[Outcome], today: date) -> Measurement:
    """Return a measurement with the values that pass, and the day; a gate that fails stays as it is."""
    passed = {result.name.rpartition(".")[2]: result.value for result in results if not result.fails}
    gates = {
        name: gate.model_copy(update={"value": passed[name], "measured": today}) if name in passed else gate
        for name, gate in measurement.gates.items()
    }
    return measurement.model_copy(update={"gates": gates})


def line_of(result: Outcome) -> str:
    """Return a line of the printed table."""
    was = shown(result.gate.value)
    if result.value is None:
        return f"{result.name:<44}{was:>12}{'–':>12}{result.gate.limit:>14}{'':>9}  FAIL: {result.why}"
    moved = f"{result.value / result.gate.value - 1:+.1%}" if result.gate.value else ""
    verdict = "FAIL" if result.fails else "pass"
    return f"{result.name:<44}{was:>12}{shown(result.value):>12}{result.gate.limit:>14}{moved:>9}  {verdict}"


def _printed(words: Sequence[str]) -> str | None:
    """Return what a command prints, None where it fails: what a failing test has printed is no figure."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "CI": "true"}
    try:
        ended = subprocess.run(
            words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        print(f"longer than {_SECONDS} s: {shlex.join(words)}", file=sys.stderr)
        return None
    if ended.returncode:
        print(f"exit code {ended.returncode}: {shlex.join(words)}\n{ended.stderr[-2000:]}", file=sys.stderr)
        return None
    return ended.stdout


def run_gates(names: Sequence[str], *, is_written: bool) -> int:
    """Run measurements by name, print what moved, and return how many gates failed.

    Args:
        names: Of measurements.
        is_written: Whether values, dates and tables are stored.
    """
    measurements, failed = read_gates(), 0
    print(f"{'gate':<44}{'was':>12}{'is':>12}{'limit':>14}{'moved':>9}")
    for name in names:
        measurement = measurements[name]
        try:
            words = command_of(measurement, os.environ)
        except FileNotFoundError as lacking:
            print(f"{name:<44}skipped: {lacking}")
            continue
        if (output := _printed(words)) is None:
            print(f"{name:<44}its command failed")
            failed += len(measurement.gates)
            continue
        results = list(outcomes(name, measurement, output))
        for result in results:
            print(line_of(result), flush=True)
        failed += sum(result.fails for result in results)
        measurements[name] = with_values(measurement, results, datetime.now(UTC).date())
        if is_written:
            store(measurements)
    return failed


def store(measurements: dict[str, Measurement]) -> None:
    """Write measurements into `gates.yaml`, and their tables into BENCHMARKS.md."""
    FILE.write_text(as_text(measurements), encoding="utf-8")
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8"), measurements), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.gates",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", nargs="*", metavar="NAME", help="of measurements; default: all")
    parser.add_argument("--list", action="store_true", help="list them with what they need, and run none")
    parser.add_argument("--write", action="store_true", help="store values and dates, and write BENCHMARKS.md's tables")
    parser.add_argument("--tables", action="store_true", help="write the tables as `gates.yaml` has them, and run none")
    given = parser.parse_args(arguments)
    measurements = read_gates()
    for name in given.name:
        if name not in measurements:
            near = get_close_matches(name, measurements, 1)
            parser.error(f"no measurement '{name}'{f'; did you mean {near[0]!r}?' if near else ''}")
    names = given.name or list(measurements)
    if given.tables:
        store(measurements)
        return 0
    if given.list:
        for name in names:
            measurement = measurements[name]
            print(f"{name:<24}{len(measurement.gates):>3} gates, {measurement.minutes:>4g} min  {measurement.run}")
        return 0
    return int(run_gates(names, is_written=given.write) > 0)


if __name__ == "__main__":
    sys.exit(main())
