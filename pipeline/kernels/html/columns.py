"""Columns of the arrays that the compiled passes hand on to one another."""

from typing import Final

# An element's row. Ranges are byte offsets into the source; END is behind the end tag; FIRST and LAST are the events in
# which it opens and closes; SHAPE is the same for elements with the same tag and class; an element that no tag opens
# may repeat its ORIGIN; IS_OPEN is of use while the page is read; NAMED holds bits of `names.SIGN`.
(
    TAG_OF, PARENT, DEPTH, START, OPEN_END, CLOSE_START, END, CLASS, CLASS_END, ALT, ALT_END, EMBEDDED, FLAGS, FIRST,
    LAST, SHAPE, ORIGIN, IS_OPEN, NAMED,
) = range(19)  # fmt: skip
NODE_COLUMNS: Final = 19

# Kinds of events; an event is its kind, its element, and the range of its text or tag in the source. A link ends alone
# where there is no room to repair what stands in it.
TEXT, OPEN, CLOSE, LINK_END = range(4)

# A block's row: its range in the text, the element whose text it is, its kind, the table that it is a row of.
BEGIN, STOP, NODE, KIND, TABLE = range(5)
BLOCK_COLUMNS: Final = 5
PROSE, ROW, PICTURE, PREFORMATTED = range(4)

# What is counted of a block.
(
    WORDS, CHARS, LINK_WORDS, LINKS, COMMAS, STOPS, DIGITS, CAPITALS, STRONG_WORDS, BUTTON_WORDS, CODE_WORDS, BREAKS,
    IMAGES, INPUTS, CELLS, SIGNS, LONG_WORDS, FOREIGN, EMBEDDED_WORDS, FORMULAS, WEIGHT, KNOWN, LEAST, MOST,
    IN_PAGE_LINKS, OUT_LINKS, HASH, HIDDEN_WORDS, MONEY,
) = range(29)  # fmt: skip
COUNTS: Final = 29

# An embedded piece's row: its kind, its range in the source (or, of QUOTED code, in the quoted text), its element.
EMBEDDED_COLUMNS: Final = 4
QUOTED: Final = 100
