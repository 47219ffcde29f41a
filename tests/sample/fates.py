"""What each record of the sample crawl is there for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "page",  # an ordinary page that should reach the corpus
    "older",  # an earlier capture of the URL of `of`, with another text
    "variant",  # an earlier capture of `of` whose URL is written differently
    "mirror",  # the text of `of` on another host
    "near",  # the text of `of` with a few words changed, on another host
    "pii",  # a page with one or two personal details, to be redacted
    "pii_dense",  # a page that is mostly personal details
    "optout",  # a page whose header or markup reserves its use
    "spam",  # keyword stuffing
    "log",  # machine output in which every line is new and every phrase is old
    "short",  # a dozen words
    "boilerplate_only",  # menus and footers around nothing
    "hostile",  # 5,000 open tags around an article
    "oversized",  # a body above 4 MiB
    "truncated",  # the crawler stopped reading
    "damaged",  # the file ends within this record: a reader may or may not see its headers
    "untyped",  # HTML without a Content-Type
    "mistyped",  # HTML that is announced as something else
    "error",  # HTTP 4xx and 5xx
    "redirect",  # HTTP 3xx
    "nonhtml",  # an image, a PDF, JSON
    "empty",  # a page without a body
    "dns",  # a response record that is not HTTP
]
Category = Literal["general", "code", "math", "multilingual", ""]


@dataclass(frozen=True, slots=True)
class Fate:
    """The purpose of one planted record.

    Attributes:
        record_id: WARC-Record-ID as it stands in the file, `<urn:uuid:…>`.
        url: WARC-Target-URI as it stands in the file.
        kind: what the record is an example of.
        purpose: the case in words, such as `charset/shift_jis`.
        of: record_id of the page that this one copies, else empty.
        language: two-letter code of the main text, empty where there is none.
        category: what a page of text should be routed as, empty where there is none.
        file: name of the sample file that holds the record.
    """

    record_id: str
    url: str
    kind: Kind
    purpose: str
    of: str
    language: str
    category: Category
    file: str
