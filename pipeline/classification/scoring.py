"""Scores of documents by several models, and what these say together."""

from typing import Annotated, Any, Final, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field, field_validator

from classifiers.hub.names import short_name
from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.classification.models import as_column, scores_of
from pipeline.classification.percentiles import CellParams, learnt_percentiles
from pipeline.engine.stage import Params
from pipeline.engine.tables import FittedTables
from schemas.columns import CATEGORY, LANGUAGE, QUALITY_BUCKET, QUALITY_PERCENTILE, QUALITY_SCORE, Column

BY_MODEL = "model_cells"
"""A small table: tokens by score of each model."""


class ScoringParams(Params):
    """What scores depend on."""

    models: tuple[str, ...] = ("quality",)
    """Models that ship, folders of some, names of the registry (`dclm`, `dclm@REVISION`) whose files are in the hub's
    cache, or YAML files that name tables of scores; each adds a column `quality_NAME`. None leaves quality unknown."""
    models_digest: str | None = None
    """Hash of the models' files, tables apart; the run fills it in."""

    @field_validator("models")
    @classmethod
    def _named_once(cls, models: tuple[str, ...]) -> tuple[str, ...]:
        names = [column_of(model).name for model in models]
        if len(set(names)) < len(names):
            raise ValueError("two models have the same name")
        for model in models:
            require_free_name(model)
        return models


class EnsembleParams(ScoringParams, CellParams):
    """What the scores of several models are together."""

    ensemble: Literal["max", "mean"] = "max"
    """Of the models' percentiles the highest, so that what one of them values is kept (Nemotron-CC), or their mean."""
    weights: dict[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    """Model → what it counts in the mean; 1 where it is not named."""


def column_of(model: str) -> Column:
    """Return the column of a model's scores.

    >>> column_of("models/mine-2/").name, column_of("fineweb-edu@v1").name
    ('quality_mine_2', 'quality_fineweb_edu')
    """
    name = short_name(model)
    comment = f"Score of the quality model {model}; null in languages it does not know"
    return Column("quality_model" if name == "quality" else f"quality_{name}", pa.float32(), comment, None)


_TAKEN: Final = {column.name for column in (QUALITY_SCORE, QUALITY_PERCENTILE, QUALITY_BUCKET)}


def require_free_name(model: str) -> None:
    """Refuse a model whose column would be one of the stage's own, or that of the model that ships.

    Raises:
        ValueError: It would.
    """
    name = column_of(model).name
    if name in _TAKEN or (name == "quality_model" and short_name(model) != "quality"):
        raise ValueError(f"{model} would be the column {name}, which is another thing: give it another name")


def score_quality(rows: BatchStream, params: ScoringParams, _: FittedTables) -> BatchStream:
    """Add each model's score of each document, the higher the better."""
    for batch in rows:
        yield with_columns(batch, {column_of(model): as_column(good_score(batch, model)) for model in params.models})


def good_score(batch: pa.RecordBatch, model: str) -> Any:
    """Return a model's score of each document, the higher the better, float32 (documents,); NaN where it has none."""
    from classifiers.load import load_classifier

    info = load_classifier(model).info
    return scores_of(batch, model)[:, info.labels.index(info.good or "")]


def add_ensemble(rows: BatchStream, params: EnsembleParams, fitted: FittedTables) -> BatchStream:
    """Add what the models say together: the highest of their percentiles, or the mean."""
    percentiles = learnt_percentiles(fitted, BY_MODEL, params.min_cell_documents)
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
