"""What stands in a line: links, emphasis, raised signs, code, formulas, pictures; compiled."""

from typing import Any

import numpy as np

from pipeline.kernels.compiled import compiled
from pipeline.kernels.html import columns as col
from pipeline.kernels.html import page_writer as writer
from pipeline.kernels.html import pen
from pipeline.kernels.html.names import (
    BLOCK,
    CODE_ISLAND,
    INLINE_CODE,
    LEFTOVER,
    MATH,
    RENDERED,
    TAG,
)
from pipeline.kernels.html.page_writer import (
    AT_ALTS,
    AT_BEGAN,
    AT_BLOCK_IN_CODE,
    AT_COUNT,
    AT_ISLANDS,
    AT_LINK_NODE,
    AT_LINKS,
    AT_OWNER,
    AT_QUOTE_AT,
    AT_QUOTE_NODE,
    AT_ROW,
    flush,
)
from pipeline.kernels.html.scripts import is_script
from pipeline.kernels.html.tags import HAS_LINK, HAS_SOURCE, IN_PAGE, OUTWARD

_A, _BR, _P, _FIGURE, _BUTTON, _INPUT = (TAG[name] for name in ("a", "br", "p", "figure", "button", "input"))
_SUP, _SUB, _B, _STRONG, _EM, _I = (TAG[name] for name in ("sup", "sub", "b", "strong", "em", "i"))


@compiled
def _text_size(work: Any, first: Any, last: Any) -> Any:
    """The bytes of text in a stretch of events."""
    size = np.int64(0)
    for at in range(first, last):
        if work.events[at, 0] == col.TEXT:
            size += work.events[at, 3] - work.events[at, 2]
    return size


@compiled
def write_island(work: Any, node: Any, at: Any, scripts: Any) -> Any:
    """Write the placeholder of an element that is an island; return the event to go on from, or -1 if it is none."""
    s, w = work.s, work.w
    row = work.nodes[node]
    kind = row[col.ISLAND]
    if kind in (LEFTOVER, RENDERED) and scripts:
        return np.int64(row[col.LAST])
    if (
        kind == LEFTOVER
        or (kind != CODE_ISLAND and not row[col.FLAGS] & HAS_SOURCE)
        or s[AT_ISLANDS] >= len(work.islands)
    ):
        return np.int64(-1)
    chars = _text_size(work, at, row[col.LAST])
    counts = work.counts[s[AT_COUNT]]
    if kind == CODE_ISLAND and not s[AT_ROW]:
        flush(work, col.PROSE)
        counts = work.counts[s[AT_COUNT]]
        owner = s[AT_OWNER]
        s[AT_OWNER] = node
        writer.write_placeholder(work, np.int64(kind), np.int64(row[col.START]), np.int64(row[col.END]), node)
        counts[col.ISLAND_WORDS], counts[col.CHARS] = 1 + chars // 6, chars
        flush(work, col.PREFORMATTED)
        s[AT_OWNER] = owner
    else:
        pen.end_word(w, counts, work.lexicon)
        pen.put_space(work.out, w, s[AT_BEGAN])
        formula = np.int64(MATH if kind == RENDERED else kind)
        writer.write_placeholder(work, formula, np.int64(row[col.START]), np.int64(row[col.END]), node)
        counts[col.FORMULAS] += 1
        counts[col.ISLAND_WORDS] += 1 + min(chars, 200) // 8
    return np.int64(row[col.LAST])


@compiled
def _open_code(work: Any, node: Any, at: Any) -> Any:
    """Begin code in a sentence; return the event to go on from where its lines make it a block, else -1."""
    s, w = work.s, work.w
    if s[AT_QUOTE_NODE] >= 0:
        return np.int64(-1)
    breaks, last = 0, work.nodes[node, col.LAST]
    if at < s[AT_BLOCK_IN_CODE] and s[AT_BLOCK_IN_CODE] < last:
        return np.int64(-1)
    for inner in range(at + 1, last):
        if work.events[inner, 0] == col.OPEN:
            tag = work.nodes[work.events[inner, 1], col.TAG_OF]
            breaks += tag == _BR
            if work.flags[tag] & BLOCK:
                s[AT_BLOCK_IN_CODE] = inner
                return np.int64(-1)
    if breaks and not s[AT_ROW] and s[AT_ISLANDS] < len(work.islands):
        work.nodes[node, col.ISLAND] = CODE_ISLAND
        return write_island(work, node, at, np.int64(0))
    pen.put_space(work.out, w, s[AT_BEGAN])
    pen.end_word(w, work.counts[s[AT_COUNT]], work.lexicon)
    s[AT_QUOTE_NODE], s[AT_QUOTE_AT] = node, w[pen.POS]
    w[pen.CODE] = 1
    return np.int64(-1)


@compiled
def _is_permalink(work: Any, node: Any, at: Any) -> Any:
    """Whether a link within the page is the sign by which a heading can be linked to: `¶`, `#`, `§`."""
    if work.nodes[node, col.LAST] != at + 2 or work.events[at + 1, 0] != col.TEXT:
        return False
    first, last = np.int64(work.events[at + 1, 2]), np.int64(work.events[at + 1, 3])
    if last - first == 1:
        return work.src[first] == 35
    if last - first == 2:
        return work.src[first] == 0xC2 and (work.src[first + 1] == 0xB6 or work.src[first + 1] == 0xA7)
    if last - first != 6 or work.src[first] != 38:  # "&para;", "&#182;", "&sect;"
        return False
    name = work.src[first + 1] << 8 | work.src[first + 2]
    return name in (0x7061, 0x2331, 0x7365)


@compiled
def open_inline(work: Any, node: Any, tag: Any, at: Any) -> Any:
    """Open an element that does not break the line; return the event to go on from, or -1."""
    s, w = work.s, work.w
    counts = work.counts[s[AT_COUNT]]
    flags = work.nodes[node, col.FLAGS]
    if tag == _A:
        if flags & IN_PAGE and _is_permalink(work, node, at):
            return np.int64(work.nodes[node, col.LAST])
        if flags & HAS_LINK:
            w[pen.LINK] = 1
            s[AT_LINKS] += 1
            s[AT_LINK_NODE] = node
            counts[col.LINKS] += 1
            counts[col.IN_PAGE_LINKS] += flags & IN_PAGE != 0
            counts[col.OUT_LINKS] += flags & OUTWARD != 0
    elif tag in (_B, _STRONG, _EM, _I):
        w[pen.STRONG] += 1
    elif tag == _BUTTON:
        pen.end_word(w, counts, work.lexicon)
        w[pen.SPACE] = 1
        w[pen.BUTTON] += 1
    elif tag in (_SUP, _SUB):
        work.marks[node, 0], work.marks[node, 1] = w[pen.POS], s[AT_LINKS] - (1 if w[pen.LINK] else 0)
        if w[pen.SPACE]:
            work.marks[node, 0] = -1
    elif tag == _INPUT:
        counts[col.INPUTS] += 1
    elif work.flags[tag] & INLINE_CODE:
        return _open_code(work, node, at)
    return np.int64(-1)


@compiled
def close_inline(work: Any, node: Any, tag: Any) -> None:
    """Close an element that does not break the line."""
    s, w = work.s, work.w
    if tag == _A:
        if node == s[AT_LINK_NODE]:
            pen.end_word(w, work.counts[s[AT_COUNT]], work.lexicon)
            w[pen.LINK] = 0
    elif tag in (_B, _STRONG, _EM, _I):
        pen.end_word(w, work.counts[s[AT_COUNT]], work.lexicon)
        w[pen.STRONG] -= 1
    elif tag == _BUTTON:
        pen.end_word(w, work.counts[s[AT_COUNT]], work.lexicon)
        w[pen.SPACE] = 1
        w[pen.BUTTON] -= 1
    elif tag in (_SUP, _SUB) and work.marks[node, 0] >= s[AT_BEGAN] and work.marks[node, 1] == s[AT_LINKS]:
        start, stop = np.int64(work.marks[node, 0]), w[pen.POS]
        if is_script(work.out, s[AT_BEGAN], start, stop, tag == _SUP, work.typography):
            writer.write_script(work, start, stop, 94 if tag == _SUP else 95)
    elif work.flags[tag] & INLINE_CODE and s[AT_QUOTE_NODE] == node:
        writer.end_quote(work)


@compiled
def note_picture(work: Any, node: Any) -> None:
    """Count a picture, and let its words wait for the end of the block where they say something."""
    s = work.s
    work.counts[s[AT_COUNT], col.IMAGES] += 1
    row = work.nodes[node]
    if s[AT_ROW] or s[AT_ALTS] >= len(work.alts) or row[col.ALT_END] - row[col.ALT] < 20:
        return
    up, steps = row[col.PARENT], 0
    while up > 0 and steps < 8:
        tag = work.nodes[up, col.TAG_OF]
        if tag in (_P, _FIGURE):
            work.alts[s[AT_ALTS]] = node
            s[AT_ALTS] += 1
            return
        up = work.nodes[up, col.PARENT]
        steps += 1
