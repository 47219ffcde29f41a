"""The release: the mixture's documents with their texts, shuffled into Parquet shards by category."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from pipeline.kernels.tokens.mixture import draws
from pipeline.results.decisions import publish
from pipeline.runs import storage
from pipeline.runs.manifest import StageTable
from pipeline.runs.parts import Part, digest, read_part
from pipeline.runs.table_file import TableFile, Written
from pipeline.spark.table_tasks import write_keyed
from pipeline.spark.types import spark_type
from schemas.columns import CATEGORY, DOC_ID, EPOCH, EPOCHS, TOKENS, WARC_FILE, WARC_OFFSET
from schemas.tables import RELEASE

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SHARD, _KEY = "_shard", "_key"


def write_release(
    session: "Callable[[], SparkSession]", run: str, texts: StageTable, mixed: StageTable
) -> dict[str, Any]:
    """Write the shards of a committed mix and return the release's manifest.

    Args:
        session: Gives the SparkSession; not asked where the release is there already.
        run: The run directory.
        texts: The table that `mix` read: it has the texts.
        mixed: The table of `mix`: it says which of them, and how many times.
    """
    wanted = release_key(texts, mixed)
    target = storage.join(run, "release")
    known: dict[str, Any] | None = storage.read_json(storage.join(target, "_manifest.json"))
    if known is not None and known["source"] == wanted:
        return known
    spark = session()
    spark.sparkContext.setJobGroup("release", "release")
    params = mixed.member.params
    totals = _totals(spark, mixed)
    building = storage.join(run, "_building", "release")
    storage.remove(building)
    paths, first = _paths(totals, int(params["shard_bytes"]))
    files = _write(spark, (texts, mixed), building, paths, first, int(params["seed"])) if paths else []
    for path in sorted(set(paths.values()) - {file.path for file in files}):  # a shard that no document fell into
        files.append(Written(path, *TableFile(storage.join(building, path), RELEASE).close()))
    publish(building, target, [file.path for file in files])
    manifest = {
        "source": wanted,
        "categories": totals,
        "limited_by": _limit(mixed),
        "weights": params["weights"],
        "files": [file._asdict() for file in sorted(files)],
    }
    storage.write_json(storage.join(target, "_manifest.json"), manifest)
    return manifest


def release_key(texts: StageTable, mixed: StageTable) -> str:
    """Return what a release is known by: the texts, how often each stands in it, and its columns."""
    return digest(texts.digest, mixed.digest, RELEASE.names)


def _totals(spark: "SparkSession", mixed: StageTable) -> dict[str, dict[str, int]]:
    from pyspark.sql import functions as F  # noqa: N812, PLC0415
    from pyspark.sql.types import LongType, StructField, StructType  # noqa: PLC0415

    files = [file for part in mixed.parts() for file in part.files]
    if not files:
        return {}
    fields = [StructField(c.name, spark_type(c.type)) for c in (CATEGORY, TOKENS, EPOCHS)]
    rows = spark.read.schema(StructType([*fields, StructField("text_bytes", LongType())])).parquet(*files)
    times = F.col(EPOCHS.name).cast("long")
    sums = rows.groupBy(CATEGORY.name).agg(
        F.sum(times * F.col(TOKENS.name)).alias("tokens"),
        F.sum(times * F.col("text_bytes")).alias("bytes"),
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


def _limit(mixed: StageTable) -> str | None:
    cuts = mixed.manifest.sides.get("cuts", {}).get("files", [])
    if not cuts:
        return None
    with storage.open_for_reading(storage.join(mixed.directory, "_side", "cuts", cuts[0][0])) as stream:
        import pyarrow.parquet as pq  # noqa: PLC0415

        limits = pq.read_table(stream)["limited_by"].to_pylist()
    return limits[0] if limits else None


def _write(
    spark: "SparkSession",
    tables: tuple[StageTable, StageTable],
    building: str,
    paths: dict[int, str],
    first: dict[str, tuple[int, int]],
    seed: int,
) -> list[Written]:
    pairs = list(zip(tables[0].parts(), tables[1].parts(), strict=True))
    shared = spark.sparkContext.broadcast(pairs)  # once a worker, not once a task

    def draw(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                texts, mixed = shared.value[number]
                yield from _drawn(texts, mixed, first, seed)

    fields = [f"{field.name} {spark_type(field.type).simpleString()}" for field in RELEASE]
    schema = ", ".join([*fields, f"{_SHARD} int", f"{_KEY} long"])
    rows = spark.range(0, len(pairs), 1, len(pairs)).mapInArrow(draw, schema)
    order = (_SHARD, _KEY, DOC_ID.name, WARC_FILE.name, WARC_OFFSET.name, EPOCH.name)
    shards = rows.repartition(len(paths), _SHARD).sortWithinPartitions(*order)
    return write_keyed(shards, _SHARD, building, paths, RELEASE)


def _drawn(texts: Part, mixed: Part, first: dict[str, tuple[int, int]], seed: int) -> Iterator[pa.RecordBatch]:
    """Yield a part's documents as often as the mix has drawn them, each with its shard and its place in it."""
    chosen = list(read_part(mixed, [WARC_OFFSET.name, EPOCHS.name, TOKENS.name]))
    if not chosen:
        return
    table = pa.Table.from_batches(chosen).sort_by(WARC_OFFSET.name)
    offsets, epochs, tokens = (table[name].to_numpy() for name in (WARC_OFFSET.name, EPOCHS.name, TOKENS.name))
    columns = [name for name in RELEASE.names if name not in (TOKENS.name, EPOCH.name)]
    present = [column for column in columns if column in texts_columns(texts)]
    for batch in read_part(texts, present):
        mine = batch.column(WARC_OFFSET.name).to_numpy()
        at = np.minimum(np.searchsorted(offsets, mine), len(offsets) - 1)
        times = np.where(offsets[at] == mine, epochs[at], 0)
        rows = np.repeat(np.arange(batch.num_rows), times)
        if not len(rows):
            continue
        epoch = np.concatenate([np.arange(count) for count in times])
        repeated = batch.take(pa.array(rows))
        made = {TOKENS.name: pa.array(tokens[at][rows], pa.int32()), EPOCH.name: pa.array(epoch, pa.int32())}
        arrays = [
            made[field.name] if field.name in made
            else repeated.column(field.name) if field.name in present
            else pa.nulls(len(rows), field.type)
            for field in RELEASE
        ]  # fmt: skip
        shard, key = _places(repeated, epoch, first, seed)
        yield pa.record_batch([*arrays, shard, key], names=[*RELEASE.names, _SHARD, _KEY])


def texts_columns(part: Part) -> list[str]:
    """Return the columns of a part's files; a table of texts that a user brought may lack a title."""
    import pyarrow.parquet as pq  # noqa: PLC0415

    with storage.open_for_reading(part.files[0]) as stream:
        return list(pq.read_schema(stream).names)


def _places(
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
    manifest = storage.read_json(storage.join(run, "release", "_manifest.json"))
    return [] if manifest is None else manifest["files"]
