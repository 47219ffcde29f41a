"""heuristics: what is known of each document's text, and the rules that judge by it.

Signals are measured once, part by part, and stored beside the text; a rule compares one stored signal with one limit,
so that another limit measures nothing again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.engine.fitting import FitContext
from pipeline.engine.saved import files_frame
from pipeline.engine.stage import Stage, stage
from pipeline.engine.tables import FittedTables
from pipeline.errors import ConfigError
from pipeline.heuristics.datatrove import datatrove_rules
from pipeline.heuristics.earlier_tokens import learnt_files, learnt_tokenizer, require_same_scores
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
from pipeline.heuristics.token_counts import N_TOKENS, TokenizerParams
from pipeline.heuristics.token_outliers import SCHEMAS, fit_token_outliers, scored_by
from pipeline.heuristics.token_scores import LEARNT, VALUES, outliers_of, token_signals
from pipeline.kernels.text.spans import Edit
from pipeline.rows.edited_texts import with_edits
from pipeline.rows.reasons import dropped, first_reason
from schemas.columns import CATEGORY, DOC_ID, LANGUAGE, PAGE_TYPE, PII, SPANS, TEXT

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_FAILED = "__failed"
_TOKENS = (LANGUAGE, N_TOKENS, *VALUES)


def fit_heuristics(context: FitContext, params: HeuristicsParams) -> None:
    """Measure the signals of every part, and what is usual among their tokens."""
    settings = SignalParams(
        dirty_words=params.dirty_words,
        dirty_words_digest=params.dirty_words_digest,
        datatrove=params.datatrove.measured() if params.definition == "datatrove" else None,
    )
    context.compares_by(*scored_by())
    learnt = _learnt(context, params) if params.token_outliers else None
    context.measure("signals", measure_text_signals, (*TEXT_SIGNAL_COLUMNS, EDITS), (TEXT, SPANS, LANGUAGE), settings)
    if params.token_outliers:
        tokenizer = TokenizerParams(tokenizer=params.tokenizer, tokenizer_digest=params.tokenizer_digest)
        fit_token_outliers(context, tokenizer, params.min_outlier_documents, learnt)


def _learnt(context: FitContext, params: HeuristicsParams) -> "dict[str, DataFrame] | None":
    """Return what an earlier run learnt of tokens, None where this one is to learn it."""
    run = params.token_distribution
    if run is None:
        return None
    if learnt_tokenizer(run) != params.tokenizer_digest:
        raise ConfigError(f"heuristics.token_distribution: {run} counted with another tokenizer")
    require_same_scores(run, context.made.compared_by, is_kept=context.step.is_kept)
    return {name: files_frame(context.spark, learnt_files(run, name), SCHEMAS[name]) for name in LEARNT}


def add_token_signals(rows: BatchStream, params: HeuristicsParams, fitted: FittedTables) -> BatchStream:
    """Add what the tokens of each document say, compared with those of its language."""
    outliers = outliers_of(fitted) if params.token_outliers else None
    for batch in rows:
        if outliers is None:
            signals = {column.name: pa.nulls(batch.num_rows, column.type) for column in TOKEN_SIGNAL_COLUMNS}
        else:
            signals = token_signals(batch.column(LANGUAGE.name).to_pylist(), batch, outliers)
        yield with_columns(batch, {column: signals[column.name] for column in TOKEN_SIGNAL_COLUMNS})


def add_signals_and_edit(rows: BatchStream, params: HeuristicsParams, fitted: FittedTables) -> BatchStream:
    """Add what the tokens of each document say, and take out of its text what datatrove's filters do."""
    for batch in add_token_signals(rows, params, fitted):
        listed = batch.column(EDITS.name).to_pylist()
        edits = {row: [Edit(**edit) for edit in row_edits] for row, row_edits in enumerate(listed) if row_edits}
        yield with_edits(batch, edits)


def _by_definition(ours: Stage, params: HeuristicsParams) -> Stage:
    """Return the stage as a definition wants it: ours leaves texts as they are."""
    if params.definition != "datatrove":
        return ours
    changes = (TEXT, SPANS, PII)
    return replace(ours, changes=changes, measure=add_signals_and_edit, measure_reads=(*changes, *_TOKENS, EDITS))


def report_tokens(notes: Mapping[str, Any]) -> Iterator[str]:
    """Yield of which languages token outliers are told."""
    if "token_languages" in notes:
        judged = ", ".join(notes["token_languages"]) or "no language"
        yield f"token outliers are told in {judged} (of {notes['min_outlier_documents']:,} documents or more)"


@stage(
    needs=(DOC_ID, TEXT, SPANS, LANGUAGE, CATEGORY, PAGE_TYPE),
    adds=SIGNAL_COLUMNS,
    measure=add_token_signals,
    measure_reads=_TOKENS,
    fit=fit_heuristics,
    decides_by=(LANGUAGE, CATEGORY, PAGE_TYPE),
    variant=_by_definition,
    report=report_tokens,
    version=2,
)
def heuristics(docs: "DataFrame", params: HeuristicsParams) -> "DataFrame":
    """Drop a document by the first rule that its signals fail."""
    from pyspark.sql import functions as F  # noqa: N812

    names = docs.columns
    docs, first = our_verdict(docs, params)
    if params.definition == "datatrove":
        is_english = F.coalesce(LANGUAGE.name, F.lit("und")).isin(*ENGLISH)
        first = F.when(is_english, failed(datatrove_rules(params.datatrove))).otherwise(first)
    docs = docs.withColumn(_FAILED, first)
    reason, value, limit = (F.col(f"{_FAILED}.{name}") for name in ("reason", "value", "limit"))
    drop = F.when(reason.isNotNull(), dropped("heuristics", reason, value, limit))
    return first_reason(docs, drop).select(*names)
