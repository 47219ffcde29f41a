"""The text blocks of a page: its paragraphs, items, headings, table rows, as text and as counts; compiled.

Formulas and code are embedded: a block holds one placeholder character for each, and what it stands for is read from
the source once it is known that the block is kept.
"""

from functools import cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.kernels.array_types import Bytes, CountRows, Counts, Int, Rows
from pipeline.kernels.compiled import compiled
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.entities import entity_table
from pipeline.kernels.html.names import (
    Table,
    names,
    word_table,
)
from pipeline.kernels.html.tree.nodes import Page
from pipeline.kernels.html.writing import page_writer as writer
from pipeline.kernels.html.writing import text_writer
from pipeline.kernels.html.writing.block_events import read_events
from pipeline.kernels.html.writing.cell_spans import MAX_COLUMNS
from pipeline.kernels.html.writing.page_writer import (
    AT_COUNT,
    AT_EMBEDDED,
    AT_LINK_NODE,
    AT_QUOTE_NODE,
    AT_QUOTED,
    Work,
)

# Numbers that a step may use as it likes.
SCRATCH: Final = 8
# Ordinals, abbreviations and marks that are raised.
_TYPOGRAPHIC: Final = "st nd rd th er re e ers ème eme è o os a as tm sm mc r c md"


class Blocks(NamedTuple):
    """The blocks of a page, in document order.

    Attributes:
        text: UTF-8 of all of them.
        quoted: UTF-8 of the code in the middle of sentences.
        rows: Of each block the range in `text`, element, kind, and table, int32 (blocks, BLOCK_COLUMNS).
        counts: What was counted of it, int64 (blocks, COUNTS).
        embedded: Of each placeholder, in order, kind, range and element, int32 (embedded pieces, EMBEDDED_COLUMNS).
    """

    text: npt.NDArray[np.uint8]
    quoted: npt.NDArray[np.uint8]
    rows: npt.NDArray[np.int32]
    counts: npt.NDArray[np.int64]
    embedded: npt.NDArray[np.int32]


@cache
def _typography() -> Table:
    """Raised letters that are spelling, not powers."""
    return word_table((word, 1) for word in _TYPOGRAPHIC.split())


def read_blocks(page: Page, lexicon: Table) -> Blocks:
    r"""The blocks of a page.

    Args:
        page: Its elements.
        lexicon: Hash of a word → how much it speaks for main content.

    >>> from pipeline.kernels.html.tree.nodes import read_nodes
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
    rows, counts = np.empty((room, col.BLOCK_COLUMNS), np.int32), np.empty((room, col.COUNTS), np.int64)
    embedded = np.empty((min(len(page.nodes), text_writer.MAX_PLACEHOLDERS) + 1, col.EMBEDDED_COLUMNS), np.int32)
    sizes = _read(
        page.source, page.nodes, page.events, page.math_scripts, names().flags, entity_table(), lexicon, _typography(),
        out, quoted, rows, counts, embedded,
    )  # fmt: skip
    return Blocks(out[: sizes[0]], quoted[: sizes[1]], rows[: sizes[2]], counts[: sizes[2]], embedded[: sizes[3]])


@compiled
def _read(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    src: Bytes, nodes: Rows, events: Rows, scripts: Int, flags: Counts, entities: CountRows, lexicon: CountRows,
    typography: CountRows, out: Bytes, quoted: Bytes, rows: Rows, counts: CountRows, embedded: Rows,
) -> tuple[Int, Int, Int, Int]:  # fmt: skip
    w, s = np.zeros(text_writer.STATE, np.int64), np.zeros(writer.PLACES, np.int64)
    alts, marks = np.zeros(8, np.int64), np.zeros((len(nodes), 2), np.int32)
    covered = np.zeros(MAX_COLUMNS, np.int64)
    s[AT_QUOTE_NODE] = s[AT_LINK_NODE] = -1
    counts[0] = 0
    work = Work(
        src, nodes, events, flags, entities, lexicon, typography, out, quoted, rows, counts, embedded, w, s, alts,
        marks, covered, np.zeros(SCRATCH, np.int64),
    )  # fmt: skip
    read_events(work, scripts)
    return w[text_writer.POS], s[AT_QUOTED], s[AT_COUNT], s[AT_EMBEDDED]
