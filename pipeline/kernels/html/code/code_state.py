"""Where the writer of a block of code is, and what it reads and writes."""

from typing import Any, Final, NamedTuple

# Where the writer is: what it has written, where the line began; whether a line is over whose end is not written yet;
# how deep it is in elements that keep white space, and in elements that are lines; whether nothing has come since such
# a one opened, and where; whether a blank is due; whether a line number was left out just before, after how many of
# them a blank stood, and after how many none; how much was read to tell buttons and numbers; how many numbers at heads
# of lines are noted; where the cell began; whether references stand for themselves;
# whether the row has a cell with a block of code, which is all that is read of it.
(
    AT, LINE_START, DUE, KEEPING, LINES, FRESH, LEAF_START, GAP, AFTER_NUMBER, APART, TOUCHING, READ, CUTS, CELL_START,
    IS_RAW, ROW_BLOCK,
) = range(16)  # fmt: skip
PLACES: Final = 16


class Source(NamedTuple):
    """What is read of the page, and where the text goes."""

    src: Any
    nodes: Any
    events: Any
    flags: Any
    entities: Any
    out: Any
    s: Any
    cuts: Any
