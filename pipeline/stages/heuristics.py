"""heuristics: what is known of each document's text, and the rules that judge by it.

Signals are measured once, part by part, and stored beside the table; a rule compares one stored signal with one limit,
so that another limit measures nothing again.
"""

from typing import TYPE_CHECKING

from pipeline.engine.batches import with_columns
from pipeline.engine.stage import SideTables, SideWriter, dropped, first_reason, stage
from pipeline.errors import ConfigError
from pipeline.heuristics.datatrove import datatrove_rules
from pipeline.heuristics.measuring import (
    EDITS,
    ENGLISH,
    SIGNAL_COLUMNS,
    TEXT_SIGNAL_COLUMNS,
    TOKEN_SIGNAL_COLUMNS,
    SignalParams,
    measure_text_signals,
)
from pipeline.heuristics.params import HeuristicsParams
from pipeline.heuristics.rule import failed
from pipeline.heuristics.rules import our_verdict
from pipeline.heuristics.token_counts import TokenizerParams
from pipeline.heuristics.token_outliers import fit_token_outliers
from pipeline.heuristics.token_scores import DIVERGENCES, LEARNT, outliers_of, token_signals
from pipeline.kernels.text.spans import Edit
from pipeline.rows.edited_texts import with_edits
from pipeline.rows.verdicts import rows_of
from pipeline.runs.parts import BatchStream, Part
from schemas.columns import CATEGORY, DOC_ID, LANGUAGE, PAGE_TYPE, SPANS, TEXT

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_SIGNALS, _FAILED = "signals", "__failed"


def fit_heuristics(docs: "DataFrame", params: HeuristicsParams, side: SideWriter) -> None:
    """Measure the signals of every part, and what is usual among their tokens."""
    settings = SignalParams(
        dirty_words=params.dirty_words,
        dirty_words_digest=params.dirty_words_digest,
        datatrove=params.datatrove.measured() if params.definition == "datatrove" else None,
    )
    side.measure(_SIGNALS, measure_text_signals, (*TEXT_SIGNAL_COLUMNS, EDITS), (DOC_ID,), settings)
    if params.token_outliers:
        tokenizer = TokenizerParams(tokenizer=params.tokenizer, tokenizer_digest=params.tokenizer_digest)
        fit_token_outliers(tokenizer, params.min_outlier_documents, side, _learnt(docs.sparkSession, params))


def _learnt(spark: "SparkSession", params: HeuristicsParams) -> "dict[str, DataFrame] | None":
    """Return what an earlier run learnt of tokens, None where this one is to learn it."""
    from pipeline.heuristics.earlier_tokens import learnt_files, learnt_tokenizer  # noqa: PLC0415

    run = params.token_distribution
    if run is None:
        return None
    if learnt_tokenizer(run) != params.tokenizer_digest:
        raise ConfigError(f"heuristics.token_distribution: {run} counted with another tokenizer")
    return {name: spark.read.parquet(*learnt_files(run, name)) for name in LEARNT}


def add_signals(rows: BatchStream, part: Part, params: HeuristicsParams, side: SideTables) -> BatchStream:
    """Add the signals that the fit measured, and edit the texts where a definition does."""
    signals = side.slice(_SIGNALS, part)
    if signals is None:
        return
    divergences = side.slice(DIVERGENCES, part) if params.token_outliers else None
    outliers = outliers_of(side) if divergences is not None else None
    for batch in rows:
        mine = rows_of(signals, batch)
        found = {column: mine[column.name].combine_chunks() for column in TEXT_SIGNAL_COLUMNS}
        if divergences is not None and outliers is not None:
            tokens = token_signals(batch.column(LANGUAGE.name).to_pylist(), rows_of(divergences, batch), outliers)
            found |= {column: tokens[column.name] for column in TOKEN_SIGNAL_COLUMNS}
        edits = {row: [Edit(**edit) for edit in some] for row, some in enumerate(mine[EDITS.name].to_pylist()) if some}
        yield with_columns(with_edits(batch, edits), found)


@stage(
    needs=(DOC_ID, TEXT, SPANS, LANGUAGE, CATEGORY, PAGE_TYPE),
    measures=(TEXT, SPANS, *SIGNAL_COLUMNS),
    measure=add_signals,
    fit=fit_heuristics,
    version=2,
)
def heuristics(docs: "DataFrame", params: HeuristicsParams) -> "DataFrame":
    """Drop a document by the first rule that its signals fail."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    known = docs.columns
    docs, first = our_verdict(docs, params)
    if params.definition == "datatrove":
        is_english = F.coalesce(LANGUAGE.name, F.lit("und")).isin(*ENGLISH)
        first = F.when(is_english, failed(datatrove_rules(params.datatrove))).otherwise(first)
    docs = docs.withColumn(_FAILED, first)
    reason, value, limit = (F.col(f"{_FAILED}.{name}") for name in ("reason", "value", "limit"))
    drop = F.when(reason.isNotNull(), dropped("heuristics", reason, value, limit))
    return first_reason(docs, drop).select(*known)
