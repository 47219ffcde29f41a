"""url_screen: pages that lists of hosts and addresses name, or whose URL has words that tell what the page is."""

from typing import TYPE_CHECKING

from pipeline.engine.fitting import FitContext
from pipeline.engine.stage import stage
from pipeline.rows.reasons import dropped, first_reason
from pipeline.url_screen.fitting import LISTS, note_pages, report_screened, save_lists
from pipeline.url_screen.list_files import list_files
from pipeline.url_screen.measuring import FOUND_HOST, FOUND_KEY, SCREEN_COLUMNS, ScreenParams, measure_urls
from pipeline.url_screen.params import UrlScreenParams
from schemas.columns import HOST, URL, URL_CATEGORIES, URL_HARD_WORDS, URL_SOFT_WORDS, WARC_OFFSET

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

CONDEMNED_HOSTS = "condemned_hosts"
"""Small table for later stages: `host`, and `pages`, the number of its URLs that this stage drops."""


def fit_url_screen(context: FitContext, params: UrlScreenParams) -> None:
    """Read the lists, look every URL up in them, and count what is to go by host."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    known_by = save_lists(list_files(params.lists), context)
    settings = ScreenParams(lists_known=known_by, hard_words=params.hard_words, soft_words=params.soft_words)
    context.measure(
        "screened", measure_urls, (*SCREEN_COLUMNS, FOUND_HOST, FOUND_KEY), (URL, HOST), settings, tables=(LISTS,)
    )
    screened = context.frame(*SCREEN_COLUMNS, FOUND_HOST, FOUND_KEY)
    note_pages(screened, context)
    screened_out = screened.where(verdict(params).isNotNull() & F.col(FOUND_HOST.name).isNotNull())
    pages = F.count_distinct(FOUND_KEY.name).alias("pages")
    hosts = screened_out.groupBy(F.col(FOUND_HOST.name).alias("host")).agg(pages)
    context.save_small(CONDEMNED_HOSTS, hosts, decides=False)


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


@stage(needs=(URL, HOST, WARC_OFFSET), adds=SCREEN_COLUMNS, fit=fit_url_screen, report=report_screened)
def url_screen(docs: "DataFrame", params: UrlScreenParams) -> "DataFrame":
    """Drop pages of the categories that are not wanted, and those that words of their URL speak against."""
    return first_reason(docs, verdict(params))
