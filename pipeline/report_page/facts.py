"""What findings are made of: small tables of a run, read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.report_page.settings import Met, Setting, settings_of
from pipeline.results.decisions import damaged_inputs
from pipeline.runs.run import Run
from pipeline.summaries import duplicates, funnel, mix
from pipeline.summaries.reading import KEPT_STAGE, added, all_records, empty, ones, stages_of
from schemas.columns import DROP, HOST, LANGUAGE, TOKENS

_HOSTS: Final = 50
_LIMITS: Final = ("stage", "reason", LANGUAGE.name)


@dataclass(frozen=True)
class Facts:
    """What is known of a run.

    Attributes:
        run: The run directory, for advice.
        steps: Rows `stage`, `rows_in`, `kept`, `dropped`, in order.
        reasons: What `summaries.funnel.reasons` returns, as rows.
        outcomes: Rows `stage`, `reason`, `language`, `category`, `records`, `tokens`: what `summaries.funnel.outcomes`
            returns.
        host_outcomes: Rows `stage`, `reason`, `host`, `records` of the hosts with most records, and of all others
            together, whose `host` is null; with `language`.
        limits: (stage, reason, language) → the limits that documents were dropped by, lowest and highest.
        settings: (stage, reason, language) → the parameter that the limit is, and a looser value to try.
        groups: What `summaries.duplicates.biggest_groups` returns, as rows.
        hosts: What `summaries.mix.hosts` returns, as rows: of the release.
        mix: What `summaries.mix.categories` returns, as rows.
        benchmarks: What `summaries.mix.benchmarks` returns, as rows.
        damaged: (input file, what is wrong with it).
        files: Input files.
    """

    run: str = "RUN"
    steps: Sequence[Mapping[str, Any]] = ()
    reasons: Sequence[Mapping[str, Any]] = ()
    outcomes: Sequence[Mapping[str, Any]] = ()
    host_outcomes: Sequence[Mapping[str, Any]] = ()
    limits: Mapping[Met, tuple[float, float]] = field(default_factory=dict)
    settings: Mapping[Met, Setting] = field(default_factory=dict)
    groups: Sequence[Mapping[str, Any]] = ()
    hosts: Sequence[Mapping[str, Any]] = ()
    mix: Sequence[Mapping[str, Any]] = ()
    benchmarks: Sequence[Mapping[str, Any]] = ()
    damaged: Sequence[tuple[str, str]] = ()
    files: int = 0

    @property
    def records(self) -> int:
        """Records that came in."""
        return int(self.steps[0]["rows_in"]) if self.steps else 0

    @property
    def documents(self) -> int:
        """Documents that every stage kept."""
        return int(self.steps[-1]["kept"]) if self.steps else 0

    @property
    def tokens(self) -> int:
        """Tokens of the training split, repeated ones too; without `mix`, of what is kept; 0 where none counted."""
        if self.mix:
            return int(sum(row["tokens"] for row in self.mix))
        if self.hosts and self.hosts[0]["share"]:
            whole: int = round(self.hosts[0]["tokens"] / self.hosts[0]["share"])
            return whole
        return int(sum(row["tokens"] or 0 for row in self.outcomes if row["stage"] == KEPT_STAGE))


def facts_of(run: str) -> Facts:
    """Return what findings are made of.

    Raises:
        ManifestError: The run holds nothing.
    """
    tables = Run(run).tables()
    names = [name for name in funnel.hosts(run, _HOSTS)[HOST.name].to_pylist() if name is not None]
    limits, hosts = _one_pass(run, pa.array(names, pa.string()))
    return Facts(
        run=run,
        steps=funnel.steps(run).to_pylist(),
        reasons=funnel.reasons(run).to_pylist(),
        outcomes=funnel.outcomes(run).rename_columns(
            ["stage", "reason", LANGUAGE.name, "category", "records", "bytes", TOKENS.name]
        ).to_pylist(),
        host_outcomes=hosts.to_pylist(),
        limits=limits,
        settings=settings_of(run, limits),
        groups=duplicates.biggest_groups(run).to_pylist(),
        hosts=mix.hosts(run).to_pylist(),
        mix=mix.categories(run).to_pylist(),
        benchmarks=mix.benchmarks(run).to_pylist(),
        damaged=damaged_inputs(tables[0]),
        files=len({part.source for part in tables[0].parts}),
    )  # fmt: skip


def _one_pass(run: str, names: pa.Array) -> tuple[dict[Met, tuple[float, float]], pa.Table]:
    """Return the limits that were met by stage, reason and language; and what became of some hosts' records."""
    met: list[pa.Table] = []
    by = ("stage", "reason", HOST.name, LANGUAGE.name)
    outcomes = empty(by, ("records",))
    for batch in all_records(Run(run).tables(), (LANGUAGE, HOST)):
        drop = batch.column(DROP.name)
        stage, reason = stages_of(batch), pc.struct_field(drop, "reason")
        limit = pc.struct_field(drop, "limit").cast(pa.float64())
        rows = pa.table([stage, reason, batch.column(LANGUAGE.name), limit, limit], names=[*_LIMITS, "low", "high"])
        met = [_ends(pa.concat_tables([*met, rows.filter(pc.is_valid(limit))]))]
        host = batch.column(HOST.name)
        shown = pc.if_else(pc.is_in(host, names), host, pa.scalar(None, pa.string()))
        more = pa.table(
            [stage, reason, shown, batch.column(LANGUAGE.name), ones(batch.num_rows)], names=[*by, "records"]
        )
        outcomes = added(outcomes, more, by, ("records",))
    lines = met[0].to_pylist() if met else []
    return {(row["stage"], row["reason"], row[LANGUAGE.name]): (row["low"], row["high"]) for row in lines}, outcomes


def _ends(rows: pa.Table) -> pa.Table:
    made = rows.group_by(list(_LIMITS)).aggregate([("low", "min"), ("high", "max")])
    return made.select([*_LIMITS, "low_min", "high_max"]).rename_columns([*_LIMITS, "low", "high"])
