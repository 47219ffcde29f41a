"""Floors on an open crawl of 3,677 records whose fates and main texts are known.

The run reads with the model that is shipped, which was fitted on pages of this very crawl: its floors on extraction
hold the stage to what its kernel does. What pages of other sites can expect, `test_extraction.py` pins.
"""

from typing import Any

import pytest

from pipeline.results.locations import locate
from tests.benchmarks.pii_pages import touched_values
from tests.e2e.reading import table_of
from tests.quality.scoring import pinned, score

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def fates(crawl_run: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    truth = pinned("data/crawl/truth.jsonl.gz")
    result = tmp_path_factory.mktemp("fates") / "found.json"
    return score("crawl_truth", "--truth", truth, "--decisions", locate(crawl_run, "decisions"), "--json", result)


@pytest.fixture(scope="module")
def extraction(crawl_run: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    gold = pinned("data/crawl/gold.jsonl.gz")
    result = tmp_path_factory.mktemp("extraction") / "found.json"
    scores = score("extraction", "--gold", gold, "--documents", table_of(crawl_run, "extract"), "--json", result)
    return dict(scores["all"])


def test_every_record_has_exactly_one_decision(fates: dict[str, Any]) -> None:
    assert fates["records"] == 3677
    assert fates["records with exactly one decision"] == 3677
    assert fates["decisions for records that are not in the crawl"] == 0


@pytest.mark.parametrize(
    "kind", ["error", "redirect", "nonhtml", "empty", "truncated", "older", "variant", "page", "mirror"]
)
def test_every_record_of_this_kind_meets_its_fate(fates: dict[str, Any], kind: str) -> None:
    result = fates["kinds"][kind]
    assert result["right"] > 0
    assert result.get("wrong", 0) == 0


def test_at_least_97_of_100_near_copies_give_way(fates: dict[str, Any]) -> None:
    result = fates["kinds"]["near"]
    assert result["right"] >= 0.97 * (result["right"] + result.get("wrong", 0))


@pytest.mark.parametrize(("measure", "floor"), [("F1", 0.88), ("code", 0.975), ("math", 0.97)])
def test_extraction_keeps_main_text_code_and_math(extraction: dict[str, Any], measure: str, floor: float) -> None:
    assert extraction[measure] >= floor


def test_hardly_a_line_looks_like_markdown(extraction: dict[str, Any]) -> None:
    assert extraction["md"] <= 0.003


def test_few_pages_of_documentation_code_and_math_are_touched_for_more_than_an_address(crawl_run: str) -> None:
    pages, values = touched_values(crawl_run, pinned("data/crawl/gold.jsonl.gz"))
    assert pages > 400
    assert len({one.url for one in values if one.entity != "EMAIL_ADDRESS"}) <= pages / 100
    assert len({one.url for one in values}) <= pages / 8  # most are abstracts with their authors' addresses
