"""Plants made-up log dumps into texts of real pages and tells what of them, and of the pages, is removed.

`python -m tests.benchmarks.planted_dumps --hosts FILE…`: JSON lines (`.gz` or not) with `text`, and `type` or `set`,
`url`, `spans` if they have them; or a folder of WARC files, whose pages (those in its `gold.jsonl.gz`, if there
is one) are extracted first. Only hosts that the net was not fitted on take part, unless `--all-hosts` is given.
"""

import argparse
import gzip
import json
import random
import time
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.kernels.log_lines.find import find_log_lines
from pipeline.kernels.text.prose import spans_of
from pipeline.kernels.text.spans import Span
from schemas.columns import NO_PROSE, SPAN_TYPE
from tests.benchmarks.dump_generators import KINDS, dump

Counts = dict[str, list[int]]


class Host(NamedTuple):
    """A text of a page; `sort` is its collection and type."""

    url: str
    sort: str
    text: str
    spans: list[Span]

    @property
    def is_held_out(self) -> bool:
        """Whether fitting leaves it out: every third one, by its address."""
        return zlib.crc32(self.url.encode()) % 3 == 0


class Planted(NamedTuple):
    """A text with a dump in it: its lines, and which of them are the dump's."""

    lines: list[str]
    is_dump: list[bool]


def read_hosts(paths: Iterable[Path]) -> Iterator[Host]:
    """Yield the texts of files and folders."""
    for path in paths:
        if path.is_dir():
            yield from _extracted(path)
            continue
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            for number, page in enumerate(map(json.loads, lines)):
                sort = "/".join(page[key] for key in ("set", "type") if page.get(key)) or path.name.split(".")[0]
                spans = [Span(*span) for span in page.get("spans") or ()]
                if page.get("text"):
                    yield Host(page.get("url") or f"{path.name}:{number}", sort, page["text"], spans)


def _extracted(crawl: Path) -> Iterator[Host]:
    from classifiers.main_content.gold import newest_pages, read_gold
    from pipeline.kernels.extraction import extract

    if not (crawl / "gold.jsonl.gz").exists():
        for warc in sorted(crawl.glob("*.warc.gz")):
            for url, body in newest_pages([warc]).items():
                read = extract(body.html, url)
                yield Host(url, warc.name.split(".")[0], read.text, read.spans)
        return
    for page in read_gold(crawl):
        read = extract(page.html, page.url)
        yield Host(page.url, f"{page.collection}/{page.page_type}", read.text, read.spans)


def plain_lines(host: Host) -> list[str]:
    """Return the lines of a host that are neither blank nor code, math or rows of a table."""
    text, marked = host.text, [span for span in host.spans if span.kind != "heading"]
    for start, end, _ in sorted(marked, reverse=True):
        text = text[:start] + text[end:]
    return [line for line in text.split("\n") if line.strip()]


def plant(lines: list[str], kind: str, seed: random.Random) -> Planted:
    """Return a host's lines with a dump of 5 to 300 lines among them, in one block or in up to three."""
    made = dump(kind, random.Random(seed.random()), round(5 * (60 if seed.random() < 0.2 else 12) ** seed.random()))
    blocks = seed.choice((1, 1, 1, 2, 3)) if len(made) >= 15 else 1
    places = sorted(seed.sample(range(len(lines) + 1), min(blocks, len(lines) + 1)))
    bounds = [round(at * len(made) / len(places)) for at in range(len(places) + 1)]
    result, is_dump, done = [], [], 0
    for number, place in enumerate(places):
        block = made[bounds[number] : bounds[number + 1]]
        result += lines[done:place] + block
        is_dump += [False] * (place - done) + [True] * len(block)
        done = place
    return Planted(result + lines[done:], is_dump + [False] * (len(lines) - done))


def removed_lines(texts: list[str], spans: list[list[Span]]) -> list[set[int]]:
    """Return where the removed lines of each text begin, with the settings of the stage."""
    result: list[set[int]] = [set() for _ in texts]
    for start in range(0, len(texts), 1024):
        some = [[span._asdict() for span in each] for each in spans[start : start + 1024]]
        column = pa.array(some, pa.list_(SPAN_TYPE))
        batch = pa.array(texts[start : start + 1024], pa.string())
        gone = find_log_lines(batch, spans_of(column, NO_PROSE), spans_of(column, ("table",)))
        for text, at in zip(gone.text.tolist(), gone.start.tolist(), strict=True):
            result[start + text].add(at)
    return result


def count_planted(hosts: list[Host], kinds: Iterable[str], each: int, seed: int = 7) -> tuple[Counts, Counts]:
    """Plant `each` dumps of each kind.

    Returns:
        By kind: dump lines, those removed, other lines, those removed. By sort of host: other lines, those removed.
    """
    rng = random.Random(seed)
    by_kind: Counts = defaultdict(lambda: [0] * 4)
    by_sort: Counts = defaultdict(lambda: [0] * 2)
    for kind in kinds:
        chosen = rng.sample(hosts, min(each, len(hosts)))
        planted = [plant(plain_lines(host), kind, rng) for host in chosen]
        gone = removed_lines(["\n".join(one.lines) for one in planted], [[] for _ in planted])
        for host, one, starts in zip(chosen, planted, gone, strict=True):
            at = 0
            for line, is_dump in zip(one.lines, one.is_dump, strict=True):
                counts = by_kind[kind]
                counts[0 if is_dump else 2] += 1
                counts[1 if is_dump else 3] += at in starts
                if not is_dump:
                    by_sort[host.sort][0] += 1
                    by_sort[host.sort][1] += at in starts
                at += len(line) + 1
    return by_kind, by_sort


def count_clean(hosts: list[Host]) -> Counts:
    """Return by sort of host: lines of pages as they are, blank ones and spared ones aside, and those removed."""
    by_sort: Counts = defaultdict(lambda: [0] * 2)
    gone = removed_lines([host.text for host in hosts], [host.spans for host in hosts])
    for host, starts in zip(hosts, gone, strict=True):
        at = 0
        for line in host.text.split("\n"):
            by_sort[host.sort][0] += bool(line.strip())
            by_sort[host.sort][1] += bool(line.strip()) and at in starts
            at += len(line) + 1
    return by_sort


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / max(whole, 1):.2f} %"


def _table(title: str, counts: Counts) -> None:
    width = len(next(iter(counts.values())))
    print(f"\n| {title} | " + ("dump lines | removed | " if width == 4 else "") + "other lines | removed |")
    print("|---|" + "---:|" * width)
    total = [sum(each[at] for each in counts.values()) for at in range(width)]
    for name, each in [*sorted(counts.items()), ("all", total)]:
        cells = [f"{each[at]:,} | {_percent(each[at + 1], each[at])}" for at in range(0, width, 2)]
        print(f"| {name} | " + " | ".join(cells) + " |")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=Path, nargs="+", required=True)
    parser.add_argument("--kinds", nargs="+", default=sorted(KINDS))
    parser.add_argument("--each", type=int, default=100, help="dumps of each kind")
    parser.add_argument("--all-hosts", action="store_true", help="also those that the net was fitted on")
    asked = parser.parse_args()
    pages = [host for host in read_hosts(asked.hosts) if asked.all_hosts or host.is_held_out]
    hosts = [host for host in pages if 3 <= len(plain_lines(host)) <= 1000]
    by_kind, by_sort = count_planted(hosts, asked.kinds, asked.each)
    _table("kind of dump", by_kind)
    _table("host of a dump", by_sort)
    _table("page as it is", count_clean(pages))
    texts = [host.text for host in pages]
    start = time.process_time()
    removed_lines(texts, [[] for _ in texts])
    each = (time.process_time() - start) / len(texts)
    print(
        f"\n{len(texts):,} pages of {np.mean([len(t) for t in texts]):,.0f} characters: {each * 1e6:.0f} µs per page",
        end="",
    )
    print(f", {1 / each:,.0f} pages/s/core")


if __name__ == "__main__":
    main()
