"""Texts and titles of single documents, as they left the stage that redacts them; before it there are none to show."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow.compute as pc

from pipeline.cells.reader import read_cells
from pipeline.cells.stretch_reader import Rows
from pipeline.runs.table import Table
from pipeline.terminal import safe_text
from schemas.columns import DROP, TEXT, TITLE, Column

CHARS = 5000
"""Code points of a text that are kept."""


@dataclass(frozen=True)
class Shown:
    """What may be shown of a document: of commands to a terminal in it, the letters.

    Attributes:
        title: None where there is none, or none may be shown.
        text: Its beginning, likewise.
    """

    title: str | None
    text: str | None


def shown_texts(
    table: Table, wanted: Mapping[str, Rows | list[int]], chars: int = CHARS
) -> dict[tuple[str, int], Shown]:
    """Return (name of the part, row) → what may be shown of a document that reached a stage.

    A document that the redacting stage dropped itself is shown where the stage has read it, which its own first column
    says; one that hung there is not. Only the rows that are asked for are read.

    Args:
        table: Of the stage.
        wanted: Name of a part → rows of it that reached the stage.
        chars: Code points of a text to return.
    """
    hidden = {name for manifest in table.chain for name in manifest.hides}
    shown = [column for column in (TITLE, TEXT) if column.name in hidden]
    if not shown or not wanted:
        return {}
    manifest = table.manifest
    guard = [column for column in manifest.stored_columns() if column.name in manifest.adds][: len(manifest.hides)][:1]
    columns: list[Column] = [replace(column, default=None) for column in (*shown, *guard, DROP)]
    texts: dict[tuple[str, int], Shown] = {}
    for cells in table.with_drops([column.name for column in (*shown, *guard)], len(table.chain) - 1):
        rows = np.unique(np.asarray(wanted.get(cells.part.name, []), np.int64))
        for batch in read_cells(cells, columns, rows) if len(rows) else ():
            if manifest.hides:
                is_read = pc.is_valid(batch.column(guard[0].name)) if guard else pc.is_null(batch.column(DROP.name))
                batch = batch.filter(is_read)  # noqa: PLW2901  (what is left of it)
            values = batch.select([column.name for column in shown]).to_pylist()
            for number, value in zip(batch.column(0).to_pylist(), values, strict=True):
                texts[cells.part.name, number] = Shown(*(_safe(value.get(c.name), chars) for c in (TITLE, TEXT)))
    return texts


def _safe(text: str | None, chars: int) -> str | None:
    if text is None:
        return None
    return safe_text(text[:chars]) + ("…" if len(text) > chars else "")
