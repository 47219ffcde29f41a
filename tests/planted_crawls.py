"""Crawls with one thing wrong with each, and their reports: `python -m tests.planted_crawls FOLDER`.

The report says what it is in its first two findings: a limit that drops all Japanese pages, a page that stands 500
times more, a host that fills a third of the release.
"""

import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

from tests.sample.capture import Capture
from tests.sample.prose import choose, fill, in_paragraphs, lines
from tests.sample.warc import member, response

KINDS = ("a", "b", "c")
"""A bad rule, a large group of copies, a large host."""
COPIES = 500
GROUP = "https://mirror-000.example/the-page"
LARGE = "everything.example.org"
SETTINGS = {"a": ('heuristics.languages={"ja":{"min_words":2000}}',), "b": (), "c": ()}
_PAGES = {"en": 420, "ja": 90, "de": 90, "fr": 60}
_LARGE_PAGES = 260
_PER_HOST = 6


def page(url: str, language: str, key: str) -> Capture:
    """Return a page of sentences that no other page has in this order."""
    if language == "en":
        sentences = [fill(text, f"{key}/{text}", key.replace("/", " ")) for text in _picked("general", key, 14)]
    else:
        sentences = list(_picked(language, key, 10, 5))
    body = "".join(f"<p>{escape(part)}</p>" for part in in_paragraphs(sentences, language, 3))
    html = (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(sentences[0][:60])}</title>'
        f"</head><body><main><article><h1>{escape(sentences[0][:60])}</h1>{body}</article></main></body></html>"
    )
    return Capture(url, html.encode(), kind="page", purpose="planted", language=language)


def _picked(name: str, key: str, count: int, skipped: int = 0) -> Iterator[str]:
    texts = lines(name)[skipped:]
    return (texts[number] for number in choose(key, len(texts), min(count, len(texts))))


def captures(kind: str) -> Iterator[Capture]:
    """Yield the pages of a crawl.

    Args:
        kind: One of `KINDS`.
    """
    for language, count in _PAGES.items():
        for number in range(count):
            url = f"https://{language}-{number // _PER_HOST:03}.example/page/{number}"
            yield page(url, language, f"{language}/{number}")
    if kind == "b":
        original = page(GROUP, "en", "copied")
        for number in range(COPIES + 1):
            html = original.body.replace(
                b"</article>", b"<p>%d</p></article>" % number if number % 2 else b"</article>"
            )
            url = f"https://mirror-{number // 3:03}.example/the-page{f'/{number}' if number else ''}"
            yield Capture(url, html, kind="page", purpose="planted", language="en")
    if kind == "c":
        for number in range(_LARGE_PAGES):
            yield page(f"https://{LARGE}/page/{number}", "en", f"large/{number}")


def curated(kind: str, folder: Path) -> Path:
    """Curate a crawl, and return the run."""
    from pipeline.curation import Request, curate

    warc = folder / f"planted-{kind}.warc.gz"
    warc.write_bytes(b"".join(member(response(capture)) for capture in captures(kind)))
    run = folder / f"planted-{kind}"
    curate(Request(output=str(run), inputs=(str(warc),), assignments=SETTINGS[kind]))
    return run


def main() -> None:
    from pipeline.report_page.report import Request, write_page

    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        write_page(Request(str(curated(kind, folder)), str(folder / f"planted_{kind}.html")), print)


if __name__ == "__main__":
    main()
