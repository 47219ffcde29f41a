"""Parts are packed into tasks: each once, large ones alone, small ones together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.spark.tasks import TASK_BYTES, pack


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
