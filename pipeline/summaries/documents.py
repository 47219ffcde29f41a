"""Documents of a run that are shown: stable samples, with texts and titles only as they left `pii`."""

import heapq
from typing import Any

import pyarrow.compute as pc

from pipeline.results.redaction import shown_records
from pipeline.runs.run import Run
from pipeline.summaries.reading import KEPT_STAGE, stages_of
from pipeline.terminal import safe_text
from schemas.columns import CATEGORY, DOC_ID, LANGUAGE, SOURCE_URL, TEXT, TITLE

_COLUMNS = (DOC_ID, SOURCE_URL, TITLE, LANGUAGE, CATEGORY, TEXT)


def samples(run: str, stage: str = KEPT_STAGE, most: int = 5) -> list[dict[str, Any]]:
    """Return documents that a stage dropped (or, for `kept`, those that reached the end), with their texts.

    The sample is the same each time: the documents with the lowest doc_ids, which are hashes. Texts and titles are null
    where no stage had redacted them; of commands to a terminal and changes of direction in them, the letters are shown.
    """
    nearest: list[tuple[str, dict[str, Any]]] = []
    for batch in shown_records(Run(run).tables()[-1], _COLUMNS):
        chosen = batch.filter(pc.equal(stages_of(batch), stage)).select([column.name for column in _COLUMNS])
        lowest = chosen.take(pc.select_k_unstable(chosen, min(most, chosen.num_rows), [(DOC_ID.name, "ascending")]))
        nearest = heapq.nsmallest(most, nearest + [(row[DOC_ID.name], row) for row in lowest.to_pylist()], key=_first)
    return [
        {name: safe_text(value) if isinstance(value, str) else value for name, value in row.items()}
        for _, row in nearest
    ]


def _first(pair: tuple[str, dict[str, Any]]) -> str:
    return pair[0]
