"""Tables of documents: read as JSON Lines or Parquet, and written with what was said of each."""

import gzip
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, NamedTuple, Self

import pyarrow as pa
import pyarrow.parquet as pq

from classifiers.annotation.answers import whole_characters
from classifiers.annotation.prompt_files import AnnotationError

_ROWS: Final = 1000
_LANGUAGE: Final = "language"


class Columns(NamedTuple):
    """Which columns of a table are read.

    Attributes:
        id: By which a document is known.
        text: What is judged.
        language: ISO 639 codes; None for `language`, where there is such a column.
        keep: Others, which are written beside what was said.
    """

    id: str
    text: str
    language: str | None
    keep: tuple[str, ...]


class Document(NamedTuple):
    """A row.

    Attributes:
        id: Its name.
        text: Its text; empty where it has none.
        language: Its ISO 639 code, where it is known.
        kept: Columns to be written, as text, in the order of `Columns.keep`; what is no text, as JSON.
    """

    id: str
    text: str
    language: str | None
    kept: tuple[str | None, ...]


def read_documents(paths: Sequence[Path], columns: Columns, limit: int | None) -> Iterator[Document]:
    """Yield the rows of tables, in their order.

    Args:
        paths: `.jsonl`, `.jsonl.gz` or `.parquet`.
        columns: Those to read.
        limit: So many rows at most.

    Raises:
        AnnotationError: A file is no such table, or has no such column.
    """
    rows = (row for path in paths for row in _rows(path, columns))
    for row in islice(rows, limit):
        language = row.get(columns.language or _LANGUAGE)
        yield Document(
            id=_as_text(row[columns.id]) or "",
            text=_as_text(row[columns.text]) or "",
            language=language if isinstance(language, str) else None,
            kept=tuple(_as_text(row.get(name)) for name in columns.keep),
        )


def check_name(path: Path) -> None:
    """Check that a file's name is that of a table.

    Raises:
        AnnotationError: It is not.
    """
    if not path.name.endswith((".jsonl", ".jsonl.gz", ".parquet")):
        raise AnnotationError(f"{path} is no .jsonl, .jsonl.gz or .parquet")


def _rows(path: Path, columns: Columns) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a table, each with all columns that are read."""
    needed = {columns.id, columns.text, *columns.keep} | ({columns.language} if columns.language else set())
    check_name(path)
    try:
        yield from (_parquet_rows if path.name.endswith(".parquet") else _json_rows)(path, needed)
    except (OSError, EOFError, pa.ArrowException) as error:
        raise AnnotationError(f"{path} cannot be read: {error}") from error


def _parquet_rows(path: Path, needed: set[str]) -> Iterator[Mapping[str, Any]]:
    with pq.ParquetFile(path) as file:
        names = file.schema_arrow.names
        _check(path, needed, names)
        wanted = sorted(needed | ({_LANGUAGE} & set(names)))
        for batch in file.iter_batches(_ROWS, columns=wanted):
            yield from batch.to_pylist()


def _json_rows(path: Path, needed: set[str]) -> Iterator[Mapping[str, Any]]:
    with gzip.open(path, "rb") if path.name.endswith(".gz") else path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise AnnotationError(f"{path}, line {number}, is no JSON: {error}") from None
            if not isinstance(row, dict):
                raise AnnotationError(f"{path}, line {number}, is no JSON object")
            _check(path, needed, list(row), f", line {number},")
            yield row


def _check(path: Path, needed: set[str], names: Sequence[str], where: str = "") -> None:
    for name in sorted(needed - set(names)):
        near = get_close_matches(name, names, n=1)
        meant = f"; did you mean '{near[0]}'?" if near else f"; it has {', '.join(names)}"
        raise AnnotationError(f"{path}{where} has no column '{name}'{meant}")


def _as_text(value: object) -> str | None:
    if value is None:
        return None
    return whole_characters(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))


class TableWriter(AbstractContextManager["TableWriter"]):
    """A table that exists once it is whole: it is written beside its place, and moved there at the end.

    Args:
        path: `.jsonl`, `.jsonl.gz` or `.parquet`.
        schema: Its columns.

    Raises:
        AnnotationError: It is no such name.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        check_name(path)
        self._path = path
        self._schema = schema
        self._rows: list[dict[str, Any]] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        self._part = path.with_name(f".{path.name}.{os.getpid()}")
        self._parquet: pq.ParquetWriter | None = None
        self._lines: IO[bytes] | gzip.GzipFile | None = None
        if path.name.endswith(".parquet"):
            self._parquet = pq.ParquetWriter(self._part, schema)
        elif path.name.endswith(".gz"):
            self._lines = gzip.GzipFile(self._part, "wb", mtime=0)
        else:
            self._lines = self._part.open("wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if kind is None:
                self._flush()
            for opened in (self._parquet, self._lines):
                if opened is not None:
                    opened.close()
            if kind is None:
                self._part.replace(self._path)
        finally:
            self._part.unlink(missing_ok=True)

    def write(self, row: dict[str, Any]) -> None:
        """Add a row; columns that it lacks are null."""
        self._rows.append({name: row.get(name) for name in self._schema.names})
        if len(self._rows) >= _ROWS:
            self._flush()

    def _flush(self) -> None:
        if self._parquet is not None:
            self._parquet.write_batch(pa.RecordBatch.from_pylist(self._rows, self._schema))
        if self._lines is not None:
            self._lines.writelines(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in self._rows)
        self._rows = []
