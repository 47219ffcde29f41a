"""Parquet files whose bytes depend on their rows alone, that exist only once they are whole, and carry checksums.

Row groups are cut by the rows and by the bytes of their text, so neither the batch size nor what else a task holds
shows in a file.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.cells.checked_file import BlockHashes
from pipeline.stores import storage

ROW_GROUP_ROWS = 8192
ROW_GROUP_BYTES = 48 << 20
_LARGE = ("text", "payload")
"""Columns whose bytes fill a row group, the first that a table has."""


class Written(NamedTuple):
    """A published file."""

    path: str
    rows: int
    bytes: int
    sha256: str


class _HashedFile:
    """A file that counts and hashes what is written to it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self._blocks = BlockHashes()
        self._footer: list[bytes] | None = None
        self.bytes = 0
        self.closed = False

    def write(self, chunk: bytes) -> int:
        if self._stream.closed:  # abandoned: pyarrow's writer still writes a footer when it is collected
            return len(chunk)
        if self._footer is not None:
            self._footer.append(bytes(chunk))
        else:
            self._blocks.update(chunk)
            self._put(chunk)
        return len(chunk)

    def _put(self, chunk: bytes) -> None:
        self._hash.update(chunk)
        self.bytes += len(chunk)
        self._stream.write(chunk)

    def begin_footer(self) -> None:
        """Keep what comes from now on, to write it behind the checksums of all that came before."""
        self._footer = []

    def end_footer(self) -> None:
        """Write the checksums and the footer."""
        footer = b"".join(self._footer or ())
        assert int.from_bytes(footer[-8:-4], "little") == len(footer) - 8, "more than a footer"
        self._put(self._blocks.sealed(footer))
        self._put(footer)

    def tell(self) -> int:
        return self.bytes

    def flush(self) -> None:
        self._stream.flush()

    def close(self) -> None:
        self.closed = True

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


class TableFile:
    """One Parquet file being written; it exists under its name only once `close` has returned."""

    def __init__(
        self, path: str, schema: pa.Schema, group_rows: int | None = None, group_bytes: int | None = None
    ) -> None:
        """Open the file.

        Args:
            path: Where it will stand.
            schema: Its columns; rows are cast to it.
            group_rows: Rows of a row group, at most.
            group_bytes: Bytes of its large column, at most.
        """
        self._most = (group_rows or ROW_GROUP_ROWS, group_bytes or ROW_GROUP_BYTES)
        self._context = storage.create(path)
        self._file = _HashedFile(self._context.__enter__())
        self._schema = schema
        self._writer = pq.ParquetWriter(
            pa.PythonFile(self._file, mode="w"), schema, compression="zstd", write_page_checksum=True
        )
        self._pending: list[pa.Table] = []
        self._pending_rows = 0
        self._pending_bytes = 0
        self.rows = 0

    def write(self, rows: pa.Table) -> None:
        """Add rows."""
        if not rows.num_rows:
            return
        rows = conform(rows, self._schema)
        self._pending.append(rows)
        self._pending_rows += rows.num_rows
        self._pending_bytes += rows.nbytes
        if self._pending_rows >= self._most[0] or self._pending_bytes >= self._most[1]:
            self._flush(last=False)

    def _flush(self, *, last: bool) -> None:
        if not self._pending_rows:
            return
        table = pa.concat_tables(self._pending).combine_chunks()
        for cut in row_group_cuts(table, *self._most, last=last):
            self._writer.write_table(table.slice(0, cut).combine_chunks(), row_group_size=cut)
            self.rows += cut
            table = table.slice(cut)
        self._pending = [table] if table.num_rows else []
        self._pending_rows, self._pending_bytes = table.num_rows, table.nbytes

    def close(self) -> tuple[int, int, str]:
        """Publish the file; return its rows, bytes and sha256."""
        self._flush(last=True)
        self._file.begin_footer()
        self._writer.close()
        self._file.end_footer()
        self._context.__exit__(None, None, None)
        return self.rows, self._file.bytes, self._file.sha256

    def abandon(self, error: BaseException) -> None:
        """Leave no file behind."""
        try:
            self._context.__exit__(type(error), error, error.__traceback__)
        except BaseException as again:
            if again is not error:
                raise


def conform(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return the rows with exactly the schema's columns, cast where Spark widened a type."""
    return pa.table([rows[name].cast(schema.field(name).type) for name in schema.names], schema=schema)


def row_group_cuts(table: pa.Table, most_rows: int, most_bytes: int, *, last: bool) -> Iterator[int]:
    """Yield the sizes of the row groups that a table's first rows fill, by rows and by bytes of its large column.

    A cut depends on the rows from the last cut on and on nothing else.
    """
    large = next((name for name in _LARGE if name in table.column_names), None)
    sizes = pc.fill_null(pc.binary_length(table[large]), 0) if large is not None else None
    total = pc.cumulative_sum(sizes.cast(pa.int64())).to_numpy() if sizes is not None else None
    start, rows = 0, table.num_rows
    while start < rows:
        stop = start + most_rows
        if total is not None:
            base = int(total[start - 1]) if start else 0
            stop = min(stop, max(start + 1, int((total - base).searchsorted(most_bytes, side="right"))))
        if stop > rows or (stop == rows and total is not None and stop - start < most_rows):
            if last:
                yield rows - start
            return
        yield stop - start
        start = stop


def write_runs(
    batches: Iterable[pa.RecordBatch], key: str, root: str, paths: Mapping[int, str], schema: pa.Schema
) -> Iterator[Written]:
    """Write a stream of rows in which rows of one key are contiguous, a file a key.

    Args:
        batches: Rows, with the column `key`.
        key: Name of an integer column.
        root: Directory of the files.
        paths: key → path below the root.
        schema: Columns to write.

    Yields:
        What was published, file by file.
    """
    current = -1
    file: TableFile | None = None
    try:
        for batch in batches:
            rows = pa.Table.from_batches([batch])
            keys = rows[key].combine_chunks()
            for value in keys.unique().to_pylist():
                if value != current or file is None:
                    if file is not None:
                        yield Written(paths[current], *file.close())
                    current, file = value, TableFile(storage.join(root, paths[value]), schema)
                file.write(rows.filter(pc.equal(keys, value)))
        if file is not None:
            finished, file = file, None
            yield Written(paths[current], *finished.close())
    except BaseException as error:
        if file is not None:
            file.abandon(error)
        raise
