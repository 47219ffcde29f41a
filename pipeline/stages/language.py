"""language: which of lid.176's languages the prose is in, code and math apart."""

from typing import TYPE_CHECKING

import pyarrow as pa
from pydantic import Field

from pipeline.engine.stage import Params, SideTables, stage
from pipeline.kernels.text.prose import prose_of
from pipeline.runs.parts import BatchStream, Part
from schemas.columns import LANGUAGE, LANGUAGE_SCORE, SPANS, TEXT, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_BEST = Column("__best_language", pa.string(), "the model's first label, whatever its score")


class LanguageParams(Params):
    """Parameters of language."""

    min_score: float = Field(0.5, ge=0, le=1)
    """Probability below which the label is `und` (cc_net's limit)."""
    max_chars: int = Field(20_000, ge=100)
    """Code points of prose to look at, from the start."""


def measure_language(rows: BatchStream, _: Part, params: LanguageParams, __: SideTables) -> BatchStream:
    """Add the model's best label and its score."""
    from classifiers.language import identify  # noqa: PLC0415  (loads a compiled module that workers alone need)

    for batch in rows:
        labels, scores = identify(
            [text[: params.max_chars] for text in prose_of(batch.column(TEXT.name), batch.column(SPANS.name))]
        )
        yield batch.append_column(_BEST.name, pa.array(labels)).append_column(LANGUAGE_SCORE.name, pa.array(scores))


@stage(
    needs=(TEXT, SPANS),
    measures=(LANGUAGE_SCORE, _BEST),
    adds=(LANGUAGE,),
    satisfied_by=(LANGUAGE,),
    measure=measure_language,
)
def language(docs: "DataFrame", params: LanguageParams) -> "DataFrame":
    """Label each document; what reaches no score is `und`."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    sure = F.col(LANGUAGE_SCORE.name) >= params.min_score
    return docs.withColumn(LANGUAGE.name, F.when(sure, F.col(_BEST.name)).otherwise(F.lit("und")))
