"""The document level, step by step: copies, candidates, comparisons, large bands, and which documents are dropped."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from pipeline.dedup.bucket_files import LARGE_BANDS, PAIRS, BucketFiles, bucket_names
from pipeline.dedup.candidates import Banded, find_candidates
from pipeline.dedup.comparing import compare_pairs
from pipeline.dedup.copies import link_copies, links_of
from pipeline.dedup.copies_counted import count_copies
from pipeline.dedup.large_bands import LargeBands
from pipeline.dedup.naming import name_survivors
from pipeline.dedup.order import DOC, UNITS, Order
from pipeline.dedup.survivors import join_exact_and_near, resolve_edges, rows_by_part
from pipeline.rows.exchange import DOCUMENTS_AT_ONCE, PartGroups, buckets_for, pooled
from pipeline.rows.row_ids import MeasuredParts, row_ids
from schemas.columns import COPIES_EXACT, COPIES_NEAR, Column

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
        permutations: Numbers per signature.
        bands: Bands of it.
        bits: Of a band's key.
        enough: Equal positions that make two documents alike.
        order: By which the earlier of two stays.
        max_band_documents: Documents of one band that later ones are compared with.
        rounds: How often large bands are compared at most.
        driver_edges: Pairs that the driver may hold.
    """

    permutations: int
    bands: int
    bits: int
    enough: int
    order: Order
    max_band_documents: int
    rounds: int
    driver_edges: int


def find_duplicates(
    level: DocumentLevel, shared: "Broadcast[MeasuredParts]", context: "FitContext", earlier: "Sequence[BucketFiles]"
) -> "tuple[DataFrame, DataFrame]":
    """Return `NAMED`, the dropped documents with their survivors, and `EDGES`, the pairs that were compared first.

    What was found goes into small tables and notes; how many copies a survivor stands for into cells of its row.

    Args:
        level: What to go by.
        shared: Signatures of earlier runs and of this one.
        context: Holds what is found.
        earlier: Band keys of earlier runs.
    """
    from pyspark.sql import functions as F  # noqa: N812

    spark, tables = context.spark, shared.value
    buckets = buckets_for(context.rows, spark)
    copies = link_copies(spark, shared, _reader(level.order), 5, buckets)
    links = links_of(context.save_rows("copies_by_bucket", copies))
    copied = context.save_slices("copies", rows_by_part(links, tables, "duplicate"))

    banded = Banded(level.bands, level.bits, level.order, copied)
    buckets = max([buckets_for(context.rows * level.bands, spark), *(index.buckets for index in earlier)])
    rows = find_candidates(spark, shared, banded, buckets, earlier)
    candidates = context.save_by_bucket(BANDS, rows, bucket_names(buckets))
    counts: dict[str, int] = dict(candidates.frame("kind", "rows").groupBy("kind").sum("rows").collect())
    groups = PartGroups.of(len(tables.parts), counts.get(PAIRS, 0), spark)
    pairs = compare_pairs(candidates, shared, groups, level.order, level.permutations)
    compared = context.save_rows("compared", pairs).frame()
    large_bands = (
        LargeBands(candidates, shared, groups, buckets, level.bits, level.order) if counts.get(LARGE_BANDS) else None
    )
    near = _Rounds(level, tables, context).until_stable(compared, large_bands)
    duplicates = context.save_rows("duplicates", join_exact_and_near(links, near, level.permutations)).frame()
    is_exact = F.col("exact")
    stood_for = count_copies(duplicates, tables, {COPIES_EXACT: is_exact, COPIES_NEAR: ~is_exact})
    context.save_cells("copies_counted", stood_for, (COPIES_EXACT, COPIES_NEAR))
    return name_survivors(duplicates, shared, groups), compared


class _Rounds:
    """Compares until no two documents that are kept are alike, as far as they were candidates."""

    def __init__(self, level: DocumentLevel, tables: MeasuredParts, context: "FitContext") -> None:
        self._level, self._tables, self._context = level, tables, context
        self._tally = dict.fromkeys(("compared", "left_out", "missed", "alike"), 0)

    def until_stable(self, compared: "DataFrame", large_bands: LargeBands | None) -> "DataFrame":
        """Return `DUPLICATES`.

        Args:
            compared: Pairs that were compared first.
            large_bands: Where there are more; None for nowhere.
        """
        level, context = self._level, self._context
        alike, count = self._alike(compared)
        near = resolve_edges(alike, count, context, level.driver_edges, "near_0")
        pending, rounds = 1 if large_bands is not None else 0, 0
        pending_rows: Slices | None = None
        while large_bands is not None and pending and rounds < level.rounds:
            rounds += 1
            dropped = context.save_slices("given_way", rows_by_part(near, self._tables, "duplicate"))
            pairs = large_bands.compare(
                dropped, pending_rows, level.max_band_documents, level.permutations, level.enough
            )
            more, new = self._alike(context.save_rows(f"large_bands_{rounds}", pairs).frame())
            pending = 0
            if new:
                alike, count = alike.unionByName(more), count + new
                before, near = near, resolve_edges(alike, count, context, level.driver_edges, f"near_{rounds}")
                passed_over = rows_by_part(_passed_over(before, more, near), self._tables, "duplicate")
                pending_rows = context.save_slices("unsettled", passed_over)
                pending = pending_rows.count()
        self._note(rounds, pending)
        return near

    def _alike(self, pairs: "DataFrame") -> "tuple[DataFrame, int]":
        """Return the pairs that are alike, and how many there are; count all."""
        from pyspark.sql import functions as F  # noqa: N812

        totals = [F.coalesce(F.sum(name), F.lit(0)) for name in ("compared", "left_out", "missed")]
        sums = pairs.agg(*totals, F.count_if(F.col("matches") >= self._level.enough)).collect()[0]
        most = {"left_out", "missed"}  # the same ones are left out in each round
        for name, count in zip(self._tally, sums, strict=True):
            self._tally[name] = max(self._tally[name], count) if name in most else self._tally[name] + count
        return pairs.where(pairs["matches"] >= self._level.enough), sums[-1]

    def _note(self, rounds: int, pending: int) -> None:
        tally = self._tally
        self._context.note(
            comparisons=tally["compared"],
            comparisons_alike=tally["alike"],
            large_band_rounds=rounds,
            unsettled_documents=pending,
            comparisons_left_out=tally["left_out"],
            alike_left_out_estimate=tally["missed"],
        )


def _passed_over(before: "DataFrame", alike: "DataFrame", near: "DataFrame") -> "DataFrame":
    """Return the documents (`duplicate`) that are kept though a round did not compare all of them.

    Those that were dropped before it, and those that it found to be like another one that was dropped since. Where
    there are none, all pairs of kept documents were compared.
    """
    return before.select("duplicate").union(alike.select("later")).distinct().join(near, "duplicate", "left_anti")


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
