"""What all summaries share: records of a run batch by batch, sums of groups, stages that may not be there."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.reader import read_cells
from pipeline.runs.run import Run
from pipeline.runs.table import Table
from schemas.columns import DOC_ID, DROP, Column

KEPT_STAGE = "kept"
"""The `stage` of the rows that every stage kept."""
MOST_GROUPS: Final = 500_000
"""Groups that are held of what there may be any number of."""
_BATCH_ROWS = 8192
_CREDIT: Final = "__credit"


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


class Sums(NamedTuple):
    """Sums of the heaviest groups.

    Attributes:
        groups: The groups, then the sums; in no order.
        weight: The first sum over all groups, those that are not here too.
        error: By how much a first sum may be too low, 0 where all groups are here; the other sums of a group lack the
            same rows. A group that weighs more than this is here.
        at_least: How many groups there are, at least; exactly as many where `error` is 0.
    """

    groups: pa.Table
    weight: int
    error: int
    at_least: int


def summed(pieces: Iterator[pa.Table], by: Sequence[str], sums: Sequence[str], most: int = MOST_GROUPS) -> Sums:
    """Return the sums of groups of which there may be more than memory holds, hosts say.

    The first sum is a group's weight. Once there are more groups than `most`, the lightest go, and the weight of the
    first that has no room is taken from the credit of all others, so that a group that comes late has its chance: the
    summary of Misra and Gries (1982), merged as Agarwal et al. (2012) do. The error is at most the whole weight divided
    by `most`. Pieces are put together once they have as many rows as the groups so far, so that the work is linear in
    all rows.

    Args:
        pieces: Rows with the columns of `by` and `sums`.
        by: Columns of the groups.
        sums: Columns to add up.
        most: Groups to hold.
    """
    columns = (*sums, _CREDIT)
    total, pending, rows = empty(by, columns), list[pa.Table](), 0
    weight, error, at_least = 0, 0, 0
    for piece in pieces:
        weights = pc.fill_null(piece[sums[0]], 0)
        weight += pc.sum(weights).as_py() or 0
        pending.append(grouped(piece.append_column(_CREDIT, weights), by, columns))
        rows += pending[-1].num_rows
        if rows > max(8 * _BATCH_ROWS, total.num_rows):
            total = grouped(pa.concat_tables([total, *pending]), by, columns)
            pending, rows, at_least = [], 0, max(at_least, total.num_rows)
            total, lost = _heaviest(total, most)
            error += lost
    total = grouped(pa.concat_tables([total, *pending]), by, columns)  # the last ones need no room for more
    return Sums(total.drop_columns([_CREDIT]), weight, error, max(at_least, total.num_rows))


def _heaviest(total: pa.Table, most: int) -> tuple[pa.Table, int]:
    """Return the groups with most credit, and how much of it each has lost."""
    if total.num_rows <= most:
        return total, 0
    credit = total[_CREDIT].to_numpy()
    lost = int(np.partition(credit, -(most + 1))[-(most + 1)])  # of the first group that has no room
    left = total.set_column(total.num_columns - 1, _CREDIT, pa.array(credit - lost))
    return left.filter(pc.greater(left[_CREDIT], 0)), lost


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
