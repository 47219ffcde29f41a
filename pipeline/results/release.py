"""The release: the mixture's documents with their texts, shuffled into Parquet shards by category."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from pipeline.cells.part_cells import PartCells
from pipeline.cells.parts import digest
from pipeline.cells.reader import read_cells
from pipeline.cells.table_file import TableFile, Written
from pipeline.engine.stage import Drawn
from pipeline.kernels.tokens.mixture import draws
from pipeline.results.decisions import publish
from pipeline.results.verifying import MANIFEST, differing, made_anew, manifest_of
from pipeline.runs.table import Table
from pipeline.spark.cells import cells_frame
from pipeline.spark.table_tasks import write_keyed
from pipeline.spark.tasks import pack, run_tasks, slots
from pipeline.spark.types import spark_type
from pipeline.stores import storage
from schemas.columns import (
    CATEGORY,
    DOC_ID,
    EPOCH,
    EPOCHS,
    TEXT_BYTES,
    TOKENS,
    WARC_FILE,
    WARC_OFFSET,
    Column,
)
from schemas.tables import RELEASE

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SHARD, _KEY = "_shard", "_key"


def write_release(
    session: "Callable[[], SparkSession]", mixed: Table, drawn: Drawn, say: Callable[[str], None]
) -> dict[str, Any]:
    """Write the shards of a committed mix and return the release's manifest.

    Args:
        session: Gives the SparkSession; not asked where the release is there already, as it was written.
        mixed: The table that says which documents are released, and how many times.
        drawn: How they are released.
        say: Told which shards were not what had been written.
    """
    run = mixed.root
    wanted = release_key(mixed)
    target = storage.join(run, "release")
    written = manifest_of(target)
    if written is not None and written["source"] == wanted:
        changed = differing(session, target, [Written(**file) for file in written["files"]])
        if not changed:
            return written
        say(made_anew("release", [storage.join(target, path) for path in changed]))
    spark = session()
    totals = _totals(spark, mixed)
    building = storage.join(run, "_building", "release")
    storage.remove(building)
    paths, first = _paths(totals, drawn.shard_bytes)
    files = _write(spark, mixed, building, paths, first, drawn.seed) if paths else []
    for path in sorted(set(paths.values()) - {file.path for file in files}):  # a shard that no document fell into
        files.append(Written(path, *TableFile(storage.join(building, path), RELEASE).close()))
    publish(building, target, [file.path for file in files])
    manifest = {
        "source": wanted,
        "categories": totals,
        "limited_by": drawn.limited_by,
        "weights": drawn.weights,
        "files": [file._asdict() for file in sorted(files)],
    }
    storage.write_json(storage.join(target, MANIFEST), manifest)
    return manifest


def _cells(mixed: Table) -> list[PartCells]:
    return mixed.cells([*RELEASE.names, EPOCHS.name])


def release_key(mixed: Table) -> str:
    """Return what a release is known by: its documents, how often each stands in it, how it is drawn, its columns."""
    return digest([cells.state for cells in _cells(mixed)], mixed.manifest.params, RELEASE.names)


def _totals(spark: "SparkSession", mixed: Table) -> dict[str, dict[str, int]]:
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    columns = (CATEGORY, TOKENS, EPOCHS, TEXT_BYTES)
    rows = cells_frame(spark, mixed.cells([column.name for column in columns]), columns)
    times = F.col(EPOCHS.name).cast("long")
    sums = rows.groupBy(CATEGORY.name).agg(
        F.sum(times * F.col(TOKENS.name)).alias("tokens"),
        F.sum(times * F.col(TEXT_BYTES.name)).alias("bytes"),
        F.sum(times).alias("rows"),
        F.count("*").alias("documents"),
    )
    return {row[0]: row.asDict() | {"category": row[0]} for row in sorted(sums.collect())}


def _paths(totals: dict[str, dict[str, int]], shard_bytes: int) -> tuple[dict[int, str], dict[str, tuple[int, int]]]:
    """Return number → path of every shard, and category → (its first number, how many it has)."""
    paths: dict[int, str] = {}
    first: dict[str, tuple[int, int]] = {}
    for category, total in totals.items():
        count = max(1, -(-total["bytes"] // shard_bytes))
        first[category] = (len(paths), count)
        for number in range(count):
            paths[len(paths)] = f"data/{category}/train-{number:05d}-of-{count:05d}.parquet"
    return paths, first


def _write(
    spark: "SparkSession",
    mixed: Table,
    building: str,
    paths: dict[int, str],
    first: dict[str, tuple[int, int]],
    seed: int,
) -> list[Written]:
    parts = _cells(mixed)
    tasks = [[parts[number] for number in task] for task in pack([cells.part.bytes for cells in parts], slots(spark))]

    def draw(task: list[PartCells]) -> Iterator[pa.RecordBatch]:
        for cells in task:
            yield from _drawn(cells, first, seed)

    fields = [f"{field.name} {spark_type(field.type).simpleString()}" for field in RELEASE]
    rows = run_tasks(spark, tasks, draw, ", ".join([*fields, f"{_SHARD} int", f"{_KEY} long"]))
    order = (_SHARD, _KEY, DOC_ID.name, WARC_FILE.name, WARC_OFFSET.name, EPOCH.name)
    shards = rows.repartition(len(paths), _SHARD).sortWithinPartitions(*order)
    return write_keyed(shards, _SHARD, building, paths, RELEASE)


def _drawn(cells: PartCells, first: dict[str, tuple[int, int]], seed: int) -> Iterator[pa.RecordBatch]:
    """Yield a part's documents as often as the mix has drawn them, each with its shard and its key within it."""
    columns = [Column(field.name, field.type, "", None) for field in RELEASE if field.name != EPOCH.name]
    for batch in read_cells(cells, (*columns, EPOCHS)):
        times = batch.column(EPOCHS.name).to_numpy()
        rows = np.repeat(np.arange(batch.num_rows), times)
        if not len(rows):
            continue
        epoch = np.concatenate([np.arange(count) for count in times])
        repeated = batch.take(pa.array(rows))
        arrays = [
            pa.array(epoch, pa.int32()) if field.name == EPOCH.name else repeated.column(field.name)
            for field in RELEASE
        ]
        shard, key = _shards_of(repeated, epoch, first, seed)
        yield pa.record_batch([*arrays, shard, key], names=[*RELEASE.names, _SHARD, _KEY])


def _shards_of(
    rows: pa.RecordBatch, epoch: Any, first: dict[str, tuple[int, int]], seed: int
) -> tuple[pa.Array, pa.Array]:
    categories = rows.column(CATEGORY.name).to_pylist()
    start = np.array([first[category][0] for category in categories])
    count = np.array([first[category][1] for category in categories])
    key = np.empty(rows.num_rows, np.int64)
    doc_ids = np.array(rows.column(DOC_ID.name).to_pylist())
    for repetition in np.unique(epoch):
        here = epoch == repetition
        key[here] = draws(doc_ids[here].tolist(), seed + 1 + int(repetition) * 1_000_003)
    return pa.array((start + key % count).astype(np.int32)), pa.array(key)


def release_files(run: str) -> Sequence[dict[str, Any]]:
    """Return the files that the release's manifest names; none where there is no release."""
    manifest = manifest_of(storage.join(run, "release"))
    return [] if manifest is None else manifest["files"]
