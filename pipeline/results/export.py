"""A stage's table written out whole, as plain Parquet for any reader."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from pipeline.cells.part_cells import PartCells
from pipeline.cells.reader import read_cells
from pipeline.cells.table_file import TableFile
from pipeline.errors import ManifestError
from pipeline.release.published import MANIFEST, manifest_of
from pipeline.runs.run import Run
from pipeline.runs.table import Table
from pipeline.spark.tasks import pack, run_tasks, slots
from pipeline.spark.types import arrow_schema
from pipeline.stores import storage
from schemas.columns import Column

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

EXPORTS = "exports"
"""Directory of the run in which `gristmill locate` keeps the tables that it was asked for."""


def export(spark: "SparkSession", run: str, stage: str, directory: str) -> int:
    """Write a stage's table, as it left that stage, into a directory: a file per part that has rows.

    Args:
        spark: The session.
        run: The run directory.
        stage: Name of the stage.
        directory: An empty or new directory.

    Returns:
        How many rows were written.

    Raises:
        ManifestError: There is no such stage, or the directory holds something.
    """
    table = Run(run).table(stage)
    if storage.names(directory):
        raise ManifestError(f"{directory} is not empty: name a new directory")
    columns = [replace(column, default=None) for column in table.columns]
    cells = table.cells([column.name for column in columns])
    tasks = [[cells[number] for number in task] for task in pack([part.part.bytes for part in cells], slots(spark))]

    def write(task: list[PartCells]) -> Iterator[pa.RecordBatch]:
        for part in task:
            yield pa.record_batch([pa.array([_write(part, columns, directory)])], names=["rows"])

    rows = sum(int(row.rows) for row in run_tasks(spark, tasks, write, "rows long").collect())
    if rows == 0:
        TableFile(storage.join(directory, "empty.parquet"), arrow_schema(columns)).close()
    if rows != table.rows:
        raise ManifestError(f"{run}: {table.rows} rows passed '{stage}', and {rows} were written")
    storage.write_json(storage.join(directory, MANIFEST), {"table": table.digest, "stage": table.stage, "rows": rows})
    return rows


def _write(cells: PartCells, columns: Sequence[Column], directory: str) -> int:
    file: TableFile | None = None
    try:
        for batch in read_cells(cells, columns):
            if file is None:
                file = TableFile(storage.join(directory, f"{cells.part.name}.parquet"), arrow_schema(columns))
            file.write(pa.Table.from_batches([batch]))
        return file.close()[0] if file is not None else 0
    except BaseException as error:
        if file is not None:
            file.abandon(error)
        raise


def exported(session: "Callable[[], SparkSession]", run: str, stage: str) -> tuple[str, bool]:
    """Return the directory of a stage's table below the run's exports, and whether it was written now.

    Args:
        session: Gives the session; not asked where the table is there already.
        run: The run directory.
        stage: Name of the stage.
    """
    directory = storage.join(run, EXPORTS, stage)
    written = manifest_of(directory)
    if written is not None and written["table"] == Run(run).table(stage).digest:
        return directory, False
    Run(run).table(stage)
    storage.remove(directory)
    export(session(), run, stage, directory)
    return directory, True


def remove_stale_exports(directory: str, tables: Sequence[Table]) -> None:
    """Remove exported tables that are not those of the chain any more."""
    by_name = {table.stage: table for table in tables}
    for stage in storage.names(directory):
        written = manifest_of(storage.join(directory, stage))
        if written is None or stage not in by_name or by_name[stage].digest != written["table"]:
            storage.remove(storage.join(directory, stage))
