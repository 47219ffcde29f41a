"""Tokens of documents and of languages: counted document by document, and added up over those that teach.

The distribution of a language is learnt from documents in which a token holds about as many characters as is usual
there, so that scans gone wrong, base64 and other languages, which are cut into many short tokens, do not teach it what
is common.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.hops import with_columns
from pipeline.kernels.prose import prose_of
from pipeline.parts import BatchStream, Part
from pipeline.stage import Params, SideTables
from schemas.columns import LANGUAGE, SPANS, TEXT, Column

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn
    from pyspark.sql import DataFrame

Array = np.ndarray[Any, np.dtype[Any]]

TRUSTED = 0.85
"""Share of a language's documents, those of the fewest tokens a character, that teach its distribution. With 1,000 of
five kinds of planted soup among 5,000 web documents, .75 to .85 told them apart alike; at .9 some of them taught."""
N_TOKENS = Column("n_tokens", pa.int32(), "tokens of the prose")
PROSE_CHARS = Column("prose_chars", pa.int32(), "code points of the prose")
TOKEN_IDS = Column("token_ids", pa.list_(pa.int32()), "distinct tokens of the prose")
TOKEN_COUNTS = Column("token_counts", pa.list_(pa.int32()), "how often each occurs")
_RATE = 400
"""Bins of tokens a character to one."""


class TokenizerParams(Params):
    """What counts of tokens depend on."""

    tokenizer: str = "tekken"
    """The tokenizer, as in `mix.tokenizer`."""
    tokenizer_digest: str | None = None
    """Hash of its file."""


def count_document_tokens(rows: BatchStream, _: Part, params: TokenizerParams, __: SideTables) -> BatchStream:
    """Add the tokens of each document's prose."""
    from classifiers.tokenizers import load_encoder  # noqa: PLC0415  (numba and tokenizers, for workers alone)
    from pipeline.kernels.divergence import count_tokens  # noqa: PLC0415

    encoder = load_encoder(params.tokenizer)
    for batch in rows:
        texts = prose_of(batch.column(TEXT.name), batch.column(SPANS.name))
        tokens = encoder.tokens(texts)
        counted = count_tokens(tokens.offsets, tokens.ids)
        offsets = pa.array(counted.offsets, pa.int32())
        yield with_columns(
            batch,
            {
                N_TOKENS: pa.array(np.diff(tokens.offsets), pa.int32()),
                PROSE_CHARS: pa.array([len(text) for text in texts], pa.int32()),
                TOKEN_IDS: pa.ListArray.from_arrays(offsets, counted.ids),
                TOKEN_COUNTS: pa.ListArray.from_arrays(offsets, counted.counts),
            },
        )


def trusted_rates(counted: "DataFrame", min_documents: int) -> dict[str, int]:
    """Return by language the bin of tokens a character up to which documents teach; of languages with enough."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    rows = counted.where(F.col(N_TOKENS.name) > 0).groupBy(language_name(), token_rate()).count().collect()
    found: dict[str, dict[int, int]] = {}
    for language, rate, count in rows:
        found.setdefault(language, {})[rate] = count
    cuts = {}
    for language, rates in sorted(found.items()):
        bins = sorted(rates)
        below = np.cumsum([rates[one] for one in bins])
        if below[-1] >= min_documents:
            cuts[language] = bins[int(np.searchsorted(below, TRUSTED * below[-1]))]
    return cuts


def language_name() -> "SparkColumn":
    """Return the language of a row; `und` where there is none."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    return F.coalesce(LANGUAGE.name, F.lit("und")).alias("language")


def token_rate() -> "SparkColumn":
    """Return the bin of a document's tokens a character."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    chars = F.greatest(F.col(PROSE_CHARS.name), F.lit(1))
    return F.floor(F.col(N_TOKENS.name) * F.lit(_RATE) / chars).cast("int").alias("rate")


def _trusted(table: pa.RecordBatch, cuts: Mapping[str, int]) -> Array:
    """Tell which documents teach."""
    chars = np.maximum(table.column(PROSE_CHARS.name).to_numpy(), 1)
    rates = np.floor(table.column(N_TOKENS.name).to_numpy().astype(np.int64) * _RATE / chars)
    languages = pc.fill_null(table.column(LANGUAGE.name), "und").to_pylist()
    limits = np.array([cuts.get(language, -1) for language in languages])
    trusted: Array = rates <= limits
    return trusted


def token_distribution(counted: "DataFrame", cuts: Mapping[str, int]) -> "DataFrame":
    """Return the counts of tokens by language, as an aggregate of the documents that teach."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    def add_up(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        sums: dict[str, Array] = {}
        for batch in batches:
            names = np.array(pc.fill_null(batch.column(LANGUAGE.name), "und").to_pylist())
            for language in np.unique(names[_trusted(batch, cuts)]):
                mine = batch.filter(pa.array((names == language) & _trusted(batch, cuts)))
                ids, counts = (mine.column(one.name).flatten().to_numpy() for one in (TOKEN_IDS, TOKEN_COUNTS))
                known = sums.get(language, np.zeros(0, np.int64))
                sums[language] = np.zeros(max(len(known), int(ids.max(initial=-1)) + 1), np.int64)
                sums[language][: len(known)] = known
                np.add.at(sums[language], ids, counts)
        for language, total in sorted(sums.items()):
            tokens = np.flatnonzero(total)
            columns = [pa.array([language] * len(tokens)), pa.array(tokens, pa.int32()), pa.array(total[tokens])]
            yield pa.record_batch(columns, names=["language", "token", "count"])

    some = counted.select(LANGUAGE.name, N_TOKENS.name, PROSE_CHARS.name, TOKEN_IDS.name, TOKEN_COUNTS.name)
    sums = some.mapInArrow(add_up, "language string, token int, count long")
    return sums.groupBy("language", "token").agg(F.sum("count").alias("count"))


class Distribution:
    """Logarithms of a corpus's shares of tokens by language; those of the last languages asked for are held."""

    def __init__(self, table: pa.Table, vocabulary: int) -> None:
        self._table = table
        self._vocabulary = vocabulary
        self._languages = set(pc.unique(table["language"]).to_pylist())
        self.logs = lru_cache(maxsize=16)(self._logs)

    def _logs(self, language: str) -> Any:
        from pipeline.kernels.divergence import log_shares  # noqa: PLC0415

        if language not in self._languages:
            return None
        mine = self._table.filter(pc.equal(self._table["language"], language))
        return log_shares(mine["token"].to_numpy(), mine["count"].to_numpy(), self._vocabulary)
