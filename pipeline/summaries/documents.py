"""Documents of a run that are shown: stable samples, with texts and titles only as they left `pii`."""

import heapq
from dataclasses import replace
from typing import Any

import pyarrow.compute as pc

from pipeline.cells.pieces import ROW
from pipeline.cells.reader import read_cells
from pipeline.results.redaction import ShownText, shown_texts
from pipeline.runs.run import Run
from pipeline.summaries.reading import KEPT_STAGE, stages_of
from pipeline.terminal import safe_text
from schemas.columns import CATEGORY, DOC_ID, DROP, LANGUAGE, SOURCE_URL

_COLUMNS = (DOC_ID, SOURCE_URL, LANGUAGE, CATEGORY)
_DECISION = ("reason", "value", "limit")
_BATCH_ROWS = 8192


def samples(run: str, stage: str = KEPT_STAGE, most: int = 5) -> list[dict[str, Any]]:
    """Return documents that a stage dropped (or, for `kept`, those that reached the end), with their texts.

    The sample is the same each time: the documents with the lowest doc_ids, which are hashes. Texts and titles are null
    where no stage had redacted them; of commands to a terminal and changes of direction in them, the letters are shown.
    A document that was dropped has the `reason`, and the `value` and the `limit` where there are such.
    """
    opened = Run(run)
    table, stage = opened.tables()[-1], opened.current_name(stage)
    nearest: list[tuple[str, str, int, dict[str, Any]]] = []
    nullable = [*(replace(column, default=None) for column in _COLUMNS), DROP]
    for cells in table.with_drops([column.name for column in _COLUMNS]):
        for batch in read_cells(cells, nullable, size=_BATCH_ROWS):
            chosen = batch.filter(pc.equal(stages_of(batch), stage))
            order = [(DOC_ID.name, "ascending")]
            lowest = chosen.take(pc.select_k_unstable(chosen, min(most, chosen.num_rows), order)).to_pylist()
            rows = [(row[DOC_ID.name], cells.part.name, row[ROW], row) for row in lowest]
            nearest = heapq.nsmallest(most, nearest + rows, key=_key)
    wanted: dict[str, list[int]] = {}
    for _, part, row, _ in nearest:
        wanted.setdefault(part, []).append(row)
    texts = shown_texts(table, wanted)
    return [
        {column.name: _shown(values[column.name]) for column in _COLUMNS}
        | {name: values[DROP.name][name] for name in _DECISION if values[DROP.name]}
        | vars(texts.get((part, row), ShownText()))
        for _, part, row, values in nearest
    ]


def _key(row: tuple[str, str, int, Any]) -> tuple[str, str, int]:
    return row[:3]


def _shown(value: Any) -> Any:
    return safe_text(value) if isinstance(value, str) else value
