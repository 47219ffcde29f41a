"""route: a first category for each document, from its code, its math and its language."""

from typing import TYPE_CHECKING

from pydantic import Field

from pipeline.engine.stage import Params, dropped, first_reason, stage
from schemas.columns import CATEGORY, CODE_SHARE, LANGUAGE, MATH_SHARE, SPANS, TEXT

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


class RouteParams(Params):
    """Parameters of route."""

    min_code_share: float = Field(0.25, ge=0, le=1)
    """Share of code points in code spans from which a page is code."""
    min_math_share: float = Field(0.05, ge=0, le=1)
    """Share of code points in math spans from which a page is math; formulas are short, so less is much."""


def span_share(kind: str) -> "Column":
    """Return the share of a text's code points inside spans of a kind."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    chosen = F.filter(SPANS.name, lambda span: span["kind"] == kind)
    covered = F.aggregate(chosen, F.lit(0), lambda total, span: total + span["end"] - span["start"])
    return F.coalesce(covered / F.greatest(F.char_length(TEXT.name), F.lit(1)), F.lit(0.0)).cast("float")


@stage(
    needs=(TEXT, SPANS, LANGUAGE),
    adds=(CODE_SHARE, MATH_SHARE, CATEGORY),
    satisfied_by=(CATEGORY,),
)
def route(docs: "DataFrame", params: RouteParams) -> "DataFrame":
    """Send each document to general, math, code or multilingual; drop what has no language, code or math."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    language = F.coalesce(LANGUAGE.name, F.lit("und"))  # a table may leave it out
    docs = docs.withColumn(CODE_SHARE.name, span_share("code")).withColumn(MATH_SHARE.name, span_share("math"))
    is_code = F.col(CODE_SHARE.name) >= params.min_code_share
    is_math = F.col(MATH_SHARE.name) >= params.min_math_share
    category = (
        F.when(is_code & (F.col(CODE_SHARE.name) >= F.col(MATH_SHARE.name)), F.lit("code"))
        .when(is_math, F.lit("math"))
        .when(language == "und", F.lit(None))
        .when(language != "en", F.lit("multilingual"))
        .otherwise(F.lit("general"))
    )
    docs = docs.withColumn(CATEGORY.name, category.cast("string"))
    undetermined = F.when(F.col(CATEGORY.name).isNull(), dropped("route", "undetermined_language"))
    return first_reason(docs, undetermined)
