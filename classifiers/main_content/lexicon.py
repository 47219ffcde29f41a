"""Which words of texts, and of the classes around them, speak for main content and which against it."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from pipeline.kernels.html.names import WEIGHT_ZERO, Table, word_table

_TEXT_WORD: Final = re.compile(r"[a-z0-9']+|[^\W\x00-\x7f]+")
_CLASS_WORD: Final = re.compile(r"[a-z]+|[A-Z]+(?![a-z])|[A-Z][a-z]*")
# A word must be seen on so many sites, or it says more of a site than of the web.
MIN_SITES_TEXT: Final = 6
MIN_SITES_CLASS: Final = 4
_PRIOR: Final = 0.4
_PRIOR_SITES: Final = 3.0
_LONGEST: Final = 40
_MOST_WORDS: Final = 100

Counts = dict[str, dict[str, list[float]]]


class LabelledBlock(NamedTuple):
    """A text block, the classes of the elements around it, and how much of it is main content."""

    text: str
    classes: str
    share: float
    words: int


class Lexicon(NamedTuple):
    """Tables of words → how much they speak for main content, in thousandths of log-odds."""

    words: Table
    classes: Table


def text_words(text: str) -> set[str]:
    """The words of a block that is no longer than a few paragraphs."""
    return set(_TEXT_WORD.findall(text.lower())) if len(text) < 2000 else set()


def class_words(classes: str) -> set[str]:
    """The words in classes and ids, as the compiled pass finds them.

    >>> sorted(class_words("post-content mainNav"))
    ['content', 'main', 'nav', 'post']
    """
    return {word.lower() for word in _CLASS_WORD.findall(classes)}


def no_lexicon() -> Lexicon:
    """A lexicon that knows no word."""
    return Lexicon(word_table([]), word_table([]))


def fit_lexicon(pages: Iterable[tuple[str, Sequence[LabelledBlock]]]) -> Lexicon:
    """Weigh words by how much of what they stand in is main content, each site counting once.

    Args:
        pages: The site of each page, and its blocks.
    """
    texts: Counts = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
    classes: Counts = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
    for site, blocks in pages:
        for block in blocks:
            if math.isnan(block.share):
                continue
            weight = min(block.words + 1, _MOST_WORDS)
            for word in class_words(block.classes):
                _add(classes[word][site], block.share, weight)
            for word in text_words(block.text):
                _add(texts[word][site], block.share, 1)
    return Lexicon(_table(texts, MIN_SITES_TEXT), _table(classes, MIN_SITES_CLASS))


def _add(count: list[float], share: float, weight: float) -> None:
    count[0] += share * weight
    count[1] += weight


def _table(counts: Mapping[str, Mapping[str, Sequence[float]]], min_sites: int) -> Table:
    return word_table(
        (word, round(1000 * _log_odds(sites)) + WEIGHT_ZERO)
        for word, sites in sorted(counts.items())
        if len(sites) >= min_sites and len(word) <= _LONGEST
    )


def _log_odds(sites: Mapping[str, Sequence[float]]) -> float:
    inside = sum(part / whole for part, whole in sites.values())
    share = (inside + _PRIOR_SITES * _PRIOR) / (len(sites) + _PRIOR_SITES)
    return math.log(share / (1 - share)) - math.log(_PRIOR / (1 - _PRIOR))
