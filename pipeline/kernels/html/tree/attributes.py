"""What the attributes of a tag say: classes and ids, links, what is hidden, what holds a formula; compiled."""

import numpy as np

from pipeline.kernels.array_types import Bool, Bytes, CountRows, Counts, Int
from pipeline.kernels.compiled import lean
from pipeline.kernels.html.names import ATTRIBUTE, TAG, WEIGHT_ZERO, Names, look_up
from pipeline.kernels.html.tags import (
    HAS_LINK,
    HAS_SOURCE,
    IN_PAGE,
    IS_APART,
    IS_CODE_STYLE,
    IS_HIDDEN,
    JSON_LD,
    LAYOUT,
    MATH_SCRIPT,
    MAYBE_MATH,
    OUTWARD,
    SHADOW_ROOT,
    has,
    is_space,
    lower,
    next_sign,
)

_SEED, _FACTOR = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_CLASS, _ROLE, _ITEMPROP = (ATTRIBUTE[name] for name in ("class", "role", "itemprop"))
_STYLE, _HIDDEN, _ARIA_HIDDEN, _TYPE = (ATTRIBUTE[name] for name in ("style", "hidden", "aria-hidden", "type"))
_HREF, _SRC, _ALT = (ATTRIBUTE[name] for name in ("href", "src", "alt"))
_TEX, _LATEX, _FORMULA = (ATTRIBUTE[name] for name in ("data-tex", "data-latex", "data-formula"))
_SHADOW_MODE, _OLD_SHADOW_MODE = (ATTRIBUTE[name] for name in ("shadowrootmode", "shadowroot"))
_IMG, _TEMPLATE = TAG["img"], TAG["template"]

# What is kept of a tag's attributes: where class and alt stand, flags, groups, the widget that a class names, and how
# much the words of class and id speak for main content, and how many do.
(
    CLASS_AT, CLASS_STOP, ALT_AT, ALT_STOP, SAYS_FLAGS, SAYS_GROUPS, SAYS_WIDGET, LEAN_SUM, LEAN_WORDS,
) = range(9)  # fmt: skip
SAYINGS = 9


@lean
def _class_words(src: Bytes, start: Int, end: Int, tables: Names, word_weights: CountRows, said: Counts) -> Int:
    """Note what the words of a class or id say; return the strongest widget that one of its whole classes names."""
    widget = np.int64(0)
    word, whole, letters, chars = _SEED, _SEED, 0, 0
    was_lower = False
    for at in range(start, end + 1):
        byte = src[at] if at < end else np.uint8(32)
        small = lower(byte)
        letter = (small >= 97 and small <= 122) or small >= 128
        upper = byte != small
        if letters and (not letter or (upper and was_lower)):
            said[SAYS_GROUPS] |= look_up(tables.groups, word)
            weight = look_up(word_weights, word)
            if weight:
                said[LEAN_SUM] += weight - WEIGHT_ZERO
                said[LEAN_WORDS] += 1
            word, letters = _SEED, 0
        if letter:
            word = (word ^ np.uint64(small)) * _FACTOR
            letters += 1
        was_lower = letter and not upper
        if is_space(byte):
            if chars:
                widget = max(widget, look_up(tables.widgets, whole))
            whole, chars = _SEED, 0
        else:
            whole = (whole ^ np.uint64(small)) * _FACTOR
            chars += 1
    return widget


@lean
def _value_range(src: Bytes, at: Int, end: Int) -> tuple[Int, Int, Int]:
    """Start and end of an attribute's value that begins at or after `at`, and where reading goes on."""
    while at < end and is_space(src[at]):
        at += 1
    if at < end and src[at] in (34, 39):
        start = at + 1
        at = next_sign(src, start, end, src[at])
        return start, at, min(at + 1, end)
    start = at
    while at < end and not is_space(src[at]) and src[at] != 62:
        at += 1
    return start, at, at


_HIDING = (np.frombuffer(b"display:none", np.uint8), np.frombuffer(b"display: none", np.uint8))
_DISPLAY, _FLOAT = np.frombuffer(b"display:", np.uint8), np.frombuffer(b"float:", np.uint8)
_WHITE_SPACE, _PRE = np.frombuffer(b"white-space", np.uint8), np.frombuffer(b"pre", np.uint8)
_MONO, _COURIER = np.frombuffer(b"mono", np.uint8), np.frombuffer(b"courier", np.uint8)
_CONSOLAS = np.frombuffer(b"consolas", np.uint8)
_DISPLAY_INLINE = np.frombuffer(b"inline", np.uint8)
_INVISIBLE = np.frombuffer(b"visibility:hidden", np.uint8)
_LD_JSON, _MATH_TEX = np.frombuffer(b"ld+json", np.uint8), np.frombuffer(b"math/", np.uint8)
_OPEN, _CLOSED = np.frombuffer(b"open", np.uint8), np.frombuffer(b"closed", np.uint8)
_PRESENTATION = np.frombuffer(b"presentation", np.uint8)
_IMAGE_SIGNS = tuple(
    np.frombuffer(sign, np.uint8) for sign in (b"tex", b"math", b"formula", b"ql-", b"codecogs", b"cht=tx", b"/eq.")
)
_DISPLAY_NONE, _DISPLAY_SPACED_NONE = _HIDING
_SIGN_TEX, _SIGN_MATH, _SIGN_FORMULA, _SIGN_QL, _SIGN_COGS, _SIGN_CHART, _SIGN_EQ = _IMAGE_SIGNS


@lean
def _image_flags(src: Bytes, start: Int, end: Int, name: Int) -> Int:
    if name == _ALT:
        for at in range(start, end):
            if src[at] == 92 or src[at] == 36:
                return MAYBE_MATH
        return 0
    if has(src, start, end, _SIGN_TEX) or has(src, start, end, _SIGN_MATH) or has(src, start, end, _SIGN_COGS):
        return MAYBE_MATH
    if has(src, start, end, _SIGN_FORMULA) or has(src, start, end, _SIGN_QL) or has(src, start, end, _SIGN_CHART):
        return MAYBE_MATH
    return MAYBE_MATH if has(src, start, end, _SIGN_EQ) else 0


@lean
def _is_typewriter(src: Bytes, start: Int, end: Int) -> Bool:
    """Whether an inline style names a font whose letters have one width."""
    return has(src, start, end, _MONO) or has(src, start, end, _COURIER) or has(src, start, end, _CONSOLAS)


@lean
def _style_flags(src: Bytes, start: Int, end: Int) -> Int:
    """What an inline style says, as flags."""
    if has(src, start, end, _INVISIBLE):
        return IS_HIDDEN
    if has(src, start, end, _DISPLAY_NONE) or has(src, start, end, _DISPLAY_SPACED_NONE):
        return IS_HIDDEN
    if has(src, start, end, _WHITE_SPACE) and has(src, start, end, _PRE) and _is_typewriter(src, start, end):
        return IS_CODE_STYLE
    if has(src, start, end, _FLOAT) or (has(src, start, end, _DISPLAY) and not has(src, start, end, _DISPLAY_INLINE)):
        return IS_APART
    return 0


@lean
def _shadow_flags(src: Bytes, start: Int, end: Int) -> Int:
    size = end - start
    if (size == len(_OPEN) and has(src, start, end, _OPEN)) or (size == len(_CLOSED) and has(src, start, end, _CLOSED)):
        return SHADOW_ROOT
    return 0


@lean
def _value_flags(src: Bytes, start: Int, end: Int, name: Int) -> Int:
    """What an attribute's value says, as flags."""
    flags = 0
    if name == _STYLE:
        flags |= _style_flags(src, start, end)
    elif name == _HIDDEN or (name == _ARIA_HIDDEN and end > start and lower(src[start]) == 116):
        flags |= IS_HIDDEN
    elif name == _TYPE:
        if has(src, start, end, _LD_JSON):
            flags |= JSON_LD
        elif has(src, start, min(end, start + 6), _MATH_TEX):
            flags |= MATH_SCRIPT
    elif name == _HREF:
        flags |= HAS_LINK
        if start < end and src[start] == 35:
            flags |= IN_PAGE
        elif end - start > 6 and lower(src[start]) == 104 and (src[start + 4] == 58 or src[start + 5] == 58):
            flags |= OUTWARD
    elif name == _ROLE and has(src, start, end, _PRESENTATION):
        flags |= LAYOUT
    elif name in (_TEX, _LATEX, _FORMULA) and end > start:
        flags |= HAS_SOURCE
    return flags


@lean
def _name(src: Bytes, at: Int, end: Int) -> tuple[Int, Int]:
    """The end of an attribute's name that begins at `at`, and the hash of it in lower case."""
    key = (_SEED ^ np.uint64(lower(src[at]))) * _FACTOR  # which may be a sign that ends one elsewhere
    at += 1
    while at < end:
        byte = src[at]
        if byte in (47, 61, 62) or is_space(byte):
            break
        key = (key ^ np.uint64(lower(byte))) * _FACTOR
        at += 1
    return at, key


@lean
def _value(src: Bytes, at: Int, end: Int) -> tuple[Int, Int, Int]:
    """Start and end of the value of the attribute whose name ends at `at`, and where reading goes on."""
    after = at
    while after < end and is_space(src[after]):
        after += 1
    if after < end and src[after] == 61:
        return _value_range(src, after + 1, end)
    return at, at, at


@lean
def _note(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    src: Bytes, start: Int, stop: Int, tag: Int, name: Int, tables: Names, word_weights: CountRows, said: Counts
) -> None:
    """Note what an attribute says."""
    said[SAYS_FLAGS] |= _value_flags(src, start, stop, name)
    if name <= _ITEMPROP:
        widget = _class_words(src, start, stop, tables, word_weights, said)
        if name == _CLASS:
            said[CLASS_AT], said[CLASS_STOP] = start, stop
            said[SAYS_WIDGET] = widget
    elif name == _ALT:
        said[ALT_AT], said[ALT_STOP] = start, stop
    if tag == _TEMPLATE and name in (_SHADOW_MODE, _OLD_SHADOW_MODE):
        said[SAYS_FLAGS] |= _shadow_flags(src, start, stop)
    if tag == _IMG and name in (_CLASS, _SRC, _ALT):
        said[SAYS_FLAGS] |= _image_flags(src, start, stop, name)


@lean
def attributes(
    src: Bytes, at: Int, end: Int, tag: Int, tables: Names, word_weights: CountRows, said: Counts
) -> tuple[Int, Bool]:
    """Read a tag's attributes from `at` into `said`; return where the tag ends, and whether it closes itself.

    Where the source ends within the tag, so does the tag.
    """
    for k in range(SAYINGS):
        said[k] = 0
    closes_itself = False
    while at < end:
        byte = src[at]
        if byte == 62:
            return at + 1, closes_itself
        if byte == 47:
            closes_itself = True
            at += 1
        elif is_space(byte):
            at += 1
        else:
            closes_itself = False
            at, key = _name(src, at, end)
            start, stop, at = _value(src, at, end)
            name = look_up(tables.attributes, key)
            if name:
                _note(src, start, stop, tag, name, tables, word_weights, said)
    return end, closes_itself
