"""mix: the largest corpus that meets the mixture's shares of tokens, drawn by hash, beside a validation split."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.classification.tokens import COUNTED_BY, count_text_tokens, counted_already
from pipeline.engine.fitting import FitContext
from pipeline.engine.stage import Released, stage
from pipeline.engine.tables import FittedTables, TableReader
from pipeline.heuristics.token_counts import TokenizerParams, named_tokenizer_digest
from pipeline.mixing.cells import READS, TRAIN, count_cells, in_training
from pipeline.mixing.drawing import CELL_TABLE, CUT_TABLE, Drawn, Draws, category_weights, draws_reads, fit_draws
from pipeline.mixing.draws import DRAW, TIE, draw_and_name
from pipeline.mixing.params import AllocationParams, DrawParams
from pipeline.mixing.validation import (
    SplitParams,
    ValidationParams,
    choose_sites,
    report_validation,
    split_documents,
)
from pipeline.rows.reasons import dropped, first_reason
from pipeline.rows.sites import SITE
from schemas.columns import (
    CATEGORY,
    COPIES_EXACT,
    COPIES_NEAR,
    DOC_ID,
    EPOCHS,
    HOST,
    LANGUAGE,
    QUALITY_BUCKET,
    QUALITY_PERCENTILE,
    SPANS,
    SPLIT,
    TEXT,
    TEXT_BYTES,
    TOKENS,
    TOPIC,
    URL,
    WARC_FILE,
    WARC_OFFSET,
    WEIGHT,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

LLAMA3_WEIGHTS = {"general": 0.50, "math": 0.25, "code": 0.17, "multilingual": 0.08}
"""Shares of tokens in Llama 3's final mix (section 3.1.2)."""


class MixParams(AllocationParams):
    """Parameters of mix."""

    tokenizer: str = "tekken"
    """`tekken`, a Hugging Face tokenizer.json or its folder, a .tiktoken file, or a cached tiktoken encoding."""
    tokenizer_digest: str | None = None
    """Hash of the tokenizer's file; the run fills it in, so that another file under the same name counts anew."""
    weights: dict[str, float] = LLAMA3_WEIGHTS
    """category → share of tokens; `category/topic` and `multilingual/language` are for some documents of one,
    `category/topic/low-high` for some quality buckets (0 to 19), `*` for every topic that is not named."""
    target_tokens: int | None = Field(None, ge=1)
    """Tokens of the mix; null for as many as there are, repeated only where the shares ask for it."""
    validation: ValidationParams = ValidationParams()
    """The validation split."""
    write: Literal["mix", "all"] = "mix"
    """mix: documents as often as the mix draws them; all: each once, with its weight, for those who mix in their
    loader."""
    shard_bytes: int = Field(512 << 20, ge=1 << 10)
    """Bytes of text (UTF-8, before compression) per shard."""
    write_tokens: Literal["megatron"] | None = None
    """Write the documents' tokens too, in the layout of Megatron-LM's indexed datasets."""
    limits: ClassVar[frozenset[str]] = frozenset({"shard_bytes", "write_tokens"})

    def resolved(self) -> Self:
        """Return the parameters with the hash of the tokenizer's file."""
        known_by = named_tokenizer_digest("mix.tokenizer", self.tokenizer)
        return self.model_copy(update={"tokenizer_digest": known_by})

    @property
    def allocation(self) -> AllocationParams:
        """What the draws depend on."""
        return AllocationParams(**self.model_dump(include=set(AllocationParams.model_fields)))


def fit_mix(context: FitContext, params: MixParams) -> None:
    """Count the tokens, where no stage has, hold sites out, and find where each category's budget ends."""
    if not counted_already(context, params.tokenizer_digest):
        tokenizer = TokenizerParams(tokenizer=params.tokenizer, tokenizer_digest=params.tokenizer_digest)
        context.measure("tokens", count_text_tokens, (TOKENS, TEXT_BYTES), (TEXT,), tokenizer)
    context.measure("drawn_by", draw_and_name, (DRAW, TIE, SITE), (DOC_ID, HOST, URL), DrawParams(seed=params.seed))
    split = SplitParams(**params.validation.model_dump(), seed=params.seed)
    choose_sites(context, split, category_weights(params.weights))
    context.measure("split", split_documents, (SPLIT,), (SITE,), tables=("validation_sites",))
    asked = ("mix.target_tokens", params.target_tokens)
    fit_draws(context, Draws(params.allocation, asked, count_cells, in_training, READS))


def give_epochs(rows: BatchStream, params: MixParams, fitted: FittedTables) -> BatchStream:
    """Add how many times each document stands in the training split, and how often those of its cell do."""
    drawn = Drawn(fitted, params, in_training)
    weighed = pa.array([name for name, weight in category_weights(params.weights).items() if weight > 0], pa.string())
    for batch in rows:
        cells = drawn.cells_of(batch)
        if params.write == "all":
            takes_part = in_training(batch) & pc.is_in(batch.column(CATEGORY.name), weighed).to_numpy(
                zero_copy_only=False
            )
            epochs = takes_part.astype(np.int32)
        else:
            epochs = drawn.epochs(batch, cells)
        yield with_columns(batch, {EPOCHS: pa.array(epochs), WEIGHT: pa.array(drawn.rates_of(cells))})


def released(params: Mapping[str, Any], fitted: TableReader) -> Released:
    """Return how a committed mix is to be released."""
    cuts = fitted.table(CUT_TABLE).to_pylist()
    return Released(
        params=params,
        weights=category_weights(params["weights"]),
        cuts=cuts,
        cells=fitted.table(CELL_TABLE).to_pylist(),
        limited_by=cuts[0]["limited_by"] if cuts else None,
    )


def report_mix(notes: Mapping[str, Any]) -> Iterator[str]:
    """Yield what there is to say of the validation split, and of weights that nothing answers to."""
    for path in notes.get("weights_without_documents", ()):
        if "/" in path:
            yield f"warning: mix.weights: no document belongs to '{path}'; the other weights share its tokens"
    yield from report_validation(notes)


@stage(
    needs=(DOC_ID, TEXT, CATEGORY, WARC_FILE, WARC_OFFSET),
    adds=(TOKENS, TEXT_BYTES, SPLIT, EPOCHS, WEIGHT),
    drops_columns=(TEXT, SPANS),
    measure=give_epochs,
    measure_reads=draws_reads((SPLIT,)),
    fit=fit_mix,
    uses=(
        TOKENS,
        TEXT_BYTES,
        HOST,
        URL,
        LANGUAGE,
        TOPIC,
        QUALITY_BUCKET,
        QUALITY_PERCENTILE,
        COPIES_EXACT,
        COPIES_NEAR,
    ),
    listens_to=(COUNTED_BY,),
    decides_by=(CATEGORY,),
    release=released,
    report=report_mix,
)
def mix(docs: "DataFrame", params: MixParams) -> "DataFrame":
    """Drop what the mixture has no room for."""
    from pyspark.sql import functions as F  # noqa: N812

    category = F.col(CATEGORY.name)
    weighed = [name for name, weight in category_weights(params.weights).items() if weight > 0]
    in_train = F.col(SPLIT.name) == TRAIN
    left_out = (F.col(EPOCHS.name) == 0) & in_train
    return first_reason(
        docs,
        F.when(category.isNull(), dropped("mix", "no_category")),
        F.when(~category.isin(weighed), dropped("mix", "zero_weight")),
        F.when(left_out, dropped("mix", "over_budget")),
    )
