"""What floors share: one finished run of the open crawl."""

from typing import TYPE_CHECKING

import pytest

from pipeline.curation import Request, curate
from tests.conftest import shared

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def crawl_run(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> str:
    """The run directory of the whole job on the open crawl."""
    inputs = str(shared("data/crawl") / "*.warc.gz")
    output = str(tmp_path_factory.mktemp("crawl") / "run")
    curate(Request(output=output, inputs=(inputs,)))
    return output
