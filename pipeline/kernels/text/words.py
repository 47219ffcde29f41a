"""Words, found and hashed by compiled code in the UTF-8 of Arrow strings.

A **word** is a maximal run of Unicode letters, digits (category N) and marks. An apostrophe, a middle dot, a soft
hyphen or a zero-width joiner between two of them belongs to the word (*don't*, *l’eau*, *col·lecció*). Scripts written
without spaces have no dictionary here: each ideograph, kana, Thai, Lao, Khmer or Burmese letter is a word, together
with the marks that follow it. Words are compared by a 64-bit hash of their code points after simple case folding.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.kernels.compiled import compiled

Bytes = npt.NDArray[np.uint8]
Classes = npt.NDArray[np.uint16]
Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int32]
Offsets = npt.NDArray[np.int64]

LETTER, DIGIT, MARK, ALONE, JOINER, SPACE, TERMINAL, BULLET, CAPITAL, QUOTE = (1 << bit for bit in range(10))
IN_RUN = LETTER | DIGIT | MARK
_FLAGS = {"L": LETTER, "N": DIGIT, "M": MARK}

CODE_POINTS = 0x110000
_JOINERS = "'’·\u00ad\u200c\u200d"
# Sentence ends of the scripts in wide use, and the closing quotes and brackets that may follow them.
_TERMINALS = ".?!…‽⁇⁈⁉\"'”’»›」』。！？．｡؟۔।॥။።፧።՝։᠃᠉។៕"
_CLOSING = "\"'”’»›」』)]）】"
_BULLETS = "•‣⁃◦▪▫●○■□▶▸▹►◆◇➢∙·"
# Letters of scripts without spaces between words; other categories in these blocks keep their own class.
_UNSPACED = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F), (0x3005, 0x3007),
    (0x3021, 0x3029), (0x3038, 0x312F), (0x31A0, 0x31BF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF), (0xFF66, 0xFF9F), (0x1AFF0, 0x1B16F), (0x20000, 0x323AF),
)  # fmt: skip
# Odd constants of splitmix64; any odd 64-bit number with mixed bits would do.
_SEED, _FACTOR, _FINAL = np.uint64(0x243F6A8885A308D3), np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
_HALF, _TURN, _BACK = np.uint64(32), np.uint64(29), np.uint64(35)


class Tables(NamedTuple):
    """What the compiled code knows of Unicode: for each code point its class flags and its folded form."""

    classes: Classes
    folds: Ints


class Words(NamedTuple):
    """The words of a batch; those of text `i` are at `offsets[i]` to `offsets[i + 1]`."""

    offsets: Offsets
    hashes: Hashes
    lengths: Ints


@cache
def tables() -> Tables:
    """Return the tables, built from `unicodedata` on first use (about 0.3 s, 6.7 MB)."""
    classes = np.zeros(CODE_POINTS, dtype=np.uint16)
    folds = np.arange(CODE_POINTS, dtype=np.int32)
    alone = np.zeros(CODE_POINTS, dtype=np.uint8)
    for low, high in _UNSPACED:
        alone[low : high + 1] = ALONE
    for code in range(CODE_POINTS):
        category = unicodedata.category(chr(code))
        if category[0] in "LMN":
            classes[code] = _FLAGS[category[0]] | (alone[code] if category[0] == "L" or category == "Nl" else 0)
            classes[code] |= CAPITAL if category == "Lu" else 0
            folded = chr(code).casefold()
            folds[code] = ord(folded) if len(folded) == 1 else code
        elif chr(code).isspace():
            classes[code] = SPACE
    for characters, flag in ((_JOINERS, JOINER), (_TERMINALS, TERMINAL), (_BULLETS, BULLET), (_CLOSING, QUOTE)):
        for character in characters:
            classes[ord(character)] |= flag
    folds[ord("’")] = ord("'")
    classes.flags.writeable = folds.flags.writeable = False
    return Tables(classes, folds)


def utf8(texts: pa.Array | pa.ChunkedArray) -> tuple[Bytes, Offsets]:
    """Return the UTF-8 bytes of strings and where each begins; a null has no bytes.

    >>> utf8(pa.array(["é", None, "ab"]))[1].tolist()
    [0, 2, 2, 4]
    """
    texts = texts.cast(pa.large_string()).fill_null("")
    texts = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    _, starts, content = texts.buffers()
    # bytes are read-only whatever their origin, so that one compiled version serves all
    buffer = np.frombuffer(content if content is not None and content.size else b"", dtype=np.uint8)
    if len(texts) == 0:
        return buffer[:0], np.zeros(1, dtype=np.int64)
    offsets = np.frombuffer(starts, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return buffer[offsets[0] : offsets[-1]], offsets - offsets[0]


def longest(offsets: Offsets) -> Ints:
    """Return an array that holds the code points of any one text."""
    return np.empty(int(np.diff(offsets).max(initial=0)), dtype=np.int32)


@compiled
def decode(buffer: Bytes, start: int, end: int, points: Ints) -> int:
    """Write the code points of `held[start:end]` and return their number; a malformed byte becomes U+FFFD."""
    count, at = 0, start
    while at < end:
        point = np.int32(buffer[at])
        at += 1
        if point >= 0x80:
            extra = 1 if point < 0xE0 else 2 if point < 0xF0 else 3
            valid = 0xC2 <= point < 0xF5 and at + extra <= end
            point &= 0x3F >> extra
            for _ in range(extra if valid else 0):
                point = (point << 6) | (np.int32(buffer[at]) & 0x3F)
                at += 1
            point = point if valid and point < CODE_POINTS else np.int32(0xFFFD)
        points[count] = point
        count += 1
    return count


@compiled
def end_of_word(points: Ints, start: int, count: int, classes: Classes) -> int:
    """Return where the word ends that begins at `start`."""
    at = start + 1
    if classes[points[start]] & ALONE:
        while at < count and classes[points[at]] & IN_RUN == MARK:
            at += 1
        return at
    while at < count:
        flags = classes[points[at]]
        after = classes[points[at + 1]] if at + 1 < count else 0
        joined = flags & JOINER and after & IN_RUN and not after & ALONE
        if flags & ALONE or not (flags & IN_RUN or joined):
            break
        at += 1
    return at


@compiled
def hash_points(points: Ints, start: int, end: int) -> np.uint64:
    """Return a 64-bit hash of some code points."""
    state = _SEED
    for at in range(start, end):
        state = (state ^ np.uint64(points[at])) * _FACTOR
        state ^= state >> _HALF
    state = (state ^ (state >> _TURN)) * _FINAL
    return state ^ (state >> _HALF)


@compiled
def chain(state: np.uint64, key: np.uint64) -> np.uint64:
    """Return the hash of a sequence whose hash was `state` before `key` was added."""
    return (((state << _TURN) | (state >> _BACK)) ^ key) * _FACTOR


@compiled
def slots_for(count: int) -> Ints:
    """Return an empty hash table for `count` keys, at most half full."""
    size = 8
    while size < 2 * count:
        size *= 2
    return np.full(size, -1, dtype=np.int32)


@compiled
def slot_of(slots: Ints, keys: Hashes, at: int) -> int:
    """Return the first position whose key equals that at `at`; it is `at` itself if the key is new."""
    mask = len(slots) - 1
    position = np.int64((keys[at] ^ (keys[at] >> _TURN)) & np.uint64(mask))
    while slots[position] >= 0:
        if keys[slots[position]] == keys[at]:
            return int(slots[position])
        position = (position + 1) & mask
    slots[position] = at
    return at


@compiled
def _scan_words(points: Ints, count: int, tables: Tables, hashes: Hashes, lengths: Ints) -> int:
    """Fold the points, write each word's hash and length; return how many words there are."""
    number = at = 0
    while at < count:
        if not tables.classes[points[at]] & IN_RUN:
            at += 1
            continue
        end = end_of_word(points, at, count, tables.classes)
        for position in range(at, end):
            points[position] = tables.folds[points[position]]
        hashes[number] = hash_points(points, at, end)
        lengths[number] = end - at
        number += 1
        at = end
    return number


@compiled
def _scan_batch(buffer: Bytes, offsets: Offsets, tables: Tables, points: Ints, out: Words) -> None:
    starts, hashes, lengths = out
    for row in range(len(offsets) - 1):
        total = starts[row]
        count = decode(buffer, offsets[row], offsets[row + 1], points)
        starts[row + 1] = total + _scan_words(points, count, tables, hashes[total:], lengths[total:])


def find_words(texts: pa.Array | pa.ChunkedArray) -> Words:
    """Return the hash and the length (code points) of every word of every text, in order.

    >>> found = find_words(pa.array(["Don't panic", None, "don’t"]))
    >>> found.offsets.tolist(), found.lengths.tolist(), bool(found.hashes[0] == found.hashes[2])
    ([0, 2, 2, 3], [5, 5, 5], True)
    """
    buffer, offsets = utf8(texts)
    sizes = len(offsets), len(buffer)
    words = Words(np.zeros(sizes[0], np.int64), np.empty(sizes[1], np.uint64), np.empty(sizes[1], np.int32))
    _scan_batch(buffer, offsets, tables(), longest(offsets), words)
    total = words.offsets[-1]
    return Words(words.offsets, words.hashes[:total].copy(), words.lengths[:total].copy())


def hash_words(words: Iterable[str]) -> Hashes:
    """Return the sorted hashes of some words, for look-ups in compiled code; each must be one word.

    >>> len(hash_words(["the", "THE", "of"]))
    2
    """
    listed = list(words)
    scanned = find_words(pa.array(listed, type=pa.string()))
    wrong = [word for word, number in zip(listed, np.diff(scanned.offsets), strict=True) if number != 1]
    if wrong:
        raise ValueError(f"hash_words: expected single words, but these are not: {wrong[:5]}")
    return np.unique(scanned.hashes)
