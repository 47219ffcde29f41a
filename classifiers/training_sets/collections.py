"""Collections of web documents: what training sets are made of. None of them is part of the project."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from classifiers.languages.identify import identify
from classifiers.main_content.gold import Body, newest_pages
from pipeline.kernels.extraction import extract
from pipeline.kernels.warc.charset import to_utf_8

WEB_DOCUMENTS: Final = "web-documents"
REGISTERS: Final = {"FreCORE-dev": "fr", "SweCORE-dev": "sv"}
"""Files of French and Swedish web registers, and their languages."""
_LONGEST_SHOWN: Final = 20_000


class Document(NamedTuple):
    """A document of a collection.

    Attributes:
        key: By which verdicts know it.
        text: What it says.
        url: Where it stood; empty where nobody knows.
        language: ISO 639-1.
        facts: What the collection says of it, by its own names.
    """

    key: str
    text: str
    url: str
    language: str
    facts: dict[str, Any]


def key_of(collection: str, name: str | int) -> str:
    """Return by what a document is known: it tells nobody which one it is who does not have it.

    >>> key_of("web-documents", 12)
    '8627e77f137c7f25'
    """
    return hashlib.sha256(f"{collection}/{name}".encode()).hexdigest()[:16]


def web_documents(shared: Path) -> Iterator[Document]:
    """Yield English web documents with topics and formats, as `topics/web-documents.jsonl.gz` has them."""
    with gzip.open(shared / "topics" / f"{WEB_DOCUMENTS}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row, line in enumerate(lines):
            facts = json.loads(line)
            yield Document(key_of(WEB_DOCUMENTS, row), facts.pop("text"), facts.pop("url"), "en", facts)


def registers(shared: Path) -> Iterator[Document]:
    """Yield French and Swedish web documents, whose line breaks are lost; `topics/registers`."""
    for name, language in REGISTERS.items():
        with gzip.open(shared / "topics" / "registers" / f"{name}.tsv.gz", "rt", encoding="utf-8") as lines:
            rows = [line.rstrip("\n").split("\t", 1) for line in lines if "\t" in line]
        for row, (register, text) in enumerate(rows):
            yield Document(key_of(name, row), text, "", language, {"register": register})


@cache
def crawl(shared: Path) -> tuple[Document, ...]:
    """Return the pages of the crawls, extracted by this project, with what `crawl/gold.jsonl.gz` says of them."""
    with gzip.open(shared / "crawl" / "gold.jsonl.gz", "rt", encoding="utf-8") as lines:
        gold = {page["url"]: page for page in map(json.loads, lines)}
    warcs = {
        "crawl": sorted((shared / "crawl").glob("*.warc.gz")),
        "random-common-crawl": [shared / "multilingual" / "random-common-crawl.warc.gz"],
    }
    return tuple(
        _page(collection, url, body, gold.get(url, {}))
        for collection, paths in warcs.items()
        for url, body in newest_pages(paths).items()
    )


def _page(collection: str, url: str, body: Body, gold: dict[str, Any]) -> Document:
    text = extract(to_utf_8(body.content, body.charset)[0], url).text
    (language,), _ = identify([text[:_LONGEST_SHOWN]])
    return Document(key_of(collection, url), text, url, language, gold)
