"""What writes a page's text: white space made single, references decoded, words and signs counted; compiled."""

from typing import Final

import numpy as np

from pipeline.kernels.array_types import Bool, Bytes, CountRows, Counts, Int
from pipeline.kernels.compiled import lean
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.entities import decode_point, read_entity
from pipeline.kernels.html.names import WEIGHT_ZERO, look_up

_SEED, _FACTOR = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)

# What the writer keeps: where it writes, whether a space is due, whether it is inside a word, its word's hash, and
# inside how many links, emphasised elements, buttons, quoted code it is.
POS, SPACE, WORD, KEY, LINK, STRONG, BUTTON, CODE, WORD_LEN, CAPITAL, HIDING = range(11)
STATE: Final = 11
# The white space that is due: none, blanks, a line break of the source among them, or a space in any case.
NO_SPACE, BLANKS, SEGMENT_BREAK, FIXED_SPACE = range(4)

FIRST_PLACEHOLDER, MAX_PLACEHOLDERS = 0xF0000, 0x1FFF0
_TAB, _NEW_LINE, _RETURN, _FORM_FEED = (ord(sign) for sign in "\t\n\r\f")
_BLANK, _AMPERSAND, _APOSTROPHE, _COMMA, _DOLLAR = (ord(sign) for sign in " &',$")
_SMALL_A, _SMALL_Z, _BIG_A, _BIG_Z, _ZERO, _NINE = (ord(sign) for sign in "azAZ09")
_TO_LOWER: Final = ord("a") - ord("A")
_DELETE: Final = 0x7F
_WIDE_COMMA, _IDEOGRAPHIC_COMMA = ord("，"), ord("、")
_STOP_SIGNS: Final = (ord("."), ord("!"), ord("?"))
_WIDE_STOPS: Final = (ord("…"), ord("。"))
_CURRENCIES: Final = (ord("£"), ord("¥"), ord("€"))


@lean
def put(out: Bytes, at: Int, point: Int) -> Int:
    """Write a code point as UTF-8; return where the next one goes."""
    if point < 0x80:
        out[at] = point
        return at + 1
    if point < 0x800:
        out[at], out[at + 1] = 0xC0 | point >> 6, 0x80 | point & 63
        return at + 2
    if point < 0x10000:
        out[at], out[at + 1], out[at + 2] = 0xE0 | point >> 12, 0x80 | point >> 6 & 63, 0x80 | point & 63
        return at + 3
    out[at], out[at + 1] = 0xF0 | point >> 18, 0x80 | point >> 12 & 63
    out[at + 2], out[at + 3] = 0x80 | point >> 6 & 63, 0x80 | point & 63
    return at + 4


@lean
def end_word(w: Counts, counts: Counts, lexicon: CountRows) -> None:
    """Count the word that ends here, if one does."""
    if not w[WORD]:
        return
    w[WORD] = 0
    counts[col.WORDS] += 1
    if w[LINK]:
        counts[col.LINK_WORDS] += 1
    if w[STRONG]:
        counts[col.STRONG_WORDS] += 1
    if w[BUTTON]:
        counts[col.BUTTON_WORDS] += 1
    if w[CODE]:
        counts[col.CODE_WORDS] += 1
    if w[HIDING]:
        counts[col.HIDDEN_WORDS] += 1
    if w[WORD_LEN] > 6:
        counts[col.LONG_WORDS] += 1
    if w[CAPITAL]:
        counts[col.CAPITALS] += 1
    weight = look_up(lexicon, np.uint64(w[KEY]))
    if weight:
        weight -= WEIGHT_ZERO
        counts[col.WEIGHT] += weight
        counts[col.KNOWN] += 1
        counts[col.LEAST] = min(counts[col.LEAST], weight)
        counts[col.MOST] = max(counts[col.MOST], weight)


@lean
def _begin_word(w: Counts) -> None:
    w[WORD], w[KEY], w[WORD_LEN], w[CAPITAL] = 1, np.int64(_SEED), 0, 0


@lean
def _is_wide(point: Int) -> Bool:
    """Whether a code point is written without spaces between words: those of Chinese and Japanese, and their signs."""
    return (point >= 0x2E80 and point < 0xA4D0 and not (point >= 0x3130 and point < 0x3190)) or (
        point >= 0x20000 and point < 0x40000
    ) or (point >= 0xF900 and point < 0xFB00) or (point >= 0xFE30 and point < 0xFE50) or (
        point >= 0xFF01 and point < 0xFFA0
    )  # fmt: skip


@lean
def last_point(out: Bytes, first: Int, at: Int) -> Int:
    """The code point that ends before `at`; 0 at `first`."""
    start = at - 1
    while start > first and out[start] & 0xC0 == 0x80:
        start -= 1
    if start < first:
        return np.int64(0)
    return decode_point(out, start, np.int64(out[start]))[0] if out[start] >= 0x80 else np.int64(out[start])


@lean
def put_space_before(out: Bytes, w: Counts, first: Int, point: Int) -> None:
    """Write the space that is due before a code point; a break of the source's lines is none between wide letters.

    CSS Text, "segment break transformation rules".
    """
    if w[SPACE] == SEGMENT_BREAK and _is_wide(point) and _is_wide(last_point(out, first, w[POS])):
        w[SPACE] = NO_SPACE
    put_space(out, w, first)


@lean
def put_space(out: Bytes, w: Counts, first: Int) -> None:
    """Write the space that is due, but not at the head of a line or behind another."""
    if w[SPACE]:
        w[SPACE] = NO_SPACE
        at = w[POS]
        if at > first and out[at - 1] not in (_TAB, _NEW_LINE, _BLANK):
            out[at] = _BLANK
            w[POS] = at + 1


@lean
def _is_blank(point: Int) -> Bool:
    """Whether a code point parts words, and is written as one space with others."""
    if point < 128:
        return point in (_TAB, _NEW_LINE, _FORM_FEED, _RETURN)
    return (point >= 0x2000 and point <= 0x200A) or point in (0xA0, 0x2028, 0x2029, 0x3000)


@lean
def _is_dropped(point: Int) -> Bool:
    """Whether a code point is not written: controls, soft hyphens, no characters, and those for private use.

    The last are the signs of icon fonts, and our placeholders.
    """
    if point < 0xE000:
        return point < _BLANK or point in (_DELETE, 0xAD, 0x200B)
    return point < 0xF900 or point >= FIRST_PLACEHOLDER or point == 0xFEFF or (point >= 0xFDD0 and point <= 0xFDEF)


@lean
def write_point(out: Bytes, w: Counts, counts: Counts, lexicon: CountRows, first: Int, point: Int) -> None:
    """Write and count one code point that is not ASCII, or any that a reference stands for."""
    if _is_blank(point):
        end_word(w, counts, lexicon)
        w[SPACE] = FIXED_SPACE
        return
    if _is_dropped(point):
        return
    if w[SPACE]:
        put_space_before(out, w, first, point)
    counts[col.CHARS] += 1
    if point < 128:
        _count_ascii(w, counts, lexicon, point)
    elif (point >= 0x3040 and point < 0xA000) or (point >= 0xAC00 and point < 0xD7B0):
        end_word(w, counts, lexicon)
        _count_letter(w, counts, point)
        end_word(w, counts, lexicon)
    elif point < 0xC0 or (point >= 0x2010 and point < 0x2C00) or (point >= 0x3000 and point < 0x3040):
        end_word(w, counts, lexicon)
        _count_sign(counts, point)
    else:
        if point == _WIDE_COMMA:
            counts[col.COMMAS] += 1
        _count_letter(w, counts, point)
    w[POS] = put(out, w[POS], point)


@lean
def _count_letter(w: Counts, counts: Counts, point: Int) -> None:
    """Count a letter that is not ASCII."""
    if not w[WORD]:
        _begin_word(w)
    w[KEY] = np.int64((np.uint64(w[KEY]) ^ np.uint64(point)) * _FACTOR)
    w[WORD_LEN] += 1
    counts[col.FOREIGN] += 1


@lean
def _count_sign(counts: Counts, point: Int) -> None:
    """Count a sign that is not ASCII."""
    if point in _WIDE_STOPS:
        counts[col.STOPS] += 1
    elif point == _IDEOGRAPHIC_COMMA:
        counts[col.COMMAS] += 1
    else:
        counts[col.SIGNS] += 1
        counts[col.MONEY] += point in _CURRENCIES


@lean
def _is_capital(byte: Int) -> Bool:
    return byte >= _BIG_A and byte <= _BIG_Z


@lean
def _is_alnum(byte: Int) -> Bool:
    if byte >= _SMALL_A:
        return byte <= _SMALL_Z
    return _is_capital(byte) or (byte >= _ZERO and byte <= _NINE)


@lean
def _count_ascii(w: Counts, counts: Counts, lexicon: CountRows, byte: Int) -> None:
    if _is_alnum(byte):
        upper = _is_capital(byte)
        if not w[WORD]:
            _begin_word(w)
            w[CAPITAL] = upper
        w[KEY] = np.int64((np.uint64(w[KEY]) ^ np.uint64(byte + _TO_LOWER if upper else byte)) * _FACTOR)
        w[WORD_LEN] += 1
        if byte <= _NINE:
            counts[col.DIGITS] += 1
        return
    if byte == _APOSTROPHE and w[WORD]:
        return
    end_word(w, counts, lexicon)
    if byte == _COMMA:
        counts[col.COMMAS] += 1
    elif byte in _STOP_SIGNS:
        counts[col.STOPS] += 1
    else:
        counts[col.SIGNS] += 1
        counts[col.MONEY] += byte == _DOLLAR


@lean
def _write_run(src: Bytes, at: Int, end: Int, out: Bytes, w: Counts, counts: Counts) -> Int:
    """Write and count the ASCII letters and digits that begin at `at`, which most text is; return their end."""
    if not w[WORD]:
        _begin_word(w)
        w[CAPITAL] = _is_capital(src[at])
    start, pos, digits, key = at, w[POS], np.int64(0), np.uint64(w[KEY])
    while at < end and _is_alnum(src[at]):
        byte = src[at]
        key = (key ^ np.uint64(byte + _TO_LOWER if _is_capital(byte) else byte)) * _FACTOR
        digits += np.int64(byte <= _NINE)
        out[pos + at - start] = byte
        at += 1
    w[KEY], w[POS] = np.int64(key), pos + at - start
    w[WORD_LEN] += at - start
    counts[col.DIGITS] += digits
    counts[col.CHARS] += at - start
    return at


@lean
def write_text(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    src: Bytes,
    start: Int,
    end: Int,
    out: Bytes,
    w: Counts,
    counts: Counts,
    lexicon: CountRows,
    entities: CountRows,
    first: Int,
) -> None:
    """Write and count a stretch of the source; `first` is where the line or block begins in `out`."""
    at = np.int64(start)
    while at < end:
        byte = np.int64(src[at])
        if byte <= _BLANK:
            end_word(w, counts, lexicon)
            if byte in (_NEW_LINE, _RETURN):
                w[SPACE] = max(w[SPACE], SEGMENT_BREAK)
            elif byte == _BLANK or (byte >= _TAB and byte <= _RETURN):
                w[SPACE] = max(w[SPACE], BLANKS)
            at += 1
        elif byte == _AMPERSAND:
            first_point, two, at = read_entity(src, at, end, entities)
            write_point(out, w, counts, lexicon, first, first_point)
            if two:
                write_point(out, w, counts, lexicon, first, two)
        elif _is_alnum(byte):
            if w[SPACE]:
                put_space(out, w, first)
            at = _write_run(src, at, end, out, w, counts)
        elif byte < _DELETE:
            if w[SPACE]:
                put_space(out, w, first)
            _count_ascii(w, counts, lexicon, byte)
            counts[col.CHARS] += 1
            out[w[POS]] = byte
            w[POS] += 1
            at += 1
        else:
            point, size = decode_point(src, at, byte) if byte > _DELETE else (byte, 1)
            at += size
            write_point(out, w, counts, lexicon, first, point)
