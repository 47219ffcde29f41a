"""The rules by our own definitions, in the order in which the first that fails names the reason.

A rule that tells prose from junk is asked of prose alone: lists, brackets, symbols and short lines are what pages of
code and math are made of.
"""

from typing import TYPE_CHECKING, Any, Literal

from pipeline.heuristics.limits import with_limits
from pipeline.heuristics.params import HeuristicsParams
from pipeline.heuristics.rule import DOCUMENTATION, PROSE, Rule, failed

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn
    from pyspark.sql import DataFrame

    Judged = tuple[DataFrame, SparkColumn]

Fails = Literal["<", ">"]
_REFERENCE = (DOCUMENTATION, "code", "math")
_BESIDE_PROSE = ("code", "math")


def _rule(name: str, signal: str, parameter: str, **asked: Any) -> Rule:
    fails: Fails = "<" if parameter.startswith("min_") else ">"
    return Rule(name, signal, fails, parameter=parameter, **asked)


def _of_prose(name: str, signal: str, parameter: str, **asked: Any) -> Rule:
    return _rule(name, signal, parameter, categories=PROSE, **asked)


_FEW_PUNCTUATED = _rule("fineweb.few_punctuated_lines", "punct_line_share", "min_punct_line_share")
_MANY_POLICIES = _rule("c4.policy_phrases", "policy_phrases", "max_policy_phrases")
_MANY_EXPLICIT = _rule("c4.dirty_words", "distinct_explicit_words", "max_distinct_dirty_words")
_ANY_EXPLICIT = _rule("gristmill.mixed_dirty_words", "explicit_words", "max_explicit_beside")

RULES = (
    _rule("gopher.too_few_words", "n_words", "min_words", categories=(*PROSE, DOCUMENTATION)),
    _rule("gristmill.code_without_words", "n_words", "min_words_beside_code", categories=_BESIDE_PROSE),
    _rule("gopher.too_many_words", "n_words", "max_words"),
    _of_prose("gopher.short_words", "mean_word_length", "min_mean_word_length"),
    _of_prose("gopher.long_words", "mean_word_length", "max_mean_word_length"),
    _of_prose("gopher.hash_signs", "symbol_word_ratio_hash", "max_hash_ratio"),
    _of_prose("gopher.ellipses", "symbol_word_ratio_ellipsis", "max_ellipsis_ratio"),
    _of_prose("gopher.bullet_lines", "bullet_line_share", "max_bullet_line_share"),
    _of_prose("gopher.ellipsis_lines", "ellipsis_line_share", "max_ellipsis_line_share"),
    _of_prose("gopher.few_alphabetic_words", "alpha_word_share", "min_alpha_word_share"),
    _rule(
        "gopher.few_stop_words", "stop_words", "min_stop_words", categories=(*PROSE, DOCUMENTATION), languages=("en",)
    ),
    _of_prose("gristmill.rare_stop_words", "stop_word_share", "min_stop_word_share", languages=("en",)),
    _of_prose("gopher.duplicate_lines", "dup_line_share", "max_dup_line_share"),
    _of_prose("gopher.duplicate_paragraphs", "dup_paragraph_share", "max_dup_paragraph_share"),
    _of_prose("gopher.duplicate_line_chars", "dup_line_char_share", "max_dup_line_char_share"),
    _of_prose("gopher.duplicate_paragraph_chars", "dup_paragraph_char_share", "max_dup_paragraph_char_share"),
    *(_of_prose(f"gopher.top_{n}gram", f"top_{n}gram_char_share", f"max_top_{n}gram_char_share") for n in (2, 3, 4)),
    *(
        _of_prose(f"gopher.duplicate_{n}grams", f"dup_{n}gram_char_share", f"max_dup_{n}gram_char_share")
        for n in range(5, 11)
    ),
    _rule("gristmill.repeated_reference", "dup_10gram_char_share", "max_repeated_share", categories=_REFERENCE),
    _of_prose("gristmill.few_different_words", "word_entropy", "min_word_entropy"),
    _of_prose("fineweb.short_lines", "short_line_share", "max_short_line_share", also=_FEW_PUNCTUATED),
    _of_prose("fineweb.newlines", "newline_word_ratio", "max_newline_word_ratio"),
    _of_prose("c4.too_few_sentences", "n_sentences", "min_sentences"),
    _of_prose("c4.curly_brackets", "curly_bracket_word_ratio", "max_curly_bracket_ratio"),
    _of_prose("c4.lorem_ipsum", "lorem_ipsum", "max_lorem_ipsum"),
    _of_prose("c4.policy_phrases", "policy_phrase_word_ratio", "max_policy_word_ratio", also=_MANY_POLICIES),
    _rule("c4.dirty_words", "explicit_word_share", "max_dirty_word_share", also=_MANY_EXPLICIT),
    _rule("gristmill.mixed_dirty_words", "dirty_word_share", "max_mixed_dirty_word_share", also=_ANY_EXPLICIT),
    _of_prose("llama3.token_outlier", "token_outlier_score", "max_token_outlier_score"),
    _of_prose("llama3.token_outlier_rank", "token_outlier_rank", "max_token_outlier_rank"),
)
"""All rules; their limits are parameters."""


def rules_of(params: HeuristicsParams) -> list[Rule]:
    """Return the rules with their limits; what is off has a limit that nothing fails, for a language may have one."""
    return [_limited(rule, params) for rule in RULES]


def _limited(rule: Rule, params: HeuristicsParams) -> Rule:
    limit, also = getattr(params, rule.parameter), rule.also
    if limit is None:
        limit = float("-inf") if rule.fails == "<" else float("inf")
    if also is not None:  # where its limit is off, the rule stands alone
        also = None if getattr(params, also.parameter) is None else _limited(also, params)
    return rule._replace(limit=float(limit), also=also)


def our_verdict(docs: "DataFrame", params: HeuristicsParams, left_out: frozenset[str] = frozenset()) -> "Judged":
    """Return documents with what they need to be judged, and of the first rule that each fails: see `rule.failed`.

    Args:
        docs: With all signals.
        params: With the limits.
        left_out: Parameters whose rules are not asked.
    """
    rules = [rule for rule in rules_of(params) if rule.parameter not in left_out]
    docs, by_language = with_limits(docs, rules, params.by_language())
    return docs, failed(rules, by_language)
