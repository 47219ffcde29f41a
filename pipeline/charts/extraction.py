"""Charts of extraction: types of pages, confidence, what was left out and why."""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.charts.drawing import bars, columns
from pipeline.charts.figures import Figure, Section
from pipeline.charts.parts import COUNT, SHARE, Field, figure, rows_of
from pipeline.charts.words import counted, named, percent
from pipeline.runs.run import Run
from pipeline.summaries import extraction as summaries
from schemas.columns import PAGE_TYPE

_LOW: Final = 0.5
_SHOWN: Final = 15
_PAGES: Final = 40
_TENTHS: Final = 20


def types_figure(types: pa.Table) -> Figure:
    """Return what types of pages there are, and how many of each are kept.

    Args:
        types: What `summaries.extraction.page_types` returns.
    """
    sums = types.group_by(PAGE_TYPE.name).aggregate([("pages", "sum"), ("kept", "sum")])
    lines = rows_of(sums.sort_by([("pages_sum", "descending"), (PAGE_TYPE.name, "ascending")]))
    rows = [
        {"type": line[PAGE_TYPE.name], "became": became, "pages": count, "of": line["pages_sum"]}
        for line in lines
        for became, count in (("kept", line["kept_sum"]), ("dropped", line["pages_sum"] - line["kept_sum"]))
    ]
    pages = sum(line["pages_sum"] for line in lines)
    title = "No page was read"
    if lines:
        first, worst = (
            lines[0],
            min(
                (line for line in lines if line["pages_sum"] >= 0.01 * pages),
                key=lambda line: line["kept_sum"] / line["pages_sum"],
            ),
        )
        title = (
            f"{percent(first['pages_sum'] / pages)} of pages are of type {named(first[PAGE_TYPE.name])}; of type"
            f" {named(worst[PAGE_TYPE.name])} {percent(worst['kept_sum'] / worst['pages_sum'])} are kept, the smallest"
            " share"
        )
    chart = bars(
        rows,
        Field("type", "type"),
        Field("pages", "pages", COUNT),
        colour=Field("became", ""),
        tips=(Field("of", "pages of the type", COUNT),),
    )
    told = "; ".join(f"{line[PAGE_TYPE.name]} {line['pages_sum']:,} ({line['kept_sum']:,} kept)" for line in lines)
    return figure("extraction_types", title, f"Pages by type: {told or 'none'}.", chart, types)


def confidence_figure(confidences: pa.Table) -> Figure:
    """Return how sure extraction was, of what is kept and of what was dropped later.

    Args:
        confidences: What `summaries.extraction.confidences` returns.
    """
    rows = rows_of(confidences)
    pages = sum(row["pages"] for row in rows)
    low = sum(row["pages"] for row in rows if row["to"] <= _LOW)
    kept = sum(row["pages"] for row in rows if row["to"] <= _LOW and row["became"] == "kept")
    share = percent(low / pages) if pages else "none"
    title = (
        f"Extraction doubts {share} of its texts (confidence below .5): {counted(low, 'page')},"
        f" of which {kept:,} are kept"
    )
    bins = Field("from", "confidence: F1 expected of the text", ".1f"), Field("to", "to", ".2f")
    chart = columns(rows, bins, Field("pages", "pages", COUNT), colour=Field("became", ""))
    told = f"{low:,} of {pages:,} pages below .5"
    return figure("extraction_confidence", title, f"Histogram of confidence: {told}.", chart, confidences)


def left_out_figures(left_out: summaries.LeftOut) -> list[Figure]:
    """Return how much of pages was left out, and what spoke against it.

    Args:
        left_out: What `summaries.extraction.left_out` returns.
    """
    pages = rows_of(left_out.pages)
    shares = np.array([page["left_out"] / page["blocks"] if page["blocks"] else 0.0 for page in pages])
    edges = np.linspace(0, 1, _TENTHS + 1)
    counts = np.bincount(np.clip((shares * _TENTHS).astype(int), 0, _TENTHS - 1), minlength=_TENTHS)
    bins = [{"from": float(edges[n]), "to": float(edges[n + 1]), "pages": int(count)} for n, count in enumerate(counts)]
    blocks, gone = (sum(page[name] for page in pages) for name in ("blocks", "left_out"))
    words, without = (sum(page[name] for page in pages) for name in ("words", "words_left_out"))
    title = (
        f"{percent(gone / max(blocks, 1))} of the blocks were left out,"
        f" with {percent(without / max(words, 1))} of the words"
    )
    whole = sum(1 for share in shares if share >= 0.95)
    if whole:
        title += f"; of {counted(whole, 'page')} nearly all"
    edge = Field("from", "share of a page's blocks that was left out", SHARE), Field("to", "to", SHARE)
    shown = [
        figure(
            "extraction_left_out",
            title,
            f"Of {counted(len(pages), 'page')}: {title}.",
            columns(bins, edge, Field("pages", "pages", COUNT)),
            left_out.pages,
            left_out.sentence,
        )
    ]
    facts = rows_of(left_out.facts.slice(0, _SHOWN))
    for fact in facts:
        fact["beside"] = f"{percent(fact['blocks'] / max(gone, 1))}  (of blocks, {fact['words']:,} words)"
    first = f"“{facts[0]['fact']}”" if facts else ""
    said = f"The most frequent sign of the blocks that were left out: {first}" if facts else "No block was left out"
    chart = bars(
        facts,
        Field("fact", "sign"),
        Field("blocks", "blocks", COUNT),
        words=Field("beside", "share"),
        width=350,
    )
    told = "; ".join(f"{fact['fact']} {fact['blocks']:,}" for fact in facts)
    shown.append(
        figure(
            "extraction_facts",
            said,
            f"Signs of blocks that were left out: {told or 'none'}.",
            chart,
            left_out.facts,
            "Each is a reason to leave a block out; a block may have several.",
        )
    )
    return shown


def section(run: str) -> Section:
    """Return the extraction of a run.

    Raises:
        ManifestError: The run holds nothing.
    """
    title = "Extraction"
    if summaries.STAGE not in Run(run).stages:
        return Section(
            "extraction", title, (), "The run has no stage extract: its inputs held texts, or it was stopped before."
        )
    types = summaries.page_types(run)
    shown = [confidence_figure(summaries.confidences(run))]
    kinds = pc.unique(types[PAGE_TYPE.name]).to_pylist()
    if len(kinds) != 1:
        shown.insert(0, types_figure(types))
    left_out = summaries.left_out(run, _PAGES)
    if left_out.pages.num_rows:
        shown += left_out_figures(left_out)
    only = f", all of type {named(kinds[0])}" if len(kinds) == 1 else ""
    pages = pc.sum(types["pages"]).as_py() or 0
    return Section("extraction", title, shown, f"{counted(pages, 'page')} read{only}. {left_out.sentence}")
