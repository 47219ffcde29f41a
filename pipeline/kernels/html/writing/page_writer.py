"""Writing a page's blocks: text, line breaks, cells, placeholders, the words of pictures; compiled."""

from typing import Any, Final, NamedTuple

import numpy as np

from pipeline.kernels.array_types import Int
from pipeline.kernels.compiled import lean
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.names import TAG
from pipeline.kernels.html.writing import cell_spans as spans
from pipeline.kernels.html.writing import text_writer

# Old pages set whole paragraphs in typewriter letters.
_MAX_QUOTED: Final = 400
_MIN_ALT, _MAX_ALT = 6, 80
_TAB, _NEW_LINE, _BLANK, _OPENING, _CLOSING = (ord(sign) for sign in "\t\n {}")
_TR, _TT = TAG["tr"], TAG["tt"]
_PLACEHOLDER_2: Final = 0x100000 - text_writer.FIRST_PLACEHOLDER - 2


class Work(NamedTuple):
    """The buffers of the pass."""

    src: Any
    nodes: Any
    events: Any
    flags: Any
    entities: Any
    lexicon: Any
    typography: Any
    out: Any
    quoted: Any
    rows: Any
    counts: Any
    embedded: Any
    w: Any
    s: Any
    alts: Any
    marks: Any
    covered: Any
    scratch: Any


# Where the pass is: blocks and placeholders so far, where the block and the quoted code began, its row and table,
# how many links were opened, whether a line break was the last thing, pictures whose words wait; where a block begins
# that stands in code, for that is looked for once; what elements began and ended where the text stood at "glued"; the
# first column of the table that no cell of the row has taken, and how many empty cells were written.
(
    AT_COUNT, AT_EMBEDDED, AT_BEGAN, AT_ROW, AT_IN_TABLE, AT_QUOTE_AT, AT_QUOTE_NODE, AT_QUOTED, AT_LINKS, AT_BREAK,
    AT_ALTS, AT_OWNER, AT_LINK_NODE, AT_BLOCK_IN_CODE, AT_GLUE, AT_GLUED, AT_COLUMN, AT_EMPTY,
) = range(18)  # fmt: skip
PLACES: Final = 18
# So many empty cells for each byte of the source are written.
EMPTY_CELLS: Final = 2


@lean
def reset(work: Work) -> None:
    """Begin a block where the writer is."""
    s, w = work.s, work.w
    s[AT_BEGAN], s[AT_BREAK] = w[text_writer.POS], 0
    w[text_writer.SPACE] = 0
    work.counts[s[AT_COUNT]] = 0


@lean
def drop_quote(work: Work) -> None:
    """Let code in a sentence be plain text after all."""
    work.s[AT_QUOTE_NODE] = -1
    work.w[text_writer.CODE] = 0


@lean
def record(work: Work, kind: Int) -> None:
    """Keep what was written since the last block as one, if it says anything."""
    s, w, out = work.s, work.w, work.out
    counts = work.counts[s[AT_COUNT]]
    text_writer.end_word(w, counts, work.lexicon)
    drop_quote(work)
    start, stop = s[AT_BEGAN], w[text_writer.POS]
    while stop > start and (out[stop - 1] in (_BLANK, _NEW_LINE, _TAB)):
        stop -= 1
    if stop > start:
        row = work.rows[s[AT_COUNT]]
        row[col.BEGIN], row[col.STOP], row[col.NODE], row[col.KIND], row[col.TABLE] = (
            start,
            stop,
            s[AT_OWNER],
            kind,
            s[AT_IN_TABLE],
        )
        key = np.int64(0)
        for at in range(start, stop):
            key = key * 31 + out[at]
        counts[col.HASH] = key
        s[AT_COUNT] += 1
        w[text_writer.POS] = stop
    reset(work)


@lean
def _write_alts(work: Work) -> None:
    """Write the words of the pictures that stood in the block, each as a block of its own."""
    s, w = work.s, work.w
    waiting = s[AT_ALTS]
    s[AT_ALTS] = 0
    link, w[text_writer.LINK] = w[text_writer.LINK], 0
    for k in range(waiting):
        node = work.alts[k]
        row = work.nodes[node]
        counts = work.counts[s[AT_COUNT]]
        text_writer.write_text(
            work.src,
            np.int64(row[col.ALT]),
            np.int64(row[col.ALT_END]),
            work.out,
            w,
            counts,
            work.lexicon,
            work.entities,
            s[AT_BEGAN],
        )
        text_writer.end_word(w, counts, work.lexicon)
        if counts[col.WORDS] < _MIN_ALT or counts[col.WORDS] > _MAX_ALT:
            w[text_writer.POS] = s[AT_BEGAN]
            reset(work)
            continue
        owner = s[AT_OWNER]
        s[AT_OWNER] = node
        record(work, col.PICTURE)
        s[AT_OWNER] = owner
    w[text_writer.LINK] = link


@lean
def flush(work: Work, kind: Int) -> None:
    """End the block, and write the words of its pictures behind it."""
    record(work, kind)
    if work.s[AT_ALTS]:
        _write_alts(work)


@lean
def write_placeholder(work: Work, kind: Int, start: Int, end: Int, node: Int) -> None:
    """Write the character that stands for an embedded piece."""
    s, w = work.s, work.w
    number = s[AT_EMBEDDED]
    row = work.embedded[number]
    row[0], row[1], row[2], row[3] = kind, start, end, node
    s[AT_EMBEDDED] = number + 1
    point = number if number < _PLACEHOLDER_2 else number + 2
    w[text_writer.POS] = text_writer.put(work.out, w[text_writer.POS], text_writer.FIRST_PLACEHOLDER + point)


@lean
def end_quote(work: Work) -> None:
    """Put a placeholder for the code that was written since its element opened."""
    s, w, out = work.s, work.w, work.out
    start, stop, node = s[AT_QUOTE_AT], w[text_writer.POS], s[AT_QUOTE_NODE]
    text_writer.end_word(w, work.counts[s[AT_COUNT]], work.lexicon)
    drop_quote(work)
    if start < stop and out[start] == _BLANK:
        start += 1
    is_prose = stop - start > _MAX_QUOTED and work.nodes[node, col.TAG_OF] == _TT
    if stop <= start or is_prose or s[AT_EMBEDDED] >= len(work.embedded):
        return
    first = s[AT_QUOTED]
    for at in range(start, stop):
        work.quoted[first + at - start] = out[at]
    s[AT_QUOTED] = first + stop - start
    w[text_writer.POS] = start
    write_placeholder(work, np.int64(col.QUOTED), first, s[AT_QUOTED], np.int64(-1))


@lean
def break_line(work: Work) -> None:
    """Write a line break; a second one in a row ends the block."""
    s, w = work.s, work.w
    counts = work.counts[s[AT_COUNT]]
    text_writer.end_word(w, counts, work.lexicon)
    if s[AT_ROW]:
        w[text_writer.SPACE] = text_writer.FIXED_SPACE
        return
    if s[AT_BREAK] and s[AT_BREAK] == w[text_writer.POS]:
        flush(work, col.PROSE)
        return
    if w[text_writer.POS] > s[AT_BEGAN]:
        counts[col.BREAKS] += 1
        work.out[w[text_writer.POS]] = _NEW_LINE
        w[text_writer.POS] += 1
        w[text_writer.SPACE] = 0
        s[AT_BREAK] = w[text_writer.POS]


@lean
def open_row_part(work: Work, node: Int, tag: Int) -> None:
    """Open a row or a cell of a data table; a cell stands in its column, also below cells that span rows."""
    s, w = work.s, work.w
    if tag == _TR:
        flush(work, col.ROW)
        s[AT_ROW], s[AT_OWNER] = node, node
        spans.next_row(work.covered)
        s[AT_COLUMN] = 0
        return
    counts = work.counts[s[AT_COUNT]]
    text_writer.end_word(w, counts, work.lexicon)
    w[text_writer.SPACE] = 0
    row = work.nodes[node]
    column, after = spans.place_cell(work.src, row[col.START], row[col.OPEN_END], work.covered, s[AT_COLUMN])
    empty = min(column - s[AT_COLUMN], EMPTY_CELLS * len(work.src) - s[AT_EMPTY])
    s[AT_EMPTY] += empty
    for _ in range(empty + (counts[col.CELLS] > 0)):
        work.out[w[text_writer.POS]] = _TAB
        w[text_writer.POS] += 1
    s[AT_COLUMN] = after
    counts[col.CELLS] += 1


@lean
def write_script(work: Work, start: Int, stop: Int, sign: Int) -> None:
    """Put `^` or `_` before what stands at start to stop, and braces around it where it is more than a sign."""
    out, w = work.out, work.w
    points = 0
    for at in range(start, stop):
        points += out[at] & 0xC0 != 0x80
    shift = 1 if points == 1 else 2
    for k in range(stop - start):
        out[stop - 1 - k + shift] = out[stop - 1 - k]
    out[start] = sign
    if shift == 2:
        out[start + 1] = _OPENING
        out[stop + 2] = _CLOSING
    w[text_writer.POS] = stop + shift + (shift == 2)
