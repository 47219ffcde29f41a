"""A hash of rows tells their values, and nothing of how they lie in memory."""

import itertools
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cells.content_hash import ContentHash

STRUCT = pa.struct([("a", pa.string()), ("b", pa.list_(pa.int16()))])
_TEXT = st.sampled_from(["", "a", "ab", "b", "水"])
_LIST = st.lists(st.one_of(st.none(), st.integers(0, 2)), max_size=3)
KINDS: list[tuple[pa.DataType, st.SearchStrategy[Any]]] = [
    (pa.string(), _TEXT),
    (pa.large_binary(), _TEXT.map(str.encode)),
    (pa.int32(), st.integers(-1, 1)),
    (pa.float64(), st.sampled_from([0.0, 1.5])),
    (pa.bool_(), st.booleans()),
    (pa.timestamp("us", "UTC"), st.integers(0, 2)),
    (pa.list_(pa.int16()), _LIST),
    (pa.list_(STRUCT), st.lists(st.one_of(st.none(), st.fixed_dictionaries({"a": _TEXT, "b": _LIST})), max_size=2)),
    (STRUCT, st.fixed_dictionaries({"a": st.one_of(st.none(), _TEXT), "b": st.one_of(st.none(), _LIST)})),
    (pa.decimal128(5, 1), st.sampled_from([Decimal("1.5"), Decimal("2.5")])),
    (pa.map_(pa.string(), pa.int8()), st.lists(st.tuples(_TEXT, st.integers(0, 1)), max_size=2)),
]
SCHEMA = pa.schema([(f"c{number}", kind) for number, (kind, _) in enumerate(KINDS)])
ROWS = st.lists(st.tuples(*(st.one_of(st.none(), values) for _, values in KINDS)), max_size=6)


def table_of(rows: list[tuple[Any, ...]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(KINDS)
    return pa.table([pa.array(several, kind) for several, (kind, _) in zip(columns, KINDS, strict=True)], schema=SCHEMA)


def hash_of(*tables: pa.Table) -> str:
    content = ContentHash()
    for table in tables:
        content.update(table)
    return content.hexdigest()


@settings(deadline=None, max_examples=150)
@given(ROWS, st.lists(st.integers(0, 6), max_size=4))
def test_batches_slices_and_chunks_change_nothing(rows: list[tuple[Any, ...]], cuts: list[int]) -> None:
    table = table_of(rows)
    ends = [0, *sorted(cut % (len(rows) + 1) for cut in cuts), len(rows)]
    pieces = [table.slice(start, stop - start) for start, stop in itertools.pairwise(ends)]
    expected = hash_of(table)
    assert hash_of(*pieces) == expected
    assert hash_of(pa.concat_tables(pieces)) == expected
    padded = table_of([*rows[:1], *rows, *rows[:1]])
    assert hash_of(padded.slice(len(rows[:1]), len(rows))) == expected


@settings(deadline=None, max_examples=150)
@given(ROWS, ROWS)
def test_other_values_have_another_hash(rows: list[tuple[Any, ...]], others: list[tuple[Any, ...]]) -> None:
    assert (hash_of(table_of(rows)) == hash_of(table_of(others))) == (rows == others)


@pytest.mark.parametrize(
    ("each", "other", "kind"),
    [
        (["a", None], [None, "a"], pa.string()),
        (["", None], ["", ""], pa.string()),
        (["ab", "c"], ["a", "bc"], pa.string()),
        ([[], [1]], [[1], []], pa.list_(pa.int8())),
        ([[], None], [None, []], pa.list_(pa.int8())),
        ([{"a": None}], [None], pa.struct([("a", pa.int8())])),
        ([0, None], [None, 0], pa.int8()),
        ([None, None], [None], pa.null()),
        ([None, 5], [5, None], pa.timestamp("us")),
    ],
)
def test_nulls_and_borders_are_told_apart(each: list[Any], other: list[Any], kind: pa.DataType) -> None:
    first, second = (pa.table({"v": pa.array(values, kind)}) for values in (each, other))
    assert hash_of(first) != hash_of(second)


def test_what_lies_below_a_null_is_no_value() -> None:
    mask = pa.array([True, False])
    hidden = pa.StructArray.from_arrays([pa.array(["x", "y"]), pa.array([[1], [2]])], ["a", "b"], mask=mask)
    plain = pa.array([None, {"a": "y", "b": [2]}], hidden.type)
    assert hidden.to_pylist() == plain.to_pylist()
    assert hash_of(pa.table({"v": hidden})) == hash_of(pa.table({"v": plain}))


def test_names_of_columns_tell_and_whether_they_may_be_null_does_not() -> None:
    values = pa.array([1, 2], pa.int8())
    strict = pa.schema([pa.field("v", pa.int8(), nullable=False)])
    assert hash_of(pa.table([values], schema=strict)) == hash_of(pa.table({"v": values}))
    assert hash_of(pa.table({"w": values})) != hash_of(pa.table({"v": values}))
