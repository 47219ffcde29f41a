"""Parts: a unit of input (one WARC file, say) stays one part of every table until the release."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pyarrow as pa

from schemas.columns import DOC_ID, WARC_OFFSET

BatchStream = Iterator[pa.RecordBatch]


@dataclass(frozen=True)
class Part:
    """One unit of input.

    Attributes:
        name: Name of the part, safe in file names, the same in every table.
        source: The input file as the user named it; the value of `warc_file`.
        uri: The input file by a path that every worker understands.
        bytes: Size of the input file; -1 where it is not known.
        digest: Changes if and only if the input file does.
    """

    name: str
    source: str
    uri: str
    bytes: int
    digest: str


def digest(*values: Any) -> str:
    """Return a 16-digit hash of JSON values.

    >>> digest("heuristics", 1, {"min_words": 50}) == digest("heuristics", 1, {"min_words": 50})
    True
    """
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def data_digest(package: str, *names: str) -> str:
    """Return what data files of a package are known by: a 16-digit hash of their bytes."""
    folder = files(package)
    return digest([hashlib.sha256(folder.joinpath(name).read_bytes()).hexdigest() for name in names])


def charsets_digest() -> str:
    """Return what the tables of charsets are known by, by which pages are decoded."""
    return data_digest("pipeline.kernels.warc.encoding_standard", "labels.txt", "differences.txt")


def part_name(source: str) -> str:
    """Return a file-name-safe, unique name for an input file.

    >>> part_name("crawl/CC-MAIN-01.warc.gz")
    'CC-MAIN-01-e78a0ca1'
    """
    stem = re.sub(r"\.(warc|arc|jsonl|json|parquet|gz|lz4|zst)\b", "", source.rstrip("/").rsplit("/", 1)[-1])
    safe = re.sub(r"[^A-Za-z0-9.-]+", "-", stem).strip("-.")[:80]
    return f"{safe}-{hashlib.sha256(source.encode()).hexdigest()[:8]}"


def page_key(offset: int, doc_id: str) -> str:
    """Return what a page is known by within its part.

    >>> page_key(177317, "0f" * 16)
    '177317-0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f'
    """
    return f"{offset}-{doc_id}"


def page_keys(rows: pa.Table | pa.RecordBatch) -> list[str]:
    """Return what each row's page is known by within its part."""
    offsets, doc_ids = rows.column(WARC_OFFSET.name).to_pylist(), rows.column(DOC_ID.name).to_pylist()
    return [page_key(offset, doc_id) for offset, doc_id in zip(offsets, doc_ids, strict=True)]
