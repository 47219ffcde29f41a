"""Cells of pages that are taken down, blanked in the files of a run.

A stage that drops a page leaves its cells in the files of the stages before; and the stages after it go on with files
in which some rows speak for no page any more. Here these cells are overwritten by nulls: of the pages that a stage has
dropped for a reason, and of all rows that no manifest speaks of. Rows keep their numbers and places, so manifests say
what they said, by other files; what names the page (identity, host) stays, for `decisions` say what became of it.

No row that was blanked may ever come back: who calls `purge` sees to that.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.checked_file import opened_parquet
from pipeline.cells.pieces import GROUP_BYTES, GROUP_ROWS, KEY, ROW, Piece, Stretch, new_name
from pipeline.cells.stretch_reader import read_stretch, stretch_rows
from pipeline.cells.table_file import TableFile
from pipeline.runs.manifest import Manifest, SetRecord
from pipeline.runs.run import Run, manifest_path, manifests_of
from pipeline.stores import storage
from schemas.columns import BODY_BYTES, BODY_HASH, DROP, FETCH_TIME, HOST, IDENTITY

Mask = npt.NDArray[np.bool_]
Rows = Mapping[str, npt.NDArray[np.int64]]
_BOOKKEEPING: Final = frozenset({ROW, KEY})
_NAMES_THE_PAGE: Final = frozenset(c.name for c in (*IDENTITY, HOST, FETCH_TIME, BODY_BYTES, BODY_HASH))
_BATCH: Final = 1024


class _Use(NamedTuple):
    """How manifests speak of a file.

    Attributes:
        live: Of its rows, those of a stretch that a manifest names.
        gone: Of its rows, those of pages that are taken down.
    """

    live: Mask
    gone: Mask


def purge(run: str, stage: str, reason: str) -> int:
    """Blank what a run still holds of the pages that a stage dropped for a reason; return how many files that took.

    Nothing else may be at work in the run, and no manifest of an earlier version be left.

    Args:
        run: The run directory.
        stage: That drops them.
        reason: Why.
    """
    stages = Run(run).stages
    if stage not in stages:
        return 0
    gone = _rows_dropped(run, Run(run).table(stage).manifest, reason)
    if not gone:
        return 0
    count = 0
    for name in storage.names(storage.join(run, "stages")):
        if name != stage:
            is_first = name == stages[0]
            for key, manifest in manifests_of(run, name).items():
                count += _purge_stage(run, manifest, manifest_path(run, name, key), gone, is_first=is_first)
    return count


def _rows_dropped(run: str, manifest: Manifest, reason: str) -> Rows:
    """Return part → its rows that were dropped for a reason, ascending."""
    dropped: dict[str, npt.NDArray[np.int64]] = {}
    for part, record in manifest.drops.items():
        if record.rows is None or reason not in record.reasons:
            continue
        batches = read_stretch(run, record.rows, (ROW, DROP.name))
        chosen = [
            batch.column(0).filter(pc.equal(pc.struct_field(batch.column(1), "reason"), reason)).to_numpy()
            for batch in batches
        ]
        dropped[part] = np.concatenate(chosen)
    return dropped


def _purge_stage(run: str, manifest: Manifest, path: str, gone: Rows, *, is_first: bool) -> int:
    """Blank what the files of a manifest hold, and commit the manifest with the files that were written."""
    spared = _NAMES_THE_PAGE if is_first else frozenset[str]()
    renamed: dict[str, str] = {}
    for file, use in _uses(run, manifest, gone).items():
        if (use.gone | ~use.live).any() and _has_cells(run, file, use, spared):
            new = new_name(file.rpartition("/")[0], f"{file.rpartition('/')[2].split('-')[0]}-purged")
            manifest.files[file] = _blank(run, file, new, use, spared)
            renamed[file] = new
    if renamed:
        for name, record in manifest.sets.items():
            manifest.sets[name] = _renamed_set(record, renamed)
        for part, drop in manifest.drops.items():
            if drop.rows is not None and drop.rows.file in renamed:
                manifest.drops[part] = replace(drop, rows=drop.rows._replace(file=renamed[drop.rows.file]))
        manifest.files = {renamed.get(file, file): record for file, record in manifest.files.items()}
        manifest.save(path)
        for file in renamed:
            storage.remove(storage.join(run, file))
    return len(renamed)


def _stretches(manifest: Manifest) -> Iterator[tuple[str, Stretch, bool]]:
    """Yield (part, stretch, whether it has cells of pages by their rows) of all that a manifest names."""
    for record in manifest.sets.values():
        for part, pieces in record.pieces.items():
            for piece in pieces:
                yield part, piece.columns, record.by_row
                if piece.changes is not None:
                    yield part, piece.changes, record.by_row
    for part, drop in manifest.drops.items():
        if drop.rows is not None:
            yield part, drop.rows, False


def _uses(run: str, manifest: Manifest, gone: Rows) -> dict[str, _Use]:
    uses: dict[str, _Use] = {}
    for part, stretch, is_by_row in _stretches(manifest):
        if stretch.file not in uses:
            rows = manifest.files[stretch.file][0]
            uses[stretch.file] = _Use(np.zeros(rows, bool), np.zeros(rows, bool))
        use, lies = uses[stretch.file], slice(stretch.first, stretch.first + stretch.rows)
        use.live[lies] = True
        if is_by_row and part in gone:
            use.gone[lies] = np.isin(stretch_rows(run, stretch), gone[part])
    return uses


def _columns(schema: pa.Schema, spared: frozenset[str]) -> list[str]:
    return [name for name in schema.names if name not in _BOOKKEEPING | spared]


def _has_cells(run: str, file: str, use: _Use, spared: frozenset[str]) -> bool:
    """Tell whether rows that are to be blank have any value."""
    wanted = use.gone | ~use.live
    first = 0
    with opened_parquet(storage.join(run, file)) as source:
        for batch in source.iter_batches(_BATCH, columns=_columns(source.schema_arrow, spared)):
            of_batch = pa.array(wanted[first : first + batch.num_rows])
            first += batch.num_rows
            if any(len(c) - c.null_count for c in batch.filter(of_batch).columns):
                return True
    return False


def _blank(run: str, file: str, new: str, use: _Use, spared: frozenset[str]) -> list[Any]:
    """Write a file without the values of some rows; return what the manifest says of it."""
    first = 0
    with opened_parquet(storage.join(run, file)) as source:
        schema = source.schema_arrow
        target = TableFile(storage.join(run, new), schema, GROUP_ROWS, GROUP_BYTES)
        try:
            for batch in source.iter_batches(_BATCH):
                rows = slice(first, first + batch.num_rows)
                first += batch.num_rows
                target.write(pa.Table.from_batches([_blanked(batch, use.gone[rows] | ~use.live[rows], spared)]))
            return list(target.close())
        except BaseException as error:
            target.abandon(error)
            raise


def _blanked(batch: pa.RecordBatch, wanted: Mask, spared: frozenset[str]) -> pa.RecordBatch:
    at = np.arange(batch.num_rows)
    index = pa.array(at, mask=wanted)
    columns = _columns(batch.schema, spared)
    arrays = [
        column.take(index) if name in columns else column
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    ]
    return pa.record_batch(arrays, schema=batch.schema)


def _renamed_set(record: SetRecord, renamed: Mapping[str, str]) -> SetRecord:
    pieces = {part: tuple(_renamed(piece, renamed) for piece in of_part) for part, of_part in record.pieces.items()}
    return replace(record, pieces=pieces)


def _renamed(piece: Piece, renamed: Mapping[str, str]) -> Piece:
    columns, changes = (
        stretch and stretch._replace(file=renamed.get(stretch.file, stretch.file))
        for stretch in (piece.columns, piece.changes)
    )
    assert columns is not None
    return Piece(columns, changes, piece.keys)
