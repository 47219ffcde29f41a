"""What a run says of contamination: items found by coverage, the nearest misses, and the hosts."""

from typing import TYPE_CHECKING, Any

from pipeline.decontamination.deciding import limit_column
from pipeline.decontamination.measuring import ITEMS
from pipeline.decontamination.params import DecontaminateParams
from pipeline.engine.fitting import FitContext
from schemas.columns import CONTAMINATION, HOST, URL

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_TENTHS = tuple(range(1, 11))
_SHOWN = 10


def note_matches(context: FitContext, params: DecontaminateParams) -> None:
    """Say in the report what the documents hold of the suites, whatever becomes of them."""
    from pyspark.sql import functions as F  # noqa: N812

    have = {column.name for column in context.before.columns}
    names = [column.name for column in (URL, HOST) if column.name in have]
    frame = context.frame(CONTAMINATION, *names).where(F.col(CONTAMINATION.name).isNotNull())
    host = F.col(HOST.name) if HOST.name in names else F.lit(None).cast("string")
    document = F.monotonically_increasing_id().alias("document")
    exploded = frame.select(document, URL.name, host.alias("host"), F.explode(CONTAMINATION.name).alias("match"))
    limit = limit_column(F.col("match"), params).alias("limit")
    matches = exploded.select("document", URL.name, "host", "match.*", limit).cache()
    try:
        context.note(
            contaminated=_by_suite(context, matches),
            nearest_misses=_nearest_misses(matches),
            hosts=_hosts(matches),
        )
    finally:
        matches.unpersist()


def _by_suite(context: FitContext, matches: "DataFrame") -> list[dict[str, Any]]:
    """Return of each suite the documents that are contaminated, and the share of its items by coverage."""
    from pyspark.sql import functions as F  # noqa: N812

    key = ["suite", "is_training"]
    at_least = [F.sum((F.col("best") >= tenth / 10).cast("int")).alias(f"at_{tenth}") for tenth in _TENTHS]
    items = matches.groupBy(*key, "item").agg(F.max("coverage").alias("best")).groupBy(*key).agg(*at_least)
    reaching = matches.where("coverage >= limit").groupBy(*key).agg(F.count_distinct("document").alias("documents"))
    counted = {(row.suite, row.is_training): row for row in items.collect()}
    documents = {(row.suite, row.is_training): row.documents for row in reaching.collect()}
    read = context.table(ITEMS).group_by(key).aggregate([([], "count_all")]).to_pylist()
    rows = []
    for suite in sorted(read, key=lambda row: (row["suite"], row["is_training"])):
        name = suite["suite"], suite["is_training"]
        there = counted.get(name)
        shares = {
            f".{t}" if t < _TENTHS[-1] else "1": there[f"at_{t}"] / suite["count_all"] if there else 0.0
            for t in _TENTHS
        }
        rows.append({"suite": name[0], "is_training": name[1], "documents": documents.get(name, 0), "shares": shares})
    return rows


def _nearest_misses(matches: "DataFrame") -> list[dict[str, Any]]:
    from pyspark.sql import functions as F  # noqa: N812

    missed = matches.where("coverage < limit")
    order = (F.col("limit") - F.col("coverage"), "suite", "item", URL.name)
    rows = missed.orderBy(*order).limit(_SHOWN).select("suite", "item", "coverage", "limit", URL.name).collect()
    return [row.asDict() for row in rows]


def _hosts(matches: "DataFrame") -> list[dict[str, Any]]:
    from pyspark.sql import functions as F  # noqa: N812

    reaching = matches.where("coverage >= limit and not is_training and host is not null")
    counted = reaching.groupBy("host").agg(F.count_distinct("document").alias("documents"))
    rows = counted.orderBy(F.desc("documents"), "host").limit(_SHOWN).collect()
    return [row.asDict() for row in rows]
