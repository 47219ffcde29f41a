"""Parts are packed into tasks: each once, large ones alone, small ones together; and so are their rows into batches."""

import itertools

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engine import tasks as module
from pipeline.engine.tasks import PART, TASK_BYTES, by_part, gathered, numbered, pack


@pytest.mark.parametrize(
    ("sizes", "slots", "tasks"),
    [
        ([], 4, []),
        ([5], 4, [[0]]),
        ([TASK_BYTES, 3 * TASK_BYTES], 1, [[1], [0]]),
        ([1, 1, 1, 1], 1, [[0, 1], [2, 3]]),
        ([1, 1, 1, 1], 4, [[0], [1], [2], [3]]),
        ([-1, -1], 1, [[0], [1]]),
        ([0, 0, 0, 0], 1, [[0, 1], [2, 3]]),
        ([1, 5, 1], 1, [[1], [0, 2]]),
    ],
)
def test_tasks_hold_these_parts(sizes: list[int], slots: int, tasks: list[list[int]]) -> None:
    assert pack(sizes, slots) == tasks


@given(st.lists(st.integers(-1, 2 * TASK_BYTES), max_size=60), st.integers(1, 9))
def test_every_part_is_in_one_task_and_no_task_of_several_is_too_large(sizes: list[int], slots: int) -> None:
    tasks = pack(sizes, slots)
    assert sorted(number for task in tasks for number in task) == list(range(len(sizes)))
    for task in tasks:
        assert task
        assert len(task) == 1 or sum(max(1, sizes[number]) for number in task) <= TASK_BYTES


@given(st.integers(1, 200), st.integers(1, 9))
def test_many_equal_small_parts_keep_every_slot_busy_and_make_few_tasks(count: int, slots: int) -> None:
    tasks = pack([1000] * count, slots)
    assert min(count, slots) <= len(tasks) <= 4 * slots


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
