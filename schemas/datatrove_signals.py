"""Signals as datatrove defines them: definition, unit, range and source of each.

They share names with those of `schemas.signals` where they mean the same, though not to the last sign: words are those
of spaCy's English rules, and characters are all code points of the text. *The text that C4 leaves* is that without the
lines and citations which C4's filter takes out; where that filter is off, it is the text.
"""

from typing import Final

from schemas.signals import INT32_MAX, SHORT_LINE, Signal

_LEFT: Final = "of the text that C4 leaves: "
_IF_ANY: Final = "; where there is none, the highest number"


def _share(definition: str, source: str = "Gopher", highest: float = 1.0) -> Signal:
    return Signal(definition, "share", highest, f"datatrove, {source}")


def _count(definition: str, unit: str, source: str) -> Signal:
    return Signal(definition, unit, source=f"datatrove, {source}", counts=True)


def _ratio(definition: str, unit: str = "ratio", source: str = "Gopher") -> Signal:
    return Signal(definition, unit, float(INT32_MAX), f"datatrove, {source}")


_MEAN = "code points per word, of words that are more than punctuation"
_PUNCT = _LEFT + "lines whose last sign is terminal punctuation"
_TOP = "length of the first of the most frequent {n}-grams, words joined by spaces, times its number, per character"
_DUP = "characters of {n}-grams that occurred before, one after the other without overlap, per character"

DATATROVE_SIGNALS: Final[dict[str, Signal]] = {
    "n_chars": _count("code points of the text", "code points", "Gopher"),
    "dup_paragraph_share": _share("paragraphs, parted by two or more new-lines, that occurred before"),
    "dup_paragraph_char_share": _share("characters of such paragraphs"),
    "dup_line_share": _share("lines, parted by one or more new-lines, that occurred before"),
    "dup_line_char_share": _share("characters of such lines"),
    **{f"top_{n}gram_char_share": _share(_TOP.format(n=n), highest=2.0 * n - 1) for n in (2, 3, 4)},
    **{f"dup_{n}gram_char_share": _share(_DUP.format(n=n)) for n in range(5, 11)},
    "n_words": _count("words that are more than punctuation", "words", "Gopher"),
    "mean_word_length": _ratio(_MEAN, "code points"),
    "mean_word_length_if_any": _ratio(_MEAN + _IF_ANY, "code points"),
    "symbol_word_ratio_hash": _ratio("signs # per word"),
    "symbol_word_ratio_ellipsis": _ratio("… and ... per word; six dots are two"),
    "bullet_line_share": _share("lines of any kind that begin with • or -, indented or not"),
    "ellipsis_line_share": _share("lines of any kind that end in … or ..., white space aside"),
    "alpha_word_share": _share("words with at least one letter"),
    "stop_words": _count("distinct stop words of the list, case told apart", "words", "Gopher"),
    "c4_lorem_ipsum_first": _count("1 if a line with lorem ipsum comes before any with a curly bracket", "flag", "C4"),
    "c4_lorem_ipsum_lines": _count("lines with lorem ipsum", "lines", "C4"),
    "c4_curly_bracket_lines": _count("lines with a curly bracket, without those of JavaScript", "lines", "C4"),
    "c4_sentences": _count("sentences of the lines that C4 leaves", "sentences", "C4"),
    "third_longest_line": _count(_LEFT + "length of its third longest line; 0 of fewer lines", "code points", "mC4"),
    "left_lines": _count(_LEFT + "lines that are not blank", "lines", "FineWeb"),
    "punct_line_share": _share(_PUNCT, "FineWeb"),
    "punct_line_share_if_any": _share(_PUNCT + _IF_ANY, "FineWeb"),
    "short_line_share": _share(_LEFT + f"lines of at most {SHORT_LINE} code points", "FineWeb"),
    "left_dup_line_char_share": _share(_LEFT + "characters of lines that occurred before", "FineWeb"),
    "newline_word_ratio": _ratio(_LEFT + "new-lines per word", source="FineWeb"),
}
