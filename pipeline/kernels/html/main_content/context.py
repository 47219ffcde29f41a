"""What the odds of the blocks around a block say of it: its neighbours, its container, its like; compiled.

A menu, a thread or a list of cards is kept or left out as a whole. The first trees see each block for itself; what
they make of the others is measured here, and a few more trees weigh it.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pipeline.kernels.compiled import compiled
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.main_content.context_features import siblings
from pipeline.kernels.html.main_content.feature_names import CONTEXT
from pipeline.kernels.html.main_content.select_blocks import choose
from pipeline.kernels.html.tree.nodes import Page
from pipeline.kernels.html.writing.blocks import Blocks

_NO_OTHERS: Final = -1.0
_NO_BLOCK: Final = -9.0
_LEVELS, _NEIGHBOURS = 4, 3
# What is counted of an element: words that are likely main content, words, the same of blocks, and blocks.
_LIKELY, _WORDS, _LIKELY_BLOCKS, _BLOCKS = range(4)
# The same of a series: likely words, words, and its elements.
_ELEMENTS = 2
# Fewer like elements are no series; a block's series is looked for so far up.
_FEWEST, _REACH = 3, 12
# Distances in blocks are no longer than this; and what they are where no block is likely, as blocks and as shares.
_FAR, _NO_LIKELY, _NO_LIKELY_SHARE = 60, 99, 3
_SLOTS: Final = 1 << 12


def measure_context(
    page: Page, blocks: Blocks, odds: npt.NDArray[np.float64], words: npt.NDArray[np.int64], article: float
) -> npt.NDArray[np.float32]:
    """What is known of blocks by the odds of others, float32 (len(CONTEXT), blocks).

    Args:
        page: Its elements.
        blocks: Its blocks.
        odds: The log-odds of each block, by itself.
        words: How many each has.
        article: How likely the page is an article.

    >>> from pipeline.kernels.html.writing.blocks import read_blocks
    >>> from pipeline.kernels.html.names import no_words
    >>> from pipeline.kernels.html.tree.nodes import read_nodes
    >>> page = read_nodes(b"<ul><li>Rye<li>Oats<li>Log in</ul>")
    >>> blocks = read_blocks(page, no_words())
    >>> context = measure_context(page, blocks, np.array([9.0, 9.0, -9.0]), np.array([1, 1, 2]), 0.0)
    >>> (context[CONTEXT.kin] > 0.5).tolist()
    [False, False, True]
    """
    out = np.zeros((len(CONTEXT), len(blocks.rows)), np.float32)
    alike, _, slot = siblings(page.nodes)
    probability = np.round(1 / (1 + np.exp(-odds)), 9)
    kept = choose(probability, words, nested=article).kept
    cut = float(odds[kept].min()) if kept.any() else 0.0
    # A block without words counts like one word, or nothing would be known of it.
    _measure(odds, probability, cut, words + 1.0, page.nodes, blocks.rows, alike, slot, out)
    out[CONTEXT.article] = article
    return out


@compiled
def _measure(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    odds: Any, probability: Any, cut: Any, words: Any, nodes: Any, rows: Any, alike: Any, slot: Any, out: Any
) -> None:
    likely = probability * words
    out[CONTEXT.page_words], out[CONTEXT.page_mean] = np.float32(likely.sum()), np.float32(likely.sum() / words.sum())
    out[CONTEXT.highest] = np.float32(odds.max())
    for b in range(len(rows)):
        out[CONTEXT.odds, b], out[CONTEXT.above_cut, b] = odds[b], odds[b] - cut
    _beside(out, odds, words, likely)
    sums = _sums(nodes, rows, words, likely)
    _above(out, nodes, rows, sums, words, likely)
    _alike(out, nodes, rows, words, likely)
    _in_series(out, nodes, rows, sums, alike, slot)
    _between(out, odds, words)


@compiled
def _mean(likely: Any, words: Any) -> Any:
    """Likely words among words; less than nothing where there are none."""
    return likely / words if words > 0.5 else _NO_OTHERS


@compiled
def _beside(out: Any, odds: Any, words: Any, likely: Any) -> None:
    """The blocks before, and those after."""
    n = len(odds)
    word_sums, likely_sums = np.zeros(n + 1), np.zeros(n + 1)
    for b in range(n):
        word_sums[b + 1], likely_sums[b + 1] = word_sums[b] + words[b], likely_sums[b] + likely[b]
    for b in range(n):
        for k in range(_NEIGHBOURS):
            before, after = b - 1 - k, b + 1 + k
            out[CONTEXT.before1 + k, b] = odds[before] if before >= 0 else _NO_BLOCK
            out[CONTEXT.after1 + k, b] = odds[after] if after < n else _NO_BLOCK
        for wide in range(2):
            reach = 12 if wide else 4
            low, high = max(0, b - reach), min(n, b + 1 + reach)
            out[CONTEXT.four_before + 2 * wide, b] = _mean(
                likely_sums[b] - likely_sums[low], word_sums[b] - word_sums[low]
            )
            out[CONTEXT.four_after + 2 * wide, b] = _mean(
                likely_sums[high] - likely_sums[b + 1], word_sums[high] - word_sums[b + 1]
            )


@compiled
def _sums(nodes: Any, rows: Any, words: Any, likely: Any) -> Any:
    """For each element what is counted of the blocks in it."""
    sums = np.zeros((len(nodes), 4))
    for b in range(len(rows)):
        row = sums[rows[b, col.NODE]]
        row[_LIKELY] += likely[b]
        row[_WORDS] += words[b]
        row[_LIKELY_BLOCKS] += likely[b] / words[b]
        row[_BLOCKS] += 1
    for node in range(len(nodes) - 1, 0, -1):
        above = sums[nodes[node, col.PARENT]]
        for k in range(4):
            above[k] += sums[node, k]
    return sums


@compiled
def _above(out: Any, nodes: Any, rows: Any, sums: Any, words: Any, likely: Any) -> None:
    """The other blocks in the elements above a block, each of which holds more than the one below it."""
    for b in range(len(rows)):
        node, level, size = rows[b, col.NODE], 0, 1.0
        while node > 0 and level < _LEVELS:
            row = sums[node]
            if row[_BLOCKS] > size:
                size = row[_BLOCKS]
                out[CONTEXT.level0 + level, b] = _mean(row[_LIKELY] - likely[b], row[_WORDS] - words[b])
                if level < _LEVELS - 1:
                    out[CONTEXT.blocks_of_level0 + level, b] = (row[_LIKELY_BLOCKS] - likely[b] / words[b]) / (size - 1)
                    out[CONTEXT.words_of_level0 + level, b] = row[_WORDS]
                level += 1
            node = nodes[node, col.PARENT]
        for missing in range(level, _LEVELS):
            out[CONTEXT.level0 + missing, b] = _NO_OTHERS
            if missing < _LEVELS - 1:
                out[CONTEXT.blocks_of_level0 + missing, b] = out[CONTEXT.words_of_level0 + missing, b] = _NO_OTHERS


@compiled
def _shape_slot(nodes: Any, node: Any) -> Any:
    return np.int64(nodes[node, col.SHAPE]) * 40503 >> 4 & _SLOTS - 1


@compiled
def _kin_slot(nodes: Any, node: Any) -> Any:
    above = np.int64(nodes[max(0, nodes[node, col.PARENT]), col.SHAPE])
    return np.int64(nodes[node, col.SHAPE]) * 1000003 + above * 40503 >> 4 & _SLOTS - 1


@compiled
def _alike(out: Any, nodes: Any, rows: Any, words: Any, likely: Any) -> None:
    """The other blocks of the page whose element has the same tag and classes; and those whose parent does, too."""
    shapes, kin = np.zeros((_SLOTS, 2)), np.zeros((_SLOTS, 2))
    for b in range(len(rows)):
        for row in (shapes[_shape_slot(nodes, rows[b, col.NODE])], kin[_kin_slot(nodes, rows[b, col.NODE])]):
            row[_LIKELY] += likely[b]
            row[_WORDS] += words[b]
    for b in range(len(rows)):
        row = shapes[_shape_slot(nodes, rows[b, col.NODE])]
        out[CONTEXT.shape, b] = _mean(row[_LIKELY] - likely[b], row[_WORDS] - words[b])
        out[CONTEXT.words_of_shape, b] = row[_WORDS] - words[b]
        row = kin[_kin_slot(nodes, rows[b, col.NODE])]
        out[CONTEXT.kin, b] = _mean(row[_LIKELY] - likely[b], row[_WORDS] - words[b])
        out[CONTEXT.words_of_kin, b] = row[_WORDS] - words[b]


@compiled
def _in_series(out: Any, nodes: Any, rows: Any, sums: Any, alike: Any, slot: Any) -> None:
    """The rest of the nearest series of like elements that a block stands in, and of the outermost one."""
    totals = np.zeros((slot.max() + 1, 3))
    for node in range(1, len(nodes)):
        if alike[node] >= _FEWEST and sums[node, _BLOCKS] > 0:
            row = totals[slot[node]]
            row[_LIKELY] += sums[node, _LIKELY]
            row[_WORDS] += sums[node, _WORDS]
            row[_ELEMENTS] += 1
    for b in range(len(rows)):
        out[CONTEXT.series, b] = out[CONTEXT.part_of_series, b] = _NO_OTHERS
        out[CONTEXT.outer_series, b] = out[CONTEXT.part_of_outer_series, b] = _NO_OTHERS
        node, up, in_series = rows[b, col.NODE], 0, False
        while node > 0 and up < _REACH:
            row = totals[slot[node]]
            if alike[node] >= _FEWEST and row[_ELEMENTS] >= _FEWEST:
                rest = _mean(row[_LIKELY] - sums[node, _LIKELY], row[_WORDS] - sums[node, _WORDS])
                part = sums[node, _LIKELY] / sums[node, _WORDS]
                if in_series:
                    out[CONTEXT.outer_series, b], out[CONTEXT.part_of_outer_series, b] = rest, part
                else:
                    out[CONTEXT.series, b], out[CONTEXT.part_of_series, b] = rest, part
                    out[CONTEXT.length_of_series, b] = row[_ELEMENTS]
                in_series = True
            node = nodes[node, col.PARENT]
            up += 1


@compiled
def _between(out: Any, odds: Any, words: Any) -> None:
    """How far the first, the last and the nearest likely blocks are."""
    n, first, last = len(odds), -1, -1
    for b in range(n):
        if odds[b] > 0 and words[b] > 1:
            first = b if first < 0 else first
            last = b
    length, before, passed = max(1, last - first), -1, 0.0
    for b in range(n):
        out[CONTEXT.share_since_first, b] = (b - first) / length if first >= 0 else -_NO_LIKELY_SHARE
        out[CONTEXT.share_until_last, b] = (last - b) / length if first >= 0 else -_NO_LIKELY_SHARE
        out[CONTEXT.since_first, b] = min(_FAR, b - first) if first >= 0 else -_NO_LIKELY
        out[CONTEXT.until_last, b] = min(_FAR, last - b) if first >= 0 else -_NO_LIKELY
        out[CONTEXT.is_between, b] = b >= first and b <= last
        out[CONTEXT.since_likely, b] = min(_FAR, b - before) if before >= 0 else _NO_LIKELY
        out[CONTEXT.words_since_likely, b] = passed if before >= 0 else _NO_OTHERS
        passed += words[b]
        if odds[b] > 0 and words[b] > 1:
            before, passed = b, 0.0
    after = -1
    for b in range(n - 1, -1, -1):
        out[CONTEXT.until_likely, b] = min(_FAR, after - b) if after >= 0 else _NO_LIKELY
        if odds[b] > 0 and words[b] > 1:
            after = b
