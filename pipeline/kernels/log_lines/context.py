"""What of a line the other lines of its text repeat: n-grams of its tokens, how it begins, its signs."""

from typing import Any, Final, NamedTuple

import numpy as np

from pipeline.kernels.compiled import compiled
from pipeline.kernels.text import words
from pipeline.kernels.text.words import Hashes, Ints

CONTEXTS: Final = (
    "covered",
    "like start",
    "like kinds",
    "template again",
    "same in a row",
    "same near",
    "like signs",
    "known tokens",
)
"""Names of what is measured of a line beside the others of its text, each 0 to 1; the first is the share of its
characters in n-grams of token templates that stand in other lines, too (Rae et al. 2021, by line)."""
_GRAM: Final = 3
_NEAR: Final = 4


class Rows(NamedTuple):
    """Lines of one text, and keys of what they are made of; line `i` has the tokens `first[i]` to `first[i + 1]`."""

    first: Ints
    tokens: Hashes
    sizes: Ints
    starts: Hashes
    kinds: Hashes
    wholes: Hashes
    exact: Hashes
    signs: Hashes


@compiled
def room_for(lines: int, tokens: int) -> Rows:
    """Return empty rows."""
    keys = np.empty((5, lines), np.uint64)
    first, sizes = np.zeros(lines + 1, np.int32), np.empty(tokens, np.int32)
    return Rows(first, np.empty(tokens, np.uint64), sizes, keys[0], keys[1], keys[2], keys[3], keys[4])


@compiled
def measure_context(rows: Rows, lines: int, out: Any) -> None:
    """Write what each line shares with others: `out[line]` follows `CONTEXTS`."""
    tokens = rows.first[lines]
    grams, origin = np.empty(tokens, np.uint64), np.empty(tokens, np.int32)
    again = np.zeros(tokens, np.bool_)
    for line in range(lines):
        first, last = rows.first[line], rows.first[line + 1]
        for at in range(first, last):
            state = np.uint64(11)
            for position in range(at, min(at + _GRAM, last)):
                state = words.chain(state, rows.tokens[position])
            # what is too short for an n-gram repeats only as the whole line
            grams[at] = state if at == first or at + _GRAM <= last else words.chain(state, np.uint64(at + 17))
    slots = words.slots_for(tokens)
    for line in range(lines):
        for at in range(rows.first[line], rows.first[line + 1]):
            origin[at] = words.slot_of(slots, grams, at)
            if origin[at] < rows.first[line]:
                again[origin[at]] = True
    for at in range(tokens):
        again[at] = again[origin[at]]
    _write_covered(rows, lines, again, out)
    _compare_near(rows, lines, out)


@compiled
def _write_covered(rows: Rows, lines: int, again: Any, out: Any) -> None:
    for line in range(lines):
        covered = total = until = 0
        for at in range(rows.first[line], rows.first[line + 1]):
            until = max(until, at + _GRAM) if again[at] else until
            covered += rows.sizes[at] if at < until else 0
            total += rows.sizes[at]
        out[line, 0] = covered / total
        out[line, 7] = _known_near(rows, lines, line) / total


@compiled
def _known_near(rows: Rows, lines: int, line: int) -> int:
    """Return how many characters of a line's first tokens are of templates that begin the lines beside it, too."""
    count = 0
    first, last = rows.first[line], rows.first[line + 1]
    for at in range(first, min(last, first + 12)):
        is_near = False
        for other in range(max(0, line - 2), min(lines, line + 3)):
            if other != line and not is_near:
                for position in range(rows.first[other], min(rows.first[other + 1], rows.first[other] + 12)):
                    if rows.tokens[position] == rows.tokens[at]:
                        is_near = True
                        break
        count += rows.sizes[at] if is_near else 0
    return count


@compiled
def _compare_near(rows: Rows, lines: int, out: Any) -> None:
    """Write which share of the lines beside each is like it, and whether it is one of four or more equal ones."""
    row = 0
    for line in range(lines):
        starts = kinds = wholes = exact = near = signs = 0
        for other in range(max(0, line - _NEAR), min(lines, line + _NEAR + 1)):
            if other != line:
                near += 1
                starts += rows.starts[other] == rows.starts[line]
                kinds += rows.kinds[other] == rows.kinds[line]
                wholes += rows.wholes[other] == rows.wholes[line]
                exact += rows.exact[other] == rows.exact[line]
                signs += rows.signs[line] != 0 and rows.signs[other] == rows.signs[line]
        for column, count in enumerate((starts, kinds, wholes)):
            out[line, column + 1] = count / max(near, 1)
        out[line, 5] = exact / max(near, 1)
        out[line, 6] = signs / max(near, 1)
        row = row + 1 if line and rows.exact[line] == rows.exact[line - 1] else 1
        out[line, 4] = 0
        if row > 3:
            for back in range(1 if row > 4 else row):
                out[line - back, 4] = 1
