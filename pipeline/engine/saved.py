"""Tables that a fit writes through Spark's tasks, and reads back by them: no job lists or reads a file of the run."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.checked_file import opened_parquet
from pipeline.cells.part_batches import PART, by_part
from pipeline.cells.pieces import ROW, Piece, Stretch, StretchWriter, new_name
from pipeline.cells.stretch_reader import Rows, read_stretch, stretch_rows
from pipeline.cells.table_file import TableFile, Written
from pipeline.spark.meter import map_batches
from pipeline.spark.table_tasks import write_keyed, write_whole
from pipeline.spark.tasks import run_tasks, slots
from pipeline.spark.types import arrow_schema_of, spark_schema, struct_of
from pipeline.stores import storage
from schemas.columns import Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

Combiner = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]


@dataclass(frozen=True)
class SavedTable:
    """A table that was written, file by file.

    Attributes:
        spark: The session.
        root: The run directory.
        written: The files, by paths below the run.
        schema: Spark's schema.
        by_bucket: Number of a bucket → its file; empty where the table is not by bucket.
    """

    spark: "SparkSession"
    root: str
    written: tuple[Written, ...]
    schema: Any
    by_bucket: dict[str, str] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, list[Any]]:
        """Path below the run → [rows, bytes, sha256]."""
        return {file.path: [file.rows, file.bytes, file.sha256] for file in self.written}

    def listed(self) -> list[list[str]]:
        """Return [path, sha256] of the files in order."""
        return [[file.path, file.sha256] for file in self.written]

    def count(self) -> int:
        """Return how many rows there are."""
        return sum(file.rows for file in self.written)

    def frame(self, *columns: str, **equal: str) -> "DataFrame":
        """Return rows as a DataFrame, read by tasks.

        Args:
            columns: Names; all where there are none.
            equal: Column → text that it must equal.
        """
        from pyspark.sql.types import StructType

        chosen = StructType([self.schema[name] for name in columns or self.schema.names])
        paths = [storage.join(self.root, file.path) for file in self.written if file.rows]
        return files_frame(self.spark, paths, chosen, equal)


def files_frame(
    spark: "SparkSession", paths: Sequence[str], schema: "StructType | str", equal: Mapping[str, str] | None = None
) -> "DataFrame":
    """Return the rows of Parquet files as a DataFrame, read by tasks.

    Args:
        spark: The session.
        paths: The files.
        schema: Columns to read, as Spark's type or as DDL.
        equal: Column → text that it must equal.
    """
    parsed = struct_of(schema)
    arrow, names, where = arrow_schema_of(parsed), list(parsed.names), dict(equal or {})
    count = min(len(paths), 4 * slots(spark))
    tasks = [list(paths[number::count]) for number in range(count)]

    def rows_of(task: list[str]) -> Iterator[pa.RecordBatch]:
        for path in task:
            with opened_parquet(path) as file:
                for group in range(file.num_row_groups):
                    for batch in file.iter_batches(1024, [group], [*names, *(w for w in where if w not in names)]):
                        for name, value in where.items():
                            batch = batch.filter(pc.equal(batch.column(name), value))  # noqa: PLW2901
                        if batch.num_rows:
                            yield pa.Table.from_batches([batch]).select(names).cast(arrow).to_batches()[0]

    return run_tasks(spark, tasks, rows_of, parsed)


def save_rows(
    rows: "DataFrame", root: str, directory: str, *, at_least_one: bool = False, is_named: bool = False
) -> SavedTable:
    """Write rows, a file for each partition that has any.

    Args:
        rows: What to write.
        root: The run directory.
        directory: Directory below it; what is written gets a name of its own there.
        at_least_one: Whether a file is owed where there are no rows.
        is_named: Whether the directory gets just that name.
    """
    directory, schema = directory if is_named else _unique(directory), arrow_schema_of(rows.schema)
    files = write_whole(rows, storage.join(root, directory), schema)
    if at_least_one and not files:
        path = "part-00000.parquet"
        files = [Written(path, *TableFile(storage.join(root, directory, path), schema).close())]
    return SavedTable(rows.sparkSession, root, tuple(_below(directory, files)), rows.schema)


def save_by_bucket(rows: "DataFrame", root: str, directory: str, buckets: Sequence[str]) -> SavedTable:
    """Write rows, a file for each bucket that has any; see `FitContext.save_by_bucket`."""
    directory = _unique(directory)
    names = {number: f"{name}.parquet" for number, name in enumerate(buckets)}
    files = write_keyed(rows, "bucket", storage.join(root, directory), names, arrow_schema_of(rows.schema))
    numbers = {path: str(number) for number, path in names.items()}
    by_bucket = {numbers[file.path]: f"{directory}/{file.path}" for file in files}
    return SavedTable(rows.sparkSession, root, tuple(_below(directory, files)), rows.schema, by_bucket)


def _unique(directory: str) -> str:
    return f"{directory}-{os.urandom(6).hex()}"


def _below(directory: str, files: Sequence[Written]) -> Iterator[Written]:
    for file in files:
        yield file._replace(path=f"{directory}/{file.path}")


@dataclass(frozen=True)
class Slices:
    """Rows by part, small enough to travel with a task's code.

    Attributes:
        root: The run directory.
        stretches: Number of a part → where its rows lie.
    """

    root: str
    stretches: dict[int, Stretch]

    def rows(self, part: int) -> Rows:
        """Return the numbers of the rows of a part."""
        return stretch_rows(self.root, self.stretches[part]) if part in self.stretches else np.empty(0, np.int64)

    def count(self) -> int:
        """Return how many rows there are."""
        return sum(stretch.rows for stretch in self.stretches.values())

    def pieces_by_name(self, names: Sequence[str]) -> dict[str, tuple[Piece, ...]]:
        """Return the slices as pieces of parts, by the parts' names."""
        return {names[number]: (Piece(stretch, None, ()),) for number, stretch in self.stretches.items()}

    def frame(self, spark: "SparkSession", columns: Sequence[Column], combine: Combiner | None = None) -> "DataFrame":
        """Return some columns of the rows as a DataFrame; a combiner makes fewer of those that a task reads."""
        root, names = self.root, tuple(column.name for column in columns)
        every = list(self.stretches.values())
        count = min(len(every), 4 * slots(spark))
        tasks = [every[number::count] for number in range(count)]

        def rows_of(task: list[Stretch]) -> Iterator[pa.RecordBatch]:
            rows = (batch for stretch in task for batch in read_stretch(root, stretch, names))
            yield from combine(rows) if combine is not None else rows

        return run_tasks(spark, tasks, rows_of, spark_schema(columns))


def save_slices(rows: "DataFrame", root: str, path: str, tasks: int) -> tuple[Slices, dict[str, list[Any]]]:
    """Write rows by part into a file per task; return where they lie, and the files.

    Args:
        rows: PART, ROW, and whatever else.
        root: The run directory.
        path: What the names of the files begin with, below the run directory.
        tasks: How many files there are at most.
    """
    schema = arrow_schema_of(rows.drop(PART.name).schema)
    directory, _, prefix = path.rpartition("/")

    def write(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        writer, current = StretchWriter(root, new_name(directory, prefix), schema), -1
        lines: list[tuple[int, Stretch]] = []
        try:
            for batch in batches:
                for number, piece in by_part(batch):
                    if number != current:
                        lines += _cut(writer, current)
                        current = number
                    writer.write(pa.Table.from_batches([piece]).drop_columns([PART.name]))
            lines += _cut(writer, current)
            files = writer.close()
        except BaseException as error:
            writer.abandon(error)
            raise
        for number, stretch in lines:
            yield pa.RecordBatch.from_pylist([{"part": number, **stretch._asdict(), **_record(files[stretch.file])}])

    fields = "part int, file string, first long, rows long, digest string, file_rows long, bytes long, sha256 string"
    ordered = rows.repartition(tasks, PART.name).sortWithinPartitions(PART.name, ROW)
    order = [piece.split()[0] for piece in fields.split(", ")]
    lines = map_batches(ordered, lambda batches: (b.select(order) for b in _typed(write(batches))), fields).collect()
    slices = {line.part: Stretch(line.file, line.first, line.rows, line.digest) for line in lines}
    return Slices(root, slices), {line.file: [line.file_rows, line.bytes, line.sha256] for line in lines}


def _typed(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        at = batch.schema.get_field_index("part")
        yield batch.set_column(at, "part", batch.column(at).cast(pa.int32()))


def _record(file: Any) -> dict[str, Any]:
    return {"file_rows": file.rows, "bytes": file.bytes, "sha256": file.sha256}


def _cut(writer: StretchWriter, part: int) -> list[tuple[int, Stretch]]:
    stretch = writer.cut()
    return [(part, stretch)] if stretch is not None else []
