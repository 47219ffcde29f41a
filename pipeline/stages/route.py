"""route: a first category for each document, from its code, its math and its language.

Code and math are known by the spans that extraction marked, and by a model that reads the text: a listing that stood in
no element of code has no spans, and an article about an algorithm few.
"""

from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.classification.models import as_column, models_digest, named_model, scores_of
from pipeline.engine.stage import Params, stage
from pipeline.engine.tables import FittedTables
from pipeline.errors import ConfigError
from pipeline.kernels.text.prose import share_of, spans_of
from pipeline.rows.reasons import dropped, first_reason
from schemas.columns import (
    CATEGORY,
    CODE_SCORE,
    CODE_SHARE,
    LANGUAGE,
    MATH_SCORE,
    MATH_SHARE,
    SPANS,
    TEXT,
    Column,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from classifiers.model_folder import ModelInfo


_NO_THRESHOLD = 0.5
"""Of a model whose card names no threshold."""
_NOISE = Column("__noise", pa.bool_(), "whether its signs are not those of a text", None)


class RouteParams(Params):
    """Parameters of route."""

    model: str | None = "code_math"
    """A model that ships, or the folder of one, with the labels `code` and `math`; null goes by spans alone."""
    model_digest: str | None = None
    """Hash of the model's files; the run fills it in."""
    min_code_score: float | None = Field(None, ge=0, le=1)
    """Probability of code from which a page is code, whatever its spans; null takes the threshold in the
    model's card, .5 where it names none."""
    min_math_score: float | None = Field(None, ge=0, le=1)
    """Likewise of math."""
    min_code_share: float = Field(0.25, ge=0, le=1)
    """Share of code points in code spans from which a page is code."""
    min_math_share: float = Field(0.05, ge=0, le=1)
    """Share of code points in math spans from which a page is math; formulas are short, so less is much."""
    max_noise: float = Field(0.1, ge=0, le=1)
    """Share of U+FFFD, controls, private and unassigned code points above which a text is none; of 2,886 web pages the
    most is .02."""
    min_ascii: float = Field(0.7, ge=0, le=1)
    """Share of ASCII that speaks for code and math on a page without a language; random bytes have .5."""
    min_words: float = Field(0.5, ge=0, le=1)
    """Share of words of three letters or more that speaks for it as well; random bytes have .35."""

    def resolved(self) -> Self:
        """Return the parameters with the hash of the model's files.

        Raises:
            ConfigError: There is no such model, or it has other labels.
        """
        if self.model is None:
            return self
        model = named_model("route.model", self.model)
        if not {"code", "math"} <= set(model.labels):
            raise ConfigError(f"route.model: {self.model} has the labels {', '.join(model.labels)}, not code and math")
        updates = {"model_digest": models_digest("route.model", [self.model])}
        return self.model_copy(update={**updates, **_own_thresholds(self, model)})


def _own_thresholds(params: RouteParams, model: "ModelInfo") -> dict[str, float]:
    """Return the model's thresholds, where the parameters leave them to it."""
    left = {"min_code_score": ("code", params.min_code_score), "min_math_score": ("math", params.min_math_score)}
    return {
        name: model.thresholds[label].value
        for name, (label, given) in left.items()
        if given is None and label in model.thresholds
    }


def measure_route(rows: BatchStream, params: RouteParams, _: FittedTables) -> BatchStream:
    """Send each document to general, math, code or multilingual; what has no language, code or math goes nowhere.

    Code and math on a page without a language are believed only where the text looks like one.
    """
    from pipeline.kernels.text.evidence import measure_evidence

    for batch in rows:
        chars = pc.fill_null(pc.utf8_length(batch.column(TEXT.name)), 0).to_numpy(zero_copy_only=False)
        spans = batch.column(SPANS.name)
        code, math = (share_of(spans_of(spans, (kind,)), chars).astype(np.float32) for kind in ("code", "math"))
        languages = pc.fill_null(batch.column(LANGUAGE.name), "und")
        evidence = measure_evidence(batch.column(TEXT.name))
        is_text = (evidence.ascii >= params.min_ascii) | (evidence.words >= params.min_words)
        code_score, math_score = _scores(batch, params.model)
        by_model = _Flags(code_score >= _limit(params.min_code_score), math_score >= _limit(params.min_math_score))
        category = _category(code, math, by_model, languages, params)
        unproven = pc.and_(pc.equal(languages, "und"), pc.is_valid(category)).to_numpy(zero_copy_only=False) & ~is_text
        added = {
            _NOISE: pa.array((evidence.noise > params.max_noise) | unproven),
            CODE_SHARE: pa.array(code),
            MATH_SHARE: pa.array(math),
            CODE_SCORE: as_column(code_score),
            MATH_SCORE: as_column(math_score),
            CATEGORY: category,
        }
        yield with_columns(batch, added)


def _limit(given: float | None) -> float:
    return _NO_THRESHOLD if given is None else given


class _Flags(NamedTuple):
    """Whether a model takes each document for code, and for math."""

    code: Any
    math: Any


def _scores(batch: pa.RecordBatch, model: str | None) -> tuple[Any, Any]:
    """Return the probabilities of code and of math, float32 (documents,); NaN without a model."""
    if model is None:
        return np.full(batch.num_rows, np.nan, np.float32), np.full(batch.num_rows, np.nan, np.float32)
    from classifiers.load import load_classifier

    labels, scores = load_classifier(model).info.labels, scores_of(batch, model)
    return scores[:, labels.index("code")], scores[:, labels.index("math")]


def _category(code: Any, math: Any, by_model: _Flags, languages: pa.Array, params: RouteParams) -> pa.Array:
    """Return the category of each document: math where it has its share of formulas, code by its share or the model."""
    code_spans = (code.astype(float) >= params.min_code_share) & (code >= math)
    math_spans = math.astype(float) >= params.min_math_share
    is_code = code_spans | (~math_spans & by_model.code & ~(by_model.math & (math > code)))
    is_math = math_spans | by_model.math
    by_language = pc.if_else(pc.equal(languages, "en"), "general", "multilingual")
    by_language = pc.if_else(pc.equal(languages, "und"), pa.scalar(None, pa.string()), by_language)
    return pc.if_else(pa.array(is_code), "code", pc.if_else(pa.array(is_math), "math", by_language))


@stage(
    needs=(TEXT, SPANS, LANGUAGE),
    adds=(CODE_SHARE, MATH_SHARE, CODE_SCORE, MATH_SCORE, CATEGORY, _NOISE),
    skip_if_present=(CATEGORY,),
    measure=measure_route,
)
def route(docs: "DataFrame", params: RouteParams) -> "DataFrame":  # noqa: ARG001
    """Drop what is no text, and what has no language, code or math."""
    from pyspark.sql import functions as F  # noqa: N812

    return first_reason(
        docs,
        F.when(F.col(_NOISE.name), dropped("route", "noise")),
        F.when(F.col(CATEGORY.name).isNull(), dropped("route", "undetermined_language")),
    )
