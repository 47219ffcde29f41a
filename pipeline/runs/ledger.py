"""The ledger of a run: what each stage cost each time it ran."""

import logging
from dataclasses import asdict, dataclass, fields
from typing import Any

from pipeline.errors import DamageError, ManifestError
from pipeline.stores import storage

_LOG = logging.getLogger(__name__)

LEDGER = "ledger.json"
RESULTS = "results"
"""What the writing of decisions and shards is called beside the stages."""


@dataclass(frozen=True)
class StageCost:
    """What a stage cost, one time that it ran.

    Attributes:
        stage: Its name; `results` for decisions and shards.
        key: The version of its table that came of it.
        started: When it began, ISO 8601 in UTC, to the second.
        wall_seconds: From beginning to commit.
        python_cpu_seconds: CPU time of the Python workers, and of the driver's Python.
        jvm_cpu_seconds: CPU time of the driver's JVM, which on one machine runs the tasks too; 0 where it tells none.
        peak_bytes: The highest resident memory of any Python worker.
        rows_in: Rows that the stage was handed.
        rows_out: Rows that passed it.
        rows_computed: Of the rows in, those of the parts of which anything was computed this time.
        parts: Parts of its table.
        parts_computed: Parts of which anything was computed this time.
        input_bytes: Bytes of the input files behind all its parts, as far as they are known.
        stored_bytes: Bytes of all files that its table names.
        slots: Tasks that ran at once.
    """

    stage: str
    key: str
    started: str
    wall_seconds: float
    python_cpu_seconds: float
    jvm_cpu_seconds: float
    peak_bytes: int
    rows_in: int
    rows_out: int
    rows_computed: int
    parts: int
    parts_computed: int
    input_bytes: int
    stored_bytes: int
    slots: int

    @property
    def cpu_seconds(self) -> float:
        """CPU time of workers and JVM together."""
        return self.python_cpu_seconds + self.jvm_cpu_seconds


def read_ledger(run: str) -> list[StageCost]:
    """Return what every stage cost each time it ran, the latest last; nothing of a run that kept no ledger."""
    names = {field.name for field in fields(StageCost)}
    entries = [_with_rows(entry) for entry in _entries(run)]
    whole = [entry for entry in entries if names <= entry.keys()]  # another version may have others
    return [StageCost(**{name: entry[name] for name in names}) for entry in whole]


def _entries(run: str) -> list[dict[str, Any]]:
    try:
        value = storage.read_json(storage.join(run, LEDGER)) or {}
    except (DamageError, ManifestError) as error:  # figures beside the run: it goes on without those that are damaged
        _LOG.warning("warning: %s; the ledger begins anew", error)
        return []
    return list(value.get("stages", ()))


def _with_rows(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry with `rows_computed`, which the first ledgers lack, by the share of its parts."""
    if "rows_computed" in entry or not {"rows_in", "parts", "parts_computed"} <= entry.keys():
        return entry
    return {**entry, "rows_computed": entry["rows_in"] * entry["parts_computed"] // max(entry["parts"], 1)}


def add_to_ledger(run: str, cost: StageCost) -> None:
    """Add what a stage cost; the run's lock keeps other writers away."""
    storage.write_json(storage.join(run, LEDGER), {"stages": [*_entries(run), asdict(cost)]})


def latest_costs(run: str) -> dict[str, StageCost]:
    """Return stage → what it cost the last time that anything of it was computed."""
    return {cost.stage: cost for cost in read_ledger(run) if cost.parts_computed}
