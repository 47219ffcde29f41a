"""What is counted and matched of documents, part by part."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.decontamination.shared_index import DOCUMENTS, GRAM_KEY, item_names, shared_index
from pipeline.engine.stage import Params
from pipeline.engine.tables import FittedTables
from schemas.columns import CONTAMINATION, CONTAMINATION_TYPE, TEXT, Column

if TYPE_CHECKING:
    from pipeline.decontamination.shared_index import ItemNames
    from pipeline.kernels.contamination.match import Hits

ITEMS, COMMON = "items", "common_grams"
"""Small tables: the items of all suites, and the grams that are common in the corpus."""
GRAM = Column(GRAM_KEY, pa.int64(), "64-bit hash of a run of units of an item")
SEEN = Column(DOCUMENTS, pa.int64(), "Documents that it stands in")
_MOST = 100
"""Matches that are remembered of a document."""


class MatchParams(Params):
    """What is counted and matched depends on these."""

    known_by: str
    """Hash of the items, and of the common grams where these are left out."""


def count_item_grams(rows: BatchStream, params: MatchParams, fitted: FittedTables) -> BatchStream:
    """Yield the grams of items that a part's documents hold, with the number of documents: one row each."""
    from pipeline.kernels.contamination.match import count_grams
    from pipeline.kernels.contamination.units import find_units

    index = shared_index(fitted.files(ITEMS), (), params.known_by)
    counts = np.zeros(len(index.grams.keys), np.int64)
    for batch in rows:
        count_grams(find_units(batch.column(TEXT.name)), index, counts)
    seen = np.flatnonzero(counts)
    keys = index.grams.keys[seen].view(np.int64)
    for start in range(0, len(seen), 1 << 16):
        piece = slice(start, start + (1 << 16))
        yield pa.RecordBatch.from_pydict({GRAM.name: keys[piece], SEEN.name: counts[seen][piece]})


def match_documents(rows: BatchStream, params: MatchParams, fitted: FittedTables) -> BatchStream:
    """Add what items of suites each document holds."""
    from pipeline.kernels.contamination.match import match_items
    from pipeline.kernels.contamination.units import find_units

    index = shared_index(fitted.files(ITEMS), fitted.files(COMMON), params.known_by)
    names = item_names(fitted.files(ITEMS))
    for batch in rows:
        hits = match_items(find_units(batch.column(TEXT.name)), index, _MOST)
        yield with_columns(batch, {CONTAMINATION: contamination_cells(hits, names, batch.num_rows)})


def contamination_cells(hits: "Hits", names: "ItemNames", rows: int) -> pa.Array:
    """Return matches as cells of `contamination`, one a row."""
    from pipeline.kernels.contamination.match import NO_ANSWER, PRESENT

    items = pa.array(hits.items)
    values = [
        names.suites.take(items),
        names.items.take(items),
        names.is_training.take(items),
        pa.array(np.round(hits.coverage.astype(np.float64), 6)),
        names.words.take(items),
        pa.array(hits.answers == PRESENT, mask=hits.answers == NO_ANSWER),
        pa.array(hits.starts.astype(np.int32)),
        pa.array(hits.ends.astype(np.int32)),
    ]
    structs = pa.StructArray.from_arrays(values, fields=list(CONTAMINATION_TYPE))
    counts = np.bincount(hits.rows, minlength=rows)
    offsets = np.concatenate(([0], np.cumsum(counts)))
    no_hits: Any = np.append(counts == 0, False)  # the last is an end, and no row
    return pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32), mask=no_hits), structs)
