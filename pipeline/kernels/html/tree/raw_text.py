"""Where elements end whose inside is no HTML: raw text, scripts, pictures and formulas; compiled."""

from typing import Final

import numpy as np

from pipeline.kernels.array_types import Bool, Bytes, Int
from pipeline.kernels.compiled import lean
from pipeline.kernels.html.names import TAG, Names, hash_word, look_up
from pipeline.kernels.html.tags import (
    BANG,
    CLOSING,
    END_TAG,
    GREATER,
    HYPHEN,
    LESS,
    NO_TAG,
    OPENING,
    SLASH,
    START_TAG,
    end_of_attributes,
    has,
    is_space,
    kind_of_tag,
    lower,
    name_end,
    next_sign,
    skip_declaration,
)
from pipeline.kernels.html.tree.state import COUNT_OF, State

_SVG, _MATH, _COLON = TAG["svg"], TAG["math"], ord(":")
_P, _BR, _A = TAG["p"], TAG["br"], TAG["a"]
_SCRIPT_NAME = np.frombuffer(b"script", np.uint8)
_CDATA = np.frombuffer(b"CDATA", np.uint8)
# In an svg or formula these start tags end it.
_BREAKOUTS: Final = (
    "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta "
    "nobr ol p pre ruby s small span strong strike sub sup table tt u ul var"
)
_IS_BREAKOUT = np.array([name in _BREAKOUTS.split() for name in TAG], np.bool_)
# In these elements of an svg or formula HTML stands.
_FOREIGN_OBJECT, _DESC, _TITLE, _MI, _MO, _MN, _MS, _MTEXT, _ANNOTATION = (
    np.uint64(hash_word(name))
    for name in ("foreignobject", "desc", "title", "mi", "mo", "mn", "ms", "mtext", "annotation-xml")
)


@lean
def _is_name(src: Bytes, at: Int, end: Int, name_start: Int, name_stop: Int) -> Bool:
    """Whether the name that stands at name_start stands at `at` too, and ends there."""
    size = name_stop - name_start
    if at + size >= end:
        return False
    for k in range(size):
        if lower(src[at + k]) != lower(src[name_start + k]):
            return False
    behind = src[at + size]
    return behind in (SLASH, GREATER) or is_space(behind)


@lean
def raw_end(src: Bytes, at: Int, end: Int, name_start: Int, name_stop: Int) -> Int:
    """Where the end tag of a raw element begins: `</` and the name as it stands at name_start; `end` if nowhere."""
    at = next_sign(src, at, end, LESS)
    while at < end:
        if src[at + 1] == SLASH and _is_name(src, at + 2, end, name_start, name_stop):
            return at
        at = next_sign(src, at + 1, end, LESS)
    return end


@lean
def _opens_comment(src: Bytes, at: Int) -> Bool:
    return src[at + 1] == BANG and src[at + 2] == HYPHEN and src[at + 3] == HYPHEN


@lean
def _is_script(src: Bytes, at: Int, end: Int) -> Bool:
    """Whether `script` and what ends a name stands at `at`."""
    if at + len(_SCRIPT_NAME) >= end:
        return False
    for k in range(len(_SCRIPT_NAME)):
        if lower(src[at + k]) != _SCRIPT_NAME[k]:
            return False
    behind = src[at + len(_SCRIPT_NAME)]
    return behind in (SLASH, GREATER) or is_space(behind)


@lean
def script_end(src: Bytes, at: Int, end: Int) -> Int:
    """Where the end tag of a script begins; one that stands in a script which a comment in it holds is none."""
    in_comment, in_script = False, False
    while at < end:
        byte = src[at]
        if byte == LESS:
            if src[at + 1] == SLASH and _is_script(src, at + 2, end):
                if not in_script:
                    return at
                in_script = False
            elif in_comment:
                in_script = in_script or _is_script(src, at + 1, end)
            elif _opens_comment(src, at):
                in_comment = True
                at += 2  # the hyphens may be those that close it
                continue
        elif in_comment and byte == HYPHEN and src[at + 1] == HYPHEN:
            while at < end and src[at] == HYPHEN:
                at += 1
            if src[at] == GREATER:
                in_comment = in_script = False
            continue
        at = at + 1 if in_comment else next_sign(src, at + 1, end, LESS)
    return end


@lean
def is_cdata(src: Bytes, at: Int) -> Bool:
    """Whether the declaration at `at` is a section of character data."""
    if src[at + 2] != OPENING or src[at + 8] != OPENING:
        return False
    k = 0
    while k < len(_CDATA) and src[at + 3 + k] == _CDATA[k]:
        k += 1
    return k == len(_CDATA)


@lean
def cdata_end(src: Bytes, at: Int, end: Int) -> Int:
    """Where the `]]>` of a section of character data begins; `end` if nowhere."""
    while at < end:
        if src[at] == CLOSING and src[at + 1] == CLOSING and src[at + 2] == GREATER:
            return at
        at += 1
    return end


@lean
def _is_point(key: Int, outer: Int) -> Bool:
    """Whether HTML stands in the element of a name in an svg or formula."""
    if outer == _SVG:
        return key in (_FOREIGN_OBJECT, _DESC, _TITLE)
    return key in (_MI, _MO, _MN, _MS, _MTEXT, _ANNOTATION)


@lean
def _closes_itself(src: Bytes, start: Int, after: Int) -> Bool:
    return after - 2 > start and src[after - 2] == SLASH


@lean
def prefixed_tag(src: Bytes, start: Int, stop: Int, tables: Names) -> Int:
    """The tag of a formula whose name has a prefix, as journals in XHTML write it, 0 for any other name."""
    at = start
    while at < stop and src[at] != _COLON:
        at += 1
    if at >= stop:
        return np.int64(0)
    tag = look_up(tables.tags, name_end(src, at + 1, stop)[1])
    return tag if tag == _MATH else np.int64(0)


@lean
def _is_of_page(state: State, tag: Int) -> Int:
    """Whether an end tag in an svg or formula ends that, and means the page."""
    return tag in (_P, _BR) or (tag and state.at[COUNT_OF + tag] > 0)


@lean
def foreign_end(src: Bytes, at: Int, end: Int, tag: Int, tables: Names, state: State) -> Int:
    """Where an svg or formula ends: at its end tag, or at a tag that can only be the page's.

    Args:
        src: The page's source.
        at: Where its start tag ends.
        end: Where the source ends.
        tag: Whether it is an svg or a formula.
        tables: What is known by name.
        state: What is open around it.
    """
    depth, points, links = 1, 0, 0
    while at < end:
        kind = kind_of_tag(src, at, end) if src[at] == LESS else NO_TAG
        if kind == NO_TAG:
            at = next_sign(src, at + 1, end, LESS)
            continue
        if kind not in (START_TAG, END_TAG):
            at = cdata_end(src, at, end) if is_cdata(src, at) else skip_declaration(src, at, end)
            continue
        stop, key = name_end(src, at + kind, end)
        number = look_up(tables.tags, key) or prefixed_tag(src, at + kind, stop, tables)
        after = end_of_attributes(src, stop, end)
        if kind == START_TAG:
            if not points and _IS_BREAKOUT[number]:
                return at
            if not _closes_itself(src, at, after):
                depth += number == tag
                points += _is_point(key, tag)
                links += number == _A
        else:
            depth -= number == tag
            points -= points > 0 and _is_point(key, tag)
            own_link = number == _A and links > 0
            links -= own_link
            if depth == 0 or (not points and not own_link and _is_of_page(state, number)):
                return at
        at = after
    return end


_DOCTYPE = np.frombuffer(b"doctype", np.uint8)
# Doctypes by which a browser keeps to the ways of old ones; the last two only where they name no address.
_OLD = np.frombuffer(b"dtd html 3", np.uint8)
_OLDER = np.frombuffer(b"dtd html 2", np.uint8)
_LOOSE = np.frombuffer(b"dtd html 4.0 ", np.uint8)
_TRANSITIONAL = np.frombuffer(b"dtd html 4.01 transitional", np.uint8)
_FRAMES = np.frombuffer(b"dtd html 4.01 frameset", np.uint8)
_ADDRESS = np.frombuffer(b"http:", np.uint8)


@lean
def is_modern(src: Bytes, start: Int, end: Int) -> Bool:
    """Whether a declaration is a doctype, and none by which a browser keeps to the ways of old ones."""
    if src[start + 1] != BANG or not has(src, start + 2, min(start + 2 + len(_DOCTYPE), end), _DOCTYPE):
        return False
    if has(src, start, end, _OLD) or has(src, start, end, _OLDER) or has(src, start, end, _LOOSE):
        return False
    loose = has(src, start, end, _TRANSITIONAL) or has(src, start, end, _FRAMES)
    return not loose or has(src, start, end, _ADDRESS)
