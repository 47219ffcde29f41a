"""Two runs side by side: the funnel, what is kept by language, category and host, the mix."""

import pyarrow as pa

from pipeline.runs.run import Run
from pipeline.summaries import funnel, mix
from pipeline.summaries.reading import KEPT_STAGE
from schemas.columns import LANGUAGE

_SIDES = ("before", "after")


def steps(run: str, other: str) -> pa.Table:
    """Return rows kept after each stage of either run: `stage`, `before` and `after`, null where a run lacks the stage.

    Args:
        run: The run directory, `before`.
        other: The run that it is compared with, `after`.
    """
    counts = [{row["stage"]: row["kept"] for row in funnel.steps(path).to_pylist()} for path in (run, other)]
    rows = [
        {"stage": stage, **dict(zip(_SIDES, (of.get(stage) for of in counts), strict=True))}
        for stage in _in_order(*(list(of) for of in counts))
    ]
    return pa.Table.from_pylist(rows, _schema("stage"))


def reasons(run: str, other: str) -> pa.Table:
    """Return records dropped by stage and reason in either run, the largest differences first."""
    counts = [
        {(row["stage"], row["reason"]): row["records"] for row in funnel.reasons(path).to_pylist()}
        for path in (run, other)
    ]
    rows = [
        {
            "stage": stage,
            "reason": reason,
            "before": counts[0].get((stage, reason), 0),
            "after": counts[1].get((stage, reason), 0),
        }
        for stage, reason in sorted({*counts[0], *counts[1]})
    ]
    rows.sort(key=lambda row: (-abs(row["after"] - row["before"]), row["stage"], row["reason"]))
    return pa.Table.from_pylist(rows, _schema("stage", "reason"))


def kept(run: str, other: str, by: str = LANGUAGE.name) -> pa.Table:
    """Return records, and those kept, of each language (or category) in either run, the largest differences first.

    Columns: the group, `records_before`, `records_after`, `before` and `after` (kept).
    """
    counts = [
        {row[by]: (row["records"], row[KEPT_STAGE]) for row in funnel.group_totals(path, by).to_pylist()}
        for path in (run, other)
    ]
    rows = [
        {
            by: name,
            **{f"records_{side}": of.get(name, (0, 0))[0] for side, of in zip(_SIDES, counts, strict=True)},
            **{side: of.get(name, (0, 0))[1] for side, of in zip(_SIDES, counts, strict=True)},
        }
        for name in {*counts[0], *counts[1]}
    ]
    rows.sort(key=lambda row: (-abs(row["after"] - row["before"]), str(row[by])))
    schema = pa.schema(
        [
            (by, pa.string()),
            *((f"records_{side}", pa.int64()) for side in _SIDES),
            *((side, pa.int64()) for side in _SIDES),
        ]
    )
    return pa.Table.from_pylist(rows, schema)


def shares(run: str, other: str) -> pa.Table:
    """Return the share of tokens (0 to 1) of each category in either release; empty where one has none."""
    tables = [mix.categories(path).to_pylist() for path in (run, other)]
    counts = [{row["category"]: row["reached_share"] for row in table} for table in tables]
    names = sorted({*counts[0], *counts[1]}) if all(counts) else []
    rows = [
        {"category": name, **{side: of.get(name, 0.0) for side, of in zip(_SIDES, counts, strict=True)}}
        for name in names
    ]
    schema = pa.schema([("category", pa.string()), *((side, pa.float64()) for side in _SIDES)])
    return pa.Table.from_pylist(rows, schema)


def missing_stages(run: str, other: str) -> tuple[list[str], list[str]]:
    """Return the stages that only the first run has, and those that only the other has."""
    first, second = Run(run).stages, Run(other).stages
    return [stage for stage in first if stage not in second], [stage for stage in second if stage not in first]


def _in_order(first: list[str], second: list[str]) -> list[str]:
    """Return all stages of two runs, those of the second behind the stage that they follow.

    >>> _in_order(["ingest", "extract", "mix"], ["ingest", "pii", "mix"])
    ['ingest', 'pii', 'extract', 'mix']
    """
    order = list(first)
    for number, stage in enumerate(second):
        if stage not in order:
            order.insert(order.index(second[number - 1]) + 1 if number else 0, stage)
    return order


def _schema(*names: str) -> pa.Schema:
    return pa.schema([*((name, pa.string()) for name in names), *((side, pa.int64()) for side in _SIDES)])
