"""Lines taken out of the texts of a batch: what the edits are, and where the spans then stand."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.batches import with_columns
from pipeline.kernels.text.spans import Edit
from pipeline.rows.edited_texts import with_edits
from pipeline.rows.reasons import dropped, first_reason
from schemas.columns import TEXT, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Array = np.ndarray[Any, np.dtype[Any]]
CHARS_LEFT = Column("__chars_left", pa.int32(), "code points of the text that is left")


def without_lines(batch: pa.RecordBatch, text_of: Array, starts: Array, ends: Array, count: Column) -> pa.RecordBatch:
    """Return a batch without some lines of its texts, its spans moved along, with how many lines each text lost.

    Args:
        batch: Has TEXT and SPANS.
        text_of: Number of each line's text, ascending.
        starts: Where each line begins in its text, in code points; ascending within a text.
        ends: Where it ends, before its line break.
        count: The column that is added, beside CHARS_LEFT.
    """
    removed = np.bincount(text_of, minlength=batch.num_rows).astype(np.int32)
    edited = batch
    if removed.any():
        lengths = pc.utf8_length(batch.column(TEXT.name))
        after = np.cumsum(removed)
        edits = {}
        for number in np.flatnonzero(removed).tolist():
            lines = slice(after[number] - removed[number], after[number])
            edits[number] = removals(lengths[number].as_py(), *_runs(starts[lines], ends[lines]))
        edited = with_edits(batch, edits)
    left = pc.utf8_length(edited.column(TEXT.name)).cast(CHARS_LEFT.type)
    return with_columns(edited, {count: pa.array(removed), CHARS_LEFT: left})


def too_little_left(docs: "DataFrame", stage: str, removed: Column, least: int) -> "DataFrame":
    """Drop documents that lost lines and have too little text left.

    Args:
        docs: With the columns that `without_lines` adds.
        stage: Name of the stage.
        removed: How many lines each lost.
        least: Code points that are enough.
    """
    from pyspark.sql import functions as F  # noqa: N812

    left = F.col(CHARS_LEFT.name)
    is_little = (F.col(removed.name) > 0) & (left < least)
    return first_reason(docs, F.when(is_little, dropped(stage, "too_little_text_left", left, F.lit(least))))


def _runs(starts: Array, ends: Array) -> tuple[list[int], list[int]]:
    """Return lines with those that follow one another as one: there may be millions."""
    parted = starts[1:] != ends[:-1] + 1
    return starts[np.append(True, parted)].tolist(), ends[np.append(parted, True)].tolist()


def removals(length: int, starts: list[int], ends: list[int]) -> list[Edit]:
    r"""Return the edits that take lines out of a text with their line breaks.

    >>> removals(7, [0], [2]), removals(7, [2, 5], [4, 7])
    ([Edit(start=0, end=3, replacement='')], [Edit(start=1, end=7, replacement='')])
    """
    runs: list[list[int]] = []
    for start, end in zip(starts, ends, strict=True):
        if runs and runs[-1][1] == start:
            runs[-1][1] = end + 1
        else:
            runs.append([start, end + 1])
    if runs and runs[-1][1] > length:
        runs[-1] = [max(0, runs[-1][0] - 1), length]
    return [Edit(start, end, "") for start, end in runs]
