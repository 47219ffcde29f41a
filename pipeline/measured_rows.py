"""What a fit measured of a part, row by row, found again for the rows of a batch."""

import numpy as np
import pyarrow as pa

from pipeline.errors import ManifestError
from schemas.columns import WARC_OFFSET


def rows_of(measured: pa.Table, batch: pa.RecordBatch) -> pa.Table:
    """Return the rows of a part's side table that belong to the rows of a batch, in their order.

    Args:
        measured: All of the part, with `warc_offset`.
        batch: Rows of the part.

    Raises:
        ManifestError: One of them was not measured.
    """
    offsets, wanted = measured[WARC_OFFSET.name].to_numpy(), batch.column(WARC_OFFSET.name).to_numpy()
    order = np.argsort(offsets, kind="stable")
    at = np.minimum(np.searchsorted(offsets, wanted, sorter=order), len(offsets) - 1)
    if len(wanted) and (len(offsets) == 0 or (offsets[order[at]] != wanted).any()):
        raise ManifestError("a document was not measured")
    return measured.take(pa.array(order[at]))
