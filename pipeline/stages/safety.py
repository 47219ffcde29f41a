"""safety: sites of which too many pages are condemned, by lists of addresses or by dirty words, go as a whole.

A page with dirty words goes by the rules of `heuristics`; here its site is judged, before anything dear is done.
"""

from importlib.metadata import version
from typing import TYPE_CHECKING, ClassVar, Self

import pyarrow as pa
from pydantic import Field

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.engine.fitting import FitContext
from pipeline.engine.stage import Params, Upstream, stage
from pipeline.engine.tables import FittedTables
from pipeline.heuristics.measuring import load_dirty_words, named_lists_digest
from pipeline.kernels.text.composed import compose_columns
from pipeline.kernels.text.prose import spans_of
from pipeline.rows.sites import SITE, Limits, pages_by_site, report_sites, site_drops, sites_of
from schemas.columns import DOC_ID, HOST, LANGUAGE, NO_PROSE, SPANS, TEXT, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_DISTINCT = Column("distinct_explicit_words", pa.int32(), "different dirty words of its language without a plain sense")
_SHARE = Column("explicit_word_share", pa.float64(), "share of the words of the prose that these are")
_MEASURED = "measured"
_CONDEMNED_HOSTS = Upstream("url_screen", "condemned_hosts")


class WordParams(Params):
    """What is counted."""

    dirty_words: str | None = "bundled"
    """Lists of dirty words, as in `heuristics.dirty_words`; null for none."""
    dirty_words_digest: str | None = None
    """Hash of these lists; the run fills it in."""


class SafetyParams(WordParams):
    """Parameters of safety."""

    max_dirty_word_share: float = Field(0.01, ge=0, le=1)
    """Of words; a page is condemned above it where there are many different ones, too."""
    max_distinct_dirty_words: int = Field(3, ge=0)
    """Different dirty words above which there are many."""
    site_min_pages: int = Field(20, ge=1)
    """Condemned pages that a registered domain has at least to be dropped as a whole."""
    site_min_share: float = Field(0.3, ge=0, le=1)
    """Share of its pages that they are at least."""

    versions: str | None = None
    """Version of the list of public suffixes, by which sites are told apart; the run fills it in."""

    def resolved(self) -> Self:
        """Return the parameters with the hash of the lists, and the version of the list of public suffixes."""
        lists = named_lists_digest("safety.dirty_words", self.dirty_words)
        return self.model_copy(update={"dirty_words_digest": lists, "versions": f"tldextract {version('tldextract')}"})

    limits: ClassVar[frozenset[str]] = frozenset(
        {"max_dirty_word_share", "max_distinct_dirty_words", "site_min_pages", "site_min_share"}
    )


def count_dirty_words(rows: BatchStream, params: WordParams, _: FittedTables) -> BatchStream:
    """Add each page's site, and its dirty words."""
    from pipeline.kernels.signals.measure import measure_dirty_words  # noqa: PLC0415  (numba, which workers alone need)

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


def fit_safety(context: FitContext, params: SafetyParams) -> None:
    """Find the sites that are mostly condemned: by their dirty words, and by what `url_screen` dropped of them."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    settings = WordParams(dirty_words=params.dirty_words, dirty_words_digest=params.dirty_words_digest)
    context.measure(_MEASURED, count_dirty_words, (SITE, _DISTINCT, _SHARE), (TEXT, SPANS, LANGUAGE, HOST), settings)
    counted = context.frame(SITE, _DISTINCT, _SHARE)
    many = F.col(_DISTINCT.name) > params.max_distinct_dirty_words
    condemned = many & (F.col(_SHARE.name) > params.max_dirty_word_share)
    screened = pages_by_site(context.spark, context.upstream(*_CONDEMNED_HOSTS))
    limits = Limits(params.site_min_pages, params.site_min_share)
    context.drop(site_drops(counted, context, condemned, limits, "unsafe_site", screened))


@stage(
    needs=(DOC_ID, TEXT, SPANS, LANGUAGE, HOST),
    fit=fit_safety,
    decides=False,
    listens_to=(_CONDEMNED_HOSTS,),
    report=report_sites,
)
def safety(docs: "DataFrame", params: SafetyParams) -> "DataFrame":  # noqa: ARG001
    """Drop the pages of sites that are unsafe as a whole."""
    return docs
