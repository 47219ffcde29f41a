"""Series of like elements, as the cards of a listing or the posts of a thread, and what is in them; compiled."""

from typing import Any

import numpy as np

from pipeline.kernels.compiled import compiled
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.around import SUM_BLOCKS, SUM_LINKS, SUM_LONG, SUM_WORDS, log, share
from pipeline.kernels.html.feature_names import N_SERIES

# Fewer like elements are no series; a block's series is looked for so far up.
_FEWEST = 3
_REACH = 12


@compiled
def measure_series(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    out: Any, at: Any, nodes: Any, rows: Any, sums: Any, alike: Any, place: Any, slot: Any
) -> Any:
    """Measure the nearest and the outermost series of each block; return words and length of the page's largest."""
    totals = np.zeros((slot.max() + 1, 4), np.int64)
    for node in range(1, len(nodes)):
        if alike[node] >= _FEWEST and sums[node, SUM_BLOCKS]:
            row = totals[slot[node]]
            row[0] += sums[node, SUM_WORDS]
            row[1] += sums[node, SUM_LINKS]
            row[2] += sums[node, SUM_LONG]
            row[3] += 1
    best, length = 0, 0
    for k in range(len(totals)):
        if totals[k, 3] >= _FEWEST and totals[k, 0] > best:
            best, length = totals[k, 0], totals[k, 3]
    whole = sums[0, SUM_WORDS]
    for b in range(len(rows)):
        node, up, found = rows[b, col.NODE], 0, False
        while node > 0 and up < _REACH:
            row = totals[slot[node]]
            if alike[node] >= _FEWEST and row[3] >= _FEWEST:
                k = at if not found else at + N_SERIES
                if not found:
                    out[k + 7, b] = share(place[node], alike[node])
                    out[k + 8, b] = log(sums[node, SUM_WORDS])
                out[k, b], out[k + 1, b], out[k + 2, b] = log(row[3]), share(row[0], whole), log(share(row[0], row[3]))
                out[k + 3, b], out[k + 4, b] = share(row[1], row[0]), share(row[2], row[0])
                out[k + 5, b], out[k + 6, b] = up + 1, share(row[0], best)
                found = True
            node = nodes[node, col.PARENT]
            up += 1
    return best, length
