"""url_screen: pages that lists of hosts and addresses name, or whose URL has words that tell what the page is."""

from typing import TYPE_CHECKING

from pipeline.engine.batches import with_columns
from pipeline.engine.stage import SideTables, SideWriter, dropped, first_reason, stage
from pipeline.rows.verdicts import rows_of
from pipeline.runs.parts import BatchStream, Part
from pipeline.url_screen.fitting import LISTS, note_pages, save_lists
from pipeline.url_screen.list_places import list_files
from pipeline.url_screen.measuring import FOUND_HOST, FOUND_KEY, SCREEN_COLUMNS, ScreenParams, measure_urls
from pipeline.url_screen.params import UrlScreenParams
from schemas.columns import HOST, URL, URL_CATEGORIES, URL_HARD_WORDS, URL_SOFT_WORDS, WARC_OFFSET

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

CONDEMNED_HOSTS = "condemned_hosts"
"""Side table for later stages: `host`, and `pages`, the number of its URLs that this stage drops."""
_SCREENED = "screened"


def fit_url_screen(docs: "DataFrame", params: UrlScreenParams, side: SideWriter) -> None:
    """Read the lists, look every URL up in them, and count what is to go by host."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    known = save_lists(docs.sparkSession, list_files(params.lists), side)
    settings = ScreenParams(lists_known=known, hard_words=params.hard_words, soft_words=params.soft_words)
    adds = (*SCREEN_COLUMNS, FOUND_HOST, FOUND_KEY)
    screened = side.measure(_SCREENED, measure_urls, adds, (), settings, reads=(LISTS,))
    note_pages(screened, side)
    gone = screened.where(verdict(params).isNotNull() & F.col(FOUND_HOST.name).isNotNull())
    pages = F.count_distinct(FOUND_KEY.name).alias("pages")
    side.save(CONDEMNED_HOSTS, gone.groupBy(F.col(FOUND_HOST.name).alias("host")).agg(pages), small=True, scratch=True)


def add_findings(rows: BatchStream, part: Part, _: UrlScreenParams, side: SideTables) -> BatchStream:
    """Add what the fit found of each URL."""
    screened = side.slice(_SCREENED, part)
    if screened is None:
        return
    for batch in rows:
        mine = rows_of(screened, batch)
        yield with_columns(batch, {column: mine[column.name].combine_chunks() for column in SCREEN_COLUMNS})


def verdict(params: UrlScreenParams) -> "Column":
    """Return the `drop` of a row by what was found of its URL: null where nothing is against it."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    met = F.split(URL_CATEGORIES.name, ",")
    if params.categories is not None:
        met = F.array_intersect(met, F.array(*map(F.lit, params.categories)).cast("array<string>"))
    first = F.get(met, F.lit(0))
    hard, soft = F.col(URL_HARD_WORDS.name), F.col(URL_SOFT_WORDS.name)
    most = params.max_soft_words
    return F.coalesce(
        F.when(first.isNotNull(), dropped("url_screen", F.concat(F.lit("listed."), first))),
        F.when(hard > 0, dropped("url_screen", "hard_word", hard, 0)),
        F.when(soft > (soft if most is None else most), dropped("url_screen", "soft_words", soft, most)),
    )


@stage(
    needs=(URL, HOST, WARC_OFFSET),
    measures=SCREEN_COLUMNS,
    measure=add_findings,
    fit=fit_url_screen,
)
def url_screen(docs: "DataFrame", params: UrlScreenParams) -> "DataFrame":
    """Drop pages of the categories that are not wanted, and those that words of their URL speak against."""
    return first_reason(docs, verdict(params))
