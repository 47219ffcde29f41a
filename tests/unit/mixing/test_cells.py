"""The cell of a document: category, topic or language, quality bucket, and class of copies."""

from collections.abc import Sequence

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.config import load_settings, params_for
from pipeline.mixing.allocation import planned_cells
from pipeline.mixing.cells import added_up, copies_weight, in_training, keys_of, sized_cells
from pipeline.mixing.params import AllocationParams, CellParams
from pipeline.plan import STAGES
from pipeline.stages.mix import MixParams

FINEWEB_2 = {1: 1, 2: 2, 3: 3, 5: 5, 100: 8, 1000: 1}


def batch(**columns: Sequence[object]) -> pa.RecordBatch:
    count = len(next(iter(columns.values())))
    whole = {
        "category": ["general"] * count,
        "topic": [None] * count,
        "language": ["en"] * count,
        "tokens": [10] * count,
        "text_bytes": [40] * count,
        **columns,
    }
    return pa.RecordBatch.from_pydict(whole)


def test_groups_are_topics_and_of_multilingual_documents_languages() -> None:
    rows = batch(
        category=["general", "multilingual", "code", "multilingual"],
        topic=["Health", "Health", None, None],
        language=["en", "de", "en", None],
    )
    assert keys_of(rows, CellParams())[1].to_pylist() == ["Health", "de", "", ""]


@pytest.mark.parametrize(
    ("columns", "buckets"),
    [
        ({}, [-1, -1, -1]),
        ({"quality_percentile": [0.0, 0.999, None]}, [0, 19, -1]),
        ({"quality_percentile": [0.5, 1.0, 0.05]}, [10, 19, 1]),
        ({"quality_bucket": [3, None, 19], "quality_percentile": [0.9, 0.9, None]}, [3, 18, 19]),
    ],
)
def test_buckets_come_from_percentiles_where_there_is_no_bucket(
    columns: dict[str, Sequence[object]], buckets: list[int]
) -> None:
    assert keys_of(batch(tokens=[1, 1, 1], **columns), CellParams())[2].to_pylist() == buckets


def test_copies_count_as_the_last_threshold_that_they_reach_says() -> None:
    params = CellParams(copies=FINEWEB_2)
    copies = [None, 1, 3, 98, 99, 5_000]
    classes = keys_of(batch(copies_exact=copies, copies_near=[None] * 6), params)[3].to_pylist()
    assert [copies_weight(params, number) for number in classes] == [1, 2, 3, 5, 8, 1]
    assert set(keys_of(batch(copies_exact=copies), CellParams())[3].to_pylist()) == {0}


def test_documents_with_more_copies_have_a_larger_value() -> None:
    params = AllocationParams(weights={"general": 1.0}, copies={2: 3.0})
    rows = batch(copies_exact=[None, 4, 9], copies_near=[None, None, 1])
    sizes = added_up([pa.Table.from_batches(list(sized_cells(iter([rows]), params)))])
    cells = {cell.copies_class: cell for cell in planned_cells(sizes, params)}
    assert {number: (cell.value, cell.documents, cell.copies) for number, cell in cells.items()} == {
        0: (1.0, 1, 0),
        1: (3.0, 2, 14),
    }


def test_copies_are_set_on_the_command_line() -> None:
    params = params_for(STAGES, load_settings((), ("mix.copies={1: 1, 2: 2, 100: 8}", "mix.target_tokens=2e9")))["mix"]
    assert isinstance(params, MixParams)
    assert params.copies == {1: 1, 2: 2, 100: 8}
    assert params.target_tokens == 2_000_000_000


def test_only_documents_with_a_category_and_of_the_training_split_take_part() -> None:
    rows = batch(category=["general", None, "code"], split=["train", "train", "validation"])
    assert in_training(rows).tolist() == [True, False, False]


@given(
    st.lists(st.tuples(st.sampled_from(["general", "code"]), st.sampled_from(["a", None]), st.integers(1, 99))),
    st.integers(1, 7),
)
def test_sizes_do_not_depend_on_batches(rows: list[tuple[str, str | None, int]], size: int) -> None:
    if not rows:
        return
    categories, topics, tokens = (list(column) for column in zip(*rows, strict=True))
    whole = batch(category=categories, topic=topics, tokens=tokens)
    pieces = [whole.slice(start, size) for start in range(0, whole.num_rows, size)]
    once, cut = (added_up([pa.Table.from_batches(list(sized_cells(iter(b), CellParams())))]) for b in ([whole], pieces))
    assert once.to_pylist() == cut.to_pylist()
    assert sum(once["tokens"].to_pylist()) == sum(tokens)
