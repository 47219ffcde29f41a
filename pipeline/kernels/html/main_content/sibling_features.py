"""Series of like elements, as the cards of a listing or the posts of a thread, and what is in them; compiled."""

from typing import Any

import numpy as np

from pipeline.kernels.compiled import compiled
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.main_content.context_features import SUM_BLOCKS, SUM_LINKS, SUM_LONG, SUM_WORDS, share
from pipeline.kernels.html.main_content.feature_names import OUTER_SERIES, SERIES

# Fewer like elements are no series; a block's series is looked for so far up.
_FEWEST = 3
_REACH = 12
# What is counted of a series.
_WORDS, _LINKS, _LONG, _COUNT = range(4)
_OUTER = OUTER_SERIES.count - SERIES.count


@compiled
def _write(out: Any, b: Any, shift: Any, row: Any, up: Any, whole: Any, best: Any) -> None:
    """Write of a series what is known of the nearest and of the outermost; `shift` rows behind the nearest's."""
    out[SERIES.count + shift, b] = row[_COUNT]
    out[SERIES.share + shift, b] = share(row[_WORDS], whole)
    out[SERIES.words_each + shift, b] = share(row[_WORDS], row[_COUNT])
    out[SERIES.link_share + shift, b] = share(row[_LINKS], row[_WORDS])
    out[SERIES.long_share + shift, b] = share(row[_LONG], row[_WORDS])
    out[SERIES.up + shift, b] = up + 1
    out[SERIES.of_best + shift, b] = share(row[_WORDS], best)


@compiled
def measure_siblings(out: Any, nodes: Any, rows: Any, sums: Any, alike: Any, index: Any, slot: Any) -> Any:
    """Measure the nearest and the outermost series of each block; return words and length of the page's largest."""
    totals = np.zeros((slot.max() + 1, 4), np.int64)
    for node in range(1, len(nodes)):
        if alike[node] >= _FEWEST and sums[node, SUM_BLOCKS]:
            row = totals[slot[node]]
            row[_WORDS] += sums[node, SUM_WORDS]
            row[_LINKS] += sums[node, SUM_LINKS]
            row[_LONG] += sums[node, SUM_LONG]
            row[_COUNT] += 1
    best, length = 0, 0
    for k in range(len(totals)):
        if totals[k, _COUNT] >= _FEWEST and totals[k, _WORDS] > best:
            best, length = totals[k, _WORDS], totals[k, _COUNT]
    whole = sums[0, SUM_WORDS]
    for b in range(len(rows)):
        node, up, has_series = rows[b, col.NODE], 0, False
        while node > 0 and up < _REACH:
            row = totals[slot[node]]
            if alike[node] >= _FEWEST and row[_COUNT] >= _FEWEST:
                if not has_series:
                    out[SERIES.place, b] = share(index[node], alike[node])
                    out[SERIES.words, b] = sums[node, SUM_WORDS]
                _write(out, b, _OUTER if has_series else 0, row, up, whole, best)
                has_series = True
            node = nodes[node, col.PARENT]
            up += 1
    return best, length
