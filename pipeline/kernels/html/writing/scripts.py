"""Raised and lowered signs that keep their meaning in plain text, `x^2`, and those that are typography; compiled."""

from typing import Final

import numpy as np

from pipeline.kernels.array_types import Bool, Bytes, CountRows, Counts, Int
from pipeline.kernels.compiled import lean
from pipeline.kernels.html.names import look_up
from pipeline.kernels.html.tags import lower

_SEED, _FACTOR = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_MAX_DIGITS, _MAX_SIGNS, _WORD = 6, 12, 4
_LETTER, _DIGIT, _GREEK, _SIGN, _PRIME, _OTHER = range(6)
KINDS: Final = 6
_SMALL_A, _SMALL_Z, _ZERO, _NINE, _STAR, _PLUS, _HYPHEN = (ord(sign) for sign in "az09*+-")
_CASE: Final = ord("a") - ord("A")
# Behind which a sign can stand: brackets that close, and signs of variables.
_CARRIERS: Final = tuple(ord(sign) for sign in ")]_|}")
# The first bytes of Greek letters in UTF-8, and those of −, ∞ and ′.
_GREEK_LEADS, _SIGN_LEAD = (0xCE, 0xCF), 0xE2
_SIGNS: Final = np.frombuffer(b"+-=,./() ", np.uint8)


@lean
def _ascii_kind(byte: Int) -> Int:
    small = byte | _CASE
    if small >= _SMALL_A and small <= _SMALL_Z:
        return _LETTER
    if byte >= _ZERO and byte <= _NINE:
        return _DIGIT
    if byte == _STAR:
        return _PRIME
    for sign in _SIGNS:
        if byte == sign:
            return _SIGN
    return _OTHER


@lean
def _kind(out: Bytes, at: Int, stop: Int) -> tuple[Int, Int]:
    """What a character is, and its length in bytes."""
    byte = out[at]
    if byte < 128:
        return _ascii_kind(byte), 1
    if at + 1 < stop and byte in _GREEK_LEADS:
        return _GREEK, 2
    if at + 2 < stop and byte == _SIGN_LEAD:
        if out[at + 1] == 0x88 and (out[at + 2] == 0x92 or out[at + 2] == 0x9E):
            return _SIGN, 3
        if out[at + 1] == 0x80 and out[at + 2] == 0xB2:
            return _PRIME, 3
    return _OTHER, 1


@lean
def _can_carry(byte: Int) -> Bool:
    """Whether a sign behind this one can belong to it: a letter, a digit, a closing bracket."""
    kind = _ascii_kind(byte)
    return byte >= 128 or kind in (_LETTER, _DIGIT) or byte in _CARRIERS


@lean
def _count_kinds(out: Bytes, start: Int, stop: Int, count: Counts) -> Int:
    """Count the characters of each kind, up to one that no sign has, or one too many; return how many they are."""
    at, total = start, 0
    while at < stop and not count[_OTHER] and total <= _MAX_SIGNS:
        kind, size = _kind(out, at, stop)
        count[kind] += 1
        total += 1
        at += size
    return total


@lean
def _key(out: Bytes, start: Int, stop: Int) -> Int:
    """The hash of a stretch in lower case."""
    key = _SEED
    for at in range(start, stop):
        key = (key ^ np.uint64(lower(out[at]))) * _FACTOR
    return key


@lean
def _ends_word(out: Bytes, first: Int, start: Int) -> Bool:
    """Whether what stands before `start` is a word rather than a variable."""
    at = start
    while at > first and start - at < _WORD and _ascii_kind(out[at - 1]) == _LETTER:
        at -= 1
    return start - at == _WORD


@lean
def is_script(
    out: Bytes, first: Int, start: Int, stop: Int, raised: Bool, typography: CountRows, count: Counts
) -> Bool:
    """Whether the text at start to stop, raised or lowered behind what stands before it, changes what that means.

    `count` is room for `KINDS` numbers.
    """
    if start <= first or stop <= start or not _can_carry(out[start - 1]):
        return False
    count[:KINDS] = 0
    total = _count_kinds(out, start, stop, count)
    lead, digits = out[start], count[_DIGIT]
    is_signed = lead in (_PLUS, _HYPHEN, _SIGN_LEAD)
    is_number = digits > 0 and digits <= _MAX_DIGITS and digits + is_signed == total
    if count[_OTHER] or (total > _MAX_SIGNS and not is_number) or (total > 1 and count[_PRIME]):
        return False
    if total == 1 and count[_SIGN] and lead != _SIGN_LEAD:
        return False
    if not raised:
        return True
    return not look_up(typography, _key(out, start, stop)) and (is_signed or not _ends_word(out, first, start))
