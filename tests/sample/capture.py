"""One response as the imagined crawler met it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.sample.fates import Category, Kind
from tests.sample.prose import rank

Headers = tuple[tuple[str, str], ...]

CRAWL_START = datetime(2024, 3, 4, tzinfo=UTC)
HTML: Headers = (("Content-Type", "text/html; charset=utf-8"),)


@dataclass(frozen=True, slots=True)
class Capture:
    """A response, what it was planted for, and how it is told to the archive."""

    url: str
    body: bytes
    kind: Kind
    purpose: str
    of: str = ""
    language: str = ""
    category: Category = ""
    day: int = 10
    status: str = "200 OK"
    headers: Headers = HTML
    warc_headers: Headers = ()

    @property
    def record_id(self) -> str:
        """WARC-Record-ID, a function of URL and day."""
        return urn(f"{self.url} {self.day}")

    @property
    def date(self) -> str:
        """WARC-Date: the day of the crawl and a second of that day drawn from the URL."""
        moment = CRAWL_START + timedelta(days=self.day, seconds=rank(self.url) % 86_400)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def urn(name: str) -> str:
    """Return the record identifier that belongs to a name.

    >>> urn("mill")
    '<urn:uuid:2064b009-cb78-5c7f-9b70-024f3d29c534>'
    """
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}>"
