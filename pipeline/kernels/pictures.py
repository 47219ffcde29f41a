"""What pictures show, where their authors say it in words."""

import re
from typing import Final

from resiliparse.parse.html import HTMLTree

from pipeline.kernels.dom import is_within, select, text_of

# With fewer words an alt names a thing that the text names too, or a logo: at 5 words outside paragraphs and figures,
# 0.3 points of F1 were lost on a quarter of the open crawl, with these bounds 0.1.
MIN_WORDS: Final = 6
MAX_WORDS: Final = 80
_NOT_WORDS: Final = re.compile(r"\.(?:png|jpe?g|gif|svg|webp)\b|https?:|_|\d{4,}|\\", re.IGNORECASE)


def write_alt_texts(tree: HTMLTree, lowered: str) -> None:
    """Writes the alt texts of a text's own pictures as paragraphs; file names, labels and repeated captions are left.

    >>> tree = HTMLTree.parse("<figure><img alt='An old mill wheel turns in the rain'></figure><p><img alt='Logo'></p>")
    >>> write_alt_texts(tree, "alt=")
    >>> [paragraph.text for paragraph in select(tree, "p")]
    ['An old mill wheel turns in the rain', '']
    """
    if "alt=" not in lowered or tree.document is None:
        return
    for image in select(tree, "p img[alt], figure img[alt]"):
        alt = " ".join((image.getattr("alt") or "").split())
        if not MIN_WORDS <= alt.count(" ") + 1 <= MAX_WORDS or _NOT_WORDS.search(alt) or is_within(image, "a"):
            continue
        around = image.closest("figure") or image.closest("p")
        if around is None or alt in " ".join(text_of(around).split()):
            continue
        paragraph = tree.document.create_element("p")
        paragraph.text = alt
        if around.tag == "figure":
            around.before(paragraph)
        else:
            around.after(paragraph)
