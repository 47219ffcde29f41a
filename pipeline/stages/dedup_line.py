"""dedup_line: lines that a language repeats too often (menus, cookie notices) go; code and math lines stay."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from pipeline.kernels.spans import Edit, Span, apply_edits
from pipeline.kernels.urls import row_key
from pipeline.parts import BatchStream, Part
from pipeline.stage import Params, SideTables, SideWriter, dropped, first_reason, stage
from schemas.columns import DOC_ID, LANGUAGE, LINES_REMOVED, NO_PROSE, SPANS, TEXT, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from pipeline.kernels.lines import Lines

_KEY = Column("line_key", pa.int64(), "hash of language, bucket and normalised line")
_COUNT = Column("count", pa.int64(), "times the line was seen")
_FREQUENT = "frequent_lines"


class LineParams(Params):
    """What the counts of lines depend on."""

    min_chars: int = Field(1, ge=1)
    """Characters of the normalised line below which a line is neither counted nor removed."""
    buckets: int = Field(1, ge=1)
    """Buckets that a language's documents are counted in."""


class DedupLineParams(Params):
    """Parameters of dedup_line."""

    max_occurrences: int = Field(6, ge=1)
    """Times a line may be seen in a bucket; a line that is seen more often is removed wherever it stands (Llama 3)."""
    bucket_documents: int = Field(30_000_000, ge=1)
    """Documents a bucket (Llama 3)."""
    min_line_chars: int = Field(1, ge=1)
    """Characters of the normalised line below which a line is neither counted nor removed."""
    min_chars_left: int = Field(100, ge=0)
    """Code points below which a document that lost lines is dropped."""


def count_lines(rows: BatchStream, _: Part, params: LineParams, __: SideTables) -> BatchStream:
    """Yield the keys of a part's lines with their counts: one row a line, however often it stands there."""
    from pipeline.kernels.lines import find_lines, keyed  # noqa: PLC0415  (numba, which workers alone need)

    keys, counts = np.empty(0, np.int64), np.empty(0, np.int64)
    for batch in rows:
        lines = find_lines(batch.column(TEXT.name), spared(batch.column(SPANS.name)), params.min_chars)
        found, times = np.unique(keyed(lines, _salts(batch, params.buckets)), return_counts=True)
        keys, inverse = np.unique(np.concatenate((keys, found)), return_inverse=True)
        counts = np.bincount(inverse, weights=np.concatenate((counts, times)), minlength=len(keys)).astype(np.int64)
    for start in range(0, len(keys), 1 << 16):
        piece = slice(start, start + (1 << 16))
        yield pa.RecordBatch.from_pydict({_KEY.name: keys[piece], _COUNT.name: counts[piece]})


def spared(spans: pa.Array) -> pa.Array:
    """Return the spans whose lines are left alone: those of code and math.

    >>> kinds = [["table", "code"], None, ["heading"], ["math"]]
    >>> column = pa.array([some and [{"start": 0, "end": 1, "kind": kind} for kind in some] for some in kinds])
    >>> [[span["kind"] for span in some] for some in spared(column).to_pylist()]
    [['code'], [], [], ['math']]
    """
    flat = spans.flatten()
    chosen = pc.is_in(flat.field("kind"), pa.array(NO_PROSE))
    before = np.concatenate(([0], np.cumsum(chosen.to_numpy(zero_copy_only=False))))
    ends = np.cumsum(pc.fill_null(pc.list_value_length(spans), 0).to_numpy(zero_copy_only=False))
    offsets = before[np.concatenate(([0], ends)).astype(np.int64)]
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), flat.filter(chosen))


def _salts(batch: pa.RecordBatch, buckets: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return a number for each document's language and bucket; the bucket comes from the doc_id."""
    languages = pc.fill_null(batch.column(LANGUAGE.name), "und").dictionary_encode()
    of_language = np.array([row_key(language) for language in languages.dictionary.to_pylist()], np.int64)
    bucket = np.array([int(doc_id[:8], 16) % buckets for doc_id in batch.column(DOC_ID.name).to_pylist()], np.int64)
    salts: np.ndarray[Any, np.dtype[np.int64]] = of_language[languages.indices.to_numpy()] ^ bucket
    return salts


def fit_dedup_line(docs: "DataFrame", params: DedupLineParams, side: SideWriter) -> None:  # noqa: ARG001
    """Count the lines of every part, add the counts, and keep the lines that are seen too often."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    buckets = max(1, -(-side.rows // params.bucket_documents))
    settings = LineParams(min_chars=params.min_line_chars, buckets=buckets)
    counts = side.measure("line_counts", count_lines, (_KEY, _COUNT), (), settings, by_row=False)
    frequent = (
        counts.groupBy(_KEY.name)
        .agg(F.sum(_COUNT.name).alias(_COUNT.name))
        .where(F.col(_COUNT.name) > params.max_occurrences)
        .withColumn("buckets", F.lit(buckets))
    )
    side.save(_FREQUENT, frequent, small=True)


def remove_lines(rows: BatchStream, _: Part, params: DedupLineParams, side: SideTables) -> BatchStream:
    """Take the frequent lines out of the texts and move the spans along."""
    from pipeline.kernels.lines import Lines, find_lines, keyed  # noqa: PLC0415

    frequent = side.table(_FREQUENT)
    known = frequent[_KEY.name].to_numpy()
    buckets = frequent["buckets"][0].as_py() if len(known) else 1
    for batch in rows:
        lines = find_lines(batch.column(TEXT.name), spared(batch.column(SPANS.name)), params.min_line_chars)
        keys = keyed(lines, _salts(batch, buckets))
        at = np.minimum(np.searchsorted(known, keys), max(0, len(known) - 1))
        hit = known[at] == keys if len(known) else np.zeros(len(keys), bool)
        yield _without_lines(batch, Lines(*(array[hit] for array in lines)))


def _without_lines(batch: pa.RecordBatch, gone: "Lines") -> pa.RecordBatch:
    removed = np.bincount(gone.text, minlength=batch.num_rows).astype(np.int32)
    texts, spans = batch.column(TEXT.name).to_pylist(), batch.column(SPANS.name).to_pylist()
    ends = np.cumsum(removed)
    for number in np.flatnonzero(removed):
        lines = slice(ends[number] - removed[number], ends[number])
        text = texts[number]
        edits = removals(len(text), gone.start[lines].tolist(), gone.end[lines].tolist())
        texts[number], moved = apply_edits(text, [Span(**span) for span in spans[number] or ()], edits)
        spans[number] = [span._asdict() for span in moved]
    changed = {TEXT: texts, SPANS: spans}
    for column, values in changed.items():
        index = batch.schema.get_field_index(column.name)
        batch = batch.set_column(index, column.name, pa.array(values, column.type))
    return batch.append_column(LINES_REMOVED.name, pa.array(removed))


def removals(length: int, starts: list[int], ends: list[int]) -> list[Edit]:
    r"""Return the edits that take lines out of a text with their line breaks.

    >>> removals(7, [0], [2]), removals(7, [2, 5], [4, 7])
    ([Edit(start=0, end=3, replacement='')], [Edit(start=1, end=7, replacement='')])
    """
    runs: list[list[int]] = []
    for start, end in zip(starts, ends, strict=True):
        if runs and runs[-1][1] == start:
            runs[-1][1] = end + 1
        else:
            runs.append([start, end + 1])
    if runs and runs[-1][1] > length:
        runs[-1] = [max(0, runs[-1][0] - 1), length]
    return [Edit(start, end, "") for start, end in runs]


@stage(
    needs=(DOC_ID, TEXT, SPANS, LANGUAGE),
    measures=(TEXT, SPANS, LINES_REMOVED),
    measure=remove_lines,
    fit=fit_dedup_line,
)
def dedup_line(docs: "DataFrame", params: DedupLineParams) -> "DataFrame":
    """Drop a document that lost lines and has too little text left."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    left = F.char_length(TEXT.name)
    is_little = (F.col(LINES_REMOVED.name) > 0) & (left < params.min_chars_left)
    return first_reason(
        docs, F.when(is_little, dropped("dedup_line", "too_little_text_left", left, params.min_chars_left))
    )
