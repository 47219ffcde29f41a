"""Keys by which URLs meet entries of lists: of a host and all its parents, of an address and what it begins with.

A URL is met by entries of these kinds, the most general first:

* a host or a parent of it, down to its last label; an address of numbers has no parents;
* the beginning of an address, up to a `/` or its query; the scheme, a port, a user and a leading `www.` are left out;
* the whole address with its query.

Each beginning of an address would cost a look-up in memory that no cache holds. So a table has a *mark* too for every
host of which it knows addresses, and of other hosts no address is looked for. Letters are compared without case. Keys
are hashes of 63 bits: with five million entries, one URL in some 10¹¹ meets an entry by chance.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.kernels.compiled import compiled
from pipeline.kernels.text.code_points import mix64
from pipeline.kernels.text.words import Bytes, Ints, Offsets, utf8
from pipeline.kernels.urls.url_parts import DOT, QUERY, SLASH, authority, bare_start, has_parents

Sets = np.ndarray[tuple[int], np.dtype[np.uint16]]

# Hosts and addresses begin with different seeds, so that neither is taken for the other.
_HOST, _ADDRESS = np.uint64(0x452821E638D01377), np.uint64(0xBE5466CF34E90C6C)
_FACTOR, _HALF, _ONE = np.uint64(0x9E3779B97F4A7C15), np.uint64(32), np.uint64(1)
_BITS = 63
MARK = 0xFFFF
"""Stands for no set of categories: the table knows addresses of a host."""
# Beginnings that are looked for, by `/`: entries of lists have one or two; a URL may have thousands.
_PREFIXES = 12
_KEYS_A_BIN = 4


class KeyTable(NamedTuple):
    """Sorted keys, and where the keys of each bin begin; a bin is what the first bits of a key are.

    Attributes:
        keys: int64 (entries,), sorted and different.
        sets: uint16 (entries,): number of the set of categories that each entry has, or `MARK`.
        starts: int32 (bins + 1,).
        shift: Bits of a key below those of its bin.
    """

    keys: Offsets
    sets: Sets
    starts: Ints
    shift: int


class Hits(NamedTuple):
    """Entries that URLs met: the row of each URL, ascending, and the number of the entry's set of categories."""

    rows: Offsets
    sets: Sets


class _Found(NamedTuple):
    rows: Offsets
    sets: Sets
    total: Offsets


def key_table(keys: Offsets, sets: Sets, starts: Ints) -> KeyTable:
    """Return a table of sorted keys, none of which is copied; `starts` as `bin_starts` has made them."""
    keys, sets, starts = keys.view(), sets.view(), starts.view()
    for column in (keys, sets, starts):
        column.flags.writeable = False  # as what is mapped from a file is: one compiled version serves both
    return KeyTable(keys, sets, starts, _BITS - (len(starts) - 1).bit_length() + 1)


def bin_starts(keys: Offsets) -> Ints:
    """Return where the keys of each bin begin among sorted keys; there are as many bins as a power of two.

    >>> bin_starts(np.array([1, 2, 1 << 62], np.int64)).tolist()
    [0, 2, 3]
    """
    bits = max(1, (len(keys) // _KEYS_A_BIN).bit_length())
    bounds = np.arange(1, 1 << bits, dtype=np.int64) << (_BITS - bits)
    inner = np.searchsorted(keys, bounds).astype(np.int32)
    return np.concatenate((np.zeros(1, np.int32), inner, np.array([len(keys)], np.int32)))


def entry_keys(entries: pa.Array | pa.ChunkedArray) -> tuple[Offsets, Offsets]:
    """Return the key of each entry and the mark of its host, int64, not negative; -1 where an entry has no path.

    Args:
        entries: Hosts, or hosts with a path: no scheme, user or port.

    >>> keys, marks = entry_keys(pa.array(["a.example", "a.example/", "a.example/x", "www.a.example/x/"]))
    >>> bool(keys[0] == keys[1]), bool(keys[1] == keys[2]), bool(keys[2] == keys[3]), (marks > 0).tolist()
    (True, False, True, [False, False, True, True])
    """
    buffer, offsets = utf8(entries)
    keys, marks = np.empty(len(offsets) - 1, np.int64), np.full(len(offsets) - 1, -1, np.int64)
    _hash_entries(buffer, offsets, keys, marks)
    return keys, marks


def find_entries(urls: pa.Array | pa.ChunkedArray, table: KeyTable) -> Hits:
    """Return which entries URLs meet; what is no http(s) URL meets none.

    >>> keys, _ = entry_keys(pa.array(["mill.example"]))
    >>> table = key_table(keys, np.array([7], np.uint16), bin_starts(keys))
    >>> hits = find_entries(pa.array(["https://a.mill.example/x", "https://windmill.example/", "mill.example"]), table)
    >>> hits.rows.tolist(), hits.sets.tolist()
    ([0], [7])
    """
    buffer, offsets = utf8(urls)
    most = len(buffer) + 2 * len(offsets)  # no more than one at each dot, slash and end
    hits = _Found(np.empty(most, np.int64), np.empty(most, np.uint16), np.zeros(1, np.int64))
    _find_all(buffer, offsets, KeyTable(*table), hits)
    total = hits.total[0]
    return Hits(hits.rows[:total].copy(), hits.sets[:total].copy())


@compiled
def _step(state: np.uint64, sign: int) -> np.uint64:
    folded = sign + 32 if 65 <= sign <= 90 else sign
    state = (state ^ np.uint64(folded)) * _FACTOR
    return state ^ (state >> _HALF)


@compiled
def _key(state: np.uint64) -> np.int64:
    return np.int64(mix64(state) >> _ONE)


@compiled
def _hash_entries(buffer: Bytes, offsets: Offsets, keys: Offsets, marks: Offsets) -> None:
    for entry in range(len(keys)):
        start, end = offsets[entry], offsets[entry + 1]
        while end > start and (buffer[end - 1] == SLASH or buffer[end - 1] == QUERY):
            end -= 1
        path = start
        while path < end and buffer[path] != SLASH and buffer[path] != QUERY:
            path += 1
        begin = bare_start(buffer, start, path) if path < end else start
        state = _HOST
        for at in range(path - 1, begin - 1, -1):
            state = _step(state, buffer[at])
        if path < end:
            state ^= _ADDRESS
            marks[entry] = _key(state)
            for at in range(path, end):
                state = _step(state, buffer[at])
        keys[entry] = _key(state)


@compiled
def _seek(state: np.uint64, table: KeyTable) -> int:
    """Return where the key of a state stands in a table, -1 where it does not."""
    key = _key(state)
    position = key >> table.shift
    for at in range(table.starts[position], table.starts[position + 1]):
        if table.keys[at] == key:
            return at
    return -1


@compiled
def _note(at: int, row: int, table: KeyTable, hits: _Found) -> None:
    """Write what stands at a place of the table."""
    if at >= 0 and table.sets[at] != MARK:
        hits.rows[hits.total[0]], hits.sets[hits.total[0]] = row, table.sets[at]
        hits.total[0] += 1


@compiled
def _find_hosts(buffer: Bytes, host: int, last: int, row: int, table: KeyTable, hits: _Found) -> np.uint64:
    """Look a host and its parents up, and return with what its addresses begin."""
    named, bare = has_parents(buffer, host, last), bare_start(buffer, host, last)
    state = address = _HOST
    for at in range(last - 1, host - 1, -1):
        if named and buffer[at] == DOT:
            _note(_seek(state, table), row, table, hits)
        state = _step(state, buffer[at])
        if at == bare:
            address = state
    _note(_seek(state, table), row, table, hits)
    return address ^ _ADDRESS


@compiled
def _find_addresses(
    buffer: Bytes, path: int, end: int, address: np.uint64, row: int, table: KeyTable, hits: _Found
) -> None:
    """Look up what an address begins with, and the whole of it."""
    slashes, queried = 0, False
    for at in range(path, end):
        is_slash = buffer[at] == SLASH and not queried and slashes < _PREFIXES
        is_query = buffer[at] == QUERY and not queried
        if at > path and (is_slash or is_query):
            _note(_seek(address, table), row, table, hits)
        slashes += is_slash
        queried |= is_query
        address = _step(address, buffer[at])
    _note(_seek(address, table), row, table, hits)


@compiled
def _find_all(buffer: Bytes, offsets: Offsets, table: KeyTable, hits: _Found) -> None:
    for row in range(len(offsets) - 1):
        end = offsets[row + 1]
        host, last, path = authority(buffer, offsets[row], end)
        if host < 0:
            continue
        address = _find_hosts(buffer, host, last, row, table, hits)
        while end > path and (buffer[end - 1] == SLASH or buffer[end - 1] == QUERY):
            end -= 1
        if end > path and _seek(address, table) >= 0:
            _find_addresses(buffer, path, end, address, row, table, hits)
