"""The funnel: records, bytes and tokens by stage, reason, language, category and host, and what each stage cost."""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.runs.funnel import funnel
from pipeline.runs.ledger import RESULTS, latest_costs
from pipeline.runs.run import Run
from pipeline.summaries.reading import KEPT_STAGE, added, all_records, empty, grouped, ones, stages_of, summed
from schemas.columns import BODY_BYTES, CATEGORY, DROP, HOST, LANGUAGE, TOKENS
from schemas.reasons import EXPECTED_LOSSES, meaning_of

_BY = ("stage", "reason", LANGUAGE.name, CATEGORY.name)
_SUMS = ("records", BODY_BYTES.name, TOKENS.name)
_FEW_ROWS: Final = 0.1
"""Share of a stage's rows up to which its cost says nothing of a row."""
_COSTS = pa.schema(
    [
        ("stage", pa.string()),
        ("wall_seconds", pa.float64()),
        ("cpu_seconds", pa.float64()),
        ("cpu_ms_per_page", pa.float64()),
        ("stored_bytes", pa.int64()),
        ("peak_bytes", pa.int64()),
        ("rows_in", pa.int64()),
    ]
)


def steps(run: str) -> pa.Table:
    """Return rows in, kept and dropped of every stage, in order."""
    lines = funnel(Run(run).tables())
    return pa.table(
        {
            "stage": pa.array([line[0] for line in lines], pa.string()),
            "rows_in": pa.array([line[1] for line in lines], pa.int64()),
            "kept": pa.array([line[2] for line in lines], pa.int64()),
            "dropped": pa.array([line[1] - line[2] for line in lines], pa.int64()),
        }
    )


def reasons(run: str) -> pa.Table:
    """Return the reasons of all stages, most records first: share (0 to 1) of what the stage was handed, meaning.

    `is_expected` is true of what is no judgement of a page, such as the budget of the mix.
    """
    lines = [
        {
            "stage": stage,
            "reason": reason,
            "records": count,
            "share": count / rows_in if rows_in else 0.0,
            "is_expected": (stage, reason) in EXPECTED_LOSSES,
            "meaning": meaning_of(stage, reason) or "",
        }
        for stage, rows_in, _, dropped in funnel(Run(run).tables())
        for reason, count in dropped.items()
    ]
    schema = pa.schema(
        [
            ("stage", pa.string()),
            ("reason", pa.string()),
            ("records", pa.int64()),
            ("share", pa.float64()),
            ("is_expected", pa.bool_()),
            ("meaning", pa.string()),
        ]
    )
    return pa.Table.from_pylist(lines, schema).sort_by(
        [("records", "descending"), ("stage", "ascending"), ("reason", "ascending")]
    )


def outcomes(run: str) -> pa.Table:
    """Return records, body bytes and tokens by (stage, reason, language, category).

    A stage's rows are those that it dropped; `kept` are those that reached the end. What a stage did not know yet
    (the language of a page without text, the tokens before the mix) is null or 0.
    """
    total = empty(_BY, _SUMS)
    for batch in all_records(Run(run).tables(), (LANGUAGE, CATEGORY, BODY_BYTES, TOKENS)):
        total = added(total, _outcome_rows(batch), _BY, _SUMS)
    return total.sort_by([("records", "descending"), ("stage", "ascending"), ("reason", "ascending")])


def _outcome_rows(batch: pa.RecordBatch) -> pa.Table:
    return pa.table(
        {
            "stage": stages_of(batch),
            "reason": pc.struct_field(batch.column(DROP.name), "reason"),
            LANGUAGE.name: batch.column(LANGUAGE.name),
            CATEGORY.name: batch.column(CATEGORY.name),
            "records": ones(batch.num_rows),
            BODY_BYTES.name: batch.column(BODY_BYTES.name).cast(pa.int64()),
            TOKENS.name: batch.column(TOKENS.name).cast(pa.int64()),
        }
    )


def sizes(run: str, cube: pa.Table | None = None) -> pa.Table:
    """Return records, body bytes and tokens that each stage dropped, in the order of stages, and those that are kept.

    Args:
        run: The run directory.
        cube: What `outcomes` returns, where it is at hand.
    """
    totals = grouped(outcomes(run) if cube is None else cube, ("stage",), _SUMS)
    order = {stage: number for number, stage in enumerate([*Run(run).stages, KEPT_STAGE])}
    at = pa.array([order[stage] for stage in totals["stage"].to_pylist()], pa.int64())
    return totals.append_column("__at", at).sort_by("__at").drop_columns("__at")


def shares_kept(run: str, by: str = LANGUAGE.name, cube: pa.Table | None = None, most: int = 20) -> pa.Table:
    """Return how many records of each language (or category) each stage was handed and dropped.

    Records that were dropped before anybody knew their language stand nowhere here. `share` is what the stage dropped
    of the group, `share_of_others` what it dropped of all other groups, both 0 to 1.

    Args:
        run: The run directory.
        by: `language` or `category`.
        cube: What `outcomes` returns, where it is at hand.
        most: Groups, those with the most records.
    """
    sums = grouped(outcomes(run) if cube is None else cube, ("stage", by), ("records",)).to_pylist()
    counts: dict[str, dict[str, int]] = {}
    for row in sums:
        if row[by] is not None:
            counts.setdefault(row[by], {})[row["stage"]] = row["records"]
    stages = Run(run).stages
    left = {group: sum(by_stage.values()) for group, by_stage in counts.items()}
    shown = sorted(left, key=lambda group: (-left[group], group))[:most]
    lines = []
    for stage in stages:
        gone = {group: by_stage.get(stage, 0) for group, by_stage in counts.items()}
        all_in, all_gone = sum(left.values()), sum(gone.values())
        for group in shown if all_gone else ():
            others = all_in - left[group]
            lines.append(
                {
                    by: group,
                    "stage": stage,
                    "rows_in": left[group],
                    "dropped": gone[group],
                    "share": gone[group] / left[group] if left[group] else None,
                    "share_of_others": (all_gone - gone[group]) / others if others else None,
                }
            )
        left = {group: count - gone[group] for group, count in left.items()}
    schema = pa.schema(
        [
            (by, pa.string()),
            ("stage", pa.string()),
            ("rows_in", pa.int64()),
            ("dropped", pa.int64()),
            ("share", pa.float64()),
            ("share_of_others", pa.float64()),
        ]
    )
    return pa.Table.from_pylist(lines, schema)


def reason_totals(run: str, cube: pa.Table | None = None) -> pa.Table:
    """Return records, body bytes and tokens that were dropped for each reason, most records first.

    `reason` is the stage and the reason, `stage: reason`.

    Args:
        run: The run directory.
        cube: What `outcomes` returns, where it is at hand.
    """
    rows = outcomes(run) if cube is None else cube
    rows = rows.filter(pc.is_valid(rows["reason"]))
    labels = pc.binary_join_element_wise(rows["stage"], rows["reason"], ": ")
    totals = grouped(rows.set_column(1, "reason", labels), ("reason",), _SUMS)
    return totals.sort_by([("records", "descending"), ("reason", "ascending")])


def group_totals(run: str, by: str = LANGUAGE.name, cube: pa.Table | None = None) -> pa.Table:
    """Return records, those kept among them, bytes and tokens of each language (or category), most records first."""
    rows = outcomes(run) if cube is None else cube
    kept = pc.if_else(pc.equal(rows["stage"], KEPT_STAGE), rows["records"], 0)
    totals = grouped(rows.append_column("kept", kept), (by,), ("records", "kept", BODY_BYTES.name, TOKENS.name))
    return totals.sort_by([("records", "descending"), (by, "ascending")])


def hosts(run: str, most: int = 20) -> pa.Table:
    """Return the hosts with the most records: how many came in, how many were kept, body bytes and tokens.

    `error` in the metadata is by how many records a host may have more: 0 unless there are very many hosts. Its bytes
    and tokens lack those of the same records.
    """
    pieces = (
        pa.table(
            {
                HOST.name: batch.column(HOST.name),
                "records": ones(batch.num_rows),
                "kept": pc.is_null(batch.column(DROP.name)).cast(pa.int64()),
                **{column.name: batch.column(column.name).cast(pa.int64()) for column in (BODY_BYTES, TOKENS)},
            }
        )
        for batch in all_records(Run(run).tables(), (HOST, BODY_BYTES, TOKENS))
    )
    total = summed(pieces, (HOST.name,), ("records", "kept", BODY_BYTES.name, TOKENS.name))
    table = total.groups.sort_by([("records", "descending"), (HOST.name, "ascending")]).slice(0, most)
    return table.replace_schema_metadata({"error": str(total.error)})


def costs(run: str) -> pa.Table:
    """Return what each stage cost the last time that anything of it was computed, in order; empty without a ledger.

    CPU seconds are those of workers and JVM together; `cpu_ms_per_page` are milliseconds of them by row of the parts of
    which anything was computed, null where these were few: what is paid once would be laid on them.
    """
    latest = latest_costs(run)
    lines = [
        {
            "stage": stage,
            "wall_seconds": cost.wall_seconds,
            "cpu_seconds": cost.cpu_seconds,
            "cpu_ms_per_page": 1000 * cost.cpu_seconds / cost.rows_computed
            if cost.rows_computed > _FEW_ROWS * cost.rows_in
            else None,
            "stored_bytes": cost.stored_bytes,
            "peak_bytes": cost.peak_bytes,
            "rows_in": cost.rows_in,
        }
        for stage in (*Run(run).stages, RESULTS)
        if (cost := latest.get(stage)) is not None
    ]
    return pa.Table.from_pylist(lines, _COSTS)
