"""What a stage's `fit` works with: its input by columns, sets measured part by part, small tables, and drops."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipeline.cells.part_batches import PART
from pipeline.cells.part_cells import PartCells
from pipeline.cells.parts import digest
from pipeline.cells.pieces import ROW, Stretch
from pipeline.code_digests.stage_code import code_of
from pipeline.engine.drops import read_lines, write_drops
from pipeline.engine.measure_task import Measuring
from pipeline.engine.measuring import measure_parts
from pipeline.engine.recipes import Step
from pipeline.engine.reuse import measured_parts
from pipeline.engine.saved import Combiner, SavedTable, Slices, save_by_bucket, save_rows, save_slices
from pipeline.engine.stage import Measure, Params
from pipeline.engine.tables import fitted_tables, read_whole
from pipeline.errors import ContractError
from pipeline.runs.manifest import DropRecord, Manifest, SetRecord, TableRecord
from pipeline.runs.table import Table
from pipeline.spark.cells import cells_frame
from pipeline.spark.meter import map_batches
from pipeline.spark.tasks import shuffle_partitions
from pipeline.stores import storage
from schemas.columns import DROP, DROP_TYPE, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@dataclass
class FitContext:
    """A stage that is being fitted.

    Attributes:
        spark: The session.
        step: The stage with its parameters.
        before: The table that it reads.
        earlier: Manifests of earlier versions of the stage, and what killed ones left, the latest first.
        made: What the fit leaves.
    """

    spark: "SparkSession"
    step: Step
    before: Table
    earlier: Sequence[Manifest]
    made: Manifest
    computed: set[str] = field(default_factory=set)
    _adds: dict[str, Column] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows of the stage's input."""
        return self.before.rows

    @property
    def parts(self) -> list[str]:
        """Names of the parts; PART is a number in this list."""
        return [part.name for part in self.before.parts]

    @property
    def columns(self) -> list[Column]:
        """Columns of the input, and of what was measured row by row."""
        return list(({column.name: column for column in self.before.columns} | self._adds).values())

    @property
    def _now(self) -> Table:
        return Table(self.before.root, (*self.before.chain, self.made))

    def _columns(self, names: Sequence[str]) -> list[Column]:
        """Return columns by their names: of the input, or of what was measured."""
        have = {column.name: column for column in self.before.columns} | self._adds
        if unknown := [name for name in names if name not in have]:
            raise ContractError(f"stage '{self.step.name}' reads '{unknown[0]}', which is not there")
        return [have[name] for name in names]

    def cells(self, *columns: Column | str) -> list[PartCells]:
        """Return the parts, with where some columns of the input and of what was measured lie."""
        names = [column if isinstance(column, str) else column.name for column in columns]
        return self._now.cells(names, private_sets=tuple(self.made.sets))

    def measure(
        self,
        name: str,
        measure: Measure,
        adds: Sequence[Column],
        reads: Sequence[Column],
        settings: Params | None = None,
        *,
        by_row: bool = True,
        tables: Sequence[str] = (),
    ) -> None:
        """Measure the input part by part; a row that was measured of the same cells is not measured again.

        Args:
            name: Of the set of columns.
            measure: The Arrow function; `settings` are its parameters.
            adds: Columns that it adds.
            reads: Columns that it is handed, of the input or of sets measured before; those absent are left out.
            settings: All parameters that the measure depends on.
            by_row: Whether it gives a row per document; else its rows are the part's, and it is called part by part.
            tables: Small tables of this fit that it reads.
        """
        have = {column.name for column in (*self.before.columns, *self._adds.values())}
        present = tuple(column for column in reads if column.name in have)
        step = self.step
        quarantine = step.quarantine(self.before.root)
        values = settings and settings.model_dump(mode="json")
        read = [self.made.tables[table].digest for table in tables]
        columns = [(column.name, str(column.type)) for column in adds]
        job = Measuring(
            root=self.before.root,
            stage=self.step.name,
            name=name,
            recipe=digest(step.name, step.stage.version, step.code, name, columns, values, read),
            measure=measure,
            params=settings,
            reads=present,
            adds=tuple(adds),
            fitted=replace(fitted_tables(self.before.root, self.made, tables), quarantine=quarantine),
            by_row=by_row,
            max_page_cpu_seconds=step.max_page_cpu_seconds,
        )
        records = [manifest.sets[name] for manifest in self.earlier if name in manifest.sets]
        parts = measured_parts(self.before, self.cells(*present), quarantine)
        measured = measure_parts(self.spark, job, parts, records)
        self.made.sets[name] = measured.record
        self.made.files |= measured.files
        self.computed |= measured.computed
        if by_row:
            self._adds |= {column.name: column for column in adds}

    def compares_by(self, *roots: Callable[..., object] | str) -> None:
        """Remember the functions that make what later runs compare theirs with.

        Args:
            roots: Functions, "module:name" of them, and models of their parameters: what measures, and what files it.
        """
        earlier = (manifest.compared_by for manifest in self.earlier if manifest.compared_by)
        kept = next(earlier, None) if self.step.is_kept else None  # what is taken for this code's was made by that
        self.made.compared_by = kept or dict(code_of(*roots).functions)

    def frame(self, *columns: Column | str) -> "DataFrame":
        """Return rows as a DataFrame: PART, ROW and some columns, of the input or of what was measured."""
        names = [column if isinstance(column, str) else column.name for column in columns]
        return cells_frame(self.spark, self.cells(*columns), self._columns(names))

    def stretches(self, name: str) -> list[tuple[str, tuple[Stretch, ...]]]:
        """Return (part, where its rows lie) of a set that was measured with `by_row=False`."""
        pieces = self.made.sets[name].pieces
        return [(part, tuple(piece.columns for piece in pieces.get(part, ()))) for part in self.parts]

    def set_frame(self, name: str, columns: Sequence[Column], combine: Combiner | None = None) -> "DataFrame":
        """Return the rows of a set that was measured with `by_row=False`; a combiner makes fewer of a task's."""
        record = self.made.sets[name]
        stretches = [piece.columns for pieces in record.pieces.values() for piece in pieces]
        return Slices(self.before.root, dict(enumerate(stretches))).frame(self.spark, columns, combine)

    def save_small(self, name: str, rows: "DataFrame", *, decides: bool = True) -> SavedTable:
        """Commit rows as one sorted file, which workers read whole.

        Args:
            name: Of the table.
            rows: What to commit.
            decides: Whether the stage's cells depend on it; if not, no part's state holds it.
        """
        ordered = rows.repartition(1).sortWithinPartitions(*rows.columns)
        saved = save_rows(ordered, self.before.root, self._directory(name), at_least_one=True)
        self.made.tables[name] = TableRecord(saved.listed(), decides=decides)
        self.made.files |= saved.files
        return saved

    def save_by_bucket(self, name: str, rows: "DataFrame", buckets: Sequence[str]) -> SavedTable:
        """Commit rows, one file for each bucket that has any.

        Args:
            name: Of the table.
            rows: Those of a bucket stand together, in one partition, by column `bucket`, a number.
            buckets: Names of the buckets, by number.
        """
        saved = save_by_bucket(rows, self.before.root, self._directory(name), buckets)
        self.made.tables[name] = TableRecord(saved.listed(), saved.by_bucket, len(buckets), decides=False)
        self.made.files |= saved.files
        return saved

    def save_rows(self, name: str, rows: "DataFrame") -> SavedTable:
        """Write rows for the fit's own use, and return them as read back: their lineage ends here."""
        return save_rows(rows, self.before.root, self._directory(name))

    def save_slices(self, name: str, rows: "DataFrame") -> Slices:
        """Write rows of parts for the fit's own use.

        Args:
            name: Of the slices.
            rows: PART, ROW, and whatever else.
        """
        return save_slices(rows, self.before.root, self._directory(name), self._tasks)[0]

    def save_cells(self, name: str, rows: "DataFrame", adds: Sequence[Column]) -> None:
        """Commit cells that some rows have, by part; those of all others are null.

        Args:
            name: Of the set of columns.
            rows: PART, ROW and the columns.
            adds: The columns.
        """
        slices, files = save_slices(rows, self.before.root, f"stages/{self.step.name}/files/{name}", self._tasks)
        names = self.parts
        self.made.sets[name] = SetRecord(
            tuple(column.name for column in adds), is_sparse=True, pieces=slices.pieces_by_name(names)
        )
        self.made.files |= files
        self._adds |= {column.name: replace(column, default=None) for column in adds}

    def drop(self, rows: "DataFrame") -> None:
        """Commit the stage's drops: nothing else decides.

        Args:
            rows: PART, ROW and the fields of `drop`.
        """
        from pyspark.sql import functions as F  # noqa: N812

        root, stage, names = self.before.root, self.step.name, self.parts

        def write(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            yield from write_drops(batches, root, stage)

        drop = F.struct(*(F.col(field.name) for field in DROP_TYPE)).alias(DROP.name)
        ordered = rows.select(PART.name, ROW, drop).repartition(self._tasks, PART.name)
        self.made.drops = dict.fromkeys(names, DropRecord(""))
        lines = map_batches(ordered.sortWithinPartitions(PART.name, ROW), write, "line string").collect()
        for records, files in read_lines(lines):
            self.made.files |= files
            self.made.drops |= {names[number]: record for number, record in records.items()}

    @property
    def _tasks(self) -> int:
        return max(1, min(len(self.before.parts), shuffle_partitions(self.spark)))

    def _directory(self, name: str) -> str:
        return f"stages/{self.step.name}/tables/{name}"

    def note(self, **values: Any) -> None:
        """Remember what the run's report is to say of the fit: JSON values by name."""
        self.made.notes |= values

    def files(self, name: str) -> tuple[str, ...]:
        """Return the files of a table of this fit."""
        return tuple(storage.join(self.before.root, path) for path, _ in self.made.tables[name].files)

    def table(self, name: str) -> pa.Table:
        """Return a small table of this fit on the driver."""
        return read_whole(self.files(name))

    def upstream(self, stage: str, name: str) -> tuple[str, ...]:
        """Return the files of a small table of an earlier stage that this one listens to; none where it left none."""
        if (stage, name) not in self.step.stage.listens_to:
            raise ContractError(f"stage '{self.step.name}' does not say that it listens to '{name}' of '{stage}'")
        return self.before.files(stage, name)
