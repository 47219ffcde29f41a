"""Raised and lowered signs that keep their meaning in plain text: `x^2`, `H_2O`."""

import re
from typing import Final

from resiliparse.parse.html import HTMLTree, TextNode

from pipeline.kernels.dom import is_within, put_text, select, text_of

_MEANS_SOMETHING: Final = re.compile(r"[+\-−]?\d{1,6}|[A-Za-zα-ωΑ-Ω∞*′]|[A-Za-zα-ω\d+\-−=,./()∞ ]{2,12}")
# Ordinals, trade marks, and what stands for a letter rather than a power.
_TYPOGRAPHY: Final = re.compile(r"(?:st|nd|rd|th|er|re|e|ers?|ème|eme|è|o|os|a|as|tm|sm|mc|r|c|md)\.?", re.IGNORECASE)
_BASE: Final = re.compile(r"[\w)\]}|]$")
_WORD: Final = re.compile(r"[^\W\d_]{4,}$")


def write_scripts(tree: HTMLTree, lowered: str) -> None:
    """Writes `<sup>` and `<sub>` that change the meaning as `^` and `_`; ordinals and footnote marks stay as they are.

    >>> tree = HTMLTree.parse("<p>x<sup>2</sup>, 10<sup>-6</sup>, H<sub>2</sub>O, the 1<sup>st</sup> time<sup>3</sup>")
    >>> write_scripts(tree, "<sup <sub")
    >>> tree.body.text
    'x^2, 10^{-6}, H_2O, the 1st time3'
    """
    for tag, sign in (("sup", "^"), ("sub", "_")):
        if f"<{tag}" not in lowered:
            continue
        for node in select(tree, tag):
            script = " ".join(text_of(node).split())
            before = text_of(node.previous_sibling) if isinstance(node.previous_sibling, TextNode) else ""
            if not _BASE.search(before) or not _MEANS_SOMETHING.fullmatch(script):
                continue
            is_note = tag == "sup" and _WORD.search(before) and script[0] not in "+-−"
            if is_note or (tag == "sup" and _TYPOGRAPHY.fullmatch(script)):
                continue
            if node.query_selector("a") is None and not is_within(node, "a"):
                put_text(tree, node, sign + (script if len(script) == 1 else f"{{{script}}}"))
