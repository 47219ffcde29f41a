"""Python and Spark know a part by the same number."""

from typing import TYPE_CHECKING

from pipeline.kernels.urls.addresses import row_key

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NAMES = [
    "",
    "a",
    "crawl-00000.warc.gz",
    "s3://bucket/ü/水.warc.gz",
    "x" * 31,
    "x" * 32,
    "x" * 33,
    "\U0001f600",
    "a\0b",
    "é",
]


def test_the_key_of_a_file_name_is_xxhash64_of_spark(spark: "SparkSession") -> None:
    from pyspark.sql import functions as F  # noqa: N812

    names = NAMES + [f"crawl/{number:05d}.warc.gz" for number in range(100)]
    rows = spark.createDataFrame([(name,) for name in names], "name string").select("name", F.xxhash64("name"))
    assert {row[0]: row[1] for row in rows.collect()} == {name: row_key(name) for name in names}
