"""Which rows of a column changed, and columns put into batches and taken out."""

import math
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cells.batches import arrays_of, differs, with_columns
from pipeline.errors import ContractError
from schemas.columns import PII, PII_TYPE, SPAN_TYPE, SPANS, TEXT, Column

_NUMBERS = st.integers(0, 2)
_SPANS = st.lists(
    st.one_of(st.none(), st.fixed_dictionaries({"start": _NUMBERS, "end": _NUMBERS, "kind": st.sampled_from("ab")})),
    max_size=3,
)
KINDS: list[tuple[pa.DataType, st.SearchStrategy[Any]]] = [
    (pa.string(), st.sampled_from(["", "a", "b"])),
    (pa.int32(), _NUMBERS),
    (pa.bool_(), st.booleans()),
    (pa.list_(SPAN_TYPE), _SPANS),
    (pa.list_(pa.list_(pa.int8())), st.lists(st.one_of(st.none(), st.lists(_NUMBERS, max_size=2)), max_size=2)),
    (SPAN_TYPE, st.fixed_dictionaries({"start": _NUMBERS, "end": st.none(), "kind": st.none()})),
]


@pytest.mark.parametrize("number", range(len(KINDS)))
@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_rows_that_differ_are_those_whose_values_do(number: int, data: st.DataObject) -> None:
    kind, values = KINDS[number]
    value = st.one_of(st.none(), values)
    pairs = data.draw(st.lists(st.one_of(st.tuples(value, value), value.map(lambda each: (each, each))), max_size=8))
    first = data.draw(st.integers(0, len(pairs)))
    old, new = (pa.array([pair[end] for pair in pairs], kind).slice(first) for end in (0, 1))
    assert differs(old, new).tolist() == [before != after for before, after in pairs[first:]]


def test_a_column_does_not_differ_from_itself_whatever_it_holds() -> None:
    scores = pa.array([math.nan, 1, None])
    assert differs(scores, scores).tolist() == [False] * 3
    lists = pa.array([[{"start": 0, "end": 1, "entity": "a", "score": 0.5}], None, []], pa.list_(PII_TYPE))
    assert differs(lists, lists).tolist() == [False] * 3


def test_a_column_of_the_users_own_gives_way_to_one_that_is_added() -> None:
    batch = pa.record_batch({"note": ["a"], "text": ["own"]})
    after = with_columns(batch, {TEXT: pa.array(["ours"])})
    assert after.to_pylist() == [{"note": "a", "text": "ours"}]


def test_columns_are_cast_to_their_types_and_absent_ones_take_their_defaults() -> None:
    votes = Column("votes", pa.int16(), "with a default", 7)
    batch = pa.record_batch({"text": pa.array(["a", "b"], pa.large_string())})
    text, pii, default = arrays_of(batch, [TEXT, PII, votes])
    assert (text.type, text.to_pylist()) == (TEXT.type, ["a", "b"])
    assert (pii.type, pii.to_pylist()) == (PII.type, [None, None])
    assert (default.type, default.to_pylist()) == (votes.type, [7, 7])
    with pytest.raises(ContractError, match="the measure left out column 'spans'; there are: text"):
        arrays_of(batch, [Column("spans", SPANS.type, "needed")])
