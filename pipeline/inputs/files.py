"""What the user's `--input` means: a list of files, of one kind, each a part of the run.

Local paths, directories and globs, fsspec URLs (`s3://`, `https://`) and listings (`@warc.paths.gz`, one path a line).
"""

import glob
import gzip
import json
import os
import zlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.cells.parts import Part, digest, part_name
from pipeline.errors import InputError, near_miss
from pipeline.inputs.json_lines import open_lines, read_objects, whole_lines
from pipeline.inputs.table_types import unified
from pipeline.stores import storage

COMMON_CRAWL = "https://data.commoncrawl.org/"
"""Where a listing's `crawl-data/…` lines are found."""
_JSON_SUFFIXES = (".jsonl", ".json", ".ndjson", ".jsonl.gz", ".json.gz", ".ndjson.gz")
_TABLE_KINDS = {".parquet": "parquet", **dict.fromkeys(_JSON_SUFFIXES, "jsonl")}
_WARC_SUFFIXES = (".warc", ".warc.gz", ".warc.lz4", ".warc.zst", ".wet", ".wet.gz", ".arc", ".arc.gz")
_HEAD_BYTES = 1 << 20
"""Bytes of each file of JSON lines by which its columns and their types are known; the last line is read whole."""
_LONGEST_HEAD = 5 << 20
"""Bytes in which a line is looked for that is a JSON object."""
_FURTHER_ON = {pa.null(): pa.string(), pa.timestamp("s"): pa.timestamp("us")}
"""What a column may hold behind the first lines: text where there was no value, fractions of seconds."""
_READERS = 16
"""Files whose columns are looked up at once."""


@dataclass(frozen=True)
class Inputs:
    """The files of a run.

    Attributes:
        kind: `warc`, `parquet` or `jsonl`.
        parts: One a file, sorted by the file's name as the user gave it.
        fields: Columns of the table (empty for WARC).
    """

    kind: str
    parts: tuple[Part, ...]
    fields: tuple[pa.Field, ...] = ()


def resolve(specs: Sequence[str]) -> Inputs:
    """Return the files that the user's words name.

    Raises:
        InputError: Nothing is there, with the near miss; or the files are of different kinds.
    """
    named = sorted({path for spec in specs for path in expand(spec)}, reverse=True)  # of two names the first stays
    sources = sorted({storage.absolute(path): path for path in named}.values())
    if not sources:
        where = f"no WARC, Parquet or JSON lines file in {', '.join(specs)}" if specs else "name one with --input"
        raise InputError(f"no input: {where}")
    kinds = {kind_of(source) for source in sources}
    if len(kinds) > 1:
        raise InputError(f"inputs of different kinds in one run: {', '.join(sorted(kinds))}; give each its own run")
    kind = kinds.pop()
    parts = tuple(part_of(source) for source in sources)
    return Inputs(kind, parts, () if kind == "warc" else _table_fields(kind, parts))


def kind_of(path: str) -> str:
    """Return the kind of a file by its name; what has no table's suffix is taken for a WARC.

    >>> kind_of("a/b.warc.gz"), kind_of("texts.jsonl.gz"), kind_of("x.parquet"), kind_of("x.warc.gz.bad")
    ('warc', 'jsonl', 'parquet', 'warc')
    """
    return next((kind for suffix, kind in _TABLE_KINDS.items() if path.lower().endswith(suffix)), "warc")


def expand(spec: str) -> Iterable[str]:
    """Return the files that one word of the user's names: a path, folder, glob, URL, or a listing behind `@`.

    Raises:
        InputError: Nothing is there, with the near miss.
    """
    if spec.startswith("@"):
        return _listing(spec[1:])
    if storage.is_remote(spec):
        return _remote_files(spec)
    path = storage.local(spec)
    if Path(path).is_dir():
        names = (str(file.relative_to(path)) for file in Path(path).rglob("*"))
        return [str(Path(path) / name) for name in names if _is_input(name)]
    files = [file for file in glob.glob(path, recursive=True) if Path(file).is_file()]  # noqa: PTH207  (absolute ones too)
    if not files:
        folder = Path(path).parent
        neighbours = [str(folder / name) for name in storage.names(str(folder))]
        where = "" if folder.is_dir() else f" (there is no directory {folder})"
        raise InputError(f"no such input: {spec}{where}{near_miss(path, neighbours)}")
    return [os.path.normpath(file) for file in files]


def _is_input(name: str) -> bool:
    """Tell whether a file of a folder is read: by its suffix, and unless it or a folder above it is hidden.

    >>> _is_input("a/b.WARC.gz"), _is_input("a/._b.warc.gz"), _is_input(".cache/b.parquet"), _is_input("notes.txt")
    (True, False, False, False)
    """
    is_hidden = name.startswith(".") or "/." in name
    return name.lower().endswith((*_WARC_SUFFIXES, *_TABLE_KINDS)) and not is_hidden


def _remote_files(spec: str) -> list[str]:
    """Return the files that a URL names: a glob, a folder of a store, or itself."""
    if not any(mark in spec for mark in "*?["):
        is_file = spec.startswith(("http://", "https://")) or spec.lower().endswith((*_WARC_SUFFIXES, *_TABLE_KINDS))
        store, inner = (None, "") if is_file else storage.filesystem(spec)
        if store is None or not store.isdir(inner):
            return [spec]
        folder = inner.rstrip("/")
        return [store.unstrip_protocol(path) for path in store.find(inner) if _is_input(path.removeprefix(folder))]
    store, inner = storage.filesystem(spec)
    return [store.unstrip_protocol(path) for path in store.glob(inner)]


def _listing(path: str) -> list[str]:
    if not storage.exists(path):
        raise InputError(f"no such listing: @{path}")
    with storage.open_for_reading(path) as raw:
        content = raw.read()
    text = (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode()
    folder = Path(storage.local(path)).parent
    files = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        if storage.is_remote(line) or Path(line).exists():
            files.append(line)
        elif not storage.is_remote(path) and (folder / line).exists():
            files.append(str(folder / line))
        elif line.startswith("crawl-data/"):
            files.append(COMMON_CRAWL + line)
        else:
            raise InputError(f"@{path} lists {line}, which is not there")
    return files


def part_of(source: str) -> Part:
    """Return a file as a part, known by its name, size and time."""
    uri = storage.absolute(source)
    size, stamp = _size_and_stamp(uri)
    return Part(part_name(source), source, uri, size, digest("input", source, size, stamp))


def check_unchanged(part: Part) -> None:
    """Compare an input file with what it was when the run listed it.

    Raises:
        InputError: It has another size or time, or is gone.
    """
    try:
        same = part.digest == digest("input", part.source, *_size_and_stamp(part.uri))
    except FileNotFoundError:
        same = False
    if not same:
        raise InputError(changed(part))


def changed(part: Part) -> str:
    """Return what is to be said of an input that is not what it was."""
    return f"input changed since ingest: {part.source}; run again when it changes no more"


def _size_and_stamp(uri: str) -> tuple[int, str]:
    if not storage.is_remote(uri):
        status = Path(uri).stat()
        return status.st_size, str(status.st_mtime_ns)
    store, inner = storage.filesystem(uri)
    if "http" in store.protocol or "https" in store.protocol:
        return -1, ""
    store.invalidate_cache()
    info = store.info(inner)
    return int(info.get("size") or -1), str(info.get("ETag") or info.get("mtime") or "")


def _table_fields(kind: str, parts: Sequence[Part]) -> tuple[pa.Field, ...]:
    """Return the columns of all files, of types that hold what each of them has.

    Raises:
        InputError: No file can be read, with the first reason.
    """
    with ThreadPoolExecutor(_READERS) as pool:
        heads = list(pool.map(partial(_fields_or_error, kind), parts))
    fields = [head for head in heads if not isinstance(head, Exception)]
    if any(fields):
        return tuple(field.with_type(_FURTHER_ON.get(field.type, field.type)) for field in unified(fields))
    for part, head in zip(parts, heads, strict=True):
        if isinstance(head, Exception):
            raise InputError(f"{part.source}: not a readable {kind} file: {head}") from head
    raise InputError(f"{parts[0].source}: not a readable {kind} file: no line of it is a JSON object")


def _fields_or_error(kind: str, part: Part) -> tuple[pa.Field, ...] | Exception:
    """Return the columns of a file, none where it has no row; or why it cannot be read."""
    try:
        with storage.open_for_reading(part.uri) as stream:
            if kind == "parquet":
                return tuple(pq.read_schema(stream))
            return _json_fields(open_lines(stream, part.uri))
    except (pa.ArrowInvalid, UnicodeDecodeError, OSError) as error:
        return error


def _json_fields(stream: IO[bytes]) -> tuple[pa.Field, ...]:
    """Return the columns of the first lines that are JSON objects; of the others the scan tells."""
    lines, size = [], 0
    try:
        for line in whole_lines(stream):
            size += len(line)
            if _is_object(line):
                lines.append(line)
            if size >= (_HEAD_BYTES if lines else _LONGEST_HEAD):
                break
    except (OSError, EOFError, zlib.error):
        pass
    if not lines:
        return ()
    try:
        return tuple(read_objects(lines).schema)
    except pa.ArrowInvalid:  # a column of several types, or a line that Arrow alone refuses
        return unified(_line_fields(line) for line in lines)


def _line_fields(line: bytes) -> list[pa.Field]:
    """Return the columns of a line by its values; what has no type of its own is text."""
    row: dict[str, Any] = json.loads(line.decode("utf-8", "replace"), strict=False)
    return [pa.field(name, _type_of(value)) for name, value in row.items()]


def _type_of(value: Any) -> pa.DataType:
    try:
        return pa.string() if isinstance(value, str) else pa.infer_type([value])
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeEncodeError):
        return pa.string()


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line.decode("utf-8", "replace"), strict=False), dict)
    except (ValueError, RecursionError):
        return False
