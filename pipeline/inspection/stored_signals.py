"""The documents that a run's heuristics judged, with what was measured of them, whatever became of them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import ValidationError

from pipeline.errors import ConfigError
from pipeline.heuristics.params import HeuristicsParams
from pipeline.runs.table import Table
from pipeline.spark.cells import cells_frame
from pipeline.stages.heuristics import heuristics
from schemas.columns import DROP, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def params_of(table: Table) -> HeuristicsParams:
    """Return the parameters that a committed table of heuristics was made with.

    Raises:
        ConfigError: It is of another version.
    """
    try:
        params = HeuristicsParams.model_validate(table.manifest.params)
    except ValidationError:
        params = None
    if params is None or table.manifest.version != heuristics.version:
        raise ConfigError("the run's heuristics are of another version: run it again")
    return params


def stored_documents(
    spark: "SparkSession", table: Table, columns: Sequence[Column], sources: Collection[str] | None = None
) -> "DataFrame":
    """Return all documents of a committed table of heuristics, kept and dropped, with some columns and `drop`.

    Args:
        spark: The session.
        table: The table.
        columns: What to read.
        sources: Input files to read the documents of; None for all.
    """
    parts = [
        cells
        for cells in table.with_drops([column.name for column in columns], len(table.chain) - 1)
        if sources is None or cells.part.source in sources
    ]
    return cells_frame(spark, parts, [*(replace(column, default=None) for column in columns), DROP])
