"""Gates: figures that can be checked, in `gates.yaml`, and the tables of BENCHMARKS.md that are made of them."""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

ROOT: Final = Path(__file__).resolve().parents[2]
FILE: Final = Path(__file__).with_name("gates.yaml")
PAGE: Final = ROOT / "BENCHMARKS.md"
_TABLE: Final = re.compile(r"(<!-- gates: ([\w-]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
_HEAD: Final = """\
# Figures that can be checked: `python -m tests.benchmarks.gates [NAME …] [--write]`. What each key means is said in
# tests/benchmarks/gate_files.py. Limits are edited by hand; values and dates are written by that command.
"""


class Gate(BaseModel):
    """A figure with its limit.

    Attributes:
        figure: What it is, in words.
        unit: Of the value; empty for a share or a count that the figure names.
        floor: The least it may be.
        ceiling: The most it may be.
        exact: What it has to be.
        pattern: A regular expression with one group, the figure in what the command prints.
        key: The figure's key in the JSON object that the command prints last; instead of a pattern.
        value: The figure when it was last measured.
        measured: When that was.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    figure: str = Field(min_length=1)
    unit: str = ""
    floor: float | None = None
    ceiling: float | None = None
    exact: float | None = None
    pattern: str | None = None
    key: str | None = None
    value: float
    measured: date

    @model_validator(mode="after")
    def _one_limit_and_one_way(self) -> Self:
        if sum(limit is not None for limit in (self.floor, self.ceiling, self.exact)) != 1:
            raise ValueError(f"{self.figure}: one of floor, ceiling and exact")
        if (self.pattern is None) == (self.key is None):
            raise ValueError(f"{self.figure}: either pattern or key")
        if self.pattern is not None and re.compile(self.pattern).groups != 1:
            raise ValueError(f"{self.figure}: a pattern with one group")
        return self

    @property
    def limit(self) -> str:
        """The limit, in words."""
        if self.exact is not None:
            return f"= {shown(self.exact)}"
        return f"≥ {shown(self.floor)}" if self.floor is not None else f"≤ {shown(self.ceiling or 0.0)}"

    def passes(self, value: float) -> bool:
        """Return whether a value is within the limit."""
        if self.exact is not None:
            return value == self.exact
        return value >= self.floor if self.floor is not None else value <= (self.ceiling or 0.0)

    def read(self, printed: str) -> float:
        """Return the figure from what the command printed.

        Raises:
            ValueError: It is not there, or is no number.
        """
        if self.key is not None:
            return _by_key(printed, self.key)
        match = re.search(self.pattern or "", printed, re.MULTILINE)
        if match is None:
            raise ValueError(f"{self.figure}: nothing printed is like {self.pattern}")
        return float(match[1].replace(",", "").rstrip("%"))


class Measurement(BaseModel):
    """A command, and the gates whose figures it prints.

    Attributes:
        run: The command: `python -m tests.benchmarks.NAME …`, or `python -m pytest tests/quality/…`. `$SHARED` is the
            folder of material that is not part of the project; `$RUN` a finished run of the open crawl, `$PEER` an
            interpreter that has datatrove.
        needs: Files that it reads without being told where they are, in the same form.
        minutes: About how long it takes on the machine.
        machine: The class of machine that its limits are for.
        sample: Lines as the command prints them, of which every gate's figure can be read.
        gates: By name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    run: str
    needs: tuple[str, ...] = ()
    minutes: float = Field(gt=0)
    machine: str
    sample: str
    gates: dict[str, Gate] = Field(min_length=1)

    @field_validator("run")
    @classmethod
    def _of_this_project(cls, run: str) -> str:
        if not re.match(r"python -m (tests\.benchmarks\.\w+|pytest tests/quality/\w+\.py)( |$)", run):
            raise ValueError(f"{run}: a module of tests/benchmarks, or pytest with a file of tests/quality")
        return run


def _by_key(printed: str, key: str) -> float:
    """Return a number of the last JSON object that was printed."""
    for start in reversed([match.start() for match in re.finditer(r"^\{", printed, re.MULTILINE)]):
        try:
            values, _ = json.JSONDecoder().raw_decode(printed[start:])
        except json.JSONDecodeError:
            continue
        if key in values:
            return float(values[key])
    raise ValueError(f"no JSON object with the key '{key}' was printed")


def shown(value: float) -> str:
    """Return a number as tables have it.

    >>> [shown(value) for value in (35514.0, 0.993, 1.0)]
    ['35,514', '0.993', '1']
    """
    return f"{value:,.0f}" if value == int(value) else f"{value:,.10g}"


def read_gates(text: str | None = None) -> dict[str, Measurement]:
    """Return all measurements by name.

    Args:
        text: Of a file; None for the project's own.

    Raises:
        ValueError: An entry has a key that does not exist, or lacks one.
    """
    entries = yaml.safe_load(FILE.read_text(encoding="utf-8") if text is None else text)
    return {name: Measurement.model_validate(entry) for name, entry in entries.items()}


def as_text(measurements: dict[str, Measurement]) -> str:
    """Return measurements as the file that `read_gates` reads: the same bytes for the same figures."""
    lines = [_HEAD]
    for name, measurement in measurements.items():
        lines += [f"{name}:", f"  run: {json.dumps(measurement.run)}"]
        lines += [f"  needs: {json.dumps(measurement.needs)}"] if measurement.needs else []
        lines.append(f"  minutes: {measurement.minutes:g}")
        lines += [f"  machine: {measurement.machine}", "  sample: |"]
        lines += [f"    {line}".rstrip() for line in measurement.sample.rstrip("\n").split("\n")]
        lines.append("  gates:")
        for gate_name, gate in measurement.gates.items():
            lines += [f"    {gate_name}:", *(f"      {line}" for line in _lines_of(gate))]
        lines.append("")
    return "\n".join(lines)


def _lines_of(gate: Gate) -> Iterator[str]:
    for key, value in gate.model_dump(exclude_defaults=True).items():
        if isinstance(value, float):
            yield f"{key}: {int(value) if value == int(value) else value!r}"
        elif isinstance(value, date):
            yield f"{key}: {value.isoformat()}"
        else:
            yield f"{key}: {_quoted(str(value))}"


def _quoted(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def table_of(measurement: Measurement) -> str:
    """Return the table of a measurement in BENCHMARKS.md."""
    lines = ["| figure | value | limit | unit | measured |", "|---|---:|---:|---|---|"]
    for gate in measurement.gates.values():
        figure = gate.figure.replace("|", "\\|")
        lines.append(f"| {figure} | {shown(gate.value)} | {gate.limit} | {gate.unit} | {gate.measured.isoformat()} |")
    command = measurement.run.replace("python ", ".venv/bin/python ", 1)
    return "\n".join([*lines, "", f"`{command}`, {measurement.machine}, about {measurement.minutes:g} min", ""])


def with_tables(page: str, measurements: dict[str, Measurement]) -> str:
    """Return a page with its tables of gates as the measurements have them.

    Raises:
        ValueError: It has a table of a measurement that does not exist.
    """

    def written(part: re.Match[str]) -> str:
        if part[2] not in measurements:
            raise ValueError(f"<!-- gates: {part[2]} -->: there is no such measurement in {FILE.name}")
        return f"{part[1]}{table_of(measurements[part[2]])}{part[4]}"

    return _TABLE.sub(written, page)


def tables_in(page: str) -> list[str]:
    """Return the names of the measurements that a page has tables of."""
    return [match[2] for match in _TABLE.finditer(page)]
