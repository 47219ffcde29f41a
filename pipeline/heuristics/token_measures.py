"""What is measured part by part once tokens are counted: divergences, and the tokens of usual documents added up."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.engine.tables import FittedTables, TableReader
from pipeline.heuristics.token_counts import (
    COUNT,
    LABEL,
    N_TOKENS,
    PROSE_CHARS,
    RATE,
    TOKEN,
    Distribution,
    TokenizerParams,
    add_up,
    labels_of,
    token_counts_of,
)
from pipeline.heuristics.token_scores import CURVES, DISTRIBUTION, VALUES, curves_of
from pipeline.kernels.tokens.outliers import MEASURES, Outliers, length_bins
from schemas.columns import Column

Array = np.ndarray[Any, np.dtype[Any]]

USUAL = 3.0
"""Score below which a document teaches the second round's distribution; its curves are fitted on those that teach the
first: if on documents chosen by their score, scores would depend on the length (correlation .08, not .05)."""
FIRST = "first_"
"""What the names of the first round's tables begin with."""
RATES = "token_rates"
_MOST_COUNTS = 1 << 21
LENGTH = Column("length_bin", pa.int32(), "bin of the length in tokens")
TEACHES = Column("teaches", pa.bool_(), "whether curves are fitted on the document")


class RoundParams(TokenizerParams):
    """Parameters of a round of learning."""

    tables: str = ""
    """What the names of its small tables begin with."""
    learns: bool = True
    """Whether anything is learnt; not where all was by an earlier run."""


def _rates(fitted: TableReader) -> dict[str, int]:
    table = fitted.table(RATES)
    return dict(zip(table["language"].to_pylist(), table["rate"].to_pylist(), strict=True))


def _has_usual_rate(batch: pa.RecordBatch, rates: Mapping[str, int]) -> Array:
    """Tell which documents have no more tokens a character than is usual."""
    limits = np.array([rates.get(label, -1) for label in labels_of(batch).tolist()], np.int64)
    usual: Array = (batch.column(RATE.name).to_numpy() <= limits) & (batch.column(N_TOKENS.name).to_numpy() > 0)
    return usual


def _distribution(fitted: TableReader, params: RoundParams, tables: str) -> Distribution:
    from classifiers.tokenizers import load_encoder

    return Distribution(
        fitted.table(tables + DISTRIBUTION), load_encoder(params.tokenizer, params.tokenizer_digest).vocabulary
    )


def _values(batch: pa.RecordBatch, distribution: Distribution) -> Array:
    """Return what documents are compared by; 0 where nothing is known of their language."""
    from pipeline.kernels.tokens.divergence import divergences

    values = np.zeros((batch.num_rows, len(MEASURES)))
    labels = labels_of(batch)
    for language in sorted(set(labels.tolist())):
        if (logs := distribution.logs(language)) is not None:
            at = np.flatnonzero(labels == language)
            documents = batch.take(pa.array(at))
            values[at] = divergences(token_counts_of(documents), documents.column(PROSE_CHARS.name).to_numpy(), logs)
    return values


def sum_usual_rates(rows: BatchStream, _: RoundParams, fitted: FittedTables) -> BatchStream:
    """Yield the tokens of a part's documents that teach the first round, added up by language."""
    rates = _rates(fitted)
    yield from add_up(batch.filter(pa.array(_has_usual_rate(batch, rates))) for batch in rows)


def sum_usual_scores(rows: BatchStream, params: RoundParams, fitted: FittedTables) -> BatchStream:
    """Yield the tokens of a part's documents that the first round does not find unusual, added up by language."""
    outliers, distribution = Outliers(curves_of(fitted, FIRST + CURVES)), _distribution(fitted, params, FIRST)

    def is_usual(batch: pa.RecordBatch) -> pa.Array:
        tokens = batch.column(N_TOKENS.name).to_numpy()
        return pa.array(outliers.scores(labels_of(batch).tolist(), tokens, _values(batch, distribution)) < USUAL)

    yield from add_up(batch.filter(is_usual(batch)) for batch in rows)


def measure_divergences(rows: BatchStream, params: RoundParams, fitted: FittedTables) -> BatchStream:
    """Add what each document is compared by, and whether curves are fitted on it."""
    distribution = _distribution(fitted, params, params.tables)
    rates = _rates(fitted) if params.learns else {}
    for batch in rows:
        values, usual = _values(batch, distribution), _has_usual_rate(batch, rates)
        lengths = length_bins(batch.column(N_TOKENS.name).to_numpy())
        columns = {column: pa.array(values[:, number]) for number, column in enumerate(VALUES)}
        yield with_columns(batch, {LENGTH: pa.array(lengths, LENGTH.type), TEACHES: pa.array(usual), **columns})


def add_up_counts(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield rows of LABEL, TOKEN and COUNT added up, so that fewer are shuffled; a few million are held at once."""
    pending: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        pending.append(batch)
        rows += batch.num_rows
        if rows > _MOST_COUNTS:
            pending = [*_added_up(pending)]
            rows = sum(added.num_rows for added in pending)
            if rows > _MOST_COUNTS // 2:  # hardly any token occurs twice
                yield from pending
                pending, rows = [], 0
    yield from _added_up(pending)


def _added_up(batches: list[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    if not batches:
        return
    rows = pa.Table.from_batches(batches)
    sums = rows.group_by([LABEL.name, TOKEN.name], use_threads=False).aggregate([(COUNT.name, "sum")])
    yield from sums.rename_columns({f"{COUNT.name}_sum": COUNT.name}).select(rows.column_names).to_batches()
