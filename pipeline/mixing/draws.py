"""Draws: a number for each document, from its doc_id and the seed alone."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.engine.tables import FittedTables
from pipeline.mixing.params import DrawParams
from pipeline.rows.sites import SITE, document_sites
from schemas.columns import DOC_ID, Column

Integers = npt.NDArray[np.int64]
DRAW_BITS: Final = 52
DRAW: Final = Column("draw", pa.int64(), f"{DRAW_BITS}-bit number by which the document is drawn")
TIE: Final = Column(
    "draw_tie", pa.int64(), "what tells documents of one draw apart: 63 bits of the doc_id's second half"
)
_MULTIPLIERS: Final = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))


def draws(doc_ids: pa.Array, seed: int) -> Integers:
    """Return a number of 52 bits for each document, int64: SplitMix64 of the first half of its doc_id, and the seed.

    Args:
        doc_ids: 32 hex digits each.
        seed: Any whole number.

    >>> int(draws(pa.array(["b8ea8ecc3e3c9f3eaf8b47a7ef0d5cc6"]), 0)[0]) < 2**52
    True
    """
    mixed: Any = _half(doc_ids, 0)
    mixed = mixed + np.uint64((seed * 0x9E3779B97F4A7C15) % 2**64)
    for shift, factor in _MULTIPLIERS:
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    drawn: Integers = (mixed >> np.uint64(64 - DRAW_BITS)).astype(np.int64)
    return drawn


def ties(doc_ids: pa.Array) -> Integers:
    """Return 63 bits of the second half of each doc_id, int64."""
    numbers: Integers = (_half(doc_ids, 16) >> np.uint64(1)).astype(np.int64)
    return numbers


def _half(doc_ids: pa.Array, start: int) -> npt.NDArray[np.uint64]:
    """Return 16 hex digits of each doc_id as a number."""
    if isinstance(doc_ids, pa.ChunkedArray):
        doc_ids = doc_ids.combine_chunks()
    digits = "".join(pc.utf8_slice_codeunits(doc_ids, start, start + 16).to_pylist())
    return np.frombuffer(bytes.fromhex(digits), ">u8").astype(np.uint64)


def draw(rows: BatchStream, params: DrawParams, _: FittedTables) -> BatchStream:
    """Add the numbers by which each document is drawn."""
    for batch in rows:
        doc_ids = batch.column(DOC_ID.name)
        yield with_columns(batch, {DRAW: pa.array(draws(doc_ids, params.seed)), TIE: pa.array(ties(doc_ids))})


def draw_and_name(rows: BatchStream, params: DrawParams, _: FittedTables) -> BatchStream:
    """Add the number by which each document is drawn, and its site."""
    for batch in rows:
        doc_ids = batch.column(DOC_ID.name)
        drawn, tie = pa.array(draws(doc_ids, params.seed)), pa.array(ties(doc_ids))
        yield with_columns(batch, {DRAW: drawn, TIE: tie, SITE: document_sites(batch)})


def as_heights(drawn: Integers) -> npt.NDArray[np.float64]:
    """Return draws as numbers from 0 to 1."""
    return drawn.astype(np.float64) / float(1 << DRAW_BITS)
