"""The numbers of datatrove's Gopher, C4 and FineWeb filters for English, measured over Arrow strings.

Words come from `words`, C4's lines from `lines`; all else is compiled. A number has datatrove's own
definition, oddities included: `schemas.datatrove_signals` says which. Where its denominator is 0, it is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.kernels.compiled import compiled
from pipeline.kernels.datatrove.lines import C4Lines, Cleaned, clean
from pipeline.kernels.datatrove.ngrams import count_sentences, measure_duplicates, measure_tops, measure_words, words_of
from pipeline.kernels.datatrove.signs import classes
from pipeline.kernels.datatrove.units import measure_left, measure_line_ends, measure_repeats
from pipeline.kernels.datatrove.words import Met, Split, lexicon
from pipeline.kernels.text import words
from pipeline.kernels.text.spans import Edit
from pipeline.kernels.text.words import Bytes, Ints, Offsets
from schemas.datatrove_signals import DATATROVE_SIGNALS
from schemas.signals import SHORT_LINE

Floats = npt.NDArray[np.float64]
STOP_WORDS: Final = ("the", "be", "to", "of", "and", "that", "have", "with")
_AT: Final = {name: at for at, name in enumerate(DATATROVE_SIGNALS)}
_REPEATS, _TOPS, _DUPLICATES, _WORDS, _LINE_ENDS, _FAULTS, _SENTENCES, _LEFT = (
    _AT[name]
    for name in (
        "dup_paragraph_share",
        "top_2gram_char_share",
        "dup_5gram_char_share",
        "n_words",
        "bullet_line_share",
        "c4_lorem_ipsum_first",
        "c4_sentences",
        "third_longest_line",
    )
)


class DatatroveSignals(NamedTuple):
    """What was measured of some texts.

    Attributes:
        columns: An array for each name of `DATATROVE_SIGNALS`, a value a text: int32 for counts, else float64.
        edits: For each text what C4 changes in it; none where it leaves it as it is.
    """

    columns: dict[str, npt.NDArray[np.int32] | npt.NDArray[np.float64]]
    edits: list[list[Edit]]


@compiled
def _measure_texts(
    buffer: Bytes, offsets: Offsets, points: Ints, table: Bytes, split: Split, met: Met, out: Floats
) -> None:
    for row in range(len(offsets) - 1):
        count = words.decode(buffer, offsets[row], offsets[row + 1], points)
        out[row, 0] = count
        measure_repeats(points[:count], table, out[row, _REPEATS:_TOPS])
        numbers = words_of(split.chunks[split.offsets[row] : split.offsets[row + 1]], met.tokens)
        measure_tops(numbers, met.vocabulary, max(count, 1), out[row, _TOPS:_DUPLICATES])
        measure_duplicates(numbers, met.vocabulary, max(count, 1), out[row, _DUPLICATES:_WORDS])
        measure_words(points[:count], numbers, met, out[row, _WORDS:_FAULTS])
        measure_line_ends(points[:count], table, out[row, _LINE_ENDS : _LINE_ENDS + 2])


@compiled
def _measure_lines(split: Split, owners: Ints, met: Met, out: Floats, numbers: Offsets) -> None:
    """Count the sentences and the words of the texts to which some lines belong."""
    for line in range(len(owners)):
        start, end = split.offsets[line], split.offsets[line + 1]
        chunks = split.chunks[start:end]
        out[owners[line], _SENTENCES] += count_sentences(chunks, split.blanks[start:end], met)
        for chunk in chunks:
            numbers[owners[line]] += met.tokens.starts[chunk + 1] - met.tokens.starts[chunk]


@compiled
def _measure_lefts(
    buffer: Bytes, offsets: Offsets, points: Ints, table: Bytes, numbers: Offsets, short: int, out: Floats
) -> None:
    for row in range(len(offsets) - 1):
        count = words.decode(buffer, offsets[row], offsets[row + 1], points)
        measure_left(points[:count], numbers[row], table, short, out[row, _LEFT:])


def _lines_of(cleaned: list[Cleaned], c4: C4Lines | None) -> tuple[list[int], list[str], list[list[str]]]:
    """Return the lines whose words are to be counted: the text that each belongs to, the line, and its chunks."""
    if c4 is None or not c4.split_paragraph:
        texts = [left.text for left in cleaned]
        return list(range(len(texts))), texts, [text.split() for text in texts]
    lines = [(owner, line) for owner, left in enumerate(cleaned) for line in left.lines]
    return [owner for owner, _ in lines], [line.text for _, line in lines], [line.chunks for _, line in lines]


def _measure_cleaned(cleaned: list[Cleaned], numbers: Offsets, table: Bytes, short: int, out: Floats) -> None:
    """Fill the faults that C4's filter met, and what is measured of the texts that it leaves, of so many words each."""
    out[:, _FAULTS:_SENTENCES] = np.array([left[-1:] + left[3:5] for left in cleaned]).reshape(-1, 3)
    buffer, offsets = words.utf8(pa.array([left.text for left in cleaned], pa.large_string()))
    _measure_lefts(buffer, offsets, words.longest(offsets), table, numbers, short, out)


def _columns(out: Floats) -> dict[str, npt.NDArray[np.int32] | npt.NDArray[np.float64]]:
    return {
        name: out[:, at].astype(np.int32) if signal.counts else out[:, at].copy()
        for at, (name, signal) in enumerate(DATATROVE_SIGNALS.items())
    }


def measure_datatrove_signals(
    texts: pa.Array | pa.ChunkedArray,
    c4: C4Lines | None = C4Lines(),  # noqa: B008
    stop_words: Sequence[str] = STOP_WORDS,
    stop_chars: Sequence[str] | None = None,
    short_line_length: int = SHORT_LINE,
) -> DatatroveSignals:
    r"""Return the signals of each text and what C4's filter changes in it; a null counts as an empty text.

    Args:
        texts: strings; any Arrow string type.
        c4: what C4's filter does to lines; None where it is off.
        stop_words: words that Gopher asks for, as they are written.
        stop_chars: signs in which a line of FineWeb may end; None for terminal punctuation of all scripts.
        short_line_length: most code points of a line that counts as short.

    >>> found = measure_datatrove_signals(pa.array(["Home\nThe mill grinds corn.", None]))
    >>> found.columns["n_words"].tolist(), found.edits
    ([5, 0], [[Edit(start=0, end=5, replacement='')], []])
    """
    given = [text or "" for text in texts.to_pylist()]
    out = np.zeros((len(given), len(DATATROVE_SIGNALS)))
    vocabulary = lexicon()
    with vocabulary.lock:
        cleaned = [Cleaned(text, [], []) if c4 is None else clean(text, c4) for text in given]
        owners, lines, chunks = _lines_of(cleaned, c4)
        vocabulary.begin()
        whole = vocabulary.split(given, [text.split() for text in given], with_blanks=False)
        parts = vocabulary.split(lines, chunks)
        met = vocabulary.met(stop_words)
    buffer, offsets = words.utf8(pa.array(given, pa.large_string()))
    _measure_texts(buffer, offsets, words.longest(offsets), classes(), whole, met, out)
    numbers = np.zeros(len(given), np.int64)
    _measure_lines(parts, np.array(owners, np.int32), met, out, numbers)
    if c4 is None or not c4.split_paragraph:
        out[:, _SENTENCES] = [len(left.lines) for left in cleaned]
    finals = None if stop_chars is None else tuple(stop_chars)
    _measure_cleaned(cleaned, numbers, classes(finals), short_line_length, out)
    return DatatroveSignals(_columns(out), [left.edits for left in cleaned])
