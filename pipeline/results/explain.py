"""Where things are, and what became of a page, from committed tables alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from pipeline.cells.checked_file import opened_parquet
from pipeline.cells.reader import read_cells
from pipeline.errors import ManifestError
from pipeline.kernels.urls.addresses import canonical_url
from pipeline.release.manifest import read_manifest
from pipeline.release.writing import release_key
from pipeline.results.locations import locate, open_table
from pipeline.results.redaction import Redaction
from pipeline.runs.run import Run
from pipeline.runs.table import Table
from pipeline.stores import storage
from schemas.columns import CONTAMINATION, DOC_ID, DROP, EPOCH, IDENTITY, PII, TEXT, WARC_OFFSET
from schemas.reasons import meaning_of

_TEXT_SHOWN = 300
_COPIES_SHOWN = 10
_VALUES_SHOWN = 20


class _Cell(NamedTuple):
    """A column's value of a record, and whether it may be shown."""

    name: str
    value: Any
    is_shown: bool


def explain(run: str, page: str) -> Iterator[str]:
    """Yield the story of every record of a page.

    Args:
        run: The run directory.
        page: URL as crawled or canonical, WARC-Record-ID or doc_id.

    Raises:
        ManifestError: No record of the run answers to it.
    """
    tables = Run(run).tables()
    decisions = open_table(locate(run, "decisions"))
    for number, row in enumerate(records_of(run, page)):
        if number:
            yield ""
        yield from _story(run, row, tables, decisions)


def records_of(run: str, page: str) -> list[dict[str, Any]]:
    """Return the decisions on every record of a page, the earliest capture first.

    Args:
        run: The run directory.
        page: URL as crawled or canonical, WARC-Record-ID or doc_id.

    Raises:
        ManifestError: No record of the run answers to it.
    """
    field = pc.field
    wanted = (
        (field("source_url") == page)
        | (field("url") == canonical_url(page))
        | (field("record_id") == page)
        | (field("doc_id") == page)
    )
    rows: list[dict[str, Any]] = open_table(locate(run, "decisions")).to_table(filter=wanted).to_pylist()
    if not rows:
        raise ManifestError(f"{run} has no record of {page}")
    return sorted(rows, key=lambda row: (str(row["fetch_time"]), row["doc_id"], row["warc_file"], row["warc_offset"]))


def _story(run: str, row: dict[str, Any], tables: list[Table], decisions: ds.Dataset) -> Iterator[str]:
    yield f"{row['source_url']}"
    yield f"  record     {row['record_id']}"
    yield f"  doc_id     {row['doc_id']}"
    if row["url"] != row["source_url"]:
        yield f"  canonical  {row['url']}"
    yield f"  fetched    {row['fetch_time']}"
    yield f"  from       {row['warc_file']} at {row['warc_offset']:,}"
    for table, cells in _walk(row, tables):
        is_gone = row["stage"] == table.stage
        yield from _verdict(row, table.manifest.meanings) if is_gone else [f"  {table.stage:<15} passed"]
        for cell in cells:
            yield from _value(cell)
    if row["kept"]:
        yield "  kept by every stage"
    yield from _copies(row, decisions)
    yield from _shards(run, row, tables[-1])


def story_values(run: str, page: str) -> list[dict[str, Any]]:
    """Return the story of every record of a page as JSON values: its decision, and what each stage measured.

    Texts and titles that no stage had redacted are null.

    Args:
        run: The run directory.
        page: URL as crawled or canonical, WARC-Record-ID or doc_id.

    Raises:
        ManifestError: No record of the run answers to it.
    """
    tables = Run(run).tables()
    return [
        {
            "decision": row,
            "stages": [
                {
                    "stage": table.stage,
                    "passed": row["stage"] != table.stage,
                    "measured": {cell.name: cell.value if cell.is_shown else None for cell in cells},
                }
                for table, cells in _walk(row, tables)
            ],
        }
        for row in records_of(run, page)
    ]


def _walk(row: dict[str, Any], tables: Sequence[Table]) -> Iterator[tuple[Table, list[_Cell]]]:
    """Yield each stage that a record met, with what it stored about it."""
    earlier = {column.name for column in IDENTITY}
    row_number = _row_number(tables[0], row)
    for number, table in enumerate(tables):
        later = {name for behind in tables[number + 1 :] for name in behind.manifest.hides}
        earlier -= set(table.manifest.hides)
        yield table, list(_measured(table, row["warc_file"], row_number, earlier, later))
        if row["stage"] == table.stage:
            break
        earlier |= {column.name for column in table.columns}


def _row_number(first: Table, row: dict[str, Any]) -> int | None:
    """Return the number of a record in its part, None where its file is no input any more."""
    names = [part.name for part in first.parts if part.source == row["warc_file"]]
    for cells in Table(first.root, first.chain).with_drops([WARC_OFFSET.name]):
        if cells.part.name in names:
            for batch in read_cells(cells, (WARC_OFFSET,)):
                at = np.flatnonzero(batch.column(1).to_numpy() == row["warc_offset"])
                if len(at):
                    return int(batch.column(0)[int(at[0])].as_py())
    return None


def _measured(table: Table, source: str, number: int | None, earlier: set[str], later: set[str]) -> Iterator[_Cell]:
    """Yield what a stage stored about a record, whether it passed or not."""
    columns = [column for column in table.columns if column.name not in earlier and column.name != DROP.name]
    if number is None:
        return
    parts = [part.name for part in table.parts if part.source == source]
    redaction = Redaction(table, later)
    read = {column.name: replace(column, default=None) for column in (*columns, *redaction.reads)}
    for cells in table.with_drops([name for name in read if name != DROP.name]):
        for batch in read_cells(cells, list(read.values()), np.array([number])) if cells.part.name in parts else ():
            for column in columns:
                may_show = redaction.may_show(column.name, batch)[0].as_py()
                yield _Cell(column.name, batch.column(column.name)[0].as_py(), may_show)


def _value(cell: _Cell) -> Iterator[str]:
    name, value = cell.name, cell.value
    if value is None:
        return
    if not cell.is_shown:
        what = f"{len(value):,} characters; texts are" if isinstance(value, str) else "it is"
        yield f"      {name:<26} {what} shown once a stage has redacted them"
    elif name == TEXT.name:
        shown = " ⏎ ".join(str(value)[:_TEXT_SHOWN].splitlines())
        yield f"      {name:<26} {len(value):,} characters: {shown}{'…' if len(value) > _TEXT_SHOWN else ''}"
    elif name == PII.name:
        yield f"      {name:<26} {len(value)}"
        for span in value[:_VALUES_SHOWN]:
            yield f"          {span['entity']} at {span['start']:,} to {span['end']:,} (score {span['score']:.2f})"
    elif name == CONTAMINATION.name:
        yield f"      {name:<26} {len(value)}"
        yield from map(_match, value[:_VALUES_SHOWN])
    elif isinstance(value, list):
        kinds = sorted({span["kind"] for span in value if isinstance(span, dict) and "kind" in span})
        yield f"      {name:<26} {len(value)}{' (' + ', '.join(kinds) + ')' if kinds else ''}"
    elif isinstance(value, float):
        yield f"      {name:<26} {value:.4g}"
    else:
        yield f"      {name:<26} {value}"


def _match(match: Mapping[str, Any]) -> str:
    suite = f"{'the training set of ' if match['is_training'] else ''}suite {match['suite']}"
    stretch = f"at characters {match['start']:,} to {match['end']:,}"
    return f"          matches item {match['item']} of {suite} {stretch} (coverage {match['coverage']:.2f})"


def _verdict(row: dict[str, Any], meanings: Mapping[str, str]) -> Iterator[str]:
    measured = ""
    if row["value"] is not None:
        measured = f" ({row['value']:.4g}" + (f", limit {row['limit']:.4g})" if row["limit"] is not None else ")")
    yield f"  {row['stage']:<15} DROPPED: {row['reason']}{measured}"
    yield f"      {meanings.get(row['reason']) or meaning_of(row['stage'], row['reason'])}"
    if row["survivor_record_id"]:
        alike = f", similarity {row['similarity']:.3f}" if row["similarity"] is not None else ""
        yield f"      kept in its place: {row['survivor_url']} {row['survivor_record_id']}{alike}"
        if row["survivor_run"]:
            yield f"      in the earlier run {row['survivor_run']}"


def _copies(row: dict[str, Any], decisions: ds.Dataset) -> Iterator[str]:
    """Yield the records that were dropped for this one."""
    if row["record_id"] is None:
        return
    wanted = (pc.field("survivor_record_id") == row["record_id"]) & pc.field("survivor_run").is_null()
    copies = decisions.to_table(columns=["source_url", "stage", "similarity"], filter=wanted).to_pylist()
    if copies:
        yield f"  {len(copies)} were dropped in its favour:"
    for copy in sorted(copies, key=lambda copy: str(copy["source_url"]))[:_COPIES_SHOWN]:
        alike = f" (similarity {copy['similarity']:.3f})" if copy["similarity"] is not None else ""
        yield f"      {copy['stage']:<15} {copy['source_url']}{alike}"


def _shards(run: str, row: dict[str, Any], last: Table) -> Iterator[str]:
    written = read_manifest(storage.join(run, "release"))
    if not row["kept"] or written is None or written["source"] != release_key(last):
        return
    for file in written["shards"]:
        with opened_parquet(storage.join(run, "release", file["path"])) as shard:
            matches: list[pa.Table] = [
                batch for batch in shard.iter_batches(columns=[DOC_ID.name, EPOCH.name])
                if pc.any(pc.equal(batch.column(0), row["doc_id"])).as_py()
            ]  # fmt: skip
        count = sum(pc.sum(pc.equal(batch.column(0), row["doc_id"])).as_py() for batch in matches)
        if count:
            yield f"  in shard   {storage.join(run, 'release', file['path'])} × {count}"
