"""Shards are of one size where a category fills them, and their row groups of a size that readers like."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.release.layout import KEYS, layout_of, shards_of
from pipeline.release.shards import GROUP_BYTES, ShardFile
from schemas.tables import RELEASE


def test_full_shards_differ_by_less_than_a_twentieth_from_what_is_asked_for() -> None:
    random = np.random.default_rng(3)
    sizes = np.minimum(random.lognormal(7.5, 1.2, 400_000), 1_000_000).astype(np.int64)
    keys = random.integers(0, KEYS, len(sizes))
    target = int(sizes.sum()) * 10 // 97
    layout = layout_of([{"split": "train", "category": "code", "rows": 1, "bytes": int(sizes.sum())}], target)
    numbers = layout.numbers("train", "code", keys)
    filled = np.bincount(numbers, weights=sizes.astype(np.float64))
    assert len(filled) == 10
    assert np.abs(filled[:-1] / target - 1).max() < 0.05
    assert filled[-1] / target == pytest.approx(0.7, abs=0.15)


@pytest.mark.parametrize(("size", "count"), [(0, 1), (99, 1), (100, 1), (104, 1), (106, 2), (200, 2), (1_003, 10)])
def test_what_is_left_over_goes_into_the_last_shard_where_it_is_little(size: int, count: int) -> None:
    shards = shards_of("validation", "math", size, 100)
    assert len(shards) == count
    assert (shards[0].low, shards[-1].high) == (0, KEYS)
    assert all(first.high == second.low for first, second in pairwise(shards))


@pytest.mark.parametrize("words", [40, 4_000])
def test_row_groups_hold_between_32_and_128_mb(tmp_path: Path, words: int) -> None:
    text = "grind " * words
    rows = 3 * GROUP_BYTES // len(text)
    columns = {field.name: pa.nulls(rows, field.type) for field in RELEASE}
    columns |= {"text": pa.array([text] * rows), "tokens": pa.array(np.ones(rows, np.int32))}
    file = ShardFile(str(tmp_path), "shard.parquet")
    table = pa.table(columns, schema=RELEASE)
    for start in range(0, rows, 1_000):
        file.write(table.slice(start, 1_000))
    assert file.close().text_bytes == rows * len(text)
    read = pq.ParquetFile(tmp_path / "shard.parquet")
    assert read.metadata.row_group(0).column(0).compression == "ZSTD"

    texts = [read.metadata.row_group(number).num_rows * len(text) for number in range(read.num_row_groups - 1)]
    assert texts
    assert all(32 << 20 <= size <= 128 << 20 for size in texts)
