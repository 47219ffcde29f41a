"""What is packed for a shuffle is unpacked as it was, whatever the integers."""

import struct

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.near_duplicates.packing import pack, rows_in, unpack

WHOLE = st.integers(-(2**63), 2**63 - 1)


@st.composite
def tables(draw: st.DrawFn) -> list[list[int]]:
    rows = draw(st.lists(st.tuples(*[st.one_of(WHOLE, st.integers(-3, 300))] * draw(st.integers(1, 5))), max_size=40))
    width = len(rows[0]) if rows else draw(st.integers(1, 5))
    return [[row[column] for row in rows] for column in range(width)]


def plain_pack(columns: list[list[int]]) -> bytes:
    """Lay out what is compressed: differences of the first column, then bytes of equal weight side by side."""
    first = [value - (columns[0][at - 1] if at else 0) for at, value in enumerate(columns[0])]
    laid = b""
    for column in [first, *columns[1:]]:
        whole = [struct.pack("<Q", value % 2**64) for value in column]
        laid += b"".join(bytes(one[weight] for one in whole) for weight in range(8))
    return laid


@settings(deadline=None)
@given(tables())
def test_columns_come_back_as_they_went_in(columns: list[list[int]]) -> None:
    payload = pack([np.array(column, np.int64) for column in columns])
    result = unpack(payload, len(columns))
    assert [column.tolist() for column in result] == columns
    assert {column.dtype for column in result} == {np.dtype(np.int64)}
    assert rows_in(payload) == len(columns[0])


@settings(deadline=None)
@given(tables())
def test_what_is_compressed_is_laid_out_as_by_the_plain_program(columns: list[list[int]]) -> None:
    payload = pack([np.array(column, np.int64) for column in columns])
    laid = plain_pack(columns)
    held = pa.Codec("zstd").decompress(payload[8:], decompressed_size=len(laid), asbytes=True)
    assert held == laid


@pytest.mark.parametrize("width", [1, 2, 11])
def test_no_rows_are_packed_and_unpacked(width: int) -> None:
    payload = pack([np.empty(0, np.int64)] * width)
    assert [column.tolist() for column in unpack(payload, width)] == [[]] * width
    assert rows_in(payload) == 0


def test_unsigned_and_strided_columns_are_packed_by_their_bits() -> None:
    unsigned = np.array([2**64 - 1, 0, 7], np.uint64)
    strided = np.arange(12, dtype=np.int64)[::4]
    result = unpack(pack([unsigned, strided]), 2)
    assert [column.tolist() for column in result] == [[-1, 0, 7], [0, 4, 8]]


def test_equal_columns_give_equal_bytes_and_sorted_keys_few() -> None:
    keys = np.sort(np.random.default_rng(1).integers(0, 2**48, 1 << 16))
    ones = np.ones(1 << 16, np.int64)
    assert pack([keys, ones]) == pack([keys.copy(), ones.copy()])
    assert len(pack([keys, ones])) < 6 * len(keys)


def test_columns_that_were_unpacked_can_be_written_to() -> None:
    first, second = unpack(pack([np.arange(3), np.arange(3)]), 2)
    first += 1
    second += 2
    assert (first.tolist(), second.tolist()) == ([1, 2, 3], [2, 3, 4])
