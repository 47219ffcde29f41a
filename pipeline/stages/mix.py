"""mix: the largest corpus that meets the mixture's shares of tokens, drawn by hash."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pyarrow as pa
from pydantic import Field, field_validator

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.classification.tokens import COUNTED_BY, count_text_tokens, counted_already
from pipeline.engine.fitting import FitContext
from pipeline.engine.stage import Drawn, Params, stage
from pipeline.engine.tables import FittedTables, TableReader
from pipeline.heuristics.token_counts import TokenizerParams, named_tokenizer_digest
from pipeline.kernels.tokens.mixture import (
    DRAW_BITS,
    SLOT_BITS,
    SLOTS,
    Budget,
    budgets,
    corpus_size,
    draws,
    slot_of_cut,
)
from pipeline.rows.reasons import dropped, first_reason
from pipeline.spark.frames import frame_of
from schemas.columns import (
    CATEGORY,
    DOC_ID,
    EPOCHS,
    SPANS,
    TEXT,
    TEXT_BYTES,
    TOKENS,
    WARC_FILE,
    WARC_OFFSET,
    Column,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

LLAMA3_WEIGHTS = {"general": 0.50, "math": 0.25, "code": 0.17, "multilingual": 0.08}
"""Shares of tokens in Llama 3's final mix (section 3.1.2)."""
DRAW = Column("draw", pa.int64(), f"{DRAW_BITS}-bit number by which the document is drawn")
_CUTS = (
    "category string, available long, epochs int, remainder long, limited_by string,"
    " cut_draw long, cut_doc string, cut_file string, cut_offset long"
)


class DrawParams(Params):
    """What the draws depend on."""

    seed: int = 0
    """Another seed draws other documents."""


class MixParams(DrawParams):
    """Parameters of mix."""

    tokenizer: str = "tekken"
    """`tekken`, a Hugging Face tokenizer.json or its folder, a .tiktoken file, or a cached tiktoken encoding."""
    tokenizer_digest: str | None = None
    """Hash of the tokenizer's file; the run fills it in, so that another file under the same name counts anew."""
    weights: dict[str, float] = LLAMA3_WEIGHTS
    """category → share of tokens."""
    max_epochs: float = Field(4.0, gt=0)
    """Times a document may stand in the release; above four, repeats teach little (Muennighoff et al. 2023)."""
    target_tokens: int | None = Field(None, ge=1)
    """Tokens of the release; null for as many as there are, repeated only where the shares ask for it."""
    shard_bytes: int = Field(512 << 20, ge=1 << 10)
    """Bytes of text (UTF-8, before compression) a shard."""

    def resolved(self) -> Self:
        """Return the parameters with the hash of the tokenizer's file."""
        known_by = named_tokenizer_digest("mix.tokenizer", self.tokenizer)
        return self.model_copy(update={"tokenizer_digest": known_by})

    @field_validator("weights")
    @classmethod
    def _positive(cls, weights: dict[str, float]) -> dict[str, float]:
        if not weights or min(weights.values()) < 0 or sum(weights.values()) <= 0:
            raise ValueError("weights must not be negative, and one must be positive")
        return weights


def draw(rows: BatchStream, params: DrawParams, _: FittedTables) -> BatchStream:
    """Add the number by which each document is drawn."""
    for batch in rows:
        yield with_columns(batch, {DRAW: pa.array(draws(batch.column(DOC_ID.name).to_pylist(), params.seed))})


def fit_mix(context: FitContext, params: MixParams) -> None:
    """Count the tokens, where no stage has, and find where each category's budget ends."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    if not counted_already(context, params.tokenizer_digest):
        tokenizer = TokenizerParams(tokenizer=params.tokenizer, tokenizer_digest=params.tokenizer_digest)
        context.measure("tokens", count_text_tokens, (TOKENS, TEXT_BYTES), (TEXT,), tokenizer)
    context.measure("draws", draw, (DRAW,), (DOC_ID,), DrawParams(seed=params.seed))
    counted = context.frame(DOC_ID, CATEGORY, WARC_FILE, WARC_OFFSET, TOKENS, TEXT_BYTES, DRAW)
    slot = F.shiftright(DRAW.name, DRAW_BITS - SLOT_BITS)
    by_slot = counted.where(F.col(CATEGORY.name).isNotNull()).groupBy(CATEGORY.name, slot.alias("slot"))
    sums = (F.sum(TOKENS.name).alias("tokens"), F.sum(TEXT_BYTES.name).alias("bytes"), F.count("*").alias("documents"))
    context.save_small("slots", by_slot.agg(*sums), decides=False)
    slots = _tokens_by_slot(context.table("slots"))
    available = {category: int(tokens.sum()) for category, tokens in slots.items()}
    size, limit = corpus_size(available, params.weights, params.max_epochs, params.target_tokens)
    cuts = [
        (category, available[category], budget.epochs, budget.remainder, limit, *_cut(counted, category, slots, budget))
        for category, budget in budgets(available, params.weights, size).items()
    ]
    context.save_small("cuts", frame_of(context.spark, cuts, _CUTS))


def _tokens_by_slot(table: pa.Table) -> dict[str, Any]:
    by_category: dict[str, Any] = {}
    for category, slot, tokens in zip(
        *(table[name].to_pylist() for name in ("category", "slot", "tokens")), strict=True
    ):
        by_category.setdefault(category, np.zeros(SLOTS, np.int64))[slot] = tokens
    return by_category


def _cut(counted: "DataFrame", category: str, slots: dict[str, Any], budget: Budget) -> tuple[int, str, str, int]:
    """Return the last document, by (draw, doc_id, file, offset), with which a budget is met most closely."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    slot, left = slot_of_cut(slots[category], budget.remainder)
    low, high = slot << (DRAW_BITS - SLOT_BITS), (slot + 1) << (DRAW_BITS - SLOT_BITS)
    inside = (F.col(CATEGORY.name) == category) & F.col(DRAW.name).between(low, high - 1)
    order = (DRAW.name, DOC_ID.name, WARC_FILE.name, WARC_OFFSET.name)
    rows = sorted(tuple(row) for row in counted.where(inside).select(*order, TOKENS.name).collect())
    last = (low - 1, "", "", 0)
    for draw, doc_id, file, offset, tokens in rows:
        if tokens - left >= left:  # to go past the budget would miss it by more than to stop here
            break
        left -= tokens
        last = (draw, doc_id, file, offset)
        if left <= 0:
            break
    return last


def draw_epochs(rows: BatchStream, _: MixParams, fitted: FittedTables) -> BatchStream:
    """Add how many times each document stands in the release."""
    cuts = {cut["category"]: cut for cut in fitted.table("cuts").to_pylist()}
    for batch in rows:
        yield with_columns(batch, {EPOCHS: pa.array(_epochs(batch, batch.column(DRAW.name).to_numpy(), cuts))})


def _epochs(batch: pa.RecordBatch, drawn: Any, cuts: dict[str, Any]) -> Any:
    categories = batch.column(CATEGORY.name).to_pylist()
    doc_ids, files, offsets = (batch.column(c.name).to_pylist() for c in (DOC_ID, WARC_FILE, WARC_OFFSET))
    epochs = np.zeros(batch.num_rows, np.int32)
    for number, category in enumerate(categories):
        cut = cuts.get(category)
        if cut is not None:
            document = (int(drawn[number]), doc_ids[number], files[number], offsets[number])
            last = (cut["cut_draw"], cut["cut_doc"], cut["cut_file"], cut["cut_offset"])
            epochs[number] = cut["epochs"] + (document <= last)
    return epochs


def drawn_by(params: Mapping[str, Any], fitted: TableReader) -> Drawn:
    """Return how a committed mix is to be released."""
    limits = fitted.table("cuts")["limited_by"].to_pylist()
    return Drawn(params["weights"], int(params["shard_bytes"]), int(params["seed"]), limits[0] if limits else None)


@stage(
    needs=(DOC_ID, TEXT, CATEGORY, WARC_FILE, WARC_OFFSET),
    adds=(TOKENS, EPOCHS, TEXT_BYTES),
    drops_columns=(TEXT, SPANS),
    measure=draw_epochs,
    measure_reads=(DOC_ID, CATEGORY, WARC_FILE, WARC_OFFSET, DRAW),
    fit=fit_mix,
    uses=(TOKENS, TEXT_BYTES),
    listens_to=(COUNTED_BY,),
    decides_by=(CATEGORY,),
    release=drawn_by,
)
def mix(docs: "DataFrame", params: MixParams) -> "DataFrame":
    """Drop what the mixture has no room for."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    category = F.col(CATEGORY.name)
    weighed = [name for name, weight in params.weights.items() if weight > 0]
    left_out = F.col(EPOCHS.name) == 0
    return first_reason(
        docs,
        F.when(left_out & category.isNull(), dropped("mix", "no_category")),
        F.when(left_out & ~category.isin(weighed), dropped("mix", "zero_weight")),
        F.when(left_out, dropped("mix", "over_budget")),
    )
