"""Floors on what heuristics drops: few pages that are worth reading, almost all junk."""

from collections import Counter
from pathlib import Path

import pytest

from tests.benchmarks.heuristics_pages import (
    REFERENCE,
    Fates,
    dropped_share,
    fates_of,
    judge_junk,
    page_groups,
    print_table,
)
from tests.quality.scoring import pinned

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def pages(crawl_run: str) -> Fates:
    result = fates_of(crawl_run, page_groups(pinned("data/crawl/gold.jsonl.gz")))
    print_table("page type", result)
    return result


def test_few_pages_of_documentation_code_and_math_are_dropped(pages: Fates) -> None:
    assert pages[REFERENCE].total() > 350
    assert dropped_share(pages[REFERENCE]) <= 0.02


def test_few_articles_are_dropped(pages: Fates) -> None:
    assert pages["article"].total() > 800
    assert dropped_share(pages["article"]) <= 0.04


def test_almost_all_junk_is_dropped(crawl_run: str, tmp_path: Path) -> None:
    result = judge_junk(crawl_run, tmp_path, seed=11)
    print_table("junk", result)
    together = sum(result.values(), Counter[str | None]())
    assert together.total() == 500
    assert dropped_share(together) >= 0.98
