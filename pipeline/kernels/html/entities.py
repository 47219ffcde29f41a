"""Character references of HTML as a table for compiled code."""

from functools import cache
from html.entities import html5
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.kernels.array_types import Bool, Bytes, CountRows, Int
from pipeline.kernels.compiled import lean
from pipeline.kernels.html.names import hash_word, look_up

_SEED, _FACTOR = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_LONGEST: Final = max(map(len, html5))
_AMPERSAND, _SEMICOLON, _HASH, _X, _BIG_X = (ord(sign) for sign in "&;#xX")
_SMALL_A, _SMALL_Z, _SMALL_F, _BIG_A, _BIG_Z, _BIG_F, _ZERO, _NINE = (ord(sign) for sign in "azfAZF09")
_BROKEN: Final = 0xFFFD
# What browsers make of the numbers that Windows-1252 gives to signs.
_WINDOWS: Final = np.array(
    [ord(bytes([code]).decode("cp1252", "replace")) if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else code
     for code in range(0x80, 0xA0)],
    np.int64,
)  # fmt: skip


@cache
def entity_table() -> npt.NDArray[np.int64]:
    """Hash of a name (with its semicolon, if it has one) → its first code point, and the second above bit 32."""
    size = 8192
    table = np.zeros((size, 2), np.uint64)
    for name, text in html5.items():
        key = hash_word(name)
        at = key & (size - 1)
        while table[at, 0]:
            at = (at + 1) & (size - 1)
        table[at] = key, ord(text[0]) | (ord(text[1]) << 32 if len(text) > 1 else 0)
    return table.view(np.int64)


@lean
def _is_of_name(byte: Int) -> Bool:
    """Whether a byte can stand in the name of a reference."""
    if byte >= _SMALL_A:
        return byte <= _SMALL_Z
    return (byte >= _BIG_A and byte <= _BIG_Z) or (byte >= _ZERO and byte <= _NINE) or byte == _SEMICOLON


@lean
def read_entity(src: Bytes, at: Int, end: Int, table: CountRows) -> tuple[Int, Int, Int]:
    """What stands at the `&` at `at`: its one or two code points (0 for none) and where reading goes on."""
    here = at + 1
    if here < end and src[here] == _HASH:
        return _read_number(src, here + 1, end, at)
    key, code, stop = _SEED, np.int64(0), at + 1
    last = min(end, here + _LONGEST)
    while here < last:
        byte = src[here]
        if not (_is_of_name(byte)):
            break
        key = (key ^ np.uint64(byte)) * _FACTOR
        here += 1
        value = look_up(table, key)
        if value:
            code, stop = value, here
        if byte == _SEMICOLON:
            break
    if not code:
        return np.int64(_AMPERSAND), np.int64(0), at + 1
    return code & 0xFFFFFFFF, code >> 32, stop


@lean
def _read_number(src: Bytes, here: Int, end: Int, at: Int) -> tuple[Int, Int, Int]:
    base = 10
    if here < end and (src[here] == _X or src[here] == _BIG_X):
        base, here = 16, here + 1
    value, first = np.int64(0), here
    while here < end:
        byte = np.int64(src[here])
        if byte >= _ZERO and byte <= _NINE:
            digit = byte - _ZERO
        elif base == 16 and ((byte >= _SMALL_A and byte <= _SMALL_F) or (byte >= _BIG_A and byte <= _BIG_F)):
            digit = (byte | (_SMALL_A ^ _BIG_A)) - _SMALL_A + 10
        else:
            break
        value = min(value * base + digit, np.int64(0x110000))
        here += 1
    if here == first:
        return np.int64(_AMPERSAND), np.int64(0), at + 1
    if here < end and src[here] == _SEMICOLON:
        here += 1
    if value >= 0x80 and value < 0xA0:
        value = _WINDOWS[value - 0x80]
    elif value == 0 or value >= 0x110000 or (value >= 0xD800 and value < 0xE000):
        value = np.int64(_BROKEN)
    return value, np.int64(0), here


@lean
def decode_point(src: Bytes, at: Int, byte: Int) -> tuple[Int, Int]:
    """The code point that begins with a byte that is not ASCII at `at`, and its length."""
    if byte < 0xC0:
        return np.int64(_BROKEN), 1
    if byte < 0xE0:
        return (byte & 31) << 6 | np.int64(src[at + 1]) & 63, 2
    point = (np.int64(src[at + 1]) & 63) << 6 | np.int64(src[at + 2]) & 63
    if byte < 0xF0:
        return (byte & 15) << 12 | point, 3
    return (byte & 7) << 18 | point << 6 | np.int64(src[at + 3]) & 63, 4


@lean
def next_point(src: Bytes, at: Int, end: Int, table: CountRows) -> tuple[Int, Int, Int]:
    """The code point at `at`, the second one where a reference stands for two (else 0), and where reading goes on."""
    byte = np.int64(src[at])
    if byte == _AMPERSAND:
        return read_entity(src, at, end, table)
    if byte < 0x80:
        return byte, np.int64(0), at + 1
    point, size = decode_point(src, at, byte)
    return point, np.int64(0), at + size
