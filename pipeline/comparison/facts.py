"""What is compared of a run: a row for every record, of kept ones with hashes of what they say."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from pipeline.cells.part_cells import PartCells, alive
from pipeline.cells.pieces import ROW
from pipeline.cells.reader import read_cells
from pipeline.cells.stretch_reader import Rows
from pipeline.runs.table import Table
from pipeline.spark.tasks import pack, run_tasks, slots
from schemas.columns import (
    CATEGORY,
    DOC_ID,
    DROP,
    HOST,
    LANGUAGE,
    SOURCE_URL,
    TEXT,
    TITLE,
    WARC_FILE,
    WARC_OFFSET,
    Column,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_BATCH_ROWS = 4096
FACTS = pa.schema(
    [
        (DOC_ID.name, pa.string()),
        ("side", pa.int32()),
        (WARC_FILE.name, pa.string()),
        (WARC_OFFSET.name, pa.int64()),
        ("part", pa.int32()),
        ("row", pa.int64()),
        (SOURCE_URL.name, pa.string()),
        (HOST.name, pa.string()),
        (LANGUAGE.name, pa.string()),
        (CATEGORY.name, pa.string()),
        ("kept", pa.bool_()),
        ("stage", pa.string()),
        ("reason", pa.string()),
        ("value", pa.float64()),
        ("limit", pa.float64()),
        *((f"{name}_{number}", pa.int64()) for name in (TEXT.name, TITLE.name) for number in (1, 2)),
    ]
)
"""One row per record: in which run it is (0 or 1), where, what became of it, and two hashes each of text and title."""
ORDER = (DOC_ID.name, "side", WARC_FILE.name, WARC_OFFSET.name)
_SHOWN = (DOC_ID, WARC_FILE, WARC_OFFSET, SOURCE_URL, HOST, LANGUAGE, CATEGORY)
_DDL = {pa.string(): "string", pa.int32(): "int", pa.int64(): "long", pa.bool_(): "boolean", pa.float64(): "double"}


def ddl(schema: pa.Schema) -> str:
    """Return a schema of plain columns as Spark writes it."""
    return ", ".join(f"`{entry.name}` {_DDL[entry.type]}" for entry in schema)


def facts_frame(spark: "SparkSession", runs: Sequence[Table]) -> "DataFrame":
    """Return the `FACTS` of two runs, read by Spark's tasks part by part.

    Args:
        spark: The session.
        runs: The last table of each run.
    """
    tasks: list[list[tuple[int, int, PartCells, PartCells]]] = []
    for side, table in enumerate(runs):
        kept = table.cells([column.name for column in (*_SHOWN, TEXT, TITLE)])
        dropped = table.with_drops([column.name for column in _SHOWN])
        packed = pack([cells.part.bytes for cells in kept], slots(spark))
        tasks += [[(side, number, kept[number], dropped[number]) for number in task] for task in packed]

    def rows_of(task: list[tuple[int, int, PartCells, PartCells]]) -> Iterator[pa.RecordBatch]:
        for side, number, kept, dropped in task:
            yield from part_facts(side, number, kept, dropped)

    return run_tasks(spark, tasks, rows_of, ddl(FACTS))


def part_facts(side: int, number: int, kept: PartCells, dropped: PartCells) -> Iterator[pa.RecordBatch]:
    """Yield the `FACTS` of a part; texts of kept documents alone are read.

    Args:
        side: Of which run it is.
        number: Of the part.
        kept: The part with the rows that every stage kept.
        dropped: The part with all rows and `drop`.
    """
    left = alive(kept)
    gone = np.setdiff1d(np.arange(kept.rows), left, assume_unique=True)
    for cells, rows, more in ((kept, left, (TEXT, TITLE)), (dropped, gone, (DROP,))):
        yield from _facts(side, number, cells, rows, more) if len(rows) else ()


def _facts(side: int, number: int, cells: PartCells, rows: Rows, more: tuple[Column, ...]) -> Iterator[pa.RecordBatch]:
    columns = [replace(column, default=None) for column in (*_SHOWN, *more)]
    for batch in read_cells(cells, columns, rows, _BATCH_ROWS):
        count = batch.num_rows
        arrays = {column.name: batch.column(column.name) for column in _SHOWN}
        arrays |= {"side": pa.array([side] * count), "part": pa.array([number] * count), "row": batch.column(ROW)}
        arrays["kept"] = pa.array(np.full(count, TEXT in more))
        if TEXT in more:
            arrays |= _hashes(batch)
        else:
            names = [field.name for field in DROP.type]
            drop = dict(zip(names, batch.column(DROP.name).flatten(), strict=True))
            arrays |= {name: drop[name] for name in ("stage", "reason", "value", "limit")}
        made = [arrays[entry.name] if entry.name in arrays else pa.nulls(count, entry.type) for entry in FACTS]
        cast = [column.cast(entry.type) for column, entry in zip(made, FACTS, strict=True)]
        yield pa.record_batch(cast, names=FACTS.names)


def _hashes(batch: pa.RecordBatch) -> dict[str, pa.Array]:
    """Return two 63-bit hashes each of text and title."""
    from pipeline.kernels.text.hashing import hash_strings

    arrays: dict[str, pa.Array] = {}
    for name in (TEXT.name, TITLE.name):
        hashes = hash_strings(batch.column(name))
        arrays |= {f"{name}_{at + 1}": pa.array(np.ascontiguousarray(hashes[:, at])) for at in (0, 1)}
    return arrays
