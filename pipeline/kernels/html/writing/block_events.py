"""What the events of a page do to its blocks: elements open and close, texts are written, lines end; compiled."""

from typing import Final

import numpy as np

from pipeline.kernels.array_types import Bool, Bytes, Counts, Int, Row
from pipeline.kernels.compiled import lean
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.names import BLOCK, HIDDEN, TAG, TOLD
from pipeline.kernels.html.tags import IS_GUTTER, IS_HIDDEN, IS_TABLE
from pipeline.kernels.html.writing import page_writer as writer
from pipeline.kernels.html.writing import text_writer
from pipeline.kernels.html.writing.boundaries import note_boundary, part_words
from pipeline.kernels.html.writing.data_tables import is_data
from pipeline.kernels.html.writing.inline import (
    LEFT_OUT,
    close_inline,
    is_left_out,
    note_picture,
    open_inline,
    write_embedded,
)  # fmt: skip
from pipeline.kernels.html.writing.page_writer import (
    AT_ALTS,
    AT_BEGAN,
    AT_BREAK,
    AT_COUNT,
    AT_GLUE,
    AT_GLUED,
    AT_IN_TABLE,
    AT_OWNER,
    AT_QUOTE_NODE,
    AT_ROW,
    Work,
    flush,
)  # fmt: skip

_IMG, _BR, _TABLE, _TR, _TD, _TH, _SELECT = (TAG[name] for name in ("img", "br", "table", "tr", "td", "th", "select"))
_TOLD_FLAGS: Final = IS_HIDDEN | IS_GUTTER
_TAB, _NEW_LINE, _RETURN, _BLANK = (ord(sign) for sign in "\t\n\r ")


@lean
def _pass_over(work: Work, node: Int, at: Int, scripts: Int) -> Int:
    """The event behind an element that is an embedded piece or not shown, -1 for any other."""
    row = work.nodes[node]
    tag = row[col.TAG_OF]
    if row[col.FLAGS] & IS_GUTTER:
        return np.int64(row[col.LAST] + 1)
    if row[col.EMBEDDED]:
        beyond = write_embedded(work, node, at, scripts)
        if beyond >= 0:
            return beyond + 1
    if work.flags[tag] & HIDDEN:
        if tag == _SELECT:
            work.counts[work.s[AT_COUNT], col.INPUTS] += 1
        return np.int64(row[col.LAST] + 1)
    if row[col.NAMED] & LEFT_OUT and is_left_out(work, node, at):
        return np.int64(row[col.LAST] + 1)
    return np.int64(-1)


@lean
def _open(work: Work, node: Int, at: Int, scripts: Int) -> Int:
    """Open an element; return the event to go on from."""
    s, w = work.s, work.w
    row = work.nodes[node]
    tag = row[col.TAG_OF]
    beyond = _pass_over(work, node, at, scripts)
    if beyond >= 0:
        return beyond
    kind = work.flags[tag]
    if row[col.FLAGS] & IS_HIDDEN:
        w[text_writer.HIDING] += 1
    if tag == _IMG:
        note_picture(work, node)
        return at + 1
    if tag == _BR:
        writer.break_line(work)
    elif s[AT_IN_TABLE] and tag in (_TR, _TD, _TH):
        if tag != _TR and not s[AT_ROW]:  # nobody opened its row
            writer.open_row_part(work, np.int64(row[col.PARENT]), _TR)
        writer.open_row_part(work, node, tag)
    elif kind & BLOCK:
        _open_block(work, node, tag)
    else:
        beyond = open_inline(work, node, tag, at)
        if beyond >= 0:
            return beyond + 1
    return at + 1


@lean
def _open_block(work: Work, node: Int, tag: Int) -> None:
    """Open an element that breaks the line; in a row of a table it only parts words."""
    s = work.s
    if s[AT_ROW]:
        text_writer.end_word(work.w, work.counts[s[AT_COUNT]], work.lexicon)
        work.w[text_writer.SPACE] = text_writer.FIXED_SPACE
        return
    flush(work, col.PROSE)
    if tag == _TABLE and not s[AT_IN_TABLE] and is_data(work, node):
        s[AT_IN_TABLE] = node
        work.covered[:] = 0
        work.nodes[node, col.FLAGS] |= IS_TABLE
    s[AT_OWNER] = node


@lean
def _close(work: Work, node: Int) -> None:
    """Close an element."""
    s, w = work.s, work.w
    row = work.nodes[node]
    tag = row[col.TAG_OF]
    if row[col.FLAGS] & IS_HIDDEN:
        text_writer.end_word(w, work.counts[s[AT_COUNT]], work.lexicon)
        w[text_writer.HIDING] -= 1
    if s[AT_ROW]:
        if node == s[AT_ROW] or node == s[AT_IN_TABLE]:
            flush(work, col.ROW)
            s[AT_ROW], s[AT_OWNER] = 0, row[col.PARENT]
            if node == s[AT_IN_TABLE]:
                s[AT_IN_TABLE] = 0
            return
        if work.flags[tag] & BLOCK:
            text_writer.end_word(w, work.counts[s[AT_COUNT]], work.lexicon)
            w[text_writer.SPACE] = text_writer.FIXED_SPACE
            return
    elif work.flags[tag] & BLOCK:
        flush(work, col.PROSE)
        if s[AT_IN_TABLE] == node:
            s[AT_IN_TABLE] = 0
        s[AT_OWNER] = row[col.PARENT]
        return
    close_inline(work, node, tag)


@lean
def _blanks(src: Bytes, start: Int, end: Int) -> Int:
    """What white space a stretch of the source is, as the writer says it; `NO_SPACE` where it is more than that."""
    at, space = start, np.int64(text_writer.BLANKS)
    while at < end and (src[at] == _BLANK or (src[at] >= _TAB and src[at] <= _RETURN)):
        if src[at] in (_NEW_LINE, _RETURN):
            space = np.int64(text_writer.SEGMENT_BREAK)
        at += 1
    return space if at >= end else np.int64(text_writer.NO_SPACE)


@lean
def _is_idle(row: Row, flags: Counts) -> Bool:
    """Whether an element changes nothing in the text, so that its events can be passed over: most of a page's do."""
    return not (
        flags[row[col.TAG_OF]] & TOLD or row[col.EMBEDDED] or row[col.FLAGS] & _TOLD_FLAGS or row[col.NAMED] & LEFT_OUT
    )


@lean
def _only_parts(row: Row, flags: Counts, s: Counts, w: Counts) -> Int:
    """Whether an element breaks a line on which nothing stands, and does no more: most blocks of a page do."""
    if w[text_writer.POS] != s[AT_BEGAN] or s[AT_ALTS] or s[AT_QUOTE_NODE] >= 0 or s[AT_IN_TABLE]:
        return False
    tag = row[col.TAG_OF]
    kind = flags[tag]
    is_told = row[col.EMBEDDED] or row[col.FLAGS] & _TOLD_FLAGS or row[col.NAMED] & LEFT_OUT
    return kind & BLOCK and not kind & HIDDEN and tag != _TABLE and not is_told


@lean
def read_events(work: Work, scripts: Int) -> None:
    """Write what happens in a page."""
    w, s = work.w, work.s
    at = np.int64(0)
    while at < len(work.events):
        kind, node = work.events[at, 0], np.int64(work.events[at, 1])
        blanks = (
            _blanks(work.src, work.events[at, 2], work.events[at, 3])
            if kind == col.TEXT
            else np.int64(text_writer.NO_SPACE)
        )
        if kind != col.TEXT and not w[text_writer.SPACE] and w[text_writer.POS] > s[AT_BEGAN]:
            note_boundary(work, node, kind)
        if blanks:
            text_writer.end_word(w, work.counts[s[AT_COUNT]], work.lexicon)
            w[text_writer.SPACE] = max(w[text_writer.SPACE], blanks)
            at += 1
        elif kind not in (col.TEXT, col.LINK_END) and _is_idle(work.nodes[node], work.flags):
            at += 1
        elif kind not in (col.TEXT, col.LINK_END) and _only_parts(work.nodes[node], work.flags, s, w):
            work.counts[s[AT_COUNT]] = 0
            s[AT_BREAK] = w[text_writer.SPACE] = 0
            s[AT_OWNER] = node if kind == col.OPEN else work.nodes[node, col.PARENT]
            at += 1
        elif kind == col.TEXT:
            row = work.counts[s[AT_COUNT]]
            if s[AT_GLUE] and s[AT_GLUED] == w[text_writer.POS] and not w[text_writer.SPACE]:
                part_words(work, np.int64(work.events[at, 2]), np.int64(work.events[at, 3]))
            start, stop = np.int64(work.events[at, 2]), np.int64(work.events[at, 3])
            text_writer.write_text(work.src, start, stop, work.out, w, row, work.lexicon, work.entities, s[AT_BEGAN])
            at += 1
        elif kind == col.OPEN:
            at = _open(work, node, at, scripts)
        else:
            if kind == col.CLOSE:
                _close(work, node)
            elif w[text_writer.LINK]:
                text_writer.end_word(w, work.counts[s[AT_COUNT]], work.lexicon)
                w[text_writer.LINK] = 0
            at += 1
    flush(work, col.PROSE)
