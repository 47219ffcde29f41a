"""Which tags of a page declare something of it that is read: most are for browsers and networks; compiled."""

from functools import cache

import numpy as np
import numpy.typing as npt

from pipeline.kernels.array_types import Bool, Bytes, CountRows, Flags, Hashes, Int, Rows
from pipeline.kernels.compiled import compiled
from pipeline.kernels.html.metadata.page_metadata import DECLARED_NAMES
from pipeline.kernels.html.names import Table, hash_word, look_up, word_table
from pipeline.kernels.html.tags import is_space, lower

_SEED, _FACTOR = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
# The attributes whose values name what is declared, and those that declare something themselves.
_NAMING = np.array([hash_word(name) for name in ("name", "property", "http-equiv", "itemprop", "rel")], np.uint64)
_DECLARING = np.array([hash_word(name) for name in ("lang", "xml:lang", "pubdate")], np.uint64)
_BASE = np.frombuffer(b"<base", np.uint8)
_DOUBLE, _SINGLE, _EQUALS, _GREATER, _SLASH = (ord(sign) for sign in "\"'=>/")


@cache
def _names() -> Table:
    return word_table((name, 1) for name in DECLARED_NAMES)


def telling_tags(source: npt.NDArray[np.uint8], tags: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Whether tags declare something that is read.

    Args:
        source: The page's UTF-8.
        tags: Where each begins and ends, (tags, 2).

    >>> tags = (b'<meta name="author">', b"<meta NAME=generator>", b'<link rel="shortcut icon">', b"<base href=x>")
    >>> [bool(telling_tags(np.frombuffer(tag, np.uint8), np.array([[0, len(tag)]], np.int32))[0]) for tag in tags]
    [False, True, False, True]
    """
    telling = np.zeros(len(tags), np.bool_)
    _mark(source, tags, _names(), telling)
    return telling


@compiled
def _mark(src: Bytes, tags: Rows, names: CountRows, telling: Flags) -> None:
    for k in range(len(tags)):
        telling[k] = _tells(src, np.int64(tags[k, 0]), np.int64(tags[k, 1]), names)


@compiled
def _is_base(src: Bytes, start: Int) -> Bool:
    for k in range(len(_BASE)):  # noqa: SIM110  (compiled code takes no generators)
        if lower(src[start + k]) != _BASE[k]:
            return False
    return True


@compiled
def _is_one(key: Int, keys: Hashes) -> Bool:
    for other in keys:  # noqa: SIM110
        if key == other:
            return True
    return False


@compiled
def _tells(src: Bytes, start: Int, stop: Int, names: CountRows) -> Bool:
    """Whether a tag declares something that is read."""
    if stop - start > len(_BASE) and _is_base(src, start):
        return True
    at = start
    while at < stop and not is_space(src[at]):
        at += 1
    while at < stop:
        key, first = _SEED, at
        while at < stop and not is_space(src[at]) and src[at] not in (_EQUALS, _GREATER, _SLASH):
            key = (key ^ np.uint64(lower(src[at]))) * _FACTOR
            at += 1
        if at == first:
            at += 1
            continue
        if _is_one(key, _DECLARING):
            return True
        while at < stop and is_space(src[at]):
            at += 1
        if at >= stop or src[at] != _EQUALS:
            continue
        at, named = _value(src, at + 1, stop, names)
        if named and _is_one(key, _NAMING):
            return True
    return False


@compiled
def _value(src: Bytes, at: Int, stop: Int, names: CountRows) -> tuple[Int, Bool]:
    """Where the value of an attribute that begins at or after `at` ends, and whether a word of it is a name."""
    while at < stop and is_space(src[at]):
        at += 1
    quote = src[at] if at < stop and src[at] in (_DOUBLE, _SINGLE) else np.uint8(0)
    at += quote != 0
    named, key = False, _SEED
    while at < stop:
        byte = src[at]
        ends = byte == quote if quote else is_space(byte) or byte == _GREATER
        if ends or is_space(byte):
            named = named or look_up(names, key) != 0
            key = _SEED
        else:
            key = (key ^ np.uint64(lower(byte))) * _FACTOR
        if ends:
            return at + 1, named
        at += 1
    return at, named or look_up(names, key) != 0
