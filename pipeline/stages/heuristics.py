"""heuristics: repetition and quality rules over measured signals, by the category of the document.

Signals are measured on the prose alone: what stands in code and math spans has its own laws. A rule compares one
stored signal with one limit, so a limit can be changed without measuring again.
"""

from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
from pydantic import Field

from pipeline.kernels.spans import Span, without_spans
from pipeline.parts import BatchStream, Part
from pipeline.stage import Params, SideTables, dropped, first_reason, stage
from schemas.columns import CATEGORY, LANGUAGE, NO_PROSE, SPANS, TEXT, Column
from schemas.signals import SIGNALS

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn
    from pyspark.sql import DataFrame

SIGNAL_COLUMNS = tuple(
    Column(
        name,
        pa.int32() if signal.counts else pa.float64(),
        f"{signal.definition} ({signal.unit}; {signal.source})",
        None,
    )
    for name, signal in SIGNALS.items()
)


class HeuristicsParams(Params):
    """Limits of the rules, Gopher's (Rae et al. 2021, table A1 and section A.1.1) where not said otherwise."""

    min_words: int = Field(50, ge=0)
    max_words: int = Field(100_000, ge=1)
    min_mean_word_length: float = 3.0
    max_mean_word_length: float = 10.0
    max_hash_ratio: float = 0.1
    max_ellipsis_ratio: float = 0.1
    max_bullet_line_share: float = 0.9
    max_ellipsis_line_share: float = 0.3
    min_alpha_word_share: float = 0.8
    min_stop_words: int = 2
    """Distinct English stop words; asked of English alone."""
    max_dup_line_share: float = 0.30
    max_dup_paragraph_share: float = 0.30
    max_dup_line_char_share: float = 0.20
    max_dup_paragraph_char_share: float = 0.20
    max_top_ngram_char_share: tuple[float, float, float] = (0.20, 0.18, 0.16)
    """Of the most frequent 2-, 3- and 4-gram."""
    max_dup_ngram_char_share: tuple[float, float, float, float, float, float] = (0.15, 0.14, 0.13, 0.12, 0.11, 0.10)
    """Of duplicate 5- to 10-grams."""
    min_words_beside_code: int = Field(5, ge=0)
    """Words of prose that a page of code or math needs; of the other rules only the repeated lines are asked of it."""


class Rule(NamedTuple):
    """A predicate over one signal.

    Attributes:
        name: The drop reason, `source.what`.
        signal: Name of the signal.
        limit: What it is compared with.
        is_least: Whether the limit is the least that passes; else it is the most.
        prose_only: Whether pages of code and math are spared.
        languages: The languages it is asked of; empty for all.
        spaced_only: Whether scripts without spaces are spared: each of their characters counts as a word.
    """

    name: str
    signal: str
    limit: float
    is_least: bool = False
    prose_only: bool = True
    languages: tuple[str, ...] = ()
    spaced_only: bool = False


# Without spaces each character counts as a word; a Korean word is two or three syllables.
_UNSPACED_LANGUAGES = ("zh", "ja", "th", "lo", "km", "my", "bo", "wuu", "yue", "ko")


def rules(params: HeuristicsParams) -> list[Rule]:
    """Return the rules in the order in which the first that fails names the reason."""
    top, duplicate = params.max_top_ngram_char_share, params.max_dup_ngram_char_share
    return [
        Rule("gopher.too_few_words", "n_words", params.min_words, is_least=True),
        Rule("gristmill.code_without_words", "n_words", params.min_words_beside_code, is_least=True, prose_only=False),
        Rule("gopher.too_many_words", "n_words", params.max_words, prose_only=False),
        Rule("gopher.short_words", "mean_word_length", params.min_mean_word_length, is_least=True, spaced_only=True),
        Rule("gopher.long_words", "mean_word_length", params.max_mean_word_length, spaced_only=True),
        Rule("gopher.hash_signs", "symbol_word_ratio_hash", params.max_hash_ratio),
        Rule("gopher.ellipses", "symbol_word_ratio_ellipsis", params.max_ellipsis_ratio),
        Rule("gopher.bullet_lines", "bullet_line_share", params.max_bullet_line_share),
        Rule("gopher.ellipsis_lines", "ellipsis_line_share", params.max_ellipsis_line_share),
        Rule("gopher.few_alphabetic_words", "alpha_word_share", params.min_alpha_word_share, is_least=True),
        Rule("gopher.few_stop_words", "stop_words", params.min_stop_words, is_least=True, languages=("en",)),
        Rule("gopher.duplicate_lines", "dup_line_share", params.max_dup_line_share),
        Rule("gopher.duplicate_paragraphs", "dup_paragraph_share", params.max_dup_paragraph_share),
        Rule("gopher.duplicate_line_chars", "dup_line_char_share", params.max_dup_line_char_share),
        Rule("gopher.duplicate_paragraph_chars", "dup_paragraph_char_share", params.max_dup_paragraph_char_share),
        *(
            Rule(f"gopher.top_{n}gram", f"top_{n}gram_char_share", limit, spaced_only=True)
            for n, limit in zip((2, 3, 4), top, strict=True)
        ),
        *(
            Rule(f"gopher.duplicate_{n}grams", f"dup_{n}gram_char_share", limit)
            for n, limit in zip(range(5, 11), duplicate, strict=True)
        ),
    ]


def measure_heuristics(rows: BatchStream, _: Part, __: HeuristicsParams, ___: SideTables) -> BatchStream:
    """Add all signals of the prose."""
    from pipeline.kernels.signals import measure_signals  # noqa: PLC0415  (numba, which workers alone need)

    for batch in rows:
        signals = measure_signals(pa.array(prose_of(batch), pa.string()))
        measured = [pa.array(signals[column.name], column.type) for column in SIGNAL_COLUMNS]
        names = [*batch.schema.names, *(column.name for column in SIGNAL_COLUMNS)]
        yield pa.record_batch([*batch.columns, *measured], names=names)


def prose_of(batch: pa.RecordBatch) -> list[str]:
    """Return the texts without their code and math."""
    texts, spans = batch.column(TEXT.name).to_pylist(), batch.column(SPANS.name).to_pylist()
    return [
        without_spans(text, [Span(**span) for span in some if span["kind"] in NO_PROSE])
        if text and some
        else text or ""
        for text, some in zip(texts, spans, strict=True)
    ]


def _fails(rule: Rule) -> "SparkColumn":
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    signal = F.col(rule.signal)
    fails = signal < rule.limit if rule.is_least else signal > rule.limit
    if rule.prose_only:
        fails = fails & ~F.coalesce(F.col(CATEGORY.name), F.lit("")).isin("code", "math")
    if rule.languages:
        fails = fails & F.col(LANGUAGE.name).isin(*rule.languages)
    if rule.spaced_only:
        fails = fails & ~F.coalesce(F.col(LANGUAGE.name).isin(*_UNSPACED_LANGUAGES), F.lit(False))  # noqa: FBT003
    return F.when(fails, dropped("heuristics", rule.name, signal.cast("double"), float(rule.limit)))


@stage(
    needs=(TEXT, SPANS, LANGUAGE, CATEGORY),
    measures=SIGNAL_COLUMNS,
    measure=measure_heuristics,
)
def heuristics(docs: "DataFrame", params: HeuristicsParams) -> "DataFrame":
    """Drop a document by the first rule that its signals fail."""
    return first_reason(docs, *(_fails(rule) for rule in rules(params)))
