"""The validation split: whole sites, so that no text of the mix is one of its site's other pages."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.engine.stage import Params
from pipeline.engine.tables import FittedTables
from pipeline.mixing.cells import TRAIN, VALIDATION
from pipeline.rows.sites import SITE
from pipeline.spark.driver_frames import frame_of, table_of_frame
from schemas.columns import CATEGORY, SPLIT, TOKENS, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from pipeline.engine.fitting import FitContext

SITE_TOKENS: Final = Column("tokens", pa.int64(), "tokens of the site's documents in the category")
SITES: Final = "validation_sites"
_PER_SITE: Final = "site_tokens"
_AT_MOST: Final = 1.25
"""Times its share that a category's validation split may be, so that one large site does not make it."""
_LOOKED_AT: Final = 20_000
"""Sites that the driver looks at where few are wanted."""


class ValidationParams(Params):
    """Which sites are held out of the mix."""

    share: float = Field(0.005, ge=0, le=0.5)
    """Share of a category's tokens; 0 for no validation split."""
    max_site_share: float = Field(0.1, gt=0, le=1)
    """Share of a category's tokens that a site has at most; a larger one is never held out."""
    min_sites: int = Field(20, ge=1)
    """Sites of a category below which none of it is held out."""


class SplitParams(ValidationParams):
    """What the choice of sites depends on."""

    seed: int = 0


def site_tokens(rows: BatchStream, _: Params | None, __: FittedTables) -> BatchStream:
    """Yield the tokens of a part's documents by category and site: one row each."""
    pending: list[pa.Table] = []
    for batch in rows:
        tokens = batch.column(TOKENS.name).cast(pa.int64())
        columns = [batch.column(CATEGORY.name), batch.column(SITE.name), tokens]
        pending.append(pa.table(columns, names=[CATEGORY.name, SITE.name, SITE_TOKENS.name]))
    if pending:
        every = pa.concat_tables(pending).drop_null()
        added = every.group_by([CATEGORY.name, SITE.name]).aggregate([(SITE_TOKENS.name, "sum")])
        named = added.rename_columns([name.removesuffix("_sum") for name in added.column_names])
        yield from named.select([CATEGORY.name, SITE.name, SITE_TOKENS.name]).combine_chunks().to_batches()


def choose_sites(context: "FitContext", params: SplitParams, categories: Mapping[str, float]) -> None:
    """Save the sites that are held out, and note how much of each category they have.

    Args:
        context: With columns `category`, `site` and `tokens`.
        params: How much is held out.
        categories: Those of the mix, with their weights.
    """
    if params.share == 0:
        context.save_small(SITES, frame_of(context.spark, [], f"{SITE.name} string"))
        return
    per_site = (CATEGORY, SITE, SITE_TOKENS)
    context.measure(_PER_SITE, site_tokens, per_site, (CATEGORY, SITE, TOKENS), by_row=False)
    chosen, notes = _chosen(context.set_frame(_PER_SITE, per_site), params, categories)
    context.save_small(SITES, frame_of(context.spark, [(site,) for site in chosen], f"{SITE.name} string"))
    context.note(validation=notes)


def _chosen(
    sites: "DataFrame", params: SplitParams, categories: Mapping[str, float]
) -> tuple[list[str], dict[str, dict[str, Any]]]:
    from pyspark.sql import functions as F  # noqa: N812

    weighed = [name for name, weight in categories.items() if weight > 0]
    added = sites.where(F.col(CATEGORY.name).isin(weighed)).groupBy(CATEGORY.name, SITE.name)
    by_site = added.agg(F.sum(SITE_TOKENS.name).alias("tokens")).cache()
    totals = {
        row[0]: (int(row[1]), int(row[2]))
        for row in by_site.groupBy(CATEGORY.name).agg(F.sum("tokens"), F.count("*")).collect()
    }
    order = F.xxhash64(SITE.name, F.lit(params.seed)).alias("order")
    each = F.collect_list(F.struct(CATEGORY.name, "tokens")).alias("pieces")
    total = by_site.select(SITE.name).distinct().count()
    most = max(_LOOKED_AT, int(4 * params.share * total))
    first = by_site.groupBy(SITE.name).agg(each).select(SITE.name, order, "pieces").orderBy("order", SITE.name)
    rows = table_of_frame(first.limit(most)).to_pylist()
    by_site.unpersist()
    candidates = [(row[SITE.name], {p[CATEGORY.name]: p["tokens"] for p in row["pieces"]}) for row in rows]
    return hold_out(candidates, totals, params)


def hold_out(
    sites: list[tuple[str, dict[str, int]]], totals: Mapping[str, tuple[int, int]], params: ValidationParams
) -> tuple[list[str], dict[str, dict[str, Any]]]:
    """Return the sites that are held out, sorted, and what is to be said of each category.

    A site is held out as a whole, so it must be small in each category that it has pages of, and none of these may have
    too few sites.

    Args:
        sites: Each with its tokens by category, in the order in which they are looked at.
        totals: category → (tokens, sites).
        params: How much is held out.
    """
    wanted = {name: params.share * tokens for name, (tokens, _) in totals.items()}
    notes: dict[str, dict[str, Any]] = {
        name: {"sites": 0, "tokens": 0, "of_sites": count, "of_tokens": tokens}
        for name, (tokens, count) in totals.items()
    }

    def is_small(pieces: Mapping[str, int]) -> bool:
        return all(
            totals[name][1] >= params.min_sites and tokens <= params.max_site_share * totals[name][0]
            for name, tokens in pieces.items()
        )

    small = [(site, pieces) for site, pieces in sites if is_small(pieces)]
    chosen: dict[str, dict[str, int]] = {}

    def take(site: str, pieces: dict[str, int]) -> None:
        chosen[site] = pieces
        for name, tokens in pieces.items():
            notes[name]["sites"] += 1
            notes[name]["tokens"] += tokens

    for site, pieces in small:
        lacks = any(notes[name]["tokens"] < wanted[name] for name in pieces)
        fits = all(notes[name]["tokens"] + tokens <= _AT_MOST * wanted[name] for name, tokens in pieces.items())
        if lacks and fits:
            take(site, pieces)
    for name in sorted(notes):
        if not notes[name]["tokens"]:  # each site has more than the share: the smallest one will do
            having = [(pieces[name], site, pieces) for site, pieces in small if name in pieces and site not in chosen]
            if having:
                take(*min(having, key=lambda entry: entry[:2])[1:])
    return sorted(chosen), notes


def split_documents(rows: BatchStream, _: Params | None, fitted: FittedTables) -> BatchStream:
    """Add the split that each document is of."""
    held_out = pa.array(fitted.table(SITES)[SITE.name].to_pylist(), pa.string())
    for batch in rows:
        if not len(held_out):
            yield with_columns(batch, {SPLIT: pa.array(np.full(batch.num_rows, TRAIN, object), pa.string())})
            continue
        is_out = pc.fill_null(pc.is_in(batch.column(SITE.name), held_out), False)  # noqa: FBT003
        yield with_columns(batch, {SPLIT: pc.if_else(is_out, VALIDATION, TRAIN)})


def report_validation(notes: Mapping[str, Any]) -> Iterator[str]:
    """Yield how much of each category is held out, and where nothing is."""
    split = notes.get("validation", {})
    said = [
        f"{name} {part['tokens']:,} tokens of {part['sites']:,} sites"
        for name, part in sorted(split.items())
        if part["tokens"]
    ]
    if said:
        yield f"validation: {', '.join(said)}; no page of these sites is in the mix"
    without = [name for name, part in sorted(split.items()) if not part["tokens"]]
    if without:
        yield f"no validation split of {', '.join(without)}: too few sites, or none that is small enough"
