"""Where a block stands in its page: its order, headings, long blocks, the best element, the title; compiled."""

from typing import Any

import numpy as np

from pipeline.kernels.compiled import compiled
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.main_content.context_features import SUM_WORDS, is_long, share
from pipeline.kernels.html.main_content.feature_names import PLACE, TITLE
from pipeline.kernels.html.names import TAG

_H1, _H6 = TAG["h1"], TAG["h6"]
_WINDOW = 6


@compiled
def best_element(nodes: Any, rows: Any, counts: Any) -> Any:
    """The element that holds the most prose right below it, as readability tools score it."""
    score = np.zeros(len(nodes), np.float64)
    best, top = 0, 0.0
    for b in range(len(rows)):
        count = counts[b]
        words = count[col.WORDS] + count[col.EMBEDDED_WORDS] - 2 * count[col.LINK_WORDS]
        if words < 6:
            continue
        gain = min(words, 100.0) + 4.0 * count[col.COMMAS]
        node = nodes[rows[b, col.NODE], col.PARENT]
        for _ in range(3):
            if node <= 0:
                break
            score[node] += gain
            if score[node] > top * 1.0001:
                best, top = node, score[node]
            gain *= 0.6
            node = nodes[node, col.PARENT]
    return best


@compiled
def measure_positions(out: Any, nodes: Any, rows: Any, counts: Any, sums: Any) -> None:
    """Where the blocks stand in the page."""
    h1 = _measure_forward(out, nodes, rows, counts, max(1, sums[0, SUM_WORDS]))
    _measure_backward(out, nodes, rows, counts, h1)
    _measure_best(out, nodes, rows, sums, best_element(nodes, rows, counts))
    _windows(out, len(rows), counts)


@compiled
def _measure_forward(out: Any, nodes: Any, rows: Any, counts: Any, total: Any) -> Any:
    """How far the start, the last heading and the last long block lie back; return the first h1's block."""
    n = len(rows)
    before, heading, level, long, first_long, h1 = 0, -1, 0, -1, -1, -1
    for b in range(n):
        count, tag = counts[b], nodes[rows[b, col.NODE], col.TAG_OF]
        out[PLACE.index, b], out[PLACE.index_share, b] = min(b, 200), share(b, n)
        out[PLACE.words_before, b] = share(before, total)
        out[PLACE.from_heading, b] = min(b - heading, 50) if heading >= 0 else 60
        out[PLACE.heading_level, b] = level
        out[PLACE.from_long, b] = min(b - long, 50) if long >= 0 else 60
        out[PLACE.since_first_long, b] = min(b - first_long, 100) if first_long >= 0 else -1
        before += count[col.WORDS] + count[col.EMBEDDED_WORDS]
        out[PLACE.words_after, b] = share(total - before, total)
        if tag >= _H1 and tag <= _H6:
            heading, level = b, tag - _H1 + 1
            if tag == _H1 and h1 < 0:
                h1 = b
                out[PLACE.is_first_h1, b] = 1
        if is_long(count):
            long = b
            if first_long < 0:
                first_long = b
    return h1


@compiled
def _measure_backward(out: Any, nodes: Any, rows: Any, counts: Any, h1: Any) -> None:
    """How far the next heading, the next long block and the last one lie ahead, and the first h1 back."""
    heading, long, last_long = -1, -1, -1
    for b in range(len(rows) - 1, -1, -1):
        tag = nodes[rows[b, col.NODE], col.TAG_OF]
        out[PLACE.to_heading, b] = min(heading - b, 50) if heading >= 0 else 60
        out[PLACE.to_long, b] = min(long - b, 50) if long >= 0 else 60
        out[PLACE.until_last_long, b] = min(last_long - b, 100) if last_long >= 0 else -1
        out[PLACE.since_h1, b] = max(-50, min(50, b - h1)) if h1 >= 0 else -60
        if tag >= _H1 and tag <= _H6:
            heading = b
        if is_long(counts[b]):
            long = b
            if last_long < 0:
                last_long = b


@compiled
def _measure_best(out: Any, nodes: Any, rows: Any, sums: Any, best: Any) -> None:
    """How far a block's element is from the best element, and how much of the page stands in both."""
    total = max(1, sums[0, SUM_WORDS])
    above = np.zeros(len(nodes), np.uint8)
    node = best
    while node > 0:
        above[node] = 1
        node = nodes[node, col.PARENT]
    above[0] = 1
    inside = np.zeros(len(nodes), np.uint8)
    for node in range(1, len(nodes)):
        inside[node] = node == best or inside[nodes[node, col.PARENT]]
    for b in range(len(rows)):
        up, node = 0, rows[b, col.NODE]
        while node > 0 and not above[node]:
            node = nodes[node, col.PARENT]
            up += 1
        out[PLACE.best_up, b] = min(up, 20)
        out[PLACE.best_inside, b] = inside[rows[b, col.NODE]]
        out[PLACE.best_share, b] = share(sums[node, SUM_WORDS], total)
        out[PLACE.best_depth, b] = nodes[best, col.DEPTH] - nodes[node, col.DEPTH]


@compiled
def _windows(out: Any, n: Any, counts: Any) -> None:
    """Words, linked words and long blocks among the six blocks before, and the six after."""
    words, links, longs = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    for b in range(n):
        words[b + 1] = words[b] + counts[b, col.WORDS] + counts[b, col.EMBEDDED_WORDS]
        links[b + 1] = links[b] + counts[b, col.LINK_WORDS]
        longs[b + 1] = longs[b] + is_long(counts[b])
    for b in range(n):
        low, high = max(0, b - _WINDOW), min(n, b + 1 + _WINDOW)
        before, after = words[b] - words[low], words[high] - words[b + 1]
        out[PLACE.window_words_before, b], out[PLACE.window_words_after, b] = before, after
        out[PLACE.window_links_before, b] = share(links[b] - links[low], before)
        out[PLACE.window_links_after, b] = share(links[high] - links[b + 1], after)
        out[PLACE.window_long_before, b] = longs[b] - longs[low]
        out[PLACE.window_long_after, b] = longs[high] - longs[b + 1]


@compiled
def _word_keys(text: Any, start: Any, stop: Any, keys: Any) -> Any:
    """Hashes of the words of a stretch of text, as many as `keys` holds; return how many."""
    count, key, chars = 0, np.uint64(0xCBF29CE484222325), 0
    for at in range(start, stop + 1):
        byte = text[at] if at < stop else np.uint8(32)
        small = byte + 32 if byte >= 65 and byte <= 90 else byte
        if (small >= 97 and small <= 122) or (small >= 48 and small <= 57) or small >= 128:
            key = (key ^ np.uint64(small)) * np.uint64(0x100000001B3)
            chars += 1
        elif chars:
            if count < len(keys):
                keys[count] = key
                count += 1
            key, chars = np.uint64(0xCBF29CE484222325), 0
    return count


@compiled
def measure_titles(out: Any, rows: Any, counts: Any, text: Any, title: Any) -> None:
    """How much of a short block stands in the title, and of the title in the block."""
    wanted, said = np.zeros(64, np.uint64), np.zeros(40, np.uint64)
    size = _word_keys(title, np.int64(0), len(title) - 1, wanted)
    for b in range(len(rows)):
        if not size or counts[b, col.WORDS] > 30:
            continue
        words = _word_keys(text, np.int64(rows[b, col.BEGIN]), np.int64(rows[b, col.STOP]), said)
        both, covered = 0, 0
        for k in range(words):
            for j in range(size):
                if said[k] == wanted[j]:
                    both += 1
                    break
        for j in range(size):
            for k in range(words):
                if said[k] == wanted[j]:
                    covered += 1
                    break
        out[TITLE.share, b], out[TITLE.cover, b] = share(both, words), share(covered, size)
