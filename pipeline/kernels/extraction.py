"""From a page's HTML to plain text with its code and math in place."""

import re
from typing import Final, Literal, NamedTuple

from resiliparse.parse.html import HTMLTree

from pipeline.kernels.codeblocks import hide_code
from pipeline.kernels.dom import cut_nodes, flatten, is_deep, put_block, select, text_of
from pipeline.kernels.formulas import hide_delimited_formulas, hide_formulas
from pipeline.kernels.main_content import keep_lists, main_lines, open_noscript
from pipeline.kernels.markdown import strip_markdown
from pipeline.kernels.pictures import write_alt_texts
from pipeline.kernels.placeholders import Vault
from pipeline.kernels.scripts import write_scripts
from pipeline.kernels.spans import Span
from pipeline.kernels.tables import open_cells

Engine = Literal["auto", "resiliparse", "trafilatura"]

_NEVER_IN_TEXT: Final = re.compile("[\0\ud800-\udfff]")
_MAX_TITLE: Final = 500


class Extraction(NamedTuple):
    """What a page says.

    Attributes:
        text: One block a line; empty where nothing was found.
        title: The page's title, if it gives one.
        spans: Where code and math stand in the text, sorted and apart.
        engine: Which tier decided: "resiliparse" or "trafilatura".
    """

    text: str
    title: str | None
    spans: list[Span]
    engine: str


class PlainPage(NamedTuple):
    """A page whose code and formulas are hidden.

    Attributes:
        tree: What is left of it.
        lowered: Its source in lower case.
        vault: What is hidden.
        title: As in `Extraction`.
    """

    tree: HTMLTree
    lowered: str
    vault: Vault
    title: str | None


def extract(
    html: str,
    url: str | None = None,
    *,
    engine: Engine = "auto",
    max_chars: int = 8_000_000,
    max_nodes: int = 300_000,
) -> Extraction:
    r"""The main text of a page, its title, and the spans of its code and math; any text at all is a page.

    Code and formulas are set aside first, and come back after every rule for lines, to the letter. Formulas stand
    between `$…$`, or `$$…$$` on their own; table cells are parted by tabs; no markdown is written.

    Args:
        html: The page's source.
        url: Where it was found; the thorough tier resolves links against it.
        engine: "auto" reads the page the cheap way and asks for a second opinion where that seems worth it.
        max_chars: What lies behind so many code points is not read.
        max_nodes: What lies behind so many tags is not read.

    >>> page = "<title>Roots</title><main><p>Take <i>x</i> = <code>a_1</code>:</p><pre>def f(x):\n    return x</pre>"
    >>> text, title, spans, engine = extract(page, engine="resiliparse")
    >>> text.split("\n"), title
    (['Take x = a_1:', 'def f(x):', '    return x'], 'Roots')
    >>> [text[span.start:span.end] for span in spans]
    ['a_1', 'def f(x):\n    return x']
    """
    source = cut_nodes(_clean(html[:max_chars]), max_nodes)
    if not source.strip():
        return Extraction("", None, [], "resiliparse")
    page = plain_page(source)
    lines, tier = main_lines(page.tree, page.lowered, url, engine)
    text, spans = page.vault.restore("\n".join(strip_markdown(lines, page.vault)))
    return Extraction(text, page.title, spans, tier)


def plain_page(html: str) -> PlainPage:
    """The page as the rules for main content are to see it.

    >>> page = plain_page("<title>Roots</title><p>Take <code>a_1</code>.")
    >>> page.title, page.vault.expand(page.tree.body.text)
    ('Roots', 'Take a_1.')
    """
    lowered = html.lower()
    vault = Vault(html)
    tree = HTMLTree.parse(hide_delimited_formulas(html, lowered, vault))
    title = _title(tree, vault)
    _make_plain(tree, lowered, vault)
    return PlainPage(tree, lowered, vault, title)


def _make_plain(tree: HTMLTree, lowered: str, vault: Vault) -> None:
    """Rewrites in the tree what the rules for main content would lose or spoil."""
    if is_deep(tree):
        flatten(tree)
    for raw in select(tree, "plaintext") if "<plaintext" in lowered else ():
        put_block(tree, raw, text_of(raw))  # its source cannot be written and read again
    hide_formulas(tree, lowered, vault)
    hide_code(tree, lowered, vault)
    write_scripts(tree, lowered)
    write_alt_texts(tree, lowered)
    open_noscript(tree, lowered)
    open_cells(tree, lowered)
    keep_lists(tree, lowered)


def _clean(html: str) -> str:
    """The source as a text that can be written as UTF-8."""
    if html.isascii() and "\0" not in html:
        return html
    return _NEVER_IN_TEXT.sub("", html)


def _title(tree: HTMLTree, vault: Vault) -> str | None:
    shared = select(tree, 'meta[property="og:title"], meta[name="og:title"]')[:1]
    titles = [meta.getattr("content") or "" for meta in shared]
    titles.append(tree.title or "")
    titles += [text_of(heading) for heading in select(tree, "h1")[:1]]
    for title in titles:
        clean = " ".join(vault.expand(title).split())
        if clean:
            return clean[:_MAX_TITLE]
    return None
