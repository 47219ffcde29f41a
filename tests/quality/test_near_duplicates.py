"""Floors on versions of documents whose exact similarity is known for 1,444 pairs."""

from typing import TYPE_CHECKING, Any

import pytest

from pipeline.curation import Request, curate
from pipeline.results.locations import locate
from tests.quality.scoring import pinned, score

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    output = str(tmp_path_factory.mktemp("versions") / "run")
    versions = str(pinned("data/neardup/versions.jsonl.gz"))
    only = "dedup_document"
    curate(
        Request(output=output, inputs=(versions,), assignments=("ingest.url_column=id",), first=only, last=only),
    )
    pairs = pinned("data/neardup/versions-pairs.tsv")
    return score("near_duplicates", "--pairs", pairs, "--decisions", locate(output, "decisions"))


@pytest.mark.parametrize(("similarity", "floor"), [("0.9", 0.99), ("0.85", 0.95)])
def test_of_a_similar_pair_one_gives_way(found: dict[str, Any], similarity: str, floor: float) -> None:
    assert found[f"pairs with J >= {similarity}"] > 100
    assert found[f"recall at {similarity} (not both kept)"] >= floor


def test_what_gives_way_is_similar_to_its_survivor(found: dict[str, Any]) -> None:
    assert found["dropped by dedup_document"] > 100
    assert found["precision (survivor at J >= 0.7)"] >= 0.99


def test_no_pair_that_shares_little_gives_way_to_each_other(found: dict[str, Any]) -> None:
    assert found["pairs with J < 0.3 of which one was dropped for the other"] == 0
