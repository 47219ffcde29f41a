"""Estimated similarities checked: a sample of the compared pairs, by the texts themselves."""

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from pipeline.cells.part_cells import PartCells
from pipeline.kernels.urls.addresses import row_key
from pipeline.rows.exchange import from_parts
from pipeline.rows.row_ids import ROW_BITS, MeasuredPart, MeasuredParts, part_of, row_ids, row_of
from pipeline.spark.tasks import share
from schemas.columns import TEXT

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Array = np.ndarray[Any, np.dtype[Any]]
_PARTS = 8
_SETS = "row_id long, shingles binary"


def check_pairs(
    compared: "DataFrame", texts: Sequence[PartCells], first_new: int, shingle: int, permutations: int, sample: int
) -> dict[str, Any]:
    """Return how far estimates are from exact Jaccard similarities.

    Args:
        compared: Rows of `EDGES`.
        texts: This run's parts, asked for their texts.
        first_new: Number of the first of them; pairs with documents of earlier runs are not checked.
        shingle: Units per shingle.
        permutations: Numbers per signature.
        sample: How many pairs, drawn by hash from few parts; the driver holds their shingles.

    Returns:
        `pairs`, `mean_error` (absolute), `bias` (estimate less exact), `largest_error`, and the
        `expected_error` that a fair estimate would have on average; empty where there is nothing to check.
    """
    from pyspark.sql import functions as F  # noqa: N812

    chosen = _few_parts(texts, first_new)
    part_of_place = (F.shiftright(end, ROW_BITS) for end in ("later", "earlier"))
    of_parts = compared.where(reduce(and_, (part.isin(chosen) for part in part_of_place)))
    drawn = of_parts.orderBy(F.xxhash64("later", "earlier")).select("later", "earlier", "matches").limit(sample)
    pairs = np.array([tuple(row) for row in drawn.collect()], np.int64).reshape(-1, 3)
    if not len(pairs):
        return {}
    sets = _shingle_sets(compared, texts, first_new, np.unique(pairs[:, :2]), shingle)
    return _errors(pairs, sets, permutations)


def _few_parts(texts: Sequence[PartCells], first_new: int) -> list[int]:
    """Return the numbers of the parts whose texts may be read: eight, or of many a fraction, drawn by hash."""
    by_hash = sorted(range(len(texts)), key=lambda number: row_key(texts[number].part.source))
    return [first_new + number for number in by_hash[: max(_PARTS, len(texts) // _PARTS**2)]]


def _shingle_sets(
    compared: "DataFrame", texts: Sequence[PartCells], first_new: int, ids: Array, shingle: int
) -> dict[int, Array]:
    def of_parts(numbers: Sequence[int], parts: MeasuredParts) -> Iterator[pa.RecordBatch]:
        for part in numbers:
            yield from of_part(part, parts)

    def of_part(part: int, parts: MeasuredParts) -> Iterator[pa.RecordBatch]:
        from pipeline.kernels.near_duplicates.minhash import shingles

        rows = row_of(ids[part_of(ids) == part + first_new])
        for row, text in zip(rows, parts.take(part, rows, [TEXT.name])[TEXT.name], strict=True):
            packed = shingles(text.as_py() or "", shingle).tobytes()
            row_id = row_ids(part + first_new, np.array([row]))
            yield pa.record_batch([pa.array(row_id), pa.array([packed], pa.binary())], names=["row_id", "shingles"])

    spark = compared.sparkSession
    shared = share(spark, MeasuredParts(tuple(MeasuredPart(cells, (TEXT,)) for cells in texts)))
    numbers = sorted({int(part) - first_new for part in part_of(ids)})
    rows = from_parts(spark, shared, numbers, of_parts, _SETS).collect()
    return {row.row_id: np.frombuffer(row.shingles, np.uint64) for row in rows}


def _errors(pairs: Array, sets: dict[int, Array], permutations: int) -> dict[str, Any]:
    from pipeline.kernels.near_duplicates.minhash import exact_jaccard

    exact = np.array([exact_jaccard(sets[int(later)], sets[int(earlier)]) for later, earlier, _ in pairs])
    error = pairs[:, 2] / permutations - exact
    deviation = np.sqrt(exact * (1 - exact) / permutations)
    return {
        "pairs": len(pairs),
        "mean_error": round(float(np.abs(error).mean()), 4),
        "bias": round(float(error.mean()), 4),
        "largest_error": round(float(np.abs(error).max()), 4),
        "expected_error": round(float(deviation.mean() * np.sqrt(2 / np.pi)), 4),
    }
