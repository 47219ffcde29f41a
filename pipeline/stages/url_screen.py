"""url_screen: pages that lists of hosts and addresses name, or whose URL has words that tell what the page is."""

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.engine.fitting import FitContext
from pipeline.engine.stage import Stage, stage
from pipeline.rows.reasons import dropped, first_reason
from pipeline.url_screen.fitting import LISTS, note_pages, report_screened, save_lists
from pipeline.url_screen.list_files import list_files
from pipeline.url_screen.measuring import FOUND_HOST, FOUND_KEY, SCREEN_COLUMNS, ScreenParams, measure_urls
from pipeline.url_screen.params import UrlScreenParams
from pipeline.url_screen.taken_down import MATCHED_BY, TAKEN_DOWN, TakenDownParams, measure_taken_down
from schemas.columns import HOST, URL, URL_CATEGORIES, URL_HARD_WORDS, URL_SOFT_WORDS, WARC_OFFSET

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

TAKEN_DOWN_REASON = "listed.takedown"
FLAGGED_HOSTS = "flagged_hosts"
"""Small table for later stages: `host`, and `pages`, the number of its URLs that this stage drops."""


def fit_url_screen(context: FitContext, params: UrlScreenParams) -> None:
    """Read the lists, look every URL up in them, and count what is to go by host."""
    from pyspark.sql import functions as F  # noqa: N812

    known_by = save_lists(list_files(params.lists), context)
    settings = ScreenParams(lists_known=known_by, hard_words=params.hard_words, soft_words=params.soft_words)
    context.measure(
        "screened", measure_urls, (*SCREEN_COLUMNS, FOUND_HOST, FOUND_KEY), (URL, HOST), settings, tables=(LISTS,)
    )
    screened = context.frame(*SCREEN_COLUMNS, FOUND_HOST, FOUND_KEY)
    note_pages(screened, context)
    if params.takedown_digest is not None:
        lists = TakenDownParams(folders=params.takedown, known_by=params.takedown_digest)
        context.measure("taken_down", measure_taken_down, (TAKEN_DOWN,), MATCHED_BY, lists)
    screened_out = screened.where(verdict(params).isNotNull() & F.col(FOUND_HOST.name).isNotNull())
    pages = F.count_distinct(FOUND_KEY.name).alias("pages")
    hosts = screened_out.groupBy(F.col(FOUND_HOST.name).alias("host")).agg(pages)
    context.save_small(FLAGGED_HOSTS, hosts, decides=False)


def verdict(params: UrlScreenParams) -> "Column":
    """Return the `drop` of a row by what was found of its URL: null where nothing is against it."""
    from pyspark.sql import functions as F  # noqa: N812

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


def with_takedown(screen: Stage, params: UrlScreenParams) -> Stage:
    """Return the stage as it is where something is taken down: it decides by one more column."""
    if params.takedown_digest is None:
        return screen
    return replace(screen, needs=tuple(dict.fromkeys((*screen.needs, *MATCHED_BY))), adds=(*screen.adds, TAKEN_DOWN))


@stage(
    needs=(URL, HOST, WARC_OFFSET),
    adds=SCREEN_COLUMNS,
    fit=fit_url_screen,
    report=report_screened,
    variant=with_takedown,
)
def url_screen(docs: "DataFrame", params: UrlScreenParams) -> "DataFrame":
    """Drop what is taken down, pages of the categories that are not wanted, and those that words speak against."""
    from pyspark.sql import functions as F  # noqa: N812

    if params.takedown_digest is None:
        return first_reason(docs, verdict(params))
    taken_down = F.when(F.col(TAKEN_DOWN.name), dropped("url_screen", TAKEN_DOWN_REASON))
    return first_reason(docs, taken_down, verdict(params))
