"""Floors on 5,000 web documents with 1,000 planted texts that are none."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.benchmarks.token_outliers import REAL, evaluate
from tests.benchmarks.token_soup import KINDS
from tests.conftest import shared

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def found(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    texts, foreign = shared("data/topics/web-documents.jsonl.gz"), shared("data/lid/paragraphs-17-languages.jsonl.gz")
    return evaluate(tmp_path_factory.mktemp("token_outliers"), [texts], foreign, each=200)


def test_every_document_has_a_score(found: dict[str, Any]) -> None:
    assert found["documents"] == {REAL: 5000, **dict.fromkeys(KINDS, 200)}


@pytest.mark.parametrize("kind", KINDS)
def test_soup_scores_higher_than_real_documents(found: dict[str, Any], kind: str) -> None:
    assert found["auc"][kind] >= 0.98


@pytest.mark.parametrize("length", ["tokens", "log tokens"])
def test_the_score_of_real_documents_does_not_follow_their_length(found: dict[str, Any], length: str) -> None:
    assert abs(found[f"correlation with {length}"]) <= 0.1


def test_the_default_limit_spares_real_documents(found: dict[str, Any]) -> None:
    assert found["above the limit"][REAL] <= 0.015
