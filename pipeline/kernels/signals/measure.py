"""All signals of a batch of texts, in one compiled pass over each: its words, lines and characters are found once."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.kernels.compiled import compiled
from pipeline.kernels.signals import order, phrases
from pipeline.kernels.signals.characters import measure_characters
from pipeline.kernels.signals.lines import measure_lines
from pipeline.kernels.signals.ngrams import measure_ngrams
from pipeline.kernels.signals.order import Floats
from pipeline.kernels.signals.phrases import Numbered, Wanted, measure_phrases, number_phrases
from pipeline.kernels.signals.word_scan import Words, find_words, measure_stop_words
from pipeline.kernels.text import words
from pipeline.kernels.text.words import Bytes, Hashes, Ints, Offsets, Tables
from schemas.signals import SIGNALS

GOPHER_STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")
Array = npt.NDArray[Any]
_PER_WORD = (
    order.MEAN_WORD_LENGTH,
    order.ALPHA_WORDS,
    order.CAPITALS_WORDS,
    order.STOP_WORD_SHARE,
    order.HASHES,
    order.ELLIPSES,
    order.CURLY_BRACKETS,
    order.NEWLINES,
    order.URL_WORDS,
    order.POLICY_RATIO,
    order.DIRTY_WORD_SHARE,
    order.EXPLICIT_WORD_SHARE,
)
DIRTY_SIGNALS = tuple(name for name in SIGNALS if "dirty_word" in name or "explicit_word" in name)
_SPACE = 0x20
_AT = {name: number for number, name in enumerate(SIGNALS)}


class Known(NamedTuple):
    """What texts are measured against.

    Attributes:
        tables: Of Unicode.
        stops: Sorted hashes of stop words.
        phrases: The tree of phrases, and who speaks for a site.
    """

    tables: Tables
    stops: Hashes
    phrases: phrases.Known


class Spans(NamedTuple):
    """Stretches to leave out: those of text `i` are at `first[i]` to `first[i + 1]`, sorted, in code points."""

    first: Offsets
    starts: Ints
    ends: Ints


@compiled
def _leave_out(points: Ints, count: int, starts: Ints, ends: Ints) -> int:
    """Take stretches out of a text, a space for each; return how many code points are left."""
    kept = at = 0
    for span in range(len(starts)):
        if starts[span] < at:  # within another stretch, or overlapping it
            at = max(at, min(ends[span], count))
            continue
        for position in range(at, min(starts[span], count)):
            points[kept] = points[position]
            kept += 1
        if starts[span] < min(ends[span], count):
            points[kept] = _SPACE
            kept += 1
        at = max(at, min(ends[span], count))
    for position in range(at, count):
        points[kept] = points[position]
        kept += 1
    return kept


@compiled
def _measure_words(points: Ints, count: int, context: Known, wanted: Wanted, room: Words, out: Floats) -> int:
    """Fill what words tell one by one, and phrases; return how many words there are. The points are folded."""
    number = find_words(points, count, context.tables, room, out)
    measure_stop_words(room.hashes[:number], context.stops, out)
    measure_phrases(room.hashes[:number], room.gaps[:number], context.phrases, wanted, out)
    out[order.POLICY_RATIO] = out[order.POLICY]
    for signal in _PER_WORD:
        out[signal] /= max(number, 1)
    return number


@compiled
def _measure_text(points: Ints, count: int, context: Known, wanted: Wanted, room: Words, out: Floats) -> None:
    """Fill one row; the points are folded on the way."""
    measure_lines(points, count, context.tables.classes, out)
    measure_characters(points, count, context.tables.classes, out)
    number = _measure_words(points, count, context, wanted, room, out)
    out[order.N_CHARS], out[order.N_WORDS] = count, number
    measure_ngrams(room.hashes[:number], room.lengths[:number], out)


@compiled
def _measure_batch(
    buffer: Bytes,
    offsets: Offsets,
    spans: Spans,
    context: Known,
    wanted: Hashes,
    out: Floats,
    words_alone: bool,  # noqa: FBT001  (compiled code has no keywords)
) -> None:
    longest = 0
    for row in range(len(offsets) - 1):
        longest = max(longest, offsets[row + 1] - offsets[row])
    points = np.empty(longest, np.int32)
    room = Words(np.empty(longest, np.uint64), np.empty(longest, np.int32), np.empty(longest, np.uint64))
    for row in range(len(offsets) - 1):
        count = words.decode(buffer, offsets[row], offsets[row + 1], points)
        mine = slice(spans.first[row], spans.first[row + 1])
        count = _leave_out(points, count, spans.starts[mine], spans.ends[mine])
        lists = Wanted(wanted[row, 0], wanted[row, 1])
        if words_alone:
            _measure_words(points, count, context, lists, room, out[row])
        else:
            _measure_text(points, count, context, lists, room, out[row])


@cache
def _gopher_stops() -> Hashes:
    return words.hash_words(GOPHER_STOP_WORDS)


@cache
def _speakers() -> Hashes:
    return words.hash_words(phrases.SPEAKERS)


@cache
def _no_lists() -> Numbered:
    return number_phrases({})


def measure_signals(
    texts: pa.Array | pa.ChunkedArray,
    left_out: pa.Array | None = None,
    languages: Sequence[str | None] | None = None,
    dirty: Numbered | None = None,
    stop_words: Hashes | None = None,
) -> dict[str, Array]:
    r"""Return the signals of each text, an array for each name in `SIGNALS`; a null counts as an empty text.

    A text's signals depend on that text alone and are finite. Cost: linear in the text.

    Args:
        texts: Strings; any Arrow string type.
        left_out: Lists of structs with `start` and `end` (code points): code and math, a space for each; None for none.
        languages: Whose lists of dirty words apply, a language a text; None for none.
        dirty: The lists, from `number_phrases`; None for none.
        stop_words: Hashes from `words.hash_words`; None for Gopher's eight English ones.

    >>> found = measure_signals(pa.array(["To be, or not to be.\n\nTo be, or not to be.", None]))
    >>> found["n_words"].tolist(), found["stop_words"].tolist(), found["dup_line_share"].tolist()
    ([12, 0], [2, 0], [0.5, 0.0])
    >>> swill = number_phrases({"en": ["pig swill"]})
    >>> found = measure_signals(pa.array(["Pig-swill, pig. Swill."]), languages=["en"], dirty=swill)
    >>> found["dirty_words"].tolist(), found["dirty_word_share"].tolist()
    ([1], [0.5])
    """
    out = _measured(texts, left_out, languages, dirty or _no_lists(), stop_words, words_alone=False)
    return {name: _column(out, name) for name in SIGNALS}


def measure_dirty_words(
    texts: pa.Array | pa.ChunkedArray,
    left_out: pa.Array | None,
    languages: Sequence[str | None],
    dirty: Numbered | None,
) -> dict[str, Array]:
    """Return the signals of dirty words alone, as `measure_signals` gives them, without the cost of all others.

    >>> found = measure_dirty_words(pa.array(["Pig swill."]), None, ["en"], number_phrases({"en": ["swill"]}))
    >>> {name: column.tolist() for name, column in found.items()}  # doctest: +NORMALIZE_WHITESPACE
    {'dirty_words': [1], 'distinct_dirty_words': [1], 'dirty_word_share': [0.5],
    'explicit_words': [1], 'distinct_explicit_words': [1], 'explicit_word_share': [0.5]}
    """
    out = _measured(texts, left_out, languages, dirty or _no_lists(), None, words_alone=True)
    return {name: _column(out, name) for name in DIRTY_SIGNALS}


def _measured(
    texts: pa.Array | pa.ChunkedArray,
    left_out: pa.Array | None,
    languages: Sequence[str | None] | None,
    lists: Numbered,
    stop_words: Hashes | None,
    *,
    words_alone: bool,
) -> Floats:
    """Return a row of signals for each text, with `words_alone` only those that words tell; the others are 0."""
    buffer, offsets = words.utf8(texts)
    rows = len(offsets) - 1
    labels = [label or "" for label in languages or [None] * rows]
    bits = [(lists.bits.get(label, 0), lists.plain.get(label, 0)) for label in labels]
    wanted = np.array(bits, np.uint64).reshape(rows, 2)
    looked_for = phrases.Known(lists.phrases, _speakers())
    context = Known(words.tables(), _gopher_stops() if stop_words is None else stop_words, looked_for)
    out = np.zeros((rows, order.NUMBER))
    _measure_batch(buffer, offsets, _spans(left_out, rows), context, wanted, out, words_alone)
    return out


def _column(out: Floats, name: str) -> Array:
    values = out[:, _AT[name]]
    return values.astype(np.int32) if SIGNALS[name].counts else values.copy()


def _spans(column: pa.Array | None, rows: int) -> Spans:
    """Return lists of spans as arrays, sorted within each text."""
    if column is None:
        return Spans(np.zeros(rows + 1, np.int64), np.empty(0, np.int32), np.empty(0, np.int32))
    lengths = column.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    first = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    flat = column.flatten()
    starts, ends = (flat.field(name).to_numpy(zero_copy_only=False).astype(np.int32) for name in ("start", "end"))
    ordered = np.lexsort((ends, starts, np.repeat(np.arange(rows), lengths)))
    return Spans(first, starts[ordered], ends[ordered])
