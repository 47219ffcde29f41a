"""safety: sites of which too many pages are condemned, by lists of addresses or by dirty words, go as a whole.

A page with dirty words goes by the rules of `heuristics`; here its site is judged, before anything dear is done.
"""

from typing import TYPE_CHECKING, ClassVar

import pyarrow as pa
from pydantic import Field

from pipeline.engine.batches import with_columns
from pipeline.engine.stage import Params, SideTables, SideWriter, first_reason, stage
from pipeline.heuristics.measuring import load_dirty_words
from pipeline.kernels.text.prose import spans_of
from pipeline.rows.sites import SITE, Limits, pages_by_site, save_site_verdicts, sites_of
from pipeline.rows.verdicts import ROW, VERDICT, VERDICTS, numbered, row_numbers, rows_of, verdicts_of
from pipeline.runs.parts import BatchStream, Part
from schemas.columns import DOC_ID, HOST, LANGUAGE, NO_PROSE, SPANS, TEXT, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_DISTINCT = Column("distinct_dirty_words", pa.int32(), "different words of the list of dirty words of its language")
_SHARE = Column("dirty_word_share", pa.float64(), "share of the words of the prose that these are")
_MEASURED = "measured"
CONDEMNED_HOSTS = "condemned_hosts"
"""Side table of `url_screen`."""


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
    condemned_digest: str | None = None
    """Hash of which hosts `url_screen` dropped pages of; the run fills it in."""

    limits: ClassVar[frozenset[str]] = frozenset(
        {"max_dirty_word_share", "max_distinct_dirty_words", "site_min_pages", "site_min_share"}
    )


def count_dirty_words(rows: BatchStream, _: Part, params: WordParams, __: SideTables) -> BatchStream:
    """Add each page's site, and its dirty words."""
    from pipeline.kernels.signals.measure import measure_signals  # noqa: PLC0415  (numba, which workers alone need)

    lists = load_dirty_words(params.dirty_words, params.dirty_words_digest)
    for start, batch in numbered(rows):
        left_out, languages = spans_of(batch.column(SPANS.name), NO_PROSE), batch.column(LANGUAGE.name).to_pylist()
        signals = measure_signals(batch.column(TEXT.name), left_out, languages, lists)
        added = {
            ROW: row_numbers(start, batch.num_rows),
            SITE: sites_of(batch.column(HOST.name)),
            _DISTINCT: pa.array(signals[_DISTINCT.name], _DISTINCT.type),
            _SHARE: pa.array(signals[_SHARE.name], _SHARE.type),
        }
        yield with_columns(batch, added)


def fit_safety(docs: "DataFrame", params: SafetyParams, side: SideWriter) -> None:
    """Find the sites that are mostly condemned: by their dirty words, and by what `url_screen` dropped of them."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    settings = WordParams(dirty_words=params.dirty_words, dirty_words_digest=params.dirty_words_digest)
    counted = side.measure(_MEASURED, count_dirty_words, (ROW, SITE, _DISTINCT, _SHARE), (DOC_ID,), settings)
    many = F.col(_DISTINCT.name) > params.max_distinct_dirty_words
    condemned = many & (F.col(_SHARE.name) > params.max_dirty_word_share)
    screened = pages_by_site(docs.sparkSession, side.place(CONDEMNED_HOSTS, "url_screen"))
    limits = Limits(params.site_min_pages, params.site_min_share)
    save_site_verdicts(counted, side, condemned, limits, ("safety", "unsafe_site"), screened)


def look_up_sites(rows: BatchStream, part: Part, _: SafetyParams, side: SideTables) -> BatchStream:
    """Add the verdict on each page's site."""
    measured, verdicts = side.slice(_MEASURED, part), side.slice(VERDICTS, part)
    if measured is None:
        return
    for batch in rows:
        yield with_columns(batch, {VERDICT: verdicts_of(verdicts, rows_of(measured, batch))})


@stage(
    needs=(DOC_ID, TEXT, SPANS, LANGUAGE, HOST),
    measures=(VERDICT,),
    measure=look_up_sites,
    fit=fit_safety,
)
def safety(docs: "DataFrame", params: SafetyParams) -> "DataFrame":  # noqa: ARG001
    """Drop the pages of sites that are unsafe as a whole."""
    return first_reason(docs, docs[VERDICT.name])
