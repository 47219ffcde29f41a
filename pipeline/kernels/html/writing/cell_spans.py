"""The columns of a data table's cells: those that span rows or columns keep their place in the rows below; compiled.

The text of a cell is written once, in the first row and column that it covers; elsewhere its place is left empty, so
that the others stay in their columns. Repeating it would make words that the page does not have.
"""

from typing import Final

import numpy as np

from pipeline.kernels.array_types import Bytes, Counts, Int
from pipeline.kernels.compiled import lean
from pipeline.kernels.html.tags import is_space, lower

MAX_COLUMNS: Final = 256
_MAX_ROWS, _MAX_SPAN = 1000, 64
_ROWS, _COLUMNS = np.frombuffer(b"rowspan", np.uint8), np.frombuffer(b"colspan", np.uint8)
_ZERO, _NINE, _EQUALS, _DOUBLE, _SINGLE = (ord(sign) for sign in "09=\"'")


@lean
def _span(src: Bytes, start: Int, stop: Int, name: Bytes) -> Int:
    """The number that an attribute of a tag gives, 1 where it gives none."""
    for at in range(start, stop - len(name)):
        k = 0
        while k < len(name) and lower(src[at + k]) == name[k]:
            k += 1
        if k < len(name) or not is_space(src[at - 1]):
            continue
        here, value = at + k, 0
        while here < stop and (is_space(src[here]) or src[here] in (_EQUALS, _DOUBLE, _SINGLE)):
            here += 1
        while here < stop and src[here] >= _ZERO and src[here] <= _NINE and value <= _MAX_ROWS:
            value = value * 10 + src[here] - _ZERO
            here += 1
        return max(value, 1)
    return 1


@lean
def next_row(covered: Counts) -> None:
    """Begin a row: of each column, one row fewer is covered from above."""
    for column in range(MAX_COLUMNS):
        if covered[column]:
            covered[column] -= 1


@lean
def place_cell(src: Bytes, start: Int, stop: Int, covered: Counts, column: Int) -> tuple[Int, Int]:
    """Place a cell whose start tag stands at start to stop.

    Args:
        src: The page's bytes.
        start: Where the tag begins.
        stop: Where it ends.
        covered: Of each column how many rows are covered, this one included.
        column: The first column that no cell of the row has taken.

    Returns:
        Its column, and the one behind it; where the cell itself covers several, the others are empty in its own row.
    """
    while column < MAX_COLUMNS and covered[column]:
        column += 1
    width = min(_span(src, start, stop, _COLUMNS), _MAX_SPAN)
    height = min(_span(src, start, stop, _ROWS), _MAX_ROWS)
    for k in range(column, min(column + width, MAX_COLUMNS)):
        covered[k] = max(covered[k], height)
    return column, column + 1
