"""Tables of a run made by hand: cells written as tasks write them, and a first table of rows given in the test."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from pipeline.cells.part_cells import CellSet, PartCells
from pipeline.cells.parts import Part
from pipeline.cells.pieces import KEY, ROW, Piece, Stretch, StretchWriter, new_name
from pipeline.cells.reader import read_cells
from pipeline.cells.table_file import TableFile
from pipeline.runs.manifest import DropRecord, Manifest, PartRecord, SetRecord, encode_schema
from pipeline.runs.table import Table
from pipeline.spark.types import arrow_schema
from schemas.columns import DROP, Column

Values = Mapping[str, Any]
Row = dict[str, Any]
ROW_COLUMN = Column(ROW, pa.int64(), "number of the row")
KEY_COLUMN = Column(KEY, pa.int16(), "number of the key")


def part_called(name: str) -> Part:
    """Return a part of a file of that name."""
    return Part(name, f"{name}.warc", f"/{name}.warc", 9, f"digest of {name}")


def write_file(path: Path | str, rows: pa.Table) -> None:
    """Write a Parquet file as tasks do."""
    file = TableFile(str(path), rows.schema)
    file.write(rows)
    file.close()


def stretch_of(root: str, columns: Sequence[Column], rows: Mapping[int, Values], neighbours: int = 0) -> Stretch:
    """Write rows of a part into a file, between those of other parts."""
    writer = StretchWriter(root, new_name("stages/s/files", "cells"), arrow_schema((ROW_COLUMN, *columns)))
    others = {number: dict.fromkeys(column.name for column in columns) for number in range(neighbours)}
    _cut(writer, columns, others)
    written = _cut(writer, columns, rows)
    _cut(writer, columns, others)
    writer.close()
    assert written is not None
    return written


def _cut(writer: StretchWriter, columns: Sequence[Column], rows: Mapping[int, Values]) -> Stretch | None:
    writer.write(table_of(columns, rows))
    return writer.cut()


def table_of(columns: Sequence[Column], rows: Mapping[int, Values]) -> pa.Table:
    """Return rows by their numbers, with ROW."""
    values = [{ROW: number, **values} for number, values in sorted(rows.items())]
    return pa.Table.from_pylist(values, arrow_schema((ROW_COLUMN, *columns)))


class Cells(NamedTuple):
    """A piece of a part as a test writes it down.

    Attributes:
        rows: Row → what was added to it.
        changes: Row → what stands in columns of earlier stages now.
    """

    rows: Mapping[int, Values]
    changes: Mapping[int, Values]


def piece_of(
    root: str, adds: Sequence[Column], changes: Sequence[Column], cells: Cells, neighbours: int = 0, keys: Any = ("k",)
) -> Piece:
    """Write a piece; all rows have the first of the keys."""
    numbered_rows = {number: {KEY: 0, **values} for number, values in cells.rows.items()}
    columns = stretch_of(root, (KEY_COLUMN, *adds), numbered_rows, neighbours)
    changed = stretch_of(root, changes, cells.changes, neighbours) if cells.changes else None
    return Piece(columns, changed, tuple(keys))


def drops_of(root: str, rows: Mapping[int, Values | None], neighbours: int = 0) -> Stretch:
    """Write dropped rows, each with its drop."""
    return stretch_of(root, (DROP,), {number: {DROP.name: drop} for number, drop in rows.items()}, neighbours)


def dense(adds: Sequence[str], *pieces: Piece, changes: Sequence[str] = ()) -> CellSet:
    """Return a set in which every row is."""
    return CellSet(tuple(adds), tuple(changes), pieces)


def rows_in(cells: PartCells, columns: Sequence[Column], **options: Any) -> list[Row]:
    """Return the rows of a part."""
    return [row for batch in read_cells(cells, columns, **options) for row in batch.to_pylist()]


def first_table(root: str, columns: Sequence[Column], parts: Mapping[str, Sequence[Values]]) -> Table:
    """Write rows, part by part, as the table of a first stage."""
    record = SetRecord(tuple(column.name for column in columns))
    listed = []
    for name, rows in sorted(parts.items()):
        part = part_called(name)
        listed.append(PartRecord(name, part.source, part.uri, part.bytes, part.digest, len(rows)))
        record.states[name] = "first"
        if rows:
            record.pieces[name] = (piece_of(root, columns, (), Cells(dict(enumerate(rows)), {})),)
    names = [column.name for column in columns]
    schema = encode_schema(arrow_schema(columns))
    made = Manifest("first", 1, {}, "first", names, [], schema, parts=listed, sets={"": record})
    return Table(root, (made,))


def without(table: Table, stage: str, gone: Mapping[str, Mapping[int, Values | None]]) -> Table:
    """Return the table after a stage that only drops: part → row → drop."""
    drops = {name: DropRecord(stage, drops_of(table.root, rows), stage) for name, rows in gone.items() if rows}
    made = replace(table.manifest, stage=stage, key=stage, adds=[], parts=[], sets={}, drops=drops)
    return Table(table.root, (*table.chain, made))


def all_rows(table: Table, *names: str, own: Sequence[str] = ()) -> Iterator[Row]:
    """Yield the rows that are left with some columns, and `part`, in order."""
    by_name = {column.name: column for column in table.columns}
    for cells in table.cells(names, private_sets=own):
        for row in rows_in(cells, [by_name[name] for name in names]):
            yield {"part": cells.part.name, **row}
