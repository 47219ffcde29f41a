"""Pages whose main content is known: their sources out of WARC files, and what is known of them."""

import gzip
import json
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from pipeline.kernels.warc.charset import decode
from pipeline.kernels.warc.encodings import BodyTooLargeError, UndecodableBodyError
from pipeline.kernels.warc.http import decode_body, header_charset, parse_head
from pipeline.kernels.warc.records import ScanReport, read_responses

FOLDS: Final = 5
_MAX_BYTES: Final = 8 << 20
_DAWN: Final = datetime.min.replace(tzinfo=UTC)


class Body(NamedTuple):
    """A page as it came: its bytes, content encodings undone, and the charset that its HTTP header names."""

    content: bytes
    charset: str | None

    @property
    def html(self) -> str:
        """Its source as text."""
        return decode(self.content, self.charset)[0]


class GoldPage(NamedTuple):
    """A page and what is known of it.

    Attributes:
        url: Where it was found.
        body: Its source.
        site: Pages of one site are never on both sides of a split.
        collection: The set that it comes from.
        page_type: The type that the set gives it, in the set's words.
        text: Its main content; "" where only snippets are known.
        inside: Snippets that are main content.
        outside: Snippets that are not.
    """

    url: str
    body: Body
    site: str
    collection: str
    page_type: str
    text: str
    inside: list[str]
    outside: list[str]

    @property
    def html(self) -> str:
        """Its source as text."""
        return self.body.html

    @property
    def fold(self) -> int:
        """Which fifth of the sites it belongs to."""
        return zlib.crc32(self.site.encode()) % FOLDS


def newest_pages(warcs: Iterable[Path]) -> dict[str, Body]:
    """Return URL → the newest good answer."""
    newest: dict[str, tuple[datetime, Body]] = {}
    for path in warcs:
        with path.open("rb") as stream:
            for response in read_responses(stream, _MAX_BYTES, ScanReport()):
                head = parse_head(response.payload)
                date = response.date or _DAWN
                if head is None or head.status != 200 or not response.url:
                    continue
                if response.url in newest and newest[response.url][0] >= date:
                    continue
                try:
                    body = decode_body(response.payload[head.body_start :], head.headers, _MAX_BYTES)
                except (BodyTooLargeError, UndecodableBodyError):
                    continue
                newest[response.url] = date, Body(body, header_charset(head.headers.get("content-type")))
    return {url: body for url, (_, body) in newest.items()}


def read_gold(crawl: Path) -> list[GoldPage]:
    """Read the pages of a folder of WARC files that have gold.

    Args:
        crawl: Holds `*.warc.gz` and `gold.jsonl.gz`, a line a page: `url`, `site`, `set`, `type`, and the main `text`
            or snippets `with` (main content) and `without` (not).
    """
    pages = newest_pages(sorted(crawl.glob("*.warc.gz")))
    with gzip.open(crawl / "gold.jsonl.gz", "rt", encoding="utf-8") as lines:
        gold = [page for page in map(json.loads, lines) if page["url"] in pages]
    return [_gold_page(page, pages[page["url"]]) for page in gold]


def _gold_page(page: dict[str, Any], body: Body) -> GoldPage:
    return GoldPage(
        page["url"],
        body,
        page["site"],
        page["set"],
        page["type"],
        page.get("text") or "",
        page.get("with") or [],
        page.get("without") or [],
    )
