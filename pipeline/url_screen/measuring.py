"""What URLs meet, part by part: categories of lists, and words."""

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.engine.stage import Params
from pipeline.engine.tables import FittedTables
from pipeline.kernels.urls.url_words import count_words
from pipeline.url_screen.fitting import LISTS
from pipeline.url_screen.shared_table import shared_screen
from schemas.columns import HOST, URL, URL_CATEGORIES, URL_HARD_WORDS, URL_SOFT_WORDS, Column

if TYPE_CHECKING:
    from pipeline.url_screen.shared_table import Screen

FOUND_HOST = Column("found_host", pa.string(), "Host of a URL that something was found of")
FOUND_KEY = Column("found_key", pa.int64(), "63 bits of a hash of that URL")
SCREEN_COLUMNS = (URL_CATEGORIES, URL_HARD_WORDS, URL_SOFT_WORDS)


class ScreenParams(Params):
    """What is found of a URL depends on these."""

    lists_known: str
    """Hash of the table of entries."""
    hard_words: tuple[str, ...]
    """As in `url_screen`."""
    soft_words: tuple[str, ...]
    """As in `url_screen`."""


def measure_urls(rows: BatchStream, params: ScreenParams, fitted: FittedTables) -> BatchStream:
    """Add the categories of the entries that each URL meets, and how many words of the lists it has."""
    from pipeline.kernels.text.hashing import hash_strings

    screen = shared_screen(fitted.files(LISTS), params.lists_known)
    for batch in rows:
        urls = batch.column(URL.name)
        hard, soft = (count_words(urls, words) for words in (params.hard_words, params.soft_words))
        categories = categories_of(urls, screen)
        is_found = pa.array(
            categories.is_valid().to_numpy(zero_copy_only=False) | ((hard.to_numpy() + soft.to_numpy()) > 0)
        )
        added = {
            URL_CATEGORIES: categories,
            URL_HARD_WORDS: hard,
            URL_SOFT_WORDS: soft,
            FOUND_HOST: _where(is_found, batch.column(HOST.name)),
            FOUND_KEY: _where(is_found, pa.array(hash_strings(urls)[:, 0])),
        }
        yield with_columns(batch, added)


def _where(is_found: pa.Array, column: pa.Array) -> pa.Array:
    index = np.flatnonzero(is_found.to_numpy(zero_copy_only=False))
    positions = np.full(len(column), -1)
    positions[index] = index
    return column.take(pa.array(positions, mask=positions < 0))


def categories_of(urls: pa.Array, screen: "Screen") -> pa.Array:
    """Return the categories of all entries that each URL meets, in order, joined by ','; null where there are none."""
    from pipeline.kernels.urls.url_keys import find_entries

    hits = find_entries(urls, screen.table)
    names = list(screen.sets)
    number: dict[str, int] = {name: index for index, name in enumerate(names)}
    chosen = np.full(len(urls), -1, np.int64)
    chosen[hits.rows] = hits.sets
    # a URL seldom meets two entries of other categories: an address of a host that is listed too
    again = np.flatnonzero(np.bincount(hits.rows, minlength=len(urls)) > 1)
    for row in again:
        first, last = np.searchsorted(hits.rows, (row, row + 1))
        met = {name for index in set(hits.sets[first:last].tolist()) for name in names[index].split(",")}
        joined = ",".join(sorted(met))
        chosen[row] = number.setdefault(joined, len(number))
    table = pa.array([*number], pa.string())
    return table.take(pa.array(chosen, mask=chosen < 0))
