"""Charts of copies: sizes of groups, the biggest, similarities with the threshold, lines that stand everywhere."""

from collections.abc import Mapping
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.charts.drawing import bars, columns
from pipeline.charts.figures import Figure, Section
from pipeline.charts.parts import COUNT, SHARE, Field, figure, rows_of
from pipeline.charts.words import counted, named, percent
from pipeline.runs.run import Run
from pipeline.summaries import duplicates as summaries
from schemas.columns import DOC_ID, LANGUAGE, SOURCE_URL

_SHOWN: Final = 15


def biggest_figure(groups: pa.Table) -> Figure:
    """Return the records that stand for most copies.

    Args:
        groups: What `summaries.duplicates.biggest_groups` returns.
    """
    lines = rows_of(groups.slice(0, _SHOWN))
    title = "No page was kept in the place of copies"
    if lines:
        first = lines[0]
        were = "was" if first["copies"] == 1 else "were"
        title = (
            f"The biggest group is {counted(first['copies'] + 1, 'page')}: {first['copies']:,} {were} dropped for"
            f" {named(first[SOURCE_URL.name])}{from_hosts(first['hosts'], ', ')}"
        )
    rows = [
        {
            "page": line[SOURCE_URL.name],
            "kind": kind,
            "copies": line[kind],
            "in all": line["copies"],
            "became": line["stage"] if line["stage"] == "kept" else f"later dropped by {line['stage']}",
            "language": line[LANGUAGE.name],
            "doc_id": line[DOC_ID.name],
            "hosts": line["hosts"],
        }
        for line in lines
        for kind in summaries.KINDS
    ]
    tips = (
        Field("in all", "copies in all", COUNT),
        Field("hosts", "hosts of the copies", COUNT),
        Field("became", "the page itself"),
        Field("language", "language"),
        Field("doc_id", "doc_id"),
    )
    chart = bars(
        rows,
        Field("page", "page"),
        Field("copies", "copies dropped for it", COUNT),
        colour=Field("kind", ""),
        tips=tips,
        width=440,
    )
    told = "; ".join(f"{line[SOURCE_URL.name]} {line['copies']:,}" for line in lines[:8])
    return figure(
        "duplicates_biggest", title, f"Pages kept in the place of most copies: {told or 'none'}.", chart, groups
    )


def from_hosts(hosts: int, before: str = " ") -> str:
    """Return on how many hosts copies lie, in words; "" where none has one.

    >>> from_hosts(1), from_hosts(0), from_hosts(100_000)
    (' from 1 host', '', ' from 100,000 hosts or more')
    """
    more = " or more" if hosts >= summaries.MOST_HOSTS else ""
    return f"{before}from {counted(hosts, 'host')}{more}" if hosts else ""


def _range(row: Mapping[str, Any]) -> str:
    """Return a range of whole numbers in words: its ends, or the only number, or from where on."""
    if row["to"] == row["from"]:
        return f"{row['from']:,}"
    return f"{row['from']:,} or more" if row["to"] is None else f"{row['from']:,} to {row['to']:,}"


def sizes_figure(sizes: pa.Table) -> Figure:
    """Return how many groups there are of what size.

    Args:
        sizes: What `summaries.duplicates.group_sizes` returns.
    """
    rows = rows_of(sizes)
    for row in rows:
        row["size"] = _range(row)
    rows.sort(key=lambda row: row["from"])
    first = rows[0]["size"] if rows else ""
    kinds = [{"kind": kind, "size": first, "copies": 0, "groups": 0} for kind in summaries.KINDS]  # the colours of all
    copies, groups = (pc.sum(sizes[name]).as_py() or 0 for name in ("copies", "groups"))
    large = sum(row["copies"] for row in rows if row["from"] >= 10)
    title = (
        f"{counted(groups, 'page')} stood for {counted(copies, 'copy')};"
        f" {percent(large / copies)} of these in groups of ten or more"
        if copies
        else "No copies were dropped"
    )
    chart = bars(
        [*kinds, *rows] if rows else [],
        Field("size", "copies of a page"),
        Field("copies", "copies", COUNT),
        colour=Field("kind", ""),
        tips=(Field("groups", "groups", COUNT),),
    )
    told = "; ".join(f"{row['kind']}, {row['size']} of a page: {counted(row['groups'], 'page')}" for row in rows)
    note = "By how many copies of one kind a page stands for."
    return figure("duplicates_sizes", title, f"Sizes of groups: {told or 'none'}.", chart, sizes, note)


def similarities_figure(similarities: pa.Table) -> Figure:
    """Return how similar near duplicates were, with the threshold.

    Args:
        similarities: What `summaries.duplicates.similarities` returns.
    """
    threshold = float(similarities.schema.metadata[b"threshold"])
    rows = rows_of(similarities)
    total = sum(row["documents"] for row in rows)
    close = sum(row["documents"] for row in rows if row["from"] < threshold + 0.05)
    title = (
        f"{percent(close / total)} of {counted(total, 'near duplicate')} lie within .05 of the threshold"
        f" of {threshold:g}"
        if total
        else f"No near duplicate reached the threshold of {threshold:g}"
    )
    drawn = [row for row in rows if row["to"] > min(threshold, 0.9) - 0.1]
    bins = Field("from", "estimated Jaccard similarity", ".2f"), Field("to", "to", ".2f")
    chart = columns(drawn, bins, Field("documents", "documents", COUNT), limits=[{"limit": threshold}])
    told = "; ".join(f"{row['from']:.2f} to {row['to']:.2f}: {row['documents']:,}" for row in rows if row["documents"])
    note = "Those near the threshold are worth reading: they are where a copy ends and another page begins."
    return figure("duplicates_similarity", title, f"Similarities: {told or 'none'}.", chart, similarities, note)


def languages_figure(copies: pa.Table) -> Figure:
    """Return which languages have most copies.

    Args:
        copies: What `summaries.duplicates.copies_by_language` returns.
    """
    rows = rows_of(copies.slice(0, _SHOWN))
    for row in rows:
        row["share"] = row["copies"] / row["documents"] if row["documents"] else 0.0
        row["beside"] = f"{percent(row['share'])} of {row['documents']:,}"
    rows.sort(key=lambda row: -row["share"])
    documents, dropped = (pc.sum(copies[name]).as_py() or 0 for name in ("documents", "copies"))
    most = max(rows, key=lambda row: row["copies"] - row["documents"] * dropped / max(documents, 1), default=None)
    title = f"{percent(dropped / documents)} of documents are copies" if documents else "There were no documents"
    if most is not None and most["copies"]:
        title += f"; most, for its size, in {named(most[LANGUAGE.name])}: {most['beside']}"
    chart = bars(
        rows,
        Field(LANGUAGE.name, "language"),
        Field("share", "share that are copies", SHARE),
        words=Field("beside", "copies"),
        tips=(Field("copies", "copies", COUNT),),
        width=420,
    )
    told = "; ".join(f"{row[LANGUAGE.name]} {row['beside']}" for row in rows)
    return figure(
        "duplicates_languages",
        title,
        f"Share of copies by language: {told or 'none'}.",
        chart,
        copies,
        "Exact and near duplicates, of the documents that dedup_document was handed.",
    )


def lines_figure(lines: pa.Table) -> Figure:
    """Return the lines that were removed most often.

    Args:
        lines: What `summaries.duplicates.removed_lines` returns.
    """
    rows = [{"line": named(row["line"]), "times": row["times"], "whole": row["line"]} for row in rows_of(lines)]
    for number, row in enumerate(rows):
        row["label"] = f"{number + 1}. {row['line']}"  # two lines may look alike when they are cut
    title = f"The line that is found most often, {rows[0]['times']:,} times, is “{rows[0]['line']}”"
    chart = bars(
        rows, Field("label", "line"), Field("times", "times seen", COUNT), tips=(Field("whole", "line"),), width=400
    )
    told = "; ".join(f"{row['line']} {row['times']:,}" for row in rows[:8])
    return figure(
        "duplicates_lines",
        title,
        f"Most frequent lines that were removed: {told}.",
        chart,
        lines,
        "As they are once personal data has been replaced.",
    )


def removed_figure(removed: pa.Table) -> Figure:
    """Return how many documents lost how many lines.

    Args:
        removed: What `summaries.duplicates.lines_removed` returns.
    """
    rows = rows_of(removed)
    for row in rows:
        row["label"] = _range(row)
    documents, lines = (sum(row[name] for row in rows) for name in ("documents", "lines"))
    touched = sum(row["documents"] for row in rows if row["from"])
    title = f"{percent(touched / documents)} of documents lost {counted(lines, 'line')} that are elsewhere, too"
    chart = bars(
        rows,
        Field("label", "lines removed"),
        Field("documents", "documents", COUNT),
        tips=(Field("lines", "lines in all", COUNT),),
    )
    told = "; ".join(f"{counted(row['documents'], 'document')} lost {row['label']}" for row in rows)
    return figure("duplicates_removed", title, f"Lines removed: {told}.", chart, removed, "Lines removed per document.")


def section(run: str) -> Section:
    """Return the copies of a run.

    Raises:
        ManifestError: The run holds nothing.
    """
    stages = Run(run).stages
    have = [stage for stage in summaries.STAGES if stage in stages]
    title = "Duplicates"
    if not have:
        return Section("duplicates", title, (), f"The run has none of the stages {', '.join(summaries.STAGES)}.")
    sizes = summaries.group_sizes(run)
    shown = [biggest_figure(summaries.biggest_groups(run))]
    if (pc.sum(sizes["groups"]).as_py() or 0) != 1:  # one bar would say what the one above says
        shown.append(sizes_figure(sizes))
    if "dedup_document" in have:
        shown += [similarities_figure(summaries.similarities(run)), languages_figure(summaries.copies_by_language(run))]
    lines, removed = summaries.removed_lines(run), summaries.lines_removed(run)
    shown += [lines_figure(lines)] if lines.num_rows else []
    shown += [removed_figure(removed)] if removed.num_rows else []
    earlier = summaries.copies_of_earlier_runs(run)
    count = pc.sum(earlier["records"]).as_py() or 0
    also = f" {counted(count, 'record')} went as copies of records of earlier runs." if count else ""
    missing = [stage for stage in summaries.STAGES if stage not in have]
    lacks = f" Not in this run: {', '.join(missing)}." if missing else ""
    return Section("duplicates", title, shown, f"Copies found by {', '.join(have)}.{also}{lacks}")
