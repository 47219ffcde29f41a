"""What the second stage knows of a block is what the first one makes of the blocks around it."""

import io
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from pipeline.kernels.html.main_content.context import measure_context
from pipeline.kernels.html.main_content.feature_names import CONTEXT, CONTEXT_NAMES
from pipeline.kernels.html.main_content.leafwise import LeafwiseForest, no_trees
from pipeline.kernels.html.main_content.model import Model, load_first_stage, load_model, save_model, shipped_model
from pipeline.kernels.html.main_content.stages import FEWEST_BLOCKS, HOPELESS_ODDS, odds_in_context, words_of_blocks
from pipeline.kernels.html.names import no_words
from pipeline.kernels.html.tree.nodes import Page, read_nodes
from pipeline.kernels.html.writing.blocks import Blocks, read_blocks

LIKELY, UNLIKELY = 9.0, -9.0
THREAD = b"""<nav><a>Home</a></nav><main><div class=post><p>Rye grows.</p></div><div class=post><p>Oats grow.</p></div>
<div class=post><p>Barley grows.</p></div></main><footer>Log in</footer>"""


def measured(source: bytes, odds: list[float]) -> tuple[npt.NDArray[np.float32], Page, Blocks]:
    page = read_nodes(source)
    blocks = read_blocks(page, no_words())
    assert len(blocks.rows) == len(odds)
    return measure_context(page, blocks, np.array(odds), words_of_blocks(blocks), 0.25), page, blocks


@pytest.fixture
def thread() -> npt.NDArray[np.float32]:
    context, _, _ = measured(THREAD, [UNLIKELY, LIKELY, UNLIKELY, LIKELY, UNLIKELY])
    return context


def near(values: Any, *wanted: float) -> bool:
    return bool(np.allclose(values, wanted, atol=0.01))


def test_neighbours_are_known_by_their_odds_and_the_ends_of_the_page_by_a_number(thread: Any) -> None:
    assert near(thread[CONTEXT.odds], UNLIKELY, LIKELY, UNLIKELY, LIKELY, UNLIKELY)
    assert near(thread[CONTEXT.before1], -9, UNLIKELY, LIKELY, UNLIKELY, LIKELY)
    assert near(thread[CONTEXT.after2], UNLIKELY, LIKELY, UNLIKELY, -9, -9)


def test_posts_are_known_by_the_other_posts_and_not_by_themselves(thread: Any) -> None:
    posts = slice(1, 4)
    assert near(thread[CONTEXT.kin, posts], 0.5, 1, 0.5)
    assert near(thread[CONTEXT.series, posts], 0.5, 1, 0.5)
    assert near(thread[CONTEXT.part_of_series, posts], 1, 0, 1)
    assert near(thread[CONTEXT.length_of_series, posts], 3, 3, 3)
    assert near(thread[CONTEXT.level0, posts], 0.5, 1, 0.5)


def test_what_has_no_like_is_in_no_series(thread: Any) -> None:
    for alone in (0, 4):
        assert near(thread[[CONTEXT.kin, CONTEXT.series, CONTEXT.outer_series], alone], -1, -1, -1)


def test_places_are_counted_from_the_first_and_last_likely_blocks(thread: Any) -> None:
    assert near(thread[CONTEXT.is_between], 0, 1, 1, 1, 0)
    assert near(thread[CONTEXT.since_first], -1, 0, 1, 2, 3)
    assert near(thread[CONTEXT.since_likely], 99, 99, 1, 2, 1)
    assert near(thread[CONTEXT.until_likely], 1, 2, 1, 99, 99)


def test_the_page_is_known_to_all_of_its_blocks(thread: Any) -> None:
    assert near(thread[CONTEXT.article], *[0.25] * 5)
    assert near(thread[CONTEXT.highest], *[LIKELY] * 5)
    assert np.isfinite(thread).all()
    assert len(thread) == len(CONTEXT_NAMES)


def test_the_odds_are_the_mean_of_both_stages_and_hopeless_blocks_keep_those_of_the_first() -> None:
    times = FEWEST_BLOCKS // 5
    _, page, blocks = measured(THREAD * times, [0.0] * FEWEST_BLOCKS)
    alone = np.array([HOPELESS_ODDS, HOPELESS_ODDS + 0.5, 0.0, 4.0, -9.0] * times)  # in doubt
    three = no_trees()._replace(
        features=np.zeros((1, 1), np.int32),
        limits=np.array([[np.inf]], np.float32),
        masks=np.zeros((1, 1), np.uint32),
        leaves=np.array([[3.0]], np.float32),
    )
    odds = odds_in_context(shipped_model()._replace(context=three), page, blocks, alone, 0.0)
    assert odds.tolist() == [HOPELESS_ODDS, (HOPELESS_ODDS + 0.5 + 3) / 2, 1.5, 3.5, -9.0] * times


def test_where_nothing_is_in_doubt_the_first_stage_decides() -> None:
    _, page, blocks = measured(THREAD * 8, [0.0] * 40)
    alone = np.array([9.0, 9.0, -9.0, -9.0] * 10)
    assert odds_in_context(shipped_model(), page, blocks, alone, 0.5).tolist() == alone.tolist()


def test_on_a_short_page_the_first_stage_decides() -> None:
    _, page, blocks = measured(THREAD, [0.0] * 5)
    alone = np.array([4.0, 3.0, 2.0, 1.0, 0.0])
    assert odds_in_context(shipped_model(), page, blocks, alone, 0.5).tolist() == alone.tolist()


def without(model: Model, name: str) -> io.BytesIO:
    stored, out = io.BytesIO(), io.BytesIO()
    save_model(stored, model)
    with np.load(io.BytesIO(stored.getvalue())) as arrays:
        np.savez_compressed(out, allow_pickle=False, **{key: arrays[key] for key in arrays if key != name})
    return io.BytesIO(out.getvalue())


def test_a_model_without_a_second_stage_is_refused_and_can_be_given_one() -> None:
    stored = without(shipped_model(), "context_digest")
    with pytest.raises(ValueError, match="fit it again"):
        load_model(stored)
    stored.seek(0)
    first = load_first_stage(stored)
    assert np.array_equal(first.blocks.leaves, shipped_model().blocks.leaves)
    assert isinstance(first.context, LeafwiseForest)
    assert not len(first.context.leaves)
