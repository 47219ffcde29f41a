"""Registered domains of which too many pages are flagged: found in one aggregate, and their pages told so.

A site needs a minimum of pages, and a share of them; what is known of a page travels as a few numbers, never its text.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.part_batches import PART
from pipeline.cells.parts import BatchStream
from pipeline.cells.pieces import ROW
from pipeline.engine.saved import files_frame
from pipeline.kernels.urls.addresses import host_of, registered_domain
from pipeline.rows.reasons import dropped
from pipeline.spark.meter import map_batches
from schemas.columns import DROP_TYPE, HOST, URL, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from pipeline.engine.fitting import FitContext

SITE = Column("site", pa.string(), "registered domain of the page; null where it is not of the web")
_PAGES, _FLAGGED, _SHARE = "pages", "flagged", "share"


class Limits(NamedTuple):
    """When a site goes as a whole.

    Attributes:
        pages: Flagged pages that it has at least.
        share: Share of its pages that they are at least.
    """

    pages: int
    share: float


def sites_of(hosts: pa.Array) -> pa.Array:
    """Return the registered domain of each host, null for a null.

    >>> sites_of(pa.array(["www.example.org", None, "docs.example.org"])).to_pylist()
    ['example.org', None, 'example.org']
    """
    coded = pc.dictionary_encode(hosts.cast(pa.string()))
    names = pa.array([_domain(host) for host in coded.dictionary.to_pylist()], pa.string())
    return names.take(coded.indices)


def sites_of_urls(urls: pa.Array) -> pa.Array:
    """Return the registered domain of each address, null where it names no host."""
    return sites_of(pa.array([host_of(url) if url else None for url in urls.to_pylist()], pa.string()))


def document_sites(batch: pa.RecordBatch) -> pa.Array:
    """Return the registered domain of each document, by its host or its address; null where it has neither."""
    if HOST.name in batch.schema.names:
        return sites_of(batch.column(HOST.name))
    if URL.name in batch.schema.names:
        return sites_of_urls(batch.column(URL.name))
    return pa.nulls(batch.num_rows, pa.string())


@lru_cache(maxsize=1 << 17)
def _domain(host: str) -> str:
    """Return the registered domain of a host: 20 µs of work, and hosts come again."""
    return registered_domain(host)


def pages_by_site(spark: "SparkSession", files: Sequence[str]) -> "DataFrame | None":
    """Return numbers of pages by site from those by host, several rows per site; None where there are none.

    Args:
        spark: The session.
        files: Of a small table with `host` and `pages`.
    """
    if not files:
        return None

    def rename(batches: BatchStream) -> BatchStream:
        for batch in batches:
            yield pa.record_batch([sites_of(batch.column("host")), batch.column(_PAGES)], names=[SITE.name, _PAGES])

    hosts = files_frame(spark, files, f"host string, {_PAGES} long")
    return map_batches(hosts, rename, f"{SITE.name} string, {_PAGES} long")


def site_drops(
    measured: "DataFrame",
    context: "FitContext",
    flagged: Any,
    limits: Limits,
    reason: str,
    others: "DataFrame | None" = None,
) -> "DataFrame":
    """Return which rows go because of their site: PART, ROW and the fields of `drop`; note how many sites these are.

    Args:
        measured: A row per page, with PART, ROW and SITE.
        context: Of the stage that is running.
        flagged: Column that is true for a flagged page.
        limits: When a site goes.
        reason: Why.
        others: `site` and `pages` of flagged pages that are not among the rows any more; several rows per site.
    """
    from pyspark.sql import functions as F  # noqa: N812

    counts = measured.where(F.col(SITE.name).isNotNull()).select(
        SITE.name,
        F.lit(1).cast("long").alias(_PAGES),
        F.coalesce(flagged, F.lit(False)).cast("long").alias(_FLAGGED),  # noqa: FBT003
    )
    if others is not None:
        counts = counts.unionByName(others.select(SITE.name, _PAGES, F.col(_PAGES).alias(_FLAGGED)))
    total = counts.groupBy(SITE.name).agg(F.sum(_PAGES).alias(_PAGES), F.sum(_FLAGGED).alias(_FLAGGED))
    flagged_sites = total.withColumn(_SHARE, F.col(_FLAGGED) / F.col(_PAGES)).where(
        (F.col(_FLAGGED) >= limits.pages) & (F.col(_SHARE) >= limits.share)
    )
    saved = context.save_rows("sites", flagged_sites)
    rows = measured.join(saved.frame(SITE.name, _SHARE), on=SITE.name, how="inner")
    drop = dropped(context.step.name, reason, F.col(_SHARE), F.lit(limits.share))
    named = [drop[field.name].alias(field.name) for field in DROP_TYPE]
    drops = context.save_rows("pages_of_sites", rows.select(PART.name, ROW, *named))
    context.note(sites=saved.count(), pages_of_sites=drops.count())
    return drops.frame()


def report_sites(notes: Mapping[str, Any]) -> Iterator[str]:
    """Yield how many sites went as a whole."""
    if notes.get("sites"):
        yield f"{notes['sites']:,} sites dropped as a whole, with {notes['pages_of_sites']:,} pages"
