"""Which records' words may be shown: those that passed the stages that hide them, column by column."""

from dataclasses import replace

import pyarrow as pa

from pipeline.results.redaction import Redaction, shown_notes
from pipeline.runs.manifest import Manifest, encode_schema
from pipeline.runs.table import Table
from pipeline.spark.types import arrow_schema
from schemas.columns import DROP, DROP_TYPE, PII, TEXT, TITLE, URL, Column

SUMMARY = Column("summary", pa.string(), "what it says in short", None)


def manifest(stage: str, *adds: Column, hides: tuple[Column, ...] = ()) -> Manifest:
    names = [column.name for column in adds]
    made = Manifest(stage, 1, {}, stage, names, [], encode_schema(arrow_schema(adds)))
    return replace(made, hides=[column.name for column in hides])


FIRST = manifest("extract", TEXT, TITLE, URL, SUMMARY)
REDACTS = manifest("pii", PII, hides=(TEXT, TITLE))
LAST = manifest("mix")


def batch(stages: list[str | None], *, has_read: list[bool] | None = None) -> pa.RecordBatch:
    """Records that some stages dropped, of which the redacting stage has read some."""
    drops = [stage and dict.fromkeys((field.name for field in DROP_TYPE), None) | {"stage": stage} for stage in stages]
    read = has_read or [stage in (None, "pii", "mix") for stage in stages]
    words = {column.name: pa.array(["jane@mill.example"] * len(stages)) for column in (TEXT, TITLE, URL, SUMMARY)}
    spans = pa.array([[] if it_was else None for it_was in read], PII.type)
    return pa.record_batch({**words, PII.name: spans, DROP.name: pa.array(drops, DROP_TYPE)})


def shown(table: Table, column: Column, given: pa.RecordBatch) -> list[bool]:
    return [value is not None for value in Redaction(table).redacted(given).column(column.name).to_pylist()]


def test_words_are_shown_of_what_the_redacting_stage_has_read() -> None:
    table = Table("", (FIRST, REDACTS, LAST))
    given = batch(["extract", "pii", "mix", None])
    assert shown(table, TEXT, given) == shown(table, TITLE, given) == [False, True, True, True]
    assert shown(table, URL, given) == [True] * 4
    assert shown(table, TEXT, batch(["pii", None], has_read=[False, True])) == [False, True]  # the first hung there
    assert [Redaction(table).has_passed(stage) for stage in ("extract", "pii", "mix", "kept")] == [
        False, False, True, True,
    ]  # fmt: skip


def test_without_a_redacting_stage_no_words_are_shown() -> None:
    table = Table("", (FIRST, LAST))
    assert shown(table, TEXT, batch([None])) == shown(table, TITLE, batch([None])) == [False]
    assert not Redaction(table).has_passed("kept")


def test_a_stage_that_hides_titles_alone_makes_no_text_fit_to_be_shown() -> None:
    table = Table("", (FIRST, manifest("pii", PII, hides=(TITLE,)), LAST))
    assert (shown(table, TITLE, batch([None])), shown(table, TEXT, batch([None]))) == ([True], [False])
    assert not Redaction(table).has_passed("kept")


def test_another_column_that_a_stage_hides_is_hidden_before_it() -> None:
    table = Table("", (FIRST, manifest("short", hides=(SUMMARY,)), LAST))
    given = batch(["extract", "short", "mix", None])
    assert shown(table, SUMMARY, given) == [False, False, True, True]  # it adds no column that says what it has read


def test_a_column_that_a_later_stage_hides_is_not_shown_as_it_was() -> None:
    before, hides = Table("", (FIRST,)), manifest("short", hides=(SUMMARY,))
    assert Redaction(before, hides.hides).may_show("summary", batch([None])).to_pylist() == [False]
    assert Redaction(before, hides.hides).may_show("url", batch([None])).to_pylist() == [True]


def test_lines_that_an_earlier_version_noted_of_texts_that_nothing_redacts_are_left_out() -> None:
    notes = {"most_frequent": [{"line": "Write to jane@mill.example", "count": 7}], "frequent_lines": 1}
    lines = replace(manifest("dedup_line"), notes=notes)
    assert shown_notes(Table("", (FIRST, lines))) == {"most_frequent": [], "frequent_lines": 1}
    assert shown_notes(Table("", (FIRST, REDACTS, lines))) == notes
