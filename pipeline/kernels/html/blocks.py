"""The text blocks of a page: its paragraphs, items, headings, table rows, as text and as counts; compiled.

Formulas and code are islands: a block holds one placeholder character for each, and what it stands for is read from
the source once it is known that the block is kept.
"""

from functools import cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.kernels.array_types import Bool, Bytes, CountRows, Counts, Int, Row, Rows
from pipeline.kernels.compiled import compiled, lean
from pipeline.kernels.html import columns as col
from pipeline.kernels.html import page_writer as writer
from pipeline.kernels.html import pen
from pipeline.kernels.html.boundaries import note_boundary, part_words
from pipeline.kernels.html.cell_spans import MAX_COLUMNS
from pipeline.kernels.html.data_tables import is_data
from pipeline.kernels.html.entities import entity_table
from pipeline.kernels.html.inline import LEFT_OUT, close_inline, is_left_out, note_picture, open_inline, write_island
from pipeline.kernels.html.names import (
    BLOCK,
    HIDDEN,
    TAG,
    TOLD,
    Table,
    names,
    word_table,
)
from pipeline.kernels.html.nodes import Page
from pipeline.kernels.html.page_writer import (
    AT_ALTS,
    AT_BEGAN,
    AT_BREAK,
    AT_COUNT,
    AT_GLUE,
    AT_GLUED,
    AT_IN_TABLE,
    AT_ISLANDS,
    AT_LINK_NODE,
    AT_OWNER,
    AT_QUOTE_NODE,
    AT_QUOTED,
    AT_ROW,
    Work,
    flush,
)
from pipeline.kernels.html.tags import IS_GUTTER, IS_HIDDEN, IS_TABLE

_IMG, _BR, _TABLE, _TR, _TD, _TH = (TAG[name] for name in ("img", "br", "table", "tr", "td", "th"))
_TOLD_FLAGS: Final = IS_HIDDEN | IS_GUTTER
# Numbers that a step may use as it likes.
SCRATCH: Final = 8
_TAB, _NEW_LINE, _RETURN, _BLANK = (ord(sign) for sign in "\t\n\r ")
_CAPTION, _SELECT = TAG["caption"], TAG["select"]
# Ordinals, abbreviations and marks that are raised.
_TYPOGRAPHIC: Final = "st nd rd th er re e ers ème eme è o os a as tm sm mc r c md"


class Blocks(NamedTuple):
    """The blocks of a page, in document order.

    Attributes:
        text: UTF-8 of all of them.
        quoted: UTF-8 of the code in the middle of sentences.
        rows: Of each block the range in `text`, element, kind, and table, int32 (blocks, BLOCK_COLUMNS).
        counts: What was counted of it, int64 (blocks, COUNTS).
        islands: Of each placeholder, in order, kind, range and element, int32 (islands, ISLAND_COLUMNS).
    """

    text: npt.NDArray[np.uint8]
    quoted: npt.NDArray[np.uint8]
    rows: npt.NDArray[np.int32]
    counts: npt.NDArray[np.int64]
    islands: npt.NDArray[np.int32]


@cache
def _typography() -> Table:
    """Raised letters that are spelling, not powers."""
    return word_table((word, 1) for word in _TYPOGRAPHIC.split())


def read_blocks(page: Page, lexicon: Table) -> Blocks:
    r"""The blocks of a page.

    Args:
        page: Its elements.
        lexicon: Hash of a word → how much it speaks for main content.

    >>> from pipeline.kernels.html.nodes import read_nodes
    >>> page = read_nodes(b"<nav><a>Home</a></nav><h1>Rye</h1><p>Rye is<br>a <b>grass</b>&hellip;</p>")
    >>> blocks = read_blocks(page, word_table([]))
    >>> [bytes(blocks.text[begin:stop]).decode() for begin, stop in blocks.rows[:, :2]]
    ['Home', 'Rye', 'Rye is\na grass…']
    """
    room = len(page.events) + 2
    # A byte of the source can become three (one that is no UTF-8: "\ufffd"), an element can add eight ("^{}", a
    # placeholder, a space, a tab); what is not written to is not taken from memory.
    size = (3 + writer.EMPTY_CELLS) * len(page.source) + 8 * len(page.nodes)
    out, quoted = np.empty(size, np.uint8), np.empty(size, np.uint8)
    rows, counts = np.zeros((room, col.BLOCK_COLUMNS), np.int32), np.zeros((room, col.COUNTS), np.int64)
    islands = np.zeros((min(len(page.nodes), pen.MAX_PLACEHOLDERS) + 1, col.ISLAND_COLUMNS), np.int32)
    found = _read(
        page.source, page.nodes, page.events, page.math_scripts, names().flags, entity_table(), lexicon, _typography(),
        out, quoted, rows, counts, islands,
    )  # fmt: skip
    return Blocks(out[: found[0]], quoted[: found[1]], rows[: found[2]], counts[: found[2]], islands[: found[3]])


@lean
def _pass_over(work: Work, node: Int, at: Int, scripts: Int) -> Int:
    """The event behind an element that is an island or not shown, -1 for any other."""
    row = work.nodes[node]
    tag = row[col.TAG_OF]
    if row[col.FLAGS] & IS_GUTTER:
        return np.int64(row[col.LAST] + 1)
    if row[col.ISLAND]:
        beyond = write_island(work, node, at, scripts)
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
        w[pen.HIDING] += 1
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
        pen.end_word(work.w, work.counts[s[AT_COUNT]], work.lexicon)
        work.w[pen.SPACE] = pen.FIXED_SPACE
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
        pen.end_word(w, work.counts[s[AT_COUNT]], work.lexicon)
        w[pen.HIDING] -= 1
    if s[AT_ROW]:
        if node == s[AT_ROW] or node == s[AT_IN_TABLE]:
            flush(work, col.ROW)
            s[AT_ROW], s[AT_OWNER] = 0, row[col.PARENT]
            if node == s[AT_IN_TABLE]:
                s[AT_IN_TABLE] = 0
            return
        if work.flags[tag] & BLOCK:
            pen.end_word(w, work.counts[s[AT_COUNT]], work.lexicon)
            w[pen.SPACE] = pen.FIXED_SPACE
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
    """What white space a stretch of the source is, as the pen says it; `NO_SPACE` where it is more than that."""
    at, space = start, np.int64(pen.BLANKS)
    while at < end and (src[at] == _BLANK or (src[at] >= _TAB and src[at] <= _RETURN)):
        if src[at] in (_NEW_LINE, _RETURN):
            space = np.int64(pen.SEGMENT_BREAK)
        at += 1
    return space if at >= end else np.int64(pen.NO_SPACE)


@lean
def _is_idle(row: Row, flags: Counts) -> Bool:
    """Whether an element changes nothing in the text, so that its events can be passed over: most of a page's do."""
    return not (
        flags[row[col.TAG_OF]] & TOLD or row[col.ISLAND] or row[col.FLAGS] & _TOLD_FLAGS or row[col.NAMED] & LEFT_OUT
    )


@lean
def _only_parts(row: Row, flags: Counts, s: Counts, w: Counts) -> Int:
    """Whether an element breaks a line on which nothing stands, and does no more: most blocks of a page do."""
    if w[pen.POS] != s[AT_BEGAN] or s[AT_ALTS] or s[AT_QUOTE_NODE] >= 0 or s[AT_IN_TABLE]:
        return False
    tag = row[col.TAG_OF]
    kind = flags[tag]
    is_told = row[col.ISLAND] or row[col.FLAGS] & _TOLD_FLAGS or row[col.NAMED] & LEFT_OUT
    return kind & BLOCK and not kind & HIDDEN and tag != _TABLE and not is_told


@lean
def _read_events(work: Work, scripts: Int) -> None:
    """Write what happens in a page."""
    w, s = work.w, work.s
    at = np.int64(0)
    while at < len(work.events):
        kind, node = work.events[at, 0], np.int64(work.events[at, 1])
        blanks = (
            _blanks(work.src, work.events[at, 2], work.events[at, 3]) if kind == col.TEXT else np.int64(pen.NO_SPACE)
        )
        if kind != col.TEXT and not w[pen.SPACE] and w[pen.POS] > s[AT_BEGAN]:
            note_boundary(work, node, kind)
        if blanks:
            pen.end_word(w, work.counts[s[AT_COUNT]], work.lexicon)
            w[pen.SPACE] = max(w[pen.SPACE], blanks)
            at += 1
        elif kind not in (col.TEXT, col.LINK_END) and _is_idle(work.nodes[node], work.flags):
            at += 1
        elif kind not in (col.TEXT, col.LINK_END) and _only_parts(work.nodes[node], work.flags, s, w):
            work.counts[s[AT_COUNT]] = 0
            s[AT_BREAK] = w[pen.SPACE] = 0
            s[AT_OWNER] = node if kind == col.OPEN else work.nodes[node, col.PARENT]
            at += 1
        elif kind == col.TEXT:
            row = work.counts[s[AT_COUNT]]
            if s[AT_GLUE] and s[AT_GLUED] == w[pen.POS] and not w[pen.SPACE]:
                part_words(work, np.int64(work.events[at, 2]), np.int64(work.events[at, 3]))
            start, stop = np.int64(work.events[at, 2]), np.int64(work.events[at, 3])
            pen.write_text(work.src, start, stop, work.out, w, row, work.lexicon, work.entities, s[AT_BEGAN])
            at += 1
        elif kind == col.OPEN:
            at = _open(work, node, at, scripts)
        else:
            if kind == col.CLOSE:
                _close(work, node)
            elif w[pen.LINK]:
                pen.end_word(w, work.counts[s[AT_COUNT]], work.lexicon)
                w[pen.LINK] = 0
            at += 1
    flush(work, col.PROSE)


@compiled
def _read(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    src: Bytes, nodes: Rows, events: Rows, scripts: Int, flags: Counts, entities: CountRows, lexicon: CountRows,
    typography: CountRows, out: Bytes, quoted: Bytes, rows: Rows, counts: CountRows, islands: Rows,
) -> tuple[Int, Int, Int, Int]:  # fmt: skip
    w, s = np.zeros(pen.STATE, np.int64), np.zeros(writer.PLACES, np.int64)
    alts, marks = np.zeros(8, np.int64), np.zeros((len(nodes), 2), np.int32)
    covered = np.zeros(MAX_COLUMNS, np.int64)
    s[AT_QUOTE_NODE] = s[AT_LINK_NODE] = -1
    work = Work(
        src, nodes, events, flags, entities, lexicon, typography, out, quoted, rows, counts, islands, w, s, alts, marks,
        covered, np.zeros(SCRATCH, np.int64),
    )  # fmt: skip
    _read_events(work, scripts)
    return w[pen.POS], s[AT_QUOTED], s[AT_COUNT], s[AT_ISLANDS]
