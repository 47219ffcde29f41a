"""Lines that are mostly their numbers: rows of figures, prices, times, dates. They say nothing without their digits.

A line falls into cells at tabs and runs of spaces. A cell is of numbers where it has two digits per letter, one in a
line of several cells ("2.40 EUR"); words of dates and currencies count as no letters.
"""

import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from pipeline.kernels.compiled import compiled
from pipeline.kernels.text.code_points import LIMIT

Array = np.ndarray[Any, np.dtype[Any]]
_ZERO, _SPACE, _TAB = 48, 32, 9
_SEED, _FACTOR = np.uint64(0x243F6A8885A308D3), np.uint64(0x100000001B3)
_CURRENCIES = (
    "eur usd gbp chf jpy cny rmb hkd twd krw inr rs idr myr sgd thb vnd php aud nzd cad mxn brl r ars clp cop pen zar"
    " egp ils aed sar try tl rub руб р uah грн pln zł zl czk kc huf ft ron lei bgn лв hrk kn rsd din sek nok dkk isk kr"
)
"""Codes and abbreviations of currencies, as lines are normalised."""
_MOST_LETTERS = 24
"""Letters of a cell's words that are looked up; a date has no longer word."""


@lru_cache(maxsize=1)
def date_words() -> Array:
    """Return the sorted hashes of words of dates and currencies, uint64; `date_words.md` says where those are from."""
    dates = (files(__package__) / "date_words.txt").read_text(encoding="utf-8")
    listed = sorted({*dates.split(), *_CURRENCIES.split()})
    hashes = np.empty(len(listed), np.uint64)
    for number, word in enumerate(listed):
        points = np.array([ord(sign) for sign in word], np.int32)
        hashes[number] = _hash_word(points, 0, len(points))
    return np.sort(hashes)


@compiled
def _hash_word(points: Any, start: Any, end: Any) -> Any:
    key = _SEED
    for at in range(start, end):
        key = (key ^ np.uint64(points[at])) * _FACTOR
    return key


@compiled
def has_numeric_cell(points: Any, start: Any, end: Any, normal: Any, dates: Any) -> Any:
    """Tell whether a line has a cell of numbers.

    Args:
        points: Code points of the text.
        start: Where the line begins.
        end: Where it ends.
        normal: As `line_normal` gives it.
        dates: As `date_words` gives it.
    """
    word = np.empty(_MOST_LETTERS, np.int32)
    digits = letters = length = cells = 0
    half = False
    for at in range(start, end + 1):
        point = points[at] if at < end else _TAB
        value = _SPACE if at == end else normal[point] if point < LIMIT else point
        is_letter = value not in (0, _SPACE, _ZERO)
        if is_letter:
            if length < _MOST_LETTERS:
                word[length] = value
            length += 1
            continue
        # A mark within a word (an accent, an apostrophe) ends none.
        if length and value != 0:
            letters += _letters(word, length, dates)
            length = 0
        digits += value == _ZERO
        wide = value == _SPACE and at + 1 < end and points[at + 1] == _SPACE
        if point == _TAB or wide:
            if digits and digits >= 2 * letters:
                return True
            half = half or (digits > 0 and digits >= letters)
            cells += digits + letters > 0
            digits = letters = 0
    return half and cells > 1


@compiled
def _letters(word: Any, length: Any, dates: Any) -> Any:
    """Return how many letters a word counts for: none where it is of a date."""
    if length <= _MOST_LETTERS:
        key = _hash_word(word, 0, length)
        at = np.searchsorted(dates, key)
        if at < len(dates) and dates[at] == key:
            return 0
    return length


@lru_cache(maxsize=1)
def digit_values() -> Array:
    """Return the digit, as the code point of 0 to 9, of every code point that is one, int32; 0 for all others.

    >>> table = digit_values()
    >>> chr(table[ord("٣")]), int(table[ord("a")])
    ('3', 0)
    """
    table = np.zeros(LIMIT, np.int32)
    for point in range(LIMIT):
        if chr(point).isdigit():
            table[point] = _ZERO + unicodedata.digit(chr(point))
    return table
