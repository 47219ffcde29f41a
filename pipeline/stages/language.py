"""language: which of lid.176's languages the prose is in, code and math apart."""

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.engine.stage import Params, stage
from pipeline.engine.tables import FittedTables
from pipeline.kernels.text.prose import prose_of
from schemas.columns import LANGUAGE, LANGUAGE_SCORE, SPANS, TEXT

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class LanguageParams(Params):
    """Parameters of language."""

    min_score: float = Field(0.5, ge=0, le=1)
    """Probability below which the label is `und` (cc_net's limit)."""
    max_chars: int = Field(20_000, ge=100)
    """Code points of prose to look at, from the start."""


def measure_language(rows: BatchStream, params: LanguageParams, _: FittedTables) -> BatchStream:
    """Add the model's best label and its score; what reaches no score is `und`."""
    from classifiers.language import identify  # noqa: PLC0415  (loads a compiled module that workers alone need)

    for batch in rows:
        labels, scores = identify(
            [text[: params.max_chars] for text in prose_of(batch.column(TEXT.name), batch.column(SPANS.name))]
        )
        stored = pa.array(scores, LANGUAGE_SCORE.type)
        is_sure = pc.greater_equal(stored.cast(pa.float64()), params.min_score)
        yield with_columns(batch, {LANGUAGE_SCORE: stored, LANGUAGE: pc.if_else(is_sure, pa.array(labels), "und")})


@stage(
    needs=(TEXT, SPANS),
    adds=(LANGUAGE_SCORE, LANGUAGE),
    satisfied_by=(LANGUAGE,),
    measure=measure_language,
    decides=False,
)
def language(docs: "DataFrame", params: LanguageParams) -> "DataFrame":  # noqa: ARG001
    """Label each document, and drop none."""
    return docs
