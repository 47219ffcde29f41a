"""One tag of a page: its name and its end; compiled."""

from typing import Any

import numpy as np

from pipeline.kernels.compiled import compiled

_SEED, _FACTOR = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)

# What a tag's attributes are found to say: flags of an element.
IS_HIDDEN, HAS_SOURCE, IS_TABLE, IN_PAGE, OUTWARD, MATH_SCRIPT, JSON_LD, LAYOUT, MAYBE_MATH, HAS_LINK = (
    1 << bit for bit in range(10)
)  # fmt: skip
# Line numbers, of which the text of code has none.
IS_GUTTER = 1 << 20
# What an inline style sets apart from its neighbours.
IS_APART = 1 << 21
# What a `<` begins.
NO_TAG, START_TAG, END_TAG, DECLARATION = range(4)


@compiled
def is_space(byte: Any) -> Any:
    """Whether a byte is HTML's white space."""
    return byte == 32 or (byte >= 9 and byte <= 13 and byte != 11)


@compiled
def lower(byte: Any) -> Any:
    """An ASCII letter in lower case, any other byte as it is."""
    return byte + 32 if byte >= 65 and byte <= 90 else byte


@compiled
def is_letter(byte: Any) -> Any:
    """Whether a byte is an ASCII letter."""
    small = lower(byte)
    return small >= 97 and small <= 122


@compiled
def tag_end(src: Any, at: Any, end: Any) -> Any:
    """Where the tag that `at` stands in ends."""
    while at < end and src[at] != 62:
        at += 1
    return min(at + 1, end)


@compiled
def name_end(src: Any, at: Any, end: Any) -> Any:
    """The end of a tag's name that begins at `at`, and the hash of it in lower case."""
    key = _SEED
    while at < end:
        byte = src[at]
        if is_space(byte) or byte in (47, 62):
            break
        key = (key ^ np.uint64(lower(byte))) * _FACTOR
        at += 1
    return at, key


@compiled
def has(src: Any, start: Any, end: Any, word: Any) -> Any:
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


@compiled
def skip_declaration(src: Any, at: Any, end: Any) -> Any:
    """The end of what begins with `<!` or `<?` at `at`."""
    if src[at + 1] == 33 and src[at + 2] == 45 and src[at + 3] == 45:
        if src[at + 4] == 62:
            return min(at + 5, end)
        at += 4
        if src[at] == 45 and src[at + 1] == 62:
            return min(at + 2, end)
        while at < end:
            if src[at] == 45 and src[at + 1] == 45:
                if src[at + 2] == 62:
                    return min(at + 3, end)
                if src[at + 2] == 33 and src[at + 3] == 62:
                    return min(at + 4, end)
            at += 1
        return end
    return tag_end(src, at, end)


@compiled
def raw_end(src: Any, at: Any, end: Any, name_start: Any, name_stop: Any) -> Any:
    """Where the end tag of a raw element begins: `</` and the name as it stands at name_start; `end` if nowhere."""
    size = name_stop - name_start
    while at < end:
        if src[at] == 60 and src[at + 1] == 47:
            same = at + 2 + size <= end
            k = 0
            while same and k < size:
                same = lower(src[at + 2 + k]) == lower(src[name_start + k])
                k += 1
            after = src[at + 2 + size] if same else np.uint8(0)
            if same and (after in (47, 62) or is_space(after) or at + 2 + size >= end):
                return at
        at += 1
    return end


@compiled
def kind_of_tag(src: Any, at: Any) -> Any:
    """What the `<` at `at` begins; the number of a tag's kind is how far behind it the name stands."""
    follower = src[at + 1]
    if is_letter(follower):
        return START_TAG
    if follower == 47 and is_letter(src[at + 2]):
        return END_TAG
    return DECLARATION if follower in (33, 47, 63) else NO_TAG
