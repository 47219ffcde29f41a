"""One tag of a page: its name and its end; compiled."""

from typing import Final

import numpy as np

from pipeline.kernels.array_types import Bool, Bytes, Int
from pipeline.kernels.compiled import lean

_SEED, _FACTOR = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)

# What a tag's attributes are found to say: flags of an element.
IS_HIDDEN, HAS_SOURCE, IS_TABLE, IN_PAGE, OUTWARD, MATH_SCRIPT, JSON_LD, LAYOUT, MAYBE_MATH, HAS_LINK, SHADOW_ROOT = (
    1 << bit for bit in range(11)
)  # fmt: skip
# Line numbers, of which the text of code has none.
IS_GUTTER = 1 << 20
# What an inline style sets apart from its neighbours.
IS_APART = 1 << 21
# What an inline style shows as code: letters of one width, and white space as it stands.
IS_CODE_STYLE = 1 << 22
LESS, GREATER, SLASH, BANG, QUESTION, HYPHEN, EQUALS = (ord(sign) for sign in "<>/!?-=")
DOUBLE_QUOTE, QUOTE, OPENING, CLOSING = (ord(sign) for sign in "\"'[]")
_STRIDE: Final = 16
# What a `<` begins.
NO_TAG, START_TAG, END_TAG, DECLARATION = range(4)


@lean
def next_sign(src: Bytes, at: Int, end: Int, sign: Int) -> Int:
    """Where a sign stands next, or `end`; the bytes are looked at sixteen at a time, and so many stand behind `end`."""
    here, stop, byte = np.uint64(at), np.uint64(end), np.uint8(sign)
    while here < stop:
        met = np.uint8(0)
        for k in range(_STRIDE):
            met |= np.uint8(src[here + np.uint64(k)] == byte)
        if met:
            break
        here += np.uint64(_STRIDE)
    while here < stop and src[here] != byte:
        here += np.uint64(1)
    return min(np.int64(here), np.int64(end))


@lean
def is_space(byte: Int) -> Bool:
    """Whether a byte is HTML's white space."""
    return byte == 32 or (byte >= 9 and byte <= 13 and byte != 11)


@lean
def lower(byte: Int) -> Int:
    """An ASCII letter in lower case, any other byte as it is."""
    return byte + 32 if byte >= 65 and byte <= 90 else byte


@lean
def is_letter(byte: Int) -> Bool:
    """Whether a byte is an ASCII letter."""
    small = lower(byte)
    return small >= 97 and small <= 122


@lean
def tag_end(src: Bytes, at: Int, end: Int) -> Int:
    """Where the tag that `at` stands in ends."""
    return min(next_sign(src, at, end, GREATER) + 1, end)


@lean
def end_of_attributes(src: Bytes, at: Int, end: Int) -> Int:
    """Where a tag ends whose name ends at `at`: a sign in a quoted value ends none."""
    while at < end and src[at] != GREATER:
        if src[at] == EQUALS:
            at += 1
            while at < end and is_space(src[at]):
                at += 1
            if at < end and (src[at] == DOUBLE_QUOTE or src[at] == QUOTE):
                at = next_sign(src, at + 1, end, src[at])
            elif at < end and src[at] == GREATER:
                break
        at += 1
    return min(at + 1, end)


@lean
def name_end(src: Bytes, at: Int, end: Int) -> tuple[Int, Int]:
    """The end of a tag's name that begins at `at`, and the hash of it in lower case."""
    key = _SEED
    while at < end:
        byte = src[at]
        if is_space(byte) or byte in (47, 62):
            break
        key = (key ^ np.uint64(lower(byte))) * _FACTOR
        at += 1
    return at, key


@lean
def same_name(src: Bytes, here: Int, there: Int) -> Bool:
    """Whether the names of tags that begin at two places are the same."""
    while True:
        left, other = lower(src[here]), lower(src[there])
        ends = left in (0, SLASH, GREATER) or is_space(left)
        if ends or left != other:
            return ends and (other in (0, SLASH, GREATER) or is_space(other))
        here += 1
        there += 1


@lean
def has(src: Bytes, start: Int, end: Int, word: Bytes) -> Bool:
    """Whether lower-case ASCII `word` stands in a stretch of the source, in any case."""
    size = len(word)
    for at in range(start, end - size + 1):
        if lower(src[at]) == word[0]:
            same = True
            for k in range(1, size):
                if lower(src[at + k]) != word[k]:
                    same = False
                    break
            if same:
                return True
    return False


@lean
def skip_declaration(src: Bytes, at: Int, end: Int) -> Int:
    """The end of what begins with `<!` or `<?` at `at`."""
    if src[at + 1] == 33 and src[at + 2] == 45 and src[at + 3] == 45:
        if src[at + 4] == 62:
            return min(at + 5, end)
        at += 4
        if src[at] == 45 and src[at + 1] == 62:
            return min(at + 2, end)
        at = next_sign(src, at, end, HYPHEN)
        while at < end:
            if src[at + 1] == HYPHEN:
                if src[at + 2] == GREATER:
                    return min(at + 3, end)
                if src[at + 2] == BANG and src[at + 3] == GREATER:
                    return min(at + 4, end)
            at = next_sign(src, at + 1, end, HYPHEN)
        return end
    return tag_end(src, at, end)


@lean
def kind_of_tag(src: Bytes, at: Int, end: Int) -> Int:
    """What the `<` at `at` begins; the number of a tag's kind is how far behind it the name stands."""
    follower = src[at + 1]
    if is_letter(follower):
        return START_TAG
    if follower == SLASH and is_letter(src[at + 2]):
        return END_TAG
    if follower == SLASH:
        return DECLARATION if at + 2 < end else NO_TAG
    return DECLARATION if follower in (BANG, QUESTION) else NO_TAG
