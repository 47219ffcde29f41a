"""Whether a page is worth a second reading, ten times dearer: what the thorough tier is expected to gain on it."""

import math
import re
from collections.abc import Mapping
from typing import Final

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from pipeline.kernels.dom import select, text_of

_ARTICLE: Final = re.compile(r'"@type"\s*:\s*\[?\s*"(?:news|blog)?(?:article|posting)"|content="article"')

# Ridge regression of (F1 of the thorough tier - F1 of the cheap one) on 2,259 pages of the open crawl, in five folds
# by site. A reading short for its page, many paragraphs and the word of the page that it is an article speak for a
# second opinion; a page made of links speaks against it.
GAIN_WEIGHTS: Final[Mapping[str, float]] = {
    "page": 0.0974,
    "text": -0.1074,
    "lines": -0.0047,
    "linked": -0.1432,
    "divs": -0.0073,
    "paragraphs": 0.0149,
    "typed": 0.0523,
}
GAIN_INTERCEPT: Final = 0.0612
# F1 on the same pages and the share of them read twice: .864 and 10 % at .07, .866 and 15 % at .05, .867 and 22 % at
# .035, .868 and 27 % at .03, .869 and 31 % at .026.
WORTH_IT: Final = 0.03


def doubt_signals(tree: HTMLTree, lowered: str, lines: list[str]) -> dict[str, float]:
    """What the cheap reading found beside what is there; lengths and counts as natural logarithms.

    Args:
        tree: The page.
        lowered: Its source in lower case.
        lines: The cheap reading.

    >>> signals = doubt_signals(HTMLTree.parse("<p>It rained.</p><a>Home</a>"), "<p>", ["It rained."])
    >>> signals["typed"], round(signals["linked"], 2)
    (0.0, 0.27)
    """
    whole = extract_plain_text(tree, preserve_formatting=True, list_bullets=False, alt_texts=False)
    page_length = sum(len(line.strip()) for line in whole.split("\n")) + 1
    linked = sum(len(text_of(anchor).strip()) for anchor in select(tree, "a"))
    return {
        "page": math.log(page_length),
        "text": math.log(sum(map(len, lines)) + 1),
        "lines": math.log(len(lines) + 1),
        "linked": min(1.0, linked / page_length),
        "divs": math.log(lowered.count("<div") + 1),
        "paragraphs": math.log(lowered.count("<p") + 1),
        "typed": float(_ARTICLE.search(lowered) is not None),
    }


def expected_gain(signals: Mapping[str, float]) -> float:
    """How much F1 the thorough tier is expected to gain over the cheap one.

    >>> page = {"page": 9.0, "text": 9.0, "lines": 4.0, "linked": 0.1, "divs": 4.0, "paragraphs": 3.0, "typed": 0.0}
    >>> expected_gain(page) < WORTH_IT < expected_gain({**page, "text": 6.0})
    True
    """
    return GAIN_INTERCEPT + sum(weight * signals[name] for name, weight in GAIN_WEIGHTS.items())
