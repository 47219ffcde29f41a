"""Rows on their way to a measure: watched batch by batch, suspects one at a time, those that hung as empty texts."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.part_batches import PART, by_part
from pipeline.cells.part_cells import PartCells
from pipeline.cells.parts import BatchStream
from pipeline.cells.pieces import ROW
from pipeline.cells.reader import read_cells
from pipeline.quarantine.listed import PAGE_COLUMNS, Quarantine

Array = np.ndarray[Any, np.dtype[Any]]


class WatchedPart(NamedTuple):
    """A part whose rows are measured.

    Attributes:
        pages: The part, asked for what its pages are known by.
        left_out: Rows whose pages hung.
    """

    pages: PartCells
    left_out: frozenset[int]


def watched(
    batches: Iterable[pa.RecordBatch], parts: Sequence[WatchedPart], quarantine: Quarantine, limit: float
) -> BatchStream:
    """Yield rows; what is done until the next ones are asked for is watched.

    Args:
        batches: With PART, a number in `parts`, and ROW.
        parts: Those that the rows are of.
        quarantine: The list.
        limit: CPU seconds per batch.
    """
    watch = quarantine.watch(limit)
    suspects = quarantine.suspects()
    alone = [_rows_of(suspects.get(part.pages.part.name, ()), part.left_out) for part in parts]
    for batch in batches:
        rows = batch.column(ROW).to_numpy()
        numbers = batch.column(PART.name).to_numpy()
        readable = _with_empty_texts(batch, _among(numbers, rows, [sorted(part.left_out) for part in parts]))
        for start, stop, is_suspect in _stretches(_among(numbers, rows, alone)):
            piece = readable.slice(start, stop - start)
            if is_suspect:
                offset, doc_id, url = _page(parts[numbers[start]].pages, rows[start : start + 1])
                with watch.page(parts[numbers[start]].pages.part, offset, doc_id, url):
                    yield piece
            else:
                with watch.rows(_ranges(piece, parts)):
                    yield piece


def _rows_of(ranges: Iterable[tuple[int, int]], left_out: frozenset[int]) -> Array:
    """Return the rows of ranges, those that are left out apart."""
    rows = {row for first, last in ranges for row in range(first, last + 1)}
    return np.array(sorted(rows - left_out), np.int64)


def _among(numbers: Array, rows: Array, chosen: Sequence[Sequence[int] | Array]) -> Array:
    """Tell which rows are among those that were chosen of their part."""
    mask = np.zeros(len(rows), bool)
    for number in np.unique(numbers):
        if len(chosen[number]):
            mask |= (numbers == number) & np.isin(rows, chosen[number])
    return mask


def _stretches(is_suspect: Array) -> Iterator[tuple[int, int, bool]]:
    """Yield (start, stop, whether it is a suspect) of the rows of a batch: a suspect alone, others together."""
    cuts = np.flatnonzero(is_suspect)
    edges = np.unique(np.concatenate(([0], cuts, cuts + 1, [len(is_suspect)])))
    for start, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        yield start, stop, bool(is_suspect[start])


def _with_empty_texts(batch: pa.RecordBatch, is_left_out: Array) -> pa.RecordBatch:
    """Return a batch in which some rows have empty texts and empty lists, and all else that they had."""
    if not is_left_out.any():
        return batch
    mask = pa.array(is_left_out)
    arrays = []
    for array in batch.columns:
        if pa.types.is_string(array.type) or pa.types.is_list(array.type):
            empty: Any = "" if pa.types.is_string(array.type) else []
            arrays.append(pc.if_else(mask, pa.scalar(empty, array.type), array))
        else:
            arrays.append(array)
    return pa.record_batch(arrays, names=batch.schema.names)


def _page(pages: PartCells, row: Array) -> tuple[int, str, str]:
    """Return offset, doc_id and URL of a row's page."""
    (batch,) = read_cells(pages, PAGE_COLUMNS, row)
    offset, doc_id, url = (batch.column(column.name)[0].as_py() for column in PAGE_COLUMNS)
    return offset or 0, doc_id, url or ""


def _ranges(batch: pa.RecordBatch, parts: Sequence[WatchedPart]) -> list[tuple[str, int, int]]:
    """Return (part, first row, last row) of what a batch holds."""
    stretches = ((number, rows.column(ROW)) for number, rows in by_part(batch))
    return [(parts[number].pages.part.name, rows[0].as_py(), rows[-1].as_py()) for number, rows in stretches]
