"""route: a first category for each document, from its code, its math and its language."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.engine.stage import Params, stage
from pipeline.engine.tables import FittedTables
from pipeline.kernels.text.prose import share_of, spans_of
from pipeline.rows.reasons import dropped, first_reason
from schemas.columns import CATEGORY, CODE_SHARE, LANGUAGE, MATH_SHARE, SPANS, TEXT

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class RouteParams(Params):
    """Parameters of route."""

    min_code_share: float = Field(0.25, ge=0, le=1)
    """Share of code points in code spans from which a page is code."""
    min_math_share: float = Field(0.05, ge=0, le=1)
    """Share of code points in math spans from which a page is math; formulas are short, so less is much."""


def measure_route(rows: BatchStream, params: RouteParams, _: FittedTables) -> BatchStream:
    """Send each document to general, math, code or multilingual; what has no language, code or math goes nowhere."""
    for batch in rows:
        chars = pc.fill_null(pc.utf8_length(batch.column(TEXT.name)), 0).to_numpy(zero_copy_only=False)
        spans = batch.column(SPANS.name)
        code, math = (share_of(spans_of(spans, (kind,)), chars).astype(np.float32) for kind in ("code", "math"))
        languages = pc.fill_null(batch.column(LANGUAGE.name), "und")
        added = {
            CODE_SHARE: pa.array(code),
            MATH_SHARE: pa.array(math),
            CATEGORY: _category(code, math, languages, params),
        }
        yield with_columns(batch, added)


def _category(code: Any, math: Any, languages: pa.Array, params: RouteParams) -> pa.Array:
    is_code = (code.astype(float) >= params.min_code_share) & (code >= math)
    is_math = math.astype(float) >= params.min_math_share
    by_language = pc.if_else(pc.equal(languages, "en"), "general", "multilingual")
    by_language = pc.if_else(pc.equal(languages, "und"), pa.scalar(None, pa.string()), by_language)
    return pc.if_else(pa.array(is_code), "code", pc.if_else(pa.array(is_math), "math", by_language))


@stage(
    needs=(TEXT, SPANS, LANGUAGE),
    adds=(CODE_SHARE, MATH_SHARE, CATEGORY),
    satisfied_by=(CATEGORY,),
    measure=measure_route,
)
def route(docs: "DataFrame", params: RouteParams) -> "DataFrame":  # noqa: ARG001
    """Drop what has no language, code or math."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    return first_reason(docs, F.when(F.col(CATEGORY.name).isNull(), dropped("route", "undetermined_language")))
