"""The one door to texts and titles that are shown: only as they left the stage that took personal data out of them.

Whoever shows a page's words, in a terminal, a notebook, a report or a review, has them from here. A record that was
dropped before that stage has none to show.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.reader import read_cells
from pipeline.cells.stretch_reader import Rows
from pipeline.runs.table import Table
from pipeline.terminal import safe_text
from schemas.columns import DOC_ID, DROP, TEXT, TITLE, WARC_OFFSET, Column

CHARS: Final = 5000
"""Code points of a text that are kept."""
_WORDS: Final = (TITLE, TEXT)
"""The columns that hold words of a page."""
_QUOTES: Final = "most_frequent"
"""Note of `dedup_line` that quotes texts."""
_BATCH_ROWS: Final = 8192


@dataclass(frozen=True)
class ShownText:
    """What may be shown of a document: of commands to a terminal in it, the letters.

    Attributes:
        title: None where there is none, or none may be shown.
        text: Its beginning, likewise.
    """

    title: str | None = None
    text: str | None = None


class Redaction:
    """Tells of which records of a table texts and titles may be shown.

    Those of a record that the redacting stage has read: it passed all stages before, and the first column that the
    redacting stage adds is not null. Where several stages hide a column, the last of them counts. Where such a stage
    adds no column, a record has to pass it.
    """

    def __init__(self, table: Table, later: Collection[str] = ()) -> None:
        """Look up which stages of a table's chain hide what.

        Args:
            table: Whose records are shown.
            later: Columns that a stage behind the table hides: they are not shown as they are in it.
        """
        self._later = frozenset(later)
        self._names = [manifest.stage for manifest in table.chain]
        self._last = {name: number for number, manifest in enumerate(table.chain) for name in manifest.hides}
        have = {column.name for column in table.columns}
        self._guards: dict[int, Column] = {}
        for number in set(self._last.values()):
            manifest = table.chain[number]
            added = [c for c in manifest.stored_columns() if c.name in manifest.adds and c.name in have]
            if added:
                self._guards[number] = replace(added[0], default=None)

    @property
    def columns(self) -> frozenset[str]:
        """Columns that some stage of the chain redacts."""
        return frozenset(self._last)

    @property
    def first(self) -> int:
        """How many stages a record has passed, at the least, before anything of it may be shown."""
        return min(self._last.values(), default=len(self._names))

    def has_passed(self, stage: str) -> bool:
        """Return whether a record that a stage dropped, or one that no stage did, had passed what redacts texts."""
        return TEXT.name in self._last and stage not in self._names[: self._last[TEXT.name] + 1]

    @property
    def reads(self) -> tuple[Column, ...]:
        """What a batch must hold, beside texts and titles, to be judged."""
        return (*self._guards.values(), DROP)

    def may_show(self, column: str, batch: pa.RecordBatch) -> pa.BooleanArray:
        """Return of which records of a batch a column may be shown: of all, but for words and what a stage hides.

        Args:
            column: Its name.
            batch: With the columns of `reads`.
        """
        number = self._last.get(column)
        if number is None or column in self._later:
            is_plain = column not in self._later and column not in {words.name for words in _WORDS}
            return pa.repeat(pa.scalar(is_plain), batch.num_rows)
        guard = self._guards.get(number)
        too_early = self._names[: number + (guard is None)]
        dropped_by = pc.struct_field(batch.column(DROP.name), "stage")
        came = pc.invert(pc.is_in(dropped_by, pa.array(too_early, pa.string())))
        return came if guard is None else pc.and_(came, pc.is_valid(batch.column(guard.name)))

    def redacted(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return a batch whose texts, titles and other hidden columns are null where they may not be shown."""
        for at, field in enumerate(batch.schema):
            if field.name in self.columns | self._later or field.name in {words.name for words in _WORDS}:
                values = pc.if_else(self.may_show(field.name, batch), batch.column(at), None)
                batch = batch.set_column(at, field.with_nullable(nullable=True), values)
        return batch


def shown_texts(
    table: Table, wanted: Mapping[str, Rows | list[int]], chars: int = CHARS
) -> dict[tuple[str, int], ShownText]:
    """Return (name of the part, row) → what may be shown of a document that reached a stage.

    Only the rows that are asked for are read.

    Args:
        table: Of the stage.
        wanted: Name of a part → rows of it that reached the stage.
        chars: Code points of a text to return.
    """
    redaction, texts = Redaction(table), dict[tuple[str, int], ShownText]()
    columns = [column for column in _WORDS if column.name in redaction.columns]
    if not columns or not wanted:
        return texts
    read = list({column.name: replace(column, default=None) for column in (*columns, *redaction.reads)}.values())
    for cells in table.with_drops([column.name for column in read if column.name != DROP.name]):
        rows = np.unique(np.asarray(wanted.get(cells.part.name, []), np.int64))
        for batch in read_cells(cells, read, rows) if len(rows) else ():
            for number, value in zip(batch.column(0).to_pylist(), _words(redaction.redacted(batch)), strict=True):
                if any(text is not None for text in value.values()):
                    texts[cells.part.name, number] = ShownText(*(_begin(value.get(c.name), chars) for c in _WORDS))
    return texts


def texts_at(
    table: Table, records: Collection[tuple[str, int]], chars: int = CHARS
) -> dict[tuple[str, int], ShownText]:
    """Return (input file, offset) → what may be shown of a record; the parts of these files alone are read.

    Args:
        table: Of the stage whose texts are shown.
        records: Input file and offset of each.
        chars: Code points of a text to return.
    """
    offsets: dict[str, list[int]] = {}
    for source, offset in records:
        offsets.setdefault(source, []).append(offset)
    named: dict[tuple[str, int], tuple[str, int]] = {}
    for cells in table.with_drops([WARC_OFFSET.name]):
        source = cells.part.source
        for batch in read_cells(cells, [replace(WARC_OFFSET, default=None)]) if source in offsets else ():
            chosen = batch.filter(pc.is_in(batch.column(1), pa.array(offsets[source], WARC_OFFSET.type)))
            for row, offset in zip(chosen.column(0).to_pylist(), chosen.column(1).to_pylist(), strict=True):
                named[cells.part.name, row] = source, offset
    return {named[at]: shown for at, shown in shown_texts(table, _by_part(named), chars).items()}


def texts_by_id(table: Table, doc_ids: Collection[str], chars: int = CHARS) -> dict[str, ShownText]:
    """Return doc_id → what may be shown of a document; all doc_ids are read, and of texts those that are asked for.

    A doc_id is no key of records: of a table that has a URL twice, both rows have the same. What may be shown of one
    of them is returned.

    Args:
        table: Of the stage whose texts are shown.
        doc_ids: Of documents.
        chars: Code points of a text to return.
    """
    redaction = Redaction(table)
    if not doc_ids or not redaction.columns:
        return {}
    asked = pa.array(sorted(doc_ids), pa.string())
    named: dict[tuple[str, int], str] = {}
    for cells in table.with_drops([DOC_ID.name], redaction.first):
        for batch in read_cells(cells, [replace(DOC_ID, default=None)], size=_BATCH_ROWS):
            chosen = batch.filter(pc.is_in(batch.column(1), asked))
            keys = ((cells.part.name, row) for row in chosen.column(0).to_pylist())
            named |= dict(zip(keys, chosen.column(1).to_pylist(), strict=True))
    return {named[at]: shown for at, shown in shown_texts(table, _by_part(named), chars).items()}


def _by_part(rows: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    wanted: dict[str, list[int]] = {}
    for part, row in rows:
        wanted.setdefault(part, []).append(row)
    return wanted


def shown_notes(table: Table) -> dict[str, Any]:
    """Return what a stage noted, without lines of texts that no stage before it had redacted."""
    notes = table.manifest.notes
    if _QUOTES not in notes or TEXT.name in table.before.hidden:
        return notes
    return {**notes, _QUOTES: []}


def _words(batch: pa.RecordBatch) -> list[dict[str, str | None]]:
    """Return the texts and titles of a batch that has any of both."""
    names = [column.name for column in _WORDS if column.name in batch.schema.names]
    rows: list[dict[str, str | None]] = batch.select(names).to_pylist()
    return rows


def _begin(text: str | None, chars: int) -> str | None:
    if text is None:
        return None
    return safe_text(text[:chars]) + ("…" if len(text) > chars else "")
