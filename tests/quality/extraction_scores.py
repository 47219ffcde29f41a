"""Scores extracted texts page by page with the shared script's own functions, and sums them up by set and page type."""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Final, NamedTuple

from classifiers.main_content.first_stage import TYPES
from classifiers.main_content.gold import FOLDS, GoldPage, read_gold
from classifiers.main_content.out_of_fold import read_out_of_fold
from tests.quality.scoring import bench

FOLD_MODELS: Final = Path(__file__).parent / "folds"
ALL: Final = "ALL"
# The set whose pages have types, by the beginning of its name.
TYPED: Final = "wcxb"

Measures = dict[str, float]
Gold = dict[str, Any]


class Scored(NamedTuple):
    """A page that was read and scored.

    Attributes:
        collection: The set that it comes from.
        page_type: Its type in the set's words.
        measures: What the shared script measures of it, F1 among others.
    """

    collection: str
    page_type: str
    measures: Measures


class Scores(NamedTuple):
    """What a reader reaches: set, or type of page → measure → mean. Row `ALL` of the sets is of all pages."""

    sets: dict[str, Measures]
    page_types: dict[str, Measures]


def missing_folds(folds: Path) -> list[str]:
    """Return the models of folds that are not in a directory."""
    return [name for name in (f"fold{fold}.npz" for fold in range(FOLDS)) if not (folds / name).is_file()]


def gold_pages(crawl: Path) -> Iterator[tuple[GoldPage, Gold]]:
    """Yield the pages of a crawl that have gold, each with its whole line of gold."""
    with gzip.open(crawl / "gold.jsonl.gz", "rt", encoding="utf-8") as lines:
        known = {line["url"]: line for line in map(json.loads, lines)}
    for page in read_gold(crawl):
        yield page, known[page.url]


def score_page(gold: Gold, text: str) -> Scored:
    """Score what was read of a page."""
    return Scored(gold["set"], gold["type"], bench("extraction").score_page(gold, text))


def sum_up(pages: Iterable[Scored]) -> Scores:
    """Return the means of what pages scored."""
    sets: defaultdict[str, list[Measures]] = defaultdict(list)
    types: defaultdict[str, list[Measures]] = defaultdict(list)
    for page in pages:
        sets[page.collection].append(page.measures)
        sets[ALL].append(page.measures)
        if page.collection.startswith(TYPED):
            types[page.page_type].append(page.measures)
    summary = bench("extraction").summary
    rows = sorted(name for name in sets if name != ALL)
    return Scores(
        {name: summary(sets[name]) for name in [*rows, ALL] if name in sets},
        {name: summary(types[name]) for name in sorted(types)},
    )


def true_type(page: Scored) -> str | None:
    """Return our word for a page's type; None where its set gives it none of ours."""
    return TYPES.get(page.page_type) if page.collection.startswith(TYPED) else None


def score_out_of_fold(crawl: Path, folds: Path) -> Scores:
    """Read every page with gold by the model that has not seen its site, and score it, in two processes."""
    pages = list(gold_pages(crawl))
    with ProcessPoolExecutor(2) as pool:
        return sum_up(pool.map(_read_and_score, *zip(*pages, strict=True), [folds] * len(pages), chunksize=16))


def _read_and_score(page: GoldPage, gold: Gold, folds: Path) -> Scored:
    return score_page(gold, read_out_of_fold(page, folds).text)
