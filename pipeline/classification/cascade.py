"""A cascade: documents that the cheap models leave undecided are read by another one, which puts them in order.

Undecided is a band of percentiles of what the cheap models say together. In it, a document's percentile is the band's
lower end plus the band's width times its percentile by the other model among the documents of the band. So documents
below the band stay below, those above stay above, and percentiles stay shares of tokens.
"""

from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import model_validator

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.classification.models import as_column
from pipeline.classification.percentiles import CellParams, Percentiles, learnt_percentiles
from pipeline.classification.scoring import column_of, good_score, require_free_name
from pipeline.engine.fitting import FitContext
from pipeline.engine.tables import FittedTables
from schemas.columns import CATEGORY, LANGUAGE, QUALITY_SCORE, Column

OF_ALL: Final = "cells"
"""A small table: tokens by score of what the cheap models say together."""
BAND: Final = "band_cells"
"""A small table: tokens by score of the cascade's model, of documents in the band."""
NOTE: Final = "cascade"
_AGREES: Final = Column(
    "__agrees", pa.bool_(), "whether both put it on one side of the band's middle; null outside", None
)
_MANY: Final = 100
"""Documents from which on a band that is wider than it should be is worth a warning: one score is that of many."""
Shares = npt.NDArray[np.float64]


class CascadeParams(CellParams):
    """What the band and its order depend on."""

    cascade_model: str | None = None
    """A model that reads the documents which the others leave undecided, and puts them in order; null for none."""
    cascade_digest: str | None = None
    """Hash of its files; the run fills it in."""
    cascade_band: tuple[float, float] = (0.475, 0.525)
    """Percentiles between which a document is undecided: that share of the tokens is read by the cascade's model, and
    more where many documents have one score in the band."""

    @model_validator(mode="after")
    def _rises(self) -> Self:
        low, high = self.cascade_band
        if not 0 <= low < high <= 1:
            raise ValueError("cascade_band: two percentiles between 0 and 1, the lower one first")
        if self.cascade_model is not None:
            require_free_name(self.cascade_model)
        return self

    @property
    def cascade_column(self) -> Column | None:
        """The column of the scores of the cascade's model."""
        return None if self.cascade_model is None else column_of(self.cascade_model)


def score_band(rows: BatchStream, params: CascadeParams, fitted: FittedTables) -> BatchStream:
    """Add the scores of the cascade's model, of documents in the band alone."""
    assert params.cascade_model is not None
    percentiles = learnt_percentiles(fitted, OF_ALL, params.min_cell_documents)
    low, high = params.cascade_band
    for batch in rows:
        shares = _shares(percentiles, QUALITY_SCORE.name, batch)
        undecided = np.flatnonzero((shares >= low) & (shares < high))
        scores = np.full(batch.num_rows, np.nan, np.float32)
        if len(undecided):
            scores[undecided] = good_score(batch.take(pa.array(undecided)), params.cascade_model)
        yield with_columns(batch, {column_of(params.cascade_model): as_column(scores)})


def with_band(shares: Shares, batch: pa.RecordBatch, params: CascadeParams, band: Percentiles | None) -> Shares:
    """Return percentiles of which those in the band are ordered by the cascade's model.

    Args:
        shares: Percentiles of what the cheap models say together, float64 (documents,).
        batch: `language`, `category`, and the scores of the cascade's model.
        params: Of the cascade.
        band: Percentiles of these scores among documents of the band; None without a cascade.
    """
    if params.cascade_column is None or band is None:
        return shares
    low, high = params.cascade_band
    within = _shares(band, params.cascade_column.name, batch)
    return np.where(np.isnan(within), shares, low + (high - low) * within)


def percentiles_of_band(fitted: FittedTables, params: CascadeParams) -> Percentiles | None:
    """Return percentiles of the cascade's scores; None without a cascade.

    A band holds so small a share of a cell's documents, and as small a share of `min_cell_documents` is asked of it.
    """
    if params.cascade_model is None:
        return None
    low, high = params.cascade_band
    return learnt_percentiles(fitted, BAND, ceil(params.min_cell_documents * (high - low)))


def compare_in_band(rows: BatchStream, params: CascadeParams, fitted: FittedTables) -> BatchStream:
    """Add whether the cascade's model and those before it put a document on one side of the band's middle."""
    percentiles = learnt_percentiles(fitted, OF_ALL, params.min_cell_documents)
    band, middle = percentiles_of_band(fitted, params), sum(params.cascade_band) / 2
    assert params.cascade_column is not None
    for batch in rows:
        before = _shares(percentiles, QUALITY_SCORE.name, batch)
        after = with_band(before, batch, params, band)
        outside = batch.column(params.cascade_column.name).is_null().to_numpy(zero_copy_only=False)
        agrees = pa.array((before >= middle) == (after >= middle), mask=outside)
        yield with_columns(batch, {_AGREES: agrees})


def note_band(context: FitContext, params: CascadeParams) -> None:
    """Note how many documents the cascade's model has read, and on how many it agrees with those before it."""
    from pyspark.sql import functions as F  # noqa: N812

    assert params.cascade_column is not None
    reads = (LANGUAGE, CATEGORY, QUALITY_SCORE, params.cascade_column)
    context.measure("agreement", compare_in_band, (_AGREES,), reads, params, tables=(OF_ALL, BAND))
    counted = context.frame(_AGREES).agg(F.count(_AGREES.name), F.count_if(_AGREES.name)).first()
    read, agreed = counted or (0, 0)
    seen = {"model": params.cascade_model, "band": list(params.cascade_band), "read": read, "agreed": agreed}
    context.note(**{NOTE: {**seen, "documents": context.rows}})


def report_cascade(notes: Mapping[str, Any]) -> Iterator[str]:
    """Yield what share of the documents the cascade's model has read, and how often it agrees: a run ends with it."""
    if NOTE not in notes:
        return
    seen = notes[NOTE]
    read, documents, (low, high) = seen["read"], seen["documents"], seen["band"]
    share = read / max(1, documents)
    sign = "warning: " if read > _MANY and share > 2 * (high - low) else ""
    yield (
        f"{sign}{seen['model']} read {read:,} of {documents:,} documents ({share:.1%}), those between the percentiles "
        f"{low:g} and {high:g}; it agrees with the models before it on {seen['agreed'] / max(1, read):.0%} of them"
    )


def _shares(percentiles: Percentiles, score: str, batch: pa.RecordBatch) -> Shares:
    return percentiles.of(score, batch.column(LANGUAGE.name), batch.column(CATEGORY.name), batch.column(score))
