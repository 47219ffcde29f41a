"""Parts: a unit of input (one WARC file, say) stays one part of every table until the release.

A task reads a part's committed files, measures, decides, and writes the part's rows by their fate: rows that pass a
stage go into its directory, rows that it drops beside it.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.runs import storage
from pipeline.runs.table_file import TableFile
from schemas.columns import DOC_ID, WARC_OFFSET
from schemas.reasons import QUARANTINED

BatchStream = Iterator[pa.RecordBatch]

KEPT = ""
"""The fate of a row that no stage of the segment dropped."""
PART_ID = "part_id"
"""Spark's `xxhash64` of `warc_file`: eight bytes by which shuffles know a row's part."""
INPUT_ROW = "inputs"
"""The fate of the one row a file by which `ingest` reports what it could read."""


@dataclass(frozen=True)
class Part:
    """One unit of input and the committed files that hold its rows.

    Attributes:
        name: Name of the part, safe in file names, the same in every table.
        source: The input file as the user named it; the value of `warc_file`.
        uri: The input file by a path that every worker understands.
        bytes: Size of the input file.
        digest: What the part's content is known by: changes if and only if it does.
        origin: What each row's content is known by: the input file and all that was done to it row by row.
        files: Committed Parquet files of the part in the table that is read.
        rows: Rows in these files; unknown (-1) for an input file.
    """

    name: str
    source: str
    uri: str
    bytes: int
    digest: str
    origin: str = ""
    files: tuple[str, ...] = ()
    rows: int = -1


@dataclass
class PartRecord:
    """What was written for one part: the line that commits it.

    Attributes:
        part: Name of the part; `source`, `uri` and `bytes` are those of its input file.
        fingerprints: stage → hash of the part's input and all that was done to it: of which rows, and what.
        origins: stage → hash of what each row is made of and was decided by, whichever rows there are.
        contents: stage → hash of what each row's content is made of, whatever was decided.
        files: What was written: path, fate, rows, bytes, sha256.
        fates: fate → rows.
        reasons: stage → reason → rows that it dropped.
        input: What `ingest` reports of the input file.
        quarantined: Keys of the pages that were left out because they were on the quarantine list.
    """

    part: str
    source: str
    uri: str
    bytes: int
    fingerprints: dict[str, str]
    origins: dict[str, str]
    contents: dict[str, str]
    files: list[dict[str, Any]] = field(default_factory=list)
    fates: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, dict[str, int]] = field(default_factory=dict)
    input: dict[str, Any] | None = None
    quarantined: list[str] = field(default_factory=list)

    @classmethod
    def begin(
        cls, part: Part, fingerprints: dict[str, str], origins: dict[str, str], contents: dict[str, str]
    ) -> "PartRecord":
        """Return the record of a part of which nothing is written yet."""
        return cls(part.name, part.source, part.uri, part.bytes, fingerprints, origins, contents)

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return dict(vars(self))


def digest(*values: Any) -> str:
    """Return a 16-digit hash of JSON values: what fingerprints are made of.

    >>> digest("heuristics", 1, {"min_words": 50}) == digest("heuristics", 1, {"min_words": 50})
    True
    """
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


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


def read_part(part: Part, columns: Sequence[str]) -> BatchStream:
    """Yield the rows of a part in file order, the named columns only."""
    for path in part.files:
        with storage.open_for_reading(path) as stream:
            parquet = pq.ParquetFile(stream)
            for group in range(parquet.num_row_groups):  # a batch across groups would hold several of them
                yield from parquet.iter_batches(batch_size=1024, columns=list(columns), row_groups=[group])


class PartWriter:
    """Writes one part's rows by fate and publishes the line that commits them."""

    def __init__(self, root: str, record: PartRecord, directories: dict[str, str], schema: pa.Schema) -> None:
        """Start with no file open: a part without rows of some fate has no file of it.

        Args:
            root: Directory of the table.
            record: Whose rows these are; filled in by `close`.
            directories: fate → directory below the root.
            schema: Columns to write.
        """
        self._root = root
        self._record = record
        self.places = directories
        self._schema = schema
        self._files: dict[str, TableFile] = {}
        self._paths: dict[str, str] = {}

    def write(self, rows: pa.Table) -> None:
        """Add rows; each goes where its `drop` sends it."""
        fates = _fates(rows)
        counts = Counter(fates.to_pylist())
        for fate in sorted(counts):
            chosen = rows if len(counts) == 1 else rows.filter(pc.equal(fates, fate))
            if fate == INPUT_ROW:
                self._record.input = _input_line(chosen)
                continue
            if fate:
                self._count_reasons(fate, chosen)
            if fate not in self._files:
                path = f"{self.places[fate]}{self._record.part}{'.' + fate if fate else ''}.parquet"
                self._paths[fate] = path
                self._files[fate] = TableFile(storage.join(self._root, path), self._schema)
            self._files[fate].write(chosen)

    def _count_reasons(self, fate: str, rows: pa.Table) -> None:
        reasons = self._record.reasons.setdefault(fate, {})
        found = pc.struct_field(rows["drop"].combine_chunks(), "reason")
        for reason, count in Counter(found.to_pylist()).items():
            reasons[reason] = reasons.get(reason, 0) + count
        if QUARANTINED in reasons:
            self._record.quarantined += page_keys(rows.filter(pc.equal(found, QUARANTINED)))

    def close(self, units: str) -> PartRecord:
        """Publish the part's files, then its line.

        Args:
            units: Directory below the root for the line.

        Returns:
            What was written.
        """
        for fate, file in sorted(self._files.items()):
            rows, size, sha256 = file.close()
            self._record.files.append(
                {"path": self._paths[fate], "fate": fate, "rows": rows, "bytes": size, "sha256": sha256}
            )
            self._record.fates[fate] = rows
        self._record.quarantined.sort()
        storage.write_json(storage.join(self._root, units, f"{self._record.part}.json"), self._record.to_json())
        return self._record

    def abandon(self, error: BaseException) -> None:
        """Leave nothing of the part behind."""
        for file in self._files.values():
            file.abandon(error)


def _fates(rows: pa.Table) -> pa.Array:
    if "drop" not in rows.column_names:
        return pa.array([KEPT] * rows.num_rows)
    drop = rows["drop"].combine_chunks()
    return pc.fill_null(pc.if_else(pc.is_valid(drop), pc.struct_field(drop, "stage"), None), KEPT)


def _input_line(rows: pa.Table) -> dict[str, Any]:
    drop = rows["drop"][0].as_py()
    return {"error": drop["reason"], "records": int(drop["value"]), "responses": int(drop["limit"])}


def write_parts(
    batches: Iterable[pa.RecordBatch], number: str, writer_for: Callable[[int], PartWriter], units: str
) -> Iterator[PartRecord]:
    """Write a stream of rows whose scratch column tells their part; rows of a part are contiguous.

    Args:
        batches: Rows, with the scratch column.
        number: Name of the scratch column that holds the part's number.
        writer_for: Opens the writer of a part by its number.
        units: Directory below the root for the lines that commit parts.

    Yields:
        A record for each part, once it is committed.
    """
    current, writer = -1, None
    try:
        for batch in batches:
            rows = pa.Table.from_batches([batch])
            numbers = rows[number].combine_chunks()
            ends = pc.run_end_encode(numbers)
            start = 0
            for end, value in zip(ends.run_ends.to_pylist(), ends.values.to_pylist(), strict=True):
                if value != current:
                    if writer is not None:
                        yield writer.close(units)
                    current, writer = value, writer_for(value)
                assert writer is not None
                writer.write(rows.slice(start, end - start))
                start = end
        if writer is not None:
            finished, writer = writer, None
            yield finished.close(units)
    except BaseException as error:
        if writer is not None:
            writer.abandon(error)
        raise
