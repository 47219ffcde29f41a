"""One stage run by the real engine on a tiny table that is given in the test."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipeline.cells.reader import read_cells
from pipeline.engine.deciding import decided
from pipeline.engine.recipes import Step
from pipeline.engine.stage import Params, Stage
from pipeline.engine.stage_run import Outcome, StageRun
from pipeline.runs.table import Table
from pipeline.spark.driver_frames import frame_of
from pipeline.spark.types import spark_schema
from schemas.columns import DROP, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Drop = dict[str, Any] | None


def run_stage(spark: "SparkSession", stage: Stage, params: Params, before: Table) -> Outcome:
    """Bring a stage up to date on a table, and commit it."""
    step = Step(stage.for_params(params), params)
    return StageRun(spark, before.root, step, before, step.key(before, ())).run((), lambda: None)


def drops_in(table: Table, first: int = 0) -> list[dict[str, Any]]:
    """Return the rows that some stages let pass, each with its part, its number and its drop."""
    return [
        {"part": cells.part.name, "row": row["__row"], "drop": row[DROP.name]}
        for cells in table.with_drops([], first)
        for batch in read_cells(cells, [DROP])
        for row in batch.to_pylist()
    ]


def frame(spark: "SparkSession", columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> "DataFrame":
    """Return rows as a DataFrame; what a row does not name is null."""
    values = [tuple(row.get(column.name) for column in columns) for row in rows]
    return frame_of(spark, values, spark_schema(columns))


def verdicts(
    spark: "SparkSession", stage: Stage, params: Params, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]
) -> list[Drop]:
    """Return what the Column logic of a stage says of some rows, in their order."""
    number = Column("number", pa.int64(), "number of the row")
    numbered = [{**row, "number": at} for at, row in enumerate(rows)]
    seen = decided(frame(spark, [number, *columns], numbered), Step(stage.for_params(params), params))
    by_number = {row["number"]: row[DROP.name] for row in seen.collect()}
    return [by_number[at] and by_number[at].asDict() for at in range(len(rows))]
