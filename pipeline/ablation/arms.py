"""The arms as releases: documents counted and written by Spark's tasks, in the order of one hash."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.ablation.cuts import (
    ALL,
    NOWHERE,
    SLOT_BITS,
    Cut,
    Position,
    cut_inside,
    positions,
    slot_of_cut,
    up_to,
)
from pipeline.ablation.targets import Reserved, leaks
from pipeline.cells.part_cells import PartCells
from pipeline.cells.reader import read_cells
from pipeline.mixing.draws import DRAW_BITS, draws
from pipeline.release.documents import SHARD
from pipeline.release.shards import Holds, ShardFile, write_shards
from pipeline.rows.sites import sites_of, sites_of_urls
from pipeline.runs.table import Table
from pipeline.spark.tasks import pack, run_tasks, slots, to_partitions
from pipeline.spark.types import spark_type
from schemas.columns import (
    CATEGORY,
    DOC_ID,
    EPOCH,
    HOST,
    TEXT,
    TEXT_BYTES,
    TOKENS,
    URL,
    WARC_FILE,
    WARC_OFFSET,
    Column,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SCHEMA = pa.schema([column.field for column in (DOC_ID, URL, TEXT, CATEGORY, TOKENS, EPOCH)])
"""Columns of an arm."""
SHARD_BYTES = 256 << 20
USED, VALIDATION, TARGET, LEAK = range(4)
"""What becomes of a document: only `USED` ones are drawn."""
KINDS = ("used", "of the validation split", "of held-out domains", "with a line of a target")
_DRAW, _KIND, _POSITION = "__draw", "__kind", "__position"
_READ = (DOC_ID, URL, CATEGORY, TOKENS, TEXT_BYTES, TEXT, WARC_FILE, WARC_OFFSET)
_NAMED = (CATEGORY.name, DOC_ID.name, WARC_FILE.name, WARC_OFFSET.name)
_COUNTED = (
    f"category string, {_DRAW} long, {_KIND} int, tokens int, text_bytes long, doc_id string, file string, offset long"
)


@dataclass(frozen=True)
class Drawn:
    """What tasks need to tell which documents are drawn; travels with them.

    Attributes:
        seed: Of the draws.
        domains: Of targets: registered domains, and doc_ids of documents without one.
        validation: Sites of the validation split.
        whole: Texts of targets.
        lines: Long lines of targets.
        columns: To read.
    """

    seed: int
    domains: tuple[str, ...]
    validation: tuple[str, ...]
    whole: tuple[str, ...]
    lines: tuple[str, ...]
    columns: tuple[Column, ...]

    @classmethod
    def of(cls, table: Table, reserved: Reserved, seed: int) -> "Drawn":
        """Return what an arm's documents are told by."""
        have = {column.name for column in table.columns}
        columns = (*_READ, *([HOST] if HOST.name in have else []))
        return cls(seed, reserved.domains, reserved.validation, reserved.whole_texts(), reserved.lines(), columns)

    def batches(self, cells: PartCells) -> Iterator[tuple[pa.RecordBatch, Any, Any]]:
        """Yield (documents that have a category, draws, kinds) of a part."""
        sets = [pa.array(values, pa.string()) for values in (self.domains, self.validation, self.whole, self.lines)]
        for read in read_cells(cells, self.columns):
            batch = read.filter(pc.and_(pc.is_valid(read[CATEGORY.name]), pc.greater(read[TOKENS.name], 0)))
            if batch.num_rows:
                yield batch, draws(batch.column(DOC_ID.name), self.seed), self._kinds(batch, *sets)

    def _kinds(self, batch: pa.RecordBatch, domains: pa.Array, validation: pa.Array, whole: pa.Array,
               lines: pa.Array) -> Any:  # fmt: skip
        is_named = HOST.name in batch.schema.names
        sites = sites_of(batch.column(HOST.name)) if is_named else sites_of_urls(batch.column(URL.name))
        named = pc.coalesce(sites, batch.column(DOC_ID.name))
        kinds = np.zeros(batch.num_rows, np.int32)
        kinds[leaks(batch.column(TEXT.name), whole, lines)] = LEAK
        kinds[pc.is_in(named, domains).to_numpy(zero_copy_only=False)] = TARGET
        is_out = pc.and_(pc.is_in(sites, validation), pc.is_valid(sites))
        kinds[is_out.to_numpy(zero_copy_only=False)] = VALIDATION
        return kinds


class Arm:
    """An arm of an experiment: its documents are counted once, then cut and written.

    Attributes:
        table: Of its documents.
        tokens: category → tokens of documents that may be drawn.
        left_out: What documents were left out for → how many, and their tokens.
    """

    def __init__(self, spark: "SparkSession", table: Table, reserved: Reserved, seed: int) -> None:
        """Count the documents of an arm.

        Args:
            spark: The session.
            table: Of its documents.
            reserved: What is in no arm.
            seed: Of the draws.
        """
        self.table, self._spark, self._drawn = table, spark, Drawn.of(table, reserved, seed)
        self._parts = table.cells([column.name for column in self._drawn.columns])
        sizes = pack([cells.part.bytes for cells in self._parts], slots(spark))
        self._tasks = [[self._parts[number] for number in task] for task in sizes]
        self._rows = self._counted().cache()
        self._slots, self.left_out = self._sums()
        self.tokens = {name: int(sums[:, 0].sum()) for name, sums in self._slots.items()}

    def _counted(self) -> "DataFrame":
        drawn = self._drawn

        def rows_of(task: list[PartCells]) -> Iterator[pa.RecordBatch]:
            for cells in task:
                for batch, numbers, kinds in drawn.batches(cells):
                    columns = [CATEGORY, TOKENS, TEXT_BYTES, DOC_ID, WARC_FILE, WARC_OFFSET]
                    category, *others = (batch.column(column.name) for column in columns)
                    made = [category, pa.array(numbers), pa.array(kinds), *others]
                    yield pa.record_batch(made, names=[part.split()[0] for part in _COUNTED.split(", ")])

        return run_tasks(self._spark, self._tasks, rows_of, _COUNTED)

    def _sums(self) -> tuple[dict[str, Any], dict[str, dict[str, int]]]:
        """Return category → tokens, documents and bytes of each slot of draws, (slots, 3), and what is left out."""
        from pyspark.sql import functions as F  # noqa: N812

        slot = F.shiftright(F.col(_DRAW), DRAW_BITS - SLOT_BITS).cast("int").alias("slot")
        counts = [F.sum("tokens").alias("tokens"), F.count("*").alias("documents"), F.sum("text_bytes").alias("bytes")]
        sums: dict[str, Any] = {}
        left_out: dict[str, dict[str, int]] = {}
        for row in self._rows.groupBy("category", slot, _KIND).agg(*counts).collect():
            if row[_KIND] == USED:
                of = sums.setdefault(row["category"], np.zeros((1 << SLOT_BITS, 3), np.int64))
                of[row["slot"]] = row["tokens"], row["documents"], row["bytes"]
                continue
            gone = left_out.setdefault(KINDS[row[_KIND]], {"documents": 0, "tokens": 0})
            gone["documents"] += int(row["documents"])
            gone["tokens"] += int(row["tokens"])
        return sums, left_out

    def cuts(self, budgets: Mapping[str, int]) -> dict[str, Cut]:
        """Return where an arm of some tokens of each category ends, to within a document.

        Args:
            budgets: category → tokens; no more than there are.
        """
        from pyspark.sql import functions as F  # noqa: N812

        cuts: dict[str, Cut] = {}
        ends_in: dict[str, tuple[int, tuple[int, int]]] = {}
        wanted_rows = F.lit(False)  # noqa: FBT003
        shift = DRAW_BITS - SLOT_BITS
        for name, wanted in budgets.items():
            sums = self._slots[name]
            if wanted >= self.tokens[name] or wanted <= 0:
                documents = int(sums[:, 1].sum())
                cuts[name] = Cut(ALL, self.tokens[name], documents) if wanted > 0 else Cut(NOWHERE, 0, 0)
                continue
            slot, before = slot_of_cut(sums[:, 0], wanted)
            ends_in[name] = slot, (before, int(sums[:slot, 1].sum()))
            in_slot = F.col(_DRAW).between(slot << shift, ((slot + 1) << shift) - 1)
            wanted_rows = wanted_rows | ((F.col("category") == name) & in_slot)
        places: dict[str, list[tuple[Position, int]]] = {}
        if ends_in:
            for row in self._rows.where((F.col(_KIND) == USED) & wanted_rows).collect():
                at = Position(row[_DRAW], row["doc_id"], row["file"], row["offset"])
                places.setdefault(row["category"], []).append((at, row["tokens"]))
        for name, (slot, sizes) in ends_in.items():
            cuts[name] = cut_inside(places[name], sizes, budgets[name], slot)
        return cuts

    def write(self, target: str, cuts: Mapping[str, Cut], epochs: int = 1) -> list[Holds]:
        """Write the documents up to some cuts as shards, each category spread over all of them.

        Args:
            target: A new directory.
            cuts: Category → where it ends.
            epochs: How often each document stands there; all of the first time come before the second.
        """
        size = sum(self._bytes_up_to(name, cut) for name, cut in cuts.items())
        shards = max(1, -(-size // SHARD_BYTES)) * epochs
        paths = [f"{number:05d}.parquet" for number in range(shards)]
        drawn = self._drawn

        def rows_of(task: list[PartCells]) -> Iterator[pa.RecordBatch]:
            for cells in task:
                for batch, numbers, kinds in drawn.batches(cells):
                    inside = up_to(batch, numbers, cuts, _NAMED) & (kinds == USED)
                    yield from _copies(batch.filter(pa.array(inside)), numbers[inside], cuts, epochs, shards)

        fields = [f"{field.name} {spark_type(field.type).simpleString()}" for field in SCHEMA]
        more = (f"{SHARD} int", f"{_POSITION} double", "file string", "offset long")
        rows = run_tasks(self._spark, self._tasks, rows_of, ", ".join([*fields, *more]))
        ordered = to_partitions(rows, SHARD, shards)
        ordered = ordered.sortWithinPartitions(SHARD, _POSITION, DOC_ID.name, "file", "offset")
        written = {holds.path: holds for holds in write_shards(ordered, target, paths, SCHEMA)}
        for path in paths:  # a shard that no document fell into
            if path not in written:
                written[path] = ShardFile(target, path, SCHEMA).close()
        return [written[path] for path in paths]

    def _bytes_up_to(self, name: str, cut: Cut) -> int:
        return int(self._slots[name][:, 2].sum() * cut.tokens / max(self.tokens[name], 1))

    def documents_not_in(self, other: "Arm", cuts: Mapping[str, Cut], others: Mapping[str, Cut]) -> int:
        """Return how many documents up to some cuts another arm does not have up to its own, whatever their texts."""
        ids = other.up_to(others).select("doc_id").distinct()
        return int(self.up_to(cuts).join(ids, "doc_id", "left_anti").count())

    def up_to(self, cuts: Mapping[str, Cut]) -> "DataFrame":
        """Return the counted documents up to some cuts."""
        from pyspark.sql import functions as F  # noqa: N812

        inside = F.lit(False)  # noqa: FBT003
        for name, cut in cuts.items():
            inside = inside | ((F.col("category") == name) & (F.col(_DRAW) <= cut.last.draw))
        return self._rows.where((F.col(_KIND) == USED) & inside)

    def close(self) -> None:
        """Let go of what was counted."""
        self._rows.unpersist()


def _copies(
    rows: pa.RecordBatch, numbers: Any, cuts: Mapping[str, Cut], epochs: int, shards: int
) -> Iterator[pa.RecordBatch]:
    if not rows.num_rows:
        return
    places = positions(rows, numbers, cuts, CATEGORY.name)
    for epoch in range(epochs):
        standing = places + epoch
        shard = np.minimum((standing / epochs * shards).astype(np.int32), shards - 1)
        fields: Sequence[pa.Array] = [
            *(rows.column(name) for name in SCHEMA.names[:-1]),
            pa.array(np.full(rows.num_rows, epoch, np.int32)),
            pa.array(shard),
            pa.array(standing),
            rows.column(WARC_FILE.name),
            rows.column(WARC_OFFSET.name),
        ]
        yield pa.record_batch(fields, names=[*SCHEMA.names, SHARD, _POSITION, "file", "offset"])
