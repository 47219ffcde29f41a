"""quality: how good a document is, as percentiles by tokens within its language and category.

Each model scores each document. A score becomes the share of the tokens of its cell with lower scores; the highest of
these shares, or their mean, is the document's quality, and its percentile and bucket are those of that. So models of
any scale can be put together, and a bucket is a twentieth of the tokens, whatever the models.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
from pydantic import Field, field_validator

from classifiers.registry_names import short_name
from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream, digest
from pipeline.classification.models import as_column, models_digest, named_model, scores_of
from pipeline.classification.percentiles import CELLS, Percentiles, count_cells
from pipeline.classification.tokens import count_tokens
from pipeline.engine.fitting import FitContext
from pipeline.engine.saved import files_frame
from pipeline.engine.stage import Params, Stage, stage
from pipeline.engine.tables import FittedTables
from pipeline.errors import ConfigError
from pipeline.heuristics.token_counts import TokenizerParams, named_tokenizer_digest
from pipeline.rows.reasons import dropped, first_reason
from pipeline.spark.frames import empty_frame
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
_BY_MODEL, _OF_ALL = "model_cells", "cells"
"""Small tables: tokens by score of each model, and of what the models say together."""
_LEARNT = (_BY_MODEL, _OF_ALL)


class ScoringParams(Params):
    """What scores depend on."""

    models: tuple[str, ...] = ("quality",)
    """Models that ship, folders of some, or names of the registry (`dclm`, `dclm@REVISION`), whose files must be in the
    hub's cache; each adds a column `quality_NAME`. None leaves quality unknown."""
    models_digest: str | None = None
    """Hash of their files; the run fills it in."""

    @field_validator("models")
    @classmethod
    def _named_once(cls, models: tuple[str, ...]) -> tuple[str, ...]:
        names = [column_of(model).name for model in models]
        if len(set(names)) < len(names):
            raise ValueError("two models have the same name")
        return models


class EnsembleParams(ScoringParams):
    """What the scores of several models are together."""

    ensemble: Literal["max", "mean"] = "max"
    """Of the models' percentiles the highest, so that what one of them values is kept (Nemotron-CC), or their mean."""
    weights: dict[str, float] = Field(default_factory=dict)
    """Model → what it counts in the mean; 1 where it is not named."""
    min_cell_documents: int = Field(1_000, ge=1)
    """Documents of a language and category below which those of the category, or all, are compared with."""


class QualityParams(EnsembleParams):
    """Parameters of quality."""

    tokenizer: str = "tekken"
    """What percentiles are counted by; where it is that of `mix`, tokens are counted once."""
    tokenizer_digest: str | None = None
    """Hash of the tokenizer's file; the run fills it in."""
    percentiles: str | None = None
    """An earlier run with whose documents these are compared; null for this run's own."""
    percentiles_digest: str | None = None
    """Hash of what that run holds; the run fills it in."""
    min_percentile: float | None = Field(None, ge=0, le=1)
    """Percentile below which a document is dropped; null drops none, and leaves it to the mix."""
    min_score: dict[str, float] = Field(default_factory=dict)
    """Model → score below which a document is dropped, as the model gives it."""
    limits: ClassVar[frozenset[str]] = frozenset({"min_percentile", "min_score"})

    def resolved(self) -> Self:
        """Return the parameters with hashes of the models, the tokenizer and the earlier run."""
        for name in (*self.weights, *self.min_score):
            if name not in self.models:
                raise ConfigError(f"quality: '{name}' is none of quality.models ({', '.join(self.models)})")
        for model in self.models:
            if named_model("quality.models", model).good is None:
                raise ConfigError(f"quality.models: {model} does not say which of its labels is good")
        updates = {
            "models_digest": models_digest("quality.models", self.models),
            "tokenizer_digest": named_tokenizer_digest("quality.tokenizer", self.tokenizer),
            "percentiles_digest": None if self.percentiles is None else _learnt_digest(self.percentiles, self.models),
        }
        return self.model_copy(update=updates)


def column_of(model: str) -> Column:
    """Return the column of a model's scores.

    >>> column_of("models/mine-2/").name, column_of("fineweb-edu@v1").name
    ('quality_mine_2', 'quality_fineweb_edu')
    """
    name = short_name(model)
    comment = f"Score of the quality model {model}; null in languages it does not know"
    return Column("quality_model" if name == "quality" else f"quality_{name}", pa.float32(), comment, None)


def score_quality(rows: BatchStream, params: ScoringParams, _: FittedTables) -> BatchStream:
    """Add each model's score of each document, the higher the better."""
    for batch in rows:
        yield with_columns(batch, {column_of(model): as_column(_good_score(batch, model)) for model in params.models})


def _good_score(batch: pa.RecordBatch, model: str) -> Any:
    from classifiers.load import load_classifier  # noqa: PLC0415  (models are for workers)

    info = load_classifier(model).info
    return scores_of(batch, model)[:, info.labels.index(info.good or "")]


def add_ensemble(rows: BatchStream, params: EnsembleParams, fitted: FittedTables) -> BatchStream:
    """Add what the models say together: the highest of their percentiles, or the mean."""
    percentiles = Percentiles(fitted.table(_BY_MODEL), params.min_cell_documents)
    weights = np.array([params.weights.get(model, 1.0) for model in params.models])
    for batch in rows:
        cells = batch.column(LANGUAGE.name), batch.column(CATEGORY.name)
        columns = [column_of(model).name for model in params.models]
        shares = np.full((max(1, len(columns)), batch.num_rows), np.nan)
        for number, name in enumerate(columns):
            shares[number] = percentiles.of(name, *cells, batch.column(name))
        yield with_columns(batch, {QUALITY_SCORE: as_column(_together(shares, weights, params.ensemble))})


def _together(shares: Any, weights: Any, ensemble: str) -> Any:
    """Return the highest or the mean of percentiles, float32 (documents,); of those that are known."""
    known_to = ~np.isnan(shares)
    filled = np.nan_to_num(shares)
    if ensemble == "max":
        value = filled.max(axis=0)
    else:
        value = (filled * weights[:, None]).sum(axis=0) / np.maximum((known_to * weights[:, None]).sum(axis=0), 1e-12)
    return np.where(known_to.any(axis=0), value, np.nan).astype(np.float32)


def fit_quality(context: FitContext, params: QualityParams) -> None:
    """Score all documents, count their tokens, and learn how both are spread over cells."""
    scoring = ScoringParams(models=params.models, models_digest=params.models_digest)
    ensemble = EnsembleParams(**params.model_dump(include=set(EnsembleParams.model_fields)))
    columns = [column_of(model) for model in params.models]
    context.compares_by(score_quality, ScoringParams, add_ensemble, EnsembleParams, count_cells, Percentiles)
    count_tokens(context, TokenizerParams(tokenizer=params.tokenizer, tokenizer_digest=params.tokenizer_digest))
    if columns:
        context.measure("scores", score_quality, columns, (TEXT, URL, LANGUAGE), scoring)
    _learn(context, params, _BY_MODEL, columns)
    reads = (LANGUAGE, CATEGORY, *columns)
    context.measure("ensemble", add_ensemble, (QUALITY_SCORE,), reads, ensemble, tables=(_BY_MODEL,))
    _learn(context, params, _OF_ALL, [QUALITY_SCORE] if columns else [])


def _learn(context: FitContext, params: QualityParams, table: str, scores: Sequence[Column]) -> None:
    """Save how tokens are spread over scores: in an earlier run, or here."""
    if params.percentiles is not None:
        rows = files_frame(context.spark, _learnt_table(params.percentiles).files("quality", table), CELLS)
    elif not scores:
        rows = empty_frame(context.spark, CELLS)
    else:
        names = [column.name for column in scores]
        rows = count_cells(context.frame(LANGUAGE, CATEGORY, TOKENS, *names), names)
    context.save_small(table, rows)


def _learnt_table(run: str) -> Any:
    """Return an earlier run's table of quality.

    Raises:
        ConfigError: It has none.
    """
    from pipeline.runs.run import Run  # noqa: PLC0415  (it reads runs)

    opened = Run(run)
    table = opened.table("quality") if "quality" in opened.stages else None
    if table is None or any(name not in table.manifest.tables for name in _LEARNT):
        raise ConfigError(f"quality.percentiles: {run} holds no run that learnt any")
    return table


def _learnt_digest(run: str, models: Sequence[str]) -> str:
    manifest = _learnt_table(run).manifest
    learnt = {column_of(model).name for model in manifest.params["models"]}
    unknown = [model for model in models if column_of(model).name not in learnt]
    if unknown:
        raise ConfigError(f"quality.percentiles: {run} learnt none of {', '.join(unknown)}")
    tables = manifest.tables
    return digest([tables[name].digest for name in _LEARNT])


def add_percentile(rows: BatchStream, params: QualityParams, fitted: FittedTables) -> BatchStream:
    """Add the percentile of each document's quality, and the twentieth that it lies in."""
    percentiles = Percentiles(fitted.table(_OF_ALL), params.min_cell_documents)
    for batch in rows:
        shares = percentiles.of(
            QUALITY_SCORE.name,
            batch.column(LANGUAGE.name),
            batch.column(CATEGORY.name),
            batch.column(QUALITY_SCORE.name),
        )
        buckets = np.minimum(np.nan_to_num(shares) * _BUCKETS, _BUCKETS - 1).astype(np.int32)
        added = {
            QUALITY_PERCENTILE: as_column(shares.astype(np.float32)),
            QUALITY_BUCKET: pa.array(buckets, QUALITY_BUCKET.type, mask=np.isnan(shares)),
        }
        yield with_columns(batch, added)


def _with_models(made: Stage, params: QualityParams) -> Stage:
    """Return the stage with a column for each model."""
    columns = tuple(column_of(model) for model in params.models)
    return replace(made, adds=(*columns, *made.adds), decides_by=columns)


@stage(
    needs=(DOC_ID, TEXT, LANGUAGE, CATEGORY),
    uses=(URL,),
    adds=(QUALITY_SCORE, QUALITY_PERCENTILE, QUALITY_BUCKET, TOKENS, TEXT_BYTES),
    satisfied_by=(QUALITY_PERCENTILE,),
    measure=add_percentile,
    measure_reads=(LANGUAGE, CATEGORY, QUALITY_SCORE),
    fit=fit_quality,
    variant=_with_models,
)
def quality(docs: "DataFrame", params: QualityParams) -> "DataFrame":
    """Drop what is below the limits, where there are any."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

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
