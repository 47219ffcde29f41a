"""Items cut out of texts, with what stands around them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.decontamination.deciding import limit_of
from pipeline.decontamination.params import DecontaminateParams
from pipeline.engine.tables import FittedTables
from pipeline.kernels.text.spans import Edit
from pipeline.rows.edited_texts import with_edits
from pipeline.rows.line_removal import CHARS_LEFT
from schemas.columns import CONTAMINATION, TEXT, Column

CUTS = Column("__cuts", pa.int32(), "Stretches that were cut out of the text")


def cut_texts(rows: BatchStream, params: DecontaminateParams, _: FittedTables) -> BatchStream:
    """Cut the items that reach their limits out of the texts; spans move along."""
    for batch in rows:
        matches, texts = batch.column(CONTAMINATION.name), batch.column(TEXT.name)
        lengths = pc.utf8_length(texts)
        edits = {}
        for row in np.flatnonzero(matches.is_valid().to_numpy(zero_copy_only=False)).tolist():
            if cuts := cuts_of(matches[row].as_py(), lengths[row].as_py() or 0, params):
                edits[row] = cuts
        edited = with_edits(batch, edits)
        counts = np.zeros(batch.num_rows, np.int32)
        counts[list(edits)] = [len(cuts) for cuts in edits.values()]
        left = pc.utf8_length(edited.column(TEXT.name)).cast(CHARS_LEFT.type)
        yield with_columns(edited, {CUTS: pa.array(counts), CHARS_LEFT: left})


def cuts_of(matches: Sequence[dict[str, Any]], length: int, params: DecontaminateParams) -> list[Edit]:
    r"""Return the edits that cut the matches which reach their limits out of a text, each with what is around it.

    Args:
        matches: Of `contamination`.
        length: Code points of the text.
        params: Limits, and how much goes on each side.

    >>> match = {"is_training": False, "coverage": 1.0, "words": 9, "answer_near": None, "start": 300, "end": 350}
    >>> cuts_of([match, match | {"start": 700, "end": 720}], 1000, DecontaminateParams())
    [Edit(start=100, end=920, replacement='\n\n')]
    """
    reaching = [
        match
        for match in matches
        if not match["is_training"] and match["coverage"] >= limit_of(match["words"], match["answer_near"], params)
    ]
    stretches: list[list[int]] = []
    for match in sorted(reaching, key=lambda match: int(match["start"])):
        start, end = max(0, match["start"] - params.cut_chars), min(length, match["end"] + params.cut_chars)
        if stretches and start <= stretches[-1][1]:
            stretches[-1][1] = max(end, stretches[-1][1])
        else:
            stretches.append([start, end])
    return [Edit(start, end, "\n\n" if start > 0 and end < length else "") for start, end in stretches]
