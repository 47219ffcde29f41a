"""News articles among which copies were planted: these are found, and nothing that a count of shingles denies."""

import gzip
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.dataset as ds
import pytest

from pipeline.curation import Request, curate
from pipeline.results.locations import locate
from tests.quality.scoring import pinned

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.slow

Shingles = set[tuple[str, ...]]


def read_articles(name: str) -> dict[str, str]:
    path = pinned(f"data/neardup/{name}")
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    lines = content.decode().splitlines()
    return dict(line.split(" ", 1) for line in lines if " " in line)


def shingles(text: str) -> Shingles:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[start : start + 5]) for start in range(max(1, len(words) - 4))}


def jaccard(left: Shingles, right: Shingles) -> float:
    return len(left & right) / len(left | right)


def survivors(articles: dict[str, str], folder: Path) -> dict[str, str]:
    """Run dedup_document on articles; return who gave way to whom."""
    rows = [{"id": name, "text": text, "language": "en"} for name, text in articles.items()]
    table = folder / "articles.jsonl"
    table.write_text("\n".join(json.dumps(row) for row in rows))
    output, only = str(folder / "run"), "dedup_document"
    curate(
        Request(output=output, inputs=(str(table),), assignments=("ingest.url_column=id",), first=only, last=only),
    )
    decisions = ds.dataset(locate(output, "decisions")).to_table(columns=["source_url", "stage", "survivor_url"])
    return {row["source_url"]: row["survivor_url"] for row in decisions.to_pylist() if row["stage"] == only}


@pytest.mark.parametrize("size", ["articles_100.train", "articles_1000.train.gz", "articles_2500.train.gz"])
def test_planted_copies_are_found_and_nothing_that_a_count_of_shingles_denies(
    size: str, tmp_path: Path, spark: "SparkSession"
) -> None:
    articles = read_articles(size)
    result = survivors(articles, tmp_path)
    truth = pinned(f"data/neardup/{size.split('.', maxsplit=1)[0]}.truth").read_text().splitlines()
    planted = [tuple(line.split()) for line in truth]
    assert len(planted) >= 5
    for left, right in planted:
        assert left in result or right in result, (left, right)
    assert len(result) >= len(planted)
    for loser, survivor in result.items():
        assert survivor not in result
        assert jaccard(shingles(articles[loser]), shingles(articles[survivor])) >= 0.8, (loser, survivor)
