"""Scores of token outliers: what was learnt of a corpus, applied to what was measured of its documents."""

from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.engine.tables import TableReader
from pipeline.heuristics.token_counts import N_TOKENS
from pipeline.kernels.tokens.outliers import MEASURES, Curve, Outliers, Ranks
from schemas.columns import Column

Array = np.ndarray[Any, np.dtype[Any]]

DISTRIBUTION, DIVERGENCES, CURVES, RANKS = "token_distribution", "divergences", "token_curves", "token_ranks"
LEARNT = (DISTRIBUTION, CURVES, RANKS)
"""Small tables that a later run can take from an earlier one."""
VALUES = tuple(Column(name, pa.float64(), f"{name.replace('_', ' ')}, nats") for name in MEASURES)


def stored_values(rows: pa.RecordBatch | pa.Table) -> tuple[Array, Array]:
    """Return the numbers of tokens of documents, and what they are compared by, from rows of `divergences`."""
    values = [rows.column(column.name).to_numpy() for column in VALUES]
    return rows.column(N_TOKENS.name).to_numpy(), np.column_stack(values)


def curves_of(fitted: TableReader, name: str) -> dict[str, list[Curve]]:
    """Return the curves by language, one for each of `MEASURES`, that a small table holds."""
    by_language: dict[str, dict[str, list[tuple[float, float, float]]]] = {}
    for row in fitted.table(name).to_pylist():
        points = by_language.setdefault(row["language"], {}).setdefault(row["measure"], [])
        points.append((row["length"], row["median"], row["spread"]))
    return {
        language: [Curve(*np.array(sorted(by_measure[measure])).T) for measure in MEASURES]
        for language, by_measure in by_language.items()
    }


def outliers_of(fitted: TableReader) -> Outliers:
    """Return what a fit found to be usual."""
    ranks: dict[str, list[tuple[int, int]]] = {}
    for row in fitted.table(RANKS).to_pylist():
        ranks.setdefault(row["language"], []).append((row["bin"], row["documents"]))
    return Outliers(
        curves_of(fitted, CURVES),
        {language: Ranks.of(*np.array(sorted(bins)).T) for language, bins in ranks.items()},
    )


def token_signals(languages: list[str | None], measured: pa.RecordBatch, outliers: Outliers) -> dict[str, pa.Array]:
    """Return the token signals of some documents, from their rows of `divergences`; null where nothing is known."""
    tokens, values = stored_values(measured)
    scores = outliers.scores(languages, tokens, values)
    unknown = np.isnan(scores)
    return {
        "n_tokens": pa.array(tokens, pa.int32()),
        "token_divergence": pa.array(values[:, 0], mask=unknown),
        "token_outlier_score": pa.array(scores, mask=unknown),
        "token_outlier_rank": pa.array(outliers.ranks(languages, scores), mask=unknown),
    }
