"""The tokens of a line: their kinds, their templates, and the words that logs are told in.

A **token** is what stands between white space. Its kind is told by its characters alone, brackets and punctuation at
its ends left aside. Its **template** is the token with each run of digits as one 0, and hexadecimal, paths and URLs as
one sign each: so two lines of a log have like templates, however their times, counters and addresses differ.
"""

from functools import cache
from typing import Final

import numpy as np

from pipeline.kernels.compiled import compiled
from pipeline.kernels.text import words
from pipeline.kernels.text.words import DIGIT, LETTER, MARK, Hashes, Ints, Tables

KINDS: Final = (
    *("lower", "capital", "upper", "number", "minutes", "clock", "dated", "hex", "name", "path", "url", "pair"),
    *("symbol", "mixed"),
)
LOWER, CAPITAL, UPPER, NUMBER, MINUTES, CLOCK, DATED, HEX, NAME, PATH, URL, PAIR, SYMBOL, MIXED = range(14)
LOG_WORDS: Final = (
    "error err warn warning info information debug trace fatal severe critical notice failed failure fail exception "
    "traceback panic fault failure segfault abort aborted timeout denied refused undefined invalid unable cannot "
    "errno kernel daemon pid thread stack at line file module null status code log stderr stdout exit "
    "Fehler Warnung erreur ошибка предупреждение エラー 警告 错误"
)
_LETTERS: Final = np.uint64(0x243F6A8885A308D3)


@compiled
def _is_edge(point: int) -> bool:
    """Tell whether a sign at the end of a token is left aside: brackets, quotes, punctuation of sentences."""
    if point < 128:
        # ! " ' ( ) , . : ; < > ? [ ] { } `
        return point in (33, 34, 39, 40, 41, 44, 46, 58, 59, 60, 62, 63, 91, 93, 96, 123, 125)
    return point in (0xAB, 0xBB) or 0x2018 <= point <= 0x201F or point == 0x2026 or 0x3001 <= point <= 0x3011


@compiled
def _count_token(
    points: Ints, start: int, end: int, tables: Tables
) -> tuple[int, int, int, int, int, int, int, int, int]:
    """Return letters, digits, capitals, humps (aB), signs, colons, slashes, equals, and signs that join words."""
    letters = digits = upper = humps = signs = colons = slashes = equals = joins = before = 0
    for at in range(start, end):
        point = points[at]
        flags = tables.classes[point]
        if flags & LETTER:
            letters += 1
            is_upper = tables.folds[point] != point
            upper += is_upper
            humps += is_upper and before == 1
            before = 2 if is_upper else 1
            continue
        before = 0
        if flags & DIGIT:
            digits += 1
            continue
        colons += point == 0x3A
        slashes += point in (0x2F, 0x5C)
        equals += point == 0x3D
        # - ' ’ & + and marks, which stand within words
        joins += point in (0x2D, 0x27, 0x2019, 0x2010, 0x2011, 0x26, 0x2B) or flags & MARK != 0
        signs += 1
    return letters, digits, upper, humps, signs, colons, slashes, equals, joins


@compiled
def kind_of(points: Ints, start: int, end: int, tables: Tables) -> int:  # noqa: C901, PLR0911
    """Return the kind of a token."""
    called = end - start > 2 and points[end - 1] == 0x29 and points[end - 2] == 0x28
    while end > start and _is_edge(points[end - 1]):
        end -= 1
    while start < end and _is_edge(points[start]):
        start += 1
    letters, digits, upper, humps, signs, colons, slashes, equals, joins = _count_token(points, start, end, tables)
    if letters + digits == 0:
        return SYMBOL
    if letters == 0:
        if colons:
            return CLOCK if colons > 1 or signs > 1 else MINUTES
        return DATED if signs > 1 and points[start] < 0x3A else NUMBER
    if colons and slashes > 1 and digits < letters and _is_url(points, start, end):
        return URL
    if equals:
        return PAIR
    if slashes > 1 or (slashes and points[start] in (0x2F, 0x5C)):
        return PATH
    if digits:
        if _is_hex(points, start, end, letters, digits):
            return HEX
        if colons > 1 or (colons and digits > letters):
            return CLOCK
        return MIXED if signs == 0 and letters + digits < 6 else NAME
    if called or signs > joins + (slashes > 0) or (humps and upper < letters):
        return NAME
    if upper == letters and letters > 1:
        return UPPER
    return CAPITAL if tables.folds[points[start]] != points[start] else LOWER


@compiled
def _is_url(points: Ints, start: int, end: int) -> bool:
    """Tell whether :// stands near a token's beginning."""
    for at in range(start, min(end - 2, start + 12)):
        if points[at] == 0x3A and points[at + 1] == 0x2F and points[at + 2] == 0x2F:
            return True
    return False


@compiled
def _is_hex(points: Ints, start: int, end: int, letters: int, digits: int) -> bool:
    """Tell whether a token is 0x…, or has at least four hexadecimal digits and no other letter."""
    if end - start > 2 and points[start] == 0x30 and points[start + 1] in (0x78, 0x58):
        return True
    hex_digits = 0
    for at in range(start, end):
        hex_digits += points[at] < 128 and 97 <= (points[at] | 32) <= 102
    return hex_digits == letters and hex_digits + digits > 3


@compiled
def template_of(points: Ints, start: int, end: int, kind: int, tables: Tables) -> np.uint64:
    """Return the hash of a token's template."""
    state = np.uint64(kind + 1)
    if kind in (HEX, PATH, URL):
        return words.chain(state, np.uint64(end - start > 0))
    was_digit = False
    for at in range(start, end):
        is_digit = tables.classes[points[at]] & DIGIT != 0
        if not (is_digit and was_digit):
            state = words.chain(state, np.uint64(48 if is_digit else points[at]))
        was_digit = is_digit
    return state


@compiled
def count_told(points: Ints, start: int, end: int, tables: Tables, log_words: Hashes) -> int:
    """Count the log words in a token: its letters between other signs, case aside; `log_words` is sorted."""
    count, at = 0, start
    while at < end and at < start + 80:
        stop, state = at, _LETTERS
        while stop < end and tables.classes[points[stop]] & LETTER:
            stop += 1
        if 1 < stop - at < 16:
            for position in range(at, stop):
                state = words.chain(state, np.uint64(tables.folds[points[position]]))
            slot = int(np.searchsorted(log_words, state))
            count += int(slot < len(log_words) and log_words[slot] == state)
        at = max(stop, at + 1)
    return count


@compiled
def _hash_letters(points: Ints, count: int, tables: Tables) -> np.uint64:
    state = _LETTERS
    for at in range(count):
        state = words.chain(state, np.uint64(tables.folds[points[at]]))
    return state


@cache
def log_words() -> Hashes:
    """Return the sorted hashes of words that logs and errors are told in."""
    listed = [np.array([ord(letter) for letter in word], np.int32) for word in LOG_WORDS.split()]
    return np.unique(np.array([_hash_letters(points, len(points), words.tables()) for points in listed], np.uint64))
