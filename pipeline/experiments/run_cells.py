"""The cells of a run: its documents by category, topic and quality, counted with Spark, with what they are drawn by."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.errors import ConfigError, ManifestError, near_miss
from pipeline.experiments.corpus import REST, Cell, merged_names
from pipeline.kernels.urls.addresses import registered_domain
from pipeline.runs.run import Run
from pipeline.runs.table import Table
from pipeline.spark.cells import cells_frame
from schemas.columns import CATEGORY, DOC_ID, HOST, LANGUAGE, QUALITY_BUCKET, TEXT, TEXT_BYTES, TOKENS, TOPIC, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

BY = ("category", "topic", "quality")
DRAW, RAW, DOMAIN = "__draw", "__raw", "__domain"
DRAW_BITS = 53
_BUCKETS = 20


@dataclass(frozen=True)
class Wanted:
    """What is to be read of a run.

    Attributes:
        by: Columns whose values make cells, `category` first.
        quality: Lower ends of the ranges of quality buckets.
        seed: Of the draws.
        sample_tokens: Of each cell, by the run's tokenizer, at the most.
        all_tokens: Of all samples together, at the most.
        least_tokens: Cells with fewer join their category's rest.
        dev_bytes: Of text of each held-out target, at the most; 0 where targets are given.
        target_tokens: Of the corpus that the mix is for; None for the run's own.
        proxy_tokens: Of the largest proxy, whose pools the samples have to fill; 0 for none.
    """

    by: tuple[str, ...] = ("category",)
    quality: tuple[int, ...] = (0, 10, 15)
    seed: int = 0
    sample_tokens: int = 5_000_000
    all_tokens: int = 50_000_000
    least_tokens: int = 100_000
    dev_bytes: int = 200_000
    target_tokens: int | None = None
    proxy_tokens: int = 0


def parse_by(text: str) -> tuple[str, ...]:
    """Return the columns of `--cells`.

    Raises:
        ConfigError: One does not exist, or `category` is not the first.
    """
    names = tuple(part.strip() for part in text.split(","))
    for name in names:
        if name not in BY:
            raise ConfigError(f"--cells {name}: there are {', '.join(BY)}{near_miss(name, BY)}")
    if names != tuple(name for name in BY if name in names) or names[0] != "category":
        raise ConfigError(f"--cells {text}: expected category, category,topic, category,quality or all three")
    return names


def table_before_mix(path: str) -> tuple[Table, Mapping[str, Any]]:
    """Return the table that a run's mix reads, and the parameters of its mix; the defaults' where none is committed.

    Raises:
        ManifestError: Nothing is committed.
        ConfigError: Its documents have no category, or nobody has counted their tokens.
    """
    run = Run(path)
    tables = run.tables()
    mixed = next((number for number, table in enumerate(tables) if table.stage == "mix"), None)
    if mixed == 0:
        raise ManifestError(f"{path}: nothing comes before its mix")
    table = tables[-1] if mixed is None else tables[mixed - 1]
    have = {column.name for column in table.columns}
    for column, by in ((CATEGORY, "route"), (TEXT, "extract"), (TOKENS, "quality"), (TEXT_BYTES, "quality")):
        if column.name not in have:
            raise ConfigError(f"{path}: the table of '{table.stage}' has no '{column.name}': a run with '{by}' has")
    return table, {} if mixed is None else tables[mixed].manifest.params


def require_columns(table: Table, wanted: Wanted, path: str) -> None:
    """Check that a table has what cells are made of.

    Raises:
        ConfigError: A stage is missing.
    """
    have = {column.name for column in table.columns}
    for name, column in (("topic", TOPIC), ("quality", QUALITY_BUCKET)):
        if name in wanted.by and column.name not in have:
            raise ConfigError(f"{path} has no '{column.name}': run the stage '{name}' first, or say --cells category")


def read_cells_of(spark: "SparkSession", path: str, wanted: Wanted) -> tuple[tuple[Cell, ...], float]:
    """Return the cells of a run, and how many times its mix may repeat a document, without reading texts.

    Raises:
        ConfigError: The run lacks what is needed.
    """
    table, mixed = table_before_mix(path)
    require_columns(table, wanted, path)
    sums, _ = cell_sums(documents_of(spark, table, wanted, ()), wanted)
    return tuple(cell_of(name, row) for name, row in sorted(sums.items())), float(mixed.get("max_epochs", 4.0))


def documents_of(spark: "SparkSession", table: Table, wanted: Wanted, more: Sequence[Column]) -> "DataFrame":
    """Return the documents that have a category, with their raw cell, their draw and their registered domain."""
    from pyspark.sql import functions as F  # noqa: N812

    columns = [DOC_ID, CATEGORY, TOKENS, TEXT_BYTES, *more]
    have = {column.name for column in table.columns}
    optional = [column for column in (HOST, LANGUAGE, TOPIC, QUALITY_BUCKET) if column.name in have]
    rows = cells_frame(spark, table.cells([c.name for c in (*columns, *optional)]), [*columns, *optional])
    for column in (HOST, LANGUAGE, TOPIC):
        if column.name not in have:
            rows = rows.withColumn(column.name, F.lit(None).cast("string"))
    rows = rows.where(F.col(CATEGORY.name).isNotNull() & (F.col(TOKENS.name) > 0))
    draw = F.shiftrightunsigned(F.xxhash64(F.lit(wanted.seed), DOC_ID.name), 64 - DRAW_BITS).alias(DRAW)
    domain = F.udf(_domain, "string")(F.col(HOST.name), F.col(DOC_ID.name)).alias(DOMAIN)
    kept_columns = (DOC_ID.name, CATEGORY.name, TOKENS.name, TEXT_BYTES.name, *(column.name for column in more))
    return rows.select(*kept_columns, draw, domain, _raw_cell(wanted).alias(RAW))


def _domain(host, doc_id):  # type: ignore[no-untyped-def]
    return registered_domain(host) if host else doc_id


def _raw_cell(wanted: Wanted) -> Any:
    from pyspark.sql import functions as F  # noqa: N812

    category = F.col(CATEGORY.name)
    if wanted.by == ("category",):
        return category
    parts, whole = [category], F.lit(1) == 1
    if "topic" in wanted.by:
        kind = F.when(category == "multilingual", F.col(LANGUAGE.name)).otherwise(F.col(TOPIC.name))
        whole = whole & kind.isNotNull()
        parts.append(kind)
    else:
        parts.append(F.lit(REST))
    if "quality" in wanted.by:
        bucket = F.col(QUALITY_BUCKET.name)
        whole = whole & bucket.isNotNull()
        label = F.lit(None).cast("string")
        for low, end in zip(wanted.quality, (*wanted.quality[1:], _BUCKETS), strict=True):
            label = F.when(bucket.between(low, end - 1), f"{low}-{end - 1}").otherwise(label)
        parts.append(label)
    return F.when(whole, F.concat_ws("/", *parts)).otherwise(F.concat_ws("/", category, F.lit(REST)))


def cell_sums(slim: "DataFrame", wanted: Wanted) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Return cell → its sums, with the raw cells that it consists of, and notes."""
    from pyspark.sql import functions as F  # noqa: N812

    key = F.xxhash64(DOC_ID.name)
    rows = slim.groupBy(RAW).agg(
        F.sum(TOKENS.name).alias("tokens"),
        F.sum(TEXT_BYTES.name).alias("bytes"),
        F.count("*").alias("documents"),
        F.sum(key.cast("decimal(20,0)")).alias("sum"),
        F.bit_xor(F.xxhash64(F.lit("gristmill"), DOC_ID.name)).alias("xor"),
    )
    raw = {row[RAW]: row.asDict() for row in rows.collect()}
    names, notes = merged_names({name: int(row["tokens"]) for name, row in raw.items()}, wanted.least_tokens)
    sums: dict[str, dict[str, Any]] = {}
    for source, name in sorted(names.items()):
        row = raw[source]
        cell = sums.setdefault(name, {"tokens": 0, "bytes": 0, "documents": 0, "sum": 0, "xor": 0, "raw": []})
        for count in ("tokens", "bytes", "documents", "sum"):
            cell[count] += int(row[count])
        cell["xor"] ^= int(row["xor"])
        cell["raw"].append(source)
    return sums, notes


def cell_of(name: str, sums: Mapping[str, Any]) -> Cell:
    """Return a cell of some sums, as `cell_sums` gives them."""
    content = json.dumps([sums["documents"], sums["tokens"], sums["bytes"], str(sums["sum"]), sums["xor"]])
    digest = hashlib.sha256(content.encode()).hexdigest()[:16]
    return Cell(name, sums["tokens"], sums["bytes"], sums["documents"], digest)
