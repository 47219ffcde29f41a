"""What is known of each text block: what it says, where it stands, what lies around it; compiled."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pipeline.kernels.compiled import compiled
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.around import (
    SUM_WORDS,
    log,
    measure_leans,
    measure_levels,
    measure_neighbour,
    nearest,
    share,
    siblings,
    sums_of,
)
from pipeline.kernels.html.blocks import Blocks
from pipeline.kernels.html.feature_names import (
    GROUPS_COUNT,
    LEAN,
    LEVELS,
    N_ALL_SERIES,
    N_LEVEL,
    N_NEIGHBOUR,
    N_OWN,
    N_PLACE,
    N_TAGS,
    NAMES,
    NEARS,
    OWN_TAG_NUMBERS,
    TITLE,
)
from pipeline.kernels.html.nodes import Page
from pipeline.kernels.html.page_features import measure_page
from pipeline.kernels.html.places import measure_places, measure_titles
from pipeline.kernels.html.series import measure_series

Features = npt.NDArray[np.float32]

_MAX_TITLE: Final = 600


def measure_blocks(page: Page, blocks: Blocks, hints: npt.NDArray[np.float32], title: str = "") -> Features:
    """The features of a page's blocks, float32 (len(NAMES), blocks).

    Args:
        page: Its elements.
        blocks: Its blocks.
        hints: What its head says it is, float32 (HINTS,).
        title: Its title.

    >>> from pipeline.kernels.html.blocks import read_blocks
    >>> from pipeline.kernels.html.feature_names import HINTS
    >>> from pipeline.kernels.html.names import word_table
    >>> from pipeline.kernels.html.nodes import read_nodes
    >>> page = read_nodes(b"<nav><a href=/>Home</a></nav><p>Rye is a grass.")
    >>> found = measure_blocks(page, read_blocks(page, word_table([])), np.zeros(HINTS, np.float32))
    >>> found[NAMES.index("own.link_share")].tolist(), found[NAMES.index("near.nav")].tolist()
    ([1.0, 0.0], [0.0, 12.0])
    """
    out = np.zeros((len(NAMES), len(blocks.rows)), np.float32)
    if len(blocks.rows):
        titled = np.frombuffer(bytearray(title.encode("utf-8", "replace")[:_MAX_TITLE] + b" "), np.uint8)
        _, same, often = np.unique(blocks.counts[:, col.HASH], return_inverse=True, return_counts=True)
        rows, counts, repeats = blocks.rows, blocks.counts, often[same]
        _measure(page.nodes, page.groups, page.leans, rows, counts, blocks.text, repeats, titled, hints, out)
    return out


@compiled
def _own(out: Any, b: Any, row: Any, count: Any, text: Any, repeats: Any, depth: Any) -> None:
    """What a block says itself."""
    words, chars = count[col.WORDS], count[col.CHARS]
    values = (
        log(words + count[col.ISLAND_WORDS]), log(chars), share(count[col.LINK_WORDS], words), log(count[col.LINKS]),
        share(chars, words), share(count[col.COMMAS], words), share(count[col.STOPS], words),
        share(count[col.DIGITS], chars), share(count[col.CAPITALS], words), share(count[col.STRONG_WORDS], words),
        share(count[col.BUTTON_WORDS], words), share(count[col.CODE_WORDS], words), log(count[col.BREAKS]),
        log(count[col.IMAGES]), log(count[col.INPUTS]), log(count[col.CELLS]), share(count[col.SIGNS], chars),
        share(count[col.LONG_WORDS], words), share(count[col.FOREIGN], chars), log(count[col.ISLAND_WORDS]),
        log(count[col.FORMULAS]), share(count[col.WEIGHT], count[col.KNOWN]), share(count[col.KNOWN], words),
        np.float32(count[col.LEAST]), np.float32(count[col.MOST]), log(count[col.IN_PAGE_LINKS]),
        log(count[col.OUT_LINKS]), share(count[col.HIDDEN_WORDS], words), log(repeats), np.float32(row[col.KIND]),
        np.float32(row[col.TABLE] > 0), np.float32(min(words, 50)),
    )  # fmt: skip
    for k in range(len(values)):
        out[k, b] = values[k]
    last, first = text[row[col.STOP] - 1], text[row[col.BEGIN]]
    k = len(values)
    out[k, b] = last in (33, 46, 63) or last >= 128
    out[k + 1, b] = last == 58
    out[k + 2, b] = first >= 65 and first <= 90
    out[k + 3, b] = first >= 48 and first <= 57
    out[k + 4, b] = np.float32(count[col.WEIGHT])
    out[k + 5, b] = depth
    out[k + 6, b] = min(count[col.MONEY], 9)


@compiled
def _measure(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    nodes: Any, groups: Any, leans: Any, rows: Any, counts: Any, text: Any, repeats: Any, title: Any, hints: Any,
    out: Any,
) -> None:  # fmt: skip
    near, sums = nearest(nodes, groups), sums_of(nodes, rows, counts)
    alike, place, slot = siblings(nodes)
    n = len(rows)
    for b in range(n):
        node = np.int64(rows[b, col.NODE])
        _own(out, b, rows[b], counts[b], text, repeats[b], nodes[node, col.DEPTH])
        tag = nodes[node, col.TAG_OF]
        at = N_OWN
        for k in range(N_TAGS):
            out[at + k, b] = tag == OWN_TAG_NUMBERS[k]
        at += N_TAGS
        for k in range(NEARS + GROUPS_COUNT):
            out[at + k, b] = near[node, k]
        at += NEARS + GROUPS_COUNT
        measure_levels(out, at, b, nodes, node, sums, alike, place)
        at += LEVELS * N_LEVEL
        measure_neighbour(out, at, b, b - 2, nodes, rows, counts)
        measure_neighbour(out, at + N_NEIGHBOUR, b, b - 1, nodes, rows, counts)
        measure_neighbour(out, at + 2 * N_NEIGHBOUR, b, b + 1, nodes, rows, counts)
        measure_neighbour(out, at + 3 * N_NEIGHBOUR, b, b + 2, nodes, rows, counts)
    at = N_OWN + N_TAGS + NEARS + GROUPS_COUNT + LEVELS * N_LEVEL + 4 * N_NEIGHBOUR
    measure_places(out, at, nodes, rows, counts, sums)
    at += N_PLACE
    measure_leans(out, at, leans, nodes, rows)
    measure_titles(out, at + len(LEAN), rows, counts, text, title)
    at += len(LEAN) + len(TITLE)
    largest, length = measure_series(out, at, nodes, rows, sums, alike, place, slot)
    at += N_ALL_SERIES
    for b in range(n):
        out[at, b], out[at + 1, b] = share(largest, sums[0, SUM_WORDS]), log(length)
    measure_page(out, at + 2, nodes, rows, counts, sums, near, hints)
