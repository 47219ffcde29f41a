"""The order of documents: ranks of every kind of column sort as plain Python sorts the values."""

import math
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dedup.order import FIRST, Order, doc_numbers
from pipeline.errors import ConfigError
from schemas.columns import FETCH_TIME, TEXT, Column

WHOLE = st.integers(-(2**63) + 2, 2**63 - 2)
REAL = st.floats(allow_nan=False, width=64)
KINDS: list[tuple[pa.DataType, st.SearchStrategy[Any]]] = [
    (pa.int64(), WHOLE),
    (pa.int32(), st.integers(-(2**31), 2**31 - 1)),
    (pa.uint8(), st.integers(0, 255)),
    (pa.float64(), REAL),
    (pa.float32(), st.floats(allow_nan=False, width=32)),
    (pa.bool_(), st.booleans()),
    (pa.date32(), st.dates(date(1900, 1, 1), date(2200, 1, 1))),
    (
        pa.timestamp("us", "UTC"),
        st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    ),
    (pa.timestamp("us"), st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1))),  # noqa: DTZ001
]


def ranks(keep: str, values: list[Any], kind: pa.DataType, **columns: list[Any]) -> list[int]:
    order = Order(keep)
    table = pa.record_batch({order.column: pa.array(values, kind), **columns})
    result: list[int] = order.ranks(table).tolist()
    assert order.ranks(pa.Table.from_batches([table[:1], table[1:]])).tolist() == result
    return result


@pytest.mark.parametrize(("kind", "strategy"), KINDS, ids=[str(kind) for kind, _ in KINDS])
@pytest.mark.parametrize("lowest", [False, True])
def test_ranks_sort_as_the_values_do_and_null_is_last(
    kind: pa.DataType, strategy: st.SearchStrategy[Any], lowest: bool
) -> None:
    @given(st.lists(st.one_of(st.none(), strategy), max_size=12))
    def check(values: list[Any]) -> None:
        result = ranks("-quality" if lowest else "quality", values, kind)
        for mine, rank in zip(values, result, strict=True):
            assert rank > FIRST  # an earlier run's document comes before all of them
            for other, its in zip(values, result, strict=True):
                if mine is None or other is None:
                    assert (rank == its) == (mine is other)
                    assert (rank > its) == (mine is None and other is not None)
                else:
                    assert (rank < its) == ((mine < other) if lowest else (mine > other))

    check()


def test_both_zeros_are_equal_and_infinities_are_the_ends() -> None:
    result = ranks("quality", [0.0, -0.0, math.inf, -math.inf, 5e-324, -5e-324], pa.float64())
    assert result[0] == result[1]
    assert np.argsort(result, kind="stable").tolist() == [2, 4, 0, 1, 5, 3]


def test_no_number_comes_after_every_number_and_before_null() -> None:
    values = [math.nan, None, 0.5, -1e300]
    assert np.argsort(ranks("quality", values, pa.float64()), kind="stable").tolist() == [2, 3, 0, 1]


def test_no_number_is_never_preferred_where_the_lowest_comes_first() -> None:
    values = [math.nan, None, 0.5, -1e300]
    assert np.argsort(ranks("-quality", values, pa.float64()), kind="stable").tolist() == [3, 2, 0, 1]


def test_the_lowest_whole_number_is_the_last_before_none_where_the_highest_comes_first() -> None:
    result = ranks("quality", [None, -(2**63), 2**63 - 1, 0, -(2**63) + 2], pa.int64())
    assert np.argsort(result, kind="stable").tolist() == [2, 3, 4, 1, 0]


@pytest.mark.parametrize(
    ("keep", "column"),
    [
        ("longest", "minhash_units"),
        ("newest", "fetch_time"),
        ("quality", "quality"),
        ("-quality", "quality"),
        ("-fetch_time", "fetch_time"),
    ],
)
def test_the_order_names_its_column(keep: str, column: str) -> None:
    assert Order(keep).column == column


def test_the_longest_and_the_newest_come_first() -> None:
    assert np.argsort(ranks("longest", [3, 9, 5], pa.int32())).tolist() == [1, 2, 0]
    times = [datetime(2024, 1, day, tzinfo=UTC) for day in (2, 3, 1)]
    assert np.argsort(ranks("newest", times, FETCH_TIME.type)).tolist() == [1, 0, 2]
    assert np.argsort(ranks("-fetch_time", times, FETCH_TIME.type)).tolist() == [2, 0, 1]


@pytest.mark.parametrize("kind", [kind for kind, _ in KINDS], ids=str)
def test_columns_with_an_order_are_accepted(kind: pa.DataType) -> None:
    for keep in ("quality", "-quality"):
        Order(keep).check([TEXT, Column("quality", kind, "")])


@pytest.mark.parametrize(
    ("keep", "columns", "message"),
    [
        ("qualty", [TEXT, Column("quality", pa.int64(), "")], r"no column 'qualty'; did you mean 'quality'\?"),
        ("-qualty", [Column("quality", pa.int64(), "")], r"no column 'qualty'; did you mean 'quality'\?"),
        ("newst", [TEXT], r"no column 'newst'; did you mean 'newest'\?"),
        ("text", [TEXT], r"column 'text' is string, which has no order to keep by"),
        ("tags", [Column("tags", pa.list_(pa.int64()), "")], "which has no order to keep by"),
        ("span", [Column("span", pa.duration("us"), "")], "which has no order to keep by"),
        ("hour", [Column("hour", pa.time64("us"), "")], "which has no order to keep by"),
        ("sum", [Column("sum", pa.decimal128(9, 2), "")], "which has no order to keep by"),
    ],
)
def test_columns_without_an_order_are_refused_in_words(keep: str, columns: list[Column], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Order(keep).check(columns)


@given(st.lists(st.text("0123456789abcdef", min_size=32, max_size=32), max_size=9))
def test_numbers_of_documents_are_the_first_sixty_bits_of_their_ids(ids: list[str]) -> None:
    expected = [int(one[:15], 16) for one in ids]
    assert doc_numbers(pa.array(ids, pa.string())).tolist() == expected
    chunks = pa.chunked_array([pa.array(ids[:2], pa.string()), pa.array(ids[2:], pa.string())])
    assert doc_numbers(chunks).tolist() == expected
