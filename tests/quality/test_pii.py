"""Floors on personal data: what is found of labelled values, what is damaged, what is touched on reference pages."""

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.curation import Request, curate
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
    result = score("pii", "--gold", gold, "--documents", table_of(run, "pii"))
    assert result["lines missing"] == 0
    assert result["structured recall"] >= 0.98
    assert result["damage"] <= 0.001
