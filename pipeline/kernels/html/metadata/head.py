"""What a page's head declares."""

import re
from html import unescape
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.kernels.html.columns import CLOSE_START, OPEN_END, START
from pipeline.kernels.html.math.delimited import unmark_delimited
from pipeline.kernels.html.metadata.head_tags import declaring_elements
from pipeline.kernels.html.metadata.licences import linked_licence, short_licence
from pipeline.kernels.html.metadata.page_metadata import Metadata, read_metadata
from pipeline.kernels.html.tree.nodes import Page

# Controls, what is not seen, and signs of icon fonts: what texts do not hold either.
_DROPPED: Final = re.compile("[\x00-\x1f\x7f-\x9f\xad\u200b\ue000-\uf8ff\ufdd0-\ufdef\ufeff\U000f0000-\U0010ffff]")
# Any tag but those of a formula that was marked.
_TAG: Final = re.compile(r"(<math data-delimited=\d{1,7}></math>)|<[^>]*>")
# Below the number of digits at which Python refuses to read a number, which `unescape` would pass on as an error.
_MAX_TITLE: Final = 4000


def read_head(page: Page, formulas: list[str], url: str | None) -> Metadata:
    """What the page declares of itself.

    Args:
        page: Its elements.
        formulas: What `mark_delimited` found in its source.
        url: Where it was found.

    >>> from pipeline.kernels.html.tree.nodes import read_nodes
    >>> read_head(read_nodes(b"<html lang=en><title>On rye</title><h1>Rye</h1>"), [], None)[:2]
    ('On rye', 'en')
    """
    source = page.source.data  # slices of it are copied, not the page
    declaring = declaring_elements(page.source, page.nodes)
    declared = read_metadata(
        [_text(source[start:stop]) for start, stop in _tags(page, declaring.tags)],
        [_text(source[row[OPEN_END] : row[CLOSE_START]]) for row in page.nodes[declaring.json_ld].tolist()],
        _first(page.nodes[declaring.titles], source, formulas),
        _first(page.nodes[declaring.headings], source, formulas),
        url,
    )
    title = _DROPPED.sub("", declared.title or "").strip() or None
    own, other = linked_licence((_text(source[start:stop]) for start, stop in _tags(page, declaring.links)), url)
    licence = own or (declared.licence and short_licence(declared.licence)) or other
    return declared._replace(title=title, licence=licence)


def _tags(page: Page, nodes: npt.NDArray[np.int64]) -> list[list[int]]:
    """Where the start tags of some elements begin and end."""
    rows: list[list[int]] = page.nodes[nodes][:, [START, OPEN_END]].tolist()
    return rows


def _first(rows: npt.NDArray[np.int32], source: memoryview, formulas: list[str]) -> str | None:
    """The text of the first of some elements that has any."""
    for row in rows.tolist():
        inner = _text(source[row[OPEN_END] : min(row[CLOSE_START], row[OPEN_END] + _MAX_TITLE)])
        text = unmark_delimited(unescape(_TAG.sub(r"\1", inner)), formulas).strip()
        if text:
            return text
    return None


def _text(source: memoryview) -> str:
    return str(source, "utf-8", "replace")
