"""Documents of a run that are shown: stable samples, and texts and titles only as they left `pii`."""

import heapq
from collections.abc import Collection, Sequence
from itertools import takewhile
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.runs.run import Run
from pipeline.runs.table import Table
from pipeline.summaries.reading import KEPT_STAGE, all_records, stages_of
from pipeline.terminal import safe_text
from schemas.columns import CATEGORY, DOC_ID, LANGUAGE, SOURCE_URL, TEXT, TITLE


def samples(run: str, stage: str = KEPT_STAGE, most: int = 5) -> list[dict[str, Any]]:
    """Return documents that a stage dropped (or, for `kept`, those that reached the end), with their texts.

    The sample is the same each time: the documents with the lowest doc_ids, which are hashes. Texts and titles are null
    where no stage had redacted them; of commands to a terminal and changes of direction in them, the letters are shown.
    """
    tables = Run(run).tables()
    redacted = redacted_columns(tables, stage)
    nearest: list[tuple[str, dict[str, Any]]] = []
    columns = (DOC_ID, SOURCE_URL, TITLE, LANGUAGE, CATEGORY, TEXT)
    for batch in all_records(tables, columns):
        chosen = batch.filter(pc.equal(stages_of(batch), stage))
        lowest = chosen.take(pc.select_k_unstable(chosen, min(most, chosen.num_rows), [(DOC_ID.name, "ascending")]))
        nearest = heapq.nsmallest(most, nearest + [(row[DOC_ID.name], row) for row in lowest.to_pylist()], key=_first)
    return [{name: shown_value(name, value, redacted) for name, value in row.items()} for _, row in nearest]


def redacted_columns(tables: Sequence[Table], stage: str = KEPT_STAGE) -> frozenset[str]:
    """Return the columns whose personal data was taken out of what a stage dropped (or of what every stage kept).

    A page that the redacting stage itself dropped is one that it found too full of personal data to be redacted.

    Args:
        tables: The chain.
        stage: The stage that dropped it.
    """
    return frozenset(name for table in takewhile(lambda table: table.stage != stage, tables) for name in _hides(table))


def _hides(table: Table) -> Collection[str]:
    return table.manifest.hides


def shown_value(name: str, value: Any, redacted: Collection[str]) -> Any:
    """Return a value of a column as it may be shown: a text or title that nothing has redacted is null."""
    if name in (TEXT.name, TITLE.name) and name not in redacted:
        return None
    return safe_text(value) if isinstance(value, str) else value


def _first(pair: tuple[str, dict[str, Any]]) -> str:
    return pair[0]


def passed_redaction(tables: Sequence[Table]) -> int:
    """Return how many stages a record has passed once its texts may be shown: all up to the last that hides columns.

    A doc_id is no key: of a table that has a URL twice, both rows have one, and what was dropped before the redaction
    has its text as it came. So whoever looks texts up by doc_id reads those records alone that passed so many stages.
    """
    return max((number + 1 for number, table in enumerate(tables) if _hides(table)), default=len(tables))


def texts_of(run: str, doc_ids: Collection[str], redacted: Collection[str], chars: int) -> dict[str, str | None]:
    """Return doc_id → the beginning of its text, None where nothing had redacted it.

    Args:
        run: The run directory.
        doc_ids: Of documents.
        redacted: Columns whose personal data was taken out, see `redacted_columns`.
        chars: Of each text.
    """
    if not doc_ids or TEXT.name not in redacted:
        return {}
    wanted, texts = pa.array(sorted(doc_ids)), {}
    tables = Run(run).tables()
    for batch in all_records(tables, (DOC_ID, TEXT), passed_redaction(tables)):
        chosen = batch.filter(pc.is_in(batch.column(DOC_ID.name), wanted))
        for row in chosen.to_pylist():
            text = row[TEXT.name]
            texts[row[DOC_ID.name]] = None if text is None else str(shown_value(TEXT.name, text[:chars], redacted))
    return texts
