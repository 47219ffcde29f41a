"""Signals of single characters: signs, digits, capitals, runs, ends of sentences; compiled."""

from pipeline.kernels.compiled import compiled
from pipeline.kernels.signals.lines import DOT, ELLIPSIS
from pipeline.kernels.signals.order import (
    CAPITALS,
    CURLY_BRACKETS,
    DIGITS,
    ELLIPSES,
    HASHES,
    LONGEST_REPEAT,
    N_SENTENCES,
    SYMBOLS,
    Floats,
)
from pipeline.kernels.text import words
from pipeline.kernels.text.words import Classes, Ints

_HASH, _CURLY_OPEN, _CURLY_CLOSED = 0x23, 0x7B, 0x7D
_ENDS_ALONE = (0x3002, 0xFF01, 0xFF1F, 0xFF61)  # 。！？｡, behind which no space is written


@compiled
def _ends_sentence(points: Ints, at: int, count: int, classes: Classes) -> bool:
    """Tell whether the mark at `at`, a terminal one, is the last of those that end a sentence."""
    after = classes[points[at + 1]] if at + 1 < count else words.SPACE
    if classes[points[at]] & words.QUOTE or (after & words.TERMINAL and not after & words.QUOTE):
        return False
    return points[at] in _ENDS_ALONE or after & (words.SPACE | words.QUOTE) != 0


@compiled
def measure_characters(points: Ints, count: int, classes: Classes, out: Floats) -> None:
    """Fill the signals of characters; what is per word is filled as a number."""
    dots = run = longest = letters = capitals = digits = written = in_words = 0
    before = -1
    for at in range(count):
        point = points[at]
        flags = classes[point]
        dots = dots + 1 if point == DOT else 0
        out[ELLIPSES] += point == ELLIPSIS or (dots > 0 and dots % 3 == 0)
        if flags & words.SPACE:
            before = -1
            continue
        written += 1
        run = run + 1 if point == before else 1
        before = point
        longest = max(longest, run)
        if flags & words.IN_RUN:
            in_words += 1
            letters += flags & words.LETTER != 0
            capitals += flags & words.CAPITAL != 0
            digits += flags & words.DIGIT != 0
        elif flags & words.TERMINAL:
            out[N_SENTENCES] += _ends_sentence(points, at, count, classes)
        else:
            out[HASHES] += point == _HASH
            out[CURLY_BRACKETS] += point in (_CURLY_OPEN, _CURLY_CLOSED)
    out[LONGEST_REPEAT] = longest
    out[DIGITS] = digits / max(written, 1)
    out[SYMBOLS] = (written - in_words) / max(written, 1)
    out[CAPITALS] = capitals / max(letters, 1)
