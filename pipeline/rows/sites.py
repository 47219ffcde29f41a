"""Registered domains of which too many pages are condemned: found in one aggregate, and their pages told so.

A site needs a minimum of pages, and a share of them; what is known of a page travels as a few numbers, never its text.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.engine.stage import dropped
from pipeline.kernels.urls.addresses import registered_domain
from pipeline.rows.verdicts import ROW, VERDICTS
from pipeline.runs import storage
from pipeline.runs.parts import PART_ID, BatchStream
from schemas.columns import DROP_TYPE, Column

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn
    from pyspark.sql import DataFrame, SparkSession

    from pipeline.engine.stage import SideWriter

SITE = Column("site", pa.string(), "registered domain of the page; null where it is not of the web")
_PAGES, _CONDEMNED, _SHARE = "pages", "condemned", "share"


class Limits(NamedTuple):
    """When a site goes as a whole.

    Attributes:
        pages: Condemned pages that it has at least.
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
    names = pa.array([registered_domain(host) for host in coded.dictionary.to_pylist()], pa.string())
    return names.take(coded.indices)


def pages_by_site(spark: "SparkSession", place: str) -> "DataFrame | None":
    """Return numbers of pages by site from those by host, several rows a site; None where there are none.

    Args:
        spark: The session.
        place: Directory of a side table with `host` and `pages`; "" for none.
    """
    files = [storage.join(place, name) for name in storage.names(place) if name.endswith(".parquet")] if place else []
    if not files:
        return None

    def rename(batches: BatchStream) -> BatchStream:
        for batch in batches:
            yield pa.record_batch([sites_of(batch.column("host")), batch.column(_PAGES)], names=[SITE.name, _PAGES])

    hosts = spark.read.schema(f"host string, {_PAGES} long").parquet(*files)
    return hosts.mapInArrow(rename, f"{SITE.name} string, {_PAGES} long")


def save_site_verdicts(
    measured: "DataFrame",
    side: "SideWriter",
    condemned: Any,
    limits: Limits,
    because: tuple[str, str],
    others: "DataFrame | None" = None,
) -> None:
    """Commit which rows go because of their site, and note how many sites and pages these are.

    Args:
        measured: A row a page, with PART_ID, ROW and SITE.
        side: Of the stage that is running.
        condemned: Column that is true for a condemned page.
        limits: When a site goes.
        because: Stage and reason.
        others: `site` and `pages` of condemned pages that are not among the rows any more; several rows a site.
    """
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    counts = measured.where(F.col(SITE.name).isNotNull()).select(
        SITE.name,
        F.lit(1).cast("long").alias(_PAGES),
        F.coalesce(condemned, F.lit(False)).cast("long").alias(_CONDEMNED),  # noqa: FBT003
    )
    if others is not None:
        counts = counts.unionByName(others.select(SITE.name, _PAGES, F.col(_PAGES).alias(_CONDEMNED)))
    total = counts.groupBy(SITE.name).agg(F.sum(_PAGES).alias(_PAGES), F.sum(_CONDEMNED).alias(_CONDEMNED))
    gone = total.withColumn(_SHARE, F.col(_CONDEMNED) / F.col(_PAGES)).where(
        (F.col(_CONDEMNED) >= limits.pages) & (F.col(_SHARE) >= limits.share)
    )
    gone = side.save("sites", gone)
    rows = measured.join(gone.select(SITE.name, _SHARE), on=SITE.name, how="inner")
    verdict = _verdict_columns(because, F.col(_SHARE), F.lit(limits.share))
    verdicts = side.save(VERDICTS, rows.select(PART_ID, ROW.name, *verdict), by_part=True)
    side.note(sites=gone.count(), pages_of_sites=verdicts.count())


def _verdict_columns(because: tuple[str, str], value: "SparkColumn", limit: "SparkColumn") -> "list[SparkColumn]":
    """Return the fields of `drop`, each a column."""
    drop = dropped(because[0], because[1], value, limit)
    return [drop[field.name].alias(field.name) for field in DROP_TYPE]
