"""Pages that test one thing each: markup, charsets, encodings, rights, hostile and worthless content."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace

import brotli

from tests.sample.capture import HTML, Capture, Headers
from tests.sample.fates import Category, Kind
from tests.sample.markup import cookie_banner, footer, navigation, page, paragraphs, story_page
from tests.sample.pages import ARTICLES
from tests.sample.prose import Story, english_stories, foreign_stories, lines, rank

NESTED_TAGS = 5_000
OVERSIZED_BYTES = 4 * 1024 * 1024
CHUNK = 700
MARKDOWN = (
    "# How to **grease** the bearing\n\n* take off the [cover](https://sample.example/cover)\n"
    "* wipe it with `soft cloth`\n\n## And then\n\n> Do *not* use motor oil.\n\n1. close the gate\n2. wait"
)
CHARSETS = (("windows-1251", "ru"), ("shift_jis", "ja"), ("iso-8859-1", "fr"), ("gb18030", "zh"), ("euc-kr", "ko"))


def spare(number: int) -> Story:
    """Return an English story that no article tells."""
    return english_stories()[ARTICLES + number]


def content_type(value: str) -> Headers:
    """Return the one header that states a media type."""
    return (("Content-Type", value),)


def odd(
    name: str,
    body: str | bytes,
    kind: Kind = "page",
    *,
    headers: Headers = HTML,
    language: str = "en",
    category: Category = "general",
    host: str = "sample.example",
) -> Capture:
    """Return a capture whose path is its purpose."""
    content = body.encode() if isinstance(body, str) else body
    return Capture(f"https://{host}/{name}", content, kind, name, "", language, category, headers=headers)


def chunked(body: bytes) -> bytes:
    """Return a body in the chunked transfer coding.

    >>> chunked(b"mill")
    b'4\\r\\nmill\\r\\n0\\r\\n\\r\\n'
    """
    pieces = [body[start : start + CHUNK] for start in range(0, len(body), CHUNK)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def charsets() -> Iterator[Capture]:
    """Yield pages in old character sets; the last ones say so in a `meta` element only."""
    for charset, language in CHARSETS:
        body = story_page(foreign_stories(language)[-1], charset=charset).replace("©", "(c)").replace("–", "-")
        announced = charset in {"windows-1251", "shift_jis", "iso-8859-1"}
        headers = content_type(f"text/html; charset={charset}" if announced else "text/html")
        yield odd(
            f"charset/{charset}", body.encode(charset), headers=headers, language=language, category="multilingual"
        )


def encodings() -> Iterator[Capture]:
    """Yield pages behind a content or transfer coding."""
    packed = gzip.compress(story_page(spare(0)).encode(), mtime=0)
    yield odd("encoding/gzip", packed, headers=(*HTML, ("Content-Encoding", "gzip")))
    packed = brotli.compress(story_page(spare(1)).encode())
    yield odd("encoding/brotli", packed, headers=(*HTML, ("Content-Encoding", "br")))
    packed = chunked(story_page(spare(2)).encode())
    yield odd("encoding/chunked", packed, headers=(*HTML, ("Transfer-Encoding", "chunked")))
    packed = chunked(gzip.compress(story_page(spare(3)).encode(), mtime=0))
    headers = (*HTML, ("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"))
    yield odd("encoding/gzip-and-chunked", packed, headers=headers)


def forms() -> Iterator[Capture]:
    """Yield pages that are written or announced in an unusual way."""
    xhtml = story_page(spare(4), head='<link rel="canonical" href="/markup/xhtml" />\n')
    xhtml = xhtml.replace("<!DOCTYPE html>", '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>')
    xhtml = xhtml.replace("<html ", '<html xmlns="http://www.w3.org/1999/xhtml" ').replace('"utf-8">', '"utf-8" />')
    yield odd("markup/xhtml", xhtml, headers=content_type("application/xhtml+xml"))
    yield odd("markup/unclosed-tags", story_page(spare(5)).replace("</p>", "").replace("</li>", ""))
    literal = replace(spare(6), paragraphs=(*spare(6).paragraphs, *MARKDOWN.split("\n\n")))
    yield odd("markup/literal-markdown", story_page(literal))
    yield odd("headers/no-content-type", story_page(spare(7)), "untyped", headers=())
    octets = content_type("application/octet-stream")
    yield odd("headers/wrong-content-type", story_page(spare(8)), "mistyped", headers=octets)
    nested = page("Nested", "en", "<div>" * NESTED_TAGS + paragraphs(spare(9)) + "</div>" * NESTED_TAGS)
    yield odd("hostile/nested-tags", nested, "hostile")


def worthless() -> Iterator[Capture]:
    """Yield pages that heuristics should drop."""
    stuffed = " ".join(lines("spam") * 12)
    yield odd("spam/keywords", page("Cheap grain mill", "en", f"<p>{stuffed}</p>"), "spam", host="shop.example")
    entries = [
        f"2024-03-04 {rank(f'log/{i}') % 24:02d}:{i % 60:02d}:{i * 7 % 60:02d} gate north opened, level {100 + i} cm, "
        "keeper notified by message, no further action is required"
        for i in range(240)
    ]
    joined = "<br>\n".join(entries)
    yield odd("log/gate", page("Log of the gate", "en", f"<div>{joined}</div>"), "log", host="log.example")
    yield odd(
        "short/one-line", page("Closed", "en", "<p>The mill is closed on Monday because of the wind.</p>"), "short"
    )
    around = navigation("en") + cookie_banner("en") + footer("en")
    around = f"<html><head><title>Menu</title></head><body>{around}</body></html>"
    yield odd("boilerplate/navigation-only", around, "boilerplate_only", language="", category="")


def personal() -> Iterator[Capture]:
    """Yield pages with made-up people: reserved host names, fictional numbers, test cards."""
    line = "Write to anna.miller@example.com or call +1 202-555-0143 before you come."
    yield odd("pii/contact", story_page(spare(10), line), "pii", host="people.example")
    line = "The test order was paid with card 4111 1111 1111 1111 from the address 203.0.113.77 at noon."
    yield odd("pii/card", story_page(spare(11), line), "pii", host="people.example")
    rows = "".join(
        f"<p>Member {i} of the guild of millers can be reached as member.{i}@example.org and by telephone under "
        f"+1 202-555-01{i:02d} on weekdays.</p>\n"
        for i in range(60)
    )
    yield odd("pii/directory", page("Members", "en", rows), "pii_dense", host="people.example")


def reserved() -> Iterator[Capture]:
    """Yield pages whose owners do not want them to be learned from."""
    yield odd(
        "optout/robots-header", story_page(spare(12)), "optout", headers=(*HTML, ("X-Robots-Tag", "noai, noimageai"))
    )
    yield odd("optout/tdm-header", story_page(spare(13)), "optout", headers=(*HTML, ("TDM-Reservation", "1")))
    head = '<meta name="robots" content="noai, noimageai">\n'
    yield odd("optout/robots-meta", story_page(spare(14), head=head), "optout")
    head = '<meta name="tdm-reservation" content="1">\n'
    yield odd("optout/tdm-meta", story_page(spare(15), head=head), "optout")


def oversized() -> Capture:
    """Return a page whose body is above 4 MiB."""
    block = paragraphs(spare(16)) + "\n"
    return odd("broken/oversized", page("Long", "en", block * (OVERSIZED_BYTES // len(block) + 2)), "oversized")


def truncated() -> Iterator[Capture]:
    """Yield pages that the crawler did not read to their end."""
    for number, reason in enumerate(("length", "time", "disconnect")):
        body = story_page(spare(17 + number)).encode()
        capture = odd(
            f"broken/truncated-{reason}" if number else "broken/truncated", body[: len(body) * 2 // 3], "truncated"
        )
        yield replace(capture, warc_headers=(("WARC-Truncated", reason),))


def oddities() -> list[Capture]:
    """Return every page of this module."""
    groups = (charsets(), encodings(), forms(), worthless(), personal(), reserved(), truncated(), (oversized(),))
    return [capture for group in groups for capture in group]


def damaged() -> Capture:
    """Return the page within which the last file ends."""
    return odd("broken/damaged-file", story_page(spare(20)), "damaged")
