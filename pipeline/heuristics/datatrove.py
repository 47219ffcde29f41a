"""datatrove's filters of English pages as rules over stored signals: Gopher's two, C4's and FineWeb's.

The rules stand in the order in which FineWeb asks them, and the first that fails is the reason that datatrove gives.
FineWeb's filter reads the text that C4's filter leaves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

from pipeline.heuristics.rule import Rule

if TYPE_CHECKING:
    from pipeline.kernels.datatrove.signals import DatatroveSignals

Sign = Annotated[str, Field(min_length=1, max_length=1)]


class DatatroveParams(BaseModel):
    """Limits of datatrove's filters under their names there: its own defaults, but C4's as FineWeb sets it.

    As in datatrove, None or 0 switches a limit of Gopher's off, but for those of n-grams; FineWeb's are always asked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
    measuring: ClassVar[frozenset[str]] = frozenset(
        {
            "c4",
            "split_paragraph",
            "remove_citations",
            "filter_no_terminal_punct",
            "min_words_per_line",
            "max_word_length",
            "filter_javascript",
            "filter_policy",
            "stop_words",
            "stop_chars",
            "short_line_length",
        }
    )
    """Names of parameters on which signals depend; all others are limits of rules."""

    gopher_repetition: bool = True
    """Whether Gopher's rules of repetition are asked."""
    dup_line_frac: float | None = Field(0.3, ge=0)
    dup_para_frac: float | None = Field(0.3, ge=0)
    dup_line_char_frac: float | None = Field(0.2, ge=0)
    dup_para_char_frac: float | None = Field(0.2, ge=0)
    top_n_grams: tuple[tuple[Literal[2, 3, 4], Annotated[float, Field(ge=0)]], ...] = ((2, 0.2), (3, 0.18), (4, 0.16))
    """Pairs of n and the highest share of characters, in the order in which they are asked."""
    dup_n_grams: tuple[tuple[Literal[5, 6, 7, 8, 9, 10], Annotated[float, Field(ge=0)]], ...] = (
        (5, 0.15),
        (6, 0.14),
        (7, 0.13),
        (8, 0.12),
        (9, 0.11),
        (10, 0.10),
    )
    """Pairs of n and the highest share of characters, in the order in which they are asked."""

    gopher_quality: bool = True
    """Whether Gopher's rules of quality are asked."""
    min_doc_words: int | None = Field(50, ge=0)
    max_doc_words: int | None = Field(100_000, ge=0)
    min_avg_word_length: float | None = Field(3, ge=0)
    max_avg_word_length: float | None = Field(10, ge=0)
    max_symbol_word_ratio: float | None = Field(0.1, ge=0)
    """Of # and of ellipses, each by itself."""
    max_bullet_lines_ratio: float | None = Field(0.9, ge=0)
    max_ellipsis_lines_ratio: float | None = Field(0.3, ge=0)
    max_non_alpha_words_ratio: float | None = Field(0.8, ge=0)
    """The least share of words with a letter, whatever the name says; it is datatrove's."""
    min_stop_words: int | None = Field(2, ge=0)
    stop_words: tuple[str, ...] | None = None
    """As they are written in the text; None for Gopher's eight."""

    c4: bool = True
    """Whether C4's filter takes lines out and its rules are asked."""
    split_paragraph: bool = True
    """Whether lines are judged; else sentences."""
    remove_citations: bool = True
    """Whether marks such as [1], [edit] and [citation needed] are taken out."""
    filter_no_terminal_punct: bool = False
    """Whether lines go that do not end in . ? ! or a straight quotation mark, or end in an ellipsis; C4's is true."""
    min_num_sentences: int = Field(5, ge=-1)
    """Sentences of the lines that stay; -1 switches it off."""
    min_words_per_line: int = Field(3, ge=-1)
    max_word_length: int = Field(1000, ge=-1)
    """Lines with a longer word go; -1 switches it off."""
    filter_lorem_ipsum: bool = True
    filter_javascript: bool = True
    filter_curly_bracket: bool = True
    filter_policy: bool = True
    """Whether lines about cookies, privacy and terms of use go."""

    c4_paragraph: bool = False
    """Whether mC4's rule is asked, which FineWeb does not: three lines of some length."""
    min_paragraph_len: int = Field(200, ge=1)

    fineweb_quality: bool = True
    """Whether FineWeb's own rules are asked."""
    line_punct_thr: float = Field(0.12, ge=0, le=1)
    line_punct_exclude_zero: bool = False
    """Whether a page passes of which no line at all ends in terminal punctuation."""
    stop_chars: tuple[Sign, ...] | None = None
    """Signs in which lines may end; None for terminal punctuation of all scripts."""
    short_line_thr: float = Field(0.67, ge=0)
    short_line_length: int = Field(30, ge=0)
    char_duplicates_ratio: float = Field(0.01, ge=0)
    new_line_ratio: float = Field(0.3, ge=0)

    def measured(self) -> DatatroveParams:
        """Return the parameters with all limits at their defaults, which is what signals depend on."""
        return DatatroveParams(**{name: getattr(self, name) for name in self.measuring})


def _repetition_rules(params: DatatroveParams) -> list[Rule]:
    shares = (
        ("dup_para_frac", "dup_paragraph_share", params.dup_para_frac),
        ("dup_para_char_frac", "dup_paragraph_char_share", params.dup_para_char_frac),
        ("dup_line_frac", "dup_line_share", params.dup_line_frac),
        ("dup_line_char_frac", "dup_line_char_share", params.dup_line_char_frac),
    )
    return [
        Rule("datatrove.empty", "n_chars", "<", 1),
        *(Rule(f"datatrove.{name}", signal, ">", limit) for name, signal, limit in shares if limit),
        *(Rule(f"datatrove.top_{n}_gram", f"top_{n}gram_char_share", ">", limit) for n, limit in params.top_n_grams),
        *(
            Rule(f"datatrove.duplicated_{n}_n_grams", f"dup_{n}gram_char_share", ">", limit)
            for n, limit in params.dup_n_grams
        ),
    ]


def _quality_rules(params: DatatroveParams) -> list[Rule]:
    rules: list[tuple[str, str, Literal["<", ">"], float | None]] = [
        ("short_doc", "n_words", "<", params.min_doc_words),
        ("long_doc", "n_words", ">", params.max_doc_words),
        ("below_avg_threshold", "mean_word_length_if_any", "<", params.min_avg_word_length),
        ("above_avg_threshold", "mean_word_length", ">", params.max_avg_word_length),
        ("too_many_hashes", "symbol_word_ratio_hash", ">", params.max_symbol_word_ratio),
        ("too_many_ellipsis", "symbol_word_ratio_ellipsis", ">", params.max_symbol_word_ratio),
        ("too_many_bullets", "bullet_line_share", ">", params.max_bullet_lines_ratio),
        ("too_many_end_ellipsis", "ellipsis_line_share", ">", params.max_ellipsis_lines_ratio),
        ("below_alpha_threshold", "alpha_word_share", "<", params.max_non_alpha_words_ratio),
        ("enough_stop_words", "stop_words", "<", params.min_stop_words),
    ]
    return [Rule(f"datatrove.gopher_{name}", signal, fails, limit) for name, signal, fails, limit in rules if limit]


def _c4_rules(params: DatatroveParams) -> list[Rule]:
    lorem_ipsum, curly_bracket = params.filter_lorem_ipsum, params.filter_curly_bracket
    # datatrove stops at the first line with either fault: where both count, that line names the reason
    first = "c4_lorem_ipsum_first" if curly_bracket else "c4_lorem_ipsum_lines"
    rules = [
        (lorem_ipsum, Rule("datatrove.lorem_ipsum", first, ">", 0)),
        (curly_bracket, Rule("datatrove.curly_bracket", "c4_curly_bracket_lines", ">", 0)),
        (
            params.min_num_sentences > 0,
            Rule("datatrove.too_few_sentences", "c4_sentences", "<", params.min_num_sentences),
        ),
    ]
    return [rule for is_on, rule in rules if is_on]


def _fineweb_rules(params: DatatroveParams) -> list[Rule]:
    punct = "punct_line_share_if_any" if params.line_punct_exclude_zero else "punct_line_share"
    return [
        Rule("datatrove.empty", "left_lines", "<", 1),
        Rule("datatrove.line_punct_ratio", punct, "<", params.line_punct_thr),
        Rule("datatrove.short_line_ratio", "short_line_share", ">", params.short_line_thr),
        Rule("datatrove.char_dup_ratio", "left_dup_line_char_share", ">", params.char_duplicates_ratio),
        Rule("datatrove.list_ratio", "newline_word_ratio", ">", params.new_line_ratio),
    ]


def rules_around_c4(params: DatatroveParams) -> tuple[list[Rule], list[Rule]]:
    """Return the rules over the text, and those over what C4's filter left of it."""
    before = [
        *(_repetition_rules(params) if params.gopher_repetition else ()),
        *(_quality_rules(params) if params.gopher_quality else ()),
        *(_c4_rules(params) if params.c4 else ()),
    ]
    paragraphs = Rule("datatrove.< 3 paragraphs", "third_longest_line", "<", params.min_paragraph_len)
    after = [
        *((paragraphs,) if params.c4_paragraph else ()),
        *(_fineweb_rules(params) if params.fineweb_quality else ()),
    ]
    return before, after


def datatrove_rules(params: DatatroveParams) -> list[Rule]:
    """Return the rules in the order in which the first that fails names the reason.

    >>> [rule.name for rule in datatrove_rules(DatatroveParams(gopher_repetition=False, gopher_quality=False))][:2]
    ['datatrove.lorem_ipsum', 'datatrove.curly_bracket']
    """
    before, after = rules_around_c4(params)
    return before + after


def measure(texts: pa.Array | pa.ChunkedArray, params: DatatroveParams) -> DatatroveSignals:
    """Return the signals of texts, measured as the parameters ask."""
    # numba and spaCy, for workers alone
    from pipeline.kernels.datatrove.lines import C4Lines
    from pipeline.kernels.datatrove.signals import STOP_WORDS, measure_datatrove_signals

    lines = C4Lines(**{name: getattr(params, name) for name in C4Lines._fields}) if params.c4 else None
    stop_words = STOP_WORDS if params.stop_words is None else params.stop_words
    return measure_datatrove_signals(texts, lines, stop_words, params.stop_chars, params.short_line_length)
