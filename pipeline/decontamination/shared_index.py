"""The index of all items as one file that the workers of a machine map into memory and share.

The small table of a fit holds the items alone, for it travels. The first worker of a machine that needs the index
builds it and writes it as it lies in memory, into the machine's folder for temporary files and under the hash of what
it is made of; the others wait for that and map the same pages.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.engine.tables import read_whole
from pipeline.stores.mapped_arrays import map_arrays, shared_file, write_arrays
from pipeline.stores.private import private_folder

if TYPE_CHECKING:
    from pipeline.kernels.contamination.grams import Index, ItemTexts

Array = np.ndarray[Any, np.dtype[Any]]
GRAM_KEY, DOCUMENTS = "gram", "documents"
"""Columns of the tables of counts: the 64 bits of a gram's key, and how many documents it stands in."""
_FORMAT = 4


class ItemNames(NamedTuple):
    """What items are called, by number.

    Attributes:
        suites: Arrow strings.
        items: Arrow strings: ids in the suite.
        is_training: Arrow booleans.
        words: Words of the text that is looked for, int32.
    """

    suites: pa.Array
    items: pa.Array
    is_training: pa.Array
    words: pa.Array


def item_texts(table: pa.Table) -> "ItemTexts":
    """Return the items of a small table as the index is built of them."""
    from pipeline.kernels.contamination.grams import ItemTexts

    starts, units = _flat(table["units"])
    answer_starts, answers = _flat(table["answer"])
    names = ("scale", "breaks", "passage")
    scales, breaks, passages = (table[name].to_numpy().astype(np.int32) for name in names)
    return ItemTexts(starts, units, scales, breaks, passages, answer_starts, answers)


def _flat(column: pa.ChunkedArray) -> tuple[Array, Array]:
    whole = column.combine_chunks()
    whole = whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole
    lengths = whole.value_lengths().to_numpy(zero_copy_only=False)
    offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    return offsets, np.ascontiguousarray(whole.flatten().to_numpy(zero_copy_only=False).astype(np.int64)).view(
        np.uint64
    )


@lru_cache(maxsize=2)
def item_names(paths: tuple[str, ...]) -> ItemNames:
    """Return what the items of a small table are called; a process reads it once."""
    table = read_whole(paths).select(["suite", "item", "is_training", "words"]).combine_chunks()
    return ItemNames(*(column.chunk(0) if column.num_chunks else pa.nulls(0, column.type) for column in table.columns))


@lru_cache(maxsize=2)
def shared_index(items: tuple[str, ...], common: tuple[str, ...], content_hash: str) -> "Index":
    """Return the index of some items, mapped into memory.

    Args:
        items: Files of the small table of items.
        common: Files of the small table of common grams; none while they are counted.
        content_hash: Hash of what both hold.
    """
    path = private_folder("suites") / f"{content_hash}.{_FORMAT}.index"
    return shared_file(path, map_index, lambda target: write_index(_built(items, common), target))


def _built(items: Sequence[str], common: Sequence[str]) -> "Index":
    from pipeline.kernels.contamination.grams import build_index

    keys = np.empty(0, np.uint64)
    if common:
        keys = read_whole(tuple(common))[GRAM_KEY].to_numpy().astype(np.int64).view(np.uint64)
    return build_index(item_texts(read_whole(tuple(items))), keys)


def write_index(index: "Index", target: Path) -> None:
    """Write an index as it is to lie in memory."""
    write_arrays([array for group in index for array in group], None, target)


def map_index(path: Path) -> "Index":
    """Return what `write_index` wrote, mapped into memory.

    Raises:
        DamageError: It is not what was written.
        OSError: It is not there, or not this user's own.
    """
    from pipeline.kernels.contamination.grams import Grams, Index, Items

    arrays, fields = map_arrays(path).arrays, len(Items._fields)
    return Index(Items(*arrays[:fields]), Grams(*arrays[fields:]))
