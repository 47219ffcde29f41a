"""Tokens of whole texts, counted once per run: by whatever stage needs them first, for all that come after it."""

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.engine.stage import Upstream
from pipeline.engine.tables import FittedTables, read_whole
from pipeline.heuristics.token_counts import TokenizerParams
from pipeline.spark.driver_frames import frame_of
from schemas.columns import TEXT, TEXT_BYTES, TOKENS

if TYPE_CHECKING:
    from pipeline.engine.fitting import FitContext

COUNTED_BY = Upstream("quality", "tokenizer")
"""Where a stage leaves the hash of the tokenizer that it counted with."""
_SCHEMA = "tokenizer string"


def count_text_tokens(rows: BatchStream, params: TokenizerParams, _: FittedTables) -> BatchStream:
    """Add the tokens and the bytes of each text."""
    from classifiers.tokenizers import load_encoder

    encoder = load_encoder(params.tokenizer, params.tokenizer_digest)
    for batch in rows:
        texts = batch.column(TEXT.name)
        counted = {
            TOKENS: pa.array(encoder.lengths([text or "" for text in texts.to_pylist()])),
            TEXT_BYTES: pc.binary_length(texts).cast(pa.int64()),
        }
        yield with_columns(batch, counted)


def count_tokens(context: "FitContext", params: TokenizerParams) -> None:
    """Measure the tokens of all documents, and leave by which tokenizer."""
    context.measure("tokens", count_text_tokens, (TOKENS, TEXT_BYTES), (TEXT,), params)
    rows = frame_of(context.spark, [(params.tokenizer_digest,)], _SCHEMA)
    context.save_small(COUNTED_BY.table, rows, decides=False)


def counted_already(context: "FitContext", tokenizer_digest: str | None) -> bool:
    """Tell whether an earlier stage has counted with a tokenizer, known by its hash."""
    files = context.upstream(*COUNTED_BY)
    return bool(files) and read_whole(files)["tokenizer"].to_pylist() == [tokenizer_digest]
