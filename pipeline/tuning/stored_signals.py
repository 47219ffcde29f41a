"""The documents that a run's heuristics judged, with what was measured of them, whatever became of them."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from pydantic import ValidationError

from pipeline.errors import ConfigError
from pipeline.heuristics.params import HeuristicsParams
from pipeline.runs import storage
from pipeline.runs.manifest import StageTable
from pipeline.spark.frames import empty_frame
from pipeline.spark.types import spark_schema
from pipeline.stages.heuristics import heuristics

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def params_of(table: StageTable) -> HeuristicsParams:
    """Return the parameters that a committed table of heuristics was made with.

    Raises:
        ConfigError: It is of another version.
    """
    try:
        params = HeuristicsParams.model_validate(table.member.params)
    except ValidationError:
        params = None
    if params is None or table.member.version != heuristics.version:
        raise ConfigError("the run's heuristics are of another version: run it again")
    return params


def stored_documents(spark: "SparkSession", table: StageTable, sources: Collection[str] | None = None) -> "DataFrame":
    """Return all documents of a committed table of heuristics, kept and dropped; columns are read as asked for.

    Args:
        spark: The session.
        table: The table.
        sources: Input files to read the documents of; None for all.
    """
    records = [one for one in table.manifest.parts if sources is None or one.source in sources]
    files = [storage.join(table.directory, file["path"]) for record in records for file in record.files]
    if not files:
        return empty_frame(spark, spark_schema(table.columns))
    return spark.read.schema(spark_schema(table.columns)).parquet(*files)
