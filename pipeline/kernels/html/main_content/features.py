"""What is known of each text block: what it says, where it stands, what lies around it; compiled."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pipeline.kernels.compiled import compiled
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.main_content.context_features import (
    SUM_WORDS,
    measure_class_weights,
    measure_levels,
    measure_neighbours,
    nearest,
    share,
    siblings,
    sums_of,
)
from pipeline.kernels.html.main_content.feature_names import (
    GROUPS_COUNT,
    IS_FROM,
    NAMES,
    NEAR_FROM,
    NEARS,
    OWN,
    OWN_TAG_NUMBERS,
    PAGE,
)
from pipeline.kernels.html.main_content.page_features import measure_page
from pipeline.kernels.html.main_content.position_features import measure_positions, measure_titles
from pipeline.kernels.html.main_content.sibling_features import measure_siblings
from pipeline.kernels.html.tree.nodes import Page
from pipeline.kernels.html.writing.blocks import Blocks

Features = npt.NDArray[np.float32]

_MAX_TITLE: Final = 600
_MAX_MONEY: Final = 9
_MAX_OWN_WORDS: Final = 50
_STOPS: Final = tuple(b".!?")
_COLON: Final = ord(":")
_NOT_ASCII: Final = 128
_A, _Z, _ZERO, _NINE = b"AZ09"


def measure_blocks(page: Page, blocks: Blocks, hints: npt.NDArray[np.float32], title: str = "") -> Features:
    """The features of a page's blocks, float32 (len(NAMES), blocks).

    Args:
        page: Its elements.
        blocks: Its blocks.
        hints: What its head says it is, float32 (HINTS,).
        title: Its title.

    >>> from pipeline.kernels.html.writing.blocks import read_blocks
    >>> from pipeline.kernels.html.main_content.feature_names import HINTS
    >>> from pipeline.kernels.html.names import word_table
    >>> from pipeline.kernels.html.tree.nodes import read_nodes
    >>> page = read_nodes(b"<nav><a href=/>Home</a></nav><p>Rye is a grass.")
    >>> found = measure_blocks(page, read_blocks(page, word_table([])), np.zeros(HINTS, np.float32))
    >>> found[NAMES.index("own.link_share")].tolist(), found[NAMES.index("near.nav")].tolist()
    ([1.0, 0.0], [0.0, 12.0])
    """
    out = np.zeros((len(NAMES), len(blocks.rows)), np.float32)
    if len(blocks.rows):
        titled = np.frombuffer(bytearray(title.encode("utf-8", "replace")[:_MAX_TITLE] + b" "), np.uint8)
        _measure(
            page.nodes, page.groups, page.class_weights, blocks.rows, blocks.counts, blocks.text, titled, hints, out
        )
    return out


@compiled
def _own(out: Any, b: Any, row: Any, count: Any, text: Any) -> None:
    """What a block says itself."""
    words, chars = count[col.WORDS], count[col.CHARS]
    out[OWN.words, b] = words + count[col.EMBEDDED_WORDS]
    out[OWN.chars, b] = chars
    out[OWN.link_share, b] = share(count[col.LINK_WORDS], words)
    out[OWN.links, b] = count[col.LINKS]
    out[OWN.word_length, b] = share(chars, words)
    out[OWN.comma_share, b] = share(count[col.COMMAS], words)
    out[OWN.stop_share, b] = share(count[col.STOPS], words)
    out[OWN.digit_share, b] = share(count[col.DIGITS], chars)
    out[OWN.capital_share, b] = share(count[col.CAPITALS], words)
    out[OWN.strong_share, b] = share(count[col.STRONG_WORDS], words)
    out[OWN.button_share, b] = share(count[col.BUTTON_WORDS], words)
    out[OWN.code_share, b] = share(count[col.CODE_WORDS], words)
    out[OWN.breaks, b] = count[col.BREAKS]
    out[OWN.images, b] = count[col.IMAGES]
    out[OWN.inputs, b] = count[col.INPUTS]
    out[OWN.cells, b] = count[col.CELLS]
    out[OWN.sign_share, b] = share(count[col.SIGNS], chars)
    out[OWN.long_share, b] = share(count[col.LONG_WORDS], words)
    out[OWN.foreign_share, b] = share(count[col.FOREIGN], chars)
    out[OWN.island_words, b] = count[col.EMBEDDED_WORDS]
    out[OWN.formulas, b] = count[col.FORMULAS]
    out[OWN.weight, b] = share(count[col.WEIGHT], count[col.KNOWN])
    out[OWN.known_share, b] = share(count[col.KNOWN], words)
    out[OWN.least, b] = count[col.LEAST]
    out[OWN.most, b] = count[col.MOST]
    out[OWN.in_page_links, b] = count[col.IN_PAGE_LINKS]
    out[OWN.out_links, b] = count[col.OUT_LINKS]
    out[OWN.hidden_share, b] = share(count[col.HIDDEN_WORDS], words)
    out[OWN.kind, b] = row[col.KIND]
    out[OWN.is_row, b] = row[col.TABLE] > 0
    out[OWN.own_words, b] = min(words, _MAX_OWN_WORDS)
    out[OWN.weight_sum, b] = count[col.WEIGHT]
    out[OWN.money, b] = min(count[col.MONEY], _MAX_MONEY)
    last, first = text[row[col.STOP] - 1], text[row[col.BEGIN]]
    out[OWN.ends_with_stop, b] = last in _STOPS or last >= _NOT_ASCII
    out[OWN.ends_with_colon, b] = last == _COLON
    out[OWN.first_capital, b] = first >= _A and first <= _Z
    out[OWN.first_digit, b] = first >= _ZERO and first <= _NINE


@compiled
def _repeats(out: Any, counts: Any) -> None:
    """How many blocks of the page say the same as a block."""
    size = 16
    while size < 2 * len(counts):
        size *= 2
    owner, number = np.full(size, -1, np.int64), np.zeros(size, np.int64)
    slot = np.zeros(len(counts), np.int64)
    for b in range(len(counts)):
        key = counts[b, col.HASH]
        at = np.int64(np.uint64(key) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(32)) & (size - 1)
        while owner[at] >= 0 and counts[owner[at], col.HASH] != key:
            at = at + 1 & (size - 1)
        owner[at] = b
        number[at] += 1
        slot[b] = at
    for b in range(len(counts)):
        out[OWN.repeats, b] = number[slot[b]]


@compiled
def _measure(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    nodes: Any, groups: Any, class_weights: Any, rows: Any, counts: Any, text: Any, title: Any, hints: Any, out: Any
) -> None:
    near, sums = nearest(nodes, groups), sums_of(nodes, rows, counts)
    alike, index, slot = siblings(nodes)
    for b in range(len(rows)):
        node = np.int64(rows[b, col.NODE])
        _own(out, b, rows[b], counts[b], text)
        out[OWN.tag_depth, b] = nodes[node, col.DEPTH]
        tag = nodes[node, col.TAG_OF]
        for k in range(len(OWN_TAG_NUMBERS)):
            if tag == OWN_TAG_NUMBERS[k]:
                out[IS_FROM + k, b] = 1
        for k in range(NEARS + GROUPS_COUNT):
            out[NEAR_FROM + k, b] = near[node, k]
        measure_levels(out, b, nodes, node, sums, alike, index)
    _repeats(out, counts)
    measure_neighbours(out, nodes, rows)
    measure_positions(out, nodes, rows, counts, sums)
    measure_class_weights(out, class_weights, nodes, rows)
    measure_titles(out, rows, counts, text, title)
    largest, length = measure_siblings(out, nodes, rows, sums, alike, index, slot)
    out[PAGE.series_share], out[PAGE.series_length] = share(largest, sums[0, SUM_WORDS]), np.float32(length)
    measure_page(out, nodes, rows, counts, sums, near, hints)
