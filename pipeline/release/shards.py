"""Shards written by Spark's tasks: Parquet of one key's documents after the other's, with what each file holds."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.table_file import TableFile
from pipeline.release.documents import SHARD
from pipeline.spark.meter import map_batches
from pipeline.stores import storage
from schemas.columns import TEXT, TOKENS
from schemas.tables import RELEASE

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

GROUP_BYTES: Final = 64 << 20
GROUP_ROWS: Final = 1 << 20


class Holds(NamedTuple):
    """What a file of a release holds.

    Attributes:
        path: Below the release.
        rows: Of documents.
        tokens: Of their texts.
        text_bytes: Likewise, in UTF-8.
        bytes: Of the file.
        sha256: Of the file.
    """

    path: str
    rows: int
    tokens: int
    text_bytes: int
    bytes: int
    sha256: str


_HOLDS: Final = "path string, rows long, tokens long, text_bytes long, bytes long, sha256 string"


class ShardFile:
    """A shard that is being written; it exists under its name only once `close` has returned.

    Args:
        root: The release.
        path: Below it.
        schema: Its columns, `text` and `tokens` among them.
    """

    def __init__(self, root: str, path: str, schema: pa.Schema = RELEASE) -> None:
        self._path, self._names = path, schema.names
        self._file = TableFile(storage.join(root, path), schema, GROUP_ROWS, GROUP_BYTES)
        self._tokens = self._text_bytes = 0

    def write(self, rows: pa.Table) -> None:
        """Add documents, in order."""
        self._tokens += pc.sum(rows[TOKENS.name].cast(pa.int64())).as_py() or 0
        self._text_bytes += pc.sum(pc.binary_length(rows[TEXT.name]).cast(pa.int64())).as_py() or 0
        self._file.write(rows.select(self._names))

    def close(self) -> Holds:
        """Publish the file."""
        rows, size, sha256 = self._file.close()
        return Holds(self._path, rows, self._tokens, self._text_bytes, size, sha256)

    def abandon(self, error: BaseException) -> None:
        """Leave no file behind."""
        self._file.abandon(error)


def write_shards(rows: "DataFrame", root: str, paths: Sequence[str], schema: pa.Schema = RELEASE) -> list[Holds]:
    """Write shards; return what each holds, sorted by path.

    Args:
        rows: The schema's columns and SHARD; rows of one shard are in one partition, one after the other.
        root: Where the release is made.
        paths: Of the shards, by number.
        schema: Of the shards.
    """

    def write(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for holds in _written(batches, root, paths, schema):
            yield pa.RecordBatch.from_pylist([holds._asdict()])

    return sorted(Holds(*row) for row in map_batches(rows, write, _HOLDS).collect())


def _written(batches: Iterable[pa.RecordBatch], root: str, paths: Sequence[str], schema: pa.Schema) -> Iterator[Holds]:
    current: int | None = None
    file: ShardFile | None = None
    try:
        for batch in batches:
            rows = pa.Table.from_batches([batch])
            numbers: Any = rows[SHARD].combine_chunks()
            for number in numbers.unique().to_pylist():
                if file is None or number != current:
                    if file is not None:
                        finished, file = file, None
                        yield finished.close()
                    current, file = number, ShardFile(root, paths[number], schema)
                file.write(rows.filter(pc.equal(numbers, number)))
        if file is not None:
            finished, file = file, None
            yield finished.close()
    except BaseException as error:
        if file is not None:
            file.abandon(error)
        raise
