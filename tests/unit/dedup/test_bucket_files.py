"""The index of an earlier run: its rows are found again whatever the numbers of buckets then and now."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipeline.dedup.bucket_files import INDEX, LINKS, BucketFiles, earlier_rows, results
from pipeline.rows.exchange import bucket_of
from pipeline.rows.row_ids import row_ids
from tests.tables import write_file

BITS = 48
COUNTS = [1, 2, 4, 8, 32]


def written(folder: Path, keys: list[int], places: list[int], buckets: int, first_part: int = 0) -> BucketFiles:
    """Write an index as a run leaves it, with rows of another kind between."""
    files = {}
    order = np.argsort(keys, kind="stable")
    columns = [np.array(keys, np.int64)[order], np.array(places, np.int64)[order]]
    numbers = bucket_of(columns[0], BITS, buckets)
    for bucket in np.unique(numbers).tolist():
        here = [column[numbers == bucket] for column in columns]
        other = results(LINKS, bucket, [np.array([1]), np.array([2])])
        path = folder / f"{buckets}-{first_part}-{bucket}.parquet"
        write_file(path, pa.Table.from_batches([*other, *results(INDEX, bucket, here), *other]))
        files[bucket] = str(path)
    return BucketFiles(files, buckets, first_part)


def pairs(columns: list[np.ndarray[tuple[int], np.dtype[np.int64]]]) -> list[tuple[int, int]]:
    return sorted(zip(columns[0].tolist(), columns[1].tolist(), strict=True))


@pytest.fixture(scope="module")
def keys() -> list[int]:
    draw = np.random.default_rng(2)
    ends = [0, 2**BITS - 1, 2 ** (BITS - 1), 2 ** (BITS - 1) - 1]
    return [*ends, *ends, *draw.integers(0, 2**BITS, 200).tolist()]


@pytest.mark.parametrize("there", COUNTS)
@pytest.mark.parametrize("here", COUNTS)
def test_a_bucket_of_this_run_gets_the_rows_of_its_keys(tmp_path: Path, keys: list[int], there: int, here: int) -> None:
    index = written(tmp_path, keys, list(range(len(keys))), there)
    asked = np.unique(np.array([*keys[::2], 5, 2 ** (BITS - 1) + 5], np.int64))
    result = []
    for bucket in range(here):
        mine = asked[bucket_of(asked, BITS, here) == bucket]
        result += pairs(earlier_rows([index], mine, bucket, here, 2, 1))
    wanted = set(asked.tolist())
    assert sorted(result) == sorted((key, place) for place, key in enumerate(keys) if key in wanted)


def test_places_move_to_the_numbers_that_the_parts_have_here(tmp_path: Path) -> None:
    places = [int(row_ids(part, np.array([row]))[0]) for part, row in ((0, 3), (2, 2**32 - 1))]
    index = written(tmp_path, [7, 9], places, 2, first_part=5)
    keys = np.array([7, 9])
    moved = earlier_rows([index], keys, 0, 1, 2, 1)[1]
    assert moved.tolist() == [int(row_ids(part, np.array([row]))[0]) for part, row in ((5, 3), (7, 2**32 - 1))]
    assert earlier_rows([index], keys, 0, 1, 2, -1)[1].tolist() == places


def test_rows_of_several_runs_stand_together_each_with_its_parts(tmp_path: Path) -> None:
    both = [written(tmp_path, [7], [1], 4), written(tmp_path, [7, 2**47], [1, 2], 1, first_part=3)]
    assert pairs(earlier_rows(both, np.array([7]), 0, 2, 2, 1)) == [(7, 1), (7, (3 << 32) + 1)]


def test_buckets_without_a_file_and_runs_without_an_index_have_no_rows(tmp_path: Path) -> None:
    index = written(tmp_path, [7], [1], 4)
    asked = np.array([2**BITS - 1])
    assert [column.tolist() for column in earlier_rows([index], asked, 3, 4, 2, 1)] == [[], []]
    assert [column.tolist() for column in earlier_rows([index], asked[:0], 0, 4, 2, 1)] == [[], []]
    assert [column.tolist() for column in earlier_rows([], asked, 0, 4, 3, 2)] == [[], [], []]


def test_long_results_are_cut_into_several_rows_and_read_back_whole(tmp_path: Path) -> None:
    count = 300_000
    columns = [np.arange(count), np.arange(count)[::-1].copy()]
    batches = list(results(INDEX, 0, columns))
    assert sum(batch.column(2)[0].as_py() for batch in batches) == count
    assert len(batches) == 3
    write_file(tmp_path / "index.parquet", pa.Table.from_batches(batches))
    index = BucketFiles({0: str(tmp_path / "index.parquet")}, 1, 0)
    result = earlier_rows([index], columns[0], 0, 1, 2, -1)
    assert [column.tolist() for column in result] == [column.tolist() for column in columns]
