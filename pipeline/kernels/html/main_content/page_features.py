"""What is the same for all blocks of a page; compiled."""

from typing import Any

import numpy as np

from pipeline.kernels.compiled import compiled
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.main_content.context_features import SUM_WORDS, is_long
from pipeline.kernels.html.main_content.feature_names import (
    FAR,
    GROUPS_COUNT,
    HINT_FROM,
    NEAR_TAGS,
    NEARS,
    PAGE,
    PAGE_CLASS_FROM,
)
from pipeline.kernels.html.main_content.position_features import best_element
from pipeline.kernels.html.names import TAG

_H1, _H2, _H6, _UL = (TAG[name] for name in ("h1", "h2", "h6", "ul"))
_ARTICLE, _MAIN, _NOSCRIPT, _NAV = (TAG[name] for name in ("article", "main", "noscript", "nav"))


# What is counted of a page beside the sums of its blocks' counts.
(
    _LONGS, _LONG_WORDS, _BEST_LONG, _HEADINGS, _H1S, _TABLES, _PRES, _NOSCRIPT_WORDS, _LIST_WORDS, _ARTICLES, _MAINS,
    _NAVS,
) = range(12)  # fmt: skip


@compiled
def _count_blocks(nodes: Any, rows: Any, counts: Any, seen: Any, total: Any) -> None:
    """Add up the counts of all blocks, and count what kinds of blocks there are."""
    last_table = 0
    for b in range(len(rows)):
        tag = nodes[rows[b, col.NODE], col.TAG_OF]
        words = counts[b, col.WORDS] + counts[b, col.EMBEDDED_WORDS]
        for k in range(col.COUNTS):
            if k != col.HASH:
                total[k] += counts[b, k]
        if is_long(counts[b]):
            seen[_LONGS] += 1
            seen[_LONG_WORDS] += words
            seen[_BEST_LONG] = max(seen[_BEST_LONG], words)
        seen[_HEADINGS] += tag >= _H2 and tag <= _H6
        seen[_H1S] += tag == _H1
        if rows[b, col.TABLE] and rows[b, col.TABLE] != last_table:
            seen[_TABLES] += 1
            last_table = rows[b, col.TABLE]
        seen[_PRES] += rows[b, col.KIND] == col.PREFORMATTED


@compiled
def _count_around(rows: Any, counts: Any, near: Any, seen: Any, inside: Any) -> None:
    """Count the words that stand below elements of each group, below noscript, and below lists."""
    for b in range(len(rows)):
        row = near[rows[b, col.NODE]]
        words = counts[b, col.WORDS] + counts[b, col.EMBEDDED_WORDS]
        for k in range(NEARS):
            if row[k] < FAR:
                if NEAR_TAGS[k] == _NOSCRIPT:
                    seen[_NOSCRIPT_WORDS] += words
                elif NEAR_TAGS[k] == _UL:
                    seen[_LIST_WORDS] += words
        for k in range(GROUPS_COUNT):
            if row[NEARS + k] < FAR:
                inside[k] += words


@compiled
def _count_elements(nodes: Any, seen: Any) -> None:
    for node in range(len(nodes)):
        tag = nodes[node, col.TAG_OF]
        seen[_ARTICLES] += tag == _ARTICLE
        seen[_MAINS] += tag == _MAIN
        seen[_NAVS] += tag == _NAV


@compiled
def measure_page(out: Any, nodes: Any, rows: Any, counts: Any, sums: Any, near: Any, hints: Any) -> None:
    """What is the same for all blocks of a page."""
    inside = np.zeros(GROUPS_COUNT, np.int64)
    seen, total = np.zeros(12, np.int64), np.zeros(col.COUNTS, np.int64)
    _count_blocks(nodes, rows, counts, seen, total)
    _count_around(rows, counts, near, seen, inside)
    _count_elements(nodes, seen)
    words = max(1, total[col.WORDS] + total[col.EMBEDDED_WORDS])
    best = best_element(nodes, rows, counts)
    out[PAGE.words] = np.float32(words)
    out[PAGE.blocks] = np.float32(len(rows))
    out[PAGE.link_share] = np.float32(total[col.LINK_WORDS] / words)
    out[PAGE.long_words] = np.float32(seen[_LONG_WORDS] / words)
    out[PAGE.long_blocks] = np.float32(seen[_LONGS])
    out[PAGE.headings] = np.float32(seen[_HEADINGS])
    out[PAGE.h1s] = np.float32(seen[_H1S])
    out[PAGE.rows] = np.float32(total[col.CELLS])
    out[PAGE.pres] = np.float32(seen[_PRES])
    out[PAGE.inputs] = np.float32(total[col.INPUTS])
    out[PAGE.images] = np.float32(total[col.IMAGES])
    out[PAGE.formulas] = np.float32(total[col.FORMULAS])
    out[PAGE.stop_share] = np.float32(total[col.STOPS] / words)
    out[PAGE.articles] = np.float32(seen[_ARTICLES])
    out[PAGE.mains] = np.float32(min(seen[_MAINS], 3))
    out[PAGE.noscript_words] = np.float32(seen[_NOSCRIPT_WORDS] / words)
    out[PAGE.comma_share] = np.float32(total[col.COMMAS] / words)
    out[PAGE.digit_share] = np.float32(total[col.DIGITS] / words)
    out[PAGE.foreign_share] = np.float32(total[col.FOREIGN] / max(1, total[col.CHARS]))
    out[PAGE.nodes] = np.float32(len(nodes))
    out[PAGE.best_share] = np.float32(sums[best, SUM_WORDS] / words)
    out[PAGE.list_share] = np.float32(seen[_LIST_WORDS] / words)
    out[PAGE.tables] = np.float32(seen[_TABLES])
    out[PAGE.navs] = np.float32(seen[_NAVS])
    out[PAGE.weight] = np.float32(total[col.WEIGHT] / max(1, total[col.KNOWN]))
    out[PAGE.button_words] = np.float32(total[col.BUTTON_WORDS])
    out[PAGE.in_page_links] = np.float32(total[col.IN_PAGE_LINKS])
    out[PAGE.median_long] = np.float32(seen[_BEST_LONG])
    for k in range(GROUPS_COUNT):
        out[PAGE_CLASS_FROM + k] = np.float32(inside[k] / words)
    for k in range(len(hints)):
        out[HINT_FROM + k] = hints[k]
