"""Pages a second on one core: our extraction beside trafilatura's default and resiliparse's main content alone.

`python -m tests.benchmarks.extraction_speed --input WARC [WARC …] [--every N]`
"""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import trafilatura
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from classifiers.fit_second_opinion import newest_pages
from pipeline.kernels.extraction import extract

OURS = "gristmill"
READERS: dict[str, Callable[[str, str], object]] = {
    OURS: extract,
    "trafilatura, default": lambda html, url: trafilatura.extract(html, url=url),
    "resiliparse, main content": lambda html, _: extract_plain_text(HTMLTree.parse(html), main_content=True),
}


def measure(pages: dict[str, str]) -> dict[str, list[float]]:
    """Return reader → CPU seconds a page; every reader reads a page before the next page comes."""
    seconds: dict[str, list[float]] = {name: [] for name in READERS}
    for url, html in pages.items():
        for name, read in READERS.items():
            start = time.process_time()
            read(html, url)
            seconds[name].append(time.process_time() - start)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.extraction_speed", description=__doc__)
    parser.add_argument("--input", nargs="+", type=Path, required=True, metavar="WARC")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="read only every N-th page")
    asked = parser.parse_args()
    pages = dict(list(newest_pages(asked.input).items())[:: asked.every])
    measure(dict(list(pages.items())[:3]))  # imports and first uses are no page's cost
    load = os.getloadavg()[0]
    found = measure(pages)
    print(f"{len(pages):,} pages, {sum(map(len, pages.values())) / 1e6:.1f} M characters; load {load:.2f}\n")
    print("| reader | pages/s/core | p50 ms | p99 ms | max ms |\n|---|---:|---:|---:|---:|")
    for name, seconds in found.items():
        p50, p99, most = (1000 * float(np.quantile(seconds, q)) for q in (0.5, 0.99, 1.0))
        print(f"| {name} | {len(seconds) / sum(seconds):.1f} | {p50:.1f} | {p99:.1f} | {most:.0f} |")


if __name__ == "__main__":
    main()
