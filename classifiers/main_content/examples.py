"""Pages as examples to learn from: their blocks' features, and how much of each block is main content."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from classifiers.main_content.alignment import share_in_gold, share_in_snippets, words_of
from classifiers.main_content.gold import GoldPage
from classifiers.main_content.lexicon import LabelledBlock, Lexicon
from pipeline.kernels.html.columns import CLASS, CLASS_END, NODE, PARENT
from pipeline.kernels.html.embedded import Embedded
from pipeline.kernels.html.main_content.features import Features, measure_blocks
from pipeline.kernels.html.main_content.head_hints import head_hints
from pipeline.kernels.html.math.delimited import mark_delimited
from pipeline.kernels.html.metadata.head import read_head
from pipeline.kernels.html.names import no_words
from pipeline.kernels.html.protected_emails import show_emails
from pipeline.kernels.html.tree.nodes import Page, read_nodes
from pipeline.kernels.html.writing.blocks import read_blocks
from pipeline.kernels.text.placeholders import Placeholders

Floats = npt.NDArray[np.float32]

# Classes so many elements up count for a block.
_REACH: Final = 6
# Errors weigh by what they cost: a block's share of the page's main content. So much is added to every page's length.
_LEVEL: Final = 50
_SNIPPET_LENGTH, _SNIPPET_WEIGHT = 300, 0.2


class Example(NamedTuple):
    """A page to learn from.

    Attributes:
        gold: What is known of it.
        source: Its UTF-8, formulas marked.
        hints: What its head says.
        title: Its title.
        blocks: Its blocks as labelled text.
        share: Of each block the share that is main content; NaN where that is not known.
        weight: What each block counts for.
    """

    gold: GoldPage
    source: bytes
    hints: Floats
    title: str
    blocks: list[LabelledBlock]
    share: Floats
    weight: Floats


def read_example(gold: GoldPage) -> Example:
    """Read a page and label its blocks."""
    source, formulas = mark_delimited(show_emails(gold.html.encode("utf-8", "ignore")))
    page = read_nodes(source)
    blocks = read_blocks(page, no_words())
    head = read_head(page, formulas, gold.url)
    placeholders = Placeholders()
    embedded = Embedded(page, blocks, formulas, placeholders)
    texts = [placeholders.expand(text) for text in embedded.texts(blocks.rows)]
    share = share_in_gold(texts, gold.text) if gold.text else share_in_snippets(texts, gold.inside, gold.outside)
    words = np.array([len(words_of(text)) for text in texts], np.float32)
    if gold.text:
        weight = np.minimum((words + 1) / (len(words_of(gold.text)) + _LEVEL), 1)
    else:
        weight = np.minimum((words + 1) / _SNIPPET_LENGTH, _SNIPPET_WEIGHT)
    classes = _classes(page, source)
    labelled = [
        LabelledBlock(text, _around(page, classes, int(row[NODE])), float(part), int(size))
        for text, row, part, size in zip(texts, blocks.rows, share, words, strict=True)
    ]
    weight = np.where(np.isnan(share), 0, weight).astype(np.float32)
    return Example(gold, source, head_hints(head), head.title or "", labelled, share, weight)


def _classes(page: Page, source: bytes) -> list[str]:
    rows = page.nodes[:, [CLASS, CLASS_END]].tolist()
    return [source[start:end].decode("utf-8", "replace") for start, end in rows]


def _around(page: Page, classes: Sequence[str], node: int) -> str:
    names: list[str] = []
    for _ in range(_REACH):
        if node <= 0:
            break
        names.append(classes[node])
        node = int(page.nodes[node, PARENT])
    return " ".join(names)


def measure(example: Example, lexicon: Lexicon) -> Features:
    """The features of an example's blocks as they are with this lexicon, (features, blocks)."""
    page = read_nodes(example.source, lexicon.classes)
    return measure_blocks(page, read_blocks(page, lexicon.words), example.hints, example.title)
