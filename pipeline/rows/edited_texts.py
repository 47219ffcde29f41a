"""Texts of a batch with edits applied: whatever points into a text moves along."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from pipeline.cells.batches import with_columns
from pipeline.kernels.text.spans import Edit, Span, apply_edits
from schemas.columns import PII, SPANS, TEXT

_POINTING = (SPANS, PII)


def with_edits(
    batch: pa.RecordBatch, edits: Mapping[int, Sequence[Edit]], *, stand_ins: bool = False
) -> pa.RecordBatch:
    """Return documents with some texts edited, and all that points into these moved along.

    Args:
        batch: Has TEXT and SPANS, and PII after its stage.
        edits: Number of a row → its edits, sorted, without overlaps.
        stand_ins: As in `kernels.spans.apply_edits`.
    """
    if not any(edits.values()):
        return batch
    pointing = [column for column in _POINTING if column.name in batch.schema.names]
    texts = batch.column(TEXT.name).to_pylist()
    lists = {column: batch.column(column.name).to_pylist() for column in pointing}
    for row, row_edits in edits.items():
        if not row_edits or texts[row] is None:
            continue
        stretches = [(column, stretch) for column in pointing for stretch in lists[column][row] or ()]
        numbered = [
            Span(stretch["start"], stretch["end"], str(number)) for number, (_, stretch) in enumerate(stretches)
        ]
        texts[row], moved = apply_edits(texts[row], numbered, row_edits, stand_ins=stand_ins)
        by_column: dict[str, list[Any]] = {column.name: [] for column in pointing}
        for start, end, number in moved:
            column, stretch = stretches[int(number)]
            by_column[column.name].append({**stretch, "start": start, "end": end})
        for column in pointing:
            if lists[column][row] is not None:  # null says something else than empty
                lists[column][row] = by_column[column.name]
    arrays = {column: pa.array(values, column.type) for column, values in lists.items()}
    return with_columns(batch, {TEXT: pa.array(texts, TEXT.type), **arrays})
