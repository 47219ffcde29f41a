"""What a page's head declares, and what of it tells which kind of page it is."""

import re
from html import unescape
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.kernels.html.columns import CLOSE_START, FLAGS, OPEN_END, START, TAG_OF
from pipeline.kernels.html.delimited import unmark_delimited
from pipeline.kernels.html.feature_names import HINTS
from pipeline.kernels.html.head_tags import telling_tags
from pipeline.kernels.html.licences import linked_licence, short_licence
from pipeline.kernels.html.names import TAG, TAGS
from pipeline.kernels.html.nodes import Page
from pipeline.kernels.html.page_metadata import Metadata, read_metadata
from pipeline.kernels.html.tags import JSON_LD

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
# Kinds and makers of pages, one hint a line.
_KINDS: Final = (
    "article",
    "newsarticle reportagenewsarticle",
    "blogposting blog",
    "product productgroup og:product",
    "qapage question",
    "discussionforumposting socialmediaposting",
    "website",
    "webpage aboutpage",
    "collectionpage itemlist searchresultspage productcollection offercatalog",
    "organization localbusiness corporation service professionalservice place",
    "videoobject video.other video video.episode video.movie podcastepisode",
    "recipe",
    "event",
    "faqpage",
    "profile person profilepage",
    "techarticle howto apireference softwareapplication scholarlyarticle",
)
_MAKERS: Final = (
    "wordpress",
    "discourse vbulletin phpbb xenforo mybb smf vanilla invision flarum nodebb",
    "mediawiki dokuwiki tiddlywiki",
    "sphinx doxygen mkdocs docusaurus hugo jekyll docbook texi2any makeinfo latex2html gitbook pandoc asciidoctor",
    "shopify woocommerce magento prestashop opencart",
    "drupal joomla wix squarespace webflow typo3 ghost blogger",
)
_HINT: Final = {word: k for k, words in enumerate((*_KINDS, *_MAKERS)) for word in words.split()}


def read_head(page: Page, formulas: list[str], url: str | None) -> Metadata:
    """What the page declares of itself.

    Args:
        page: Its elements.
        formulas: What `mark_delimited` found in its source.
        url: Where it was found.

    >>> from pipeline.kernels.html.nodes import read_nodes
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


def head_hints(head: Metadata) -> npt.NDArray[np.float32]:
    """What the head says of the kind of page, float32 (HINTS,).

    >>> from pipeline.kernels.html.page_metadata import read_metadata
    >>> np.flatnonzero(head_hints(read_metadata(['<meta property="og:type" content="article">'], [], None, None, None)))
    array([0])
    """
    hints = np.zeros(HINTS, np.float32)
    for kind in head.kinds:
        if kind in _HINT:
            hints[_HINT[kind]] = 1
    if head.generator:
        maker = _HINT.get(head.generator.split()[0])
        if maker is not None:
            hints[maker] = 1
    hints[HINTS - 2] = head.published is not None
    hints[HINTS - 1] = head.modified is not None
    return hints
