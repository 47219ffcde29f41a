"""Which elements of a page declare something of it that is read: most are for browsers and networks; compiled."""

from functools import cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.kernels.array_types import Bool, Bytes, CountRows, Counts, Hashes, Int, Rows
from pipeline.kernels.compiled import compiled
from pipeline.kernels.html.columns import FLAGS, OPEN_END, START, TAG_OF
from pipeline.kernels.html.metadata.licences import names_licence
from pipeline.kernels.html.metadata.page_metadata import DECLARED_NAMES
from pipeline.kernels.html.names import TAGS, Table, hash_word, look_up, word_table
from pipeline.kernels.html.tags import JSON_LD, is_space, lower

_SEED, _FACTOR = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
# The attributes whose values name what is declared, and those that declare something themselves.
_NAMING = np.array([hash_word(name) for name in ("name", "property", "http-equiv", "itemprop", "rel")], np.uint64)
_DECLARING = np.array([hash_word(name) for name in ("lang", "xml:lang", "pubdate")], np.uint64)
_BASE = np.frombuffer(b"<base", np.uint8)
# What is picked of a page, of each kind so many at most, and the tags that may be of it.
_TAGS, _LINKS, _TITLES, _HEADINGS, _JSON_LD = range(5)
_MOST: Final = (400, 500, 3, 3, 20)
_PICKED: Final = ("html meta link base time", "a area link", "title", "h1", "script")
_KINDS: Final = np.array([sum(1 << k for k, of in enumerate(_PICKED) if tag in of.split()) for tag in TAGS], np.uint8)
_DOUBLE, _SINGLE, _EQUALS, _GREATER, _SLASH = (ord(sign) for sign in "\"'=>/")


@cache
def _names() -> Table:
    return word_table((name, 1) for name in DECLARED_NAMES)


class Declaring(NamedTuple):
    """The first elements of a page that may declare something, as numbers of nodes, int64.

    Attributes:
        tags: Those whose start tags do.
        links: Those whose start tags speak of a licence.
        titles: Titles.
        headings: Headings of the first level.
        json_ld: Scripts of JSON-LD.
    """

    tags: npt.NDArray[np.int64]
    links: npt.NDArray[np.int64]
    titles: npt.NDArray[np.int64]
    headings: npt.NDArray[np.int64]
    json_ld: npt.NDArray[np.int64]


def declaring_elements(source: npt.NDArray[np.uint8], nodes: npt.NDArray[np.int32]) -> Declaring:
    """The elements of a page that may declare something of it.

    >>> from pipeline.kernels.html.tree.nodes import read_nodes
    >>> page = read_nodes(b"<title>On rye</title><meta name=generator content=x><meta name=author><h1>Rye</h1>")
    >>> declaring_elements(page.source, page.nodes)[:4]
    (array([2]), array([], dtype=int64), array([1]), array([4]))
    """
    counts, picked = np.zeros(len(_MOST), np.int64), np.empty((len(_MOST), max(_MOST)), np.int64)
    _pick(source, nodes, _KINDS, _names(), picked, counts)
    return Declaring(*(picked[kind, :count] for kind, count in enumerate(counts.tolist())))


@compiled
def _pick(src: Bytes, nodes: Rows, kinds: Bytes, names: CountRows, picked: CountRows, counts: Counts) -> None:
    for node in range(1, len(nodes)):
        row = nodes[node]
        kind = kinds[row[TAG_OF]]
        if not kind:
            continue
        start, stop = np.int64(row[START]), np.int64(row[OPEN_END])
        for k in range(len(counts)):
            if not kind >> k & 1 or counts[k] >= _MOST[k]:
                continue
            if (
                (k == _TAGS and not _tells(src, start, stop, names))
                or (k == _LINKS and not names_licence(src, start, stop))
                or (k == _JSON_LD and not row[FLAGS] & JSON_LD)
            ):
                continue
            picked[k, counts[k]] = node
            counts[k] += 1


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
