"""Drop reasons in Column logic: the `drop` of a row that goes, and the first of several reasons that holds."""

from typing import TYPE_CHECKING

from pipeline.spark.types import spark_type
from schemas.columns import DROP, DROP_TYPE

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn
    from pyspark.sql import DataFrame


def dropped(
    stage_name: str,
    reason: "SparkColumn | str",
    value: "SparkColumn | None" = None,
    limit: "SparkColumn | float | None" = None,
) -> "SparkColumn":
    """Return the `drop` struct for rows that a stage drops, none of which has a survivor."""
    from pyspark.sql import functions as F  # noqa: N812

    values = {
        "stage": F.lit(stage_name),
        "reason": F.lit(reason) if isinstance(reason, str) else reason,
        "value": F.lit(None) if value is None else value,
        "limit": F.lit(limit) if isinstance(limit, int | float) else F.lit(None) if limit is None else limit,
    }
    fields = (values.get(field.name, F.lit(None)).cast(spark_type(field.type)).alias(field.name) for field in DROP_TYPE)
    return F.struct(*fields)


def first_reason(docs: "DataFrame", *candidates: "SparkColumn") -> "DataFrame":
    """Fill `drop` with the first candidate that is not null; a row that is dropped already keeps its reason."""
    from pyspark.sql import functions as F  # noqa: N812

    return docs.withColumn(DROP.name, F.coalesce(F.col(DROP.name), *candidates))
