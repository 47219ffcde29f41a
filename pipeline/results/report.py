"""What a run did, in words: the funnel from records to shards, the mix reached, and where the results are."""

from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.engine.stage import Stage
from pipeline.results.decisions import damaged_inputs, records_in
from pipeline.runs.table import Table
from pipeline.stores import storage

REPORT = "report.json"


def funnel(tables: Sequence[Table]) -> list[tuple[str, int, int, dict[str, int]]]:
    """Return (stage, rows in, rows kept, dropped by reason) of every stage of a chain."""
    rows = records_in(tables)
    steps = []
    for table in tables:
        steps.append((table.stage, rows, table.rows, table.manifest.dropped()))
        rows = table.rows
    return steps


def funnel_lines(tables: Sequence[Table]) -> list[str]:
    """Return the funnel as a table, a line a stage and a line a reason."""
    lines = [f"{'stage':<16}{'in':>12}{'kept':>12}{'dropped':>12}"]
    for stage, before, kept, dropped in funnel(tables):
        lines.append(f"{stage:<16}{before:>12,}{kept:>12,}{before - kept:>12,}")
        lines += [
            f"  {reason:<38}{count:>12,}" for reason, count in sorted(dropped.items(), key=lambda x: (-x[1], x[0]))
        ]
    return lines


def write_report(run: str, tables: Sequence[Table], release: dict[str, Any] | None, kept: Sequence[str] = ()) -> None:
    """Write what a run did as JSON: the funnel, what the fits noted, the mix, damaged inputs, and kept results."""
    stages = [
        {"stage": stage, "in": before, "kept": kept, "dropped": dropped, "notes": table.manifest.notes}
        for table, (stage, before, kept, dropped) in zip(tables, funnel(tables), strict=True)
    ]
    damaged = [{"file": file, "error": error} for file, error in damaged_inputs(tables[0])]
    mix = None if release is None else {name: release[name] for name in ("categories", "weights", "limited_by")}
    report: dict[str, Any] = {"stages": stages, "mix": mix, "damaged_inputs": damaged}
    if kept:
        report["kept_results"] = sorted(kept)
    storage.write_json(storage.join(run, REPORT), report)


def mix_lines(release: dict[str, Any]) -> list[str]:
    """Return the mix reached, category by category, and what limits its size."""
    totals, weights = release["categories"], release["weights"]
    tokens = sum(total["tokens"] for total in totals.values())
    lines = [f"{'category':<16}{'documents':>12}{'tokens':>14}{'epochs':>8}{'share':>9}{'target':>9}"]
    asked = sum(weights.values())
    for category in sorted(weights, key=lambda name: -weights[name]):
        total = totals.get(category, {"documents": 0, "tokens": 0, "rows": 0})
        epochs = total["rows"] / total["documents"] if total["documents"] else 0
        share = 100 * total["tokens"] / tokens if tokens else 0
        lines.append(
            f"{category:<16}{total['documents']:>12,}{total['tokens']:>14,}{epochs:>8.2f}{share:>8.2f}%"
            f"{100 * weights[category] / asked:>8.1f}%"
        )
    if not tokens:
        return [*lines, "nothing is left to mix"]
    missing = [category for category, weight in weights.items() if weight > 0 and category not in totals]
    if missing:
        lines.append(f"no document in {', '.join(missing)}: the other categories share its weight")
    if release["limited_by"]:
        lines.append(f"{tokens:,} tokens in all; what limits the size is {release['limited_by']}")
    return lines


def fit_lines(tables: Sequence[Table], stages: Sequence[Stage]) -> Iterator[str]:
    """Yield what the fits of a chain noted, a line or a few per stage.

    Args:
        tables: The chain.
        stages: Of the plan; they know how to say it.
    """
    by_name = {stage.name: stage for stage in stages}
    for table in tables:
        say = by_name[table.stage].report if table.stage in by_name else None
        if say is not None and table.manifest.notes:
            for number, line in enumerate(say(table.manifest.notes)):
                yield f"{table.stage if not number else '':<16}{line}"


def result_lines(tables: Sequence[Table], stages: Sequence[Stage], release: dict[str, Any] | None) -> list[str]:
    """Return everything a run ends with."""
    run = tables[0].root
    lines = ["", *funnel_lines(tables)]
    if said := list(fit_lines(tables, stages)):
        lines += ["", *said]
    if release is not None:
        lines += ["", *mix_lines(release)]
    for file, error in damaged_inputs(tables[0]):
        lines.append(f"warning: {file}: {error}")
    lines += ["", f"decisions  {storage.join(run, 'decisions')}", f"inputs     {storage.join(run, 'inputs')}"]
    if release is not None:
        lines.append(f"release    {storage.join(run, 'release', 'data')}")
    else:
        lines.append(f"the table  python -m jobs.export {run} {tables[-1].stage} DIRECTORY")
        if storage.exists(storage.join(run, "release", "_manifest.json")):
            lines.append("the release there is of an earlier chain: run again without --only or --to to renew it")
    for name in (name for stage in stages for name in stage.publishes):
        if storage.exists(storage.join(run, name)):
            lines.append(f"{name:<11}{storage.join(run, name)}")
    lines.append(f"report     {storage.join(run, REPORT)}")
    lines.append(f"why was a page dropped?  python -m jobs.explain {run} URL")
    return lines
