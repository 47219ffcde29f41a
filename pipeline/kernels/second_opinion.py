"""Whether a page is worth a second reading, ten times dearer: what the thorough tier is expected to gain on it."""

import math
import re
from collections.abc import Mapping
from typing import Final

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from pipeline.kernels.dom import select, text_of

_ARTICLE: Final = re.compile(r'"@type"\s*:\s*\[?\s*"(?:news|blog)?(?:article|posting)"|content="article"')

# Ridge regression of what a second reading gains in F1 (none where it is not taken), fitted by
# `python -m classifiers.fit_second_opinion` on the 2,259 pages of the open crawl that have a gold text. So our figures
# on that crawl are figures on training pages. Out of fold, where weights fitted on four fifths of its 1,221 sites
# decide for the other fifth, F1 is .868 at the limit below, against .835 for the cheap reading alone and .867 for
# reading all twice. A reading short for its page, and the page's own word that it is an article, speak for a second
# opinion; a page made of links speaks against it.
GAIN_WEIGHTS: Final[Mapping[str, float]] = {
    "page": 0.0947,
    "text": -0.0990,
    "lines": -0.0132,
    "linked": -0.1541,
    "divs": 0.0023,
    "paragraphs": 0.0104,
    "typed": 0.0339,
}
GAIN_INTERCEPT: Final = 0.0363
# F1 out of fold and the share of the pages read twice: .864 and 11 % at .07, .865 and 16 % at .05, .867 and 24 % at
# .035, .868 and 29 % at .03, .868 and 33 % at .026, .870 and 38 % at .02.
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
