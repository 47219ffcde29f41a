"""What a line looks like, in numbers: which kinds of tokens it is made of, its signs, how it begins and ends."""

from typing import Any, Final

import numpy as np

from pipeline.kernels.compiled import compiled
from pipeline.kernels.log_lines.context import Rows
from pipeline.kernels.log_lines.tokens import (
    CAPITAL,
    CLOCK,
    DATED,
    HEX,
    KINDS,
    LOWER,
    MINUTES,
    NAME,
    NUMBER,
    SYMBOL,
    UPPER,
    count_told,
    kind_of,
    template_of,
)
from pipeline.kernels.text import words
from pipeline.kernels.text.words import ALONE, DIGIT, IN_RUN, LETTER, SPACE, TERMINAL, Hashes, Ints, Offsets, Tables

_MARKS: Final = (
    *("brackets", "colons", "slashes", "other signs", "digits", "plain run", "sentence", "length", "time first"),
    *("bracket first", "symbol first", "lower first", "log words", "white space", "code end", "assignment"),
    *("labels", "foreign", "few tokens", "commas", "unspaced", "digit first"),
)
SHAPES: Final = (*KINDS, *_MARKS)
"""Names of what is measured of a line by itself, each 0 to about 1; the first are shares of its characters by kind."""


@compiled
def _count_signs(points: Ints, start: int, end: int, classes: words.Classes, out: Offsets) -> int:
    """Add up a line's signs by sort; return how many characters it has but white space."""
    chars = 0
    for at in range(start, end):
        point = points[at]
        flags = classes[point]
        if flags & SPACE:
            out[7] += at + 1 < end and (point == 9 or classes[points[at + 1]] & SPACE != 0)
            continue
        chars += 1
        if flags & IN_RUN:
            out[4] += flags & DIGIT != 0
            out[5] += flags & LETTER != 0 and point >= 128
            out[8] += flags & ALONE != 0
        elif point in (40, 41, 60, 62, 91, 93, 123, 124, 125):  # ( ) < > [ ] { | }
            out[0] += 1
        elif point in (58, 59, 61):  # : ; =
            out[1] += 1
        elif point in (47, 92, 95):  # / \ _
            out[2] += 1
        elif point == 44:
            out[6] += 1
        elif point not in (33, 34, 39, 45, 46, 63) and point < 128:  # ! " ' - . ?
            out[3] += 1
    return chars


@compiled
def _hash_signs(points: Ints, start: int, end: int, classes: words.Classes) -> np.uint64:
    """Return the hash of a line's signs between its words, 0 if there are hardly any."""
    state, count, was_word = np.uint64(13), 0, False
    for at in range(start, end):
        flags = classes[points[at]]
        if flags & IN_RUN:
            if not was_word:
                state = words.chain(state, np.uint64(48))
            was_word = True
        elif not flags & SPACE:
            state = words.chain(state, np.uint64(points[at]))
            count += points[at] not in (0x2E, 0x2C, 0x27, 0x2019)
            was_word = False
        else:
            was_word = False
    return state if count > 2 else np.uint64(0)


@compiled
def _measure_ends(points: Ints, start: int, end: int, tables: Tables, out: Offsets) -> None:
    """Note how a line begins and ends; `out` follows the names from "bracket first" on."""
    first, last = points[start], points[end - 1]
    out[0] = first in (0x5B, 0x3C, 0x7B, 0x28)
    out[1] = tables.classes[first] & IN_RUN == 0 and not out[0]
    out[2] = tables.classes[first] & LETTER != 0 and tables.folds[first] == first and 97 <= first <= 122
    out[6] = last in (0x3B, 0x7B, 0x7D, 0x28, 0x2C) or (last == 0x3A and end - start > 1 and points[end - 2] == 0x29)


@compiled
def scan_line(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    points: Ints, start: int, end: int, tables: Tables, log_words: Hashes, rows: Rows, line: int, out: Any
) -> None:
    """Write the shape of the line `points[start:end]`, which is not blank at its ends, and the keys of its tokens."""
    classes = tables.classes
    noted = _scan_tokens(points, start, end, tables, log_words, rows, line, out)
    count, first_kind, kind, longest, labels, assigned, told = noted
    rows.exact[line] = words.hash_points(points, start, end)
    rows.signs[line] = _hash_signs(points, start, end, classes)
    signs = np.zeros(9, np.int64)
    chars = _count_signs(points, start, end, classes, signs)
    ends = np.zeros(7, np.int64)
    _measure_ends(points, start, end, tables, ends)
    out[:14] /= chars
    for column in range(5):
        out[14 + column] = signs[column] / chars
    out[19] = min(longest, 8) / 8
    out[20] = longest > 3 and (classes[points[end - 1]] & TERMINAL) != 0 and kind < UPPER
    out[21] = min(np.log2(chars + 1) / 8, 1.25)
    out[22] = first_kind in (CLOCK, DATED, HEX, MINUTES)
    out[23], out[24], out[25] = ends[0], ends[1], ends[2]
    out[26] = min(told, 3) / 3
    out[27] = min(signs[7], 4) / 4
    out[28], out[29] = ends[6], assigned > 0
    out[30] = min(labels, 3) / 3
    out[31] = signs[5] / chars
    out[32] = count < 3
    out[33], out[34] = signs[6] / chars, signs[8] / chars
    out[35] = classes[points[start]] & DIGIT != 0


@compiled
def _scan_tokens(  # noqa: PLR0913, PLR0917
    points: Ints, start: int, end: int, tables: Tables, log_words: Hashes, rows: Rows, line: int, out: Any
) -> tuple[int, int, int, int, int, int, int]:
    """Write a line's characters by kind of token and its keys; return what is noted of its tokens in passing."""
    classes, at, token = tables.classes, start, rows.first[line]
    count = run = longest = labels = told = assigned = 0
    kind = first_kind = SYMBOL
    kinds, begin, whole = np.uint64(7), np.uint64(3), np.uint64(5)
    while at < end:
        if classes[points[at]] & SPACE:
            at += 1
            continue
        stop = at + 1
        while stop < end and not classes[points[stop]] & SPACE:
            stop += 1
        kind = kind_of(points, at, stop, tables)
        first_kind = kind if count == 0 else first_kind
        out[kind] += stop - at
        run = run + 1 if kind < UPPER else 0
        # where words are not spaced, four characters count as a word
        longest = max(longest, run, (stop - at) // 4 if kind < UPPER and classes[points[at]] & ALONE else 0)
        labels += stop - at > 1 and points[stop - 1] == 0x3A and kind in (LOWER, CAPITAL, UPPER, NAME)
        assigned += stop - at < 3 and points[stop - 1] in (0x3D, 0x3E)
        told += count_told(points, at, stop, tables, log_words) if kind < NUMBER or kind == NAME else 0
        key = template_of(points, at, stop, kind, tables)
        rows.tokens[token + count], rows.sizes[token + count] = key, stop - at
        whole = words.chain(whole, key)
        kinds = words.chain(kinds, np.uint64(kind)) if count < 4 else kinds
        begin = words.chain(begin, key if count == 0 and kind > UPPER else np.uint64(kind)) if count < 2 else begin
        count += 1
        at = stop
    rows.first[line + 1] = token + count
    rows.starts[line], rows.kinds[line], rows.wholes[line] = begin, kinds, whole
    return count, first_kind, kind, longest, labels, assigned, told
