"""The features of a block, by name: each family is a tuple of the rows that its features are written to.

A feature is added by one word here, and by one line where its family is measured: `out[OWN.words, b] = …`.
"""

from collections import namedtuple
from collections.abc import Iterable
from typing import Any, Final

import numpy as np

from pipeline.kernels.html.names import GROUP, TAG

# Elements to whose nearest one above a block its distance counts.
_NEAR_LIST: Final = (
    "nav header footer aside main article section form ul ol table figure blockquote dl details noscript td p a "
    "button address label figcaption pre tr th dd dt summary h1 h2 fieldset menu tbody time cite center body"
)
_OWN_LIST: Final = "p li div td span h1 h2 h3 h4 h5 h6 dt dd tr figcaption blockquote pre body section article a label"
_NEAR, _OWN_TAGS = _NEAR_LIST.split(), _OWN_LIST.split()
FAR: Final = 12
LEVELS: Final = 4
HINTS: Final = 24

_NEIGHBOUR: Final = "words link_share stop_share weight same_parent heading same_shape"
_SERIES: Final = "count share words_each link_share long_share up of_best"

_listed: list[str] = []


def _family(name: str, members: str) -> Any:
    """The rows of the features `name.member`, behind those listed before; compiled code takes it as it is."""
    words = members.split()
    first = len(_listed)
    _listed.extend(f"{name}.{word}" for word in words)
    return namedtuple(f"{name.title()}Rows", words)(*range(first, first + len(words)))


def _row(names: Iterable[str]) -> int:
    """The first of the rows of features that are counted through."""
    first = len(_listed)
    _listed.extend(names)
    return first


OWN: Final = _family(
    "own",
    "words chars link_share links word_length comma_share stop_share digit_share capital_share strong_share "
    "button_share code_share breaks images inputs cells sign_share long_share foreign_share island_words formulas "
    "weight known_share least most in_page_links out_links hidden_share repeats kind is_row own_words ends_with_stop "
    "ends_with_colon first_capital first_digit weight_sum tag_depth money",
)
IS_FROM: Final = _row(f"is.{name}" for name in _OWN_TAGS)
NEAR_FROM: Final = _row([*(f"near.{name}" for name in _NEAR), *(f"class.{name}" for name in GROUP)])
LEVEL: Final = _family("level0", "words share link_share stop_share words_a_block long_share depth alike place")
_row(name.replace("0", str(level)) for level in range(1, LEVELS) for name in _listed[LEVEL.words : LEVEL.place + 1])
BEFORE2: Final = _family("before2", _NEIGHBOUR)
BEFORE: Final = _family("before", _NEIGHBOUR)
AFTER: Final = _family("after", _NEIGHBOUR)
AFTER2: Final = _family("after2", _NEIGHBOUR)
PLACE: Final = _family(
    "place",
    "index index_share words_before words_after from_heading to_heading heading_level from_long to_long "
    "since_first_long until_last_long since_h1 window_words_before window_words_after window_links_before "
    "window_links_after best_up best_inside best_share best_depth is_first_h1 window_long_before window_long_after",
)
LEAN: Final = _family("lean", "nearest second third least most sum before after")
TITLE: Final = _family("title", "share cover")
SERIES: Final = _family("series", f"{_SERIES} place words")
OUTER_SERIES: Final = _family("outer_series", _SERIES)
PAGE: Final = _family(
    "page",
    "series_share series_length words blocks link_share long_words long_blocks headings h1s rows pres inputs images "
    "formulas stop_share articles mains noscript_words comma_share digit_share foreign_share nodes best_share "
    "list_share tables navs weight button_words in_page_links median_long",
)
PAGE_CLASS_FROM: Final = _row(f"page.class.{name}" for name in GROUP)
HINT_FROM: Final = _row(f"page.hint{hint}" for hint in range(HINTS))
NAMES: Final = tuple(_listed)
# The features that are the same for all blocks of a page are the last.
PAGE_FROM: Final = int(PAGE.series_share)

NEAR_TAGS: Final = np.array([TAG[name] for name in _NEAR], np.int64)
OWN_TAG_NUMBERS: Final = np.array([TAG[name] for name in _OWN_TAGS], np.int64)
GROUPS_COUNT: Final = len(GROUP)
NEARS: Final = len(_NEAR)
N_LEVEL: Final = len(LEVEL)

# What the odds of other blocks say of a block, for the trees of the second stage, which see nothing else: counted anew.
_listed = []
CONTEXT: Final = _family(
    "context",
    "odds above_cut page_words page_mean highest before1 before2 before3 after1 after2 after3 "
    "four_before four_after twelve_before twelve_after level0 level1 level2 level3 blocks_of_level0 blocks_of_level1 "
    "blocks_of_level2 words_of_level0 words_of_level1 words_of_level2 shape words_of_shape kin words_of_kin "
    "series part_of_series length_of_series outer_series part_of_outer_series share_since_first share_until_last "
    "since_first until_last is_between since_likely until_likely words_since_likely article",
)
CONTEXT_NAMES: Final = tuple(_listed)
