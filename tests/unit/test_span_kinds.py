"""Of the spans of a text, code and math are set apart; headings and tables are prose like any other."""

import pyarrow as pa
import pytest

from pipeline.engine.tables import NO_TABLES
from pipeline.kernels.text.prose import prose_of, spans_of
from pipeline.stages.dedup_line import LineParams, Spared, count_lines
from schemas.columns import NO_PROSE, SPAN_TYPE

TEXT = "Grain\nx = 1\nOats 3"
KINDS = ["code", "math", "heading", "table"]


def batch(*kinds: str) -> pa.RecordBatch:
    """Return a document for each kind, whose middle line is marked with it, all of it with a table."""
    spans = [
        [{"start": 0, "end": len(TEXT), "kind": "table"}, {"start": 6, "end": 11, "kind": kind}] if kind else None
        for kind in kinds
    ]
    return pa.record_batch(
        {
            "text": [TEXT] * len(kinds),
            "spans": pa.array(spans, pa.list_(SPAN_TYPE)),
            "language": ["en"] * len(kinds),
            "doc_id": ["0f" * 16] * len(kinds),
        }
    )


@pytest.mark.parametrize("kind", KINDS)
def test_only_code_and_math_are_no_prose(kind: str) -> None:
    expected = "Grain\n \nOats 3" if kind in ("code", "math") else TEXT
    rows = batch(kind)
    assert prose_of(rows.column("text"), rows.column("spans")) == [expected]


@pytest.mark.parametrize("kind", KINDS)
def test_only_lines_of_code_and_math_are_left_alone(kind: str) -> None:
    rows = count_lines(iter([batch(kind)]), LineParams(), NO_TABLES)
    assert sum(sum(result.column("count").to_pylist()) for result in rows) == (2 if kind in ("code", "math") else 3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("spare", [(), ("numbers", "headings")])
def test_where_no_kind_is_spared_all_lines_are_compared(spare: tuple[Spared, ...], kind: str) -> None:
    rows = count_lines(iter([batch(kind)]), LineParams(spare=spare), NO_TABLES)
    assert sum(sum(found.column("count").to_pylist()) for found in rows) == 3


def test_spans_are_chosen_in_slices_and_chunks_and_stay_with_their_text() -> None:
    column = batch("code", "", "table", "math", "heading").column("spans")
    expected = [["code"], [], [], ["math"], []]
    for start in range(5):
        result = spans_of(column.slice(start), NO_PROSE).to_pylist()
        assert [[span["kind"] for span in some] for some in result] == expected[start:]
    assert spans_of(column.slice(5), NO_PROSE).to_pylist() == []
