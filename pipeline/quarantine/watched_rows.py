"""Rows on their way to a measure: watched batch by batch, suspects one at a time, those that hung as empty texts."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.part_batches import PART, by_part
from pipeline.cells.part_cells import PartCells
from pipeline.cells.pieces import ROW
from pipeline.cells.reader import read_cells
from pipeline.errors import ResourceError, out_of_memory
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


class WatchedRows:
    """Rows on their way to a measure; what is done until the next ones are asked for is watched."""

    def __init__(
        self, batches: Iterable[pa.RecordBatch], parts: Sequence[WatchedPart], quarantine: Quarantine, limit: float
    ) -> None:
        """Take the rows.

        Args:
            batches: With PART, a number in `parts`, and ROW.
            parts: Those that the rows are of.
            quarantine: The list.
            limit: CPU seconds per batch.
        """
        self._batches, self._parts, self._quarantine = batches, parts, quarantine
        self._watch = quarantine.watch(limit)
        self._page: str | None = None  # URL of the row that is measured, where that is one alone
        self._together: list[tuple[str, int, int]] = []  # else the rows that are

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows; of those that hung, the texts are empty."""
        suspects = self._quarantine.suspects()
        alone = [_rows_of(suspects.get(part.pages.part.name, ()), part.left_out) for part in self._parts]
        left_out = [sorted(part.left_out) for part in self._parts]
        for batch in self._batches:
            rows = batch.column(ROW).to_numpy()
            numbers = batch.column(PART.name).to_numpy()
            readable = _with_empty_texts(batch, _among(numbers, rows, left_out))
            for start, stop, is_suspect in _stretches(_among(numbers, rows, alone)):
                piece = readable.slice(start, stop - start)
                if is_suspect:
                    part = self._parts[numbers[start]].pages
                    offset, doc_id, self._page = _page(part, rows[start : start + 1])
                    with self._watch.page(part.part, offset, doc_id, self._page):
                        yield piece
                else:
                    self._page, self._together = None, _ranges(piece, self._parts)
                    with self._watch.rows(self._together):
                        yield piece

    def out_of_memory(self) -> ResourceError:
        """Return the error where memory did not suffice for what came last; rows that came together are suspects then.

        The next try of the task measures these one at a time, and can name the page.
        """
        if self._page is not None:
            return ResourceError(out_of_memory(self._page))
        self._quarantine.add({"suspects": self._together, "out_of_memory": True})
        count = sum(last - first + 1 for _, first, last in self._together)
        return ResourceError(out_of_memory(f"{count} rows, which the next try measures one at a time"))


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
