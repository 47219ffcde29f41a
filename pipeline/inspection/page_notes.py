"""What a person who wonders at a page's text should know of its markup: content in scripts, shadow roots, listings."""

import numpy as np

from pipeline.kernels.extraction import Extraction
from pipeline.kernels.html.columns import EMBEDDED_COLUMNS, FIRST, FLAGS, LAST, TAG_OF
from pipeline.kernels.html.metadata.declared_content import DeclaredContent, share_in_body
from pipeline.kernels.html.names import EMBEDDED_CODE, TAG
from pipeline.kernels.html.reading import Reading
from pipeline.kernels.html.tags import IS_GUTTER, SHADOW_ROOT

_KIND, _NODE = 0, EMBEDDED_COLUMNS - 1
_PREFORMATTED = [TAG[name] for name in ("pre", "xmp", "listing", "code", "tt", "kbd", "samp")]


def page_notes(reading: Reading, extraction: Extraction) -> list[str]:
    """Return a line for each thing of a page that is read in a way of its own.

    >>> from pipeline.kernels.extraction import extract
    >>> from pipeline.kernels.html.main_content.model import shipped_model
    >>> from pipeline.kernels.html.reading import read_page
    >>> source = "<p>Rye<div class=fragment><div class=line><b class=lineno>1</b>a</div></div>"
    >>> page_notes(read_page(source.encode(), None, shipped_model()), extract(source))
    ['1 listing: lines of code that stand in no <pre>; 1 element of line numbers left out']
    """
    notes = [_of_declared(reading.head.content, reading, extraction)] if reading.head.content else []
    roots = int(np.count_nonzero(reading.page.nodes[:, FLAGS] & SHADOW_ROOT))
    if roots:
        notes.append(f"{_number(roots, 'shadow root')}: declared by <template>, read where a browser shows it")
    listings, gutters = _listings(reading)
    if listings or gutters:
        shown = f"{_number(listings, 'listing')}: lines of code that stand in no <pre>" if listings else "code"
        numbers = f"; {_number(gutters, 'element')} of line numbers left out" if gutters else ""
        notes.append(shown + numbers)
    return notes


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' if count > 1 else ''}"


def _of_declared(content: DeclaredContent, reading: Reading, extraction: Extraction) -> str:
    size = f"JSON-LD: {'content' if content.is_whole else 'a description'} of {len(content.text):,} characters"
    body = reading.blocks.text.tobytes().decode("utf-8", "replace")
    share = f"of which {share_in_body(content.text, [body]):.0%} stand in the body"
    if extraction.engine == "json-ld":
        return f"{size}, {share}: it is the text that is shown"
    return f"{size}, {share}: the body counts"


def _listings(reading: Reading) -> tuple[int, int]:
    """How many listings a page has, and how many elements of line numbers stand in its code."""
    nodes, embedded = reading.page.nodes, reading.blocks.embedded
    code = nodes[embedded[embedded[:, _KIND] == EMBEDDED_CODE, _NODE]]
    listings = int(np.count_nonzero(~np.isin(code[:, TAG_OF], _PREFORMATTED)))
    gutters = np.sort(nodes[nodes[:, FLAGS] & IS_GUTTER != 0, FIRST])
    inside = np.searchsorted(gutters, code[:, LAST]) - np.searchsorted(gutters, code[:, FIRST])
    return listings, int(inside.sum())
