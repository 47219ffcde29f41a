"""DataFrames of rows that the driver holds: sent as Arrow, so that no Python worker unpickles them.

A plain `createDataFrame` of a list asks for workers with an environment of their own, for which Spark starts a second
daemon: seconds and hundreds of megabytes for a handful of rows.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipeline.spark.types import arrow_schema_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType


def frame_of(spark: "SparkSession", rows: "Iterable[tuple[Any, ...]]", schema: "StructType | str") -> "DataFrame":
    """Return rows as a DataFrame.

    Args:
        spark: The session.
        rows: Values in the order of the schema's columns, few enough for a driver to hold; times with a zone.
        schema: Columns, as Spark's type or as DDL.
    """
    from pyspark.sql.types import StructType  # noqa: PLC0415

    parsed: Any = StructType.fromDDL(schema) if isinstance(schema, str) else schema
    kinds = arrow_schema_of(parsed)
    columns = zip(*rows, strict=True)
    values = list(columns) or [()] * len(kinds)
    table = pa.table([pa.array(some, field.type) for some, field in zip(values, kinds, strict=True)], schema=kinds)
    frame: DataFrame = spark.createDataFrame(table, parsed)
    return frame


def empty_frame(spark: "SparkSession", schema: "StructType | str") -> "DataFrame":
    """Return a DataFrame without rows."""
    return frame_of(spark, (), schema)
