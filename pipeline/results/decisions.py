"""`decisions` and `inputs`: one row for every record that came in, one for every file, from what the stages left."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.part_cells import PartCells
from pipeline.cells.parts import digest
from pipeline.cells.reader import read_cells
from pipeline.cells.table_file import TableFile, Written
from pipeline.dedup.order import doc_numbers
from pipeline.errors import ManifestError
from pipeline.release.published import MANIFEST, differing, made_anew, manifest_of
from pipeline.runs.funnel import records_in
from pipeline.runs.manifest import PartRecord
from pipeline.runs.table import Table
from pipeline.spark.table_tasks import write_keyed
from pipeline.spark.tasks import label, pack, run_tasks, slots
from pipeline.spark.types import spark_type
from pipeline.stores import storage
from schemas.columns import DOC_ID, DROP, IDENTITY, WARC_FILE, WARC_OFFSET
from schemas.tables import DECISIONS, INPUTS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROWS_PER_FILE = 4_000_000
_SHARD = "_shard"
_PREFIX_BITS = 28
_DROP_FIELDS = DECISIONS.names[len(IDENTITY) + 1 :]


def chain_digest(tables: Sequence[Table]) -> str:
    """Return what a chain's decisions are known by."""
    identity = [cells.state for cells in tables[0].cells([column.name for column in IDENTITY])]
    files = [(part.source, part.bytes, part.report) for part in tables[0].parts]
    return digest(identity, files, [(table.stage, table.digest_of_drops) for table in tables])


def write_decisions(
    session: "Callable[[], SparkSession]", run: str, tables: Sequence[Table], say: Callable[[str], None]
) -> None:
    """Write the run's decisions and inputs, and check that no record is missing or counted twice.

    Args:
        session: Gives the SparkSession; not asked where all is there already, as it was written.
        run: The run directory.
        tables: The chain.
        say: Told which files were not what had been written.

    Raises:
        ManifestError: Rows of the decisions are not the records that came in.
    """
    wanted = chain_digest(tables)
    target = storage.join(run, "decisions")
    written = manifest_of(target)
    if written is not None and written["chain"] == wanted:
        changed = [
            storage.join(directory, path)
            for directory, files in ((target, written["files"]), (storage.join(run, "inputs"), written["inputs"]))
            for path in differing(session, directory, [Written(*file) for file in files])
        ]
        if not changed:
            return
        say(made_anew("decisions", changed))
    inputs = _write_inputs(run, tables[0].parts)
    spark = session()
    label(spark, "decisions")
    expected = records_in(tables)
    count = max(1, -(-expected // ROWS_PER_FILE))
    paths = {number: f"part-{number:05d}.parquet" for number in range(count)}
    building = storage.join(run, "_building", "decisions")
    storage.remove(building)
    parts = tables[-1].with_drops([column.name for column in IDENTITY])
    tasks = [[parts[number] for number in task] for task in pack([cells.part.bytes for cells in parts], slots(spark))]

    def rows_of(task: list[PartCells]) -> Iterator[pa.RecordBatch]:
        for cells in task:
            yield from decision_rows(cells, count)

    fields = [f"`{field.name}` {spark_type(field.type).simpleString()}" for field in DECISIONS]
    rows = run_tasks(spark, tasks, rows_of, ", ".join([*fields, f"{_SHARD} int"])).repartition(count, _SHARD)
    ordered = rows.sortWithinPartitions(_SHARD, DOC_ID.name, WARC_FILE.name, WARC_OFFSET.name)
    files = write_keyed(ordered, _SHARD, building, paths, DECISIONS)
    decided = sum(file.rows for file in files)
    if decided != expected:
        raise ManifestError(
            f"{expected} records came in, but there are {decided} decisions: a stage lost or doubled rows"
        )
    if not files:
        files = [Written(paths[0], *TableFile(storage.join(building, paths[0]), DECISIONS).close())]
    publish(building, target, [file.path for file in files])
    storage.write_json(storage.join(target, MANIFEST), {"chain": wanted, "files": files, "inputs": [inputs]})


def decision_rows(cells: PartCells, shards: int) -> Iterator[pa.RecordBatch]:
    """Yield the decisions on a part's records, each with the number of its shard.

    Args:
        cells: All records of the part, with `drop`; see `Table.with_drops`.
        shards: How many there are.

    Raises:
        ManifestError: Two stages dropped the same record.
    """
    dropped = 0
    for batch in read_cells(cells, (*IDENTITY, DROP)):
        drop = batch.column(DROP.name)
        dropped += batch.num_rows - drop.null_count
        prefix = doc_numbers(batch.column(DOC_ID.name)) >> np.int64(60 - _PREFIX_BITS)
        shard = (prefix * shards) >> np.int64(_PREFIX_BITS)
        fields = dict(zip([field.name for field in DROP.type], drop.flatten(), strict=True))
        arrays = [
            *(batch.column(column.name) for column in IDENTITY),
            pc.is_null(drop),
            *(fields[name] for name in _DROP_FIELDS),
            pa.array(shard.astype(np.int32)),
        ]
        yield pa.record_batch(arrays, names=[*DECISIONS.names, _SHARD])
    listed = sum(piece.columns.rows for piece in cells.sets[-1].pieces)
    if dropped != listed:
        raise ManifestError(f"{cells.part.source}: {listed} records were dropped, but only {dropped} different ones")


def publish(building: str, target: str, paths: Sequence[str]) -> None:
    """Put finished files in the place of those that stood there before; what says that they are whole goes first."""
    storage.remove(storage.join(target, MANIFEST))
    storage.remove(target)
    for path in paths:
        storage.link(storage.join(building, path), storage.join(target, path))
    storage.remove(building)


def _write_inputs(run: str, parts: Sequence[PartRecord]) -> Written:
    lines = [
        {
            WARC_FILE.name: part.source,
            "bytes": part.bytes,
            "records": part.report.get("records"),
            "responses": part.report.get("responses"),
            "kinds": part.report.get("kinds", []),
            "error": part.report.get("error"),
        }
        for part in parts
    ]
    name = "inputs.parquet"
    storage.remove(storage.join(run, "inputs"))
    file = TableFile(storage.join(run, "inputs", name), INPUTS)
    file.write(pa.Table.from_pylist(sorted(lines, key=lambda line: str(line[WARC_FILE.name])), schema=INPUTS))
    return Written(name, *file.close())


def damaged_inputs(first: Table) -> list[tuple[str, str]]:
    """Return (file, what is wrong with it) of the input files that are not whole."""
    return [(part.source, part.report["error"]) for part in first.parts if part.report.get("error")]
