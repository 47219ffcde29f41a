"""What is the same for all blocks of a page; compiled."""

from typing import Any

import numpy as np

from pipeline.kernels.compiled import compiled
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.around import SUM_WORDS, is_long, wide_log
from pipeline.kernels.html.feature_names import FAR, GROUPS_COUNT, N_PAGE, NEAR_TAGS, NEARS
from pipeline.kernels.html.names import TAG
from pipeline.kernels.html.places import best_element

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
        words = counts[b, col.WORDS] + counts[b, col.ISLAND_WORDS]
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
def _count_around(rows: Any, counts: Any, near: Any, seen: Any, value: Any) -> None:
    """Count the words that stand below elements of each group, below noscript, and below lists."""
    for b in range(len(rows)):
        row = near[rows[b, col.NODE]]
        words = counts[b, col.WORDS] + counts[b, col.ISLAND_WORDS]
        for k in range(NEARS):
            if row[k] < FAR:
                if NEAR_TAGS[k] == _NOSCRIPT:
                    seen[_NOSCRIPT_WORDS] += words
                elif NEAR_TAGS[k] == _UL:
                    seen[_LIST_WORDS] += words
        for k in range(GROUPS_COUNT):
            if row[NEARS + k] < FAR:
                value[N_PAGE + k] += words


@compiled
def _count_elements(nodes: Any, seen: Any) -> None:
    for node in range(len(nodes)):
        tag = nodes[node, col.TAG_OF]
        seen[_ARTICLES] += tag == _ARTICLE
        seen[_MAINS] += tag == _MAIN
        seen[_NAVS] += tag == _NAV


@compiled
def measure_page(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    out: Any, at: Any, nodes: Any, rows: Any, counts: Any, sums: Any, near: Any, hints: Any
) -> None:
    """What is the same for all blocks of a page."""
    value = np.zeros(N_PAGE + GROUPS_COUNT, np.float64)
    seen, total = np.zeros(12, np.int64), np.zeros(col.COUNTS, np.int64)
    _count_blocks(nodes, rows, counts, seen, total)
    _count_around(rows, counts, near, seen, value)
    _count_elements(nodes, seen)
    words = max(1, total[col.WORDS] + total[col.ISLAND_WORDS])
    best = best_element(nodes, rows, counts)
    found = (
        wide_log(words), wide_log(len(rows)), total[col.LINK_WORDS] / words, seen[_LONG_WORDS] / words,
        wide_log(seen[_LONGS]), wide_log(seen[_HEADINGS]), wide_log(seen[_H1S]), wide_log(total[col.CELLS]),
        wide_log(seen[_PRES]), wide_log(total[col.INPUTS]), wide_log(total[col.IMAGES]), wide_log(total[col.FORMULAS]),
        total[col.STOPS] / words, wide_log(seen[_ARTICLES]), 1.0 * min(seen[_MAINS], 3),
        seen[_NOSCRIPT_WORDS] / words, total[col.COMMAS] / words, total[col.DIGITS] / words,
        total[col.FOREIGN] / max(1, total[col.CHARS]), wide_log(len(nodes)), sums[best, SUM_WORDS] / words,
        seen[_LIST_WORDS] / words, wide_log(seen[_TABLES]), wide_log(seen[_NAVS]),
        total[col.WEIGHT] / max(1, total[col.KNOWN]), wide_log(total[col.BUTTON_WORDS]),
        wide_log(total[col.IN_PAGE_LINKS]), wide_log(seen[_BEST_LONG]),
    )  # fmt: skip
    for k in range(len(found)):
        value[k] = found[k]
    value[N_PAGE:] /= words
    for k in range(len(value)):
        out[at + k] = np.float32(value[k])
    for k in range(len(hints)):
        out[at + len(value) + k] = hints[k]
