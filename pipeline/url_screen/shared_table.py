"""The entries of all lists as one file that the workers of a machine map into memory and share.

The small table of a fit is Parquet, for it travels. The first worker of a machine that needs it writes it once more as
it lies in memory, into the machine's folder for temporary files and under the table's hash; the others wait for that
and map the same pages.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.cells.checked_file import opened_parquet
from pipeline.errors import ConfigError
from pipeline.stores.mapped_arrays import map_arrays, shared_file, write_arrays
from pipeline.stores.private import private_folder

if TYPE_CHECKING:
    from pipeline.kernels.urls.url_keys import KeyTable

Array = np.ndarray[Any, np.dtype[Any]]
KEY, SET = "key", "categories"
"""Columns of the small table: the key of an entry, ascending, and its categories joined by ','; "" is a mark."""
_FORMAT = 4
_MOST_SETS = 0xFFFF


class Screen(NamedTuple):
    """Entries of lists as a worker looks them up.

    Attributes:
        table: Keys, and the number of each one's set of categories.
        sets: The sets: categories in order, joined by ','.
    """

    table: "KeyTable"
    sets: tuple[str, ...]


@lru_cache(maxsize=1)
def shared_screen(paths: tuple[str, ...], content_hash: str) -> Screen:
    """Return the entries of a small table, mapped into memory.

    Args:
        paths: Its files, in order.
        content_hash: Hash of its content.
    """
    path = private_folder("lists") / f"{content_hash}.{_FORMAT}.keys"
    return shared_file(path, map_screen, lambda target: write_screen(paths, target))


def write_screen(paths: Sequence[str], target: Path) -> None:
    """Write a small table as it is to lie in memory; while that is made, its keys are held twice.

    Raises:
        ConfigError: There are more sets of categories than can be numbered.
    """
    from pipeline.kernels.urls.url_keys import bin_starts

    keys, numbers, sets = _columns(paths)
    starts = bin_starts(keys)
    write_arrays((keys, starts, numbers), sets, target)


def _columns(paths: Sequence[str]) -> tuple[Array, Array, list[str]]:
    """Return the keys, the number of each one's set, and the sets."""
    from pipeline.kernels.urls.url_keys import MARK

    sets: dict[str, int] = {}
    keys, numbers = [np.empty(0, np.int64)], [np.empty(0, np.uint16)]
    for batch in (batch for path in paths for batch in _batches(path)):
        coded = batch.column(SET).dictionary_encode()
        names = coded.dictionary.to_pylist()
        for name in filter(None, names):
            sets.setdefault(name, len(sets))
        if len(sets) >= _MOST_SETS:
            raise ConfigError(f"url_screen.lists: more than {_MOST_SETS:,} combinations of categories")
        set_numbers = np.array([sets.get(name, MARK) for name in names], np.uint16)
        keys.append(batch.column(KEY).to_numpy())
        numbers.append(set_numbers[coded.indices.to_numpy()])
    return np.concatenate(keys), np.concatenate(numbers), list(sets)


def _batches(path: str) -> Iterator[pa.RecordBatch]:
    with opened_parquet(path) as file:
        yield from file.iter_batches()


def map_screen(path: Path) -> Screen:
    """Return what `write_screen` wrote, mapped into memory.

    Raises:
        DamageError: It is not what was written.
        OSError: It is not there, or not this user's own.
    """
    from pipeline.kernels.urls.url_keys import key_table

    (keys, starts, sets), names = map_arrays(path)
    return Screen(key_table(keys, sets, starts), tuple(names))
