"""The document level, step by step: copies, candidates, comparisons, crowds, and who gives way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from pipeline.dedup.bucket_files import CROWDED, PAIRS, BucketFiles, bucket_names
from pipeline.dedup.candidates import Banded, find_candidates
from pipeline.dedup.comparing import compare_pairs
from pipeline.dedup.copies import link_copies, links_of
from pipeline.dedup.crowds import Crowds
from pipeline.dedup.giving_way import follow, resolve_edges, rows_by_part
from pipeline.dedup.naming import name_survivors
from pipeline.dedup.order import DOC, UNITS, Order
from pipeline.rows.exchange import DOCUMENTS_AT_ONCE, PartGroups, buckets_for, pooled
from pipeline.rows.row_ids import MeasuredParts, row_ids
from schemas.columns import Column

if TYPE_CHECKING:
    from pyspark import Broadcast
    from pyspark.sql import DataFrame

    from pipeline.engine.fitting import FitContext
    from pipeline.engine.saved import Slices

Array = np.ndarray[Any, np.dtype[Any]]
KEY_1 = Column("text_key_1", pa.int64(), "first 63 bits of a hash of the language and of the text's units in order")
KEY_2 = Column("text_key_2", pa.int64(), "63 more of them")
BANDS = "bands"
"""Small table by bucket: candidates, and the index that later runs look up."""


@dataclass(frozen=True)
class DocumentLevel:
    """What the document level goes by.

    Attributes:
        permutations: Numbers a signature.
        bands: Bands of it.
        bits: Of a band's key.
        enough: Equal positions that make two documents alike.
        order: By which the earlier of two stays.
        crowd: Documents of one band that later ones are compared with.
        rounds: How often crowds are gone over at most.
        driver_edges: Pairs that the driver may hold.
    """

    permutations: int
    bands: int
    bits: int
    enough: int
    order: Order
    crowd: int
    rounds: int
    driver_edges: int


def find_duplicates(
    level: DocumentLevel, shared: "Broadcast[MeasuredParts]", context: "FitContext", earlier: "Sequence[BucketFiles]"
) -> "tuple[DataFrame, DataFrame]":
    """Return `NAMED`, the documents that give way and to whom, and `EDGES`, the pairs that were compared first.

    What was found goes into small tables and notes.

    Args:
        level: What to go by.
        shared: Signatures of earlier runs and of this one.
        context: Holds what is found.
        earlier: Band keys of earlier runs.
    """
    spark, tables = context.spark, shared.value
    buckets = buckets_for(context.rows, spark)
    copies = link_copies(spark, shared, _reader(level.order), 5, buckets)
    links = links_of(context.save_rows("copies_by_bucket", copies))
    gone = context.save_slices("copies", rows_by_part(links, tables, "loser"))

    banded = Banded(level.bands, level.bits, level.order, gone)
    buckets = max([buckets_for(context.rows * level.bands, spark), *(index.buckets for index in earlier)])
    rows = find_candidates(spark, shared, banded, buckets, earlier)
    candidates = context.save_by_bucket(BANDS, rows, bucket_names(buckets))
    counts: dict[str, int] = dict(candidates.frame("kind", "rows").groupBy("kind").sum("rows").collect())
    groups = PartGroups.of(len(tables.parts), counts.get(PAIRS, 0), spark)
    pairs = compare_pairs(candidates, shared, groups, level.order, level.permutations)
    compared = context.save_rows("compared", pairs).frame()
    crowds = Crowds(candidates, shared, groups, buckets, level.bits, level.order) if counts.get(CROWDED) else None
    near = _Settling(level, tables, context).settle(compared, crowds)
    return name_survivors(follow(links, near, level.permutations), shared, groups), compared


class _Settling:
    """Compares until no two documents that are kept are alike, as far as they were candidates."""

    def __init__(self, level: DocumentLevel, tables: MeasuredParts, context: "FitContext") -> None:
        self._level, self._tables, self._context = level, tables, context
        self._tally = dict.fromkeys(("compared", "left_out", "missed", "alike"), 0)

    def settle(self, compared: "DataFrame", crowds: Crowds | None) -> "DataFrame":
        """Return `GIVEN_WAY`.

        Args:
            compared: Pairs that were compared first.
            crowds: Where there are more; None for nowhere.
        """
        level, context = self._level, self._context
        alike, count = self._alike(compared)
        near = resolve_edges(alike, count, context, level.driver_edges, "near_0")
        unsettled, rounds = 1 if crowds is not None else 0, 0
        pending: Slices | None = None
        while crowds is not None and unsettled and rounds < level.rounds:
            rounds += 1
            given_way = context.save_slices("given_way", rows_by_part(near, self._tables, "loser"))
            pairs = crowds.compare(given_way, pending, level.crowd, level.permutations, level.enough)
            found, new = self._alike(context.save_rows(f"crowd_{rounds}", pairs).frame())
            unsettled = 0
            if new:
                alike, count = alike.unionByName(found), count + new
                before, near = near, resolve_edges(alike, count, context, level.driver_edges, f"near_{rounds}")
                passed_over = rows_by_part(_passed_over(before, found, near), self._tables, "loser")
                pending = context.save_slices("unsettled", passed_over)
                unsettled = pending.count()
        self._note(rounds, unsettled)
        return near

    def _alike(self, pairs: "DataFrame") -> "tuple[DataFrame, int]":
        """Return the pairs that are alike, and how many there are; count all."""
        from pyspark.sql import functions as F  # noqa: N812, PLC0415

        sums = [F.coalesce(F.sum(name), F.lit(0)) for name in ("compared", "left_out", "missed")]
        found = pairs.agg(*sums, F.count_if(F.col("matches") >= self._level.enough)).collect()[0]
        most = {"left_out", "missed"}  # the same ones are left out in each round
        for name, one in zip(self._tally, found, strict=True):
            self._tally[name] = max(self._tally[name], one) if name in most else self._tally[name] + one
        return pairs.where(pairs["matches"] >= self._level.enough), found[-1]

    def _note(self, rounds: int, unsettled: int) -> None:
        tally = self._tally
        self._context.note(
            comparisons=tally["compared"],
            comparisons_alike=tally["alike"],
            crowd_rounds=rounds,
            unsettled_documents=unsettled,
            comparisons_left_out=tally["left_out"],
            alike_left_out_estimate=tally["missed"],
        )


def _passed_over(before: "DataFrame", found: "DataFrame", near: "DataFrame") -> "DataFrame":
    """Return the documents (`loser`) that are kept though a round did not compare them with all of their crowds.

    Those that had given way before it, and those that it found to be like another one that has given way since. Where
    there are none, all pairs of kept documents were compared.
    """
    return before.select("loser").union(found.select("later")).distinct().join(near, "loser", "left_anti")


def _reader(order: Order) -> Any:
    """Return what reads the keys of a part's texts; a text without a unit is a copy of none."""

    def rows(tables: MeasuredParts, part: int) -> Iterator[list[Array]]:
        names = list(dict.fromkeys((KEY_1.name, KEY_2.name, DOC.name, UNITS.name, order.column)))
        for numbers, batch in tables.batches(part, names):
            chosen = batch.column(UNITS.name).to_numpy() > 0
            first, second, doc = (batch.column(name).to_numpy() for name in (KEY_1.name, KEY_2.name, DOC.name))
            ids = row_ids(part, numbers)
            yield [column[chosen] for column in (first, second, order.ranks(batch), doc, ids)]

    def read(tables: MeasuredParts, part: int) -> Iterator[list[Array]]:
        return pooled(rows(tables, part), DOCUMENTS_AT_ONCE)

    return read
