"""Meta tags by which a page speaks to robots, read where a browser would see a tag, and nowhere else."""

import re
from html import unescape
from typing import Final, NamedTuple

from pipeline.kernels.warc.charset import decode

FORBIDS: Final = frozenset(
    (
        *("noindex", "none", "noai", "noimageai", "noml", "disallowaitraining"),
        *("nofollow", "noarchive", "nocache", "nosnippet", "noimageindex"),
    )
)
"""Directives that forbid something; metas without any of them are not kept."""

# As browsers read one attribute: spaces and strokes, a name, and perhaps a value.
_ATTRIBUTE: Final = re.compile(
    rb"""[\s/]*+([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)("?)|'([^']*+)('?)|([^\s>"'][^\s>]*+)|(?=>)))?+"""
)
_TOKENS: Final = re.compile(r"[\s,;:]+")
_NAME: Final = re.compile(r"(?!msapplication-|apple-)[^\s:]{1,64}")
# Digits of a character reference, below the number at which Python refuses to read one.
_MAX_VALUE: Final = 2000
_MAX_ATTRIBUTES: Final = 40
_MAX_KEPT: Final = 20
# What lies behind so many tags is not read, as in extraction.
_MAX_TAGS: Final = 200_000
_NUL_WITHIN: Final = 256


def declared_metas(body: bytes, header_charset: str | None) -> tuple[str | None, str | None]:
    """The metas that speak to robots, and those that reserve text and data mining: `name: content`, one a line.

    Metas in the body count like those in the head: browsers and search engines read them there, and a page builder that
    puts them there means them. What stands in comments, scripts, raw text, attributes and templates does not count. A
    meta inside `noscript` does: whoever reads a page without scripts is meant by it.

    Args:
        body: The page as it came, content encodings undone.
        header_charset: The charset that its Content-Type header names.

    >>> declared_metas(b"<title>Rye</title><META content='NoAI, follow' name=robots>", None)
    ('robots: NoAI, follow', None)
    >>> declared_metas(b"<!-- <meta name=robots content=noai> --><meta name=tdm-reservation content=1>", None)
    (None, 'tdm-reservation: 1')
    """
    if b"\0" not in body[:_NUL_WITHIN] and not _spoken(body):
        return None, None
    source = decode(body, header_charset)[0].encode("utf-8", "ignore")
    spoken = _spoken(source)
    if not spoken:
        return None, None
    real = _real_metas(source[: spoken[-1].stop])
    lines = [(meta.name, f"{meta.name}: {meta.content}") for meta in spoken if meta.start in real]
    robots = [line for name, line in lines if not name.startswith("tdm-")]
    mining = [line for name, line in lines if name.startswith("tdm-")]
    return _joined(robots), _joined(mining)


def _joined(lines: list[str]) -> str | None:
    kept = list(dict.fromkeys(lines))
    if len(kept) > _MAX_KEPT:
        kept.sort(key=lambda line: not line.startswith("robots:"))
    return "\n".join(kept[:_MAX_KEPT]) or None


class _Spoken(NamedTuple):
    """What looks like a meta that speaks to robots, and where its tag stands."""

    start: int
    stop: int
    name: str
    content: str


def _spoken(source: bytes) -> list[_Spoken]:
    """What looks like metas that speak to robots, whatever they stand in."""
    from pipeline.kernels.opt_out.meta_tags import telling_metas

    spoken = []
    for start, _ in telling_metas(source):
        attributes, stop = _attributes(source, start + len("<meta"))
        line = _line(attributes)
        if line is not None:
            spoken.append(_Spoken(start, stop, *line))
    return spoken


def _attributes(source: bytes, at: int) -> tuple[dict[str, str], int]:
    """The attributes of a tag by lower-case name, of two with one name the first; and where the tag ends.

    Of a tag that is never closed there are none.
    """
    attributes: dict[str, str] = {}
    for _ in range(_MAX_ATTRIBUTES):
        match = _ATTRIBUTE.match(source, at)
        if match is None:
            break
        name, double, end_double, single, end_single, bare = match.groups()
        if end_double == b"" or end_single == b"":
            return {}, len(source)
        value = (double or single or bare or b"")[:_MAX_VALUE].decode("utf-8", "ignore")
        attributes.setdefault(name.decode("utf-8", "ignore").lower(), unescape(value))
        at = match.end()
    stop = source.find(b">", at)
    return (attributes, stop + 1) if stop >= 0 else ({}, len(source))


def _line(attributes: dict[str, str]) -> tuple[str, str] | None:
    """The name and content of a meta that speaks to robots, on one line."""
    name = " ".join(attributes.get("name", "").split()).lower()
    content = " ".join(attributes.get("content", "").split())
    if name in ("tdm-reservation", "tdm-policy"):
        return (name, content) if content else None
    if not _NAME.fullmatch(name) or FORBIDS.isdisjoint(_TOKENS.split(content.lower())):
        return None
    return name, content


def _real_metas(source: bytes) -> set[int]:
    """Where the metas of a page begin that are elements of it, and stand in no template."""
    from pipeline.kernels.extraction import cut_tags
    from pipeline.kernels.html.columns import PARENT, START, TAG_OF
    from pipeline.kernels.html.names import TAG
    from pipeline.kernels.html.tree.nodes import read_nodes

    nodes = read_nodes(cut_tags(source, _MAX_TAGS)).nodes
    starts = set()
    for row in nodes[nodes[:, TAG_OF] == TAG["meta"]]:
        above = int(row[PARENT])
        while above > 0 and nodes[above, TAG_OF] != TAG["template"]:
            above = int(nodes[above, PARENT])
        if above <= 0:
            starts.add(int(row[START]))
    return starts
