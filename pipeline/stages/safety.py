"""safety: toxic pages go, and sites of which too many pages are flagged: by lists, dirty words, or as toxic.

A page with dirty words goes by the rules of `heuristics`; here its site is judged, before anything dear is done.
"""

from importlib.metadata import version
from typing import TYPE_CHECKING, ClassVar, Self

import pyarrow as pa
from pydantic import Field

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.classification.models import as_column, models_digest, probability_of, require_probability
from pipeline.engine.fitting import FitContext
from pipeline.engine.stage import Params, Upstream, stage
from pipeline.engine.tables import FittedTables
from pipeline.heuristics.measuring import load_dirty_words, named_lists_digest
from pipeline.kernels.text.composed import compose_columns
from pipeline.kernels.text.prose import spans_of
from pipeline.rows.reasons import dropped, first_reason
from pipeline.rows.sites import SITE, Limits, pages_by_site, report_sites, site_drops, sites_of
from schemas.columns import (
    DOC_ID,
    DROP_TYPE,
    HOST,
    LANGUAGE,
    NO_PROSE,
    SPANS,
    TEXT,
    TOXICITY_SCORE,
    Column,
)

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn
    from pyspark.sql import DataFrame

_DISTINCT = Column("distinct_explicit_words", pa.int32(), "different dirty words of its language without a plain sense")
_SHARE = Column("explicit_word_share", pa.float64(), "share of the words of the prose that these are")
_SITE_DROP = Column("__site_drop", DROP_TYPE, "what becomes of the page because of its site", None)
_MEASURED = "measured"
_LABEL = "toxicity"
_FLAGGED_HOSTS = Upstream("url_screen", "flagged_hosts")


class WordParams(Params):
    """What is counted."""

    dirty_words: str | None = "bundled"
    """Lists of dirty words, as in `heuristics.dirty_words`; null for none."""
    dirty_words_digest: str | None = None
    """Hash of these lists; the run fills it in."""


class ToxicityParams(Params):
    """What scores of toxicity depend on."""

    toxicity_model: str | None = "toxicity"
    """A model that ships, or the folder of one, with the label `toxicity`; or one of the registry whose score is a
    probability that speaks against a text, such as `toxic-bert`; null scores nothing."""
    toxicity_digest: str | None = None
    """Hash of the model's files; the run fills it in."""


class SafetyParams(WordParams, ToxicityParams):
    """Parameters of safety."""

    max_toxicity: float | None = Field(0.9, ge=0, le=1)
    """Probability above which a page is dropped, and counts against its site; null flags none."""
    max_dirty_word_share: float = Field(0.01, ge=0, le=1)
    """Of words; a page is flagged above it where there are many different ones, too."""
    max_distinct_dirty_words: int = Field(3, ge=0)
    """Different dirty words above which there are many."""
    site_min_pages: int = Field(20, ge=1)
    """Flagged pages that a registered domain has at least to be dropped as a whole."""
    site_min_share: float = Field(0.3, ge=0, le=1)
    """Share of its pages that they are at least."""

    versions: str | None = None
    """Version of the list of public suffixes, by which sites are told apart; the run fills it in."""

    def resolved(self) -> Self:
        """Return the parameters with the hashes of lists and model, and the version of the list of public suffixes.

        Raises:
            ConfigError: There is no such list or model, or the model has other labels.
        """
        updates = {
            "dirty_words_digest": named_lists_digest("safety.dirty_words", self.dirty_words),
            "versions": f"tldextract {version('tldextract')}",
        }
        if self.toxicity_model is not None:
            require_probability("safety.toxicity_model", self.toxicity_model, _LABEL)
            updates["toxicity_digest"] = models_digest("safety.toxicity_model", [self.toxicity_model])
        return self.model_copy(update=updates)

    limits: ClassVar[frozenset[str]] = frozenset(
        {"max_dirty_word_share", "max_distinct_dirty_words", "max_toxicity", "site_min_pages", "site_min_share"}
    )


def count_dirty_words(rows: BatchStream, params: WordParams, _: FittedTables) -> BatchStream:
    """Add each page's site, and its dirty words."""
    from pipeline.kernels.signals.measure import measure_dirty_words

    lists = load_dirty_words(params.dirty_words, params.dirty_words_digest)
    for batch in rows:
        texts, spans = compose_columns(batch.column(TEXT.name), batch.column(SPANS.name))
        languages = batch.column(LANGUAGE.name).to_pylist()
        signals = measure_dirty_words(texts, spans_of(spans, NO_PROSE), languages, lists)
        added = {
            SITE: sites_of(batch.column(HOST.name)),
            _DISTINCT: pa.array(signals[_DISTINCT.name], _DISTINCT.type),
            _SHARE: pa.array(signals[_SHARE.name], _SHARE.type),
        }
        yield with_columns(batch, added)


def score_toxicity(rows: BatchStream, params: ToxicityParams, _: FittedTables) -> BatchStream:
    """Add each page's probability of being toxic."""
    for batch in rows:
        scores = pa.nulls(batch.num_rows, TOXICITY_SCORE.type)
        if params.toxicity_model is not None:
            scores = as_column(probability_of(batch, params.toxicity_model, _LABEL))
        yield with_columns(batch, {TOXICITY_SCORE: scores})


def fit_safety(context: FitContext, params: SafetyParams) -> None:
    """Score the pages, and find the sites that are mostly flagged: by them, and by what `url_screen` dropped."""
    from pyspark.sql import functions as F  # noqa: N812

    words = WordParams(dirty_words=params.dirty_words, dirty_words_digest=params.dirty_words_digest)
    context.measure(_MEASURED, count_dirty_words, (SITE, _DISTINCT, _SHARE), (TEXT, SPANS, LANGUAGE, HOST), words)
    toxicity = ToxicityParams(toxicity_model=params.toxicity_model, toxicity_digest=params.toxicity_digest)
    context.measure("toxicity", score_toxicity, (TOXICITY_SCORE,), (TEXT, LANGUAGE), toxicity)
    counted = context.frame(SITE, _DISTINCT, _SHARE, TOXICITY_SCORE)
    many = F.col(_DISTINCT.name) > params.max_distinct_dirty_words
    flagged = many & (F.col(_SHARE.name) > params.max_dirty_word_share)
    if params.max_toxicity is not None:
        flagged |= F.coalesce(_is_toxic(params.max_toxicity), F.lit(False))  # noqa: FBT003  (a Column's value)
    screened = pages_by_site(context.spark, context.upstream(*_FLAGGED_HOSTS))
    limits = Limits(params.site_min_pages, params.site_min_share)
    drops = site_drops(counted, context, flagged, limits, "unsafe_site", screened)
    drop = F.struct(*(F.col(field.name) for field in DROP_TYPE)).alias(_SITE_DROP.name)
    context.save_cells("sites", drops.select(*drops.columns[:2], drop), (_SITE_DROP,))


def _is_toxic(most: float) -> "SparkColumn":
    from pyspark.sql import functions as F  # noqa: N812

    return F.col(TOXICITY_SCORE.name) > most


@stage(
    needs=(DOC_ID, TEXT, SPANS, LANGUAGE, HOST),
    adds=(TOXICITY_SCORE,),
    fit=fit_safety,
    decides_by=(_SITE_DROP,),
    listens_to=(_FLAGGED_HOSTS,),
    report=report_sites,
)
def safety(docs: "DataFrame", params: SafetyParams) -> "DataFrame":
    """Drop the pages of sites that are unsafe as a whole, and toxic pages."""
    from pyspark.sql import functions as F  # noqa: N812

    if params.max_toxicity is None:
        return first_reason(docs, docs[_SITE_DROP.name])
    toxic = dropped("safety", "toxic_page", F.col(TOXICITY_SCORE.name), params.max_toxicity)
    return first_reason(docs, docs[_SITE_DROP.name], F.when(_is_toxic(params.max_toxicity), toxic))
