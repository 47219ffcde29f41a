"""Rows of small parts share batches of a useful size, and every row stays with its part."""

import itertools

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cells import part_batches as module
from pipeline.cells.part_batches import PART, by_part, gathered, numbered


def batches_of(counts: list[int]) -> list[pa.RecordBatch]:
    starts = itertools.accumulate(counts, initial=0)
    return [pa.record_batch({"n": range(start, start + count)}) for start, count in zip(starts, counts, strict=False)]


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 5), max_size=4), max_size=5), st.integers(1, 8), st.integers(1, 60))
def test_rows_of_small_parts_share_batches_and_every_one_stays_with_its_part(
    parts: list[list[int]], rows: int, size: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BATCH_ROWS", rows)
        patch.setattr(module, "_BATCH_BYTES", size)
        given_rows = [batch for number, counts in enumerate(parts) for batch in numbered(number, batches_of(counts))]
        joined = list(gathered(given_rows))
    expected = [(number, n) for number, counts in enumerate(parts) for n in range(sum(counts))]
    again = [(number, n) for batch in joined for number, some in by_part(batch) for n in some.column("n").to_pylist()]
    assert again == expected
    longest = max([count for counts in parts for count in counts], default=0)
    for batch in joined:
        assert 0 < batch.num_rows <= max(rows, longest)
        assert batch.schema.field(PART.name).type == PART.type
    pairs = itertools.pairwise(batch.num_rows for batch in joined)
    assert all(first + second > min(rows, size // 20) for first, second in pairs)
