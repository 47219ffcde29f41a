"""Columns as Spark and as Arrow know them."""

import inspect
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import pyarrow as pa

from schemas.columns import Column


@lru_cache(maxsize=1024)
def spark_type(kind: pa.DataType) -> Any:
    """Return Spark's type for an Arrow type."""
    from pyspark.sql.pandas.types import from_arrow_type

    return from_arrow_type(kind, prefer_timestamp_ntz=False)


def spark_schema(columns: Sequence[Column]) -> Any:
    """Return the Spark schema of a list of columns, all nullable."""
    from pyspark.sql.types import StructField, StructType

    return StructType([StructField(column.name, spark_type(column.type), nullable=True) for column in columns])


def struct_of(schema: Any) -> Any:
    """Return a schema as Spark's type; it may be that already, or DDL."""
    from pyspark.sql.types import _parse_datatype_string

    return _parse_datatype_string(schema) if isinstance(schema, str) else schema


def arrow_schema_of(schema: Any) -> pa.Schema:
    """Return the Arrow schema of Spark's, times in UTC: since Spark 4.2 it must be told, before it knew no other."""
    from pyspark.sql.pandas.types import to_arrow_schema

    is_told = "timezone" in inspect.signature(to_arrow_schema).parameters
    return to_arrow_schema(schema, timezone="UTC") if is_told else to_arrow_schema(schema)


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """Return the Arrow schema of a list of columns, with their comments."""
    return pa.schema([column.field for column in columns])
