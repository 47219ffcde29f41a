"""Epochs are given by each document's own draw, not by the order in which documents come."""

from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from pipeline.stages.mix import DRAW, MixParams, draw_epochs
from schemas.columns import CATEGORY, DOC_ID, EPOCHS, WARC_FILE, WARC_OFFSET

CUTS = pa.table(
    {"category": ["general"], "epochs": [1], "cut_draw": [6], "cut_doc": ["b"], "cut_file": ["f"], "cut_offset": [1]}
)
FITTED: Any = SimpleNamespace(table=lambda name: {"cuts": CUTS}[name])
DOCUMENTS = {"a": (0, 5, 2), "b": (1, 6, 2), "c": (2, 7, 1), "d": (3, 6, 1)}
"""doc_id → offset, draw, epochs."""


@pytest.mark.parametrize("order", ["abcd", "cdab", "d", "cba"])
@pytest.mark.parametrize("size", [1, 9])
def test_documents_in_any_order_get_their_own_epochs(order: str, size: int) -> None:
    rows = pa.table(
        {
            DOC_ID.name: list(order),
            CATEGORY.name: ["general"] * len(order),
            WARC_FILE.name: ["f"] * len(order),
            WARC_OFFSET.name: [DOCUMENTS[doc][0] for doc in order],
            DRAW.name: [DOCUMENTS[doc][1] for doc in order],
        }
    )
    batches = iter(rows.to_batches(max_chunksize=size))
    found = pa.Table.from_batches(list(draw_epochs(batches, MixParams(), FITTED)))
    assert found[EPOCHS.name].to_pylist() == [DOCUMENTS[doc][2] for doc in order]
