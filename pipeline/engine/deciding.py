"""Deciding: a stage's Column logic over the few columns that it names; what comes back is whom it drops."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipeline.cells.part_batches import PART
from pipeline.cells.part_cells import PartCells
from pipeline.cells.parts import digest
from pipeline.cells.pieces import ROW
from pipeline.engine.drops import read_lines, write_drops
from pipeline.engine.recipes import Step
from pipeline.errors import ContractError
from pipeline.runs.manifest import DropRecord
from pipeline.spark.cells import cells_frame
from pipeline.spark.meter import map_batches
from pipeline.spark.types import spark_type
from schemas.columns import DROP, DROP_TYPE, Column
from schemas.reasons import QUARANTINED

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@dataclass
class Decided:
    """Whom a stage drops.

    Attributes:
        drops: Part → its record.
        files: Path below the run → [rows, bytes, sha256] of the files written now.
        computed: Names of the parts that were decided now.
    """

    drops: dict[str, DropRecord] = field(default_factory=dict)
    files: dict[str, list[Any]] = field(default_factory=dict)
    computed: set[str] = field(default_factory=set)


def decide_parts(
    spark: "SparkSession",
    step: Step,
    parts: Sequence[PartCells],
    columns: Sequence[Column],
    earlier: Sequence[Mapping[str, DropRecord]],
    hung: Mapping[str, Sequence[int]],
) -> Decided:
    """Decide the parts that were not decided by the same before.

    Args:
        spark: The session.
        step: The stage with its parameters.
        parts: The parts, asked for the columns.
        columns: What the Column logic reads.
        earlier: Drops that earlier versions left, the latest first.
        hung: Part → rows whose pages hung in the stage, which are dropped whatever its logic says.
    """
    done = Decided()
    missing: list[tuple[PartCells, str]] = []
    for cells in parts:
        name = cells.part.name
        state = digest(step.recipe, cells.state, *hung.get(name, ()))
        same = next((drops[name] for drops in earlier if name in drops and drops[name].state == state), None)
        if same is not None:
            done.drops[name] = same
        else:
            missing.append((cells, state))
    if missing:
        for records, files in _run(spark, step, [cells for cells, _ in missing], columns, hung):
            done.files |= files
            for number, record in records.items():
                cells, state = missing[number]
                if cells.part.name in done.drops:
                    raise ContractError(f"stage '{step.name}': its Column logic moves rows between partitions")
                done.drops[cells.part.name] = replace(record, state=state)
        for cells, state in missing:
            done.drops.setdefault(cells.part.name, DropRecord(state))
    done.computed = {cells.part.name for cells, _ in missing}
    return done


def _run(
    spark: "SparkSession",
    step: Step,
    parts: Sequence[PartCells],
    columns: Sequence[Column],
    hung: Mapping[str, Sequence[int]],
) -> Iterator[tuple[dict[int, DropRecord], dict[str, list[Any]]]]:
    from pyspark.sql import functions as F  # noqa: N812

    root, stage = parts[0].root, step.name

    def write(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from write_drops(batches, root, stage)

    rows = decided(cells_frame(spark, parts, columns), step)
    for number, part in enumerate(parts):
        if listed := hung.get(part.part.name):
            is_listed = (F.col(PART.name) == number) & F.col(ROW).isin(*listed)
            said = {"stage": stage, "reason": QUARANTINED}
            drop = (F.lit(said.get(f.name)).cast(spark_type(f.type)).alias(f.name) for f in DROP_TYPE)
            rows = rows.withColumn(DROP.name, F.when(is_listed, F.struct(*drop)).otherwise(F.col(DROP.name)))
    dropped = rows.where(f"{DROP.name} is not null").select(PART.name, ROW, DROP.name)
    return read_lines(map_batches(dropped, write, "line string").collect())


def decided(rows: "DataFrame", step: Step) -> "DataFrame":
    """Run a stage's Column logic and hold it to its promise: it fills `drop`, and changes nothing else.

    Args:
        rows: With the columns that it reads.
        step: The stage with its parameters.

    Raises:
        ContractError: It lost, added or changed a column.
    """
    from pyspark.sql import functions as F  # noqa: N812

    assert step.stage.decide is not None
    rows = rows.withColumn(DROP.name, F.lit(None).cast(spark_type(DROP.type)))
    before = {field.name: field.dataType for field in rows.schema}
    after = step.stage.decide(rows, step.params)
    types = {field.name: field.dataType for field in after.schema}
    if missing := set(before) - set(types):
        raise ContractError(f"stage '{step.name}' lost {', '.join(sorted(missing))}")
    if extra := set(types) - set(before):
        raise ContractError(f"stage '{step.name}' added {', '.join(sorted(extra))}, which its contract does not name")
    for name, kind in before.items():
        if types[name] != kind:
            raise ContractError(f"stage '{step.name}' changed the type of '{name}' from {kind} to {types[name]}")
    return after
