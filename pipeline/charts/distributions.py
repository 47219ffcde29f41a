"""Charts of signals: their distributions with limits, in languages and categories, and how they go together."""

from typing import Any, Final

import pyarrow as pa

from pipeline.charts.drawing import bars, columns
from pipeline.charts.figures import Figure
from pipeline.charts.parts import COUNT, Field, figure, rows_of
from pipeline.charts.words import counted, named
from pipeline.summaries.distributions import Distributions

_STRONG: Final = 0.95
_MANY: Final = 20
"""Documents from which on a group is told of in a title."""


def distributions_figure(distributions: Distributions, rules: pa.Table) -> Figure:
    """Return the histograms of signals, a small chart each, with the run's limits.

    Args:
        distributions: What `summaries.distributions.distributions` returns.
        rules: The `rules` of `summaries.signals.fired`, for the title.
    """
    rows = rows_of(distributions.bins)
    edges: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        edges.setdefault(row["signal"], []).append(row)
    of_all = [row for row in _limits_of_all(distributions) if row["signal"] in edges]
    seen = [
        {"signal": row["signal"], **mark} for row in of_all for mark in _marks(row, row["limit"], edges[row["signal"]])
    ]
    ordered = sorted((row for row in rows_of(rules) if row["signal"] in edges), key=lambda row: -row["first"])
    title = f"{counted(len(edges), 'signal')} with the limits of the run"
    if ordered and ordered[0]["first"]:
        first = ordered[0]
        title = f"{first['signal']} dropped most: {counted(first['first'], 'document')} {_beyond(first)}"
        for limit in sorted(
            {first["lowest"], first["highest"]} - {first["limit"]}
        ):  # of a language: the one that did it
            seen += [{"signal": first["signal"], **mark} for mark in _marks(first, limit, edges[first["signal"]])]
    elif ordered:
        title = "No signal dropped a document"
    bins = Field("from", "", ",.4~g"), Field("to", "to", ",.4~g")
    chart = columns(rows, bins, Field("documents", "documents", COUNT), limits=seen, panel=Field("signal", "signal"))
    told = ", ".join(edges)
    return figure(
        "signals_distributions",
        title,
        f"Histograms of {told}; dashed lines are limits of all languages.",
        chart,
        distributions.bins,
        "Dashed: the limit of languages without their own, and those by which most were dropped. Outer bars hold all"
        " beyond; an arrow points to a limit further off. Bar heights are square roots: small bars can be seen.",
    )


def _limits_of_all(distributions: Distributions) -> list[dict[str, Any]]:
    """Return the limits of rules that are asked of all prose; those of code or of one language are not drawn."""
    return [row for row in rows_of(distributions.limits) if row["language"] == "(none)" and row["is_of_all"]]


def _marks(rule: dict[str, Any], limit: float, bins: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the line of a limit, with its number; words alone at the edge if it drops all and lies beyond the bins."""
    low, high = bins[0]["from"], bins[-1]["to"]
    middle, number = (low + high) / 2, f"{limit:,.4g}"
    if low <= limit <= high:
        return [{"limit": limit, "edge": limit, "says": number, "is_left": limit > middle}]
    if limit > high and rule["fails"] == "<":
        return [{"edge": high, "says": f"limit {number} \N{RIGHTWARDS ARROW}", "is_left": True}]
    if limit < low and rule["fails"] == ">":
        return [{"edge": low, "says": f"\N{LEFTWARDS ARROW} limit {number}", "is_left": False}]
    return []


def _beyond(rule: dict[str, Any]) -> str:
    """Return on which side of which limit the documents lie that a rule dropped."""
    side = "below" if rule["fails"] == "<" else "above"
    low, high = rule["lowest"], rule["highest"]
    if low == high:
        return f"{side} {low:,.6g}" + ("" if low == rule["limit"] else ", the limit of their language")
    return f"{side} the limit of their language ({low:,.6g} to {high:,.6g})"


def groups_figure(distributions: Distributions, signal: str, by: str) -> Figure:
    """Return the histograms of a signal in each language (or category), with the limits that hold there.

    Args:
        distributions: What `summaries.distributions.distributions` returns with `by`.
        signal: Name of the signal.
        by: `language` or `category`.
    """
    rows = [row for row in rows_of(distributions.bins) if row["signal"] == signal]
    groups = list(dict.fromkeys(row["group"] for row in rows))
    limits: list[dict[str, Any]] = []
    for group in groups:
        own = {row["rule"]: row["limit"] for row in rows_of(distributions.limits) if row["language"] == group}
        drawn = [row for row in rows if row["group"] == group]
        for row in _limits_of_all(distributions):
            if row["signal"] == signal:
                limits += [{"group": group, **mark} for mark in _marks(row, own.get(row["rule"], row["limit"]), drawn)]
    counts = {group: sum(row["documents"] for row in rows if row["group"] == group) for group in groups}
    medians = {
        group: _median([row for row in rows if row["group"] == group]) for group in groups if counts[group] >= _MANY
    }
    title = f"{signal} by {by}, with the limits that hold there"
    if len(set(medians.values())) > 1:
        lowest, highest = (pick(medians, key=lambda group: medians[group]) for pick in (min, max))
        title = (
            f"{signal} is lowest in {named(lowest)}, with a median of about {medians[lowest]:,.4g}, and highest in"
            f" {named(highest)}, with {medians[highest]:,.4g}"
        )
    bins = Field("from", "", ",.4~g"), Field("to", "to", ",.4~g")
    chart = columns(rows, bins, Field("documents", "documents", COUNT), limits=limits, panel=Field("group", by))
    holds = f"that holds for the {by}" if by == "language" else "of languages without their own"
    told = "; ".join(f"{group} {counted(count, 'document')}" for group, count in counts.items())
    return figure(
        f"signals_{signal}_by_{by}",
        title,
        f"Histograms of {signal} by {by}: {told}.",
        chart,
        distributions.bins,
        f"Dashed: the limit {holds}; an arrow points to one that lies further off. Each has a scale of its own;"
        " bar heights are square roots, so that small bars can be seen.",
    )


def _median(bins: list[dict[str, Any]]) -> float:
    """Return the middle of the bin in which the median lies."""
    half, seen = sum(row["documents"] for row in bins) / 2, 0
    for row in bins:
        seen += row["documents"]
        if seen >= half:
            return float(row["from"] + row["to"]) / 2
    return 0.0


def correlations_figure(correlations: pa.Table) -> Figure:
    """Return the pairs of signals that go together most.

    Args:
        correlations: What `summaries.distributions.correlations` returns.
    """
    rows = [row for row in rows_of(correlations) if row["correlation"] is not None]
    rows.sort(key=lambda row: (-abs(row["correlation"]), row["signal"], row["other"]))
    strong = [row for row in rows if abs(row["correlation"]) >= _STRONG]
    rows = rows[:20]
    for row in rows:
        row["label"] = f"{row['signal']} × {row['other']}"
        row["way"] = "rise together" if row["correlation"] > 0 else "one falls as the other rises"
        row["beside"] = f"{row['correlation']:.2f}"
    title = (
        f"{counted(len(strong), 'pair')} of signals say nearly the same (ρ of .95 or more)"
        if strong
        else "No two signals say nearly the same"
    )
    chart = bars(
        rows,
        Field("label", "pair"),
        Field("correlation", "Spearman's ρ", ".1f"),
        colour=Field("way", ""),
        words=Field("beside", "ρ"),
        tips=(Field("documents", "documents", COUNT),),
        width=330,
    )
    told = "; ".join(f"{row['label']} {row['beside']}" for row in rows[:8])
    most = max((row["documents"] for row in rows), default=0)
    return figure(
        "signals_correlation",
        title,
        f"Strongest correlations: {told or 'none'}.",
        chart,
        correlations,
        f"Spearman's rank correlation on {most:,} documents with the lowest doc_ids; the 20 strongest pairs.",
    )
