"""What a page declares about itself: title, language, address, dates, kind and software, from its head's tags.

Every source is bounded before it is read, and every pattern is linear, so a hostile page costs no more than its size.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

from pipeline.kernels.html.metadata.declared_content import DeclaredContent, declared_content
from pipeline.kernels.html.metadata.written_dates import normal_date
from pipeline.kernels.html.tag_values import MAX_TAG, MAX_VALUE, absolute_address, tag_attributes

_MAX_TAGS: Final = 5000
_MAX_TITLE: Final = 500
_MAX_BLOCKS: Final = 20
_MAX_JSON: Final = 1_000_000
_MAX_SEARCHED: Final = 1_000_000
_MAX_NODES: Final = 200
_MAX_DEPTH: Final = 8
_MAX_KINDS: Final = 32

_NAME_ENDS: Final = frozenset(" \t\n\r\f/>")
_LD_NAMES: Final = frozenset(("@type", "datePublished", "dateModified", "dateCreated", "license"))
_LD_FIELD: Final = re.compile(
    r'"(@type|date(?:Published|Modified|Created))"\s{0,9}:\s{0,9}(?:\[\s{0,9})?"([^"\\\n]{1,80})"'
)
_JSON: Final = json.JSONDecoder(strict=False)  # real blocks hold line breaks in strings
# A byte order mark before it, and the end of a statement behind it.
_AROUND_JSON: Final = "\ufeff; \t\r\n"
# What old pages put around scripts.
_LD_WRAPPING: Final = re.compile(r"<!--|-->|(?://|/\*)?(?:<!\[CDATA\[|\]\]>)(?:\*/)?")
_NEVER_IN_TEXT: Final = re.compile("[\0\ud800-\udfff]")
_KIND: Final = re.compile(r"[a-z][a-z0-9_.-]{1,63}")
_LANGUAGE: Final = re.compile(
    r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|\d{3}))?"
    r"((?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*(?:-[a-z0-9](?:-[a-z0-9]{2,8})+)*)",
    re.IGNORECASE | re.ASCII,
)
_WORD: Final = r"(?!v?\d|version\b)\w[\w.+#]*(?:-\w+)*"
_GENERATOR: Final = re.compile(rf"(?:powered by )?({_WORD}(?: {_WORD}){{0,3}})", re.IGNORECASE)

# Where dates are declared, best first. "ld …" is JSON-LD, "item …" microdata; one word is a meta tag.
_PUBLISHED: Final = (
    *("article:published_time", "og:article:published_time", "og:published_time", "ld datePublished"),
    *("item datepublished", "date", "pubdate", "publishdate", "publish-date", "publish_date", "publication_date"),
    *("dc.date", "dc.date.issued", "dc.date.created", "dcterms.date", "dcterms.issued", "dcterms.created"),
    *("sailthru.date", "parsely-pub-date", "citation_publication_date", "citation_online_date", "citation_date"),
    *("time pubdate", "item datecreated", "ld dateCreated"),
)
_MODIFIED: Final = (
    *("article:modified_time", "og:article:modified_time", "og:updated_time", "og:modified_time", "ld dateModified"),
    *("item datemodified", "last-modified", "lastmod", "dc.date.modified", "dcterms.modified"),
)
# The names under which anything that is read is declared: in metas, in microdata, by links.
DECLARED_NAMES: Final = frozenset(
    (
        *(name.removeprefix("item ") for name in (*_PUBLISHED, *_MODIFIED) if not name.startswith(("ld ", "time "))),
        *("og:title", "og:type", "og:url", "og:locale", "content-language", "generator", "canonical"),
    )
)
_NAMED: Final = {"html": ("lang", "xml:lang"), "base": ("href",)}


class Metadata(NamedTuple):
    """What a page declares about itself; None where it says nothing, or nothing that can be.

    Attributes:
        title: `og:title`, else the title, else the first heading; on one line, at most 500 code points.
        language: A normalised BCP-47 tag, such as "pt-BR".
        canonical_url: Absolute, http or https.
        published: "YYYY-MM-DD", with the time of day and the offset from UTC as far as the page gives them.
        modified: Likewise.
        kinds: In lower case, values of `og:type`, and of `@type` in JSON-LD where it stands for the page rather than
            for its author or a picture; all of them where that JSON cannot be read.
        generator: The software that wrote the page, in lower case, without its version.
        licence: The address of its licence, as JSON-LD has it; `read_head` adds what links say.
        content: What JSON-LD holds of its content.
    """

    title: str | None
    language: str | None
    canonical_url: str | None
    published: str | None
    modified: str | None
    kinds: frozenset[str]
    generator: str | None
    licence: str | None = None
    content: DeclaredContent | None = None


def read_metadata(
    tags: Sequence[str], json_ld: Sequence[str], title: str | None, heading: str | None, url: str | None
) -> Metadata:
    """What any page declares; of sources that say the same thing, the first sound one counts.

    Args:
        tags: Sources of start tags in document order.
        json_ld: Contents of the scripts of type `application/ld+json`.
        title: The text of the page's title.
        heading: The text of its first `h1`.
        url: Where it was found; relative addresses are resolved against it.

    >>> tags = ["<html lang=en_gb>", "<meta name=generator content='Sphinx 7.2'>", "<link rel=canonical href=/roots>"]
    >>> page = read_metadata(tags, ['{"@type": "TechArticle", "datePublished": "20240229"}'], " Roots ", None, "http://a.b/")
    >>> page.title, page.language, page.canonical_url, page.published, sorted(page.kinds), page.generator
    ('Roots', 'en-GB', 'http://a.b/roots', '2024-02-29', ['techarticle'], 'sphinx')
    """
    values: dict[str, str] = {}
    kinds: list[str] = []
    for tag in islice(tags, _MAX_TAGS):
        _read_tag(tag, values, kinds)
    nodes: list[Mapping[str, Any]] = []
    for block in islice(json_ld, _MAX_BLOCKS):
        document = _ld_document(block)
        of_page = [] if document is None else list(_ld_nodes(document))
        nodes += of_page
        for name, value in _searched_fields(block) if document is None else _ld_fields(of_page):
            if name == "@type":
                kinds.append(value)
            else:
                values.setdefault(f"ld {name}", value)
    languages = (values.get(key, "") for key in ("html lang", "html xml:lang", "content-language", "og:locale"))
    return Metadata(
        next(filter(None, map(_one_line, (values.get("og:title"), title, heading))), None),
        next(filter(None, map(_language, languages)), None),
        _address(values, url),
        next(filter(None, (normal_date(values[source]) for source in _PUBLISHED if source in values)), None),
        next(filter(None, (normal_date(values[source]) for source in _MODIFIED if source in values)), None),
        frozenset(islice(filter(None, map(_kind, kinds)), _MAX_KINDS)),
        _generator(values.get("generator", "")),
        absolute_address(values.get("ld license", ""), url or ""),
        declared_content(nodes),
    )


def _read_tag(tag: str, values: dict[str, str], kinds: list[str]) -> None:
    """Notes what one tag says under the name of its source, unless an earlier one has said it."""
    name = tag[1:5].lower() if tag[5:6] in _NAME_ENDS else ""
    if name not in ("meta", "html", "base"):
        # most links of a head are style sheets and icons, and most tags of a body are nothing here
        lowered = tag[:MAX_TAG].lower()
        if not ("canonical" in lowered or "pubdate" in lowered or "itemprop" in lowered):
            return
    attributes = tag_attributes(tag)
    for attribute in _NAMED.get(name, ()):
        _note(values, f"{name} {attribute}", attributes.get(attribute))
    if name == "link" and "canonical" in attributes.get("rel", "").lower().split():
        _note(values, "link canonical", attributes.get("href"))
    value = attributes.get("datetime") or attributes.get("content")
    if value is None:
        return
    if name == "time" and "pubdate" in attributes:
        _note(values, "time pubdate", value)
    for key in attributes.get("itemprop", "").lower().split():
        _note(values, f"item {key}", value)
    if name == "meta":
        _read_meta(attributes, value, values, kinds)


def _read_meta(attributes: Mapping[str, str], value: str, values: dict[str, str], kinds: list[str]) -> None:
    for source in ("property", "name", "http-equiv"):
        for key in attributes.get(source, "").lower().split():
            _note(values, key, value)
            if key == "og:type":
                kinds.append(value)


def _note(values: dict[str, str], key: str, value: str | None) -> None:
    if value and key not in values and not value.isspace():
        values[key] = value


def _ld_document(block: str) -> Any:
    """What a block of JSON-LD holds; None where it is no JSON, or too long."""
    if len(block) > _MAX_JSON:
        return None
    try:
        text = _LD_WRAPPING.sub("", block) if "<!" in block else block
        return _JSON.decode(text.strip(_AROUND_JSON))
    except (ValueError, RecursionError):
        return None


def _ld_fields(nodes: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Types, dates and licences that JSON-LD gives for the page."""
    for node in nodes:
        for name in _LD_NAMES.intersection(node):
            values = node[name]
            for value in values[:_MAX_KINDS] if isinstance(values, list) else (values,):
                if type(value) in (str, int):  # and no truth value, which is an `int` too
                    yield name, str(value)[:MAX_VALUE]


def _searched_fields(block: str) -> Iterator[tuple[str, str]]:
    """Types and dates in a block that is no JSON, of anything in it."""
    for match in islice(_LD_FIELD.finditer(block, 0, _MAX_SEARCHED), _MAX_NODES):
        yield match[1], match[2]


def _ld_nodes(document: Any) -> Iterator[Mapping[str, Any]]:
    """The objects that stand for the page itself, in document order."""
    stack: list[tuple[Any, int]] = [(document, 0)]
    for _ in range(_MAX_NODES):
        if not stack:
            return
        item, depth = stack.pop()
        below: Iterable[Any] = ()
        if isinstance(item, dict):
            yield item
            below = [item[key] for key in ("mainEntityOfPage", "mainEntity", "@graph") if key in item]
        elif isinstance(item, list):
            below = reversed(item[:_MAX_NODES])
        if depth < _MAX_DEPTH:
            stack += ((child, depth + 1) for child in below)


def _one_line(text: str | None) -> str | None:
    words = _NEVER_IN_TEXT.sub("", (text or "").lstrip()[: 8 * _MAX_TITLE]).split()
    return " ".join(words)[:_MAX_TITLE].rstrip()


def _kind(value: str) -> str | None:
    """The bare name of a type: `https://schema.org/QAPage` is "qapage"."""
    name = re.split(r"[/#:]", value.strip().lower())[-1]
    return name if _KIND.fullmatch(name) else None


def _language(tag: str) -> str | None:
    match = _LANGUAGE.fullmatch(tag.strip().replace("_", "-")) if len(tag) < 64 else None
    if match is None or match[1].lower() in ("und", "zxx"):
        return None
    script, region = (match[2] or "").title(), (match[3] or "").upper()
    return "-".join(filter(None, (match[1].lower(), script, region))) + match[4].lower()


def _generator(value: str) -> str | None:
    match = _GENERATOR.match(" ".join(value[:200].split()))
    return match[1].lower().rstrip(".") if match else None


def _address(values: Mapping[str, str], url: str | None) -> str | None:
    base = absolute_address(values.get("base href", ""), url or "") or url or ""
    sources = (values.get(key) for key in ("link canonical", "og:url"))
    return next(filter(None, (absolute_address(source, base) for source in sources if source)), None)
