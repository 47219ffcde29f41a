"""Which capture goes into which file, and what is expected of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.sample.capture import Capture
from tests.sample.fates import Fate
from tests.sample.manuals import manual_pages
from tests.sample.mathematics import math_pages
from tests.sample.oddities import damaged, oddities
from tests.sample.pages import THREADS, articles, copies, thread
from tests.sample.prose import rank
from tests.sample.refusals import refusals
from tests.sample.warc import description, member, request, response

FILES = ("sample-00000.warc.gz", "sample-00001.warc.gz", "sample-00002.warc", "sample-00003.warc.gz")
# Of twelve captures one goes to the plain file, which is not compressed, and none of the large ones.
_SEATS = (0, 0, 0, 0, 1, 1, 1, 1, 2, 3, 3, 3)
_LARGE = 40_000


@cache
def captures() -> tuple[tuple[str, Capture], ...]:
    """Return file name and capture of every complete record, in the order of writing."""
    threads = [thread(number) for number in range(THREADS)]
    everything = [*articles(), *threads, *manual_pages(), *math_pages(), *copies(), *oddities(), *refusals()]
    hashed = []
    for capture in everything:
        draw = rank(capture.record_id)
        slot = 0 if len(capture.body) > _LARGE else _SEATS[draw % len(_SEATS)]
        hashed.append((slot, draw, capture))
    hashed.sort(key=lambda place: place[:2])
    return tuple((FILES[slot], capture) for slot, _, capture in hashed)


def expected_fates() -> dict[str, Fate]:
    """Return the purpose of every response record, by WARC-Record-ID."""
    planted = (*captures(), (FILES[-1], damaged()))
    return {
        capture.record_id: Fate(
            capture.record_id,
            capture.url,
            capture.kind,
            capture.purpose,
            capture.of,
            capture.language,
            capture.category,
            file,
        )
        for file, capture in planted
    }


def records(file: str) -> Iterator[bytes]:
    """Yield the records of a file: its description, then request and response by turns."""
    yield description(file)
    for name, capture in captures():
        if name == file:
            if capture.kind != "dns":
                yield request(capture)
            yield response(capture)


def write_sample(directory: Path) -> list[Path]:
    """Write the sample crawl and return its files in order.

    The last file ends in the middle of a gzip member, as after a broken transfer.
    """
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for file in FILES:
        target = directory / file
        members = [member(one) if file.endswith(".gz") else one for one in records(file)]
        if file == FILES[-1]:
            torn = member(response(damaged()))
            members.append(torn[: len(torn) // 2])
        target.write_bytes(b"".join(members))
        written.append(target)
    return written
