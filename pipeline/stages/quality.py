"""quality: how good a document is, as percentiles by tokens within its language and category.

Each model scores each document. A score becomes the share of the tokens of its cell with lower scores; the highest of
these shares, or their mean, is the document's quality, and its percentile and bucket are those of that. So models of
any scale can be put together, and a bucket is a twentieth of the tokens, whatever the models. A cascade's model reads
what these leave undecided.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import pyarrow as pa
from pydantic import Field

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream, digest
from pipeline.classification.cascade import (
    BAND,
    OF_ALL,
    CascadeParams,
    note_band,
    percentiles_of_band,
    report_cascade,
    score_band,
    with_band,
)
from pipeline.classification.models import as_column, models_digest, named_model
from pipeline.classification.percentiles import CELLS, Percentiles, count_cells, learnt_percentiles
from pipeline.classification.score_tables import join_scores, keyed_scores, report_tables, tables_among, tables_digest
from pipeline.classification.scoring import (
    BY_MODEL,
    EnsembleParams,
    ScoringParams,
    add_ensemble,
    column_of,
    score_quality,
)
from pipeline.classification.tokens import count_tokens
from pipeline.engine.fitting import FitContext
from pipeline.engine.saved import files_frame
from pipeline.engine.stage import Stage, stage
from pipeline.engine.tables import FittedTables
from pipeline.errors import ConfigError
from pipeline.heuristics.token_counts import TokenizerParams, named_tokenizer_digest
from pipeline.rows.reasons import dropped, first_reason
from pipeline.spark.driver_frames import empty_frame
from schemas.columns import (
    CATEGORY,
    DOC_ID,
    LANGUAGE,
    QUALITY_BUCKET,
    QUALITY_PERCENTILE,
    QUALITY_SCORE,
    TEXT,
    TEXT_BYTES,
    TOKENS,
    URL,
    Column,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_BUCKETS = 20
_MODELS, _CASCADE = "quality.models", "quality.cascade_model"


class QualityParams(EnsembleParams, CascadeParams):
    """Parameters of quality."""

    tokenizer: str = "tekken"
    """What percentiles are counted by; where it is that of `mix`, tokens are counted once."""
    tokenizer_digest: str | None = None
    """Hash of the tokenizer's file; the run fills it in."""
    percentiles: str | None = None
    """An earlier run with whose documents these are compared; null for this run's own."""
    percentiles_digest: str | None = None
    """Hash of what that run holds; the run fills it in."""
    tables_digest: str | None = None
    """Hash of the tables of scores among the models; the run fills it in."""
    min_percentile: float | None = Field(None, ge=0, le=1)
    """Percentile below which a document is dropped; null drops none, and leaves it to the mix."""
    min_score: dict[str, float] = Field(default_factory=dict)
    """Model → score below which a document is dropped: that of the model's column, the higher the better."""
    limits: ClassVar[frozenset[str]] = frozenset({"min_percentile", "min_score"})

    def resolved(self) -> Self:
        """Return the parameters with hashes of the models, the tokenizer and the earlier run."""
        for name in (*self.weights, *self.min_score):
            if name not in self.models:
                raise ConfigError(f"quality: '{name}' is none of quality.models ({', '.join(self.models)})")
        if self.weights and self.ensemble != "mean":
            raise ConfigError("quality.weights count in a mean alone: set quality.ensemble=mean")
        tables = tables_among(_MODELS, self.models)
        scoring = [model for model in self.models if model not in tables]
        for model in scoring:
            if named_model(_MODELS, model).good is None:
                raise ConfigError(f"{_MODELS}: {model} does not say which of its labels is good")
        updates = {
            "models_digest": models_digest(_MODELS, scoring),
            "tables_digest": tables_digest(_MODELS, tables),
            "tokenizer_digest": named_tokenizer_digest("quality.tokenizer", self.tokenizer),
            "cascade_digest": self._cascade_digest(),
        }
        given = self.model_copy(update=updates)
        learnt = None if self.percentiles is None else _learnt_digest(self.percentiles, given)
        return given.model_copy(update={"percentiles_digest": learnt})

    def _cascade_digest(self) -> str | None:
        if self.cascade_model is None:
            return None
        if column_of(self.cascade_model).name in [column_of(model).name for model in self.models]:
            raise ConfigError(f"{_CASCADE}: {self.cascade_model} is one of quality.models, and has read all documents")
        if named_model(_CASCADE, self.cascade_model).good is None:
            raise ConfigError(f"{_CASCADE}: {self.cascade_model} does not say which of its labels is good")
        return models_digest(_CASCADE, [self.cascade_model])

    def tables(self) -> tuple[str, ...]:
        """Return the names of the small tables that percentiles are made of."""
        return (BY_MODEL, OF_ALL) if self.cascade_model is None else (BY_MODEL, OF_ALL, BAND)

    def reads(self) -> tuple[str, ...]:
        """Return the columns that tables of scores are joined by."""
        return tuple(sorted({table.key for table in tables_among(_MODELS, self.models).values()}))

    def check_columns(self, columns: Sequence[Column]) -> None:
        """Refuse a table of scores whose key the documents do not have."""
        have = {column.name for column in columns}
        for model, table in tables_among(_MODELS, self.models).items():
            if table.key not in have:
                raise ConfigError(f"{_MODELS}: {model} is joined by {table.key}, which the documents do not have")


def fit_quality(context: FitContext, params: QualityParams) -> None:
    """Score all documents, count their tokens, and learn how both are spread over cells."""
    tables = tables_among(_MODELS, params.models)
    scoring = ScoringParams(
        models=tuple(model for model in params.models if model not in tables), models_digest=params.models_digest
    )
    ensemble = EnsembleParams(**params.model_dump(include=set(EnsembleParams.model_fields)))
    columns = [column_of(model) for model in params.models]
    context.compares_by(
        *(score_quality, ScoringParams, keyed_scores, add_ensemble, EnsembleParams, count_cells, Percentiles),
        *(score_band, CascadeParams),
    )
    count_tokens(context, TokenizerParams(tokenizer=params.tokenizer, tokenizer_digest=params.tokenizer_digest))
    if scoring.models:
        scored = [column_of(model) for model in scoring.models]
        context.measure("scores", score_quality, scored, (TEXT, URL, LANGUAGE), scoring)
    join_scores(context, _MODELS, {model: column_of(model) for model in tables})
    _learn(context, params, BY_MODEL, columns)
    reads = (LANGUAGE, CATEGORY, *columns)
    context.measure("ensemble", add_ensemble, (QUALITY_SCORE,), reads, ensemble, tables=(BY_MODEL,))
    _learn(context, params, OF_ALL, [QUALITY_SCORE] if columns else [])
    _fit_cascade(context, params)


def _fit_cascade(context: FitContext, params: QualityParams) -> None:
    """Have the documents that are undecided read by the cascade's model."""
    if params.cascade_column is None:
        return
    cascade = CascadeParams(**params.model_dump(include=set(CascadeParams.model_fields)))
    reads = (TEXT, URL, LANGUAGE, CATEGORY, QUALITY_SCORE)
    context.measure("band", score_band, (params.cascade_column,), reads, cascade, tables=(OF_ALL,))
    _learn(context, params, BAND, [params.cascade_column])
    note_band(context, cascade)


def _learn(context: FitContext, params: QualityParams, table: str, scores: Sequence[Column]) -> None:
    """Save how tokens are spread over scores: in an earlier run, or here."""
    if params.percentiles is not None:
        rows = files_frame(
            context.spark, _learnt_table(params.percentiles, params.tables()).files("quality", table), CELLS
        )
    elif not scores:
        rows = empty_frame(context.spark, CELLS)
    else:
        names = [column.name for column in scores]
        rows = count_cells(context.frame(LANGUAGE, CATEGORY, TOKENS, *names), names)
    context.save_small(table, rows)


def _learnt_table(run: str, tables: Sequence[str]) -> Any:
    """Return an earlier run's table of quality.

    Args:
        run: Where the run is.
        tables: The small tables that it must have learnt.

    Raises:
        ConfigError: It has none.
    """
    from pipeline.runs.run import Run

    opened = Run(run)
    table = opened.table("quality") if "quality" in opened.stages else None
    if table is None or any(name not in table.manifest.tables for name in tables):
        raise ConfigError(f"quality.percentiles: {run} holds no run that learnt any")
    return table


def _learnt_digest(run: str, params: QualityParams) -> str:
    """Return a hash of what an earlier run learnt.

    Raises:
        ConfigError: Its percentiles are of other scores than those of these parameters.
    """
    manifest = _learnt_table(run, params.tables()).manifest
    earlier = {**QualityParams().model_dump(mode="json"), **manifest.params}
    then, now = (_compared(values) for values in (earlier, params.model_dump(mode="json")))
    if differ := [name for name in now if then[name] != now[name]]:
        raise ConfigError(
            f"quality.percentiles: {run} scored otherwise, so its percentiles are of other scores; these differ: "
            f"{', '.join(differ)}"
        )
    return digest([manifest.tables[name].digest for name in params.tables()])


def _compared(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what must be the same in two runs so that the percentiles of one are of use to the other.

    A table of scores may be another: each crawl has its own.
    """
    cascade = values["cascade_model"]
    weights = {column_of(model).name: values["weights"].get(model, 1.0) for model in values["models"]}
    return {
        "models": sorted(weights),
        "the models' files": values["models_digest"],
        "ensemble": values["ensemble"],
        "weights": weights if values["ensemble"] == "mean" else None,
        "cascade_model": cascade and column_of(cascade).name,
        "the cascade's files": values["cascade_digest"],
        "cascade_band": cascade and list(values["cascade_band"]),
    }


def add_percentile(rows: BatchStream, params: QualityParams, fitted: FittedTables) -> BatchStream:
    """Add the percentile of each document's quality, and the twentieth that it lies in."""
    percentiles = learnt_percentiles(fitted, OF_ALL, params.min_cell_documents)
    band = percentiles_of_band(fitted, params)
    for batch in rows:
        cells = batch.column(LANGUAGE.name), batch.column(CATEGORY.name)
        shares = percentiles.of(QUALITY_SCORE.name, *cells, batch.column(QUALITY_SCORE.name))
        shares = with_band(shares, batch, params, band)
        buckets = np.minimum(np.nan_to_num(shares) * _BUCKETS, _BUCKETS - 1).astype(np.int32)
        added = {
            QUALITY_PERCENTILE: as_column(shares.astype(np.float32)),
            QUALITY_BUCKET: pa.array(buckets, QUALITY_BUCKET.type, mask=np.isnan(shares)),
        }
        yield with_columns(batch, added)


def _with_models(made: Stage, params: QualityParams) -> Stage:
    """Return the stage with a column for each model."""
    columns = tuple(column_of(model) for model in params.models)
    cascade = () if params.cascade_column is None else (params.cascade_column,)
    return replace(
        made,
        adds=(*columns, *cascade, *made.adds),
        measure_reads=(*made.measure_reads, *cascade),
        decides_by=columns,
    )


def _report(notes: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a run says at its end: which documents have no score of a table, and what the cascade did."""
    yield from report_tables(notes)
    yield from report_cascade(notes)


@stage(
    needs=(DOC_ID, TEXT, LANGUAGE, CATEGORY),
    uses=(URL,),
    adds=(QUALITY_SCORE, QUALITY_PERCENTILE, QUALITY_BUCKET, TOKENS, TEXT_BYTES),
    skip_if_present=(QUALITY_PERCENTILE,),
    measure=add_percentile,
    measure_reads=(LANGUAGE, CATEGORY, QUALITY_SCORE),
    fit=fit_quality,
    variant=_with_models,
    report=_report,
)
def quality(docs: "DataFrame", params: QualityParams) -> "DataFrame":
    """Drop what is below the limits, where there are any."""
    from pyspark.sql import functions as F  # noqa: N812

    drops = []
    for model, least in params.min_score.items():
        score = F.col(column_of(model).name)
        drops.append(F.when(score < least, dropped("quality", "low_score", score, least)))
    if params.min_percentile is not None:
        share = F.col(QUALITY_PERCENTILE.name)
        drops.append(
            F.when(share < params.min_percentile, dropped("quality", "low_percentile", share, params.min_percentile))
        )
    return first_reason(docs, *drops)
