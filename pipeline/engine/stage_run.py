"""One stage, brought up to date and committed: fit, measure, decide."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.cells.part_cells import PartCells
from pipeline.cells.parts import Part, digest
from pipeline.engine.deciding import decide_parts
from pipeline.engine.fitting import FitContext
from pipeline.engine.measure_task import Measuring
from pipeline.engine.measuring import Measured, measure_parts
from pipeline.engine.recipes import Step
from pipeline.engine.reuse import MeasuredPart, measured_parts
from pipeline.engine.tables import fitted_tables
from pipeline.errors import ContractError, ManifestError
from pipeline.runs.earlier import earlier_manifests, remove_units
from pipeline.runs.manifest import Manifest, PartRecord, SetRecord, encode_schema
from pipeline.runs.run import manifest_path
from pipeline.runs.table import Table
from pipeline.spark.types import arrow_schema
from schemas.columns import Column

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class Outcome:
    """A committed table, and the names of the parts of which anything was computed now."""

    table: Table
    computed: frozenset[str]


class StageRun:
    """One stage on its input."""

    def __init__(self, spark: "SparkSession", run: str, step: Step, before: Table | None, key: str) -> None:
        """Look what earlier work there is.

        Args:
            spark: The session.
            run: The run directory.
            step: The stage with its parameters.
            before: The table that it reads; None for the first stage.
            key: What the table is to be known by.
        """
        stage = step.stage
        self._spark, self._run, self._step = spark, run, step
        self._before = before.chain if before is not None else ()
        self._quarantine = step.quarantine(run)
        self._earlier = earlier_manifests(run, step.name)
        self._computed: set[str] = set()
        self._made = Manifest(
            stage=step.name,
            version=stage.version,
            params=step.settings,
            code=dict(step.code),
            key=key,
            adds=[column.name for column in stage.public],
            leaves_out=[column.name for column in stage.drops_columns],
            schema=encode_schema(arrow_schema(stage.public)),
            hides=[column.name for column in stage.hides],
            meanings=dict(stage.meanings),
        )

    @property
    def _table(self) -> Table:
        """The table as far as it is made."""
        return Table(self._run, (*self._before, self._made))

    def run(self, parts: Sequence[Part], may_commit: Callable[[], None]) -> Outcome:
        """Bring the stage up to date and commit it.

        Args:
            parts: The input, for the first stage.
            may_commit: Called before the commit; raises where this driver holds the run no more.

        Raises:
            ManifestError: Rows were lost or invented.
            QuarantineError: Pages hung, more often than Spark tries a task.
        """
        stage = self._step.stage
        before = self._table.before if self._before else None
        if before is None:
            self._create(parts)
        if stage.fit is not None:
            context = FitContext(self._spark, self._step, self._table.before, self._earlier, self._made)
            stage.fit(context, self._step.params)
            self._computed |= context.computed
        if stage.measure is not None and before is not None:
            self._measure()
        if stage.decide is not None:
            self._decide()
        if names := self._quarantine.names():  # those of pages that hung just now among them
            self._made.key = self._step.key(before, parts, names)
        may_commit()
        return self._commit()

    def _create(self, parts: Sequence[Part]) -> None:
        """Read the input."""
        job = self._job((), creates=True)
        made = [MeasuredPart(PartCells(self._run, part, 0, (), ()), file=part.digest) for part in parts]
        record = self._measured(job, made).record
        for part in parts:
            rows = sum(piece.columns.rows for piece in record.pieces.get(part.name, ()))
            self._made.parts.append(PartRecord(**vars(part), rows=rows, report=record.reports.get(part.name, {})))

    def _measure(self) -> None:
        """Measure what the stage adds and changes, once it is fitted."""
        stage = self._step.stage
        reads = stage.measure_reads or (*stage.needs, *stage.uses, *stage.changes)
        cells = self._table.cells([column.name for column in reads], private_sets=tuple(self._made.sets))
        present = {name for each in cells for chosen in each.sets for name in chosen.adds}
        job = self._job(tuple(c for c in dict.fromkeys(reads) if c.name in present or c in stage.needs))
        self._measured(job, measured_parts(self._table.before, cells, self._quarantine))

    def _measured(self, job: Measuring, parts: Sequence[MeasuredPart]) -> Measured:
        measured = measure_parts(self._spark, job, parts, self._records(job.name))
        self._made.sets[job.name] = measured.record
        self._made.files |= measured.files
        self._computed |= measured.computed
        return measured

    def _records(self, name: str) -> list[SetRecord]:
        return [manifest.sets[name] for manifest in self._earlier if name in manifest.sets]

    def _job(self, reads: tuple[Column, ...], *, creates: bool = False) -> Measuring:
        """Return what the stage's own measure is, now that it is fitted."""
        step, stage = self._step, self._step.stage
        assert stage.measure is not None
        fitted = fitted_tables(self._run, self._made)
        left = {name for record in self._made.sets.values() for name in record.adds}
        have = {name for manifest in self._before for name in manifest.adds}
        return Measuring(
            root=self._run,
            stage=step.name,
            name="",
            recipe=digest(step.content_recipe, {name: self._made.tables[name].digest for name in fitted.whole}),
            measure=stage.measure,
            params=step.params,
            reads=reads,
            adds=tuple(c for c in stage.adds if c.name not in left and not (c in stage.uses and c.name in have)),
            fitted=replace(fitted, quarantine=self._quarantine),
            max_page_cpu_seconds=step.max_page_cpu_seconds,
            changes=tuple(column for column in stage.changes if column in reads and column.name in have),
            by_part=stage.rereads_source,
            creates=creates,
        )

    def _decide(self) -> None:
        stage = self._step.stage
        columns = tuple(dict.fromkeys((*stage.adds, *stage.decides_by)))
        cells = self._table.cells([column.name for column in columns], private_sets=tuple(self._made.sets))
        hung: dict[str, list[int]] = {}
        if self._before and (listed := self._quarantine.pages()):
            parts = measured_parts(self._table.before, cells, self._quarantine)
            without_listed = (part.without_quarantined(listed, creates=False) for part in parts)
            hung = {part.cells.part.name: sorted(part.quarantined) for part in without_listed if part.quarantined}
        earlier = [manifest.drops for manifest in self._earlier]
        decided = decide_parts(self._spark, self._step, cells, columns, earlier, hung)
        self._made.drops = decided.drops
        self._made.files |= decided.files
        self._computed |= decided.computed

    def _commit(self) -> Outcome:
        """Write the manifest: with it the table is there."""
        made, name = self._made, self._step.name
        left = {column for record in made.sets.values() for column in record.adds}
        left |= {c.name for c in self._step.stage.uses for manifest in self._before if c.name in manifest.adds}
        if missing := [column.name for column in self._step.stage.adds if column.name not in left]:
            raise ContractError(f"stage '{name}' promised '{missing[0]}', and neither fit nor measure gives it")
        table = self._table
        if table.rows < 0 or any(table.rows_of(part.name) < 0 for part in table.parts):
            raise ManifestError(f"{name}: more rows were dropped than came in, in {self._run}")
        files = {path: file for manifest in reversed(self._earlier) for path, file in manifest.files.items()}
        files |= made.files
        made.files = {path: files[path] for path in sorted(made.named_files())}
        made.save(manifest_path(self._run, name, made.key))
        remove_units(self._run, name)
        return Outcome(table, frozenset(self._computed))
