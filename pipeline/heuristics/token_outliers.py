"""Token outliers over a corpus: how unlike each document's tokens are to those of its language.

Each document's tokens are counted once; all else is measured from the counts. A corpus's own junk must not teach what
is common, so its languages are learnt in two rounds. First from documents in which a token holds about as many
characters as is usual: scans gone wrong, base64 and other languages are cut into many short tokens. Then from all that
the first round does not find unusual. Divergences are compared with those that the former have at the same length. What
was fitted can be taken to the next crawl.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from pipeline.engine.batches import with_columns
from pipeline.engine.stage import Measure, SideTables, SideWriter
from pipeline.heuristics.token_counts import (
    COUNT,
    LABEL,
    N_TOKENS,
    PROSE_CHARS,
    RATE,
    TOKEN,
    TOKEN_COUNTS,
    TOKEN_IDS,
    Distribution,
    TokenizerParams,
    add_up,
    count_document_tokens,
    labels_of,
    token_counts_of,
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
from pipeline.kernels.tokens.outliers import MEASURES, VALUE_BINS, Curve, Outliers, fit_curve, length_bins, score_bins
from pipeline.runs.parts import BatchStream, Part
from pipeline.spark.frames import frame_of
from schemas.columns import LANGUAGE, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Array = np.ndarray[Any, np.dtype[Any]]

TRUSTED = 0.85
"""Share of a language's documents, those of the fewest tokens a character, that teach the first round. With 1,000 of
five kinds of planted soup among 5,000 web documents, .75 to .85 told them apart alike; at .9 some of them taught."""
USUAL = 3.0
"""Score below which a document teaches the second round's distribution; its curves are fitted on those that teach the
first: if on documents chosen by their score, scores would depend on the length (correlation .08, not .05)."""
COUNTED = "token_counts"
_FIRST = "first_"
_RATES = "token_rates"
_LENGTH = Column("length_bin", pa.int32(), "bin of the length in tokens")
_TEACHES = Column("teaches", pa.bool_(), "whether curves are fitted on the document")


class RoundParams(TokenizerParams):
    """Parameters of a round of learning."""

    tables: str = ""
    """What the names of its side tables begin with."""
    learns: bool = True
    """Whether anything is learnt; not where all was by an earlier run."""


def fit_token_outliers(
    params: TokenizerParams, min_documents: int, side: SideWriter, learnt: "Mapping[str, DataFrame] | None" = None
) -> None:
    """Count tokens, learn each language's distribution, measure divergences, and fit what is usual.

    Args:
        params: The tokenizer.
        min_documents: Documents that a language needs.
        side: Where the side tables go: `token_counts`, `divergences`, those of `LEARNT`, and those of the first round.
        learnt: What an earlier run learnt, by the names of `LEARNT`, to be taken in place of learning.
    """
    columns = (N_TOKENS, PROSE_CHARS, RATE, TOKEN_IDS, TOKEN_COUNTS)
    counted = side.measure(COUNTED, count_document_tokens, columns, (LANGUAGE,), params)
    if learnt:
        for name in LEARNT:
            side.save(name, learnt[name], small=True)
        _diverge(side, RoundParams(**params.model_dump(), learns=False), reads=(DISTRIBUTION,))
        return
    rates = usual_rates(counted, min_documents)
    spark = counted.sparkSession
    side.save(_RATES, frame_of(spark, sorted(rates.items()), "language string, rate int"), small=True)
    _learn(side, RoundParams(**params.model_dump(), tables=_FIRST), sum_usual_rates, judged_by=(_RATES,))
    judged_by = (_FIRST + DISTRIBUTION, _FIRST + CURVES)
    measured = _learn(side, RoundParams(**params.model_dump()), sum_usual_scores, judged_by)
    curves = curves_of(side, CURVES)
    side.save(RANKS, _score_histogram(measured, Outliers(curves)), small=True)
    side.note(token_languages=sorted(curves), min_outlier_documents=min_documents)


def _learn(side: SideWriter, params: RoundParams, add_up_usual: Measure, judged_by: tuple[str, ...]) -> "DataFrame":
    """Learn distributions from usual documents, then curves; return the divergences."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    tables = params.tables
    columns = (LABEL, TOKEN, COUNT)
    sums = side.measure(
        f"{tables}token_sums", add_up_usual, columns, (), params, by_row=False, of=COUNTED, reads=judged_by
    )
    together = sums.groupBy(LABEL.name, TOKEN.name).agg(F.sum(COUNT.name).alias(COUNT.name))
    side.save(tables + DISTRIBUTION, together, small=True)
    measured = _diverge(side, params, reads=(_RATES, tables + DISTRIBUTION))
    lines = [
        (language, measure, float(length), float(median), float(spread))
        for language, some in sorted(_fit_curves(measured).items())
        for measure, curve in zip(MEASURES, some, strict=True)
        for length, median, spread in zip(*curve, strict=True)
    ]
    schema = "language string, measure string, length double, median double, spread double"
    side.save(tables + CURVES, frame_of(measured.sparkSession, lines, schema), small=True)
    return measured


def _diverge(side: SideWriter, params: RoundParams, reads: tuple[str, ...]) -> "DataFrame":
    columns, keeps = (_LENGTH, _TEACHES, *VALUES), (LANGUAGE, N_TOKENS)
    return side.measure(
        params.tables + DIVERGENCES, measure_divergences, columns, keeps, params, of=COUNTED, reads=reads
    )


def usual_rates(counted: "DataFrame", min_documents: int) -> dict[str, int]:
    """Return by language the bin of tokens a character up to which documents teach; of languages with enough."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    language = F.coalesce(LANGUAGE.name, F.lit("und")).alias("label")
    rows = counted.where(F.col(N_TOKENS.name) > 0).groupBy(language, RATE.name).count().collect()
    found: dict[str, dict[int, int]] = {}
    for label, rate, count in rows:
        found.setdefault(label, {})[rate] = count
    cuts = {}
    for label, rates in sorted(found.items()):
        bins = sorted(rates)
        below = np.cumsum([rates[one] for one in bins])
        if below[-1] >= min_documents:
            cuts[label] = bins[int(np.searchsorted(below, TRUSTED * below[-1]))]
    return cuts


def _rates(side: SideTables) -> dict[str, int]:
    table = side.table(_RATES)
    return dict(zip(table["language"].to_pylist(), table["rate"].to_pylist(), strict=True))


def _has_usual_rate(batch: pa.RecordBatch, rates: Mapping[str, int]) -> Array:
    """Tell which documents have no more tokens a character than is usual."""
    limits = np.array([rates.get(label, -1) for label in labels_of(batch).tolist()], np.int64)
    usual: Array = (batch.column(RATE.name).to_numpy() <= limits) & (batch.column(N_TOKENS.name).to_numpy() > 0)
    return usual


def _distribution(side: SideTables, params: RoundParams, tables: str) -> Distribution:
    from classifiers.tokenizers import load_encoder  # noqa: PLC0415  (a second to load, on workers alone)

    return Distribution(
        side.table(tables + DISTRIBUTION), load_encoder(params.tokenizer, params.tokenizer_digest).vocabulary
    )


def _values(batch: pa.RecordBatch, distribution: Distribution) -> Array:
    """Return what documents are compared by; 0 where nothing is known of their language."""
    from pipeline.kernels.tokens.divergence import divergences  # noqa: PLC0415  (numba, which workers alone need)

    values = np.zeros((batch.num_rows, len(MEASURES)))
    labels = labels_of(batch)
    for language in sorted(set(labels.tolist())):
        if (logs := distribution.logs(language)) is not None:
            at = np.flatnonzero(labels == language)
            mine = batch.take(pa.array(at))
            values[at] = divergences(token_counts_of(mine), mine.column(PROSE_CHARS.name).to_numpy(), logs)
    return values


def sum_usual_rates(rows: BatchStream, _: Part, __: RoundParams, side: SideTables) -> BatchStream:
    """Yield the tokens of a part's documents that teach the first round, added up by language."""
    rates = _rates(side)
    yield from add_up(batch.filter(pa.array(_has_usual_rate(batch, rates))) for batch in rows)


def sum_usual_scores(rows: BatchStream, _: Part, params: RoundParams, side: SideTables) -> BatchStream:
    """Yield the tokens of a part's documents that the first round does not find unusual, added up by language."""
    outliers, distribution = Outliers(curves_of(side, _FIRST + CURVES)), _distribution(side, params, _FIRST)

    def is_usual(batch: pa.RecordBatch) -> pa.Array:
        tokens = batch.column(N_TOKENS.name).to_numpy()
        return pa.array(outliers.scores(labels_of(batch).tolist(), tokens, _values(batch, distribution)) < USUAL)

    yield from add_up(batch.filter(is_usual(batch)) for batch in rows)


def measure_divergences(rows: BatchStream, _: Part, params: RoundParams, side: SideTables) -> BatchStream:
    """Add what each document is compared by, and whether curves are fitted on it."""
    distribution = _distribution(side, params, params.tables)
    rates = _rates(side) if params.learns else {}
    for batch in rows:
        values, usual = _values(batch, distribution), _has_usual_rate(batch, rates)
        lengths = length_bins(batch.column(N_TOKENS.name).to_numpy())
        columns = {column: pa.array(values[:, place]) for place, column in enumerate(VALUES)}
        yield with_columns(batch, {_LENGTH: pa.array(lengths, _LENGTH.type), _TEACHES: pa.array(usual), **columns})


def _fit_curves(measured: "DataFrame") -> dict[str, list[Curve]]:
    """Return each language's curves, one a measure, from the documents that teach."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    rows = measured.where(_TEACHES.name).withColumn("label", F.coalesce(LANGUAGE.name, F.lit("und")))
    found: dict[str, list[Curve]] = {}
    for column in VALUES:
        cell = F.floor(F.col(column.name) * VALUE_BINS).cast("int").alias("cell")
        cells: dict[str, list[tuple[int, int, int]]] = {}
        for language, *numbers in rows.groupBy("label", _LENGTH.name, cell).count().collect():
            cells.setdefault(language, []).append((numbers[0], numbers[1], numbers[2]))
        for language, some in sorted(cells.items()):
            curve = fit_curve(*np.array(sorted(some)).T)
            if curve is not None:
                found.setdefault(language, []).append(curve)
    return {language: some for language, some in found.items() if len(some) == len(MEASURES)}


def _score_histogram(measured: "DataFrame", outliers: Outliers) -> "DataFrame":
    """Return the number of documents by language and bin of their score."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    def binned(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            languages = labels_of(batch)
            scores = outliers.scores(languages.tolist(), *stored_values(batch))
            known = ~np.isnan(scores)
            columns = [pa.array(languages[known], pa.string()), pa.array(score_bins(scores[known]))]
            yield pa.record_batch(columns, names=["language", "bin"])

    names = [LANGUAGE.name, N_TOKENS.name, *(column.name for column in VALUES)]
    bins = measured.select(*names).mapInArrow(binned, "language string, bin long")
    return bins.groupBy("language", "bin").agg(F.count(F.lit(1)).alias("documents"))
