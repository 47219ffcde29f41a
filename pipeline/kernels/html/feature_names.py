"""The features of a block, by name and in order."""

from typing import Final

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

OWN: Final = (
    "words", "chars", "link_share", "links", "word_length", "comma_share", "stop_share", "digit_share", "capital_share",
    "strong_share", "button_share", "code_share", "breaks", "images", "inputs", "cells", "sign_share", "long_share",
    "foreign_share", "island_words", "formulas", "weight", "known_share", "least", "most", "in_page_links", "out_links",
    "hidden_share", "repeats", "kind", "is_row", "own_words", "ends_with_stop", "ends_with_colon", "first_capital",
    "first_digit", "weight_sum", "tag_depth", "money",
)  # fmt: skip
LEVEL: Final = (
    "words", "share", "link_share", "stop_share", "words_a_block", "long_share", "depth", "alike", "place",
)  # fmt: skip
NEIGHBOUR: Final = ("words", "link_share", "stop_share", "weight", "same_parent", "heading", "same_shape")
PLACE: Final = (
    "index", "index_share", "words_before", "words_after", "from_heading", "to_heading", "heading_level",
    "from_long", "to_long", "since_first_long", "until_last_long", "since_h1", "window_words_before",
    "window_words_after", "window_links_before", "window_links_after", "best_up", "best_inside", "best_share",
    "best_depth", "is_first_h1", "window_long_before", "window_long_after",
)  # fmt: skip
PAGE: Final = (
    "words", "blocks", "link_share", "long_words", "long_blocks", "headings", "h1s", "rows", "pres", "inputs", "images",
    "formulas", "stop_share", "articles", "mains", "noscript_words", "comma_share", "digit_share", "foreign_share",
    "nodes", "best_share", "list_share", "tables", "navs", "weight", "button_words", "in_page_links", "median_long",
)  # fmt: skip
SERIES: Final = ("count", "share", "words_each", "link_share", "long_share", "up", "of_best", "place", "words")
OUTER_SERIES: Final = SERIES[:7]
LEAN: Final = ("nearest", "second", "third", "least", "most", "sum", "before", "after")
TITLE: Final = ("share", "cover")
HINTS: Final = 24
NAMES: Final = (
    *(f"own.{name}" for name in OWN),
    *(f"is.{name}" for name in _OWN_TAGS),
    *(f"near.{name}" for name in _NEAR),
    *(f"class.{name}" for name in GROUP),
    *(f"level{level}.{name}" for level in range(LEVELS) for name in LEVEL),
    *(f"{where}.{name}" for where in ("before2", "before", "after", "after2") for name in NEIGHBOUR),
    *(f"place.{name}" for name in PLACE),
    *(f"lean.{name}" for name in LEAN),
    *(f"title.{name}" for name in TITLE),
    *(f"series.{name}" for name in SERIES),
    *(f"outer_series.{name}" for name in OUTER_SERIES),
    "page.series_share",
    "page.series_length",
    *(f"page.{name}" for name in PAGE),
    *(f"page.class.{name}" for name in GROUP),
    *(f"page.hint{hint}" for hint in range(HINTS)),
)
PAGE_FROM: Final = NAMES.index("page.series_share")

NEAR_TAGS: Final = np.array([TAG[name] for name in _NEAR], np.int64)
OWN_TAG_NUMBERS: Final = np.array([TAG[name] for name in _OWN_TAGS], np.int64)
GROUPS_COUNT: Final = len(GROUP)
NEARS: Final = len(_NEAR)
N_OWN, N_TAGS, N_LEVEL, N_NEIGHBOUR, N_PLACE, N_PAGE = (
    len(OWN),
    len(_OWN_TAGS),
    len(LEVEL),
    len(NEIGHBOUR),
    len(PLACE),
    len(PAGE),
)
N_SERIES, N_ALL_SERIES = len(SERIES), len(SERIES) + len(OUTER_SERIES)
