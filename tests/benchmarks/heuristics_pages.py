"""Tells what heuristics drops of a crawl's pages, by page type and reason, and of planted junk pages.

`python -m tests.benchmarks.heuristics_pages --run RUN --gold gold.jsonl.gz`: a finished run of the crawl whose page
types the gold file knows (`url`, `set`, `type`). Pages have 100 words or more. Junk pages are judged in a run of their
own, with the token distribution of that run.
"""

import argparse
import gzip
import json
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.curation import Request, curate
from tests.benchmarks.junk_pages import junk_pages
from tests.benchmarks.stored_rows import judged_rows

MIN_WORDS = 100
REFERENCE = "documentation, code, math"
_REFERENCE_SETS = ("docs-code", "docs-math", "math-pages")
_COLUMNS = ("source_url", "n_words")
Fates = dict[str, Counter[str | None]]
"""Group of pages → reason, None for those that pass → pages."""


def page_groups(gold: Path) -> dict[str, str]:
    """Return URL → type of page, those of documentation, code and math as one."""
    with gzip.open(gold, "rt", encoding="utf-8") as lines:
        pages = [json.loads(line) for line in lines]
    return {
        page["url"]: REFERENCE if page["set"] in _REFERENCE_SETS or page["type"] == "documentation" else page["type"]
        for page in pages
    }


def judged(run: str) -> list[dict[str, Any]]:
    """Return URL, words and drop of every document that a run's heuristics judged."""
    return judged_rows(run, "heuristics", _COLUMNS)


def fates_of(run: str, groups: Mapping[str, str], least: int = MIN_WORDS) -> Fates:
    """Return what became of the documents of a run that have words enough, by group."""
    result: Fates = defaultdict(Counter)
    for row in judged(run):
        if row["n_words"] >= least and row["source_url"] in groups:
            drop = row["drop"]
            reason = drop["reason"] if drop is not None and drop["stage"] == "heuristics" else None
            result[groups[row["source_url"]]][reason] += 1
    return result


def judge_junk(run: str, directory: Path, each: int = 100, seed: int = 0) -> Fates:
    """Return what becomes of junk pages of every kind, judged with the token distribution of a run."""
    pages = {f"https://junk.example/{number}": page for number, page in enumerate(junk_pages(each, seed))}
    lines = [
        json.dumps({"url": url, "text": text, "language": "en", "category": "general"})
        for url, (_, text) in pages.items()
    ]
    (directory / "junk.jsonl").write_text("\n".join(lines))
    output = str(directory / "run")
    curate(
        Request(
            output=output,
            inputs=(str(directory / "junk.jsonl"),),
            assignments=(f"heuristics.token_distribution={run}",),
            first="heuristics",
            last="heuristics",
        )
    )
    return fates_of(output, {url: kind for url, (kind, _) in pages.items()}, least=0)


def dropped_share(fates: Counter[str | None]) -> float:
    """Return the share of some documents that were dropped.

    >>> dropped_share(Counter({None: 3, "gopher.too_few_words": 1}))
    0.25
    """
    return 1 - fates[None] / max(fates.total(), 1)


def print_table(title: str, fates: Fates) -> None:
    """Print a row per group."""
    print(f"\n| {title} | pages | dropped | reasons |\n|---|---:|---:|---|")
    for group, some in sorted(fates.items(), key=lambda pair: -pair[1].total()):
        reasons = ", ".join(f"{reason} {count}" for reason, count in some.most_common() if reason is not None)
        print(f"| {group} | {some.total():,} | {100 * dropped_share(some):.1f} % | {reasons} |")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", required=True)
    parser.add_argument("--gold", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0, help="of the junk pages")
    asked = parser.parse_args()
    print_table("page type", fates_of(asked.run, page_groups(asked.gold)))
    with tempfile.TemporaryDirectory() as directory:
        print_table("junk", judge_junk(asked.run, Path(directory), seed=asked.seed))


if __name__ == "__main__":
    main()
