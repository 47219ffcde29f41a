"""Signals that `heuristics` stores: definition, unit, range and source of each.

What words, lines, paragraphs, duplicates and covered characters are, `pipeline.kernels.signals` says.
"""

from typing import NamedTuple

INT32_MAX = 2**31 - 1
SHORT_LINE = 30  # code points, FineWeb
_TOP = "word characters covered by the most frequent {n}-gram, the widest among equals; 0 if none occurs twice"


class Signal(NamedTuple):
    """What a number means; the lowest is always 0. A count is an int32, all else a float64."""

    definition: str
    unit: str
    highest: float = float(INT32_MAX)
    source: str = "Gopher"
    counts: bool = False


def _share(definition: str, source: str = "Gopher") -> Signal:
    return Signal(definition, "share", 1.0, source)


def _count(definition: str, unit: str, source: str = "gristmill") -> Signal:
    return Signal(definition, unit, source=source, counts=True)


SIGNALS: dict[str, Signal] = {
    "n_chars": _count("code points, white space and all", "code points"),
    "n_words": _count("words", "words", "Gopher"),
    "n_lines": _count("lines", "lines"),
    "n_paragraphs": _count("paragraphs", "paragraphs"),
    "mean_word_length": Signal("word characters per word", "code points"),
    "symbol_word_ratio_hash": Signal("signs # per word", "ratio"),
    "symbol_word_ratio_ellipsis": Signal("… and ... per word; six dots are two", "ratio"),
    "bullet_line_share": _share("lines that begin with a bullet; * + - – need white space behind them"),
    "ellipsis_line_share": _share("lines that end in … or ..."),
    "punct_line_share": _share("lines that end in terminal punctuation or a closing quote", "C4, FineWeb"),
    "short_line_share": _share(f"lines of at most {SHORT_LINE} code points", "FineWeb"),
    "alpha_word_share": _share("words with at least one letter"),
    "stop_words": _count("distinct stop words of the list", "words", "Gopher"),
    "dup_line_share": _share("lines that are duplicates"),
    "dup_paragraph_share": _share("paragraphs that are duplicates"),
    "dup_line_char_share": _share("line characters in duplicate lines", "Gopher, FineWeb"),
    "dup_paragraph_char_share": _share("line characters in duplicate paragraphs"),
    **{f"top_{n}gram_char_share": _share(_TOP.format(n=n)) for n in (2, 3, 4)},
    **{f"dup_{n}gram_char_share": _share(f"word characters covered by duplicate {n}-grams") for n in range(5, 11)},
    "newline_word_ratio": Signal("new-lines, those around blank lines too, per word", "ratio", source="FineWeb"),
}
