"""Charts of classifiers: scores with thresholds, percentiles by language, agreement, what is kept of what quality."""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.charts.drawing import bars, columns
from pipeline.charts.figures import Figure, Section
from pipeline.charts.parts import COUNT, WIDTH, Field, altair, data_of, figure, rows_of, tooltips
from pipeline.charts.words import counted, named, percent
from pipeline.runs.run import Run
from pipeline.summaries import classifiers as summaries
from schemas.columns import LANGUAGE, TOPIC

_SHOWN: Final = 25


def scores_figure(histograms: pa.Table, thresholds: pa.Table) -> Figure:
    """Return the distribution of every score, with the threshold that it is compared with.

    Args:
        histograms: What `summaries.classifiers.score_histograms` returns.
        thresholds: What `summaries.classifiers.thresholds` returns.
    """
    rows = rows_of(histograms)
    scores = list(dict.fromkeys(row["score"] for row in rows))
    limits = [{"score": row["score"], "limit": row["limit"]} for row in rows_of(thresholds) if row["score"] in scores]
    bins = Field("from", "", ".1f"), Field("to", "to", ".3f")
    chart = columns(rows, bins, Field("documents", "documents", COUNT), limits=limits, panel=Field("score", "score"))
    passing = []
    for limit in limits:
        of_score = [row for row in rows if row["score"] == limit["score"]]
        above = sum(row["documents"] for row in of_score if row["from"] >= limit["limit"])
        passing.append((limit["score"], above / max(sum(row["documents"] for row in of_score), 1)))
    title = f"{counted(len(scores), 'score')} of classifiers"
    if passing:
        title += ": above the dashed thresholds are " + ", ".join(
            f"{percent(share)} ({name})" for name, share in passing
        )
    return figure(
        "classifiers_scores",
        title,
        f"Histograms of {', '.join(scores)}. {title}.",
        chart,
        histograms,
        "Bar heights are square roots, so that small bars can be seen.",
    )


def percentiles_figure(percentiles: pa.Table, score: str) -> Figure:
    """Return where most documents of each language lie by a score.

    Args:
        percentiles: What `summaries.classifiers.percentiles` returns.
        score: Name of the score.
    """
    alt = altair()
    rows = rows_of(percentiles)
    for row in rows:
        row["label"] = f"{row[LANGUAGE.name]} ({row['documents']:,})"
    rows.sort(key=lambda row: -row["p50"])
    many = [row for row in rows if row["documents"] >= 20] or rows
    first, last = many[0], many[-1]
    title = f"The median {score} in {named(first[LANGUAGE.name])} is {first['p50']:.2f}"
    if len(many) > 1:
        title = (
            f"The median {score} is highest in {named(first[LANGUAGE.name])} ({first['p50']:.2f}) and lowest in"
            f" {named(last[LANGUAGE.name])} ({last['p50']:.2f})"
        )
    base = alt.Chart(data_of(rows)).encode(y=alt.Y(field="label", type="nominal", sort=None, title=None))
    tips = tooltips(
        [Field("label", "language"), *(Field(f"p{p}", f"{p}th percentile", ".3f") for p in (10, 25, 50, 75, 90))]
    )
    axis = alt.Axis(format=".1f", tickCount=6)
    wide = base.mark_rule(style="label").encode(
        x=alt.X(field="p10", type="quantitative", title=score, axis=axis, scale=alt.Scale(domain=[0, 1])),
        x2=alt.X2(field="p90"),
        tooltip=tips,
    )
    box = base.mark_bar(height=9).encode(
        x=alt.X(field="p25", type="quantitative"), x2=alt.X2(field="p75"), tooltip=tips
    )
    middle = base.mark_tick(style="limit", thickness=3, height=14, strokeDash=[1, 0]).encode(
        x=alt.X(field="p50", type="quantitative"), tooltip=tips
    )
    chart = alt.layer(wide, box, middle).properties(width=WIDTH - 60, height=max(20 * len(rows), 60))
    told = "; ".join(f"{row[LANGUAGE.name]} {row['p25']:.2f} to {row['p75']:.2f}" for row in rows[:8])
    return figure(
        "classifiers_percentiles",
        title,
        f"The middle half of {score} by language: {told}.",
        chart,
        percentiles,
        "Bars: the middle half; lines: 10th to 90th percentile; ticks: medians. In brackets: documents.",
    )


def deciles_figure(deciles: pa.Table) -> Figure:
    """Return how many documents of each tenth of quality are kept.

    Args:
        deciles: What `summaries.classifiers.kept_by_decile` returns.
    """
    lines = rows_of(deciles)
    rows = [
        {"tenth": str(line["decile"]), "became": became, "documents": count}
        for line in reversed(lines)
        for became, count in (("kept", line["kept"]), ("dropped", line["documents"] - line["kept"]))
    ]
    best, worst = lines[-1], lines[0]
    title = (
        f"Of the best tenth of the tokens {percent(best['kept'] / max(best['documents'], 1))} of the documents are"
        f" kept, of the worst {percent(worst['kept'] / max(worst['documents'], 1))}"
    )
    chart = bars(rows, Field("tenth", "tenth"), Field("documents", "documents", COUNT), colour=Field("became", ""))
    told = "; ".join(f"{line['decile']}: {line['kept']:,} of {line['documents']:,}" for line in lines)
    return figure(
        "classifiers_deciles",
        title,
        f"Documents kept by tenth of quality: {told}.",
        chart,
        deciles,
        "10 is best. Tenths are of the tokens of a language and category.",
    )


def agreement_figure(agreement: pa.Table) -> Figure:
    """Return how far pairs of quality models agree.

    Args:
        agreement: What `summaries.classifiers.agreement` returns.
    """
    rows = [row for row in rows_of(agreement) if row["correlation"] is not None]
    for row in rows:
        row["pair"] = f"{row['model']} × {row['other']}"
        row["beside"] = f"ρ {row['correlation']:.2f}  ({percent(row['same_half'])} in the same half)"
    rows.sort(key=lambda row: row["correlation"])
    title = "No document was scored by two models"
    if rows:
        title = f"{rows[0]['pair']} agree least: {rows[0]['beside'].replace('  ', ' ')}"
    chart = bars(
        rows,
        Field("pair", "pair"),
        Field("correlation", "Spearman's ρ", ".1f"),
        words=Field("beside", "agreement"),
        tips=(Field("documents", "documents", COUNT),),
        width=330,
    )
    told = "; ".join(f"{row['pair']} {row['beside']}" for row in rows)
    return figure(
        "classifiers_agreement",
        title,
        f"Agreement of quality models: {told or 'none'}.",
        chart,
        agreement,
        "On the documents with the lowest doc_ids.",
    )


def topics_figure(topics: pa.Table) -> Figure:
    """Return the topics of documents, and how many of each are kept.

    Args:
        topics: What `summaries.classifiers.topics` returns.
    """
    lines = rows_of(topics.slice(0, _SHOWN))
    rows = [
        {"topic": line[TOPIC.name], "became": became, "documents": count, "quality": line["quality"]}
        for line in lines
        for became, count in (("kept", line["kept"]), ("dropped", line["documents"] - line["kept"]))
    ]
    total = pc.sum(topics["documents"]).as_py() or 1
    with_topic = [line for line in lines if line[TOPIC.name] != "(none)"]
    title = "No document has a topic"
    if with_topic:
        share = percent(with_topic[0]["documents"] / total)
        title = f"{named(with_topic[0][TOPIC.name])} is the most frequent topic: {share} of documents"
    chart = bars(
        rows,
        Field("topic", "topic"),
        Field("documents", "documents", COUNT),
        colour=Field("became", ""),
        tips=(Field("quality", "mean percentile of quality", ".2f"),),
        width=430,
    )
    told = "; ".join(f"{line[TOPIC.name]} {line['documents']:,}" for line in lines[:8])
    return figure(
        "classifiers_topics",
        title,
        f"Documents by topic: {told or 'none'}.",
        chart,
        topics,
        "No topic: in languages that the model does not know.",
    )


def section(run: str) -> Section:
    """Return the scores of a run's classifiers.

    Raises:
        ManifestError: The run holds nothing.
    """
    title, stages = "Classifiers", Run(run).stages
    histograms = summaries.score_histograms(run)
    if not histograms.num_rows:
        return Section(
            "classifiers",
            title,
            (),
            f"The run has none of the stages {', '.join(summaries.STAGES)}, or they scored nothing.",
        )
    shown, said = [scores_figure(histograms, summaries.thresholds(run))], []
    percentiles, deciles = summaries.percentiles(run), summaries.kept_by_decile(run)
    shown += [percentiles_figure(percentiles, "quality_score")] if percentiles.num_rows else []
    shown += [deciles_figure(deciles)] if deciles.num_rows else []
    agreement = summaries.agreement(run)
    if agreement.num_rows:
        shown.append(agreement_figure(agreement))
    elif "quality" in stages:
        said.append("No two models of quality scored the same documents.")
    if "topic" in stages:
        shown.append(topics_figure(summaries.topics(run)))
    for seen in summaries.cascade(run).to_pylist():
        share = percent(seen["read"] / max(seen["documents"], 1))
        agreed = percent(seen["agreed"] / max(seen["read"], 1))
        said.append(
            f"{seen['model']} read {seen['read']:,} of {seen['documents']:,} documents ({share}), those between the"
            f" percentiles {seen['low']:g} and {seen['high']:g}; it agrees with the models before it on {agreed}"
            " of them."
        )
    missing = [stage for stage in summaries.STAGES if stage not in stages]
    said += [f"Not in this run: {', '.join(missing)}."] if missing else []
    return Section("classifiers", title, shown, " ".join(said) or "Scores of all stages that have a model.")
