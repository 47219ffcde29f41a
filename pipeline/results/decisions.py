"""`decisions` and `inputs`: one row for every record that came in, one for every file, from the committed chain."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from pipeline.errors import ManifestError
from pipeline.runs import storage
from pipeline.runs.manifest import StageTable
from pipeline.runs.parts import digest
from pipeline.runs.table_file import TableFile
from pipeline.spark.frames import empty_frame
from pipeline.spark.table_tasks import write_keyed
from pipeline.spark.types import spark_schema
from schemas.columns import DOC_ID, DROP, IDENTITY, WARC_FILE, WARC_OFFSET
from schemas.tables import DECISIONS, INPUTS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

ROWS_A_FILE = 4_000_000
_SHARD = "_shard"


def chain_digest(tables: Sequence[StageTable]) -> str:
    """Return what a chain's decisions are known by."""
    return digest([(table.stage, table.digest, table.digest_of_dropped) for table in tables])


def records_in(tables: Sequence[StageTable]) -> int:
    """Return how many records `ingest` was handed, as its own count of the files says."""
    return sum((part.input or {}).get("responses", 0) for part in tables[0].manifest.parts)


def write_decisions(spark: "SparkSession", run: str, tables: Sequence[StageTable]) -> None:
    """Write the run's decisions and inputs, and check that no record is missing or counted twice.

    Raises:
        ManifestError: Rows of the decisions are not the records that came in.
    """
    wanted = chain_digest(tables)
    target = storage.join(run, "decisions")
    known = storage.read_json(storage.join(target, "_manifest.json"))
    if known is not None and known["chain"] == wanted:
        return
    _write_inputs(run, tables[0])
    expected = records_in(tables)
    count = max(1, -(-expected // ROWS_A_FILE))
    paths = {number: f"part-{number:05d}.parquet" for number in range(count)}
    building = storage.join(run, "_building", "decisions")
    storage.remove(building)
    rows = _rows(spark, tables, count).repartition(count, _SHARD)
    ordered = rows.sortWithinPartitions(_SHARD, DOC_ID.name, WARC_FILE.name, WARC_OFFSET.name)
    files = write_keyed(ordered, _SHARD, building, paths, DECISIONS)
    found = sum(file.rows for file in files)
    if found != expected:
        raise ManifestError(
            f"{expected} records came in, but there are {found} decisions: a stage lost or doubled rows"
        )
    if not files:
        TableFile(storage.join(building, paths[0]), DECISIONS).close()
    publish(building, target, [file.path for file in files] or [paths[0]])
    storage.write_json(storage.join(target, "_manifest.json"), {"chain": wanted, "files": files})


def publish(building: str, target: str, paths: Sequence[str]) -> None:
    """Put finished files in the place of those that stood there before."""
    storage.remove(target)
    for path in paths:
        storage.link(storage.join(building, path), storage.join(target, path))
    storage.remove(building)


def _rows(spark: "SparkSession", tables: Sequence[StageTable], count: int) -> "DataFrame":
    """Return a row a record: what each stage dropped, and what passed the last one."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    schema = spark_schema((*IDENTITY, DROP))
    pieces = []
    for table in tables:
        if files := table.files_of(table.stage):
            pieces.append(spark.read.schema(schema).parquet(*files).withColumn("kept", F.lit(False)))  # noqa: FBT003
    last = tables[-1]
    if files := [file for part in last.parts() for file in part.files]:
        kept = spark.read.schema(schema).parquet(*files).withColumn("kept", F.lit(True))  # noqa: FBT003
        pieces.append(kept.withColumn(DROP.name, F.lit(None).cast(schema[DROP.name].dataType)))
    rows = pieces[0] if pieces else empty_frame(spark, schema).withColumn("kept", F.lit(True))  # noqa: FBT003
    for piece in pieces[1:]:
        rows = rows.unionByName(piece)
    prefix = F.conv(F.substring(DOC_ID.name, 1, 7), 16, 10).cast("long")
    shard = F.floor(prefix * count / F.lit(1 << 28)).cast("int")
    dropped = [F.col(DROP.name)[name].alias(name) for name in DECISIONS.names[len(IDENTITY) + 1 :]]
    return rows.select(*(column.name for column in IDENTITY), "kept", *dropped, shard.alias(_SHARD))


def _write_inputs(run: str, ingest: StageTable) -> None:
    lines = [
        {
            "warc_file": part.source,
            "bytes": part.bytes,
            "records": (part.input or {}).get("records"),
            "responses": (part.input or {}).get("responses"),
            "error": (part.input or {}).get("error"),
        }
        for part in ingest.manifest.parts
    ]
    file = TableFile(storage.join(run, "inputs", "inputs.parquet"), INPUTS)
    file.write(pa.Table.from_pylist(sorted(lines, key=lambda line: str(line["warc_file"])), schema=INPUTS))
    file.close()


def damaged_inputs(ingest: StageTable) -> list[tuple[str, str]]:
    """Return (file, what is wrong with it) of the input files that are not whole."""
    return [(part.source, part.input["error"]) for part in ingest.manifest.parts if part.input and part.input["error"]]
