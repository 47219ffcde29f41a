"""Rows of labelled documents, read from the files that people have: Parquet, JSON lines, TSV, CSV, fastText's lines."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import pyarrow.parquet as pq
import zstandard

from classifiers.training.errors import ExamplesError

_LONGEST: Final = (1 << 31) - 1
"""Code points of a field at the most."""
_FASTTEXT: Final = "__label__"
_FASTTEXT_TEXT, _FASTTEXT_LABELS = "text", "labels"


def read_rows(path: Path) -> list[Mapping[str, Any]]:
    """Read the rows of a file, each a mapping by column; gz and zst are unpacked.

    Raises:
        ExamplesError: There is no such file, or it is not what its suffix says.
    """
    try:
        return list(_table(path))
    except (ValueError, csv.Error, zstandard.ZstdError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise ExamplesError(f"{path} cannot be read: {error}") from error


def _table(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a file."""
    if not path.exists():
        raise ExamplesError(f"{path} does not exist")
    suffix = next((s for s in reversed(path.suffixes) if s not in {".gz", ".zst"}), "")
    if suffix == ".parquet":
        yield from pq.read_table(path).to_pylist()
        return
    with _lines_of(path) as lines:
        if suffix in {".jsonl", ".json", ".ndjson"}:
            yield from (_json_row(line) for line in lines if line.strip())
        elif suffix in {".tsv", ".csv"}:
            yield from _table_rows(lines, "\t" if suffix == ".tsv" else ",")
        elif suffix == ".txt":
            yield from (_fasttext_row(line) for line in lines if line.strip())
        else:
            raise ExamplesError(f"{path}: rows are read from .parquet, .jsonl, .tsv, .csv and fastText's .txt")


@contextmanager
def _lines_of(path: Path) -> Iterator[IO[str]]:
    with path.open("rb") as raw:
        stream: Any = raw
        if path.suffix == ".gz":
            stream = gzip.GzipFile(fileobj=raw)
        elif path.suffix == ".zst":
            stream = zstandard.ZstdDecompressor().stream_reader(raw)
        yield io.TextIOWrapper(stream, encoding="utf-8", newline="")


def _table_rows(lines: IO[str], delimiter: str) -> Iterator[dict[str, Any]]:
    csv.field_size_limit(_LONGEST)
    for row in csv.DictReader(lines, delimiter=delimiter, strict=True):
        if None in row:
            raise ValueError(f"a row has more fields than the header: {next(iter(row.values()))!r:.60}…")
        yield row


def _json_row(line: str) -> dict[str, Any]:
    row = json.loads(line)
    if not isinstance(row, dict):
        raise ValueError(f"a line is a {type(row).__name__}, no JSON object: {line.strip()[:60]}")
    return row


def _fasttext_row(line: str) -> dict[str, Any]:
    r"""Return the labels and the text of a line of fastText's training files.

    >>> _fasttext_row("__label__hq __label__en The mill\n")
    {'labels': ['hq', 'en'], 'text': 'The mill'}
    """
    words = line.split()
    count = next((n for n, word in enumerate(words) if not word.startswith(_FASTTEXT)), len(words))
    names = [word.removeprefix(_FASTTEXT) for word in words[:count]]
    return {_FASTTEXT_LABELS: names, _FASTTEXT_TEXT: " ".join(words[count:])}
