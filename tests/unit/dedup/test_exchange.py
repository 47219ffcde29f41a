"""Rows on their way: every row arrives once, in its bucket, in order of the senders."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.near_duplicates.packing import pack, unpack
from pipeline.rows import exchange
from pipeline.rows.exchange import (
    ROWS_A_BUCKET,
    Chunk,
    PartGroups,
    bucket_of,
    buckets_for,
    gathered,
    in_pieces,
    scatter,
    sorted_by,
)
from pipeline.rows.row_ids import row_ids

BITS = st.sampled_from([48, 63])


def session(partitions: int | None) -> Any:
    return SimpleNamespace(conf=SimpleNamespace(get=lambda name: partitions and str(partitions)))


@given(BITS, st.integers(0, 12), st.data())
def test_buckets_are_equal_ranges_of_keys(bits: int, power: int, data: st.DataObject) -> None:
    buckets = 1 << power
    keys = data.draw(st.lists(st.integers(0, 2**bits - 1), max_size=20))
    keys += [0, 2**bits - 1]
    expected = [key * buckets // 2**bits for key in keys]
    assert bucket_of(np.array(keys, np.int64), bits, buckets).tolist() == expected


@given(st.integers(0, 10**10), st.integers(1, 4000))
def test_numbers_of_buckets_are_powers_of_two_that_hold_the_rows_and_busy_the_tasks(rows: int, partitions: int) -> None:
    buckets = buckets_for(rows, session(partitions))
    assert buckets & (buckets - 1) == 0
    assert buckets * ROWS_A_BUCKET >= rows
    assert buckets >= 4 * min(partitions, max(1, rows >> 12))
    assert buckets < 2 * max(4 * partitions, -(-rows // ROWS_A_BUCKET), 1)


def arrived(batches: list[Any]) -> list[tuple[int, int, list[list[int]], bytes | None]]:
    result = []
    for batch in batches:
        (bucket,), (source,), (payload,), (extra,) = (column.to_pylist() for column in batch.columns)
        result.append((bucket, source, [column.tolist() for column in unpack(payload, 2)], extra))
    return result


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 99)), max_size=40), st.integers(1, 7))
def test_scattered_rows_arrive_once_in_chunks_of_their_bucket(rows: list[tuple[int, int]], most: int) -> None:
    rows = sorted(rows)
    columns = [np.array([key for _, key in rows], np.int64), np.arange(len(rows))]
    buckets = np.array([bucket for bucket, _ in rows], np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exchange, "_ROWS_A_CHUNK", most)
        result = arrived(list(scatter(6, buckets, columns, lambda cut: bytes(range(cut.start, cut.stop)))))
    sources = [source for _, source, _, _ in result]
    assert sources == [(6 << 20) + piece for piece in range(len(result))]
    again = []
    for bucket, _, (keys, numbers), extra in result:
        assert 0 < len(keys) <= most
        assert extra == bytes(numbers)  # what goes with the rows is of the same rows
        again += [(bucket, key, number) for key, number in zip(keys, numbers, strict=True)]
    assert again == [(bucket, key, number) for number, (bucket, key) in enumerate(rows)]


def test_chunks_without_further_bytes_have_none() -> None:
    assert [extra for *_, extra in arrived(list(scatter(0, np.zeros(1, int), [np.ones(1, int)] * 2)))] == [None]


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(-5, 5), max_size=5), max_size=8), st.one_of(st.none(), st.integers(1, 9)))
def test_pieces_hold_all_rows_in_order_and_no_more_than_asked_for_and_a_chunk(
    chunks: list[list[int]], rows: int | None
) -> None:
    sent = [Chunk(pack([np.array(some, np.int64)] * 2), None, 0) for some in chunks]
    pieces = list(in_pieces(iter(sent), 2, rows))
    assert [value for piece in pieces for value in piece[0].tolist()] == [value for some in chunks for value in some]
    if rows is None:
        assert len(pieces) == min(1, sum(map(len, chunks)))
    else:
        assert all(len(piece[0]) >= rows for piece in pieces[:-1])
        assert all(len(piece[0]) < rows + 5 for piece in pieces)
    assert gathered(iter(sent), 2)[1].tolist() == [value for some in chunks for value in some]


def test_no_chunks_are_no_rows() -> None:
    assert [column.tolist() for column in gathered(iter([]), 3)] == [[], [], []]
    assert list(in_pieces(iter([]), 3)) == []


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=20))
def test_columns_are_sorted_by_the_first_key_first(rows: list[tuple[int, int]]) -> None:
    first, second = (np.array([row[end] for row in rows], np.int64) for end in (0, 1))
    numbers = np.arange(len(rows))
    result = sorted_by([first, numbers], [first, second])[1].tolist()
    assert result == sorted(range(len(rows)), key=lambda at: rows[at])


@given(st.integers(1, 5000), st.integers(0, 10**10), st.integers(1, 300))
def test_groups_of_parts_are_neighbours_and_every_part_is_in_one(parts: int, rows: int, partitions: int) -> None:
    groups = PartGroups.of(parts, rows, session(partitions))
    ends = np.array([0, 2**32 - 1])
    result = [groups.of_ids(row_ids(part, ends)).tolist() for part in (0, parts // 2, parts - 1)]
    assert all(first == last for first, last in result)
    assert result[0][0] == 0
    assert result[2][0] == groups.total - 1
    assert groups.total <= parts


def test_no_parts_are_one_group() -> None:
    assert PartGroups.of(0, 0, session(8)).total == 1
