"""dedup_url: of several captures of one canonical URL, the most recent is kept."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.batches import with_columns
from pipeline.cells.part_batches import PART
from pipeline.cells.parts import BatchStream
from pipeline.cells.pieces import ROW
from pipeline.dedup.bucket_files import FILED_BY, SUPERSEDED, bucket_names
from pipeline.dedup.copies import link_copies, links_of
from pipeline.dedup.copies_counted import count_copies
from pipeline.dedup.earlier_runs import earlier_levels, indexes, measured_parts, superseded_name
from pipeline.dedup.naming import NAMES, name_survivors
from pipeline.dedup.order import DOC, doc_numbers
from pipeline.dedup.superseded import OLD, list_superseded
from pipeline.dedup.survivors import resolve_copies
from pipeline.engine.fitting import FitContext
from pipeline.engine.stage import AgainstParams, Params, stage
from pipeline.engine.tables import FittedTables
from pipeline.rows.exchange import DOCUMENTS_AT_ONCE, PartGroups, buckets_for, pooled
from pipeline.rows.row_ids import MeasuredParts, row_ids
from pipeline.spark.tasks import share
from schemas.columns import BODY_BYTES, CAPTURES, DOC_ID, FETCH_TIME, RECORD_ID, URL, WARC_FILE, WARC_OFFSET, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from pipeline.kernels.near_duplicates.packing import Array

_KEY_1 = Column("url_key_1", pa.int64(), "first 63 bits of a hash of the canonical URL")
_KEY_2 = Column("url_key_2", pa.int64(), "63 more of them")
_AGE = Column("capture_age", pa.int64(), "microseconds since the epoch, negative: newer captures come first")
_LACK = Column("capture_lack", pa.int64(), "bytes of the body, negative: of one time, the longest comes first")
_CAPTURE = (_KEY_1, _KEY_2, _AGE, _LACK, DOC)
_LAST = np.iinfo(np.int64).max


class DedupUrlParams(AgainstParams):
    """Parameters of dedup_url."""

    keep: Literal["newest"] = "newest"
    """Which capture stays: the newest; of equals the longest body, then the highest doc_id."""


def measure_captures(rows: BatchStream, _: Params | None, __: FittedTables) -> BatchStream:
    """Add the URL's key and what the order of captures goes by."""
    from pipeline.kernels.text.hashing import hash_strings

    for batch in rows:
        keys = hash_strings(batch.column(URL.name))
        sizes = batch.column(BODY_BYTES.name) if BODY_BYTES.name in batch.schema.names else pa.nulls(batch.num_rows)
        added = {
            _KEY_1: pa.array(keys[:, 0]),
            _KEY_2: pa.array(keys[:, 1]),
            _AGE: _descending(batch.column(FETCH_TIME.name)),
            _LACK: _descending(sizes),
            DOC: pa.array(-1 - doc_numbers(batch.column(DOC_ID.name))),
        }
        yield with_columns(batch, added)


def _descending(column: pa.Array) -> pa.Array:
    return pc.fill_null(pc.negate(column.cast(pa.int64())), _LAST)


def read_captures(tables: MeasuredParts, part: int) -> "Iterator[list[Array]]":
    """Yield a part's keys, order and ids."""
    names = [column.name for column in _CAPTURE]
    batches = ((row_ids(part, rows), batch) for rows, batch in tables.batches(part, names))
    columns = ([*(batch.column(name).to_numpy() for name in names), ids] for ids, batch in batches)
    return pooled(columns, DOCUMENTS_AT_ONCE)


def fit_dedup_url(context: FitContext, params: DedupUrlParams) -> None:
    """Find the survivor of each URL from keys alone and drop the captures that are older."""
    from pyspark.sql import functions as F  # noqa: N812

    spark = context.spark
    reads = (URL, FETCH_TIME, DOC_ID, BODY_BYTES)
    context.compares_by(measure_captures, *FILED_BY)
    levels = earlier_levels(params.against, context.step.name)
    for level in levels:
        level.require(context, {})
    context.measure("captures", measure_captures, _CAPTURE, reads)
    columns = (*_CAPTURE, *(OLD if levels else NAMES))
    tables = measured_parts(levels, "captures", context.cells(*columns), columns)
    shared = share(spark, tables)
    earlier = indexes(levels, "urls", holds_rows=True)
    buckets = max([buckets_for(context.rows, spark), *(index.buckets for index in earlier)])
    captures = link_copies(spark, shared, read_captures, len(_CAPTURE) + 1, buckets, earlier)
    urls = context.save_by_bucket("urls", captures, bucket_names(buckets))
    groups = PartGroups.of(len(tables.parts), context.rows, spark)
    older = context.save_rows("older", resolve_copies(links_of(urls))).frame()
    context.save_cells("captures_counted", count_copies(older, tables, {CAPTURES: F.col("exact")}), (CAPTURES,))
    context.drop(_drops(name_survivors(older, shared, groups)))
    if levels:
        names = [superseded_name(part.run, part.name) for part in tables.parts[: tables.first_new]]
        old = context.save_by_bucket(SUPERSEDED, list_superseded(urls, shared, groups), names)
        context.note(superseded=old.count())


def _drops(named: "DataFrame") -> "DataFrame":
    from pyspark.sql import functions as F  # noqa: N812

    nothing = F.lit(None).cast("double")
    return named.select(
        PART.name,
        ROW,
        F.lit("dedup_url").alias("stage"),
        F.lit("newer_capture").alias("reason"),
        nothing.alias("value"),
        nothing.alias("limit"),
        "survivor_record_id",
        "survivor_url",
        "survivor_run",
        nothing.alias("similarity"),
    )


def report_urls(notes: Mapping[str, Any]) -> Iterator[str]:
    """Yield what there is to say of earlier runs' captures."""
    if "superseded" in notes:
        yield f"{notes['superseded']:,} captures of earlier runs are superseded by newer ones"


@stage(
    needs=(DOC_ID, RECORD_ID, URL, FETCH_TIME, WARC_FILE, WARC_OFFSET),
    uses=(BODY_BYTES,),
    adds=(CAPTURES,),
    fit=fit_dedup_url,
    decides=False,
    publishes=(SUPERSEDED,),
    report=report_urls,
    version=2,
)
def dedup_url(docs: "DataFrame", params: DedupUrlParams) -> "DataFrame":  # noqa: ARG001
    """Keep the most recent capture of each canonical URL."""
    return docs
