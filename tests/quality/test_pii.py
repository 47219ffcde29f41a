"""Floors on personal data: what is found of labelled values, what is damaged, what is touched on reference pages."""

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.curate import Request, curate
from tests.benchmarks.pii_pages import touched_values
from tests.e2e.reading import table_of
from tests.quality.scoring import pinned, score

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_labelled_values_are_found_and_nothing_else_is_touched(spark: "SparkSession", tmp_path: Path) -> None:
    gold = pinned("data/pii/labelled-spans.jsonl.gz")
    with gzip.open(gold, "rt") as lines, (tmp_path / "texts.jsonl").open("w") as texts:
        for number, line in enumerate(lines):
            texts.write(json.dumps({"url": str(number), "text": json.loads(line)["text"]}) + "\n")
    run = str(tmp_path / "run")
    settings = ("pii.max_per_1000_words=null",)
    curate(Request(run, (str(tmp_path / "texts.jsonl"),), assignments=settings, first="pii", last="pii"))
    found = score("pii", "--gold", gold, "--documents", table_of(run, "pii"))
    assert found["lines missing"] == 0
    assert found["structured recall"] >= 0.98
    assert found["damage"] <= 0.001


@pytest.mark.slow
def test_few_pages_of_documentation_code_and_math_are_touched_for_more_than_an_address(crawl_run: str) -> None:
    pages, values = touched_values(crawl_run, pinned("data/crawl/gold.jsonl.gz"))
    assert pages > 400
    assert len({one.url for one in values if one.entity != "EMAIL_ADDRESS"}) <= pages / 100
    assert len({one.url for one in values}) <= pages / 8  # most are abstracts with their authors' addresses
