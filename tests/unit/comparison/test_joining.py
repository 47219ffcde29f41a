"""Documents of two runs joined: as a plain dictionary joins them, however the rows are cut into batches."""

from collections import Counter
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipeline.comparison.facts import FACTS, ORDER
from pipeline.comparison.joining import OUTCOMES, joined

RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "doc_id": st.sampled_from(["0a", "0b", "1c", "2d", "ff"]),
            "side": st.integers(0, 1),
            "kept": st.booleans(),
            "stage": st.sampled_from(["extract", "heuristics"]),
            "reason": st.sampled_from(["a", "b"]),
            "language": st.sampled_from([None, "en", "de"]),
            "category": st.sampled_from([None, "general"]),
            "text_1": st.integers(0, 1),
            "text_2": st.integers(0, 1),
            "title_1": st.integers(0, 1),
        }
    ),
    max_size=24,
)


def facts(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows of `FACTS` in order."""
    rows = []
    for number, record in enumerate(records):
        dropped = {"stage": None, "reason": None}
        unread = {"text_1": None, "text_2": None, "title_1": None}
        row = {**dict.fromkeys(FACTS.names), **record, **(dropped if record["kept"] else unread)}
        rows.append({**row, "title_2": 0, "warc_file": "f", "warc_offset": number, "source_url": "u", "host": "h"})
    return sorted(rows, key=lambda row: tuple(row[name] for name in ORDER))


def plainly(rows: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """Return (kind, what differs) → documents."""
    sides: list[dict[tuple[str, int], dict[str, Any]]] = [{}, {}]
    for row in sorted(rows, key=lambda row: not row["kept"]):
        of_side = sides[row["side"]]
        of_side[row["doc_id"], sum(doc_id == row["doc_id"] for doc_id, _ in of_side)] = row
    counts: Counter[tuple[str, str]] = Counter()
    for key in {*sides[0], *sides[1]}:
        first, second = sides[0].get(key), sides[1].get(key)
        counts[_kind(first, second)] += 1
    return counts


def _kind(first: dict[str, Any] | None, second: dict[str, Any] | None) -> tuple[str, str]:
    if first is None or second is None:
        return ("only_second" if first is None else "only_first"), ""
    if first["kept"] != second["kept"]:
        return ("lost" if first["kept"] else "gained"), ""
    if not first["kept"]:
        is_same = (first["stage"], first["reason"]) == (second["stage"], second["reason"])
        return ("same" if is_same else "moved"), ""
    fields = {"text": ("text_1", "text_2"), "title": ("title_1",), "language": ("language",), "category": ("category",)}
    what = ", ".join(name for name, of in fields.items() if any(first[field] != second[field] for field in of))
    return ("changed" if what else "same"), what


def outcomes(rows: list[dict[str, Any]], size: int) -> list[dict[str, Any]]:
    table = pa.Table.from_pylist(rows, FACTS)
    made = list(joined(table.to_batches(max_chunksize=size)))
    assert all(batch.schema.names == OUTCOMES.names for batch in made)
    return [row for batch in made for row in batch.to_pylist()]


@given(records=RECORDS, size=st.integers(1, 9))
def test_documents_meet_as_in_a_dictionary(records: list[dict[str, Any]], size: int) -> None:
    rows = facts(records)
    counts: Counter[tuple[str, str]] = Counter()
    for row in outcomes(rows, size):
        counts[row["kind"], row["what"] or ""] += row["documents"]
    assert +counts == plainly(rows)


def test_a_row_says_what_became_of_the_document_in_both_runs() -> None:
    plain: dict[str, Any] = {"language": None, "category": None, "text_1": 1, "text_2": 1, "title_1": 1}
    gone = {"doc_id": "0a", "side": 0, "kept": False, "stage": "heuristics", "reason": "few", **plain}
    kept = {"doc_id": "0a", "side": 1, "kept": True, "stage": "", "reason": "", **plain, "language": "de"}
    (row,) = (row for row in outcomes(facts([gone, kept]), 1) if row["documents"] and row["doc_id"])
    assert (row["kind"], row["language"], row["first_stage"], row["first_reason"]) == (
        "gained",
        "de",
        "heuristics",
        "few",
    )
    assert (row["second_stage"], row["first_kept"], row["second_kept"]) == (None, False, True)


def test_no_rows_are_no_documents() -> None:
    assert outcomes([], 1) == []


def test_an_unchanged_document_is_the_same_whatever_file_an_older_capture_lies_in() -> None:
    newer = {"doc_id": "0a", "kept": True, "language": "en", "category": "general", "text_1": 1, "text_2": 1}
    newer |= {"title_1": 1}
    older = {**newer, "kept": False, "stage": "dedup_url", "reason": "newer_capture"}
    rows = facts([{**older, "side": 0}, {**newer, "side": 0}, {**newer, "side": 1}, {**older, "side": 1}])
    counts = Counter(row["kind"] for row in outcomes(rows, 4) for _ in range(row["documents"]))
    assert counts == {"same": 2}
