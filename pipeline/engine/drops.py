"""Drops: whom a stage drops, written part by part, with how many went for which reason."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.cells.content_hash import ContentHash
from pipeline.cells.part_batches import ROW_COLUMN, by_part
from pipeline.cells.pieces import ROW, StretchWriter, new_name
from pipeline.errors import ContractError
from pipeline.runs.manifest import DropRecord
from pipeline.spark.types import arrow_schema
from schemas.columns import DROP

SCHEMA = arrow_schema((ROW_COLUMN, DROP))


def write_drops(batches: Iterable[pa.RecordBatch], root: str, stage: str) -> Iterator[pa.RecordBatch]:
    """Write dropped rows into one file; yield the file and what was written of each part, as one line of JSON.

    Args:
        batches: PART, ROW and DROP; the rows of a part stand together, in their order.
        root: The run directory.
        stage: Name of the stage.

    Raises:
        ContractError: The rows of a part are not in order.
    """
    writer = StretchWriter(root, new_name(f"stages/{stage}/files", "drops"), SCHEMA, known_by=(ROW,))
    records: dict[int, dict[str, Any]] = {}
    try:
        for number, rows in _parts(batches):
            if number in records:
                raise ContractError(f"stage '{stage}': the rows that it drops of a part come in pieces")
            records[number] = asdict(_written(writer, rows, stage))
        files = {path: list(record) for path, record in writer.close().items()}
    except BaseException as error:
        writer.abandon(error)
        raise
    yield pa.record_batch([pa.array([json.dumps({"parts": list(records.items()), "files": files})])], names=["line"])


def read_lines(lines: Iterable[Any]) -> Iterator[tuple[dict[int, DropRecord], dict[str, list[Any]]]]:
    """Yield (number of a part → its drops, path → file) of each row that `write_drops` gave."""
    for row in lines:
        line = json.loads(row.line)
        yield {number: DropRecord.of(record) for number, record in line["parts"]}, line["files"]


def _parts(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[int, list[pa.RecordBatch]]]:
    """Yield (number, dropped rows) of each part; they are few beside the part, and hold no text."""
    current = -1
    rows: list[pa.RecordBatch] = []
    for batch in batches:
        for number, piece in by_part(batch):
            if number != current and rows:
                yield current, rows
                rows = []
            current = number
            rows.append(piece)
    if rows:
        yield current, rows


def _written(writer: StretchWriter, batches: list[pa.RecordBatch], stage: str) -> DropRecord:
    rows = pa.Table.from_batches(batches).select([ROW, DROP.name]).cast(SCHEMA)
    if (np.diff(rows[ROW].to_numpy()) <= 0).any():
        raise ContractError(f"stage '{stage}' changed the order of rows, or dropped one twice")
    content = ContentHash()
    content.update(rows)
    writer.write(rows)
    reasons = Counter(rows[DROP.name].combine_chunks().field("reason").to_pylist())
    return DropRecord("", writer.cut(), content.hexdigest(), dict(sorted(reasons.items())))
