"""What a page's head says of the kind of page it is, as features."""

from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.kernels.html.main_content.feature_names import HINTS
from pipeline.kernels.html.metadata.page_metadata import Metadata

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


def head_hints(head: Metadata) -> npt.NDArray[np.float32]:
    """What the head says of the kind of page, float32 (HINTS,).

    >>> from pipeline.kernels.html.metadata.page_metadata import read_metadata
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
