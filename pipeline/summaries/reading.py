"""What all summaries share: records of a run batch by batch, sums of groups, stages that may not be there."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.reader import read_cells
from pipeline.runs.run import Run
from pipeline.runs.table import Table
from schemas.columns import DOC_ID, DROP, Column

KEPT_STAGE = "kept"
"""The `stage` of the rows that every stage kept."""
_BATCH_ROWS = 8192


def stage_of(run: str, stage: str) -> Table | None:
    """Return the table of a stage, None where the run has none.

    Raises:
        ManifestError: The run holds nothing, or a manifest is gone.
    """
    return next((table for table in Run(run).tables() if table.stage == stage), None)


def all_records(tables: Sequence[Table], columns: Sequence[Column], first: int = 0) -> Iterator[pa.RecordBatch]:
    """Yield every record of a run with some columns and `drop`; what a record never had is null.

    Args:
        tables: The chain.
        columns: What to read.
        first: How many stages have to have let a record pass.
    """
    nullable = [*(replace(column, default=None) for column in columns), DROP]
    for cells in tables[-1].with_drops([column.name for column in columns], first):
        yield from read_cells(cells, nullable, size=_BATCH_ROWS)


def records_judged(run: str, stage: str, columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
    """Yield the records that a stage was handed, with some columns and `drop`; none where there is no such stage.

    A record that a later stage dropped has that stage's name in `drop`.
    """
    tables = Run(run).tables()
    names = [table.stage for table in tables]
    if stage in names:
        yield from all_records(tables, columns, names.index(stage))


def stages_of(batch: pa.RecordBatch) -> pa.Array:
    """Return the stage that dropped each record, `kept` for the others."""
    return pc.fill_null(pc.struct_field(batch.column(DROP.name), "stage"), KEPT_STAGE)


def grouped(rows: pa.Table, by: Sequence[str], sums: Sequence[str]) -> pa.Table:
    """Return the sums of groups, the columns of the groups first."""
    made = rows.group_by(list(by)).aggregate([(name, "sum") for name in sums])
    return made.select([*by, *(f"{name}_sum" for name in sums)]).rename_columns([*by, *sums])


def added(total: pa.Table, rows: pa.Table, by: Sequence[str], sums: Sequence[str]) -> pa.Table:
    """Return the sums of groups after some more rows."""
    return grouped(pa.concat_tables([total, grouped(rows, by, sums)]), by, sums)


def summed(pieces: Iterator[pa.Table], by: Sequence[str], sums: Sequence[str]) -> pa.Table:
    """Return the sums of groups of which there may be very many, hosts say: what is held are these groups.

    Pieces are put together once they have as many rows as the groups so far, so that the work is linear in all rows.
    """
    total, pending, rows = empty(by, sums), list[pa.Table](), 0
    for piece in pieces:
        pending.append(grouped(piece, by, sums))
        rows += pending[-1].num_rows
        if rows > max(8 * _BATCH_ROWS, total.num_rows):
            total, pending, rows = grouped(pa.concat_tables([total, *pending]), by, sums), [], 0
    return grouped(pa.concat_tables([total, *pending]), by, sums)


def ones(rows: int) -> pa.Array:
    """Return as many ones: what records are counted with."""
    return pa.repeat(pa.scalar(1, pa.int64()), rows)


def empty(by: Sequence[str], sums: Sequence[str]) -> pa.Table:
    """Return a table without rows: groups are text, sums are whole numbers."""
    return pa.schema([*((name, pa.string()) for name in by), *((name, pa.int64()) for name in sums)]).empty_table()


def lowest(batches: Iterator[pa.RecordBatch], most: int, columns: Sequence[Column] = ()) -> pa.Table:
    """Return the rows with the lowest doc_ids, which are hashes: a sample that is the same each time.

    Args:
        batches: With `doc_id`.
        most: Rows.
        columns: What a table without rows has, where there are no batches.
    """
    sample: pa.Table | None = None
    for batch in batches:
        rows = pa.Table.from_batches([batch])
        rows = rows if sample is None else pa.concat_tables([sample, rows])
        if rows.num_rows > most:
            rows = rows.take(pc.select_k_unstable(rows, most, [(DOC_ID.name, "ascending")]))
        sample = rows
    if sample is None:
        return pa.schema([column.field for column in (DOC_ID, *columns, DROP)]).empty_table()
    return sample.sort_by(DOC_ID.name)
