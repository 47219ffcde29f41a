"""anneal: a small set of the best documents of the mix for the end of training, with more code and mathematics."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import Field

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.decontamination.deciding import is_contaminated
from pipeline.decontamination.params import CoverageLimits
from pipeline.engine.fitting import FitContext
from pipeline.engine.stage import Stage, stage
from pipeline.engine.tables import FittedTables
from pipeline.errors import ConfigError
from pipeline.mixing.cells import READS, buckets_of, in_training, sized_cells
from pipeline.mixing.drawing import Drawn, Draws, draws_reads, fit_draws
from pipeline.mixing.draws import DRAW, TIE, draw
from pipeline.mixing.params import AllocationParams, DrawParams
from schemas.columns import (
    ANNEAL_EPOCHS,
    CATEGORY,
    CONTAMINATION,
    COPIES_EXACT,
    COPIES_NEAR,
    DOC_ID,
    EPOCHS,
    LANGUAGE,
    QUALITY_BUCKET,
    QUALITY_PERCENTILE,
    SPLIT,
    TEXT_BYTES,
    TOKENS,
    TOPIC,
    WARC_FILE,
    WARC_OFFSET,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

ANNEAL_WEIGHTS = {"general": 0.4, "math": 0.35, "code": 0.25}
"""More mathematics and code than in the mix, as Llama 3 anneals (section 3.4.3); how much more it does not say."""


class ChosenParams(AllocationParams):
    """What the draws of the annealing set depend on."""

    weights: dict[str, float] = ANNEAL_WEIGHTS
    """As in `mix.weights`."""
    max_epochs: float = Field(1.0, gt=0)
    """Times a document may stand in the annealing set."""
    min_bucket: int = Field(19, ge=0, le=19)
    """Lowest quality bucket: 19 is the best twentieth of the tokens of each language and category."""
    contamination: CoverageLimits = CoverageLimits()
    """Documents that hold an item of a test set, or of a training set, from this coverage on have no part in it."""
    seed: int = 1
    """Another seed draws other documents; not that of the mix, whose first documents would come again."""


class AnnealParams(ChosenParams):
    """Parameters of anneal."""

    tokens: int | None = Field(None, ge=1)
    """Tokens of the annealing set; null for none."""

    @property
    def allocation(self) -> ChosenParams:
        """What the draws depend on."""
        return ChosenParams(**self.model_dump(include=set(ChosenParams.model_fields)))


def fit_anneal(context: FitContext, params: AnnealParams) -> None:
    """Find where each category's budget ends, among the documents that the mix has.

    Raises:
        ConfigError: The quality of documents is not known, or more tokens are asked for than there are.
    """
    if not {QUALITY_BUCKET.name, QUALITY_PERCENTILE.name} & {column.name for column in context.columns}:
        raise ConfigError("anneal.tokens: the best documents are asked for, and no stage has measured their quality")
    context.measure("draws", draw, (DRAW, TIE), (DOC_ID,), DrawParams(seed=params.seed))
    asked = ("anneal.tokens", params.tokens)
    reads = (*READS, EPOCHS, CONTAMINATION)
    size = fit_draws(context, Draws(params.allocation, asked, count_chosen, Chosen(params), reads))
    compared = CONTAMINATION.name in {column.name for column in context.columns}
    context.note(anneal_tokens=round(size.tokens), compared_with_benchmarks=compared)


class Chosen:
    """Tells which documents may stand in the annealing set: of the mix, of the best, and with no item of a benchmark.

    Args:
        params: Lowest bucket, and limits of contamination.
    """

    def __init__(self, params: ChosenParams) -> None:
        self._min_bucket, self._limits = params.min_bucket, params.contamination

    def __call__(self, batch: pa.RecordBatch) -> npt.NDArray[np.bool_]:
        """Return a truth value per document."""
        chosen: npt.NDArray[np.bool_] = in_training(batch)
        chosen &= batch.column(EPOCHS.name).to_numpy(zero_copy_only=False) > 0
        chosen &= buckets_of(batch).to_numpy() >= self._min_bucket
        if CONTAMINATION.name in batch.schema.names:
            chosen &= ~is_contaminated(batch.column(CONTAMINATION.name), self._limits)
        return chosen


def count_chosen(rows: BatchStream, params: ChosenParams, _: FittedTables) -> BatchStream:
    """Yield the cells of a part's documents that may stand in the annealing set, with their sizes."""
    chosen = Chosen(params)
    yield from sized_cells((batch.filter(pa.array(chosen(batch))) for batch in rows), params)


def give_anneal_epochs(rows: BatchStream, params: AnnealParams, fitted: FittedTables) -> BatchStream:
    """Add how many times each document stands in the annealing set."""
    drawn = Drawn(fitted, params, Chosen(params))
    for batch in rows:
        epochs = drawn.epochs(batch, drawn.cells_of(batch))
        yield with_columns(batch, {ANNEAL_EPOCHS: pa.array(epochs)})


def _only_if_asked(made: Stage, params: AnnealParams) -> Stage:
    """Return the stage, without anything to do where no annealing set is asked for."""
    if params.tokens is not None:
        return made
    return replace(made, needs=(), uses=(), adds=(), measure=None, measure_reads=(), fit=None)


def _report(notes: Mapping[str, Any]) -> Iterator[str]:
    """Yield how large the annealing set is."""
    if "anneal_tokens" in notes:
        yield f"{notes['anneal_tokens']:,} tokens for the end of training"
        if not notes["compared_with_benchmarks"]:
            yield "warning: they were not compared with benchmarks: name them in decontaminate.suites and train_suites"


@stage(
    needs=(DOC_ID, CATEGORY, WARC_FILE, WARC_OFFSET, SPLIT, EPOCHS, TOKENS, TEXT_BYTES),
    uses=(LANGUAGE, TOPIC, QUALITY_BUCKET, QUALITY_PERCENTILE, COPIES_EXACT, COPIES_NEAR, CONTAMINATION),
    adds=(ANNEAL_EPOCHS,),
    measure=give_anneal_epochs,
    measure_reads=draws_reads((SPLIT, EPOCHS, CONTAMINATION)),
    fit=fit_anneal,
    decides=False,
    variant=_only_if_asked,
    report=_report,
)
def anneal(docs: "DataFrame", params: AnnealParams) -> "DataFrame":  # noqa: ARG001
    """Draw the annealing set, and drop nothing."""
    return docs
