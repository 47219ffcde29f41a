"""Charts of the mix: natural, target and reached shares, the curve, epochs, hosts of the release, benchmarks."""

from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.charts.drawing import bars, heat
from pipeline.charts.figures import Figure, Section
from pipeline.charts.parts import COUNT, SHARE, WIDTH, Field, altair, data_of, figure, rows_of, too_low, tooltips
from pipeline.charts.words import counted, named, percent
from pipeline.runs.run import Run
from pipeline.summaries import mix as summaries
from pipeline.summaries.funnel import group_totals
from schemas.columns import CATEGORY, HOST, LANGUAGE

_SHOWN: Final = 20
_KINDS: Final = {"natural_share": "natural", "target_share": "target", "reached_share": "reached"}
_LARGE: Final = 0.1
"""Share of the release from which on a host is called large."""
_MANY: Final = 20
"""Records from which on a language is missed if no document of it is left."""
_GONE: Final = 5
_UNKNOWN: Final = ("(none)", "und")
_NOTHING: Final = {**dict.fromkeys(_KINDS, 0.0), "documents": 0, "tokens": 0, "bound_by": "no document"}


def shares_figure(name: str, rows: list[dict[str, Any]], label: str, table: pa.Table, title: str, note: str) -> Figure:
    """Return natural, target and reached shares as three marks on a line for each row.

    Args:
        name: Of the figure.
        rows: With the three shares.
        label: Column that names a row.
        table: What is drawn.
        title: What is seen.
        note: A line below.
    """
    alt = altair()
    long = [
        {
            "label": row[label],
            "kind": kind,
            "share": row[column],
            "documents": row["documents"],
            "tokens": row["tokens"],
            "bound by": row["bound_by"] or "its share alone",
        }
        for row in rows
        for column, kind in _KINDS.items()
    ]
    base = alt.Chart(data_of(long)).encode(y=alt.Y(field="label", type="nominal", sort=None, title=None))
    x = alt.X(field="share", type="quantitative", title="share of tokens", axis=alt.Axis(format=SHARE, tickCount=6))
    tips = tooltips(
        [
            Field("label", label),
            Field("kind", "which"),
            Field("share", "share", ".2%"),
            Field("documents", "documents", COUNT),
            Field("tokens", "tokens", COUNT),
            Field("bound by", "bound by"),
        ]
    )
    points = base.mark_point(filled=True, size=85, opacity=1).encode(
        x=x,
        color=alt.Color(field="kind", type="nominal", title=None, sort=None),
        shape=alt.Shape(
            field="kind",
            type="nominal",
            title=None,
            sort=None,
            scale=alt.Scale(range=["circle", "diamond", "triangle-right"]),
        ),
        tooltip=tips,
    )
    spans = base.mark_rule(style="label", opacity=0.5).encode(
        x=alt.X(aggregate="min", field="share", type="quantitative"), x2=alt.X2(aggregate="max", field="share")
    )
    chart = alt.layer(spans, points).properties(width=WIDTH - 100, height=max(24 * len(rows), 60))
    told = "; ".join(
        f"{row[label]} {percent(row['natural_share'])}, {percent(row['target_share'])}, {percent(row['reached_share'])}"
        for row in rows[:10]
    )
    return figure(name, title, f"Natural, target and reached share of tokens: {told}.", chart, table, note)


def categories_figure(categories: pa.Table) -> Figure:
    """Return the shares of categories.

    Args:
        categories: What `summaries.mix.categories` returns.
    """
    rows = rows_of(categories)
    furthest = max(rows, key=lambda row: abs(row["reached_share"] - row["target_share"]))
    off = abs(furthest["reached_share"] - furthest["target_share"])
    title = f"Every category reached its target within {100 * off:.1f} points"
    if off >= 0.01:
        title = (
            f"{furthest[CATEGORY.name]} missed its target by {100 * off:.0f} points:"
            f" {percent(furthest['reached_share'])} instead of {percent(furthest['target_share'])}"
        )
    repeated = max(rows, key=lambda row: row["rows"] / max(row["documents"], 1))
    often = repeated["rows"] / max(repeated["documents"], 1)
    if often > 1:
        title += f"; a document of {repeated[CATEGORY.name]} is in it {often:.1f} times on average"
    tokens = pc.sum(categories["tokens"]).as_py() or 0
    return shares_figure(
        "mix_categories", rows, CATEGORY.name, categories, title, f"{tokens:,} tokens in the training split."
    )


def cells_figure(cells: pa.Table, languages: pa.Table) -> Figure:
    """Return the shares of the largest cells, and 0 for languages of which no document is left.

    Args:
        cells: What `summaries.mix.cells` returns.
        languages: What `summaries.funnel.group_totals` returns.
    """
    rows = [{**row, "cell": _cell_name(row)} for row in rows_of(cells.slice(0, _SHOWN))]
    first = rows[0]
    gone = [row for row in rows_of(languages) if row["records"] >= _MANY and not row["kept"]]
    gone = [row for row in gone if row[LANGUAGE.name] not in _UNKNOWN][:_GONE]
    rows += [{"cell": f"{row[LANGUAGE.name]}: no document is left", **_NOTHING} for row in gone]
    bound = [row for row in rows_of(cells) if row["bound_by"] not in ("", "(none)")]
    title = f"{named(first['cell'])} is the largest cell: {percent(first['reached_share'])} of the tokens"
    if bound:
        title += f"; {counted(len(bound), 'cell')} could not give more"
    more = max(cells.num_rows - _SHOWN, 0)
    note = f"{counted(more, 'smaller cell')} not shown. " if more else ""
    lost = ", ".join(f"{row[LANGUAGE.name]} ({counted(row['records'], 'record')} came in)" for row in gone)
    note += f"No document is left of {lost}. " if gone else ""
    return shares_figure(
        "mix_cells", rows, "cell", cells, title, f"{note}A cell is a category and a topic, or a language."
    )


def _cell_name(row: dict[str, Any]) -> str:
    return row[CATEGORY.name] if row["group"] in ("", "(none)") else f"{row[CATEGORY.name]}: {row['group']}"


def curve_figure(curve: pa.Table) -> Figure:
    """Return how often a document stands in the mix, by quality.

    Args:
        curve: What `summaries.mix.curve` returns.
    """
    alt = altair()
    rows = [row for row in rows_of(curve) if row["bucket"] is not None]
    low, high = (
        _mean_epochs([row for row in rows if row["bucket"] in buckets]) for buckets in (range(10), range(10, 20))
    )
    title = (
        f"A document of the better half is in the mix {high:.2f} times, of the other half {low:.2f} times on average"
    )
    tips = tooltips(
        [
            Field(CATEGORY.name, "category"),
            Field("bucket", "bucket", COUNT),
            Field("epochs", "epochs", ".2f"),
            Field("natural_documents", "documents", COUNT),
            Field("tokens", "tokens in the mix", COUNT),
        ]
    )
    base = alt.Chart(data_of(rows)).encode(
        x=alt.X(
            field="bucket",
            type="quantitative",
            title="quality bucket (twentieth of the tokens)",
            axis=alt.Axis(tickCount=20, format="d"),
            scale=alt.Scale(domain=[0, 19], nice=False),
        ),
        y=alt.Y(field="epochs", type="quantitative", title="epochs"),
        color=alt.Color(field=CATEGORY.name, type="nominal", title=None),
    )
    points = base.mark_point(filled=True, size=40, opacity=1).encode(tooltip=tips)
    chart = alt.layer(base.mark_line(strokeWidth=2), points).properties(width=WIDTH, height=230)
    told = f"better half {high:.2f} epochs on average, other half {low:.2f}"
    return figure("mix_curve", title, f"Epochs by quality bucket and category: {told}.", chart, curve)


def _mean_epochs(rows: list[dict[str, Any]]) -> float:
    documents = sum(row["natural_documents"] for row in rows)
    return sum(row["rows"] for row in rows) / documents if documents else 0.0


def epochs_figure(epochs: pa.Table) -> Figure:
    """Return how many documents stand how often in the mix.

    Args:
        epochs: What `summaries.mix.epochs` returns.
    """
    rows = sorted(rows_of(epochs), key=lambda row: row["epochs"])
    for row in rows:
        row["times"] = "not drawn" if not row["epochs"] else counted(row["epochs"], "time")
    documents = sum(row["documents"] for row in rows)
    out = sum(row["documents"] for row in rows if not row["epochs"])
    most = max((row["epochs"] for row in rows), default=0)
    title = (
        f"{percent(out / documents)} of documents had no room in the mix; the others are in it up to"
        f" {counted(most, 'time')}"
        if documents
        else "Nothing was left to mix"
    )
    chart = bars(
        rows,
        Field("times", "how often"),
        Field("documents", "documents", COUNT),
        colour=Field(CATEGORY.name, ""),
        tips=(Field("tokens", "tokens, once", COUNT),),
    )
    told = "; ".join(f"{row[CATEGORY.name]} {row['times']}: {row['documents']:,}" for row in rows)
    return figure("mix_epochs", title, f"Documents by how often they stand in the mix: {told}.", chart, epochs)


def hosts_figure(hosts: pa.Table) -> Figure:
    """Return the hosts with most tokens in the release.

    Args:
        hosts: What `summaries.mix.hosts` returns.
    """
    rows = rows_of(hosts)
    for row in rows:
        row["beside"] = f"{percent(row['share'])}  ({counted(row['documents'], 'document')})"
    of_all = int(hosts.schema.metadata[b"of_all"])
    first = rows[0]
    title = (
        f"No host fills a tenth of the release; the largest, {named(first[HOST.name])}, has {percent(first['share'])}"
    )
    if first["share"] >= _LARGE:
        title = (
            f"{named(first[HOST.name])} fills {percent(first['share'])} of the release:"
            f" {first['tokens']:,} tokens of {counted(first['documents'], 'document')}"
        )
    elif len(rows) > 1 and first["tokens"] == rows[-1]["tokens"]:
        title = f"No host stands out: the first {len(rows)} have {counted(first['tokens'], 'token')} each"
    chart = bars(
        rows,
        Field(HOST.name, "host"),
        Field("share", "share of the release's tokens", SHARE),
        words=Field("beside", "share"),
        tips=(Field("tokens", "tokens", COUNT), Field("rows", "rows", COUNT), Field("documents", "documents", COUNT)),
        width=400,
    )
    told = "; ".join(f"{row[HOST.name]} {row['beside']}" for row in rows[:8])
    inexact = too_low(hosts, "token")
    count = counted(of_all, "host") + " or more" * bool(inexact)
    note = f"The training split has {count}; repeated documents count as often as they are in it."
    note = " ".join([note, inexact]).rstrip()
    return figure("mix_hosts", title, f"Hosts' share of the release: {told}.", chart, hosts, note)


def benchmarks_figure(benchmarks: pa.Table) -> Figure:
    """Return how much of each suite stands in the documents.

    Args:
        benchmarks: What `summaries.mix.benchmarks` returns.
    """
    rows = rows_of(benchmarks)
    for row in rows:
        row["suite"] = f"{row['suite']} (training)" if row["is_training"] else row["suite"]
        row["at"] = f"≥ {row['coverage']:.0%}"
    whole = [row for row in rows if row["coverage"] >= 1]
    worst = max(whole, key=lambda row: (row["documents"], row["share"]))
    title = "No document is contaminated by the run's limits"
    if worst["documents"]:
        title = (
            f"{worst['suite']} is in most documents: {counted(worst['documents'], 'document')};"
            f" {percent(worst['share'])} of its items are there whole"
        )
    tips = (Field("items", "items", COUNT), Field("documents", "contaminated documents", COUNT))
    chart = heat(
        rows, Field("at", "coverage"), Field("suite", "suite"), Field("share", "share of items", ".1%"), tips=tips
    )
    told = "; ".join(f"{row['suite']} {counted(row['documents'], 'document')}" for row in whole)
    return figure(
        "mix_benchmarks",
        title,
        f"Contaminated documents by suite: {told}.",
        chart,
        benchmarks,
        "Share of a suite's items of which a document holds so much or more.",
    )


def section(run: str) -> Section:
    """Return the mix of a run, and what of benchmarks is in it.

    Raises:
        ManifestError: The run holds nothing.
    """
    stages, shown, said = Run(run).stages, [], []
    if summaries.release_of(run) is not None:
        shown += (
            [categories_figure(table) for table in [summaries.categories(run)] if table.num_rows]
            + [cells_figure(table, group_totals(run)) for table in [summaries.cells(run)] if table.num_rows]
            + [curve_figure(table) for table in [summaries.curve(run)] if table.num_rows]
        )
        said.append("Shares are those of the release's training split.")
    else:
        said.append("The run has no release of its present tables, whose manifest has the shares.")
    if "mix" in stages:
        shown.append(epochs_figure(summaries.epochs(run)))
        hosts = summaries.hosts(run)
        shown += [hosts_figure(hosts)] if hosts.num_rows else []
    else:
        said.append("It has no stage mix.")
    benchmarks = summaries.benchmarks(run)
    if benchmarks.num_rows:
        shown.append(benchmarks_figure(benchmarks))
    else:
        said.append("No benchmarks were looked for.")
    return Section("mix", "Mix", shown, " ".join(said))
