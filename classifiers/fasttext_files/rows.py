"""Which rows of fastText's input matrix a line stands for: its words, their parts, and hashed n-grams of words."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from classifiers.fasttext_files.format import Index, hash_of
from pipeline.kernels.array_types import Bool, Bytes, Counts, Int
from pipeline.kernels.compiled import compiled

_END = np.frombuffer(b"</s>", np.uint8)
_LABEL = np.frombuffer(b"__label__", np.uint8)
Span: TypeAlias = tuple[Int, Int]
"""Where some bytes begin, and where they end."""
Entries: TypeAlias = tuple[npt.NDArray[np.uint32], npt.NDArray[np.int32], Counts]
"""Hashes, numbers and starts of an `Index`."""
Shape: TypeAlias = tuple[int, int, int, int, int]
"""Words of the dictionary, buckets, words of the longest n-gram, letters of a word's shortest and longest part."""


def rows_of(line: Bytes, file: Bytes, index: Index, shape: Shape) -> Counts:
    """Return the rows that a line is the mean of, int64 (rows,).

    Args:
        line: UTF-8, with a line break at its end.
        file: The model's file.
        index: Of its dictionary.
        shape: Of the model.
    """
    _, _, ngrams, low, high = shape
    tokens = len(line) // 2 + 2
    parts = (len(line) + 2 * tokens) * max(0, high - max(low, 1) + 1)
    rows, hashes = np.empty(tokens * (1 + max(0, ngrams - 1)) + parts, np.int64), np.empty(tokens, np.int64)
    word = np.empty(len(line) + 6, np.uint8)
    entries = (index.hashes, index.numbers, index.starts)
    return rows[: _fill(line, file, entries, shape, (rows, hashes, word, _END, _LABEL))]


@compiled
def _entry(word: Bytes, span: Span, value: Int, file: Bytes, entries: Entries) -> Int:
    """Return the number of the dictionary's entry that some bytes are; -1 where they are none."""
    hashes, numbers, starts = entries
    low, high = 0, len(hashes)
    while low < high:
        middle = (low + high) // 2
        if int(hashes[middle]) < value:
            low = middle + 1
        else:
            high = middle
    while low < len(hashes) and int(hashes[low]) == value:
        number = int(numbers[low])
        if _same(word, span, file, starts[number]):
            return number
        low += 1
    return -1


@compiled
def _same(word: Bytes, span: Span, file: Bytes, start: Int) -> Bool:
    """Return whether some bytes are those at an offset of the file, up to its next zero."""
    for at in range(span[0], span[1]):
        if file[start + at - span[0]] != word[at]:
            return False
    return file[start + span[1] - span[0]] == 0


@compiled
def _begins(word: Bytes, span: Span, other: Bytes) -> Bool:
    """Return whether some bytes begin with others."""
    if span[1] - span[0] < len(other):
        return False
    for at in range(len(other)):  # noqa: SIM110  (numba compiles no generator within `all`)
        if word[span[0] + at] != other[at]:
            return False
    return True


@compiled
def _bucket_of(hashes: Counts, first: Int, last: Int, buckets: Int) -> Int:
    """Return the bucket of an n-gram of words.

    fastText counts `h * 116049371 + next` modulo 2**64, hashes of words being signed numbers of 32 bits. Here `h` is in
    two halves, none of which ever overflows.
    """
    low = int(hashes[first])
    high = 0xFFFFFFFF if low >= 0x80000000 else 0
    for at in range(first + 1, last + 1):
        word = int(hashes[at])
        sign = 0xFFFFFFFF if word >= 0x80000000 else 0
        total = low * 116049371 + word
        high = (high * 116049371 + (total >> 32) + sign) & 0xFFFFFFFF
        low = total & 0xFFFFFFFF
    return ((high % buckets) * (0x100000000 % buckets) + low) % buckets


@compiled
def _add_parts(word: Bytes, length: Int, shape: Shape, rows: Counts, size: Int) -> Int:
    """Write the rows of the parts of a word, which stands between < and >; return how many rows there then are."""
    words, buckets, _, shortest, longest = shape
    for start in range(length):
        if word[start] & 0xC0 == 0x80:
            continue
        end, letters = start, 1
        while end < length and letters <= longest:
            end += 1
            while end < length and word[end] & 0xC0 == 0x80:
                end += 1
            if letters >= shortest and not (letters == 1 and (start == 0 or end == length)):
                rows[size] = words + hash_of(word, start, end) % buckets
                size += 1
            letters += 1
    return size


@compiled
def _fill(
    line: Bytes,
    file: Bytes,
    entries: Entries,
    shape: Shape,
    room: tuple[Counts, Counts, Bytes, Bytes, Bytes],
) -> Int:
    """Write the rows of a line; return how many there are."""
    words, buckets, ngrams, _, longest = shape
    rows, hashes, word, ending, label = room
    size, tokens, at = 0, 0, 0
    while at < len(line):
        byte = line[at]
        if byte in (0, 32) or (9 <= byte <= 13 and byte != 10):
            at += 1
            continue
        if byte == 10:  # a line break that no word precedes is the word </s>
            data, span = ending, (0, 4)
            at += 1
        else:
            end = at
            while line[end] not in (0, 32) and not 9 <= line[end] <= 13:
                end += 1
            data, span = line, (at, end)
            at = end
        value = hash_of(data, span[0], span[1])
        number = _entry(data, span, value, file, entries)
        last = span[1] - span[0] == 4 and _begins(data, span, ending)
        if 0 <= number < words or (number < 0 and not _begins(data, span, label)):
            hashes[tokens] = value
            tokens += 1
            if number >= 0:
                rows[size] = number
                size += 1
            if longest > 0 and not last:
                length = span[1] - span[0] + 2
                word[0], word[length - 1] = 60, 62
                word[1 : length - 1] = data[span[0] : span[1]]
                size = _add_parts(word, length, shape, rows, size)
        if last:
            break
    for first in range(tokens):
        for final in range(first + 1, min(first + ngrams, tokens)):
            rows[size] = words + _bucket_of(hashes, first, final, buckets)
            size += 1
    return size
