"""mix: the largest corpus that meets the mixture's shares of tokens, drawn by hash."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, field_validator

from pipeline.engine.stage import Params, SideTables, SideWriter, dropped, first_reason, stage
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
from pipeline.runs.parts import BatchStream, Part
from pipeline.spark.frames import frame_of
from schemas.columns import (
    CATEGORY,
    DOC_ID,
    EPOCHS,
    SPANS,
    TEXT,
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
TEXT_BYTES = Column("text_bytes", pa.int64(), "bytes of the text in UTF-8")


class TokenParams(Params):
    """What the counts and draws depend on."""

    tokenizer: str = "tekken"
    """`tekken`, a Hugging Face tokenizer.json or its folder, a .tiktoken file, or a cached tiktoken encoding."""
    tokenizer_digest: str | None = None
    """Hash of the tokenizer's file; the run fills it in, so that another file under the same name counts anew."""
    seed: int = 0
    """Another seed draws other documents."""


class MixParams(TokenParams):
    """Parameters of mix."""

    weights: dict[str, float] = LLAMA3_WEIGHTS
    """category → share of tokens."""
    max_epochs: float = Field(4.0, gt=0)
    """Times a document may stand in the release; above four, repeats teach little (Muennighoff et al. 2023)."""
    target_tokens: int | None = Field(None, ge=1)
    """Tokens of the release; null for as many as the mixture allows."""
    shard_bytes: int = Field(512 << 20, ge=1 << 10)
    """Bytes of text (UTF-8, before compression) a shard."""

    @field_validator("weights")
    @classmethod
    def _positive(cls, weights: dict[str, float]) -> dict[str, float]:
        if not weights or min(weights.values()) < 0 or sum(weights.values()) <= 0:
            raise ValueError("weights must not be negative, and one must be positive")
        return weights


def count_tokens(rows: BatchStream, _: Part, params: TokenParams, __: SideTables) -> BatchStream:
    """Add tokens, bytes and draw of each document."""
    from classifiers.tokenizers import load_encoder  # noqa: PLC0415  (a second to load, on workers alone)

    encoder = load_encoder(params.tokenizer, params.tokenizer_digest)
    for batch in rows:
        texts = batch.column(TEXT.name)
        counted = batch.append_column(
            TOKENS.name, pa.array(encoder.lengths([text or "" for text in texts.to_pylist()]))
        )
        counted = counted.append_column(TEXT_BYTES.name, pc.binary_length(texts).cast(pa.int64()))
        yield counted.append_column(DRAW.name, pa.array(draws(batch.column(DOC_ID.name).to_pylist(), params.seed)))


def fit_mix(docs: "DataFrame", params: MixParams, side: SideWriter) -> None:  # noqa: ARG001
    """Count the tokens, and find where each category's budget ends."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    settings = TokenParams(tokenizer=params.tokenizer, tokenizer_digest=params.tokenizer_digest, seed=params.seed)
    counted = side.measure("tokens", count_tokens, (TOKENS, TEXT_BYTES, DRAW), (DOC_ID, CATEGORY), settings)
    slot = F.shiftright(DRAW.name, DRAW_BITS - SLOT_BITS)
    by_slot = counted.where(F.col(CATEGORY.name).isNotNull()).groupBy(CATEGORY.name, slot.alias("slot"))
    sums = (F.sum(TOKENS.name).alias("tokens"), F.sum(TEXT_BYTES.name).alias("bytes"), F.count("*").alias("documents"))
    side.save("slots", by_slot.agg(*sums), small=True)
    slots = _tokens_by_slot(side.table("slots"))
    available = {category: int(tokens.sum()) for category, tokens in slots.items()}
    size, limit = corpus_size(available, params.weights, params.max_epochs)
    if params.target_tokens is not None and params.target_tokens < size:
        size, limit = float(params.target_tokens), "target_tokens"
    cuts = [
        (category, available[category], budget.epochs, budget.remainder, limit, *_cut(counted, category, slots, budget))
        for category, budget in budgets(available, params.weights, size).items()
    ]
    side.save("cuts", frame_of(counted.sparkSession, cuts, _CUTS), small=True)


def _tokens_by_slot(table: pa.Table) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for category, slot, tokens in zip(
        *(table[name].to_pylist() for name in ("category", "slot", "tokens")), strict=True
    ):
        found.setdefault(category, np.zeros(SLOTS, np.int64))[slot] = tokens
    return found


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


def draw_epochs(rows: BatchStream, part: Part, _: MixParams, side: SideTables) -> BatchStream:
    """Add tokens, and how many times each document stands in the release."""
    counted = side.slice("tokens", part)
    cuts = {cut["category"]: cut for cut in side.table("cuts").to_pylist()}
    if counted is None:
        return
    counted = counted.sort_by(WARC_OFFSET.name)
    offsets = counted[WARC_OFFSET.name].to_numpy()
    for batch in rows:
        mine = counted.take(pa.array(np.searchsorted(offsets, batch.column(WARC_OFFSET.name).to_numpy())))
        epochs = pa.array(_epochs(batch, mine[DRAW.name].to_numpy(), cuts))
        counted_here = [mine[column.name].combine_chunks() for column in (TOKENS, TEXT_BYTES)]
        names = [*batch.schema.names, TOKENS.name, TEXT_BYTES.name, EPOCHS.name]
        yield pa.record_batch([*batch.columns, *counted_here, epochs], names=names)


def _epochs(batch: pa.RecordBatch, drawn: Any, cuts: dict[str, Any]) -> Any:
    categories = batch.column(CATEGORY.name).to_pylist()
    doc_ids, files, offsets = (batch.column(c.name).to_pylist() for c in (DOC_ID, WARC_FILE, WARC_OFFSET))
    epochs = np.zeros(batch.num_rows, np.int32)
    for number, category in enumerate(categories):
        cut = cuts.get(category)
        if cut is not None:
            mine = (int(drawn[number]), doc_ids[number], files[number], offsets[number])
            last = (cut["cut_draw"], cut["cut_doc"], cut["cut_file"], cut["cut_offset"])
            epochs[number] = cut["epochs"] + (mine <= last)
    return epochs


@stage(
    needs=(DOC_ID, TEXT, CATEGORY, WARC_FILE, WARC_OFFSET),
    measures=(TOKENS, EPOCHS, TEXT_BYTES),
    forgets=(TEXT, SPANS),
    measure=draw_epochs,
    fit=fit_mix,
)
def mix(docs: "DataFrame", params: MixParams) -> "DataFrame":
    """Drop what the mixture has no room for; the release holds the texts, this table what became of them."""
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
