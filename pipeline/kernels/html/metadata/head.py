"""What a page's head declares."""

import re
from html import unescape
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.kernels.html.columns import CLOSE_START, FLAGS, OPEN_END, START, TAG_OF
from pipeline.kernels.html.math.delimited import unmark_delimited
from pipeline.kernels.html.metadata.head_tags import telling_tags
from pipeline.kernels.html.metadata.licences import linked_licence, short_licence
from pipeline.kernels.html.metadata.page_metadata import Metadata, read_metadata
from pipeline.kernels.html.names import TAG, TAGS
from pipeline.kernels.html.tags import JSON_LD
from pipeline.kernels.html.tree.nodes import Page

_DECLARES: Final = np.array([name in ("html", "meta", "link", "base", "time") for name in TAGS])
_LINKS: Final = np.array([name in ("a", "area", "link") for name in TAGS])
_TITLE, _H1, _SCRIPT = TAG["title"], TAG["h1"], TAG["script"]
_MAX_TAGS, _MAX_SCRIPTS, _MAX_TITLES = 400, 20, 3
# Any tag but those of a formula that was marked.
# Controls, what is not seen, and signs of icon fonts: what texts do not hold either.
_DROPPED: Final = re.compile("[\x00-\x1f\x7f-\x9f\xad\u200b\ue000-\uf8ff\ufdd0-\ufdef\ufeff\U000f0000-\U0010ffff]")
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
    tags = np.ascontiguousarray(page.nodes[:, TAG_OF])
    declaring = page.nodes[np.flatnonzero(_DECLARES[tags])][:, [START, OPEN_END]]
    declaring = declaring[telling_tags(page.source, declaring)][:_MAX_TAGS]
    scripts = [row for row in page.nodes[tags == _SCRIPT].tolist() if row[FLAGS] & JSON_LD][:_MAX_SCRIPTS]
    found = read_metadata(
        [_text(bytes(source[start:stop])) for start, stop in declaring.tolist()],
        [_text(bytes(source[row[OPEN_END] : row[CLOSE_START]])) for row in scripts],
        _first(page.nodes[np.flatnonzero(tags == _TITLE)[:_MAX_TITLES]], source, formulas),
        _first(page.nodes[np.flatnonzero(tags == _H1)[:_MAX_TITLES]], source, formulas),
        url,
    )
    title = _DROPPED.sub("", found.title or "").strip() or None
    own, other = linked_licence(page.source, page.nodes[np.flatnonzero(_LINKS[tags])][:, [START, OPEN_END]], url)
    licence = own or (found.licence and short_licence(found.licence)) or other
    return found._replace(title=title, licence=licence)


def _first(rows: npt.NDArray[np.int32], source: memoryview, formulas: list[str]) -> str | None:
    """The text of the first of some elements that has any."""
    for row in rows.tolist():
        inner = _text(bytes(source[row[OPEN_END] : min(row[CLOSE_START], row[OPEN_END] + _MAX_TITLE)]))
        text = unmark_delimited(unescape(_TAG.sub(r"\1", inner)), formulas).strip()
        if text:
            return text
    return None


def _text(source: bytes) -> str:
    return source.decode("utf-8", "replace")
