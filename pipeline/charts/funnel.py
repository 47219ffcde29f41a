"""Charts of the funnel: where records, bytes and tokens went, which languages lost most, what it cost."""

from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.charts.drawing import bars, heat
from pipeline.charts.figures import Figure, Section
from pipeline.charts.outliers import surprise, weight
from pipeline.charts.parts import COUNT, PLAIN, SHARE, Field, figure, rows_of, too_low
from pipeline.charts.words import counted, listed, named, percent, sized
from pipeline.summaries import funnel as summaries
from pipeline.summaries.reading import KEPT_STAGE
from schemas.columns import BODY_BYTES, CATEGORY, HOST, LANGUAGE, TOKENS
from schemas.reasons import EXPECTED_LOSSES

_STAGE: Final = Field("stage", "stage")
_RECORDS: Final = Field("records", "records", COUNT)
_EXPECTED: Final = frozenset(stage for stage, _ in EXPECTED_LOSSES)
_UNITS: Final = {"records": "records", BODY_BYTES.name: "bytes of bodies", TOKENS.name: "tokens"}
_SHOWN: Final = 20
_UNKNOWN: Final = "und"
"""The label of what is in no language that is known: that it goes is no surprise."""
_LARGE_HOST: Final = 0.05
"""Share of all records below which the largest host is not named: it is one among many."""
_SURE: Final = 4.0
"""Standard errors from which on a group's loss is called out."""


def steps_figure(steps: pa.Table, reasons: pa.Table) -> Figure:
    """Return how many records each stage kept and dropped.

    Args:
        steps: What `summaries.funnel.steps` returns.
        reasons: What `summaries.funnel.reasons` returns.
    """
    lines = steps.to_pylist()
    first, last = (lines[0]["rows_in"], lines[-1]["kept"]) if lines else (0, 0)
    judging = [line for line in lines if line["stage"] not in _EXPECTED and line["dropped"]]
    told = ""
    if judging:
        most = max(judging, key=lambda line: line["dropped"])
        why = next(row for row in reasons.to_pylist() if row["stage"] == most["stage"])
        told = (
            f" {most['stage']} dropped most: {most['dropped']:,} of {most['rows_in']:,},"
            f" {why['records']:,} for {why['reason']}"
        )
    share = percent(last / first) if first else "none"
    title = f"{last:,} of {first:,} records were kept ({share}).{told}"
    rows = [
        {"stage": line["stage"], "became": became, "records": line[became], "rows in": line["rows_in"]}
        for line in lines
        for became in ("kept", "dropped")
    ]
    chart = bars(rows, _STAGE, _RECORDS, colour=Field("became", ""), tips=(Field("rows in", "rows in", COUNT),))
    stages = ", ".join(f"{line['stage']} {line['kept']:,}" for line in lines)
    note = "Apart from copies and from what the mix has no room for." if told else ""
    return figure("funnel_steps", title, f"Records left after each stage: {stages}.", chart, steps, note)


def reasons_figure(reasons: pa.Table) -> Figure:
    """Return which reasons took most records."""
    rows = rows_of(reasons.slice(0, _SHOWN))
    for row in rows:
        row["label"] = f"{row['stage']}: {row['reason']}"
        row["beside"] = f"{row['records']:,}  ({percent(row['share'])} of the stage's rows)"
    judged = [row for row in rows if not row["is_expected"]]
    total = pc.sum(reasons["records"]).as_py() or 0
    title = "Nothing was dropped"
    if judged:
        first = judged[0]
        title = (
            f"Apart from copies and budget, {first['reason']} ({first['stage']}) took most records:"
            f" {first['records']:,}, {percent(first['share'])} of what the stage was handed"
        )
    elif rows:
        had_copies, had_budget = (any((row["stage"] == "mix") == is_mix for row in rows) for is_mix in (False, True))
        kinds = " or ".join([*["are copies"] * had_copies, *["had no room in the mix"] * had_budget])
        title = f"All {total:,} records that were dropped {kinds}"
    more = reasons.num_rows - len(rows)
    note = f"{counted(more, 'rarer reason')} not shown." if more else ""
    chart = bars(
        rows,
        Field("label", "reason"),
        _RECORDS,
        words=Field("beside", "share"),
        tips=(Field("share", "share of the stage's rows", ".1%"), Field("meaning", "meaning")),
        width=400,
    )
    told = "; ".join(f"{row['label']} {row['records']:,}" for row in rows[:8])
    return figure("funnel_reasons", title, f"Records dropped, by reason: {told}.", chart, reasons, note)


def sizes_figure(sizes: pa.Table) -> Figure:
    """Return how records, bytes and tokens are divided among what stages dropped and what is kept.

    Args:
        sizes: What `summaries.funnel.sizes` returns.
    """
    rows, whole = rows_of(sizes), totals_of(sizes)
    kept = next((row for row in rows if row["stage"] == KEPT_STAGE), None)
    title = f"Kept to the end: {_shares(kept, whole)}" if kept else "No record was kept to the end"
    counting = next((row["stage"] for row in rows if row[TOKENS.name]), None)
    of_tokens = f" Tokens are counted late: their shares are of those counted, from {counting} on." if counting else ""
    chart, told = _amounts_chart(rows, "stage", whole)
    told = f"What became of records, bytes and tokens: {told}."
    return figure("funnel_sizes", title, told, chart, sizes, f"Share of all that came in.{of_tokens}")


def amounts_figure(totals: pa.Table, by: str, whole: dict[str, int]) -> Figure:
    """Return the shares that the largest reasons, languages, categories or hosts have of records, bytes and tokens.

    Args:
        totals: What `reason_totals`, `group_totals` or `hosts` of `summaries.funnel` returns.
        by: `reason`, `language`, `category` or `host`.
        whole: What all that came in has, as `totals_of` returns it.
    """
    rows = rows_of(totals.slice(0, _SHOWN))
    first = rows[0]
    title = f"{named(first[by])} has {_shares(first, whole)}"
    if by == "reason":
        title = f"{named(first[by])} dropped {_shares(first, whole)}"
    more = totals.num_rows - len(rows)
    note = "Share of all that came in; tokens, of those counted."
    note += f" {counted(more, f'smaller {by}')} not shown." if more and by != HOST.name else ""
    note = " ".join([note, too_low(totals, "record")]).rstrip()
    chart, told = _amounts_chart(rows, by, whole)
    told = f"Shares of records, bytes and tokens by {by}: {told}."
    return figure(f"funnel_amounts_by_{by}", title, told, chart, totals, note)


def totals_of(cube: pa.Table) -> dict[str, int]:
    """Return records, body bytes and tokens over all rows of a table."""
    return {unit: pc.sum(cube[unit]).as_py() or 0 for unit in _UNITS}


def _shares(row: dict[str, Any], whole: dict[str, int]) -> str:
    """Return the shares of records and of bytes; tokens are not said: what goes before they are counted has none."""
    units = [unit for unit in _UNITS if whole[unit] and unit != TOKENS.name]
    return ", ".join(f"{percent((row[unit] or 0) / whole[unit])} of {_UNITS[unit]}" for unit in units)


def _amounts_chart(groups: list[dict[str, Any]], by: str, whole: dict[str, int]) -> tuple[Any, str]:
    """Return a heat map of groups' shares of records, bytes and tokens, and the large ones in words."""
    rows = [
        {by: row[by], "unit": said, "share": (row[unit] or 0) / whole[unit], "amount": row[unit] or 0}
        for unit, said in _UNITS.items()
        if whole[unit]
        for row in groups
    ]
    amount = Field("amount", "amount", COUNT)
    chart = heat(rows, Field("unit", "unit"), Field(by, by), Field("share", "share", ".1%"), tips=(amount,))
    told = "; ".join(f"{row[by]} {percent(row['share'])} of {row['unit']}" for row in rows if row["share"] > 0.05)
    return chart.properties(width=240), told


def losses_figure(shares: pa.Table, by: str = LANGUAGE.name) -> Figure:
    """Return what share of each language (or category) each stage dropped, with the loss that stands out.

    Args:
        shares: What `summaries.funnel.shares_kept` returns.
        by: `language` or `category`.
    """
    rows = rows_of(shares)
    title = f"Copies and the mix's budget aside, no stage dropped much more of one {by} than of the others"
    outlier = max(
        (row for row in rows if row["stage"] not in _EXPECTED and row[by] != _UNKNOWN and _is_sure(row)),
        key=_weight,
        default=None,
    )
    if outlier is not None:
        title = (
            f"{outlier['stage']} dropped {percent(outlier['share'])} of {by} {named(outlier[by])}:"
            f" {outlier['dropped']:,} of {outlier['rows_in']:,} documents; of all others"
            f" {percent(outlier['share_of_others'])}"
        )
    if not rows:
        title = f"No stage dropped a document whose {by} was known"
    tips = (
        Field("dropped", "dropped", COUNT),
        Field("rows_in", "handed in", COUNT),
        Field("share_of_others", "dropped of all others", ".1%"),
    )
    drawn = [row for row in rows if row["rows_in"]]
    first = {row[by]: row["rows_in"] for row in reversed(drawn)}
    for row in drawn:
        row["label"] = f"{row[by]} ({first[row[by]]:,})"
    chart = heat(drawn, _STAGE, Field("label", by), Field("share", "share dropped", SHARE), tips=tips, ringed=outlier)
    worst = sorted(drawn, key=lambda row: -(row["share"] or 0))[:8]
    told = "; ".join(f"{row['stage']} {percent(row['share'])} of {row[by]}" for row in worst)
    note = (
        f"Share dropped of the documents that each stage was handed, by {by}; in brackets, documents in all."
        " The title leaves out copies and what the mix had no room for; the cells show them."
    )
    return figure(f"funnel_losses_by_{by}", title, f"Largest losses: {told or 'none'}.", chart, shares, note)


def _is_sure(row: dict[str, Any]) -> bool:
    others, count = row["share_of_others"], row["rows_in"]
    return bool(count) and others is not None and surprise(row["share"], others, count) >= _SURE


def _weight(row: dict[str, Any]) -> float:
    return weight(row["share"], row["share_of_others"], row["rows_in"])


def hosts_figure(hosts: pa.Table, records: int) -> Figure:
    """Return the hosts with the most records.

    Args:
        hosts: What `summaries.funnel.hosts` returns.
        records: That came in, of all hosts.
    """
    lines = rows_of(hosts)
    rows = [
        {HOST.name: line[HOST.name], "became": became, "records": count, "of": line["records"]}
        for line in lines
        for became, count in (("kept", line["kept"]), ("dropped", line["records"] - line["kept"]))
    ]
    title = "No record names a host"
    if lines:
        share = percent(lines[0]["records"] / records) if records else "none"
        title = (
            f"{named(lines[0][HOST.name])} has {share} of all records: {lines[0]['records']:,} of {records:,},"
            f" of which {lines[0]['kept']:,} are kept"
        )
        most = lines[0]["records"] + int((hosts.schema.metadata or {}).get(b"error", 0))
        if records and most < _LARGE_HOST * records:
            title = f"No host has more than {percent(most / records)} of all records"
            if len(lines) > 1 and lines[0]["records"] == lines[-1]["records"]:
                title = f"No host stands out: the first {len(lines)} have {counted(lines[0]['records'], 'record')} each"
    chart = bars(
        rows,
        Field(HOST.name, "host"),
        _RECORDS,
        colour=Field("became", ""),
        tips=(Field("of", "records of the host", COUNT),),
        width=460,
    )
    told = "; ".join(f"{line[HOST.name]} {line['records']:,} ({line['kept']:,} kept)" for line in lines[:8])
    return figure(
        "funnel_hosts", title, f"Hosts with the most records: {told}.", chart, hosts, too_low(hosts, "record")
    )


def costs_figure(costs: pa.Table) -> Figure:
    """Return what each stage cost: CPU time, bytes stored, milliseconds per page."""
    rows = rows_of(costs)
    total = sum(row["cpu_seconds"] for row in rows) or 1.0
    first = max(rows, key=lambda row: row["cpu_seconds"])
    stored = sum(row["stored_bytes"] for row in rows)
    title = (
        f"{first['stage']} took {percent(first['cpu_seconds'] / total)} of {total:,.0f} CPU seconds; stored"
        f" are {sized(stored)}"
    )
    for row in rows:
        per_page = f"{row['cpu_ms_per_page']:,.2f} ms per page, " if row["cpu_ms_per_page"] is not None else ""
        row["beside"] = f"{row['cpu_seconds']:,.1f} s  ({per_page}{sized(row['stored_bytes'])})"
    tips = (
        Field("wall_seconds", "seconds passed", ",.1f"),
        Field("cpu_ms_per_page", "CPU ms per page", PLAIN),
        Field("stored_bytes", "bytes stored", COUNT),
        Field("peak_bytes", "peak memory, bytes", COUNT),
        Field("rows_in", "rows in", COUNT),
    )
    value = Field("cpu_seconds", "CPU seconds", ",.1~f")
    chart = bars(rows, _STAGE, value, tips=tips, words=Field("beside", "cost"), width=400)
    told = "; ".join(f"{row['stage']} {row['beside']}" for row in rows)
    return figure("funnel_costs", title, f"Cost of each stage: {told}.", chart, costs)


def section(run: str) -> Section:
    """Return the funnel of a run.

    Raises:
        ManifestError: The run holds nothing.
    """
    steps, reasons, cube = summaries.steps(run), summaries.reasons(run), summaries.outcomes(run)
    whole, hosts = totals_of(cube), summaries.hosts(run)
    shown = [steps_figure(steps, reasons), reasons_figure(reasons), sizes_figure(summaries.sizes(run, cube))]
    amounts = {"reason": summaries.reason_totals(run, cube)}
    for by in (LANGUAGE.name, CATEGORY.name):
        amounts[by] = summaries.group_totals(run, by, cube)
        shares = summaries.shares_kept(run, by, cube)
        if shares.num_rows:
            shown.append(losses_figure(shares, by))
    shown.append(hosts_figure(hosts, whole["records"]))
    shown += [amounts_figure(table, by, whole) for by, table in {**amounts, HOST.name: hosts}.items() if table.num_rows]
    costs = summaries.costs(run)
    if costs.num_rows:
        shown.append(costs_figure(costs))
    cost = "" if costs.num_rows else " The run kept no ledger, so that nothing is known of what it cost."
    sentence = f"{counted(steps.num_rows, 'stage')}: {listed(steps['stage'].to_pylist(), 30)}.{cost}"
    return Section("funnel", "Funnel", shown, sentence)
