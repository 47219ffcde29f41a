"""Personal data out of texts: measured as spans, replaced in texts and titles, recorded without its value."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.engine.tables import FittedTables
from pipeline.kernels.text.prose import spans_of
from pipeline.kernels.text.spans import Edit
from pipeline.pii.params import FindParams
from pipeline.rows.edited_texts import with_edits
from pipeline.rows.sites import SITE, sites_of
from schemas.columns import HOST, LANGUAGE, NO_PROSE, PII, PII_PER_1000_WORDS, PII_TYPE, SPANS, TEXT, TITLE, Column

if TYPE_CHECKING:
    from pipeline.kernels.pii.find import Found

FOUND = Column("found", pa.list_(PII_TYPE), "personal data of the text: start, end, kind, score")
FOUND_IN_TITLE = Column("found_in_title", pa.list_(PII_TYPE), "the same of the title")
VALUES = Column("__values", pa.int32(), "how many values of personal data; null where a recogniser broke", None)
MEASURED = (SITE, FOUND, FOUND_IN_TITLE, PII_PER_1000_WORDS, VALUES)
_NEUTRAL = {
    "EMAIL_ADDRESS": ("email@example.com", "firstname.lastname@example.org"),
    "IP_ADDRESS": (
        *("22.214.171.124", "126.96.36.199", "188.8.131.52", "184.108.40.206", "220.127.116.11", "18.104.22.168"),
    ),
}
"""Values that FineWeb writes, one after the other: reserved names, and addresses that answered nobody."""


def measure_pii(rows: BatchStream, params: FindParams, _: FittedTables) -> BatchStream:
    """Yield where the personal data of each document stands, and how dense it is; never a value."""
    from pipeline.kernels.pii.find import find_pii, share_read
    from pipeline.kernels.text.words import find_words

    settings = params.settings()
    for batch in rows:
        texts, hosts = batch.column(TEXT.name), _column(batch, HOST)
        languages, names = _column(batch, LANGUAGE).to_pylist(), hosts.to_pylist()
        in_texts = find_pii(texts, _stretches(batch.column(SPANS.name)), languages, names, settings)
        titles = _column(batch, TITLE)
        in_titles = find_pii(titles, [()] * batch.num_rows, languages, names, settings)
        words = np.diff(find_words(texts).offsets) * [share_read(values or ()) for values in in_texts]
        density = 1000 * np.array([len(values or ()) for values in in_texts]) / np.maximum(words, 1)
        added = {
            SITE: sites_of(hosts),
            FOUND: _listed(in_texts),
            FOUND_IN_TITLE: _listed(in_titles),
            PII_PER_1000_WORDS: pa.array(density, PII_PER_1000_WORDS.type),
            VALUES: pa.array([None if values is None else len(values) for values in in_texts], VALUES.type),
        }
        yield with_columns(batch, added)


def _column(batch: pa.RecordBatch, column: Column) -> pa.Array:
    if column.name in batch.schema.names:
        return batch.column(column.name)
    return pa.nulls(batch.num_rows, column.type)


def _stretches(spans: pa.Array) -> list[list[tuple[int, int]]]:
    """Return where each text's code and formulas stand."""
    return [[(span["start"], span["end"]) for span in of_text] for of_text in spans_of(spans, NO_PROSE).to_pylist()]


def _listed(values: "Sequence[Sequence[Found] | None]") -> pa.Array:
    lists = [None if of_text is None else [value._asdict() for value in of_text] for of_text in values]
    return pa.array(lists, pa.list_(PII_TYPE))


def redacted(batch: pa.RecordBatch, replacement: str) -> pa.RecordBatch:
    """Return documents whose personal data is replaced, in texts and titles, with PII.

    A text or title on which a recogniser broke is emptied; PII is null then.

    Args:
        batch: Documents, with FOUND and FOUND_IN_TITLE.
        replacement: `typed` or `neutral`.
    """
    values = batch.column(FOUND.name).to_pylist()
    marked = with_columns(batch, {PII: batch.column(FOUND.name).cast(PII.type)})
    edits = {row: list(_edits(of_text, replacement)) for row, of_text in enumerate(values) if of_text}
    broken = [row for row, of_text in enumerate(values) if of_text is None]
    if broken:
        lengths = pc.fill_null(pc.utf8_length(batch.column(TEXT.name)), 0).to_pylist()
        edits |= {row: [Edit(0, lengths[row], "")] for row in broken}
    changed = with_edits(marked, edits, stand_ins=True)
    return _with_titles(changed, batch.column(FOUND_IN_TITLE.name).to_pylist(), replacement)


def _with_titles(
    batch: pa.RecordBatch, values: Sequence[Sequence[dict[str, Any]] | None], replacement: str
) -> pa.RecordBatch:
    if all(of_title is not None and not of_title for of_title in values):
        return batch
    titles = batch.column(TITLE.name).to_pylist()
    for row, of_title in enumerate(values):
        if of_title is None:
            titles[row] = None
        for edit in reversed(list(_edits(of_title or (), replacement))):
            titles[row] = titles[row][: edit.start] + edit.replacement + titles[row][edit.end :]
    return with_columns(batch, {TITLE: pa.array(titles, TITLE.type)})


def _edits(values: Sequence[dict[str, Any]], replacement: str) -> Iterator[Edit]:
    counts: dict[str, int] = {}
    for value in values:
        entity = value["entity"]
        neutral = _NEUTRAL.get(entity, ()) if replacement == "neutral" else ()
        number = counts[entity] = counts.get(entity, -1) + 1
        yield Edit(value["start"], value["end"], neutral[number % len(neutral)] if neutral else f"<{entity}>")
