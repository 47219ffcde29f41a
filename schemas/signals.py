"""Signals that `heuristics` stores: definition, unit, range and source of each.

What words, lines, paragraphs, sentences, duplicates and covered characters are, `pipeline.kernels.signals` says.
`schemas/signals.md` is made of this module: `python -m schemas.signals_table > schemas/signals.md`.
"""

from typing import NamedTuple

INT32_MAX = 2**31 - 1
SHORT_LINE = 30
"""Code points of a short line (FineWeb)."""
FEW_WORDS = 3
"""Words that a line needs (C4)."""
DISTINCT = 64
"""Different dirty words that are told apart in one document."""
_TOP = "word characters covered by the most frequent {n}-gram, the widest among equals; 0 if none occurs twice"


class Signal(NamedTuple):
    """What a number means. A count is an int32, all else a float64."""

    definition: str
    unit: str
    highest: float = float(INT32_MAX)
    source: str = "Gopher"
    counts: bool = False
    lowest: float = 0.0


def _share(definition: str, source: str = "Gopher") -> Signal:
    return Signal(definition, "share", 1.0, source)


def _count(definition: str, unit: str, source: str = "gristmill") -> Signal:
    return Signal(definition, unit, source=source, counts=True)


SIGNALS: dict[str, Signal] = {
    # size
    "n_chars": _count("code points, white space and all", "code points"),
    "n_words": _count("words", "words", "Gopher"),
    "n_lines": _count("lines", "lines"),
    "n_paragraphs": _count("paragraphs", "paragraphs"),
    "n_sentences": _count("ends of sentences", "sentences", "C4"),
    # words
    "mean_word_length": Signal("word characters per word", "code points"),
    "longest_word": _count("word characters of the longest word", "code points", "C4"),
    "alpha_word_share": _share("words with at least one letter"),
    "capitals_word_share": _share("words of two letters or more that are all capitals", "RedPajama 2"),
    "stop_words": _count("distinct stop words of the list", "words", "Gopher"),
    "stop_word_share": _share("words that are stop words of the list", "gristmill"),
    "unique_word_share": _share("distinct words per word", "RedPajama 2"),
    "word_entropy": Signal("Shannon entropy of the words", "nats", 50.0, "RedPajama 2"),
    # signs
    "symbol_word_ratio_hash": Signal("signs # per word", "ratio"),
    "symbol_word_ratio_ellipsis": Signal("… and ... per word; six dots are two", "ratio"),
    "curly_bracket_word_ratio": Signal("signs { and } per word", "ratio", source="C4"),
    "digit_share": _share("digits among the characters that are no white space", "gristmill"),
    "symbol_share": _share("neither letters, digits, marks nor white space among those", "gristmill"),
    "capital_share": _share("letters that are capitals", "gristmill"),
    "longest_repeat": _count("longest run of one character that is no white space", "code points"),
    # lines
    "mean_line_length": Signal("code points per line", "code points", source="gristmill"),
    "bullet_line_share": _share("lines that begin with a bullet; * + - – need white space behind them"),
    "ellipsis_line_share": _share("lines that end in … or ..."),
    "punct_line_share": _share("lines that end in terminal punctuation or a closing quote", "C4, FineWeb"),
    "short_line_share": _share(f"lines of at most {SHORT_LINE} code points", "FineWeb"),
    "few_word_line_share": _share(f"lines of fewer than {FEW_WORDS} words", "C4"),
    "letterless_line_share": _share("lines without a letter", "gristmill"),
    "newline_word_ratio": Signal("new-lines, those around blank lines too, per word", "ratio", source="FineWeb"),
    # repetition
    "dup_line_share": _share("lines that are duplicates"),
    "dup_paragraph_share": _share("paragraphs that are duplicates"),
    "dup_line_char_share": _share("line characters in duplicate lines", "Gopher, FineWeb"),
    "dup_paragraph_char_share": _share("line characters in duplicate paragraphs"),
    **{f"top_{n}gram_char_share": _share(_TOP.format(n=n)) for n in (2, 3, 4)},
    **{f"dup_{n}gram_char_share": _share(f"word characters covered by duplicate {n}-grams") for n in range(5, 11)},
    # phrases
    "lorem_ipsum": _count("times it says lorem ipsum", "phrases", "C4"),
    "javascript_mentions": _count("times it says javascript", "phrases", "C4"),
    "policy_phrase_word_ratio": Signal("phrases of the next signal per word", "ratio", source="gristmill"),
    "policy_phrases": _count(
        "times it says terms of use, privacy policy, cookie policy, uses cookies, use of cookies or use cookies of its"
        " own: near we, our, us, agree, accept, or near another such phrase",
        "phrases",
        "C4",
    ),
    "url_word_ratio": Signal("words http, https and www, per word", "ratio", source="gristmill"),
    "dirty_words": _count("entries of the list of dirty words of the document's language", "entries", "C4"),
    "distinct_dirty_words": _count(f"different ones among these, {DISTINCT} at most", "entries"),
    "dirty_word_share": _share("words that belong to such an entry", "gristmill"),
    "explicit_words": _count("entries among these that have no plain sense", "entries"),
    "distinct_explicit_words": _count("different ones among these", "entries"),
    "explicit_word_share": _share("words that belong to such an entry without a plain sense", "gristmill"),
}
"""Measured on the prose: the text without its code and math, each of which counts as a space."""

WHOLE_TEXT_SIGNALS: dict[str, Signal] = {
    "n_bytes": Signal("bytes of the text in UTF-8, code and math included", "bytes", float(2**63 - 1), "gristmill"),
    "table_share": _share("code points in tables, among all of the text", "gristmill"),
}

TOKEN_SIGNALS: dict[str, Signal] = {
    "n_tokens": _count("tokens of the prose", "tokens"),
    "token_divergence": Signal(
        "Kullback-Leibler divergence of the prose's tokens from the language's in the corpus", "nats", 50.0, "Llama 3"
    ),
    "token_outlier_score": Signal(
        "how far that is above what documents of its length have, in their spreads",
        "spreads",
        1e6,
        "gristmill",
        lowest=-1e6,
    ),
    "token_outlier_rank": _share("documents of its language with a lower score", "gristmill"),
}
"""Measured against the token distribution of a corpus; null where the language has too few documents."""
