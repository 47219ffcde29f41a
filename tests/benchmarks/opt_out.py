"""What opt-outs cost: addresses judged by robots.txt, a second and core, and what reading metas adds to ingest.

`python -m tests.benchmarks.opt_out [--sites 200] [--pages 200] [--input WARC [WARC …]]`

The sites are synthetic: robots files of 3 to 60 groups and rules, of which some are for crawlers that train models. The
second figure takes WARC files and is left out without any.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import pyarrow as pa

from pipeline.cells.parts import Part
from pipeline.engine.tables import NO_TABLES
from pipeline.opt_out.files import LATEST, ROBOTS, packed
from pipeline.opt_out.match_pages import CrawlerPolicy, judged
from pipeline.stages import ingest
from pipeline.stages.ingest import IngestParams, measure_ingest
from pipeline.stages.opt_out import OptOutParams

_WORDS = ("rye", "oat", "wheat", "search", "private", "tag", "user", "cart", "draft", "2024", "feed", "api")
_CRAWLERS = ("Googlebot", "bingbot", "AhrefsBot", "SemrushBot", "GPTBot", "CCBot", "ClaudeBot", "Bytespider")


def robots(draw: Random) -> str:
    """Return a robots.txt: a group for everyone, and some for crawlers."""
    rules = "".join(f"Disallow: /{'/'.join(draw.choices(_WORDS, k=2))}\n" for _ in range(draw.randint(2, 30)))
    rules += "Disallow: /*?sort=\nAllow: /rye/$\nCrawl-delay: 5\n"
    groups = [f"User-agent: {name}\nDisallow: /\n\n" for name in draw.sample(_CRAWLERS, draw.randint(0, 6))]
    return f"User-agent: *\n{rules}\n" + "".join(groups)


def rows(sites: int, pages: int) -> Iterator[pa.RecordBatch]:
    """Yield what a task is handed: the robots file of a site, then its pages."""
    draw = Random(5)
    for site in range(sites):
        host = f"site-{site}.example"
        lines: list[tuple[Any, ...]] = [(host, ROBOTS, -LATEST, None, None, packed(robots(draw).encode()))]
        for page in range(pages):
            path = "/".join(draw.choices(_WORDS, k=draw.randint(1, 4)))
            query = draw.choice(("", "", "", "?sort=new", "?page=2"))
            lines.append((host, 2, 0, 1, page, f"https://{host}/{path}{query}".encode()))
        names = ("site", "kind", "age", "part_id", "row", "content")
        yield pa.RecordBatch.from_pylist([dict(zip(names, line, strict=True)) for line in lines])


def seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds of the fastest of three tries."""
    result = []
    for _ in range(3):
        start = time.process_time()
        work()
        result.append(time.process_time() - start)
    return min(result)


def ingest_seconds(paths: list[str]) -> tuple[float, float]:
    """Return the CPU seconds of ingest's measure, with and without the reading of metas."""

    def read() -> None:
        for path in paths:
            part = Part("p", path, path, Path(path).stat().st_size, "")
            for _ in measure_ingest(iter(()), IngestParams(), NO_TABLES.of_part(part)):
                pass

    read()
    with patch.object(ingest, "declared_metas", lambda *_: (None, None)):
        without = seconds(read)
    return seconds(read), without


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sites", type=int, default=200)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--input", nargs="*", default=[])
    options = parser.parse_args()
    batches = list(rows(options.sites, options.pages))
    agents = OptOutParams().agents
    out = sum(batch.num_rows for batch in judged(iter(batches), CrawlerPolicy(agents, all_of_them=False)))
    took = seconds(lambda: list(judged(iter(batches), CrawlerPolicy(agents, all_of_them=False))))
    count = options.sites * options.pages
    print(
        f"{count:,} addresses of {options.sites} sites, {len(agents)} agents: {count / took:,.0f}/s/core, {out:,} out"
    )
    if options.input:
        with_metas, without = ingest_seconds(options.input)
        more = f"{100 * (with_metas / without - 1):+.1f} %"
        print(f"ingest's measure: {without:.2f} CPU s without metas, {with_metas:.2f} with: {more}")


if __name__ == "__main__":
    main()
