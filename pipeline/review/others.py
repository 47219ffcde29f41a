"""The documents that others were dropped for: found by their records, in this run or an earlier one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.pieces import ROW
from pipeline.cells.reader import read_cells
from pipeline.errors import CurationError
from pipeline.results.redaction import ShownText, shown_texts
from pipeline.review.candidates import nullable
from pipeline.runs.run import Run
from pipeline.runs.table import Table
from schemas.columns import DROP, RECORD_ID, SOURCE_URL, URL

_BATCH_ROWS = 8192
Survivor = tuple[str | None, str | None, str | None]
"""Earlier run or None, record, canonical URL: what a decision says of the document that was kept."""


@dataclass(frozen=True)
class Other:
    """A document that another one is like.

    Attributes:
        url: As crawled.
        text: Its text; None where none may be shown.
    """

    url: str
    text: str | None


def others_of(table: Table, rows: Sequence[Mapping[str, Any]], chars: int) -> dict[Survivor, Other]:
    """Return the documents that some were dropped for; one that is not there any more is not among them.

    Args:
        table: Of the stage that dropped them.
        rows: Decisions, with the fields of `Survivor`.
        chars: Code points of a text to return.
    """
    by_run: dict[str | None, set[tuple[str | None, str | None]]] = {}
    for row in rows:
        if row["survivor_record_id"] is not None or row["survivor_url"] is not None:
            named = row["survivor_record_id"], row["survivor_url"]
            by_run.setdefault(row["survivor_run"], set()).add(named)
    others: dict[Survivor, Other] = {}
    for run, records in by_run.items():
        try:
            of_run = table if run is None else Run(run).table(table.stage)
            others |= {(run, *record): other for record, other in _in_table(of_run, records, chars).items()}
        except (CurationError, OSError):
            if run is None:
                raise
    return others


def _in_table(
    table: Table, records: set[tuple[str | None, str | None]], chars: int
) -> dict[tuple[str | None, str | None], Other]:
    """Return record → its document; of several rows with one record and URL that which the stage kept."""
    columns = nullable(RECORD_ID, URL, SOURCE_URL, DROP)
    ids = pa.array(sorted({record for record, _ in records if record is not None}), pa.string())
    urls = pa.array(sorted({url for _, url in records if url is not None}), pa.string())
    at: dict[tuple[str | None, str | None], tuple[bool, str, int, str]] = {}
    for cells in table.with_drops([column.name for column in columns[:-1]], len(table.chain) - 1):
        for batch in read_cells(cells, columns, size=_BATCH_ROWS):
            is_one = pc.and_(pc.is_in(batch.column(RECORD_ID.name), ids), pc.is_in(batch.column(URL.name), urls))
            for row in batch.filter(is_one).to_pylist():
                record = row[RECORD_ID.name], row[URL.name]
                candidate = row[DROP.name] is not None, cells.part.name, row[ROW], row[SOURCE_URL.name]
                if record in records:
                    at[record] = min(at.get(record, candidate), candidate)
    wanted: dict[str, list[int]] = {}
    for _, part, number, _ in at.values():
        wanted.setdefault(part, []).append(number)
    texts = shown_texts(table, wanted, chars)
    return {
        record: Other(url, texts.get((part, number), ShownText()).text) for record, (_, part, number, url) in at.items()
    }
