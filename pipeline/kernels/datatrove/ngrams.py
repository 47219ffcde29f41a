"""What datatrove's filters count in words: kinds of words, n-grams, sentences; over numbers, in compiled code."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.kernels.compiled import compiled
from pipeline.kernels.datatrove.signs import ALPHA, END, PUNCT, SYMBOL, Vocabulary, joined
from pipeline.kernels.datatrove.words import Met, Tokens
from pipeline.kernels.text import words
from pipeline.kernels.text.words import Ints
from schemas.signals import INT32_MAX

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
_DOT, _HASH, _ELLIPSIS = 0x2E, 0x23, 0x2026


@compiled
def measure_tops(numbers: Ints, vocabulary: Vocabulary, chars: int, out: Floats) -> None:
    """Fill the shares of the most frequent 2- to 4-grams: of several, that which occurs first."""
    keys, lengths = vocabulary.keys[numbers], vocabulary.lengths[numbers]
    grams, spans = keys.copy(), lengths.copy()
    for n in range(2, min(len(keys), 4) + 1):
        number = len(keys) - n + 1
        for at in range(number):
            grams[at] = words.chain(grams[at], keys[at + n - 1])
            spans[at] += lengths[at + n - 1] + 1
        slots = words.slots_for(number)
        times = np.zeros(number, dtype=np.int32)
        for at in range(number):
            times[words.slot_of(slots, grams, at)] += 1
        top = np.argmax(times)
        out[n - 2] = spans[top] * times[top] / chars


@compiled
def measure_duplicates(numbers: Ints, vocabulary: Vocabulary, chars: int, out: Floats) -> None:
    """Fill the shares of repeated 5- to 10-grams, equal if their words written together are."""
    count = len(numbers)
    grams = vocabulary.sums[numbers]
    spans = vocabulary.lengths[numbers].astype(np.int64)
    for n in range(2, min(count, 10) + 1):
        number = count - n + 1
        for at in range(number):
            last = numbers[at + n - 1]
            grams[at] = joined(grams[at], vocabulary.powers[last], vocabulary.sums[last])
            spans[at] += vocabulary.lengths[last]
        if n < 5:
            continue
        slots = words.slots_for(number)
        at = repeated = 0
        while at < number:
            new = words.slot_of(slots, grams, at) == at
            repeated += 0 if new else spans[at]
            at += 1 if new else n
        out[n - 5] = repeated / chars


@compiled
def words_of(chunks: Ints, tokens: Tokens) -> Ints:
    """Return the numbers of the words of some chunks."""
    size = 0
    for chunk in chunks:
        size += tokens.starts[chunk + 1] - tokens.starts[chunk]
    numbers = np.empty(size, dtype=np.int32)
    at = 0
    for chunk in chunks:
        for position in range(tokens.starts[chunk], tokens.starts[chunk + 1]):
            numbers[at] = tokens.words[position]
            at += 1
    return numbers


@compiled
def measure_words(points: Ints, numbers: Ints, met: Met, out: Floats) -> None:
    """Fill nine numbers of words, and of signs per word, but the sixth and seventh, which are of lines."""
    vocabulary = met.vocabulary
    seen = np.zeros(met.asked, dtype=np.bool_)
    chars = 0
    for word in numbers:
        if not vocabulary.flags[word] & SYMBOL:
            out[0] += 1
            chars += vocabulary.lengths[word]
        out[7] += vocabulary.flags[word] & ALPHA != 0
        if met.stops[word] >= 0:
            seen[met.stops[word]] = True
    out[1] = chars / max(out[0], 1.0)
    out[2] = out[1] if out[0] else INT32_MAX
    dots = 0
    for point in points:
        dots = dots + 1 if point == _DOT else 0
        out[3] += point == _HASH
        out[4] += point == _ELLIPSIS or (dots > 0 and dots % 3 == 0)
    for ratio in (3, 4, 7):
        out[ratio] /= max(len(numbers), 1)
    out[8] = seen.sum()


@compiled
def count_sentences(chunks: Ints, blanks: Flags, met: Met) -> int:
    """Return the sentences of a line: one begins at what is no punctuation mark after a mark that ends sentences."""
    count = 1
    ended = False
    for at in range(len(chunks)):
        for position in range(met.tokens.starts[chunks[at]], met.tokens.starts[chunks[at] + 1]):
            kind = met.vocabulary.flags[met.tokens.words[position]]
            if ended and not kind & (PUNCT | END):
                count += 1
                ended = False
            ended |= kind & END != 0
        if ended and blanks[at]:
            count += 1
            ended = False
    return count
