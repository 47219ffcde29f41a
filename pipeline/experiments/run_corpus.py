"""Cells, samples and held-out texts of a run, read with Spark from the table that the mix reads."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.errors import ConfigError, ManifestError, near_miss
from pipeline.experiments.corpus import REST, Cell, Corpus, Sample, Target, held_out, merged_names
from pipeline.experiments.target_files import kept
from pipeline.kernels.urls.addresses import registered_domain
from pipeline.runs.run import Run
from pipeline.runs.table import Table
from pipeline.spark.cells import cells_frame
from schemas.columns import CATEGORY, DOC_ID, HOST, LANGUAGE, QUALITY_BUCKET, TEXT, TEXT_BYTES, TOKENS, TOPIC, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

BY = ("category", "topic", "quality")
_DRAW, _RAW, _DOMAIN = "__draw", "__raw", "__domain"
_DRAW_BITS = 53
_MOST_DOMAINS = 4000
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
    """

    by: tuple[str, ...] = ("category",)
    quality: tuple[int, ...] = (0, 10, 15)
    seed: int = 0
    sample_tokens: int = 5_000_000
    all_tokens: int = 50_000_000
    least_tokens: int = 100_000
    dev_bytes: int = 200_000
    target_tokens: int | None = None


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
    is_mixed = tables[-1].stage == "mix"
    if is_mixed and len(tables) == 1:
        raise ManifestError(f"{path}: nothing comes before its mix")
    table = tables[-2] if is_mixed else tables[-1]
    have = {column.name for column in table.columns}
    for column, by in ((CATEGORY, "route"), (TEXT, "extract"), (TOKENS, "quality"), (TEXT_BYTES, "quality")):
        if column.name not in have:
            raise ConfigError(f"{path}: the table of '{table.stage}' has no '{column.name}': a run with '{by}' has")
    return table, tables[-1].manifest.params if is_mixed else {}


def read_corpus(spark: "SparkSession", path: str, wanted: Wanted, given: Sequence[Target] = ()) -> Corpus:
    """Return what experiments need of a run; the driver holds the samples and nothing else of the texts.

    Args:
        spark: The session.
        path: The run directory.
        wanted: What to read.
        given: Targets of the user's own; without any, registered domains are held out for two targets a category.

    Raises:
        ConfigError: The run lacks what is needed.
    """
    table, mixed = table_before_mix(path)
    _require(table, wanted, path)
    slim = _frame(spark, table, wanted, ()).cache()
    try:
        sums, notes = _sums(slim, wanted)
        held = {} if given else held_out(_domains(slim, wanted.seed), _dev_tokens(wanted, sums))
        chosen = {domain for domains in held.values() for domain in domains}
        samples, texts = _texts(_frame(spark, table, wanted, (TEXT,)), wanted, sums, chosen)
    finally:
        slim.unpersist()
    targets = tuple(given) or tuple(_held_targets(held, texts, wanted.dev_bytes))
    if not targets:
        raise ConfigError(
            f"{path}: no category has two registered domains of a tenth of its tokens at most: name texts with --targets"
        )
    lacking = sorted({name.partition("/")[0] for name in sums} - {target.name.rpartition("-")[0] for target in targets})
    if lacking and not given:
        notes.append(f"no target stands for {', '.join(lacking)}: too few registered domains to hold some out")
    cells = tuple(_cell(name, row) for name, row in sorted(sums.items()))
    total = wanted.target_tokens or mixed.get("target_tokens") or sum(cell.tokens for cell in cells)
    epochs, tokenizer = float(mixed.get("max_epochs", 4.0)), str(mixed.get("tokenizer", "tekken"))
    return Corpus(cells, samples, targets, int(total), epochs, tokenizer, tuple(notes))


def _require(table: Table, wanted: Wanted, path: str) -> None:
    have = {column.name for column in table.columns}
    for name, column in (("topic", TOPIC), ("quality", QUALITY_BUCKET)):
        if name in wanted.by and column.name not in have:
            raise ConfigError(f"{path} has no '{column.name}': run the stage '{name}' first, or say --cells category")


def _frame(spark: "SparkSession", table: Table, wanted: Wanted, more: Sequence[Column]) -> "DataFrame":
    """Return the documents that have a category, with their raw cell, their draw and their registered domain."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    columns = [DOC_ID, CATEGORY, TOKENS, TEXT_BYTES, *more]
    have = {column.name for column in table.columns}
    optional = [column for column in (HOST, LANGUAGE, TOPIC, QUALITY_BUCKET) if column.name in have]
    rows = cells_frame(spark, table.cells([c.name for c in (*columns, *optional)]), [*columns, *optional])
    for column in (HOST, LANGUAGE, TOPIC):
        if column.name not in have:
            rows = rows.withColumn(column.name, F.lit(None).cast("string"))
    rows = rows.where(F.col(CATEGORY.name).isNotNull() & (F.col(TOKENS.name) > 0))
    draw = F.shiftrightunsigned(F.xxhash64(F.lit(wanted.seed), DOC_ID.name), 64 - _DRAW_BITS).alias(_DRAW)
    domain = F.udf(_domain, "string")(F.col(HOST.name), F.col(DOC_ID.name)).alias(_DOMAIN)
    kept_columns = (DOC_ID.name, CATEGORY.name, TOKENS.name, TEXT_BYTES.name, *(column.name for column in more))
    return rows.select(*kept_columns, draw, domain, _raw_cell(wanted).alias(_RAW))


def _domain(host: str | None, doc_id: str) -> str:
    return registered_domain(host) if host else doc_id


def _raw_cell(wanted: Wanted) -> Any:
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

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


def _sums(slim: "DataFrame", wanted: Wanted) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Return cell → its sums, with the raw cells that it consists of, and notes."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    key = F.xxhash64(DOC_ID.name)
    rows = slim.groupBy(_RAW).agg(
        F.sum(TOKENS.name).alias("tokens"),
        F.sum(TEXT_BYTES.name).alias("bytes"),
        F.count("*").alias("documents"),
        F.sum(key.cast("decimal(20,0)")).alias("sum"),
        F.bit_xor(F.xxhash64(F.lit("gristmill"), DOC_ID.name)).alias("xor"),
    )
    raw = {row[_RAW]: row.asDict() for row in rows.collect()}
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


def _cell(name: str, sums: Mapping[str, Any]) -> Cell:
    content = json.dumps([sums["documents"], sums["tokens"], sums["bytes"], str(sums["sum"]), sums["xor"]])
    digest = hashlib.sha256(content.encode()).hexdigest()[:16]
    return Cell(name, sums["tokens"], sums["bytes"], sums["documents"], digest)


def _dev_tokens(wanted: Wanted, sums: Mapping[str, Mapping[str, Any]]) -> int:
    tokens, size = (sum(row[unit] for row in sums.values()) for unit in ("tokens", "bytes"))
    return int(2 * wanted.dev_bytes * tokens / max(size, 1)) + 1


def _domains(slim: "DataFrame", seed: int) -> list[tuple[str, str, int]]:
    """Return (category, domain, tokens) of domains in the order of their hashes: all, or a few thousand of many."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    order = F.shiftrightunsigned(F.xxhash64(F.lit(seed), F.col(_DOMAIN)), 1)
    by_domain = slim.groupBy(CATEGORY.name, _DOMAIN).agg(F.sum(TOKENS.name).alias("tokens"))
    by_domain = by_domain.withColumn("order", order)
    counts = {row[0]: row[1] for row in by_domain.groupBy(CATEGORY.name).count().collect()}
    most = {category: min(1.0, _MOST_DOMAINS / count) for category, count in counts.items()}
    below = F.lit(False)  # noqa: FBT003
    for category, share in most.items():
        below = below | ((F.col(CATEGORY.name) == category) & (F.col("order") <= int(share * (2**63 - 1))))
    rows = by_domain.where(below).orderBy("order", CATEGORY.name, _DOMAIN).collect()
    return [(row[CATEGORY.name], row[_DOMAIN], int(row["tokens"])) for row in rows]


def _texts(
    rows: "DataFrame", wanted: Wanted, sums: Mapping[str, Mapping[str, Any]], held: set[str]
) -> tuple[dict[str, Sample], list[tuple[str, str, str]]]:
    """Return cell → its sample, and (category, domain, text) of what is held out, both in the order of the draws."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    each = min(wanted.sample_tokens, wanted.all_tokens // max(len(sums), 1))
    cell, drawn = F.lit(None).cast("string"), F.lit(False)  # noqa: FBT003
    for name, row in sums.items():
        cut = min(2**_DRAW_BITS, int(2**_DRAW_BITS * 1.1 * each / row["tokens"]) + 1)
        inside = F.col(_RAW).isin(*row["raw"])
        cell = F.when(inside, name).otherwise(cell)
        drawn = drawn | (inside & (F.col(_DRAW) < cut))
    is_held = F.col(_DOMAIN).isin(*sorted(held)) if held else F.lit(False)  # noqa: FBT003
    columns = (cell.alias("cell"), is_held.alias("held"), CATEGORY.name, _DOMAIN, _DRAW, DOC_ID.name, TOKENS.name)
    chosen = rows.where(drawn | is_held).select(*columns, TEXT.name)
    texts: list[Any] = sorted(chosen.toLocalIterator(), key=lambda row: (row[_DRAW], row[DOC_ID.name], row[TEXT.name]))
    inside_cells: dict[str, list[Any]] = {name: [] for name in sums}
    left = dict.fromkeys(sums, each)
    for row in texts:
        if not row["held"] and left[row["cell"]] > 0:
            inside_cells[row["cell"]].append(row)
            left[row["cell"]] -= row[TOKENS.name]
    samples = {
        name: Sample(tuple(row[DOC_ID.name] for row in some), tuple(row[TEXT.name] for row in some))
        for name, some in inside_cells.items()
    }
    return samples, [(row[CATEGORY.name], row[_DOMAIN], row[TEXT.name]) for row in texts if row["held"]]


def _held_targets(
    held: Mapping[str, Sequence[str]], texts: Sequence[tuple[str, str, str]], dev_bytes: int
) -> list[Target]:
    targets = []
    for name, domains in held.items():
        category, inside = name.rpartition("-")[0], set(domains)
        own = tuple(text for kind, domain, text in texts if kind == category and domain in inside and text)
        if own:
            targets.append(Target(name, 1.0, kept(own, dev_bytes)))
    return targets
