"""The sorted table of items' runs of units (grams), and what each unit of an item weighs.

A gram of an item is eight units in a row, three times as many in scripts without spaces. Items that two changed words
could leave without any such run have runs of half that size too, which only say where to look.
"""

from typing import Any, NamedTuple

import numpy as np

from pipeline.kernels.compiled import compiled, lean
from pipeline.kernels.contamination.units import Units
from pipeline.kernels.text.code_points import mix64

Array = np.ndarray[Any, np.dtype[Any]]
GRAM, SEED, UNSPACED = 8, 4, 3
"""Units of a gram; of the shorter runs of short items; characters that stand for a word in scripts without spaces."""
SIZES = (GRAM, SEED, GRAM * UNSPACED, SEED * UNSPACED)
"""Sizes of grams; the latter two begin with a letter of an unspaced script."""
SHORT = 3 * GRAM + 2
"""Units below which two changed ones may leave no gram whole."""
MOST_ITEMS = 64
"""Items that are looked at for one gram; a gram of more says little of any of them."""
LEAST_COUNTED = 8
"""Units of an item that must count for something, so that it is looked for at all."""
_BASE, _SALT = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD1B54A32D192ED03)


class ItemTexts(NamedTuple):
    """Items as they were read; fields as in `Items`, and `passages`: units of a passage before each question, int32."""

    starts: Array
    units: Array
    scales: Array
    breaks: Array
    passages: Array
    answer_starts: Array
    answers: Array


class Items(NamedTuple):
    """Items by their units; those of item `i` are at `starts[i]` to `starts[i + 1]`.

    Attributes:
        starts: int64.
        units: 64-bit hashes, uint64.
        owners: Item of each unit, int32.
        breaks: Blank lines within each item, int32.
        scales: Units that stand for a word: 1, or 3 in an unspaced script, int32.
        answer_starts: Where the units of each item's answer begin in `answers`; as `starts`, int64.
        answers: Units of the answers, uint64.
        weights: What each unit of an item counts, float32; 0 where all grams that hold it are common.
        totals: Sum of an item's weights, float32; 0 for one that is not looked for.
        counted: Units of each item that count, int32.
        plain: Plain words among these, int32.
    """

    starts: Array
    units: Array
    owners: Array
    breaks: Array
    scales: Array
    answer_starts: Array
    answers: Array
    weights: Array
    totals: Array
    counted: Array
    plain: Array


class Grams(NamedTuple):
    """Grams of items, sorted by key.

    Attributes:
        keys: 64-bit hashes, distinct, ascending, uint64.
        sizes: Units of each, uint8.
        first: Where the places of each begin in `places`, int32; one more at the end.
        places: Where a gram begins in `Items.units`, int32; at most `MOST_ITEMS` a gram.
        is_common: Whether it is common in the corpus: it then counts for nothing and starts nothing, bool.
        bins: Where keys with the same highest bits begin, int32.
        begins: A bit for each value of the highest bits of a key of `SEED` units, uint8: unset where no run of so many
            words of any item has it, so that nothing needs to be looked up. It is a shortcut, and decides nothing.
    """

    keys: Array
    sizes: Array
    first: Array
    places: Array
    is_common: Array
    bins: Array
    begins: Array


class Index(NamedTuple):
    """Items, and their grams."""

    items: Items
    grams: Grams


def scales_and_breaks(texts: Units) -> tuple[Array, Array]:
    r"""Return of each text how many units stand for a word (1, or 3 in an unspaced script), and its blank lines.

    >>> import pyarrow as pa
    >>> from pipeline.kernels.contamination.units import find_units
    >>> units = find_units(pa.array(["a mill\n\nby a river", "水车", ""]))
    >>> [numbers.tolist() for numbers in scales_and_breaks(units)]
    [[1, 3, 1], [1, 0, 0]]
    """
    lengths = np.diff(texts.offsets)
    owners = np.repeat(np.arange(len(lengths)), lengths)
    singles = np.bincount(owners, texts.singles, len(lengths))
    breaks = np.zeros(len(lengths), np.int32)
    breaks[lengths > 0] = texts.paragraphs[texts.offsets[1:][lengths > 0] - 1]
    return np.where(2 * singles > lengths, UNSPACED, 1).astype(np.int32), breaks


def build_index(item_texts: ItemTexts, common: Array) -> Index:
    """Return items with the table of their grams.

    Args:
        item_texts: The items.
        common: Keys of grams that are common in the corpus, uint64.
    """
    starts, units, scales, breaks, passages, answer_starts, answers = item_texts
    lengths = np.diff(starts)
    owners = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    grams = _gram_table(starts, units, owners, scales, common)
    weights = np.zeros(len(units), np.float32)
    _mark_counted(starts, scales, grams.keys, grams.is_common, grams.bins, units, weights)
    counted = np.bincount(owners, weights, len(lengths)).astype(np.int32)
    plain = np.bincount(owners, weights * (units & np.uint64(1)), len(lengths)).astype(np.int32)
    weights *= _rarity(units, owners, len(lengths))
    _ease_passages(weights, starts, owners, passages)
    totals = np.bincount(owners, weights, len(lengths)).astype(np.float32)
    totals[counted < LEAST_COUNTED * scales] = 0
    items = Items(starts, units, owners, breaks, scales, answer_starts, answers, weights, totals, counted, plain)
    return Index(items, grams)


def _ease_passages(weights: Array, starts: Array, owners: Array, passages: Array) -> None:
    """Let no passage weigh more than its question: without that it is a public text."""
    is_passage = np.arange(len(weights)) < (starts[:-1] + passages)[owners] if len(owners) else np.zeros(0, bool)
    of_passage = np.bincount(owners, weights * is_passage, len(passages))
    of_question = np.bincount(owners, weights * ~is_passage, len(passages))
    share = np.minimum(1, of_question / np.maximum(of_passage, np.finfo(np.float32).tiny))
    weights[is_passage] *= share[owners][is_passage]


def _rarity(units: Array, owners: Array, items: int) -> Array:
    """Return the inverse document frequency of each unit among the items."""
    _, numbers = np.unique(units, return_inverse=True)
    pairs = np.unique(numbers.astype(np.int64) * max(1, items) + owners)
    frequency = np.bincount(pairs // max(1, items), minlength=1)
    rarity: Array = np.log1p(items / np.maximum(frequency, 1))[numbers].astype(np.float32)
    return rarity


def _gram_table(starts: Array, units: Array, owners: Array, scales: Array, common: Array) -> Grams:
    lengths = np.diff(starts)
    keys, sizes, places = ([np.empty(0, kind)] for kind in (np.uint64, np.uint8, np.int32))
    for scale in (1, UNSPACED):
        for size, most in ((GRAM * scale, len(units)), (SEED * scale, SHORT * scale)):
            chosen = (scales == scale) & (lengths < most + 1) & (lengths >= GRAM * scale)
            at = np.flatnonzero(chosen[owners]) if len(owners) else np.empty(0, np.int64)
            at = at[at + size <= starts[1:][owners[at]]]
            keys.append(keys_of(units, size)[at])
            sizes.append(np.full(len(at), size, np.uint8))
            places.append(at.astype(np.int32))
    key, size, position = (np.concatenate(arrays) for arrays in (keys, sizes, places))
    order = np.lexsort((position, key))
    key, size, position = key[order], size[order], position[order]
    distinct, begins, counts = np.unique(key, return_index=True, return_counts=True)
    rank = np.arange(len(key)) - np.repeat(begins, counts)
    first = np.concatenate(([0], np.cumsum(np.minimum(counts, MOST_ITEMS)))).astype(np.int32)
    is_common = np.isin(distinct, common)
    flags = _begins(keys_of(units, SEED)[(scales == 1)[owners]] if len(owners) else _bins(distinct)[:0])
    return Grams(distinct, size[begins], first, position[rank < MOST_ITEMS], is_common, _bins(distinct), flags)


def _bins(keys: Array) -> Array:
    bits = max(1, len(keys).bit_length())
    bounds = np.arange(1 << bits, dtype=np.uint64) << np.uint64(64 - bits)
    return np.append(np.searchsorted(keys, bounds), len(keys)).astype(np.int32)


def _begins(keys: Array) -> Array:
    bits = max(10, len(keys).bit_length() + 3)
    flags = np.zeros(1 << bits, np.uint8)
    flags[(keys.astype(np.uint64) >> np.uint64(64 - bits)).astype(np.int64)] = 1
    return np.packbits(flags, bitorder="little")


def keys_of(units: Array, size: int) -> Array:
    """Return the key of the gram that begins at each unit; 0 where too few follow.

    >>> keys = keys_of(np.array([5, 6, 7, 5, 6, 7], np.uint64), 3)
    >>> bool(keys[0] == keys[3]), bool(keys[0] == keys[1]), keys.tolist()[4:]
    (True, False, [0, 0])
    """
    keys = np.zeros(len(units), np.uint64)
    _keys_of(np.ascontiguousarray(units), size, keys)
    return keys


@compiled
def _keys_of(units: Any, size: Any, keys: Any) -> None:
    sums = prefix_sums(units, 0, len(units))
    power = power_of(size)
    for at in range(len(units) - size + 1):
        keys[at] = key_at(sums, at, size, power)


@compiled
def prefix_sums(units: Any, start: Any, end: Any) -> Any:
    """Return the hashes of all beginnings of `units[start:end]`."""
    sums = np.empty(end - start + 1, np.uint64)
    sums[0] = 0
    for at in range(start, end):
        sums[at - start + 1] = sums[at - start] * _BASE + units[at]
    return sums


@lean
def power_of(size: Any) -> Any:
    """Return what a beginning's hash is multiplied by that is followed by `size` units."""
    power = np.uint64(1)
    for _ in range(size):
        power *= _BASE
    return power


@lean
def key_at(sums: Any, at: Any, size: Any, power: Any) -> Any:
    """Return the key of the gram of `size` units at `at`."""
    return mix64(sums[at + size] - sums[at] * power + np.uint64(size) * _SALT)


@lean
def shift_of(bins: Any) -> Any:
    """Return by how many bits a key is shifted to the number of its bin."""
    return shift_of_bits(len(bins) - 1)


@lean
def shift_of_bits(values: Any) -> Any:
    """Return by how many bits a key is shifted to a number below a power of two."""
    bits = 0
    while (1 << bits) < values:
        bits += 1
    return np.uint64(64 - bits)


@lean
def number_of(key: Any, keys: Any, bins: Any, shift: Any) -> Any:
    """Return the number of a gram in the table; -1 where it is not there."""
    number = np.int64(key >> shift)
    for at in range(bins[number], bins[number + 1]):
        if keys[at] == key:
            return at
    return -1


@lean
def begins_none(key: Any, begins: Any, shift: Any) -> Any:
    """Tell that no item has a run of `SEED` words with this key."""
    bit = np.int64(key >> shift)
    return (begins[bit >> 3] >> (bit & 7)) & 1 == 0


@compiled
def _mark_counted(starts: Any, scales: Any, keys: Any, is_common: Any, bins: Any, units: Any, weights: Any) -> None:
    """Write 1 for each unit that stands in a gram that is not common."""
    shift = shift_of(bins)
    for item in range(len(starts) - 1):
        size = GRAM * scales[item]
        power = power_of(size)
        sums = prefix_sums(units, starts[item], starts[item + 1])
        for at in range(starts[item + 1] - starts[item] - size + 1):
            number = number_of(key_at(sums, at, size, power), keys, bins, shift)
            if number >= 0 and not is_common[number]:
                weights[starts[item] + at : starts[item] + at + size] = 1
