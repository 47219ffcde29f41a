"""What lies around a block: the elements above it, their like, their words, and the blocks beside it; compiled."""

from typing import Any

import numpy as np

from pipeline.kernels.compiled import compiled
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.feature_names import FAR, GROUPS_COUNT, LEVELS, N_LEVEL, NEAR_TAGS, NEARS
from pipeline.kernels.html.names import TAG

_LONG = 20
_H1, _H6 = TAG["h1"], TAG["h6"]
SUM_WORDS, SUM_LINKS, SUM_STOPS, SUM_LONG, SUM_BLOCKS = range(5)


@compiled
def log(value: Any) -> Any:
    """The logarithm of one more, float32."""
    return np.float32(np.log1p(np.float64(value)))


@compiled
def wide_log(value: Any) -> Any:
    """The logarithm of one more, float64."""
    return np.log1p(np.float64(value))


@compiled
def share(part: Any, whole: Any) -> Any:
    """A share of a whole, float32; 0 of nothing."""
    return np.float32(part) / np.float32(whole) if whole > 0 else np.float32(0)


@compiled
def is_long(count: Any) -> Any:
    """Whether a block is a paragraph of prose, by its counts."""
    words = count[col.WORDS] + count[col.ISLAND_WORDS]
    return words >= _LONG and 3 * count[col.LINK_WORDS] < words


@compiled
def nearest(nodes: Any, groups: Any) -> Any:
    """For each element how far up its nearest ancestor of each kind is, itself included: uint8 (nodes, kinds)."""
    near = np.full((len(nodes), NEARS + GROUPS_COUNT), FAR, np.uint8)
    place = np.full(256, -1, np.int64)
    for k in range(NEARS):
        place[NEAR_TAGS[k]] = k
    for node in range(1, len(nodes)):
        above = near[nodes[node, col.PARENT]]
        row = near[node]
        for k in range(NEARS + GROUPS_COUNT):
            row[k] = min(above[k] + 1, FAR)
        known = place[nodes[node, col.TAG_OF]]
        if known >= 0:
            row[known] = 0
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
        words = count[col.WORDS] + count[col.ISLAND_WORDS]
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
    slot, place = np.zeros(len(nodes), np.int64), np.zeros(len(nodes), np.int32)
    for node in range(1, len(nodes)):
        key = np.int64(nodes[node, col.PARENT]) << 31 | np.int64(nodes[node, col.SHAPE])
        # The high bits of the product: the low ones do not depend on the parent.
        at = np.int64(np.uint64(key) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(32)) & (size - 1)
        while keys[at] != -1 and keys[at] != key:
            at = at + 1 & (size - 1)
        keys[at] = key
        place[node] = number[at]
        number[at] += 1
        slot[node] = at
    alike = np.zeros(len(nodes), np.int32)
    for node in range(1, len(nodes)):
        alike[node] = number[slot[node]]
    return alike, place, slot


@compiled
def measure_levels(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    out: Any, at: Any, b: Any, nodes: Any, node: Any, sums: Any, alike: Any, place: Any
) -> None:
    """The element of a block, and the next three above it that hold more than what they stand in."""
    total = sums[0, SUM_WORDS]
    for level in range(LEVELS):
        row = sums[node]
        words = row[SUM_WORDS]
        k = at + level * N_LEVEL
        out[k, b] = log(words)
        out[k + 1, b] = share(words, total)
        out[k + 2, b] = share(row[SUM_LINKS], words)
        out[k + 3, b] = share(row[SUM_STOPS], words)
        out[k + 4, b] = log(share(words, row[SUM_BLOCKS]))
        out[k + 5, b] = share(row[SUM_LONG], words)
        out[k + 6, b] = nodes[node, col.DEPTH]
        out[k + 7, b] = log(alike[node])
        out[k + 8, b] = share(place[node], alike[node])
        while node > 0 and sums[node, SUM_BLOCKS] == row[SUM_BLOCKS]:
            node = nodes[node, col.PARENT]


@compiled
def measure_neighbour(out: Any, at: Any, b: Any, other: Any, nodes: Any, rows: Any, counts: Any) -> None:
    """The block beside a block, if there is one."""
    if other < 0 or other >= len(rows):
        out[at, b] = -1
        return
    count, node, mine = counts[other], rows[other, col.NODE], rows[b, col.NODE]
    words = count[col.WORDS]
    out[at, b] = log(words + count[col.ISLAND_WORDS])
    out[at + 1, b] = share(count[col.LINK_WORDS], words)
    out[at + 2, b] = share(count[col.STOPS], words)
    out[at + 3, b] = share(count[col.WEIGHT], count[col.KNOWN])
    out[at + 4, b] = nodes[node, col.PARENT] == nodes[mine, col.PARENT]
    tag = nodes[node, col.TAG_OF]
    out[at + 5, b] = tag >= _H1 and tag <= _H6
    out[at + 6, b] = nodes[node, col.SHAPE] == nodes[mine, col.SHAPE]


@compiled
def measure_leans(out: Any, at: Any, leans: Any, nodes: Any, rows: Any) -> None:
    """What the classes around a block say: of its three nearest elements that say anything, least, most and sum."""
    found = np.zeros((len(nodes), 6), np.float32)
    for node in range(1, len(nodes)):
        above, row = found[nodes[node, col.PARENT]], found[node]
        row[:] = above
        if leans[node, 1]:
            lean = np.float32(leans[node, 0]) / np.float32(leans[node, 1])
            row[0], row[1], row[2] = lean, above[0], above[1]
            row[3], row[4] = min(above[3], lean), max(above[4], lean)
            row[5] = above[5] + lean
    for b in range(len(rows)):
        for k in range(6):
            out[at + k, b] = found[rows[b, col.NODE], k]
        if b > 0:
            out[at + 6, b] = found[rows[b - 1, col.NODE], 0]
        if b + 1 < len(rows):
            out[at + 7, b] = found[rows[b + 1, col.NODE], 0]
