"""Tokens added up within a task are those that Spark would have added up."""

from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.heuristics import token_measures
from pipeline.heuristics.token_counts import COUNT, LABEL, TOKEN

ROWS = st.lists(st.tuples(st.sampled_from(["de", "en", "und"]), st.integers(0, 5), st.integers(1, 2**40)), max_size=12)


@given(batches=st.lists(ROWS, max_size=5), most=st.integers(1, 20))
def test_rows_are_added_up_whatever_room_there_is(batches: list[list[tuple[str, int, int]]], most: int) -> None:
    schema = pa.schema([(column.name, column.type) for column in (LABEL, TOKEN, COUNT)])
    arrow = [
        pa.RecordBatch.from_arrays(
            [pa.array(c, t) for c, t in zip(zip(*rows, strict=True), schema.types, strict=True)], schema=schema
        )
        for rows in batches
        if rows
    ]
    expected: Counter[tuple[str, int]] = Counter()
    for label, token, count in (row for rows in batches for row in rows):
        expected[label, token] += count
    result: Counter[tuple[str, int]] = Counter()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(token_measures, "_MOST_COUNTS", most)
        for batch in token_measures.add_up_counts(iter(arrow)):
            assert batch.schema == schema
            for label, token, count in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                result[label, token] += count
    assert result == expected
