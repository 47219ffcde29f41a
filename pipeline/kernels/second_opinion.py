"""Whether a page is worth a second, ten times dearer reading: what the thorough tier is expected to gain on it."""

import math
import re
from typing import Final

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from pipeline.kernels.dom import select, text_of

LONG_LINE: Final = 80
_ARTICLE: Final = re.compile(r'"@type"\s*:\s*\[?\s*"(?:news|blog)?(?:article|posting)"|content="article"')


def doubt_signals(tree: HTMLTree, lowered: str, lines: list[str]) -> dict[str, float]:
    """What the cheap reading of a page looks like beside the page itself; lengths as natural logarithms.

    Args:
        tree: The page.
        lowered: Its source in lower case.
        lines: The cheap reading.

    >>> signals = doubt_signals(HTMLTree.parse("<p>It rained.</p>"), "<p>it rained.</p>", ["It rained."])
    >>> signals["missed"], signals["share"] > 0.9
    (0.0, True)
    """
    whole = extract_plain_text(tree, preserve_formatting=True, list_bullets=False, alt_texts=False)
    page_lines = [line for line in map(str.strip, whole.split("\n")) if line]
    found = set(lines)
    page_length = sum(map(len, page_lines)) + 1
    length = sum(map(len, lines)) + 1
    long_lines = [line for line in page_lines if len(line) >= LONG_LINE]
    long_length = sum(map(len, long_lines)) + 1
    anchors = [len(text_of(anchor).strip()) for anchor in select(tree, "a")]
    return {
        "page": math.log(page_length),
        "text": math.log(length),
        "lines": math.log(len(lines) + 1),
        "share": min(1.0, length / page_length),
        "missed": sum(len(line) for line in long_lines if line not in found) / long_length,
        "long": sum(len(line) for line in lines if len(line) >= LONG_LINE) / length,
        "short": sum(len(line) < 25 for line in lines) / (len(lines) + 1),
        "links": math.log(len(anchors) + 1),
        "linked": min(1.0, sum(anchors) / page_length),
        "source": math.log(len(lowered) + 1),
        "divs": math.log(lowered.count("<div") + 1),
        "paragraphs": math.log(lowered.count("<p") + 1),
        "articles": math.log(lowered.count("<article") + 1),
        "items": math.log(lowered.count("<li") + 1),
        "typed": float(_ARTICLE.search(lowered) is not None),
    }
