"""Token outliers over a corpus: how unlike each document's tokens are to those of its language.

Each document's tokens are counted once; all else is measured from the counts. A corpus's own junk must not teach what
is common, so its languages are learnt in two rounds. First from documents in which a token holds about as many
characters as is usual: scans gone wrong, base64 and other languages are cut into many short tokens. Then from all that
the first round does not find unusual. Divergences are compared with those that the former have at the same length. What
was fitted can be taken to the next crawl.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from pipeline.engine.fitting import FitContext
from pipeline.engine.stage import Measure
from pipeline.heuristics.token_counts import (
    COUNT,
    LABEL,
    N_TOKENS,
    PROSE_CHARS,
    RATE,
    TOKEN,
    TOKEN_COUNTS,
    TOKEN_IDS,
    TokenizerParams,
    count_document_tokens,
    labels_of,
)
from pipeline.heuristics.token_measures import (
    FIRST,
    LENGTH,
    RATES,
    TEACHES,
    RoundParams,
    add_up_counts,
    measure_divergences,
    sum_usual_rates,
    sum_usual_scores,
)
from pipeline.heuristics.token_scores import (
    CURVES,
    DISTRIBUTION,
    DIVERGENCES,
    LEARNT,
    RANKS,
    VALUES,
    curves_of,
    stored_values,
)
from pipeline.kernels.tokens.outliers import MEASURES, VALUE_BINS, Curve, Outliers, fit_curve, score_bins
from pipeline.spark.driver_frames import empty_frame, frame_of
from pipeline.spark.meter import map_batches
from schemas.columns import LANGUAGE, SPANS, TEXT, Column

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn
    from pyspark.sql import DataFrame

Array = np.ndarray[Any, np.dtype[Any]]

TRUSTED = 0.85
"""Share of a language's documents, those of the fewest tokens a character, that teach the first round. With 1,000 of
five kinds of planted soup among 5,000 web documents, .75 to .85 told them apart alike; at .9 some of them taught."""
COUNTED = "token_counts"
_COUNTED = (N_TOKENS, PROSE_CHARS, RATE, TOKEN_IDS, TOKEN_COUNTS)
SCHEMAS = {
    DISTRIBUTION: "language string, token int, count long",
    CURVES: "language string, measure string, length double, median double, spread double",
    RANKS: "language string, bin long, documents long",
}


def scored_by() -> tuple[Callable[..., object], ...]:
    """Return the functions that make what is learnt, and by which documents are compared with it."""
    measured = (count_document_tokens, TokenizerParams, measure_divergences, RoundParams)
    return (*measured, sum_usual_scores, _fit_curves, _score_histogram, Outliers)


def fit_token_outliers(
    context: FitContext, params: TokenizerParams, min_documents: int, learnt: "Mapping[str, DataFrame] | None" = None
) -> None:
    """Count tokens, learn each language's distribution, measure divergences, and fit what is usual.

    Args:
        context: Where all of it goes: the sets `token_counts` and `divergences`, the small tables of `LEARNT`, and
            those of the first round.
        params: The tokenizer.
        min_documents: Documents that a language needs.
        learnt: What an earlier run learnt, by the names of `LEARNT`, to be taken in place of learning.
    """
    context.measure(COUNTED, count_document_tokens, _COUNTED, (TEXT, SPANS), params)
    rates = usual_rates(context.frame(LANGUAGE, N_TOKENS, RATE), min_documents) if learnt is None else {}
    if not rates:  # nothing is to be learnt, or nothing can be
        for name in LEARNT:
            rows = learnt[name] if learnt is not None else empty_frame(context.spark, SCHEMAS[name])
            context.save_small(name, rows)
        _diverge(context, RoundParams(**params.model_dump(), learns=False), tables=(DISTRIBUTION,))
        if learnt is None:
            context.note(token_languages=[], min_outlier_documents=min_documents)
        return
    context.save_small(
        RATES, frame_of(context.spark, sorted(rates.items()), "language string, rate int"), decides=False
    )
    _learn(context, RoundParams(**params.model_dump(), tables=FIRST), sum_usual_rates, (RATES,))
    _learn(context, RoundParams(**params.model_dump()), sum_usual_scores, (FIRST + DISTRIBUTION, FIRST + CURVES))
    curves = curves_of(context, CURVES)
    measured = context.frame(LANGUAGE, N_TOKENS, *VALUES)
    context.save_small(RANKS, _score_histogram(measured, Outliers(curves)))
    context.note(token_languages=sorted(curves), min_outlier_documents=min_documents)


def _learn(context: FitContext, params: RoundParams, add_up_usual: Measure, judged_by: tuple[str, ...]) -> None:
    """Learn distributions from usual documents, then curves."""
    from pyspark.sql import functions as F  # noqa: N812

    tables = params.tables
    columns = (LABEL, TOKEN, COUNT)
    name = f"{tables}token_sums"
    context.measure(name, add_up_usual, columns, (LANGUAGE, *_COUNTED), params, by_row=False, tables=judged_by)
    sums = context.set_frame(name, columns, combine=add_up_counts)
    together = sums.groupBy(LABEL.name, TOKEN.name).agg(F.sum(COUNT.name).alias(COUNT.name))
    is_last = not tables
    context.save_small(tables + DISTRIBUTION, together, decides=is_last)
    _diverge(context, params, tables=(RATES, tables + DISTRIBUTION))
    lines = [
        (language, measure, float(length), float(median), float(spread))
        for language, curves in sorted(_fit_curves(context.frame(LANGUAGE, LENGTH, TEACHES, *VALUES)).items())
        for measure, curve in zip(MEASURES, curves, strict=True)
        for length, median, spread in zip(*curve, strict=True)
    ]
    context.save_small(tables + CURVES, frame_of(context.spark, lines, SCHEMAS[CURVES]), decides=is_last)


def _diverge(context: FitContext, params: RoundParams, tables: tuple[str, ...]) -> None:
    columns = (LENGTH, TEACHES, *VALUES)
    name = params.tables + DIVERGENCES
    context.measure(name, measure_divergences, columns, (LANGUAGE, *_COUNTED), params, tables=tables)


def usual_rates(counted: "DataFrame", min_documents: int) -> dict[str, int]:
    """Return by language the bin of tokens a character up to which documents teach; of languages with enough."""
    from pyspark.sql import functions as F  # noqa: N812

    language = F.coalesce(LANGUAGE.name, F.lit("und")).alias("label")
    rows = counted.where(F.col(N_TOKENS.name) > 0).groupBy(language, RATE.name).count().collect()
    counts: dict[str, dict[int, int]] = {}
    for label, rate, count in rows:
        counts.setdefault(label, {})[rate] = count
    cuts = {}
    for label, rates in sorted(counts.items()):
        bins = sorted(rates)
        below = np.cumsum([rates[rate] for rate in bins])
        if below[-1] >= min_documents:
            cuts[label] = bins[int(np.searchsorted(below, TRUSTED * below[-1]))]
    return cuts


def _fit_curves(measured: "DataFrame") -> dict[str, list[Curve]]:
    """Return each language's curves, one a measure, from the documents that teach."""
    from pyspark.sql import functions as F  # noqa: N812

    values = (F.struct(F.lit(number), _value_bin(column)) for number, column in enumerate(VALUES))
    label, value = F.coalesce(LANGUAGE.name, F.lit("und")), F.explode(F.array(*values))
    rows = measured.where(TEACHES.name).select(label.alias("label"), LENGTH.name, value.alias("value"))
    cells: dict[tuple[str, int], list[tuple[int, int, int]]] = {}
    for language, length, (number, cell), count in rows.groupBy("label", LENGTH.name, "value").count().collect():
        cells.setdefault((language, number), []).append((length, cell, count))
    curves: dict[str, list[Curve]] = {}
    for (language, _), points in sorted(cells.items()):
        curve = fit_curve(*np.array(sorted(points)).T)
        if curve is not None:
            curves.setdefault(language, []).append(curve)
    return {language: fits for language, fits in curves.items() if len(fits) == len(MEASURES)}


def _value_bin(column: Column) -> "SparkColumn":
    from pyspark.sql import functions as F  # noqa: N812

    return F.floor(F.col(column.name) * VALUE_BINS).cast("int")


def _score_histogram(measured: "DataFrame", outliers: Outliers) -> "DataFrame":
    """Return the number of documents by language and bin of their score."""
    from pyspark.sql import functions as F  # noqa: N812

    def binned(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            languages = labels_of(batch)
            scores = outliers.scores(languages.tolist(), *stored_values(batch))
            has_score = ~np.isnan(scores)
            columns = [pa.array(languages[has_score], pa.string()), pa.array(score_bins(scores[has_score]))]
            yield pa.record_batch(columns, names=["language", "bin"])

    names = [LANGUAGE.name, N_TOKENS.name, *(column.name for column in VALUES)]
    bins = map_batches(measured.select(*names), binned, "language string, bin long")
    return bins.groupBy("language", "bin").agg(F.count(F.lit(1)).alias("documents"))
