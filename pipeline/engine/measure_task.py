"""One task of measuring: it reads the rows of some parts that are not measured yet, measures and writes them."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.cells.batches import arrays_of, differs
from pipeline.cells.part_batches import ROW_COLUMN, by_part, gathered, numbered
from pipeline.cells.parts import BatchStream, digest
from pipeline.cells.pieces import KEY, ROW, Piece, StretchWriter, new_name
from pipeline.cells.reader import read_cells
from pipeline.engine.reuse import Fresh, MeasuredPart, fresh_rows
from pipeline.engine.stage import Measure, Params
from pipeline.engine.tables import NO_TABLES, FittedTables
from pipeline.errors import ContractError
from pipeline.quarantine.watched_rows import WatchedPart, WatchedRows
from pipeline.spark.types import arrow_schema
from pipeline.stores import storage
from schemas.columns import Column

_KEY = Column(KEY, pa.int16(), "number of the key by which the row is known")


@dataclass(frozen=True)
class Measuring:
    """What is measured, of what, and where it goes.

    Attributes:
        root: The run directory.
        stage: Name of the stage.
        name: Name of the set; "" for what the stage's own measure leaves.
        recipe: Hash of what is done to the cells.
        measure: The Arrow function.
        params: Its parameters.
        fitted: Small tables that it reads.
        reads: Columns that it is handed.
        adds: Columns that it adds.
        changes: Columns of those that it reads that it changes.
        by_row: Whether it gives a row for each that it is handed; else a few rows for a part.
        by_part: Whether it is called part by part; else small parts share its batches.
        creates: Whether it makes the rows: it is handed none.
        max_page_cpu_seconds: CPU seconds after which a batch hangs; None where nobody watches.
    """

    root: str
    stage: str
    name: str
    recipe: str
    measure: Measure
    params: Params | None
    reads: tuple[Column, ...]
    adds: tuple[Column, ...]
    fitted: FittedTables = NO_TABLES
    changes: tuple[Column, ...] = ()
    by_row: bool = True
    by_part: bool = False
    creates: bool = False
    max_page_cpu_seconds: float | None = None

    @property
    def directory(self) -> str:
        """Directory of the files, below the run."""
        return f"stages/{self.stage}/files"

    @property
    def units(self) -> str:
        """Directory of the lines by which tasks commit what they have finished."""
        return storage.join(self.root, "stages", self.stage, "units")


class MeasureTask:
    """Measures some parts, and writes what comes of it into files that they share."""

    def __init__(self, job: Measuring, parts: Sequence[MeasuredPart]) -> None:
        """Look which rows are to be measured.

        Args:
            job: What to measure.
            parts: The task's parts.
        """
        self._job = job
        listed = job.fitted.quarantine.pages()  # as it is now: the next try of a task goes on without a page that hung
        self._parts = [part.without_quarantined(listed, creates=job.creates) for part in parts]
        is_known = job.by_row and not job.creates
        self._fresh: list[Fresh | None] = [fresh_rows(part, job.recipe) if is_known else None for part in self._parts]
        bookkeeping = (ROW_COLUMN, _KEY) if job.by_row else ()
        prefix = job.name or "columns"
        self._columns = self._writer(prefix, (*bookkeeping, *job.adds))
        self._changes = self._writer(f"{prefix}-changes", (ROW_COLUMN, *job.changes))
        self._units: dict[str, dict[str, Any]] = {}
        self._before: deque[list[pa.Array]] = deque()

    def _writer(self, prefix: str, columns: Sequence[Column]) -> StretchWriter:
        return StretchWriter(self._job.root, new_name(self._job.directory, prefix), arrow_schema(columns))

    def run(self) -> dict[str, Any]:
        """Measure; return what was written: the parts, and the files."""
        try:
            if self._job.by_part or self._job.creates or not self._job.by_row:
                for number, part in enumerate(self._parts):
                    self._measure_part(number, part)
            else:
                self._measure_together()
            files = {path: list(record) for path, record in (self._columns.close() | self._changes.close()).items()}
        except BaseException as error:
            for writer in (self._columns, self._changes):
                writer.abandon(error)
            raise
        return {"parts": self._units, "files": files}

    def _measure_part(self, number: int, part: MeasuredPart) -> None:
        """Measure the rows of one part by themselves."""
        job = self._job
        fitted = job.fitted.of_part(part.cells.part, part.left_out)
        fresh = self._fresh[number]
        if job.creates:
            self._end(number, self._create(job.measure(iter(()), job.params, fitted), part), fitted.reports)
        elif fresh is None:
            rows = read_cells(part.cells, job.reads)
            for batch in job.measure(rows, job.params, fitted):
                self._columns.write(pa.Table.from_arrays(arrays_of(batch, job.adds), schema=arrow_schema(job.adds)))
            self._end(number, ())
        elif len(fresh.rows):
            rows = numbered(number, read_cells(part.cells, job.reads, fresh.rows))
            self._write(job.measure(self._remembered(rows), job.params, fitted))
            if part.cells.part.name not in self._units:
                self._end(number, fresh.keys)
            self._units[part.cells.part.name]["report"] = fitted.reports
        else:
            self._end(number, fresh.keys)

    def _create(self, made: BatchStream, part: MeasuredPart) -> list[str]:
        """Write rows that a measure makes, numbered in its order; return the one key of all of them."""
        count = 0
        names = [ROW, KEY, *(column.name for column in self._job.adds)]
        for batch in made:
            rows = pa.array(np.arange(count, count + batch.num_rows))
            keys = pa.array(np.zeros(batch.num_rows, np.int16))
            self._columns.write(pa.Table.from_arrays([rows, keys, *arrays_of(batch, self._job.adds)], names=names))
            count += batch.num_rows
        return [digest(self._job.recipe, part.cells.state)]

    def _measure_together(self) -> None:
        """Measure the rows of all parts in batches that parts share."""
        streams = (
            self._remembered(numbered(number, read_cells(part.cells, self._job.reads, fresh.rows)))
            for number, (part, fresh) in enumerate(zip(self._parts, self._fresh, strict=True))
            if fresh is not None and len(fresh.rows)
        )
        rows = gathered(batch for stream in streams for batch in stream)
        if self._job.max_page_cpu_seconds is None:
            self._write(self._job.measure(rows, self._job.params, self._job.fitted))
        else:
            parts = [WatchedPart(part.pages or part.cells, part.quarantined) for part in self._parts]
            watched = WatchedRows(rows, parts, self._job.fitted.quarantine, self._job.max_page_cpu_seconds)
            try:
                self._write(self._job.measure(iter(watched), self._job.params, self._job.fitted))
            except MemoryError as error:
                raise watched.out_of_memory() from error
        for number, (part, fresh) in enumerate(zip(self._parts, self._fresh, strict=True)):
            if part.cells.part.name not in self._units:
                self._end(number, fresh.keys if fresh is not None else ())

    def _remembered(self, batches: BatchStream) -> BatchStream:
        """Yield batches, and remember what the measure may change in them."""
        for batch in batches:
            if self._job.changes:
                self._before.append([batch.column(column.name) for column in self._job.changes])
            yield batch

    def _write(self, measured: BatchStream) -> None:
        """Write what a measure gives, part by part, and check that it gives every row in its order."""
        current, at = -1, 0
        for batch in measured:
            for number, rows in by_part(batch):
                if number != current:
                    self._close_part(current)
                    current, at = number, 0
                self._put(number, at, rows)
                at += rows.num_rows
        self._close_part(current)

    def _close_part(self, number: int) -> None:
        fresh = self._fresh[number] if number >= 0 else None
        if fresh is not None:
            self._end(number, fresh.keys)

    def _put(self, number: int, at: int, rows: pa.RecordBatch) -> None:
        job, fresh = self._job, self._fresh[number]
        assert fresh is not None
        wanted = fresh.rows[at : at + rows.num_rows]
        if not np.array_equal(rows.column(ROW).to_numpy(), wanted):
            raise ContractError(f"the measure of '{job.stage}' lost rows, doubled them or changed their order")
        keys = pa.array(fresh.numbers[at : at + rows.num_rows].astype(np.int16))
        arrays = [pa.array(wanted), keys, *arrays_of(rows, job.adds)]
        self._columns.write(pa.Table.from_arrays(arrays, names=[ROW, KEY, *(column.name for column in job.adds)]))
        if job.changes:
            new = arrays_of(rows, job.changes)
            changed = np.flatnonzero(self._is_changed(new, rows.num_rows))
            if len(changed):
                index = pa.array(changed)
                arrays = [pa.array(wanted[changed]), *(array.take(index) for array in new)]
                self._changes.write(pa.Table.from_arrays(arrays, names=[ROW, *(c.name for c in job.changes)]))

    def _is_changed(self, new: list[pa.Array], rows: int) -> Any:
        """Tell which rows are no longer what they were; they come in the order in which they went in."""
        pieces: list[Any] = []
        start = 0
        while start < rows:
            old = self._before.popleft()
            count = min(len(old[0]), rows - start)
            if count < len(old[0]):
                self._before.appendleft([array.slice(count) for array in old])
            after = [array.slice(start, count) for array in new]
            pairs = zip(old, after, strict=True)
            pieces.append(np.logical_or.reduce([differs(was.slice(0, count), now) for was, now in pairs]))
            start += count
        return np.concatenate(pieces)

    def _end(self, number: int, keys: Sequence[str], report: dict[str, Any] | None = None) -> None:
        """Remember where the rows of a part went, and check that there are as many as went in."""
        fresh, name = self._fresh[number], self._parts[number].cells.part.name
        columns, changes = self._columns.cut(), self._changes.cut()
        written = columns.rows if columns is not None else 0
        if fresh is not None and written != len(fresh.rows):
            raise ContractError(f"the measure of '{self._job.stage}' gave {written} rows for {len(fresh.rows)}")
        new = (Piece(columns, changes, tuple(keys)),) if columns is not None else ()
        self._units[name] = {
            "pieces": (*(fresh.kept if fresh is not None else ()), *new),
            "report": report or {},
            "state": self._parts[number].state_of(self._job.recipe),
            "computed": int(columns is not None or fresh is None),
        }
