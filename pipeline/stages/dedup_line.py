"""dedup_line: lines that a language repeats too often (menus, cookie notices) go; code and math lines stay."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from pipeline.cells.parts import BatchStream, data_digest
from pipeline.dedup.bucket_files import FILED_BY, bucket_names
from pipeline.dedup.candidates import language_numbers
from pipeline.dedup.earlier_runs import earlier_levels, indexes
from pipeline.dedup.line_counts import (
    BUCKET,
    COUNT,
    LINE_KEY,
    add_counts,
    add_up,
    frequent_lines,
    in_bucket,
    most_frequent,
)
from pipeline.dedup.order import doc_numbers
from pipeline.dedup.reporting import report_lines
from pipeline.engine.fitting import FitContext
from pipeline.engine.stage import AgainstParams, Params, stage
from pipeline.engine.tables import FittedTables
from pipeline.kernels.text.prose import spans_of
from pipeline.rows.exchange import buckets_for, pooled
from pipeline.rows.line_removal import CHARS_LEFT, too_little_left, without_lines
from pipeline.rows.row_ids import PartRows
from pipeline.spark.driver_frames import frame_of
from pipeline.spark.tasks import share
from schemas.columns import DOC_ID, LANGUAGE, LINES_REMOVED, NO_PROSE, PII, SPANS, TEXT

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from pipeline.kernels.text.lines import Lines

Array = np.ndarray[Any, np.dtype[Any]]
NORMALISATION = "lower case, no accents, digits as 0 but in lines of numbers, no punctuation, single spaces"
"""What `kernels.lines` does to a line before lines are compared; recorded with the counts."""
AS_CCNET = "lower case, no accents, digits as 0, no punctuation, single spaces"
"""What `kernels.lines` does to a line before lines are compared; recorded with the counts."""
_FREQUENT, _BUCKETS = "frequent_lines", "line_buckets"
_READ = (DOC_ID, TEXT, SPANS, LANGUAGE)
_LINES_AT_ONCE = 1 << 22
_LINE_SHOWN = 200
_NO_KIND = ""
"""A kind that no span has: an array of no kinds at all would have no type."""


Spared = Literal["code", "math", "numbers", "headings"]
SPARED: tuple[Spared, ...] = get_args(Spared)


class LineParams(Params):
    """What the counts of lines depend on."""

    min_chars: int = Field(1, ge=1)
    """Characters of the normalised line below which a line is neither counted nor removed."""
    buckets: dict[str, int] = Field(default_factory=dict)
    """Buckets that a language's documents are counted in, where there are several."""
    spare: tuple[Spared, ...] = SPARED
    """Lines that are not compared, or not by every sign, as in `DedupLineParams`."""

    date_words_digest: str | None = None
    """Hash of the words by which dates are known."""

    @property
    def numbers(self) -> bool:
        """Whether lines of numbers are compared with their digits."""
        return "numbers" in self.spare

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of spans whose lines are left alone."""
        return tuple(kind for kind in self.spare if kind in NO_PROSE) or (_NO_KIND,)


class DedupLineParams(AgainstParams):
    """Parameters of dedup_line."""

    max_occurrences: int = Field(6, ge=1)
    """Times a line may be seen in a bucket; a line that is seen more often is removed wherever it stands (Llama 3)."""
    bucket_documents: int = Field(30_000_000, ge=1)
    """Documents of one language per bucket (Llama 3)."""
    min_line_chars: int = Field(1, ge=1)
    """Characters of the normalised line below which a line is neither counted nor removed."""
    min_chars_left: int = Field(100, ge=0)
    """Code points below which a document that lost lines is dropped."""
    spare: tuple[Spared, ...] = SPARED
    """What is spared: lines of code and math; rows of numbers and dates, which are compared with their digits; headings
    with text below them that stays. Empty removes all that is frequent, as Llama 3 and cc_net do."""
    date_words_digest: str | None = None
    """Hash of the words by which dates are known; the run fills it in."""
    reported_lines: int = Field(50, ge=0, le=10_000)
    """Most frequent removed lines that the report shows."""

    runtime: ClassVar[frozenset[str]] = frozenset({"against", "reported_lines"})
    limits: ClassVar[frozenset[str]] = frozenset({"min_chars_left"})

    def resolved(self) -> Self:
        """Return the parameters with the hash of the words of dates."""
        return self.model_copy(update={"date_words_digest": data_digest("pipeline.kernels.text", "date_words.txt")})

    def counting(self, buckets: dict[str, int]) -> LineParams:
        """Return what the counts of lines depend on."""
        return LineParams(
            min_chars=self.min_line_chars, buckets=buckets, spare=self.spare, date_words_digest=self.date_words_digest
        )


def count_lines(rows: BatchStream, params: LineParams, _: FittedTables) -> BatchStream:
    """Yield a part's lines by key and bucket with their counts: one row each, or a few where there are millions."""
    counted = [np.empty(0, np.int64)] * 3
    pending: list[list[Array]] = []
    pending_rows = 0
    for batch in rows:
        lines, keys = _keyed_lines(batch, params)
        pending.append([keys, _bucket_numbers(batch, params.buckets)[lines.text], np.ones(len(keys), np.int64)])
        pending_rows += len(keys)
        if pending_rows > max(len(counted[0]), _LINES_AT_ONCE >> 4):
            counted = _added(counted, pending)
            pending, pending_rows = [], 0
        if len(counted[0]) > _LINES_AT_ONCE:
            yield from _count_rows(counted)
            counted = [column[:0] for column in counted]
    yield from _count_rows(_added(counted, pending))


def _added(counted: list[Array], pending: list[list[Array]]) -> list[Array]:
    keys, buckets, counts = next(pooled([counted, *pending]), counted)
    return add_up(keys, buckets, counts)


def _count_rows(counted: list[Array]) -> BatchStream:
    names = (LINE_KEY.name, BUCKET.name, COUNT.name)
    for start in range(0, len(counted[0]), 1 << 16):
        piece = slice(start, start + (1 << 16))
        yield pa.RecordBatch.from_pydict({name: column[piece] for name, column in zip(names, counted, strict=True)})


def _keyed_lines(batch: pa.RecordBatch, params: LineParams) -> "tuple[Lines, Array]":
    """Return a batch's lines, and their keys within their languages."""
    from pipeline.kernels.text.lines import find_lines, keyed

    spans = spans_of(batch.column(SPANS.name), params.kinds)
    lines = find_lines(batch.column(TEXT.name), spans, params.min_chars, numbers=params.numbers)
    return lines, keyed(lines, language_numbers(batch.column(LANGUAGE.name)))


def _bucket_numbers(batch: pa.RecordBatch, buckets: dict[str, int]) -> Array:
    """Return the bucket of its language that each document is counted in; it comes from the doc_id."""
    if not buckets:
        return np.zeros(batch.num_rows, np.int64)
    languages = pc.fill_null(batch.column(LANGUAGE.name), "und").to_pylist()
    many = np.array([buckets.get(language, 1) for language in languages], np.int64)
    numbers: Array = doc_numbers(batch.column(DOC_ID.name)) % many
    return numbers


def _bucketed_lines(batch: pa.RecordBatch, params: LineParams) -> "tuple[Lines, Array]":
    """Return a batch's lines, and their keys within their languages and buckets."""
    lines, keys = _keyed_lines(batch, params)
    return lines, in_bucket(keys, _bucket_numbers(batch, params.buckets)[lines.text])


def fit_dedup_line(context: FitContext, params: DedupLineParams) -> None:
    """Count the lines of every part, add the counts, and keep the lines that are seen too often."""
    from pyspark.sql import functions as F  # noqa: N812

    context.compares_by(count_lines, LineParams, in_bucket, *FILED_BY)
    levels = earlier_levels(params.against, context.step.name)
    for level in levels:
        level.require(context, params.model_dump(mode="json", include={"min_line_chars", "spare", "date_words_digest"}))
    spark = context.spark
    language = F.coalesce(LANGUAGE.name, F.lit("und"))
    sizes: dict[str, int] = dict(context.frame(LANGUAGE).groupBy(language).count().collect())
    many = {name: -(-size // params.bucket_documents) for name, size in sizes.items()}
    buckets = {name: number for name, number in sorted(many.items()) if number > 1}
    context.save_small(_BUCKETS, frame_of(spark, buckets.items(), "language string, buckets long"))
    settings = params.counting(buckets)
    context.measure("line_counts", count_lines, (LINE_KEY, BUCKET, COUNT), _READ, settings, by_row=False)
    counted = [PartRows(context.before.root, stretches) for _, stretches in context.stretches("line_counts")]
    shared = share(spark, counted)
    earlier = indexes(levels, "lines", holds_rows=False)
    rows = sum(stretch.rows for part in counted for stretch in part.stretches)
    parts = max([buckets_for(rows, spark), *(index.buckets for index in earlier)])
    counts = add_counts(spark, shared, parts, params.max_occurrences, earlier)
    frequent = frequent_lines(context.save_by_bucket("lines", counts, bucket_names(parts)))
    context.save_small(_FREQUENT, frequent.select(LINE_KEY.name, COUNT.name))
    _note(frequent, params.reported_lines, settings, context)


def _note(frequent: "DataFrame", reported: int, settings: LineParams, context: FitContext) -> None:
    """Remember what the report says of lines."""
    from pyspark.sql import functions as F  # noqa: N812

    def lines_of(batch: pa.RecordBatch, wanted: Array) -> Iterator[tuple[int, str]]:
        lines, keys = _bucketed_lines(batch, settings)
        texts = batch.column(TEXT.name)
        for at in np.flatnonzero(np.isin(keys, wanted)):
            start, end = lines.start[at], min(lines.end[at], lines.start[at] + _LINE_SHOWN)
            yield int(keys[at]), texts[int(lines.text[at])].as_py()[start:end]

    may_quote = TEXT.name in context.before.hidden  # notes are printed, and given away
    total = frequent.agg(F.count(F.lit(1)).alias("lines"), F.sum(COUNT.name).alias("times")).collect()[0]
    context.note(
        normalisation=NORMALISATION if settings.numbers else AS_CCNET,
        spare=list(settings.spare),
        buckets=settings.buckets,
        frequent_lines=total["lines"],
        times_seen=total["times"] or 0,
        most_frequent=most_frequent(frequent, context.cells(*_READ), _READ, lines_of, reported if may_quote else 0),
    )


def remove_lines(rows: BatchStream, params: DedupLineParams, fitted: FittedTables) -> BatchStream:
    """Take the frequent lines out of the texts and move the spans along."""
    from pipeline.kernels.text.headings import spared_headings
    from pipeline.kernels.text.lines import Lines

    frequent = fitted.table(_FREQUENT)[LINE_KEY.name].to_numpy()
    buckets = {row["language"]: row["buckets"] for row in fitted.table(_BUCKETS).to_pylist()}
    settings = params.counting(buckets)
    for batch in rows:
        lines, keys = _bucketed_lines(batch, settings)
        at = np.minimum(np.searchsorted(frequent, keys), max(0, len(frequent) - 1))
        hit = frequent[at] == keys if len(frequent) else np.zeros(len(keys), bool)
        if "headings" in params.spare:
            hit &= ~spared_headings(batch.column(SPANS.name), lines, hit, settings.kinds)
        removed = Lines(*(array[hit] for array in lines))
        yield without_lines(batch, removed.text, removed.start, removed.end, LINES_REMOVED)


@stage(
    needs=_READ,
    adds=(LINES_REMOVED, CHARS_LEFT),
    changes=(TEXT, SPANS, PII),
    measure=remove_lines,
    fit=fit_dedup_line,
    report=report_lines,
    version=2,
)
def dedup_line(docs: "DataFrame", params: DedupLineParams) -> "DataFrame":
    """Drop a document that lost lines and has too little text left."""
    return too_little_left(docs, "dedup_line", LINES_REMOVED, params.min_chars_left)
