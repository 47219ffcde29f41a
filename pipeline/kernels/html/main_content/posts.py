"""Posts of discussions whose software sets them in elements that look like comments below an article."""

import re
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.kernels.html.columns import CLASS, CLASS_END, NODE, PARENT
from pipeline.kernels.html.tree.nodes import Page
from pipeline.kernels.html.writing.blocks import Blocks

# Stack Exchange's comments, Lobsters' and Hacker News's posts.
_NAMES: Final = (b"js-comment-text-and-form", b"comment_text", b"commtext")
_BODIES: Final = re.compile(rb"(?<![\w-])(?:%s)(?![\w-])" % b"|".join(_NAMES))
# So far above a block stands the element of its post.
_REACH: Final = 4


def in_posts(page: Page, blocks: Blocks) -> npt.NDArray[np.bool_]:
    """Whether blocks stand in the body of a post, (blocks,).

    >>> from pipeline.kernels.html.writing.blocks import read_blocks
    >>> from pipeline.kernels.html.names import no_words
    >>> from pipeline.kernels.html.tree.nodes import read_nodes
    >>> page = read_nodes(b"<div class=comment_text><p>Rye.<p>Oat.</div><p>reply")
    >>> in_posts(page, read_blocks(page, no_words())).tolist()
    [True, True, False]
    """
    source = page.source.tobytes()
    if not any(name in source for name in _NAMES):
        return np.zeros(len(blocks.rows), np.bool_)
    ranges = page.nodes[:, [CLASS, CLASS_END]].tolist()
    is_body = np.array([bool(stop > start and _BODIES.search(source[start:stop])) for start, stop in ranges])
    nodes = blocks.rows[:, NODE]
    inside = is_body[nodes]
    for _ in range(_REACH):
        nodes = np.maximum(page.nodes[nodes, PARENT], 0)
        inside |= is_body[nodes]
    return np.asarray(inside)
