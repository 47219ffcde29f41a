"""Cells, samples and held-out texts of a run, read with Spark from the table that the mix reads."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipeline.errors import ConfigError
from pipeline.experiments.corpus import Corpus, Sample, Target, held_out
from pipeline.experiments.run_cells import (
    DOMAIN,
    DRAW,
    DRAW_BITS,
    RAW,
    Wanted,
    cell_of,
    cell_sums,
    documents_of,
    require_columns,
    table_before_mix,
)
from pipeline.experiments.swarm import pool_tokens
from pipeline.experiments.target_files import kept
from schemas.columns import CATEGORY, DOC_ID, TEXT, TOKENS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_MOST_DOMAINS = 4000


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
    require_columns(table, wanted, path)
    slim = documents_of(spark, table, wanted, ()).cache()
    try:
        sums, notes = cell_sums(slim, wanted)
        by_category = {} if given else held_out(domains_in_order(slim, wanted.seed), dev_tokens(wanted, sums))
        chosen = {domain for domains in by_category.values() for domain in domains}
        total = int(wanted.target_tokens or mixed.get("target_tokens") or sum(row["tokens"] for row in sums.values()))
        each = min(wanted.sample_tokens, wanted.all_tokens // max(len(sums), 1))
        pools = pool_tokens({name: row["tokens"] for name, row in sums.items()}, total, wanted.proxy_tokens)
        needs = {name: max(each, pool) for name, pool in pools.items()}
        samples, texts = _texts(documents_of(spark, table, wanted, (TEXT,)), needs, sums, chosen)
    finally:
        slim.unpersist()
    targets = tuple(given) or tuple(held_targets(by_category, texts, wanted.dev_bytes))
    if not targets:
        raise ConfigError(
            f"{path}: no category has two registered domains, each of at most a tenth of its tokens: name --targets"
        )
    judged = {target.name.rpartition("-")[0] for target in targets}
    unjudged = tuple(name for name in sorted(sums) if name.partition("/")[0] not in judged and not given)
    if unjudged:
        few = "too few registered domains to hold some out"
        notes.append(f"{', '.join(unjudged)} keep their natural shares: no target stands for them ({few})")
    cells = tuple(cell_of(name, row) for name, row in sorted(sums.items()))
    epochs, tokenizer = float(mixed.get("max_epochs", 4.0)), str(mixed.get("tokenizer", "tekken"))
    return Corpus(cells, samples, targets, total, epochs, tokenizer, tuple(notes), unjudged)


def dev_tokens(wanted: Wanted, sums: Mapping[str, Mapping[str, Any]]) -> int:
    """Return the tokens of a category that two targets need.

    Args:
        wanted: With the bytes of a target.
        sums: Cell → its tokens and bytes, from which follows how many bytes a token has.
    """
    tokens, size = (sum(row[unit] for row in sums.values()) for unit in ("tokens", "bytes"))
    return int(2 * wanted.dev_bytes * tokens / max(size, 1)) + 1


def domains_in_order(slim: "DataFrame", seed: int) -> list[tuple[str, str, int]]:
    """Return (category, domain, tokens) of domains in the order of their hashes: all, or a few thousand of many."""
    from pyspark.sql import functions as F  # noqa: N812

    order = F.shiftrightunsigned(F.xxhash64(F.lit(seed), F.col(DOMAIN)), 64 - DRAW_BITS)
    by_domain = slim.groupBy(CATEGORY.name, DOMAIN).agg(F.sum(TOKENS.name).alias("tokens"))
    by_domain = by_domain.withColumn("order", order)
    counts = {row[0]: row[1] for row in by_domain.groupBy(CATEGORY.name).count().collect()}
    most = {category: min(1.0, _MOST_DOMAINS / count) for category, count in counts.items()}
    below = F.lit(False)  # noqa: FBT003
    for category, share in most.items():
        below = below | ((F.col(CATEGORY.name) == category) & (F.col("order") <= int(share * 2**DRAW_BITS)))
    rows = by_domain.where(below).orderBy("order", CATEGORY.name, DOMAIN).collect()
    return [(row[CATEGORY.name], row[DOMAIN], int(row["tokens"])) for row in rows]


def _texts(
    rows: "DataFrame", needs: Mapping[str, int], sums: Mapping[str, Mapping[str, Any]], held_out: set[str]
) -> tuple[dict[str, Sample], list[tuple[str, str, str]]]:
    """Return cell → its sample, and (category, domain, text) of what is held out, both in the order of the draws."""
    from pyspark.sql import functions as F  # noqa: N812

    cell, drawn = F.lit(None).cast("string"), F.lit(False)  # noqa: FBT003
    for name, row in sums.items():
        cut = min(2**DRAW_BITS, int(2**DRAW_BITS * 1.1 * needs[name] / row["tokens"]) + 1)
        inside = F.col(RAW).isin(*row["raw"])
        cell = F.when(inside, name).otherwise(cell)
        drawn = drawn | (inside & (F.col(DRAW) < cut))
    is_held = F.col(DOMAIN).isin(*sorted(held_out)) if held_out else F.lit(False)  # noqa: FBT003
    columns = (cell.alias("cell"), is_held.alias("held"), CATEGORY.name, DOMAIN, DRAW, DOC_ID.name, TOKENS.name)
    chosen = rows.where(drawn | is_held).select(*columns, TEXT.name)
    texts: list[Any] = sorted(chosen.toLocalIterator(), key=lambda row: (row[DRAW], row[DOC_ID.name], row[TEXT.name]))
    inside_cells: dict[str, list[Any]] = {name: [] for name in sums}
    left = dict(needs)
    for row in texts:
        if not row["held"] and left[row["cell"]] > 0:
            inside_cells[row["cell"]].append(row)
            left[row["cell"]] -= row[TOKENS.name]
    columns_of = (DOC_ID.name, TEXT.name, TOKENS.name)
    samples = {
        name: Sample(*(tuple(row[column] for row in sums_of_cell) for column in columns_of))
        for name, sums_of_cell in inside_cells.items()
    }
    return samples, [(row[CATEGORY.name], row[DOMAIN], row[TEXT.name]) for row in texts if row["held"]]


def held_targets(
    held_out: Mapping[str, Sequence[str]], texts: Sequence[tuple[str, str, str]], dev_bytes: int
) -> list[Target]:
    """Return the targets that have texts.

    Args:
        held_out: Target → its domains.
        texts: (category, domain, text) of documents of these domains, in the order in which they are drawn.
        dev_bytes: Of text of each target, at the most.
    """
    targets = []
    for name, domains in held_out.items():
        category, inside = name.rpartition("-")[0], set(domains)
        own = tuple(text for kind, domain, text in texts if kind == category and domain in inside and text)
        if own:
            targets.append(Target(name, 1.0, kept(own, dev_bytes)))
    return targets
