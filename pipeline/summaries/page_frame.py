"""A page as its reader saw it, fit to be shown: structure and words alone, and of the words no personal data.

The HTML of a page has never been through `pii`: it may hold an address in a comment, an attribute, a script or a
footer that extraction left out. So what is shown is written anew. Of the elements a few structural ones are left,
without attributes; comments, scripts, styles, the head, pictures and forms are gone. The words of the page, in the
order in which they stand and joined over the borders of inline elements, go through the finder of `pii` with the run's
own parameters; what it finds there, or in the text and title that extraction takes, stands as the name of its kind.
That is the promise which `pii` gives of texts, and no stronger one: what its finder does not know, it does not find.
"""

import html
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from pipeline.pii.params import FindParams
from pipeline.terminal import safe_text

if TYPE_CHECKING:
    from pipeline.kernels.pii.find import Found

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Nothing is fetched, nothing runs."""
MOST_CHARS: Final = 400_000
"""Characters of a page that are looked at."""
_BLOCKS: Final = frozenset(
    """
    address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form h1 h2
    h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul br
    """.split()  # noqa: SIM905  (names of elements)
)
_INLINE: Final = frozenset(
    """
    b strong i em u code kbd samp var sub sup small mark q cite del ins span
    """.split()  # noqa: SIM905  (names of elements)
)
_GONE: Final = frozenset(
    """
    head title meta link base script style template noscript svg iframe frame frameset object embed applet audio
    video canvas map area select option textarea input datalist img picture source track param noframes noembed
    """.split()  # noqa: SIM905  (names of elements)
)
_VOID: Final = frozenset(("br", "hr"))
_STYLE: Final = (
    "body{font:13px/1.5 system-ui,sans-serif;margin:8px;color:#1b1f24;background:#fff;overflow-wrap:anywhere}"
    "table{border-collapse:collapse}td,th{border:1px solid #dfe3e8;padding:2px 6px}pre{white-space:pre-wrap}"
    ".o{color:#9a4a00;background:#fdf1e7}"
)
_TEXT: Final = ""
Piece = tuple[str, str]


def frame_of(
    source: str, text: str, found_in: Sequence[str], params: FindParams, where: tuple[str | None, str | None]
) -> str:
    """Return an element that shows a page: what stands in its text is plain, what was left out is marked.

    Args:
        source: The page's HTML.
        text: Its text as it left `pii`, of commands to a terminal and changes of direction the letters.
        found_in: Texts in which personal data is looked for, too: what extraction makes of the page.
        params: What `pii` looked for.
        where: Language and host of the page.
    """
    pieces = list(_pieces(source[:MOST_CHARS]))
    words = _without_values(pieces, found_in, params, where)
    inside = " ".join(text.split())
    body = []
    for (kind, content), shown in zip(pieces, words, strict=True):
        if kind != _TEXT:
            body.append(content)
        elif shown.strip():
            spelt = safe_text(shown)  # as the text is
            escaped = html.escape(spelt)
            body.append(escaped if " ".join(spelt.split()) in inside else f'<span class="o">{escaped}</span>')
        else:
            body.append(shown)
    page = (
        '<!DOCTYPE html><html><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><style>{_STYLE}</style></head>'
        f"<body>{''.join(body)}</body></html>"
    )
    return (
        f'<iframe sandbox="" title="the page" referrerpolicy="no-referrer" style="width:100%;height:480px;border:1px'
        f' solid #8a929b" srcdoc="{html.escape(page)}"></iframe>'
    )


def redacted_lines(lines: Sequence[str], params: FindParams, where: tuple[str | None, str | None]) -> list[str]:
    """Return texts without their personal data, as `pii` takes it out; one on which its finder breaks is empty.

    Args:
        lines: The texts.
        params: What `pii` looked for.
        where: Language and host of the page that they stand in.
    """
    redacted = []
    for line, values in zip(lines, _values_of(lines, params, where), strict=True):
        text = "" if values is None else line
        for value in reversed(values or ()):
            text = f"{text[: value.start]}<{value.entity}>{text[value.end :]}"
        redacted.append(text)
    return redacted


def _values_of(
    texts: Sequence[str], params: FindParams, where: tuple[str | None, str | None]
) -> "list[list[Found] | None]":
    from pipeline.kernels.pii.find import find_pii

    count, (language, host) = len(texts), where
    return find_pii(pa.array(texts, pa.string()), [()] * count, [language] * count, [host] * count, params.settings())


def _pieces(source: str) -> Iterator[Piece]:
    """Yield tags and words of a page in order: ("tag", its HTML) or ("", words)."""
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    root = etree.fromstring(source.encode("utf-8", "ignore"), parser)
    stack: list[tuple[str, Any]] = [] if root is None else [("open", root)]
    while stack:
        what, node = stack.pop()
        if what != "open":
            yield (_TEXT if what == "words" else "tag"), node
            continue
        if node.tail:
            stack.append(("words", node.tail))
        name = node.tag if isinstance(node.tag, str) else "script"
        if name in _GONE:
            continue
        shown = name if name in _BLOCKS or name in _INLINE else ""
        shown = "div" if shown == "body" else shown
        if shown and shown not in _VOID:
            stack.append(("tag", f"</{shown}>"))
        stack.extend(("open", child) for child in reversed(node))
        if node.text:
            stack.append(("words", node.text))
        if shown:
            stack.append(("tag", f"<{shown}>"))


def _without_values(
    pieces: Sequence[Piece], found_in: Sequence[str], params: FindParams, where: tuple[str | None, str | None]
) -> list[str]:
    """Return the words of every piece without personal data; tags are as they are."""
    starts, stream, at = [], [], 0
    for kind, content in pieces:
        is_block = kind != _TEXT and content.strip("</>") in _BLOCKS
        words = content if kind == _TEXT else "\n" if is_block else ""
        starts.append(at)
        stream.append(words)
        at += len(words)
    whole = "".join(stream)
    in_page, *elsewhere = _values_of([whole, *found_in], params, where)
    if in_page is None or any(values is None for values in elsewhere):
        return ["" if kind == _TEXT else content for kind, content in pieces]
    hidden = {(value.start, value.end): value.entity for value in in_page}
    elsewhere_found = {
        text[value.start : value.end]: value.entity
        for text, values in zip(found_in, elsewhere, strict=True)
        for value in values or ()
    }
    for words_of_value, entity in elsewhere_found.items():
        hidden |= dict.fromkeys(_places_of(words_of_value, whole), entity)
    return _cut(pieces, starts, hidden)


def _places_of(value: str, whole: str) -> Iterator[tuple[int, int]]:
    start = whole.find(value) if value.strip() else -1
    while start >= 0:
        yield start, start + len(value)
        start = whole.find(value, start + len(value))


def _apart(hidden: dict[tuple[int, int], str]) -> list[tuple[tuple[int, int], str]]:
    """Return stretches in order; of those that overlap, a later one begins where the earlier ends."""
    apart: list[tuple[tuple[int, int], str]] = []
    for (low, high), entity in sorted(hidden.items()):
        done = apart[-1][0][1] if apart else 0
        if high > done:
            apart.append(((max(low, done), high), entity))
    return apart


def _cut(pieces: Sequence[Piece], starts: Sequence[int], hidden: dict[tuple[int, int], str]) -> list[str]:
    """Return the pieces with the hidden stretches cut out, the kind of each in the piece where it begins."""
    stretches = _apart(hidden)
    ends = [high for (_, high), _ in stretches]
    shown = []
    for (kind, content), start in zip(pieces, starts, strict=True):
        if kind != _TEXT:
            shown.append(content)
            continue
        left, done = "", start
        for (low, high), entity in islice(stretches, bisect_right(ends, start), None):
            if low >= start + len(content):
                break
            left += content[max(done, 0) - start : max(low, done) - start]
            left += f"<{entity}>" if low >= start else ""
            done = max(done, min(high, start + len(content)))
        shown.append(left + content[done - start :])
    return shown
