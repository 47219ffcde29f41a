"""One page read: its elements, blocks, head, and how likely each block is main content."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.kernels.html.columns import BUTTON_WORDS, FORMULAS, KIND, PICTURE, PREFORMATTED, WORDS
from pipeline.kernels.html.main_content.features import Features, measure_blocks
from pipeline.kernels.html.main_content.head_hints import head_hints
from pipeline.kernels.html.main_content.model import PAGE_TYPES, Model
from pipeline.kernels.html.main_content.posts import in_posts
from pipeline.kernels.html.main_content.select_blocks import choose
from pipeline.kernels.html.main_content.stages import (
    likely_article,
    odds_alone,
    odds_in_context,
    odds_of_types,
    words_of_blocks,
)
from pipeline.kernels.html.math.delimited import mark_delimited
from pipeline.kernels.html.metadata.head import read_head
from pipeline.kernels.html.metadata.page_metadata import Metadata
from pipeline.kernels.html.protected_emails import show_emails
from pipeline.kernels.html.tree.nodes import Page, read_nodes
from pipeline.kernels.html.writing.blocks import Blocks, read_blocks

# What stands in buttons alone, and is no longer than this, is a button: "Copy", "Read more".
_BUTTON: Final = 3
# Of an article's blocks, the doubtful ones are most often no part of it: so much is taken from their log-odds. With
# the first stage alone, F1 out of fold on the open crawl was .905 with 0.4, .904 with 0.8 and .903 with 1.2; of
# snippets that are no content, .900, .912 and .917 were left out.
ARTICLE_CAUTION: Final = 0.4
# In a thread, what stands in the body of a post is a post, though below an article it would be a comment: so much is
# added to its log-odds. Sets disagree on such posts: magic-forum's gold has them, wcxb-dev's has not.
POST: Final = 4.0


class Reading(NamedTuple):
    """A page, and what the model makes of it.

    Attributes:
        page: Its elements.
        blocks: Its text blocks, in order.
        formulas: The formulas that stood between delimiters.
        head: What it declares of itself.
        features: What is known of the blocks, (features, blocks).
        alone: How likely it is that a word of a block is main content, by the block itself, (blocks,).
        probability: The same, by the blocks around it, too, (blocks,).
        kept: Which blocks are taken for the main content, (blocks,).
        confidence: The F1 that the probabilities promise for these.
        page_type: One of `PAGE_TYPES`; None for a page without text.
    """

    page: Page
    blocks: Blocks
    formulas: list[str]
    head: Metadata
    features: Features
    alone: npt.NDArray[np.float64]
    probability: npt.NDArray[np.float64]
    kept: npt.NDArray[np.bool_]
    confidence: float
    page_type: str | None


def read_page(source: bytes, url: str | None, model: Model, *, xml: bool = False) -> Reading:
    """Read a page.

    Args:
        source: Its UTF-8.
        url: Where it was found.
        model: What decides.
        xml: Whether it was sent as XML.
    """
    marked, formulas = mark_delimited(show_emails(source))
    page = read_nodes(marked, model.classes, xml=xml)
    blocks = read_blocks(page, model.words)
    head = read_head(page, formulas, url)
    features = measure_blocks(page, blocks, head_hints(head), head.title or "")
    if not len(blocks.rows):
        nothing = np.zeros(0)
        return Reading(page, blocks, formulas, head, features, nothing, nothing, nothing > 0, 0.0, None)
    types = odds_of_types(model, features)
    page_type = PAGE_TYPES[int(types.argmax())]
    article, words = likely_article(types), words_of_blocks(blocks)
    alone = odds_alone(model, features)
    odds = odds_in_context(model, page, blocks, alone, article)
    if page_type == "forum":
        odds = odds + POST * in_posts(page, blocks)
    choice = choose(_probability(odds - ARTICLE_CAUTION * article), words, nested=article)
    button = (blocks.counts[:, BUTTON_WORDS] >= words) & (words > 0) & (words <= _BUTTON)
    kept = _with_neighbours(choice.kept & ~button, blocks)
    likely = _probability(odds)
    return Reading(
        page,
        blocks,
        formulas,
        head,
        features,
        _probability(alone),
        likely,
        kept,
        round(choice.expected_f1, 6),
        page_type,
    )


def _probability(odds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Log-odds as probabilities, to nine places: on other processors the tenth may differ."""
    return np.asarray(np.round(1 / (1 + np.exp(-odds)), 9))


def _with_neighbours(kept: npt.NDArray[np.bool_], blocks: Blocks) -> npt.NDArray[np.bool_]:
    """Let blocks without words of their own stay with the text around them.

    The words of a picture stay where the blocks before and after it do; a formula on its own, and code, stay with
    either.

    >>> from pipeline.kernels.html.names import no_words
    >>> page = read_nodes(b"<p>Take<p><math><mi>x</mi></math><p>away<p><math><mi>y</mi></math>")
    >>> blocks = read_blocks(page, no_words())
    >>> _with_neighbours(np.array([True, False, False, False]), blocks).tolist()
    [True, True, False, False]
    """
    kind = blocks.rows[:, KIND]
    picture, code = kind == PICTURE, kind == PREFORMATTED
    formula = (blocks.counts[:, WORDS] == 0) & (blocks.counts[:, FORMULAS] > 0)
    text = np.flatnonzero(~picture & ~formula & ~code)
    other = np.flatnonzero(picture | formula | code)
    if not len(other) or not len(text):
        return kept
    after = np.searchsorted(text, other)
    before_kept, after_kept = kept[text[np.maximum(after - 1, 0)]], kept[text[np.minimum(after, len(text) - 1)]]
    either, both = before_kept | after_kept, before_kept & after_kept
    out = kept.copy()
    out[other] = np.where(picture[other], both, either | (kept & code)[other])
    return out
