"""Tokens and epochs are brought to documents by where they come from, not by the order in which they come."""

import pyarrow as pa

from pipeline.engine.quarantine import NO_QUARANTINE
from pipeline.runs.parts import Part
from pipeline.stages.mix import MixParams, draw_epochs
from schemas.columns import CATEGORY, DOC_ID, EPOCHS, TOKENS, WARC_FILE, WARC_OFFSET

COUNTED = pa.table({"warc_offset": [0, 2, 1], "tokens": [10, 30, 20], "text_bytes": [1, 3, 2], "draw": [5, 7, 6]})
CUTS = pa.table(
    {"category": ["general"], "epochs": [1], "cut_draw": [6], "cut_doc": ["b"], "cut_file": ["f"], "cut_offset": [1]}
)


class Sides:
    """Side tables in memory."""

    quarantine = NO_QUARANTINE

    def files(self, name: str) -> tuple[str, ...]:
        raise AssertionError(name)

    def slice(self, name: str, part: Part) -> pa.Table:
        return COUNTED

    def table(self, name: str) -> pa.Table:
        return CUTS


def test_rows_in_any_order_get_their_own_tokens_and_epochs() -> None:
    rows = pa.RecordBatch.from_pydict(
        {
            DOC_ID.name: ["c", "a", "b"],
            CATEGORY.name: ["general"] * 3,
            WARC_FILE.name: ["f"] * 3,
            WARC_OFFSET.name: [2, 0, 1],
        }
    )
    found = next(iter(draw_epochs(iter([rows]), Part("p", "f", "f", 1, ""), MixParams(), Sides())))
    assert found.column(TOKENS.name).to_pylist() == [30, 10, 20]
    assert found.column(EPOCHS.name).to_pylist() == [1, 2, 2]
