"""The release written: shards by Spark's tasks, what stands beside them by the driver, the manifest last."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from pipeline.cells.part_cells import PartCells
from pipeline.cells.parts import digest
from pipeline.cells.table_file import Written
from pipeline.engine.stage import Released
from pipeline.release.documents import DRAWN_BY, KEY, SHARD, Copier
from pipeline.release.layout import MANIFEST, Layout, layout_of
from pipeline.release.manifest import Contents, make_manifest, provenance, read_manifest
from pipeline.release.metadata_files import write_metadata_files
from pipeline.release.published import differing, made_anew
from pipeline.release.shards import Holds, ShardFile, write_shards
from pipeline.release.statistics import READS, count_release, totals_of
from pipeline.release.tokens import write_tokens
from pipeline.runs.table import Table
from pipeline.spark.tasks import pack, run_tasks, slots, to_partitions
from pipeline.spark.types import spark_type
from pipeline.stores import storage
from schemas.columns import DOC_ID, EPOCH, WARC_FILE, WARC_OFFSET
from schemas.tables import RELEASE

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FOLDER: Final = "release"
_ORDER: Final = (SHARD, KEY, DOC_ID.name, WARC_FILE.name, WARC_OFFSET.name, EPOCH.name)


def write_release(
    session: "Callable[[], SparkSession]", tables: Sequence[Table], released: Released, say: Callable[[str], None]
) -> dict[str, Any]:
    """Write the release of a chain and return its manifest.

    Args:
        session: Gives the SparkSession; not asked where the release is there already, as it was written.
        tables: The chain.
        released: How its rows are to be released.
        say: Told which files were not what had been written.
    """
    last = tables[-1]
    target = storage.join(last.root, FOLDER)
    source = release_key(last, released)
    written = read_manifest(target)
    if written is not None and written["source"] == source:
        changed = differing(session, target, files_of(written), besides=(MANIFEST,))
        if not changed:
            return _renewed(target, written, tables)
        say(made_anew("release", [storage.join(target, path) for path in changed]))
    spark = session()
    building = storage.join(last.root, "_building", FOLDER)
    storage.remove(building)
    statistics = count_release(spark, last.cells([column.name for column in READS]))
    layout = layout_of(totals_of(statistics["cells"]), int(released.params["shard_bytes"]))
    holds = _write_shards(spark, last, building, layout, int(released.params["seed"]))
    contents = Contents(statistics, [(shard, holds[shard.path]) for shard in layout.shards])
    manifest = make_manifest(tables, released, contents, source)
    manifest["files"] = [*_write_tokens(spark, building, manifest), *write_metadata_files(building, manifest)]
    _publish(building, target, [file.path for file in files_of(manifest)])
    storage.write_json(storage.join(target, MANIFEST), manifest)
    return manifest


def _renewed(target: str, written: dict[str, Any], tables: Sequence[Table]) -> dict[str, Any]:
    """Return the manifest of a release whose documents are the same, with how they came to be as it is now.

    What receipts of takedowns speak of stays as it is.
    """
    renewed: dict[str, Any] = json.loads(json.dumps(written | provenance(tables)))
    if renewed == written or written.get("takedowns"):
        return written
    renewed_files = {entry["path"]: entry for entry in write_metadata_files(target, renewed)}
    renewed["files"] = [renewed_files.get(file["path"], file) for file in renewed["files"]]
    storage.write_json(storage.join(target, MANIFEST), renewed)
    return renewed


def files_of(manifest: Mapping[str, Any]) -> list[Written]:
    """Return all files that a manifest names."""
    shards = [Written(file["path"], file["rows"], file["bytes"], file["sha256"]) for file in manifest["shards"]]
    return [*shards, *(Written(file["path"], 0, file["bytes"], file["sha256"]) for file in manifest["files"])]


def release_cells(table: Table) -> list[PartCells]:
    """Return the parts of a chain's last table with all that is released of them."""
    return table.cells([*RELEASE.names, *(column.name for column in DRAWN_BY)])


def release_key(table: Table, released: Released | None = None) -> str:
    """Return what a release is known by: its documents, how often each stands in it, how it is drawn, its columns.

    Args:
        table: The last one of the chain.
        released: How it is released; None for how the chain's own manifests say.
    """
    params = [m.params for m in table.chain if m.stage == "mix"] if released is None else [dict(released.params)]
    return digest([cells.state for cells in release_cells(table)], params, RELEASE.names)


def _write_shards(spark: "SparkSession", last: Table, building: str, layout: Layout, seed: int) -> dict[str, Holds]:
    """Write the shards; return what each holds, by path."""
    paths = [shard.path for shard in layout.shards]
    if not paths:
        return {}
    parts = release_cells(last)
    tasks = [[parts[number] for number in task] for task in pack([cells.part.bytes for cells in parts], slots(spark))]
    copier = Copier(layout, seed)

    def copies(task: list[PartCells]) -> Iterator[pa.RecordBatch]:
        for cells in task:
            yield from copier.copies(cells)

    fields = [f"{field.name} {spark_type(field.type).simpleString()}" for field in RELEASE]
    rows = run_tasks(spark, tasks, copies, ", ".join([*fields, f"{SHARD} int", f"{KEY} long"]))
    ordered = to_partitions(rows, SHARD, len(paths)).sortWithinPartitions(*_ORDER)
    holds = {file.path: file for file in write_shards(ordered, building, paths)}
    for path in paths:  # a shard that no document fell into
        if path not in holds:
            holds[path] = ShardFile(building, path).close()
    return holds


def _write_tokens(spark: "SparkSession", building: str, manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Write the tokens of the shards, where the mix asks for it."""
    if manifest["config"]["mix"].get("write_tokens") is None:
        return []
    tokenizer, known_by = manifest["tokenizer"]["name"], manifest["tokenizer"]["digest"]

    def tokenise(task: list[str]) -> Iterator[pa.RecordBatch]:
        for shard in task:
            files = write_tokens(building, shard, tokenizer, known_by)
            yield pa.RecordBatch.from_pylist([file._asdict() for file in files])

    tasks = [[shard["path"]] for shard in manifest["shards"]]
    fields = "path string, documents long, tokens long, bytes long, sha256 string"
    rows = run_tasks(spark, tasks, tokenise, fields).collect() if tasks else []
    return sorted((row.asDict() for row in rows), key=lambda row: row["path"])


def _publish(building: str, target: str, paths: Sequence[str]) -> None:
    """Put finished files in the place of those that stood there before; the manifest goes first."""
    storage.remove(storage.join(target, MANIFEST))
    storage.remove(target)
    for path in paths:
        storage.link(storage.join(building, path), storage.join(target, path))
    storage.remove(building)
