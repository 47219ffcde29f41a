"""What lies where in a release: splits, shards by category, and the manifest that names them all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.errors import ManifestError
from pipeline.mixing.draws import DRAW_BITS
from pipeline.stores import storage

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
TRAIN, VALIDATION, ANNEAL = "train", "validation", "anneal"
FOLDERS: Final = {TRAIN: "data", VALIDATION: "validation", ANNEAL: "anneal"}
"""Split → the folder of its shards; theirs below it is the category."""
KEYS: Final = 1 << DRAW_BITS
"""Keys by which documents are shuffled are below this number."""
_REMAINDER: Final = 0.05
"""Share of a shard below which what is left over goes into the last one."""


class Shard(NamedTuple):
    """A file of documents, and by which keys a document is in it.

    Attributes:
        path: Below the release.
        split: train, validation or anneal.
        category: Of its documents.
        low: The lowest key.
        high: The key behind the highest one.
    """

    path: str
    split: str
    category: str
    low: int
    high: int


def shards_of(split: str, category: str, text_bytes: int, shard_bytes: int) -> list[Shard]:
    """Return the shards of a category: full ones, and one with the rest.

    Args:
        split: train, validation or anneal.
        category: Of the documents.
        text_bytes: Of all of their texts.
        shard_bytes: Of a full shard.

    >>> [shard.path for shard in shards_of("train", "code", 250, 100)][-1]
    'data/code/train-00002-of-00003.parquet'
    """
    full, rest = divmod(text_bytes, shard_bytes)
    count = max(1, full + (rest > _REMAINDER * shard_bytes))
    bounds = [KEYS * number * shard_bytes // max(text_bytes, 1) for number in range(count)] if count > 1 else [0]
    folder = f"{FOLDERS[split]}/{category}"
    return [
        Shard(f"{folder}/{split}-{number:05d}-of-{count:05d}.parquet", split, category, low, high)
        for number, (low, high) in enumerate(zip(bounds, [*bounds[1:], KEYS], strict=True))
    ]


@dataclass(frozen=True)
class Layout:
    """All shards of a release.

    Attributes:
        shards: By number.
    """

    shards: tuple[Shard, ...]

    def numbers(self, split: str, category: str, keys: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
        """Return the numbers of the shards that documents of a category go to.

        Args:
            split: Of the documents.
            category: Likewise.
            keys: By which they are shuffled.
        """
        own = [n for n, shard in enumerate(self.shards) if (shard.split, shard.category) == (split, category)]
        lows = np.array([self.shards[number].low for number in own], np.int64)
        at = np.searchsorted(lows, keys, side="right") - 1
        numbers: npt.NDArray[np.int32] = np.array(own, np.int32)[at]
        return numbers


def layout_of(totals: Sequence[Mapping[str, Any]], shard_bytes: int) -> Layout:
    """Return the shards of a release.

    Args:
        totals: `split`, `category`, `rows` and `bytes` of all that is released.
        shard_bytes: Bytes of text of a full shard.
    """
    sizes = {(row["split"], row["category"]): row["bytes"] for row in totals if row["rows"]}
    order = sorted(sizes, key=lambda key: (list(FOLDERS).index(key[0]), key[1]))
    return Layout(tuple(shard for key in order for shard in shards_of(*key, sizes[key], shard_bytes)))


def release_of(directory: str) -> str:
    """Return the folder with the manifest of a release, which may be named by its `data` or that of a run.

    Args:
        directory: The release, its `data/`, or a run.

    Raises:
        ManifestError: There is none.
    """
    directory = directory.rstrip("/") or "/"
    parent = directory.rpartition("/")[0] if "/" in directory else "."
    for candidate in (directory, parent or "/", storage.join(directory, "release")):
        if storage.exists(storage.join(candidate, MANIFEST)):
            return candidate
    raise ManifestError(f"{directory} holds no release: there is no {MANIFEST} in it")
