"""What lies around a block: the elements above it, their like, their words, and the blocks beside it; compiled."""

from typing import Any

import numpy as np

from pipeline.kernels.compiled import compiled
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.main_content.feature_names import (
    AFTER,
    AFTER2,
    BEFORE,
    BEFORE2,
    FAR,
    GROUPS_COUNT,
    LEAN,
    LEVEL,
    LEVELS,
    N_LEVEL,
    NEAR_TAGS,
    NEARS,
    OWN,
)
from pipeline.kernels.html.names import TAG

_LONG = 20
# In place of a number of words, where there is no block.
NOBODY = -1
_H1, _H6 = TAG["h1"], TAG["h6"]
SUM_WORDS, SUM_LINKS, SUM_STOPS, SUM_LONG, SUM_BLOCKS = range(5)


@compiled
def share(part: Any, whole: Any) -> Any:
    """A share of a whole, float32; 0 of nothing."""
    return np.float32(part) / np.float32(whole) if whole > 0 else np.float32(0)


@compiled
def is_long(count: Any) -> Any:
    """Whether a block is a paragraph of prose, by its counts."""
    words = count[col.WORDS] + count[col.EMBEDDED_WORDS]
    return words >= _LONG and 3 * count[col.LINK_WORDS] < words


@compiled
def nearest(nodes: Any, groups: Any) -> Any:
    """For each element how far up its nearest ancestor of each kind is, itself included: uint8 (nodes, kinds)."""
    near = np.full((len(nodes), NEARS + GROUPS_COUNT), FAR, np.uint8)
    latest = np.full(256, -1, np.int64)
    for k in range(NEARS):
        latest[NEAR_TAGS[k]] = k
    for node in range(1, len(nodes)):
        above = near[nodes[node, col.PARENT]]
        row = near[node]
        for k in range(NEARS + GROUPS_COUNT):
            row[k] = min(above[k] + 1, FAR)
        last = latest[nodes[node, col.TAG_OF]]
        if last >= 0:
            row[last] = 0
        bits = groups[node]
        group = 0
        while bits:
            if bits & 1:
                row[NEARS + group] = 0
            bits >>= 1
            group += 1
    return near


@compiled
def sums_of(nodes: Any, rows: Any, counts: Any) -> Any:
    """For each element the words, linked words, stops, words of long blocks, and blocks in it."""
    sums = np.zeros((len(nodes), 5), np.int64)
    for block in range(len(rows)):
        row, count = sums[rows[block, col.NODE]], counts[block]
        words = count[col.WORDS] + count[col.EMBEDDED_WORDS]
        row[SUM_WORDS] += words
        row[SUM_LINKS] += count[col.LINK_WORDS]
        row[SUM_STOPS] += count[col.STOPS]
        row[SUM_BLOCKS] += 1
        if is_long(count):
            row[SUM_LONG] += words
    for node in range(len(nodes) - 1, 0, -1):
        above = sums[nodes[node, col.PARENT]]
        for k in range(5):
            above[k] += sums[node, k]
    return sums


@compiled
def siblings(nodes: Any) -> Any:
    """For each element how many siblings are like it in tag and class, which of them it is, and their number."""
    size = 16
    while size < 3 * len(nodes):
        size *= 2
    keys, number = np.full(size, -1, np.int64), np.zeros(size, np.int32)
    slot, index = np.zeros(len(nodes), np.int64), np.zeros(len(nodes), np.int32)
    for node in range(1, len(nodes)):
        key = np.int64(nodes[node, col.PARENT]) << 31 | np.int64(nodes[node, col.SHAPE])
        # The high bits of the product: the low ones do not depend on the parent.
        at = np.int64(np.uint64(key) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(32)) & (size - 1)
        while keys[at] != -1 and keys[at] != key:
            at = at + 1 & (size - 1)
        keys[at] = key
        index[node] = number[at]
        number[at] += 1
        slot[node] = at
    alike = np.zeros(len(nodes), np.int32)
    for node in range(1, len(nodes)):
        alike[node] = number[slot[node]]
    return alike, index, slot


@compiled
def measure_levels(out: Any, b: Any, nodes: Any, node: Any, sums: Any, alike: Any, index: Any) -> None:
    """The element of a block, and the next three above it that hold more than what they stand in."""
    total = sums[0, SUM_WORDS]
    for level in range(LEVELS):
        row = sums[node]
        words = row[SUM_WORDS]
        k = level * N_LEVEL
        out[LEVEL.words + k, b] = words
        out[LEVEL.share + k, b] = share(words, total)
        out[LEVEL.link_share + k, b] = share(row[SUM_LINKS], words)
        out[LEVEL.stop_share + k, b] = share(row[SUM_STOPS], words)
        out[LEVEL.words_a_block + k, b] = share(words, row[SUM_BLOCKS])
        out[LEVEL.long_share + k, b] = share(row[SUM_LONG], words)
        out[LEVEL.depth + k, b] = nodes[node, col.DEPTH]
        out[LEVEL.alike + k, b] = alike[node]
        out[LEVEL.place + k, b] = share(index[node], alike[node])
        while node > 0 and sums[node, SUM_BLOCKS] == row[SUM_BLOCKS]:
            node = nodes[node, col.PARENT]


@compiled
def measure_neighbours(out: Any, nodes: Any, rows: Any) -> None:
    """The two blocks before a block, and the two after, where there are any; what they say themselves is known."""
    _measure_neighbour(out, BEFORE2.words, -2, nodes, rows)
    _measure_neighbour(out, BEFORE.words, -1, nodes, rows)
    _measure_neighbour(out, AFTER.words, 1, nodes, rows)
    _measure_neighbour(out, AFTER2.words, 2, nodes, rows)


@compiled
def _measure_neighbour(out: Any, first: Any, step: Any, nodes: Any, rows: Any) -> None:
    n = len(rows)
    shift = first - BEFORE2.words
    out[first] = NOBODY
    for b in range(max(0, -step), n - max(0, step)):
        other = b + step
        out[first, b] = out[OWN.words, other]
        out[BEFORE2.link_share + shift, b] = out[OWN.link_share, other]
        out[BEFORE2.stop_share + shift, b] = out[OWN.stop_share, other]
        out[BEFORE2.weight + shift, b] = out[OWN.weight, other]
        node, mine = rows[other, col.NODE], rows[b, col.NODE]
        out[BEFORE2.same_parent + shift, b] = nodes[node, col.PARENT] == nodes[mine, col.PARENT]
        tag = nodes[node, col.TAG_OF]
        out[BEFORE2.heading + shift, b] = tag >= _H1 and tag <= _H6
        out[BEFORE2.same_shape + shift, b] = nodes[node, col.SHAPE] == nodes[mine, col.SHAPE]


# What the classes above an element say, as it is handed down the tree.
_NEAREST, _SECOND, _THIRD, _LEAST, _MOST, _SUM = range(6)


@compiled
def measure_class_weights(out: Any, class_weights: Any, nodes: Any, rows: Any) -> None:
    """What the classes around a block say: of its three nearest elements that say anything, least, most and sum."""
    weights = np.zeros((len(nodes), 6), np.float32)
    for node in range(1, len(nodes)):
        above, row = weights[nodes[node, col.PARENT]], weights[node]
        row[:] = above
        if class_weights[node, 1]:
            lean = np.float32(class_weights[node, 0]) / np.float32(class_weights[node, 1])
            row[_NEAREST], row[_SECOND], row[_THIRD] = lean, above[_NEAREST], above[_SECOND]
            row[_LEAST], row[_MOST] = min(above[_LEAST], lean), max(above[_MOST], lean)
            row[_SUM] = above[_SUM] + lean
    for b in range(len(rows)):
        row = weights[rows[b, col.NODE]]
        out[LEAN.nearest, b], out[LEAN.second, b], out[LEAN.third, b] = row[_NEAREST], row[_SECOND], row[_THIRD]
        out[LEAN.least, b], out[LEAN.most, b], out[LEAN.sum, b] = row[_LEAST], row[_MOST], row[_SUM]
        if b > 0:
            out[LEAN.before, b] = weights[rows[b - 1, col.NODE], _NEAREST]
        if b + 1 < len(rows):
            out[LEAN.after, b] = weights[rows[b + 1, col.NODE], _NEAREST]
