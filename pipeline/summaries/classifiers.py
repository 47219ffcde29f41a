"""Scores of classifiers: distributions, percentiles by language, agreement, samples by decile, the cascade."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.classification.scoring import column_of
from pipeline.results.redaction import ShownText, texts_by_id
from pipeline.runs.run import Run
from pipeline.summaries.distributions import spearman
from pipeline.summaries.histograms import counts_in
from pipeline.summaries.reading import KEPT_STAGE, all_records, lowest, records_judged, stage_of
from pipeline.terminal import safe
from schemas.columns import (
    CATEGORY,
    CODE_SCORE,
    DOC_ID,
    LANGUAGE,
    LANGUAGE_SCORE,
    MATH_SCORE,
    QUALITY_BUCKET,
    QUALITY_PERCENTILE,
    QUALITY_SCORE,
    SOURCE_URL,
    TEXT,
    TOPIC,
    TOPIC_SCORE,
    TOXICITY_SCORE,
    Column,
)

STAGES: Final = ("language", "route", "safety", "quality", "topic")
"""Stages that this is about."""
_SHIPPED: Final = (LANGUAGE_SCORE, CODE_SCORE, MATH_SCORE, TOXICITY_SCORE, QUALITY_SCORE, TOPIC_SCORE)
_OF_STAGE: Final = {
    LANGUAGE_SCORE.name: ("language", "min_score"),
    CODE_SCORE.name: ("route", "min_code_score"),
    MATH_SCORE.name: ("route", "min_math_score"),
    TOXICITY_SCORE.name: ("safety", "max_toxicity"),
}
"""Score → the stage and its parameter that the score is compared with."""
_BINS: Final = 40
_FINE: Final = 1000
_DECILES: Final = 10
_POINTS: Final = (10, 25, 50, 75, 90)
_SAMPLE: Final = 4096


def score_columns(run: str) -> tuple[Column, ...]:
    """Return the columns of scores that a run has: those that ship, then those of its quality models."""
    have = {column.name: column for column in _all_columns(run)}
    shipped = [column for column in _SHIPPED if column.name in have]
    return (*shipped, *model_columns(run))


def model_columns(run: str) -> tuple[Column, ...]:
    """Return the columns of the quality models of a run, each with the scores of one model."""
    quality = stage_of(run, "quality")
    if quality is None:
        return ()
    ours = {QUALITY_SCORE.name, QUALITY_PERCENTILE.name, QUALITY_BUCKET.name}
    return tuple(
        column
        for column in quality.manifest.stored_columns()
        if column.name not in ours and pa.types.is_floating(column.type)
    )


def _all_columns(run: str) -> tuple[Column, ...]:
    return Run(run).tables()[-1].columns


def score_histograms(run: str) -> pa.Table:
    """Return the distribution of every score: `score`, `from`, `to` (0 to 1), `documents`.

    Scores beyond 0 and 1 count in the outer bins.
    """
    columns = score_columns(run)
    edges = np.linspace(0, 1, _BINS + 1)
    counts = {column.name: np.zeros(_BINS, np.int64) for column in columns}
    for batch in all_records(Run(run).tables(), columns) if columns else ():
        for name in counts:
            counts[name] += counts_in(edges, batch.column(name))
    rows = [
        {"score": name, "from": float(edges[n]), "to": float(edges[n + 1]), "documents": int(count)}
        for name, of_score in counts.items()
        if of_score.any()
        for n, count in enumerate(of_score)
    ]
    schema = pa.schema(
        [("score", pa.string()), ("from", pa.float64()), ("to", pa.float64()), ("documents", pa.int64())]
    )
    return pa.Table.from_pylist(rows, schema)


def thresholds(run: str) -> pa.Table:
    """Return what scores are compared with: `score`, `stage`, `parameter`, `limit`; those that are off are left out."""
    rows: list[dict[str, Any]] = []
    for score, (stage, parameter) in _OF_STAGE.items():
        table = stage_of(run, stage)
        limit = None if table is None else table.manifest.params.get(parameter)
        if limit is not None:
            rows.append({"score": score, "stage": stage, "parameter": parameter, "limit": float(limit)})
    quality = stage_of(run, "quality")
    limits = {} if quality is None else quality.manifest.params.get("min_score") or {}
    rows += [
        {"score": column_of(model).name, "stage": "quality", "parameter": "min_score", "limit": float(limit)}
        for model, limit in limits.items()
    ]
    schema = pa.schema([*((name, pa.string()) for name in ("score", "stage", "parameter")), ("limit", pa.float64())])
    return pa.Table.from_pylist(rows, schema)


def percentiles(run: str, score: str = QUALITY_SCORE.name, by: str = LANGUAGE.name, most: int = 15) -> pa.Table:
    """Return percentiles of a score by language (or category), exact to a thousandth: `p10` to `p90`, `documents`.

    Args:
        run: The run directory.
        score: Name of a column of scores between 0 and 1.
        by: `language` or `category`.
        most: Groups, those with the most documents.
    """
    columns = {column.name: column for column in score_columns(run)}
    schema = pa.schema([(by, pa.string()), ("documents", pa.int64()), *((f"p{p}", pa.float64()) for p in _POINTS)])
    if score not in columns:
        return schema.empty_table()
    edges = np.linspace(0, 1, _FINE + 1)
    counts: dict[str | None, npt.NDArray[np.int64]] = {}
    group = LANGUAGE if by == LANGUAGE.name else CATEGORY
    for batch in all_records(Run(run).tables(), (group, columns[score])):
        names = batch.column(by)
        for name in pc.unique(names).to_pylist():
            is_of = pc.is_null(names) if name is None else pc.fill_null(pc.equal(names, name), False)  # noqa: FBT003
            here = counts_in(edges, batch.column(score).filter(is_of))
            counts[name] = counts.get(name, np.zeros(_FINE, np.int64)) + here
    shown = sorted((name for name in counts if counts[name].any()), key=lambda name: (-counts[name].sum(), str(name)))
    rows = []
    for name in shown[:most]:
        below = np.cumsum(counts[name])
        at = {f"p{p}": float(edges[np.searchsorted(below, p / 100 * below[-1]) + 1]) for p in _POINTS}
        rows.append({by: name, "documents": int(below[-1]), **at})
    return pa.Table.from_pylist(rows, schema)


def agreement(run: str) -> pa.Table:
    """Return how far pairs of quality models agree, on a sample: the documents with the lowest doc_ids.

    Columns: `model`, `other`, `documents` that both scored, `correlation` (Spearman's, -1 to 1), `same_half`: share (0
    to 1) of documents that both put into the better, or both into the other half of these. Without two models, empty.
    """
    columns = model_columns(run)
    schema = pa.schema(
        [
            ("model", pa.string()),
            ("other", pa.string()),
            ("documents", pa.int64()),
            ("correlation", pa.float64()),
            ("same_half", pa.float64()),
        ]
    )
    if len(columns) < 2:
        return schema.empty_table()
    sample = lowest(records_judged(run, "quality", (DOC_ID, *columns)), _SAMPLE, columns)
    values = {column.name: pc.cast(sample[column.name], pa.float64()).to_numpy() for column in columns}
    names = list(values)
    rows = []
    for number, name in enumerate(names):
        for other in names[number + 1 :]:
            both = ~(np.isnan(values[name]) | np.isnan(values[other]))
            first, two = values[name][both], values[other][both]
            same = (first >= np.median(first)) == (two >= np.median(two)) if both.any() else np.zeros(0, np.bool_)
            rows.append(
                {
                    "model": name,
                    "other": other,
                    "documents": int(both.sum()),
                    "correlation": spearman(first, two) if both.any() else None,
                    "same_half": float(same.mean()) if both.any() else None,
                }
            )
    return pa.Table.from_pylist(rows, schema)


def samples_by_decile(run: str, most: int = 2, chars: int = 200) -> pa.Table:
    """Return documents of each tenth of quality, those with the lowest doc_ids: the same each time.

    Columns: `decile` (1 to 10, ten is best), `doc_id`, `source_url`, `language`, `category`, `quality_percentile`, and
    `text` as it left `pii`, null where no stage had redacted it.

    Args:
        run: The run directory.
        most: Documents of each tenth.
        chars: Of each text.
    """
    columns = (DOC_ID, SOURCE_URL, LANGUAGE, CATEGORY, QUALITY_PERCENTILE)
    schema = pa.schema(
        [("decile", pa.int64()), *((column.name, column.type) for column in columns), (TEXT.name, pa.string())]
    )
    if stage_of(run, "quality") is None:
        return schema.empty_table()
    first: dict[int, pa.Table] = {}
    for batch in records_judged(run, "quality", columns):
        rows = batch.select([column.name for column in columns])
        rows = rows.filter(pc.is_valid(rows.column(QUALITY_PERCENTILE.name)))
        tenth = pc.floor(pc.multiply(rows.column(QUALITY_PERCENTILE.name).cast(pa.float64()), _DECILES)).cast(
            pa.int64()
        )
        for decile in range(_DECILES):
            chosen = rows.filter(pc.equal(pc.min_element_wise(tenth, _DECILES - 1), decile))
            if chosen.num_rows:
                before = first[decile].to_batches() if decile in first else []
                first[decile] = lowest(iter([*before, chosen]), most)
    doc_ids = [doc_id for table in first.values() for doc_id in table[DOC_ID.name].to_pylist()]
    texts = texts_by_id(Run(run).tables()[-1], doc_ids, chars)
    rows = [
        {
            "decile": decile + 1,
            **row,
            SOURCE_URL.name: safe(row[SOURCE_URL.name]),
            TEXT.name: texts.get(row[DOC_ID.name], ShownText()).text,
        }
        for decile in sorted(first)
        for row in first[decile].to_pylist()
    ]
    return pa.Table.from_pylist(rows, schema)


def topics(run: str) -> pa.Table:
    """Return documents by topic: `topic`, `documents`, those `kept` to the end, mean `quality` percentile (0 to 1)."""
    counts: dict[str | None, list[float]] = {}
    for batch in records_judged(run, "topic", (TOPIC, QUALITY_PERCENTILE)):
        rows = pa.table(
            {
                TOPIC.name: batch.column(TOPIC.name),
                "kept": pc.is_null(batch.column("drop")).cast(pa.int64()),
                "quality": batch.column(QUALITY_PERCENTILE.name).cast(pa.float64()),
            }
        )
        sums = rows.group_by(TOPIC.name).aggregate(
            [("kept", "count"), ("kept", "sum"), ("quality", "sum"), ("quality", "count")]
        )
        for row in sums.to_pylist():
            of_topic = counts.setdefault(row[TOPIC.name], [0, 0, 0.0, 0])
            for number, name in enumerate(("kept_count", "kept_sum", "quality_sum", "quality_count")):
                of_topic[number] += row[name] or 0
    lines = [
        {TOPIC.name: topic, "documents": count, "kept": kept, "quality": quality / scored if scored else None}
        for topic, (count, kept, quality, scored) in counts.items()
    ]
    schema = pa.schema(
        [(TOPIC.name, pa.string()), ("documents", pa.int64()), ("kept", pa.int64()), ("quality", pa.float64())]
    )
    return pa.Table.from_pylist(lines, schema).sort_by([("documents", "descending"), (TOPIC.name, "ascending")])


def cascade(run: str) -> pa.Table:
    """Return what the cascade's model read: `model`, `low` and `high` (percentiles), `documents`, `read`, `agreed`."""
    table = stage_of(run, "quality")
    seen = {} if table is None else table.manifest.notes.get("cascade", {})
    rows = (
        [
            {
                **{name: seen[name] for name in ("model", "documents", "read", "agreed")},
                "low": seen["band"][0],
                "high": seen["band"][1],
            }
        ]
        if seen
        else []
    )
    schema = pa.schema(
        [
            ("model", pa.string()),
            ("low", pa.float64()),
            ("high", pa.float64()),
            ("documents", pa.int64()),
            ("read", pa.int64()),
            ("agreed", pa.int64()),
        ]
    )
    return pa.Table.from_pylist(rows, schema)


def kept_by_decile(run: str) -> pa.Table:
    """Return how many documents of each tenth of quality were scored, and how many of them were kept to the end."""
    scored, kept = np.zeros(_DECILES, np.int64), np.zeros(_DECILES, np.int64)
    edges = np.linspace(0, 1, _DECILES + 1)
    for batch in records_judged(run, "quality", (QUALITY_PERCENTILE,)):
        values = batch.column(QUALITY_PERCENTILE.name)
        is_kept = pc.is_null(batch.column("drop"))
        scored += counts_in(edges, values)
        kept += counts_in(edges, values.filter(is_kept))
    names = pa.array(range(1, _DECILES + 1), pa.int64())
    table = pa.table({"decile": names, "documents": scored, KEPT_STAGE: kept})
    return table if scored.any() else table.slice(0, 0)
