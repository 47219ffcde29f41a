"""The job: two runs in; documents gained, lost and changed, and what the runs were made by, out.

Both runs are read part by part by Spark's tasks. What they say of a record, some 200 bytes with two hashes each of text
and title, goes to the partition of its doc_id; there both meet in order, batch by batch. A task holds a batch, the
driver what is printed. Nothing is written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.comparison.facts import ORDER, ddl, facts_frame
from pipeline.comparison.joining import ONLY, OUTCOMES, ROWS, SAME, joined
from pipeline.comparison.outcome import COUNTED, Comparison, Group, Tally
from pipeline.comparison.recipes import recipe_differences
from pipeline.comparison.report import comparison_lines
from pipeline.comparison.samples import SIDES, samples_of
from pipeline.errors import DifferenceError
from pipeline.runs.run import Run
from pipeline.runs.table import Table
from pipeline.spark.meter import map_batches
from pipeline.spark.tasks import label, slots
from pipeline.terminal import json_lines
from schemas.columns import DOC_ID, HOST, LANGUAGE

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_ROWS_A_PARTITION = 1_000_000
_HOSTS = 10


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes:
        runs: The run directories.
        sample: Documents to show of each kind.
        fail_over: Share above which the job fails, 0 to 1; None for never.
        as_json: Whether to print one JSON object.
    """

    runs: tuple[str, str]
    sample: int = 5
    fail_over: float | None = None
    as_json: bool = False


def compare(session: "Callable[[], SparkSession]", request: Request, say: Callable[[str], None]) -> None:
    """Compare two runs, and say what came of it.

    Args:
        session: Gives the session; not asked where a run is wrong.
        request: What is asked for.
        say: Is given each line.

    Raises:
        ManifestError: A run holds nothing that is committed.
        DifferenceError: More documents than `fail_over` differ; all has been said then.
    """
    made = comparison(session, request.runs, request.sample)
    lines = json_lines(made.as_value()) if request.as_json else comparison_lines(made)
    for line in lines:
        say(line)
    if request.fail_over is not None and made.share > request.fail_over:
        raise DifferenceError(made.share, request.fail_over)


def comparison(session: "Callable[[], SparkSession]", runs: tuple[str, str], sample: int = 5) -> Comparison:
    """Return what differs between two runs.

    Args:
        session: Gives the session; not asked where a run is wrong.
        runs: The run directories.
        sample: Documents of each kind: the same each time, those with the lowest doc_ids.

    Raises:
        ManifestError: A run holds nothing that is committed.
    """
    tables = [Run(run).tables()[-1] for run in runs]
    recipes = recipe_differences(tables[0].chain, tables[1].chain)
    spark = session()
    label(spark, "compare")
    outcomes = _outcomes(spark, tables).persist()
    try:
        rows = outcomes.groupBy("kind", "what", *_FATES, "first_kept").sum("documents").collect()
        counts, kept_only = _counts(rows)
        return Comparison(
            runs,
            counts,
            kept_only,
            _groups(rows),
            _tallies(outcomes, LANGUAGE.name),
            _tallies(outcomes, HOST.name, _HOSTS),
            recipes,
            samples_of(_sampled(outcomes, sample), tables),
        )
    finally:
        outcomes.unpersist()


_FATES = tuple(f"{side}_{name}" for side in SIDES for name in ("stage", "reason"))


def _outcomes(spark: "SparkSession", tables: Sequence[Table]) -> "DataFrame":
    """Return `OUTCOMES` of both runs' records."""
    records = sum(part.rows for table in tables for part in table.parts)
    partitions = max(slots(spark), -(-records // _ROWS_A_PARTITION))
    facts = facts_frame(spark, tables).repartition(partitions, DOC_ID.name).sortWithinPartitions(*ORDER)
    return map_batches(facts, joined, ddl(OUTCOMES))


def _counts(rows: Sequence[Any]) -> tuple[dict[str, int], tuple[int, int]]:
    counts = dict.fromkeys((SAME, *ROWS, *ONLY), 0)
    kept = dict.fromkeys(ONLY, 0)
    for row in rows:
        counts[row["kind"]] += row["sum(documents)"]
        if row["kind"] in kept and row["first_kept"]:
            kept[row["kind"]] += row["sum(documents)"]
    return counts, (kept[ONLY[0]], kept[ONLY[1]])


def _groups(rows: Sequence[Any]) -> list[Group]:
    groups = [
        Group(
            row["kind"],
            row["what"],
            _fate(row["first_stage"], row["first_reason"]),
            _fate(row["second_stage"], row["second_reason"]),
            row["sum(documents)"],
        )
        for row in rows
        if row["kind"] in ROWS
    ]
    order = {kind: number for number, kind in enumerate(ROWS)}
    return sorted(groups, key=lambda g: (order[g.kind], -g.documents, g.what, g.first or (), g.second or ()))


def _fate(stage: str | None, reason: str | None) -> tuple[str, str] | None:
    return None if stage is None else (stage, reason or "")


def _tallies(outcomes: "DataFrame", name: str, most: int | None = None) -> list[Tally]:
    """Return documents gained, lost and changed by a column, the most first."""
    from pyspark.sql import functions as F  # noqa: N812

    sums = [F.count_if(F.col("kind") == kind).alias(kind) for kind in COUNTED]
    tallied = outcomes.where(F.col("kind").isin(*COUNTED)).groupBy(name).agg(*sums, F.count("*").alias("all"))
    ordered = tallied.orderBy(F.col("all").desc(), F.col(name).asc_nulls_last())
    rows = (ordered if most is None else ordered.limit(most)).collect()
    return [Tally(row[name], *(row[kind] for kind in COUNTED)) for row in rows]


def _sampled(outcomes: "DataFrame", sample: int) -> list[Mapping[str, Any]]:
    order = (DOC_ID.name, "first_part", "first_row", "second_part", "second_row")
    rows: list[Mapping[str, Any]] = []
    for kind in ROWS if sample else ():
        rows += [
            row.asDict() for row in outcomes.where(outcomes["kind"] == kind).orderBy(*order).limit(sample).collect()
        ]
    return rows
