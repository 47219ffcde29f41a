"""DataFrames of rows that the driver holds: sent as Arrow, so that no Python worker unpickles them.

A plain `createDataFrame` of a list asks for workers with an environment of their own, for which Spark starts a second
daemon: seconds and hundreds of megabytes for a handful of rows.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipeline.spark.types import arrow_schema_of, struct_of

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
    parsed = struct_of(schema)
    kinds = arrow_schema_of(parsed)
    columns = zip(*rows, strict=True)
    values = list(columns) or [()] * len(kinds)
    table = pa.table([pa.array(column, field.type) for column, field in zip(values, kinds, strict=True)], schema=kinds)
    return frame_of_table(spark, table, parsed)


def empty_frame(spark: "SparkSession", schema: "StructType | str") -> "DataFrame":
    """Return a DataFrame without rows."""
    return frame_of(spark, (), schema)


def frame_of_table(spark: "SparkSession", table: pa.Table, schema: "StructType | str") -> "DataFrame":
    """Return an Arrow table as a DataFrame.

    Args:
        spark: The session.
        table: Few enough rows for a driver to hold.
        schema: Its columns, as Spark's type or as DDL.
    """
    from pyspark.sql import DataFrame

    if hasattr(DataFrame, "toArrow"):
        frame: DataFrame = spark.createDataFrame(table, schema)
        return frame
    return _as_spark_4_does(spark, table, struct_of(schema))


def table_of_frame(frame: "DataFrame") -> pa.Table:
    """Return the rows of a DataFrame, few enough for a driver to hold."""
    if hasattr(type(frame), "toArrow"):
        return frame.toArrow()
    classic: Any = frame
    return pa.Table.from_batches(classic._collect_as_arrow(), arrow_schema_of(frame.schema))


def _as_spark_4_does(spark: "SparkSession", table: pa.Table, schema: "StructType") -> "DataFrame":
    """Send a table's batches to the JVM: Spark 3.5 has all that it takes, and a door for pandas alone."""
    from pyspark.sql import DataFrame
    from pyspark.sql.pandas.serializers import ArrowStreamSerializer

    jvm: Any = spark._jvm
    sql, batches = jvm.PythonSQLUtils, table.cast(arrow_schema_of(schema)).to_batches()
    sent = spark.sparkContext._serialize_to_jvm(
        batches, ArrowStreamSerializer(), sql.readArrowStreamFromFile, jvm.ArrowIteratorServer
    )
    return DataFrame(sql.toDataFrame(sent, schema.json(), spark._jsparkSession), spark)
