"""Charts of two runs side by side."""

from typing import Final

import pyarrow as pa

from pipeline.charts.drawing import pairs
from pipeline.charts.figures import Figure, Section
from pipeline.charts.parts import COUNT, SHARE, Field, figure, rows_of
from pipeline.charts.words import counted, listed, named, percent
from pipeline.summaries import comparison as summaries
from schemas.columns import CATEGORY, LANGUAGE

_SHOWN: Final = 20


def steps_figure(steps: pa.Table) -> Figure:
    """Return the funnels of both runs.

    Args:
        steps: What `summaries.comparison.steps` returns.
    """
    rows = rows_of(steps)
    last = [next((row[side] for row in reversed(rows) if row[side] is not None), 0) for side in ("before", "after")]
    change = f"{last[0]:,} records were kept before, {last[1]:,} after"
    first = next(
        (
            row
            for row in rows
            if row["before"] is not None and row["after"] is not None and row["before"] != row["after"]
        ),
        None,
    )
    title = f"{change}; no stage that both have differs"
    if first is not None:
        title = (
            f"{change}; the first stage that differs is {first['stage']}: {first['before']:,} and {first['after']:,}"
        )
    told = "; ".join(f"{row['stage']} {_amount(row['before'])} and {_amount(row['after'])}" for row in rows)
    chart = pairs(rows, "stage", Field("kept", "records kept", COUNT))
    return figure("comparison_steps", title, f"Records kept after each stage, before and after: {told}.", chart, steps)


def _amount(count: int | None) -> str:
    return "no such stage" if count is None else f"{count:,}"


def reasons_figure(reasons: pa.Table) -> Figure:
    """Return the reasons that took most more, or fewer, records.

    Args:
        reasons: What `summaries.comparison.reasons` returns.
    """
    rows = [row for row in rows_of(reasons) if row["before"] != row["after"]][:_SHOWN]
    for row in rows:
        row["label"] = f"{row['stage']}: {row['reason']}"
    title = "Every reason took as many records in both runs"
    if rows:
        most = rows[0]
        way = "more" if most["after"] > most["before"] else "fewer"
        title = (
            f"{most['label']} took {abs(most['after'] - most['before']):,} {way} records:"
            f" {most['before']:,} before, {most['after']:,} after"
        )
    told = "; ".join(f"{row['label']} {row['before']:,} and {row['after']:,}" for row in rows[:10])
    chart = pairs(
        rows or [{"label": "(no difference)", "before": 0, "after": 0}],
        "label",
        Field("records", "records dropped", COUNT),
    )
    return figure(
        "comparison_reasons",
        title,
        f"Records dropped by reason, before and after: {told or 'no difference'}.",
        chart,
        reasons,
        "Reasons that differ, the largest differences first.",
    )


def kept_figure(kept: pa.Table, by: str) -> Figure:
    """Return what is kept by language or category.

    Args:
        kept: What `summaries.comparison.kept` returns.
        by: `language` or `category`.
    """
    rows = rows_of(kept.slice(0, _SHOWN))
    most = rows[0] if rows else None
    title = f"As many documents of every {by} are kept in both runs"
    if most is not None and most["before"] != most["after"]:
        way = "more" if most["after"] > most["before"] else "fewer"
        title = (
            f"{counted(abs(most['after'] - most['before']), 'document')} {way} of {by} {named(most[by])} are kept:"
            f" {most['before']:,} before, {most['after']:,} after"
        )
        gone = [row for row in rows if row["before"] and not row["after"]]
        if gone:
            title += f"; nothing is left of {listed([named(row[by]) for row in gone])}"
    told = "; ".join(f"{row[by]} {row['before']:,} and {row['after']:,}" for row in rows[:10])
    chart = pairs(rows, by, Field("documents", "documents kept", COUNT))
    return figure(
        f"comparison_kept_by_{by}",
        title,
        f"Documents kept by {by}, before and after: {told}.",
        chart,
        kept,
        "The largest differences first.",
    )


def shares_figure(shares: pa.Table) -> Figure:
    """Return the shares of categories in both releases.

    Args:
        shares: What `summaries.comparison.shares` returns.
    """
    rows = rows_of(shares)
    most = max(rows, key=lambda row: abs(row["after"] - row["before"]))
    title = (
        f"{named(most[CATEGORY.name])} changed most in the mix: {percent(most['before'])} of the tokens before,"
        f" {percent(most['after'])} after"
    )
    if abs(most["after"] - most["before"]) < 0.005:
        title = "The mix has the same shares in both runs, to half a point"
    told = "; ".join(f"{row[CATEGORY.name]} {percent(row['before'])} and {percent(row['after'])}" for row in rows)
    chart = pairs(rows, CATEGORY.name, Field("share", "share of tokens", SHARE))
    return figure("comparison_shares", title, f"Shares of the mix, before and after: {told}.", chart, shares)


def section(run: str, other: str) -> Section:
    """Return two runs side by side.

    Raises:
        ManifestError: One of them holds nothing.
    """
    shown = [steps_figure(summaries.steps(run, other)), reasons_figure(summaries.reasons(run, other))]
    for by in (LANGUAGE.name, CATEGORY.name):
        kept = summaries.kept(run, other, by)
        if kept.num_rows:
            shown.append(kept_figure(kept, by))
    shares = summaries.shares(run, other)
    if shares.num_rows:
        shown.append(shares_figure(shares))
    lacks = [
        f"Only {side} has {listed(stages, 20)}."
        for side, stages in zip(("the run before", "the run after"), summaries.missing_stages(run, other), strict=True)
        if stages
    ]
    return Section("comparison", "Two runs", shown, " ".join(["Before is the first run, after the other.", *lacks]))


def section_or_sentence(run: str, other: str | None) -> Section:
    """Return two runs side by side, or a section that says that the other is not named.

    Args:
        run: The run directory.
        other: The run that it is compared with; None or "" where none is named.
    """
    if not other:
        return Section("comparison", "Two runs", (), "No other run is named: set GRISTMILL_OTHER_RUN to one.")
    return section(run, other)
