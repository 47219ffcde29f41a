"""Verdicts on a run's decisions, a line of JSON each; no text of a page is among them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from pipeline.errors import InputError
from pipeline.terminal import finite

VERDICTS = ("right", "wrong", "skip")
Side = Literal["above", "below"]
_CHOICES = {
    "decision": ("dropped", "kept"),
    "verdict": VERDICTS,
    "worse_if": ("above", "below"),
}


@dataclass(frozen=True)
class Verdict:
    """What a reviewer thinks of one decision.

    Attributes:
        run: Hash by which the run's decisions up to the stage are known.
        stage: Whose decision it is.
        reason: Drop reason; of a kept document the one that it escaped.
        doc_id: Of the document.
        value: What was measured; None where nothing was.
        limit: What it was compared with; None where there is none.
        decision: dropped or kept.
        verdict: Of the decision: right, wrong or skip.
        reviewer: Who says so.
        setting: Parameter that the limit is, `stage.parameter`; "" where it is none.
        worse_if: On which side of the limit documents are dropped.
        drops_at_limit: Whether one at the limit is dropped.
    """

    run: str
    stage: str
    reason: str
    doc_id: str
    value: float | None
    limit: float | None
    decision: Literal["dropped", "kept"]
    verdict: Literal["right", "wrong", "skip"]
    reviewer: str = ""
    setting: str = ""
    worse_if: Side = "above"
    drops_at_limit: bool = False

    @property
    def item(self) -> tuple[str, str, str, str]:
        """What the verdict is on: run, stage, reason, doc_id."""
        return self.run, self.stage, self.reason, self.doc_id

    @property
    def is_counted(self) -> bool:
        """Whether it is a verdict at all, and no skip."""
        return self.verdict != "skip"

    @property
    def should_go(self) -> bool:
        """Whether the document should be dropped, by this verdict."""
        return (self.decision == "dropped") == (self.verdict == "right")


def read_verdicts(path: str) -> list[Verdict]:
    """Return the verdicts of a file in the order in which their items were first judged; the last on an item holds.

    A file that is not there has none.

    Raises:
        InputError: A line is no verdict.
    """
    try:
        content = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: expected verdicts, a line of JSON each: {error}") from error
    latest: dict[tuple[Any, ...], Verdict] = {}
    for number, line in enumerate(content.split("\n"), 1):
        if line.strip():
            verdict = _parsed(line, f"{path}:{number}")
            latest[(*verdict.item, verdict.reviewer)] = verdict
    return list(latest.values())


def append_verdict(path: str, verdict: Verdict) -> None:
    """Add a verdict to a file, which is made where there is none."""
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(_line(verdict))


def write_verdicts(path: str, verdicts: Iterable[Verdict]) -> None:
    """Write a file of verdicts."""
    Path(path).write_text("".join(map(_line, verdicts)), encoding="utf-8")


def _line(verdict: Verdict) -> str:
    return json.dumps(finite(asdict(verdict)), ensure_ascii=True) + "\n"


def _parsed(line: str, where: str) -> Verdict:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise InputError(f"{where}: expected a verdict, a line of JSON: {error}") from error
    if not isinstance(value, dict):
        raise InputError(f"{where}: expected a verdict, found {type(value).__name__}")
    return verdict_of(value, where)


def verdict_of(value: Mapping[str, Any], where: str) -> Verdict:
    """Return a verdict from its JSON value; fields of others are passed over.

    Args:
        value: The object.
        where: It comes from.

    Raises:
        InputError: A field is lacking, or no such value.
    """
    given = {field.name: value[field.name] for field in fields(Verdict) if field.name in value}
    for name in ("run", "stage", "reason", "doc_id", "value", "limit", "decision", "verdict"):
        if name not in given:
            raise InputError(f"{where}: the verdict has no '{name}'")
    for name, choices in _CHOICES.items():
        if name in given and given[name] not in choices:
            raise InputError(f"{where}: {name} is one of {', '.join(choices)}, not {given[name]!r}")
    for name in ("run", "stage", "reason", "doc_id", "reviewer", "setting"):
        if not isinstance(given.get(name, ""), str):
            raise InputError(f"{where}: {name} is text, not {given[name]!r}")
    for name in ("value", "limit"):
        number = given[name]
        if number is not None and (isinstance(number, bool) or not isinstance(number, int | float)):
            raise InputError(f"{where}: {name} is a number or null, not {number!r}")
    if not isinstance(given.get("drops_at_limit", False), bool):
        raise InputError(f"{where}: drops_at_limit is true or false, not {given['drops_at_limit']!r}")
    return Verdict(**finite(given))
