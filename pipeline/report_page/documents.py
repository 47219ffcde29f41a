"""A sample of kept and dropped documents by reason: the same each time, and texts only as they left `pii`."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.pieces import ROW
from pipeline.cells.reader import read_cells
from pipeline.results.redaction import ShownText, shown_texts
from pipeline.runs.run import Run
from pipeline.runs.table import Table
from pipeline.summaries.reading import KEPT_STAGE, stages_of
from pipeline.terminal import safe_text
from schemas.columns import CATEGORY, DOC_ID, DROP, LANGUAGE, SOURCE_URL, TEXT, TITLE

CHARS: Final = 700
"""Code points of a text that a page shows."""
_COLUMNS: Final = (DOC_ID, SOURCE_URL, LANGUAGE, CATEGORY)
_DROP: Final = ("reason", "value", "limit", "survivor_url")
_BATCH_ROWS: Final = 8192
_ORDER: Final = ("stage", "group", DOC_ID.name, "part", ROW)


def sample_of(run: str, most: int = 5) -> list[dict[str, Any]]:
    """Return documents by stage and reason, those with the lowest doc_ids: the first of each reason, then the second.

    Kept ones come first, then those of the last stage, and so on: whatever a reader sees first has a text.

    Of each: `stage` (`kept` of what reached the end), `reason`, `value`, `limit`, `survivor_url`, `doc_id`,
    `source_url`, `language`, `category`, `title` and `text`. Titles and texts are None of what no stage had
    redacted. Of commands to a terminal in what is from pages, the letters stand here.

    Args:
        run: The run directory.
        most: Documents of each reason, and of each category of what is kept.

    Raises:
        ManifestError: The run holds nothing.
    """
    tables = Run(run).tables()
    chosen = _lowest(tables[-1], most).to_pylist()
    texts = {
        stage: _texts(tables, stage, [row for row in chosen if row["stage"] == stage])
        for stage in {row["stage"] for row in chosen}
    }
    order = {stage: -number for number, stage in enumerate([*(table.stage for table in tables), KEPT_STAGE])}
    chosen.sort(key=lambda row: (row["rank"], order[row["stage"]]))
    return [_shown(row, texts[row["stage"]]) for row in chosen]


def _lowest(table: Table, most: int) -> pa.Table:
    """Return the records with the lowest doc_ids of each group, ordered by group."""
    best: pa.Table | None = None
    for number, cells in enumerate(table.with_drops([column.name for column in _COLUMNS])):
        nullable = [*(replace(column, default=None) for column in _COLUMNS), DROP]
        for batch in read_cells(cells, nullable, size=_BATCH_ROWS):
            rows = _rows(batch, number)
            best = _first_of_each(rows if best is None else pa.concat_tables([best.drop_columns("rank"), rows]), most)
    return pa.table({"stage": pa.array([], pa.string())}) if best is None else best


def _rows(batch: pa.RecordBatch, part: int) -> pa.Table:
    drop, stage = batch.column(DROP.name), stages_of(batch)
    told = {name: pc.struct_field(drop, name) for name in _DROP}
    category = pc.fill_null(batch.column(CATEGORY.name), "")
    group = pc.if_else(pc.equal(stage, KEPT_STAGE), category, pc.fill_null(told["reason"], ""))
    kept = {name: batch.column(name) for name in (ROW, *(column.name for column in _COLUMNS))}
    number = pa.repeat(pa.scalar(part, pa.int64()), batch.num_rows)
    return pa.table({**kept, **told, "stage": stage, "group": group, "part": number})


def _first_of_each(rows: pa.Table, most: int) -> pa.Table:
    """Return the first rows of each group, by doc_id."""
    ordered = rows.sort_by([(name, "ascending") for name in _ORDER])
    names = [ordered[name].combine_chunks().dictionary_encode().indices.to_numpy() for name in ("stage", "group")]
    starts = np.ones(ordered.num_rows, bool)
    if ordered.num_rows:
        starts[1:] = (np.diff(names[0]) != 0) | (np.diff(names[1]) != 0)
    at = np.arange(ordered.num_rows)
    rank = at - np.maximum.accumulate(np.where(starts, at, 0))
    return ordered.append_column("rank", pa.array(rank)).take(pa.array(np.flatnonzero(rank < most)))


def _texts(tables: Sequence[Table], stage: str, rows: Sequence[dict[str, Any]]) -> dict[tuple[int, int], ShownText]:
    """Return (part, row) → what may be shown of it."""
    table = next((table for table in tables if table.stage == stage), tables[-1])
    names = [part.name for part in table.parts]
    wanted: dict[str, list[int]] = {}
    for row in rows:
        wanted.setdefault(names[row["part"]], []).append(row[ROW])
    number = {name: at for at, name in enumerate(names)}
    return {(number[part], row): shown for (part, row), shown in shown_texts(table, wanted, CHARS).items()}


def _shown(row: dict[str, Any], texts: dict[tuple[int, int], ShownText]) -> dict[str, Any]:
    text = texts.get((row["part"], row[ROW]), ShownText())
    names = ("stage", *_DROP, *(column.name for column in _COLUMNS))
    told = {name: safe_text(value) if isinstance(value := row[name], str) else value for name in names}
    return {**told, TITLE.name: text.title, TEXT.name: text.text}
