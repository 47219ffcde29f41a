"""The documents of a release: as often as the mix has drawn them, each copy with its shard and its key."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.part_cells import PartCells
from pipeline.cells.reader import read_cells
from pipeline.mixing.draws import draws
from pipeline.release.layout import ANNEAL, TRAIN, VALIDATION, Layout
from schemas.columns import (
    ANNEAL_EPOCHS,
    CAPTURES,
    CATEGORY,
    COPIES_EXACT,
    COPIES_NEAR,
    DOC_ID,
    EPOCH,
    EPOCHS,
    SPLIT,
    Column,
)
from schemas.tables import RELEASE

SHARD: Final = "_shard"
KEY: Final = "_key"
_COUNTS: Final = {CAPTURES.name, COPIES_EXACT.name, COPIES_NEAR.name}
DRAWN_BY: Final = (SPLIT, EPOCHS, ANNEAL_EPOCHS)
"""Columns that say how often a document stands in which split."""
_EPOCH_SEED: Final = 1_000_003


def key_seed(seed: int, epoch: int) -> int:
    """Return the seed of the keys by which the copies of an epoch are shuffled."""
    return seed + 1 + epoch * _EPOCH_SEED


def times_in(batch: pa.RecordBatch, split: str) -> npt.NDArray[np.int64]:
    """Return how many times each document stands in a split.

    Args:
        batch: With the columns `DRAWN_BY`.
        split: train, validation or anneal.
    """
    if split == ANNEAL:
        epochs = pc.fill_null(batch.column(ANNEAL_EPOCHS.name), 0)
    elif split == VALIDATION:
        epochs = pc.fill_null(pc.equal(batch.column(SPLIT.name), VALIDATION), False)  # noqa: FBT003
    else:
        epochs = batch.column(EPOCHS.name)
    times: npt.NDArray[np.int64] = epochs.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return times


@dataclass(frozen=True)
class Copier:
    """Yields the copies of a part's documents.

    Attributes:
        layout: The shards.
        seed: Another one shuffles otherwise.
    """

    layout: Layout
    seed: int

    def copies(self, cells: PartCells) -> Iterator[pa.RecordBatch]:
        """Yield copies: the columns of `RELEASE`, SHARD and KEY."""
        made = {field.name: Column(field.name, field.type, "", None) for field in RELEASE if field.name != EPOCH.name}
        columns = (*made.values(), *(replace(c, default=None) for c in DRAWN_BY))
        for batch in read_cells(cells, columns):
            for split in (TRAIN, VALIDATION, ANNEAL):
                yield from self._of_split(batch, split)

    def _of_split(self, batch: pa.RecordBatch, split: str) -> Iterator[pa.RecordBatch]:
        times = times_in(batch, split)
        total = int(times.sum())
        if not total:
            return
        rows = np.repeat(np.arange(batch.num_rows), times)
        epoch = np.arange(total) - np.repeat(np.cumsum(times) - times, times)
        copied = batch.take(pa.array(rows))
        keys = np.empty(total, np.int64)
        for repetition in np.unique(epoch):
            here = np.flatnonzero(epoch == repetition)
            doc_ids = copied.column(DOC_ID.name).take(pa.array(here))
            keys[here] = draws(doc_ids, key_seed(self.seed, int(repetition)))
        shards = np.empty(total, np.int32)
        categories = copied.column(CATEGORY.name)
        for category in pc.unique(categories).to_pylist():
            of_category = np.flatnonzero(pc.equal(categories, category).to_numpy(zero_copy_only=False))
            shards[of_category] = self.layout.numbers(split, category, keys[of_category])
        arrays = [_column(copied, field, epoch) for field in RELEASE]
        yield pa.record_batch([*arrays, pa.array(shards), pa.array(keys)], names=[*RELEASE.names, SHARD, KEY])


def _column(copied: pa.RecordBatch, field: pa.Field, epoch: npt.NDArray[np.int64]) -> pa.Array:
    if field.name == EPOCH.name:
        return pa.array(epoch.astype(np.int32))
    values = copied.column(field.name)
    return pc.fill_null(values, 0) if field.name in _COUNTS else values
