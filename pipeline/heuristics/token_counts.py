"""Tokens of documents, counted one document at a time, and what they add up to by language."""

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.engine.stage import Params
from pipeline.engine.tables import FittedTables
from pipeline.errors import ConfigError, near_miss
from pipeline.kernels.text.prose import prose_of
from schemas.columns import LANGUAGE, SPANS, TEXT, Column

if TYPE_CHECKING:
    from pipeline.kernels.tokens.divergence import TokenCounts

Array = np.ndarray[Any, np.dtype[Any]]

N_TOKENS = Column("n_tokens", pa.int32(), "tokens of the prose")
PROSE_CHARS = Column("prose_chars", pa.int32(), "code points of the prose")
TOKEN_IDS = Column("token_ids", pa.list_(pa.int32()), "distinct tokens of the prose")
TOKEN_COUNTS = Column("token_counts", pa.list_(pa.int32()), "how often each occurs")
RATE = Column("rate", pa.int32(), "bin of the document's tokens a character")
_RATE_BINS = 400
"""Bins of tokens a character to one."""
TOKEN = Column("token", pa.int32(), "a token of the vocabulary")
COUNT = Column("count", pa.int64(), "how often it occurs")
LABEL = Column("language", pa.string(), "language of the documents; und for those without")


class TokenizerParams(Params):
    """What counts of tokens depend on."""

    tokenizer: str = "tekken"
    """The tokenizer, as in `mix.tokenizer`."""
    tokenizer_digest: str | None = None
    """Hash of its file."""


def count_document_tokens(rows: BatchStream, params: TokenizerParams, _: FittedTables) -> BatchStream:
    """Add the tokens of each document's prose."""
    from classifiers.tokenizers import load_encoder
    from pipeline.kernels.tokens.divergence import count_tokens

    encoder = load_encoder(params.tokenizer, params.tokenizer_digest)
    for batch in rows:
        texts = prose_of(batch.column(TEXT.name), batch.column(SPANS.name))
        tokens = encoder.tokens(texts)
        counted = count_tokens(tokens.offsets, tokens.ids)
        offsets = pa.array(counted.offsets, pa.int32())
        numbers, chars = np.diff(tokens.offsets), np.array([len(text) for text in texts], np.int64)
        yield with_columns(
            batch,
            {
                N_TOKENS: pa.array(numbers, pa.int32()),
                PROSE_CHARS: pa.array(chars, pa.int32()),
                RATE: pa.array(numbers * _RATE_BINS // np.maximum(chars, 1), pa.int32()),
                TOKEN_IDS: pa.ListArray.from_arrays(offsets, counted.ids),
                TOKEN_COUNTS: pa.ListArray.from_arrays(offsets, counted.counts),
            },
        )


def labels_of(batch: pa.RecordBatch) -> Array:
    """Return the languages of documents; `und` for those without."""
    return np.array(pc.fill_null(batch.column(LANGUAGE.name), "und").to_pylist(), object)


def add_up(batches: Iterable[pa.RecordBatch]) -> BatchStream:
    """Yield the tokens of documents added up by language: rows of LABEL, TOKEN and COUNT."""
    sums: dict[str, Array] = {}
    for batch in batches:
        labels = labels_of(batch)
        for language in sorted(set(labels.tolist())):
            documents = batch.filter(pa.array(labels == language))
            ids, counts = (documents.column(column.name).flatten().to_numpy() for column in (TOKEN_IDS, TOKEN_COUNTS))
            before = sums.get(language, np.zeros(0, np.int64))
            sums[language] = np.zeros(max(len(before), int(ids.max(initial=-1)) + 1), np.int64)
            sums[language][: len(before)] = before
            np.add.at(sums[language], ids, counts)
    for language, total in sorted(sums.items()):
        tokens = np.flatnonzero(total)
        columns = [pa.array([language] * len(tokens)), pa.array(tokens, TOKEN.type), pa.array(total[tokens])]
        yield pa.record_batch(columns, names=[LABEL.name, TOKEN.name, COUNT.name])


def token_counts_of(rows: pa.RecordBatch) -> "TokenCounts":
    """Return the counted tokens of documents as arrays."""
    from pipeline.kernels.tokens.divergence import TokenCounts

    ids, counts = rows.column(TOKEN_IDS.name), rows.column(TOKEN_COUNTS.name)
    lengths = pc.fill_null(pc.list_value_length(ids), 0).to_numpy(zero_copy_only=False)
    offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    return TokenCounts(offsets, *(column.flatten().to_numpy().astype(np.int32) for column in (ids, counts)))


class Distribution:
    """Logarithms of a corpus's shares of tokens by language; those of the last languages asked for are held."""

    def __init__(self, table: pa.Table, vocabulary: int) -> None:
        self._table = table
        self._vocabulary = vocabulary
        self._languages = set(pc.unique(table[LABEL.name]).to_pylist())
        self.logs = lru_cache(maxsize=16)(self._logs)

    def _logs(self, language: str) -> Any:
        from pipeline.kernels.tokens.divergence import log_shares

        if language not in self._languages:
            return None
        rows = self._table.filter(pc.equal(self._table[LABEL.name], language))
        return log_shares(rows[TOKEN.name].to_numpy(), rows[COUNT.name].to_numpy(), self._vocabulary)


def named_tokenizer_digest(parameter: str, name: str) -> str:
    """Return the hash of the tokenizer that a parameter names.

    Raises:
        ConfigError: There is no such tokenizer, with the near miss.
    """
    from classifiers.tokenizers import TokenizerError, tokenizer_digest

    try:
        return tokenizer_digest(name)
    except TokenizerError as error:
        raise ConfigError(f"{parameter}: {error}{near_miss(name, ['tekken', 'cl100k_base'])}") from error
