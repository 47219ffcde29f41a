"""Pieces: the cells that a task has written of a part, as stretches of rows in files that parts may share."""

import os
from collections.abc import Iterable, Sequence
from sys import intern
from typing import Any, NamedTuple

import pyarrow as pa

from pipeline.cells.content_hash import ContentHash
from pipeline.cells.table_file import TableFile
from pipeline.stores import storage

ROW = "__row"
"""Column of every file of a run: number of the record in its part, from 0, as `ingest` read them."""
GROUP_ROWS, GROUP_BYTES = 2048, 8 << 20
"""Of a row group: small, for a reader holds one of each file that it puts together, and small parts share one."""
KEY = "__key"
"""Column that says by which of its piece's keys a row is known."""


class Stretch(NamedTuple):
    """Rows of one part, one after the other in a file.

    Attributes:
        file: Path below the run directory.
        first: Number of the first row in the file.
        rows: How many there are.
        digest: Hash of their values.
    """

    file: str
    first: int
    rows: int
    digest: str

    @classmethod
    def of(cls, value: Sequence[Any]) -> "Stretch":
        """Return a stretch from its JSON value; those of one file share its name, for there may be millions."""
        file, first, rows, digest = value
        return cls(intern(file), first, rows, digest)


class Piece(NamedTuple):
    """Cells of a part.

    Attributes:
        columns: The rows that were measured, with what was added to each.
        changes: Those of them whose cells of earlier stages were changed, with what stands there now.
        keys: What rows were made of; column KEY says which of these holds for a row.
    """

    columns: Stretch
    changes: Stretch | None
    keys: tuple[str, ...]

    @classmethod
    def of(cls, value: Any) -> "Piece":
        """Return a piece from its JSON value."""
        columns, changes, keys = value
        return cls(Stretch.of(columns), Stretch.of(changes) if changes else None, tuple(keys))


class FileRecord(NamedTuple):
    """A file of a run as it was written."""

    rows: int
    bytes: int
    sha256: str


class StretchWriter:
    """Writes the rows of several parts, one part after the other, into one file."""

    def __init__(self, root: str, file: str, schema: pa.Schema, known_by: tuple[str, ...] = ()) -> None:
        """Start without a file: what has no rows has none.

        Args:
            root: The run directory.
            file: Path below it.
            schema: Columns to write.
            known_by: Columns that the digest of a stretch is of; empty for all.
        """
        self._root, self._name, self._schema = root, file, schema
        self._known_by = list(known_by or schema.names)
        self._file: TableFile | None = None
        self._hash = ContentHash()
        self._first = self._rows = 0

    def write(self, rows: pa.Table) -> None:
        """Add rows of the part at hand."""
        if not rows.num_rows:
            return
        if self._file is None:
            self._file = TableFile(storage.join(self._root, self._name), self._schema, GROUP_ROWS, GROUP_BYTES)
        rows = rows.select(self._schema.names).cast(self._schema)
        self._hash.update(rows.select(self._known_by))
        self._file.write(rows)
        self._rows += rows.num_rows

    def cut(self) -> Stretch | None:
        """End the part at hand; return where its rows are, None where it had none."""
        if self._rows == self._first:
            return None
        stretch = Stretch(self._name, self._first, self._rows - self._first, self._hash.hexdigest())
        self._first, self._hash = self._rows, ContentHash()
        return stretch

    def close(self) -> dict[str, FileRecord]:
        """Publish the file; return what it is by its path, nothing where there is none."""
        if self._file is None:
            return {}
        return {self._name: FileRecord(*self._file.close())}

    def abandon(self, error: BaseException) -> None:
        """Leave no file behind."""
        if self._file is not None:
            self._file.abandon(error)


def new_name(directory: str, prefix: str, ending: str = ".parquet") -> str:
    """Return a path that no other task uses: two tries of one task write two files."""
    return storage.join(directory, f"{prefix}-{os.urandom(8).hex()}{ending}")


def files_of(pieces: Iterable[Piece]) -> set[str]:
    """Return the files that pieces lie in."""
    return {stretch.file for piece in pieces for stretch in (piece.columns, piece.changes) if stretch is not None}
