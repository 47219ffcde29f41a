"""Charts of signals: which rules fire, alone and together, on which languages; distributions with limits; flips."""

from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.charts.distributions import correlations_figure, distributions_figure, groups_figure
from pipeline.charts.drawing import bars, heat, pairs
from pipeline.charts.figures import Figure, Section
from pipeline.charts.outliers import weight
from pipeline.charts.parts import COUNT, SHARE, Field, figure, rows_of
from pipeline.charts.words import counted, listed, named, percent
from pipeline.errors import ConfigError
from pipeline.runs.run import Run
from pipeline.summaries import limits as limit_summaries
from pipeline.summaries import signals as summaries
from pipeline.summaries.distributions import correlations, distributions
from schemas.columns import LANGUAGE

_SHOWN: Final = 15
_PANELS: Final = 8
_DIVIDED: Final = 3
"""Signals that are drawn by language and by category, those that dropped most."""
_STRONG: Final = 0.95


def rules_figure(rules: pa.Table) -> Figure:
    """Return on how many documents each rule fires: as the only one, or with others.

    Args:
        rules: The `rules` of `summaries.signals.fired`.
    """
    lines = [row for row in rows_of(rules) if row["documents"]][:_SHOWN]
    rows = [
        {
            "rule": row["rule"],
            "fires": fires,
            "documents": count,
            "gives the reason": row["first"],
            "signal": row["signal"],
            "limit": row["limit"],
        }
        for row in lines
        for fires, count in (("alone", row["only"]), ("with others", row["documents"] - row["only"]))
    ]
    title = "No rule fires on any document"
    if lines:
        alone = max(lines, key=lambda row: (row["only"], row["documents"]))
        title = (
            f"{lines[0]['rule']} fires most often, on {counted(lines[0]['documents'], 'document')};"
            f" {alone['rule']} is the only one on {counted(alone['only'], 'document')}, more than any other"
        )
        if alone is lines[0]:
            title = (
                f"{alone['rule']} fires most often, on {counted(alone['documents'], 'document')}; on"
                f" {alone['only']:,} of them no other rule fires"
            )
    tips = (
        Field("gives the reason", "gives the reason for", COUNT),
        Field("signal", "signal"),
        Field("limit", "limit", ",.4~g"),
    )
    chart = bars(
        rows,
        Field("rule", "rule"),
        Field("documents", "documents that fail it", COUNT),
        colour=Field("fires", ""),
        tips=tips,
        width=430,
    )
    told = "; ".join(f"{row['rule']} {row['documents']:,}, {row['only']:,} alone" for row in lines[:8])
    return figure(
        "signals_rules",
        title,
        f"Rules by documents that fail them: {told or 'none'}.",
        chart,
        rules,
        "A document has the first rule that it fails as its reason; here every rule is asked.",
    )


def edges_figure(rules: pa.Table) -> Figure:
    """Return how many documents would change side if a rule's limit were a tenth tighter or looser.

    Args:
        rules: The `rules` of `summaries.signals.fired`.
    """
    lines = [row for row in rows_of(rules) if row["if_tighter"] or row["if_looser"]]
    lines.sort(key=lambda row: (-(row["if_tighter"] + row["if_looser"]), row["rule"]))
    lines = lines[:_SHOWN]
    rows = [
        {
            "rule": row["rule"],
            "limit is": way,
            "documents": row[column],
            "parameter": row["parameter"],
            "limit": row["limit"],
        }
        for row in lines
        for way, column in (("a tenth tighter: lost", "if_tighter"), ("a tenth looser: won", "if_looser"))
    ]
    title = "No document lies within a tenth of a limit that decides its fate"
    if lines:
        first = lines[0]
        title = (
            f"{first['parameter'] or first['rule']} is the limit that matters most: a tenth tighter it drops"
            f" {first['if_tighter']:,} more, a tenth looser it keeps {first['if_looser']:,} more"
        )
    chart = bars(
        rows,
        Field("rule", "rule"),
        Field("documents", "documents that change side", COUNT),
        colour=Field("limit is", ""),
        tips=(Field("parameter", "parameter"), Field("limit", "limit", ",.4~g")),
        width=430,
    )
    told = "; ".join(f"{row['rule']} {row['if_tighter']:,} lost, {row['if_looser']:,} won" for row in lines[:8])
    return figure(
        "signals_edges",
        title,
        f"Documents near a limit, by rule: {told or 'none'}.",
        chart,
        rules,
        "One limit moved, all others left; decided again from the stored signals.",
    )


def languages_figure(languages: pa.Table) -> Figure:
    """Return the share of each language's documents on which each rule fires.

    Args:
        languages: The `languages` of `summaries.signals.fired`.
    """
    shown = list(dict.fromkeys(languages["rule"].to_pylist()))[:_SHOWN]
    rows = rows_of(languages.filter(pc.is_in(languages["rule"], pa.array(shown, pa.string()))))
    for row in rows:
        row["label"] = f"{row[LANGUAGE.name]} ({row['documents']:,})"
    sums: dict[str, list[int]] = {}
    for row in rows:
        of_rule = sums.setdefault(row["rule"], [0, 0])
        of_rule[0] += row["fired"]
        of_rule[1] += row["documents"]
    worst = max((row for row in rows if row["fired"]), key=lambda row: _excess(row, sums[row["rule"]]), default=None)
    title = "No rule fires on any document"
    if worst is not None:
        fired, documents = sums[worst["rule"]]
        others = (fired - worst["fired"]) / max(documents - worst["documents"], 1)
        title = (
            f"{worst['rule']} fires on {percent(worst['share'])} of language {named(worst[LANGUAGE.name])}:"
            f" {worst['fired']:,} of {worst['documents']:,} documents; of all others on {percent(others)}"
        )
    chart = heat(
        rows,
        Field("rule", "rule"),
        Field("label", "language"),
        Field("share", "share that fails", SHARE),
        tips=(Field("fired", "documents that fail", COUNT), Field("documents", "documents", COUNT)),
        ringed=worst,
    )
    told = "; ".join(
        f"{row['rule']} {percent(row['share'])} of {row[LANGUAGE.name]}"
        for row in sorted(rows, key=lambda row: -row["share"])[:8]
    )
    return figure(
        "signals_languages",
        title,
        f"Largest shares that fail: {told or 'none'}.",
        chart,
        languages,
        "Share of a language's documents that fail a rule, whatever the others say.",
    )


def _excess(row: dict[str, Any], sums: list[int]) -> float:
    others = (sums[0] - row["fired"]) / max(sums[1] - row["documents"], 1)
    return weight(row["share"], others, row["documents"])


def together_figure(together: pa.Table) -> Figure:
    """Return which rules fire on the same documents.

    Args:
        together: The `together` of `summaries.signals.fired`.
    """
    shown = list(dict.fromkeys(together["rule"].to_pylist()))[:_SHOWN]
    rows = [row for row in rows_of(together) if row["rule"] in shown and row["other"] in shown]
    same = [row for row in rows if row["share"] >= _STRONG]
    diagonal = [{"rule": rule, "other": rule, "share": 0.0, "documents": None} for rule in shown]  # one order for both
    title = "No rule of the most frequent ones is nearly always accompanied by another"
    if same:
        first = max(same, key=lambda row: row["documents"])
        title = (
            f"{first['rule']} nearly never fires without {first['other']}: {percent(first['share'])} of its documents"
            f" fail both, {first['documents']:,}"
        )
    chart = heat(
        [*diagonal, *rows],
        Field("other", "this one fires, too"),
        Field("rule", "of the documents that fail"),
        Field("share", "share", SHARE),
        tips=(Field("documents", "documents that fail both", COUNT),),
    )
    told = "; ".join(
        f"{row['rule']} with {row['other']} {percent(row['share'])}"
        for row in sorted(rows, key=lambda row: -row["share"])[:8]
    )
    return figure(
        "signals_together",
        title,
        f"Rules that fire together: {told or 'none'}.",
        chart,
        together,
        "Of the documents that fail the rule on the left, the share that fails the one above, too.",
    )


def flips_figure(flips: limit_summaries.Flips) -> Figure:
    """Return what other limits would do, by language.

    Args:
        flips: What `summaries.limits.flips` returns.
    """
    cells = (
        flips.cells.group_by(LANGUAGE.name)
        .aggregate([("before", "sum"), ("after", "sum")])
        .sort_by([("before_sum", "descending")])
    )
    lines = rows_of(cells.rename_columns([LANGUAGE.name, "before", "after"]).slice(0, _SHOWN))
    before, after = (pc.sum(flips.cells[side]).as_py() or 0 for side in ("before", "after"))
    title = (
        f"{after:,} documents would pass instead of {before:,}"
        if before != after
        else f"As many documents would pass: {before:,}"
    )
    chart = pairs(
        [{"label": row[LANGUAGE.name], "before": row["before"], "after": row["after"]} for row in lines],
        "label",
        Field("documents", "documents that pass", COUNT),
    )
    told = "; ".join(f"{row[LANGUAGE.name]} {row['before']:,} and {row['after']:,}" for row in lines[:10])
    return figure(
        "signals_flips",
        title,
        f"Documents that pass heuristics before and after: {told}.",
        chart,
        flips.cells,
        "Before: the limits of the run; after: those asked about.",
    )


def section(run: str) -> Section:
    """Return the signals of a run.

    Raises:
        ManifestError: The run holds nothing.
    """
    title = "Signals"
    if summaries.STAGE not in Run(run).stages:
        return Section("signals", title, (), "The run has no stage heuristics, which measures signals.")
    try:
        fired = summaries.fired(run)
    except ConfigError as error:
        return Section("signals", title, (), f"Signals cannot be judged again: {error}.")
    ordered = fired.rules.sort_by([("first", "descending"), ("documents", "descending"), ("rule", "ascending")])
    frequent = list(dict.fromkeys(ordered["signal"].to_pylist()))[:_PANELS]
    shown = [
        rules_figure(fired.rules),
        edges_figure(fired.rules),
        languages_figure(fired.languages),
        together_figure(fired.together),
    ]
    judged = pc.sum(fired.rules["documents"]).as_py()
    if fired.languages.num_rows or judged == 0:
        together = distributions(run, frequent)
        if together.bins.num_rows:
            shown.append(distributions_figure(together, fired.rules))
            for by in ("language", "category"):
                divided = distributions(run, frequent[:_DIVIDED], by)
                if pc.count_distinct(divided.bins["group"]).as_py() > 1:  # of one group it is the chart above
                    drawn = set(divided.bins["signal"].to_pylist())
                    shown += [groups_figure(divided, name, by) for name in frequent[:_DIVIDED] if name in drawn]
            shown.append(correlations_figure(correlations(run)))
    giving = list(dict.fromkeys(row["signal"] for row in rows_of(ordered) if row["first"]))
    most = f"most reasons came of {listed(giving, 4)}" if giving else "no rule dropped a document"
    return Section("signals", title, shown, f"Limits are those of the run; {most}.")
