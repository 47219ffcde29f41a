"""Survivors of dropped documents: one is dropped if and only if it is like an earlier one that is kept."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from pipeline.cells.part_batches import PART
from pipeline.cells.pieces import ROW
from pipeline.rows.row_ids import MeasuredParts, part_of, row_of
from pipeline.spark.driver_frames import frame_of_table, table_of_frame
from pipeline.spark.meter import map_batches

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from pipeline.engine.fitting import FitContext

Array = np.ndarray[Any, np.dtype[Any]]
DUPLICATES = "duplicate long, survivor long, matches int"
"""What is dropped, for which survivor, and at how many positions their signatures are equal."""
_SIDES = {"later": ("later_rank", "later_doc", "later"), "earlier": ("earlier_rank", "earlier_doc", "earlier")}


def resolve_edges(edges: "DataFrame", count: int, context: "FitContext", limit: int, name: str) -> "DataFrame":
    """Return `DUPLICATES` of documents that are alike: each with the kept one, of those in its edges, most like it.

    Args:
        edges: Rows of `EDGES`, of documents that are alike; a pair may stand there several times.
        count: How many there are.
        context: Holds what is decided in Spark.
        limit: Edges that the driver may hold.
        name: Of the small tables.
    """
    if count <= limit:
        rows = frame_of_table(edges.sparkSession, _duplicates(_collect(edges)), DUPLICATES)
        return context.save_rows(name, rows).frame()
    dropped = _dropped_in_spark(edges, count, context, limit, name)
    return context.save_rows(name, _survivors(edges, dropped)).frame()


def _collect(edges: "DataFrame") -> "tuple[pa.Table, Array, Array, Array]":
    """Return edges on the driver, the documents' order as (rank, doc, id), and both ends as numbers in it."""
    table = table_of_frame(edges.select("matches", *_SIDES["later"], *_SIDES["earlier"]))
    ends = [np.stack([table[name].to_numpy() for name in names], axis=1) for names in _SIDES.values()]
    nodes = np.concatenate(ends)
    order = np.lexsort((nodes[:, 2], nodes[:, 1], nodes[:, 0]))
    fresh = np.concatenate(([True], (np.diff(nodes[order], axis=0) != 0).any(axis=1)))[: len(order)]
    numbers = np.empty(len(order), np.int64)
    numbers[order] = np.cumsum(fresh) - 1
    return table, nodes[order[fresh]], numbers[: table.num_rows], numbers[table.num_rows :]


def _duplicates(edges: "tuple[pa.Table, Array, Array, Array]") -> pa.Table:
    from pipeline.kernels.near_duplicates.survivors import resolve

    table, nodes, later, earlier = edges
    matches = table["matches"].to_numpy().astype(np.int64)
    survivor = resolve(later, earlier, matches.astype(np.float64), len(nodes))
    best = np.full(len(nodes), -1, np.int64)
    of_survivor = survivor[later] == earlier
    best[later[of_survivor]] = matches[of_survivor]
    dropped = np.flatnonzero(survivor >= 0)
    arrays = [
        pa.array(nodes[dropped, 2]),
        pa.array(nodes[survivor[dropped], 2]),
        pa.array(best[dropped].astype(np.int32)),
    ]
    return pa.table(arrays, names=["duplicate", "survivor", "matches"])


def _dropped_in_spark(edges: "DataFrame", count: int, context: "FitContext", limit: int, name: str) -> "DataFrame":
    """Return the ids (`later`) of documents that are dropped.

    In each round documents that are like no earlier one that is still undecided are kept, and those that are like one
    of these go; this ends when the driver may hold what is left.
    """
    from pyspark.sql import functions as F  # noqa: N812

    left, decided, number = edges, [], 0
    while count > limit:
        later = left.select(F.col("later").alias("id")).distinct()
        kept = left.select(F.col("earlier").alias("id")).distinct().join(later, "id", "left_anti")
        goes = left.join(kept, left["earlier"] == kept["id"], "left_semi").select("later").distinct()
        goes = context.save_rows(f"{name}_goes_{number}", goes).frame()
        decided.append(goes)
        rest = left.join(goes, "later", "left_anti")
        rest = rest.join(goes.withColumnRenamed("later", "dropped"), rest["earlier"] == F.col("dropped"), "left_anti")
        saved = context.save_rows(f"{name}_left_{number}", rest)
        left, count = saved.frame(), saved.count()
        number += 1
    last = _duplicates(_collect(left)).select(["duplicate"]).rename_columns(["later"])
    dropped = frame_of_table(edges.sparkSession, last, "later long")
    for goes in decided:
        dropped = dropped.unionByName(goes)
    return context.save_rows(f"{name}_goes", dropped).frame()


def _survivors(edges: "DataFrame", dropped: "DataFrame") -> "DataFrame":
    """Name for each document that is dropped the kept one that is most like it, of equals the earliest."""
    from pyspark.sql import functions as F  # noqa: N812

    duplicates = dropped.select(F.col("later").alias("duplicate"))
    to_kept = edges.join(duplicates.withColumnRenamed("duplicate", "earlier"), "earlier", "left_anti")
    most_alike = F.min_by(
        F.struct("earlier", "matches"), F.struct(-F.col("matches"), "earlier_rank", "earlier_doc", "earlier")
    )
    best = (
        to_kept.join(duplicates, to_kept["later"] == duplicates["duplicate"], "left_semi")
        .groupBy("later")
        .agg(most_alike.alias("best"))
    )
    return best.select(
        F.col("later").alias("duplicate"),
        F.col("best.earlier").alias("survivor"),
        F.col("best.matches").alias("matches"),
    )


def resolve_copies(links: "DataFrame") -> "DataFrame":
    """Return `DUPLICATES` with `exact` of copies: a copy's survivor may be a copy itself, of one in another part.

    Args:
        links: (duplicate, survivor) of exact copies.
    """
    from pyspark.sql import functions as F  # noqa: N812

    onward = links.select(F.col("duplicate").alias("survivor"), F.col("survivor").alias("beyond"))
    return links.join(onward, "survivor", "left").select(
        "duplicate",
        F.coalesce("beyond", "survivor").alias("survivor"),
        F.lit(0).alias("matches"),
        F.lit(True).alias("exact"),  # noqa: FBT003
    )


def join_exact_and_near(links: "DataFrame", near: "DataFrame", all_positions: int) -> "DataFrame":
    """Return `DUPLICATES` with `exact` of copies and of the documents that they are copies of.

    Args:
        links: (duplicate, survivor) of exact copies.
        near: `DUPLICATES` among documents that are no copies.
        all_positions: Matches of copies.
    """
    from pyspark.sql import functions as F  # noqa: N812

    fates = near.select(
        F.col("duplicate").alias("first"), F.col("survivor").alias("third"), F.col("matches").alias("same")
    )
    ends = resolve_copies(links).withColumnRenamed("survivor", "first")
    copies = ends.join(fates, "first", "left").select(
        "duplicate",
        F.coalesce("third", "first").alias("survivor"),
        F.coalesce("same", F.lit(all_positions)).alias("matches"),
        F.col("third").isNull().alias("exact"),
    )
    return near.withColumn("exact", F.lit(False)).unionByName(copies)  # noqa: FBT003


def rows_by_part(rows: "DataFrame", tables: MeasuredParts, ids: str) -> "DataFrame":
    """Return a column of rows of this run as PART and ROW.

    Args:
        rows: Any rows of this run's documents.
        tables: The parts.
        ids: Name of the column.
    """
    first_new = tables.first_new

    def split(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            numbers = batch.column(0).to_numpy()
            parts = (part_of(numbers) - first_new).astype(np.int32)
            yield pa.record_batch([pa.array(parts), pa.array(row_of(numbers))], names=[PART.name, ROW])

    return map_batches(rows.select(ids), split, f"{PART.name} int, {ROW} long")
