"""The two stages in which a model judges blocks: each by itself, then each among what the others are likely to be."""

from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.kernels.html.columns import EMBEDDED_WORDS, KIND, PICTURE, WORDS
from pipeline.kernels.html.main_content.context import measure_context
from pipeline.kernels.html.main_content.feature_names import PAGE_FROM
from pipeline.kernels.html.main_content.features import Features
from pipeline.kernels.html.main_content.forest import evaluate
from pipeline.kernels.html.main_content.leafwise import evaluate_leafwise
from pipeline.kernels.html.main_content.model import PAGE_TYPES, Model
from pipeline.kernels.html.tree.nodes import Page
from pipeline.kernels.html.writing.blocks import Blocks

Odds = npt.NDArray[np.float64]

# Blocks whose odds by themselves are no higher keep these: hardly one of them is main content.
HOPELESS_ODDS: Final = -5.0
# On a page of fewer blocks there is too little around a block to tell more of it.
FEWEST_BLOCKS: Final = 40
# Nor does it say more where no larger share of the words that are kept is in doubt.
MOST_DOUBT: Final = 0.1


def odds_alone(model: Model, features: Features) -> Odds:
    """The log-odds that blocks are main content, each by itself."""
    return np.asarray(evaluate(model.blocks, features, PAGE_FROM)[0], np.float64)


def odds_of_types(model: Model, features: Features) -> Odds:
    """The log-odds of `PAGE_TYPES`, up to a constant."""
    return np.asarray(evaluate(model.types, features[PAGE_FROM:, :1])[:, 0], np.float64)


def likely_article(types: Odds) -> float:
    """How likely a page is an article, by the log-odds of its types."""
    return round(float(1 / np.exp(types - types[PAGE_TYPES.index("article")]).sum()), 9)


def words_of_blocks(blocks: Blocks) -> npt.NDArray[np.int64]:
    """How many words blocks have, those of pictures aside, int64 (blocks,)."""
    return np.asarray((blocks.counts[:, WORDS] + blocks.counts[:, EMBEDDED_WORDS]) * (blocks.rows[:, KIND] != PICTURE))


def odds_in_context(model: Model, page: Page, blocks: Blocks, alone: Odds, article: float) -> Odds:
    """The log-odds that blocks are main content: the mean of what each says by itself, and of what the others say."""
    words = words_of_blocks(blocks)
    if len(alone) < FEWEST_BLOCKS or _doubt(alone, words) <= MOST_DOUBT:
        return alone
    hopeful = np.flatnonzero(alone > HOPELESS_ODDS)
    context = measure_context(page, blocks, alone, words, article)
    odds = alone.copy()
    odds[hopeful] = (alone[hopeful] + evaluate_leafwise(model.context, context.take(hopeful, axis=1))) / 2
    return odds


def _doubt(odds: Odds, words: npt.NDArray[np.int64]) -> float:
    """How many words are likely to be on the wrong side, as a share of those that are likely main content.

    >>> _doubt(np.array([0.0, 9.0]), np.array([10, 10])) > 0.3 > _doubt(np.array([9.0, -9.0]), np.array([10, 10]))
    True
    """
    likely = 1 / (1 + np.exp(-odds))
    return float(words @ np.minimum(likely, 1 - likely)) / max(float(words @ likely), 1e-9)
