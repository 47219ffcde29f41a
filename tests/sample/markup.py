"""Pages around texts: the same menus, banners and footers on every page, as on the web."""

from __future__ import annotations

from html import escape

from tests.sample.prose import Story, labels

SHARE_LINE = "Share this page with a friend and tell us what you think of it."
SIX_TIMES_LINE = "The next open day at the mill is on the first Sunday in May, and entry is free."
DIRECTION = {"ar": "rtl"}


def text(words: str) -> str:
    """Return words as HTML text.

    >>> text("1 < 2")
    '1 &lt; 2'
    """
    return escape(words, quote=False)


def paragraphs(story: Story, *extra: str) -> str:
    """Return the story as `<p>` elements, the extra lines after its first paragraph."""
    written = [story.paragraphs[0], *extra, *story.paragraphs[1:]]
    return "\n".join(f"<p>{text(paragraph)}</p>" for paragraph in written)


def navigation(language: str) -> str:
    """Return the menu of the site."""
    entries = labels(language)["nav"].split(" | ")
    links = "".join(f'<li><a href="/{language}/{i}">{text(entry)}</a></li>' for i, entry in enumerate(entries))
    return f'<header class="site-header"><a class="logo" href="/">gristmill</a><nav><ul>{links}</ul></nav></header>'


def cookie_banner(language: str) -> str:
    """Return the consent banner."""
    words = text(labels(language)["cookie"])
    return f'<div id="cookie-consent" class="cookie-banner" role="dialog"><p>{words}</p><button>OK</button></div>'


def footer(language: str) -> str:
    """Return the footer."""
    return f'<footer class="site-footer"><p>{text(labels(language)["footer"])}</p><p>© 2024 gristmill</p></footer>'


def page(title: str, language: str, main: str, head: str = "", charset: str = "utf-8") -> str:
    """Return a whole HTML page.

    Args:
        title: the plain title.
        language: selects the words of menu, banner and footer.
        main: HTML of the content.
        head: more HTML for the head.
        charset: what the `meta` element says.
    """
    direction = DIRECTION.get(language, "ltr")
    return (
        f'<!DOCTYPE html>\n<html lang="{language}" dir="{direction}">\n<head>\n<meta charset="{charset}">\n'
        f"<title>{text(title)} – gristmill</title>\n{head}</head>\n<body>\n"
        f"{navigation(language)}\n{cookie_banner(language)}\n"
        f"<main>\n<article>\n<h1>{text(title)}</h1>\n{main}\n</article>\n</main>\n"
        f"{footer(language)}\n</body>\n</html>\n"
    )


def story_page(story: Story, *extra: str, head: str = "", charset: str = "utf-8") -> str:
    """Return the page of a story."""
    return page(story.title, story.language, paragraphs(story, *extra), head, charset)
