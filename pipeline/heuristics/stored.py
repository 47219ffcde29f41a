"""The documents that a run's heuristics judged, with what was measured of them, whatever became of them."""

from typing import TYPE_CHECKING

from pydantic import ValidationError

from pipeline import storage
from pipeline.errors import ConfigError
from pipeline.heuristics.params import HeuristicsParams
from pipeline.manifest import StageTable
from pipeline.stage import spark_schema
from pipeline.stages.heuristics import heuristics
from schemas.columns import DROP

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


def stored_documents(spark: "SparkSession", table: StageTable) -> "DataFrame":
    """Return all documents of a committed table of heuristics, kept and dropped, without `drop`; columns are lazy."""
    columns = [column for column in table.columns if column.name != DROP.name]
    files = [storage.join(table.directory, file["path"]) for record in table.manifest.parts for file in record.files]
    if not files:
        return spark.createDataFrame([], spark_schema(columns))
    return spark.read.schema(spark_schema(columns)).parquet(*files)
