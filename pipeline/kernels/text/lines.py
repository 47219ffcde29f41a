"""Lines of texts: found, normalised and hashed in one compiled pass, those of code and math left alone.

A line is what stands between line breaks. Normalised, it has no case, no accents and no punctuation, its digits are 0
and its white space is single (cc_net, Wenzek et al. 2020): so "Page 3 of 12" and "page 4 of 12." are one line. Lines of
numbers may keep their digits and the signs within numbers, so that rows of different figures are different lines.
"""

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.kernels.compiled import compiled
from pipeline.kernels.text.code_points import LIMIT, line_normal, mix64
from pipeline.kernels.text.numeric_lines import date_words, digit_values, has_numeric_cell
from pipeline.kernels.text.words import decode, longest, utf8

Array = np.ndarray[Any, np.dtype[Any]]
_SEED, _FACTOR = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_ZERO = 48
_IN_NUMBERS = tuple(ord(sign) for sign in "-+−.,:/%")
# Conjoining letters of Korean: first consonants, vowels, last consonants (The Unicode Standard, 3.12).
_LEAD, _VOWEL, _TAIL, _SYLLABLE = 0x1100, 0x1161, 0x11A7, 0xAC00


class Lines(NamedTuple):
    """The lines of a batch of texts that are neither blank nor inside a span.

    Attributes:
        text: Number of the text, int32.
        start: Where the line begins in its text, in code points, int32.
        end: Where it ends, before its line break, int32.
        key: 64-bit hash of the normalised line, int64.
    """

    text: Array
    start: Array
    end: Array
    key: Array


def find_lines(texts: pa.Array, spans: pa.Array, min_chars: int = 1, *, numbers: bool = False) -> Lines:
    r"""Return the lines of texts with the hashes of what they say.

    Args:
        texts: Strings; null counts as empty.
        spans: Lists of (start, end, kind) in code points; a line inside one of them is left out.
        min_chars: Characters of the normalised line below which it is left out.
        numbers: Whether lines of numbers keep their digits.

    >>> none = pa.array([[], []], pa.list_(pa.struct([("start", pa.int32()), ("end", pa.int32())])))
    >>> lines = find_lines(pa.array(["Page 3 of 12\n\nA mill.", "page 4 of 12!"]), none)
    >>> lines.start.tolist(), bool(lines.key[0] == lines.key[2])
    ([0, 14, 0], True)
    """
    buffer, offsets = utf8(texts)
    first, starts, ends = span_arrays(spans)
    room = int((buffer == 0x0A).sum()) + len(offsets)
    out = Lines(np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int64))
    tables = (line_normal(), digit_values(), date_words() if numbers else np.empty(0, np.uint64))
    count = _find(buffer, offsets, longest(offsets), tables, first, starts, ends, min_chars, *out)
    return Lines(*(array[:count] for array in out))


def span_arrays(spans: pa.Array) -> tuple[Array, Array, Array]:
    """Return where each text's spans begin in two flat arrays of starts and ends."""
    if isinstance(spans, pa.ChunkedArray):
        spans = spans.combine_chunks()
    lengths = pc.fill_null(pc.list_value_length(spans), 0).to_numpy(zero_copy_only=False)
    flat = spans.flatten()
    first = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    return first, flat.field("start").to_numpy(zero_copy_only=False), flat.field("end").to_numpy(zero_copy_only=False)


@compiled
def _find(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    buffer: Any,
    offsets: Any,
    points: Any,
    tables: Any,
    first: Any,
    starts: Any,
    ends: Any,
    min_chars: Any,
    text_of: Any,
    start_of: Any,
    end_of: Any,
    key_of: Any,
) -> Any:
    count = 0
    for text in range(len(offsets) - 1):
        length = decode(buffer, offsets[text], offsets[text + 1], points)
        span, last_span = first[text], first[text + 1]
        start = 0
        while start <= length:
            end = start
            while end < length and points[end] != 0x0A:
                end += 1
            while span < last_span and ends[span] < end:
                if ends[span] > start:
                    break
                span += 1
            key, chars = _hash_line(points, start, end, tables)
            if chars >= min_chars and not _inside(points, start, end, span, last_span, starts, ends):
                text_of[count], start_of[count], end_of[count] = text, start, end
                key_of[count] = np.int64(key)
                count += 1
            start = end + 1
    return count


@compiled
def _hash_line(points: Any, start: Any, end: Any, tables: Any) -> Any:
    """Return the hash of the normalised line and its characters; a space counts only between others."""
    normal, digits, dates = tables
    key, chars, gap, figures = _SEED, 0, False, False
    at = start
    while at < end:
        point = points[at]
        at += 1
        if point >= _LEAD:  # letters below U+1100 cost no call
            point, at = _next_letter(points, at - 1, end)
        value = normal[point] if point < LIMIT else point
        figures = figures or value == _ZERO
        if value == 0:
            continue
        if value == 32:
            gap = chars > 0
            continue
        if gap:
            key = (key ^ np.uint64(32)) * _FACTOR
            chars += 1
            gap = False
        key = (key ^ np.uint64(value)) * _FACTOR
        chars += 1
    if figures and len(dates) and has_numeric_cell(points, start, end, normal, dates):
        key = _hash_figures(key, points, start, end, digits)
    return mix64(key), chars


@compiled
def _next_letter(points: Any, at: Any, end: Any) -> Any:
    """Return the code point at a position, Korean letters as their syllable, and where the next one begins."""
    point = points[at]
    at += 1
    if 0 <= point - _LEAD < 19 and at < end and 0 <= points[at] - _VOWEL < 21:
        point = np.int32(_SYLLABLE + ((point - _LEAD) * 21 + points[at] - _VOWEL) * 28)
        at += 1
    if 0 <= point - _SYLLABLE < 11172 and (point - _SYLLABLE) % 28 == 0 and at < end and 0 < points[at] - _TAIL < 28:
        point += np.int32(points[at] - _TAIL)
        at += 1
    return point, at


@compiled
def _hash_figures(key: Any, points: Any, start: Any, end: Any, digits: Any) -> Any:
    """Return a hash with the digits of a line, and the signs that stand right before or within its numbers."""
    for at in range(start, end):
        point = points[at]
        digit = digits[point] if point < LIMIT else 0
        if digit:
            key = (key ^ np.uint64(digit)) * _FACTOR
        elif point in _IN_NUMBERS and at + 1 < end and points[at + 1] < LIMIT and digits[points[at + 1]]:
            key = (key ^ np.uint64(point)) * _FACTOR
    return key


@compiled
def _inside(points: Any, start: Any, end: Any, span: Any, last_span: Any, starts: Any, ends: Any) -> Any:
    """Tell whether what a line shows lies wholly inside one span."""
    while start < end and (points[start] == 32 or points[start] == 9):
        start += 1
    while end > start and (points[end - 1] == 32 or points[end - 1] == 9):
        end -= 1
    while span < last_span and starts[span] <= start:
        if ends[span] >= end:
            return True
        span += 1
    return False


def keyed(lines: Lines, salts: Array) -> Array:
    """Return the lines' keys within a group (a language, a bucket): 63 bits, int64, not negative.

    Args:
        lines: Of a batch.
        salts: One number a text; texts of one group share it.

    >>> lines = Lines(np.array([0, 1]), np.zeros(2), np.zeros(2), np.array([7, 7]))
    >>> bool(keyed(lines, np.array([1, 2]))[0] == keyed(lines, np.array([1, 2]))[1])
    False
    """
    mixed = np.empty(len(lines.key), np.uint64)
    _mix(
        lines.key.view(np.uint64) if lines.key.dtype == np.int64 else lines.key,
        salts.view(np.uint64)[lines.text],
        mixed,
    )
    return mixed.view(np.int64)


@compiled
def _mix(keys: Any, salts: Any, out: Any) -> None:
    for at in range(len(keys)):
        out[at] = mix64(keys[at] + mix64(salts[at])) >> np.uint64(1)
