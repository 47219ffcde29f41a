"""Extraction beside trafilatura's default and resiliparse's main content: what each keeps of real pages, and how fast.

`python -m tests.benchmarks.extraction --crawl DIR [--every N] [--folds DIR] [--json FILE]`, where DIR of the crawl
holds WARC files and `gold.jsonl.gz`. Each page is read by our model that was fitted without its site. All readers begin
with the bytes of the page: what it costs to find the charset is part of every reader's time. A reader has read all
pages before the next one begins, as in a job, where a process runs one of them; pages are read fold by fold.
"""

import argparse
import json
import logging
import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import trafilatura
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from classifiers.main_content.gold import FOLDS, GoldPage
from classifiers.main_content.out_of_fold import fold_model
from pipeline.kernels.extraction import Extraction, extract
from pipeline.kernels.html.main_content.model import PAGE_TYPES
from pipeline.kernels.warc.charset import decode, to_utf_8
from tests.benchmarks.extraction_tables import tables
from tests.conftest import SHARED
from tests.quality.extraction_scores import (
    FOLD_MODELS,
    Gold,
    Scored,
    gold_pages,
    missing_folds,
    score_page,
    sum_up,
    true_type,
)

OURS: Final = "gristmill"
BINS: Final = 5
_WARM_UP: Final = 3

Reader = Callable[[GoldPage], Any]
Figures = dict[str, Any]


def readers(folds: Path) -> dict[str, Reader]:
    """Return name → reader of a page's bytes."""
    for fold in range(FOLDS):
        fold_model(folds, fold)

    def ours(page: GoldPage) -> Extraction:
        source, _ = to_utf_8(page.body.content, page.body.charset)
        return extract(source, page.url, model=fold_model(folds, page.fold))

    return {
        OURS: ours,
        "trafilatura": lambda page: trafilatura.extract(_decoded(page), url=page.url),
        "resiliparse": lambda page: extract_plain_text(HTMLTree.parse(_decoded(page)), main_content=True),
    }


def _decoded(page: GoldPage) -> str:
    return decode(page.body.content, page.body.charset)[0]


class Readings:
    """What every reader made of every page.

    Attributes:
        scored: Reader → what each page scored.
        seconds: Reader → CPU seconds of each page.
        ours: What we found on each page.
    """

    def __init__(self) -> None:
        self.scored: defaultdict[str, list[Scored]] = defaultdict(list)
        self.seconds: defaultdict[str, list[float]] = defaultdict(list)
        self.ours: list[Extraction] = []

    def add(self, name: str, reader: Reader, pages: Sequence[tuple[GoldPage, Gold]]) -> None:
        """Let a reader read all pages, and score what it made of them."""
        made: list[Any] = []
        for page, _ in pages:
            start = time.process_time()
            made.append(reader(page))
            self.seconds[name].append(time.process_time() - start)
        if name == OURS:
            self.ours = made
            made = [extraction.text for extraction in made]
        self.scored[name] = [score_page(gold, text or "") for (_, gold), text in zip(pages, made, strict=True)]


def figures(readings: Readings) -> Figures:
    """Return all that was measured, for people and programs."""
    ours = readings.scored[OURS]
    sums = {name: sum_up(scored) for name, scored in readings.scored.items()}
    return {
        "pages": len(readings.ours),
        "sets": {name: scores.sets for name, scores in sums.items()},
        "page_types": {name: scores.page_types for name, scores in sums.items()},
        "speed": {name: speed(seconds) for name, seconds in readings.seconds.items()},
        "confusion": confusion(ours, [result.page_type for result in readings.ours]),
        "reliability": reliability(ours, [result.confidence for result in readings.ours]),
    }


def speed(seconds: Sequence[float]) -> dict[str, float]:
    """Return pages per second, and the milliseconds of the middle, the slow and the slowest page."""
    p50, p99, most = (1000 * float(np.quantile(seconds, share)) for share in (0.5, 0.99, 1))
    return {"pages_per_second": len(seconds) / sum(seconds), "p50_ms": p50, "p99_ms": p99, "max_ms": most}


def confusion(pages: Sequence[Scored], found: Sequence[str | None]) -> dict[str, dict[str, int]]:
    """Return true type → type that was found → pages; "none" for a page without text."""
    pairs = Counter((true_type(page), kind or "none") for page, kind in zip(pages, found, strict=True))
    return {true: {kind: pairs[true, kind] for kind in (*PAGE_TYPES, "none")} for true in PAGE_TYPES}


def reliability(pages: Sequence[Scored], confidence: Sequence[float]) -> list[dict[str, float]]:
    """Return the mean confidence and the mean F1 of pages with gold text, in bins of equal size by confidence."""
    known = sorted(
        (sure, page.measures["F1"]) for page, sure in zip(pages, confidence, strict=True) if "F1" in page.measures
    )
    bins = [np.array(part) for part in np.array_split(known, min(BINS, len(known)))] if known else []
    return [
        {
            "pages": len(part),
            "from": float(part[0, 0]),
            "to": float(part[-1, 0]),
            "confidence": float(part[:, 0].mean()),
            "F1": float(part[:, 1].mean()),
        }
        for part in bins
    ]


def measure(crawl: Path, folds: Path, every: int) -> Figures:
    """Read every N-th page that has gold, and return what came of it."""
    pages = sorted(list(gold_pages(crawl))[::every], key=lambda pair: pair[0].fold)
    load = os.getloadavg()[0]
    readings = Readings()
    for name, reader in readers(folds).items():
        for page, _ in pages[:_WARM_UP]:
            reader(page)  # imports and first uses are no page's cost
        readings.add(name, reader, pages)
    size = sum(len(page.body.content) for page, _ in pages)
    return {"load_before": load, "megabytes": size / 1e6, **figures(readings)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.extraction", description=__doc__)
    parser.add_argument("--crawl", type=Path, required=True, metavar="DIR")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="read only every N-th page")
    parser.add_argument("--folds", type=Path, default=FOLD_MODELS, metavar="DIR", help="models fold0.npz to fold4.npz")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    asked = parser.parse_args()
    if not (SHARED / "bench").is_dir():
        parser.error(f"the scoring scripts are not part of the project, and not in {SHARED / 'bench'}")
    if missing := missing_folds(asked.folds):
        parser.error(f"{asked.folds} holds no {missing[0]}; classifiers.main_content.fit --folds writes it")
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    result = measure(asked.crawl, asked.folds, asked.every)
    print("\n".join(tables(result, OURS)))
    if asked.json:
        asked.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
