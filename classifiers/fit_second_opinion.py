"""Fits the weights by which `second_opinion` tells which pages are worth a second reading.

`python -m classifiers.fit_second_opinion --crawl DIR`, where DIR holds WARC files and `gold.jsonl.gz`, a line a page:
its `url`, its `site`, and its main `text`.
"""

import argparse
import gzip
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.kernels.charset import decode
from pipeline.kernels.extraction import plain_page
from pipeline.kernels.http import BodyTooLargeError, UndecodableBodyError, decode_body, header_charset, parse_head
from pipeline.kernels.main_content import quick_lines, second_lines
from pipeline.kernels.second_opinion import WORTH_IT, doubt_signals
from pipeline.kernels.warc import ScanReport, read_responses
from pipeline.kernels.words import find_words

Floats = npt.NDArray[np.float64]

FOLDS = 5
PENALTY = 10.0
THRESHOLDS = (0.02, 0.026, WORTH_IT, 0.035, 0.05, 0.07)
_MAX_BYTES = 8 << 20
_DAWN = datetime.min.replace(tzinfo=UTC)


class Reading(NamedTuple):
    """A page read twice: its site, its signals, and the F1 of the cheap reading and of the one that a second gives."""

    site: str
    signals: dict[str, float]
    first: float
    second: float


def newest_pages(warcs: Iterable[Path]) -> dict[str, str]:
    """Return URL → HTML of the newest good answer."""
    found: dict[str, tuple[datetime, str]] = {}
    for path in warcs:
        with path.open("rb") as stream:
            for response in read_responses(stream, _MAX_BYTES, ScanReport()):
                head = parse_head(response.payload)
                date = response.date or _DAWN
                if head is None or head.status != 200 or not response.url:
                    continue
                if response.url in found and found[response.url][0] >= date:
                    continue
                try:
                    body = decode_body(response.payload[head.body_start :], head.headers, _MAX_BYTES)
                except (BodyTooLargeError, UndecodableBodyError):
                    continue
                found[response.url] = date, decode(body, header_charset(head.headers.get("content-type")))[0]
    return {url: html for url, (_, html) in found.items()}


def bag_f1(text: str, gold: str) -> float:
    """Return the F1 of a text's bag of words.

    >>> bag_f1("the mill turns", "the mill stands still")
    0.5714285714285714
    """
    words = find_words(pa.array([text, gold]))
    cut = int(words.offsets[1])
    found, wanted = Counter(words.hashes[:cut].tolist()), Counter(words.hashes[cut:].tolist())
    return 2 * (found & wanted).total() / max(1, found.total() + wanted.total())


def read_twice(html: str, gold: Mapping[str, Any]) -> Reading:
    """Read a page both ways and score the readings."""
    page = plain_page(html)
    lines = quick_lines(page.tree)
    signals = doubt_signals(page.tree, page.lowered, lines)
    other = second_lines(page.tree, gold["url"], lines)
    first = bag_f1(page.vault.expand("\n".join(lines)), gold["text"])
    second = first if other is None else bag_f1(page.vault.expand("\n".join(other)), gold["text"])
    return Reading(gold["site"], signals, first, second)


def ridge(signals: Floats, gains: Floats) -> Floats:
    """Return the intercept and the weights of a ridge regression on standardised signals, for signals as they are.

    >>> ridge(np.arange(1000.0)[:, None], 3 * np.arange(1000.0) + 1).round(1).tolist()
    [15.8, 3.0]
    """
    mean, spread = signals.mean(0), signals.std(0) + 1e-9
    design = np.c_[np.ones(len(signals)), (signals - mean) / spread]
    shrink = np.diag([0.0, *[PENALTY] * signals.shape[1]])
    solved = np.linalg.solve(design.T @ design + shrink, design.T @ gains)
    weights = solved[1:] / spread
    return np.asarray(np.r_[solved[0] - weights @ mean, weights])


def out_of_fold(signals: Floats, gains: Floats, sites: list[str]) -> Floats:
    """Return each page's expected gain by weights fitted on the other sites: a fifth of all is held back at a time."""
    fold = np.array([zlib.crc32(site.encode()) % FOLDS for site in sites])
    expected = np.zeros(len(gains))
    for number in range(FOLDS):
        held = fold == number
        fitted = ridge(signals[~held], gains[~held])
        expected[held] = fitted[0] + signals[held] @ fitted[1:]
    return expected


def report(readings: list[Reading]) -> list[str]:
    """Return the weights, and what they reach on sites that they were not fitted on."""
    names = list(readings[0].signals)
    signals = np.array([[one.signals[name] for name in names] for one in readings])
    first, second = (np.array([getattr(one, name) for one in readings]) for name in ("first", "second"))
    weights = ridge(signals, second - first)
    expected = out_of_fold(signals, second - first, [one.site for one in readings])
    lines = [f"{len(readings):,} pages of {len({one.site for one in readings}):,} sites"]
    lines += [f'    "{name}": {weight:.4f},' for name, weight in zip(names, weights[1:], strict=True)]
    lines += [f"intercept: {weights[0]:.4f}", f"F1 .{first.mean() * 1e4:04.0f} where no page is read twice"]
    for limit in THRESHOLDS:
        twice = expected > limit
        reached = np.where(twice, second, first).mean()
        lines.append(f"F1 .{reached * 1e4:04.0f} out of fold above {limit}: {twice.mean():.1%} read twice")
    lines.append(f"F1 .{second.mean() * 1e4:04.0f} where all are")
    lines.append(f"F1 .{np.maximum(first, second).mean() * 1e4:04.0f} where the better of the two is known")
    return lines


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(prog="python -m classifiers.fit_second_opinion", description=__doc__)
    parser.add_argument("--crawl", type=Path, required=True, metavar="DIR")
    crawl = parser.parse_args().crawl
    with gzip.open(crawl / "gold.jsonl.gz", "rt", encoding="utf-8") as lines:
        gold = [page for page in map(json.loads, lines) if page.get("text")]
    pages = newest_pages(sorted(crawl.glob("*.warc.gz")))
    found = [page for page in gold if page["url"] in pages]
    with ProcessPoolExecutor() as pool:
        readings = list(pool.map(read_twice, [pages[page["url"]] for page in found], found, chunksize=16))
    print("\n".join(report(readings)))  # noqa: T201  (the answer)


if __name__ == "__main__":
    main()
