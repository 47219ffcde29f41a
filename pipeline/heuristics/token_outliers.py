"""Token outliers over a corpus: how unlike each document's tokens are to those of its language.

Each document's tokens are counted once; divergences are measured from the counts, and compared with those of documents
of the same length. What was fitted can be taken to the next crawl.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.heuristics.token_counts import (
    N_TOKENS,
    PROSE_CHARS,
    TOKEN_COUNTS,
    TOKEN_IDS,
    Distribution,
    TokenizerParams,
    count_document_tokens,
    language_name,
    token_distribution,
    token_rate,
    trusted_rates,
)
from pipeline.hops import with_columns
from pipeline.kernels.outliers import (
    MEASURES,
    VALUE_BINS,
    Curve,
    Outliers,
    Ranks,
    fit_curve,
    length_bins,
    score_bins,
)
from pipeline.parts import BatchStream, Part
from pipeline.stage import SideTables, SideWriter
from schemas.columns import LANGUAGE, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from pipeline.kernels.divergence import TokenCounts

Array = np.ndarray[Any, np.dtype[Any]]

DISTRIBUTION, DIVERGENCES, CURVES, RANKS = "token_distribution", "divergences", "token_curves", "token_ranks"
LEARNT = (DISTRIBUTION, CURVES, RANKS)
"""Side tables that a later run can take from an earlier one."""
_LENGTH = Column("length_bin", pa.int32(), "bin of the length in tokens")
_VALUES = tuple(Column(name, pa.float64(), f"{name.replace('_', ' ')}, nats") for name in MEASURES)


def fit_token_outliers(
    params: TokenizerParams, min_documents: int, side: SideWriter, learnt: "Mapping[str, DataFrame] | None" = None
) -> None:
    """Count tokens, learn each language's distribution, measure divergences, and fit what is usual.

    Args:
        params: The tokenizer.
        min_documents: Documents that a language needs.
        side: Where the side tables go: `token_counts`, `divergences`, and those of `LEARNT`.
        learnt: What an earlier run learnt, by the names of `LEARNT`, to be taken in place of learning.
    """
    columns = (N_TOKENS, PROSE_CHARS, TOKEN_IDS, TOKEN_COUNTS)
    counted = side.measure("token_counts", count_document_tokens, columns, (LANGUAGE,), params)
    cuts = {} if learnt else trusted_rates(counted, min_documents)
    side.save(DISTRIBUTION, learnt[DISTRIBUTION] if learnt else token_distribution(counted, cuts), small=True)
    measured = side.measure(
        DIVERGENCES, measure_divergences, (_LENGTH, *_VALUES), (LANGUAGE, N_TOKENS, PROSE_CHARS), params,
        of="token_counts", reads=(DISTRIBUTION,),
    )  # fmt: skip
    if learnt:
        for name in (CURVES, RANKS):
            side.save(name, learnt[name], small=True)
        return
    curves = _curves(measured, cuts)
    spark = measured.sparkSession
    lines = [
        (language, measure, float(length), float(median), float(spread))
        for language, some in sorted(curves.items())
        for measure, curve in zip(MEASURES, some, strict=True)
        for length, median, spread in zip(*curve, strict=True)
    ]
    schema = "language string, measure string, length double, median double, spread double"
    side.save(CURVES, spark.createDataFrame(lines, schema), small=True)
    side.save(RANKS, _score_histogram(measured, Outliers(curves)), small=True)


def measure_divergences(rows: BatchStream, _: Part, params: TokenizerParams, side: SideTables) -> BatchStream:
    """Add what each document is compared by; 0 where its language has too few documents."""
    from classifiers.tokenizers import load_encoder  # noqa: PLC0415  (numba and tokenizers, for workers alone)
    from pipeline.kernels.divergence import divergences  # noqa: PLC0415

    known = Distribution(side.table(DISTRIBUTION), load_encoder(params.tokenizer).vocabulary)
    for batch in rows:
        values = np.zeros((batch.num_rows, len(MEASURES)))
        names = np.array(pc.fill_null(batch.column(LANGUAGE.name), "und").to_pylist())
        for language in np.unique(names):
            at = np.flatnonzero(names == language)
            if (logs := known.logs(str(language))) is not None:
                mine = batch.take(pa.array(at))
                values[at] = divergences(_token_counts(mine), mine.column(PROSE_CHARS.name).to_numpy(), logs)
        bins = length_bins(batch.column(N_TOKENS.name).to_numpy())
        columns = {column: pa.array(values[:, place]) for place, column in enumerate(_VALUES)}
        yield with_columns(batch, {_LENGTH: pa.array(bins, pa.int32()), **columns})


def _token_counts(rows: pa.RecordBatch) -> "TokenCounts":
    from pipeline.kernels.divergence import TokenCounts  # noqa: PLC0415

    ids, counts = rows.column(TOKEN_IDS.name), rows.column(TOKEN_COUNTS.name)
    lengths = pc.fill_null(pc.list_value_length(ids), 0).to_numpy(zero_copy_only=False)
    offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    return TokenCounts(offsets, *(one.flatten().to_numpy().astype(np.int32) for one in (ids, counts)))


def _curves(measured: "DataFrame", cuts: Mapping[str, int]) -> dict[str, list[Curve]]:
    """Return each language's curves, one a measure, from the documents that teach."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    if not cuts:
        return {}
    limits = measured.sparkSession.createDataFrame(sorted(cuts.items()), "language string, limit int")
    rows = (
        measured.where(F.col(N_TOKENS.name) > 0)
        .withColumn("language", language_name())
        .withColumn("rate", token_rate())
    )
    rows = rows.join(F.broadcast(limits), on="language", how="inner").where("rate <= limit")
    found: dict[str, list[Curve]] = {}
    for column in _VALUES:
        cell = F.floor(F.col(column.name) * VALUE_BINS).cast("int").alias("cell")
        cells: dict[str, list[tuple[int, int, int]]] = {}
        for language, *numbers in rows.groupBy("language", _LENGTH.name, cell).count().collect():
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
            languages = pc.fill_null(batch.column(LANGUAGE.name), "und").to_pylist()
            scores = outliers.scores(languages, *_measured(batch))
            known = ~np.isnan(scores)
            columns = [pa.array(np.array(languages)[known]), pa.array(score_bins(scores[known]))]
            yield pa.record_batch(columns, names=["language", "bin"])

    names = [LANGUAGE.name, N_TOKENS.name, *(column.name for column in _VALUES)]
    bins = measured.select(*names).mapInArrow(binned, "language string, bin long")
    return bins.groupBy("language", "bin").agg(F.count(F.lit(1)).alias("documents"))


def _measured(batch: pa.RecordBatch | pa.Table) -> tuple[Array, Array]:
    values = [batch.column(column.name).to_numpy() for column in _VALUES]
    return batch.column(N_TOKENS.name).to_numpy(), np.column_stack(values)


def outliers_of(side: SideTables) -> Outliers:
    """Return what a fit found to be usual."""
    curves: dict[str, dict[str, list[tuple[float, float, float]]]] = {}
    for row in side.table(CURVES).to_pylist():
        points = curves.setdefault(row["language"], {}).setdefault(row["measure"], [])
        points.append((row["length"], row["median"], row["spread"]))
    ranks: dict[str, list[tuple[int, int]]] = {}
    for row in side.table(RANKS).to_pylist():
        ranks.setdefault(row["language"], []).append((row["bin"], row["documents"]))
    return Outliers(
        {
            language: [Curve(*np.array(sorted(some[measure])).T) for measure in MEASURES]
            for language, some in curves.items()
        },
        {language: Ranks.of(*np.array(sorted(some)).T) for language, some in ranks.items()},
    )


def token_signals(languages: list[str | None], measured: pa.Table, outliers: Outliers) -> dict[str, pa.Array]:
    """Return the token signals of some documents, from their rows of `divergences`; null where nothing is known."""
    tokens, values = _measured(measured)
    scores = outliers.scores(languages, tokens, values)
    unknown = np.isnan(scores)
    return {
        "n_tokens": pa.array(tokens, pa.int32()),
        "token_divergence": pa.array(values[:, 0], mask=unknown),
        "token_outlier_score": pa.array(scores, mask=unknown),
        "token_outlier_rank": pa.array(outliers.ranks(languages, scores), mask=unknown),
    }
