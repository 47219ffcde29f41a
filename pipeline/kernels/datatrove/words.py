"""Words of English texts as datatrove has them: what spaCy's rules make of each stretch between white space.

spaCy splits every stretch by itself, and nearly every one has been met before. So a stretch, a *chunk*, is split once
for as long as the worker lives, and a text is a row of numbers. Two things reach over white space, and are kept: there
is a token of white space wherever there is more than one space (or another sign) between two chunks, and spaCy seeks
its special cases in the whole text. No special case holds a space; but one that is found across a space keeps a shorter
one beside it from being applied. Where that may be, the chunks are split as one.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.kernels.datatrove.english import Specials, english, split_chunks
from pipeline.kernels.datatrove.signs import Vocabulary, describe
from pipeline.kernels.text.words import Ints, Offsets

_BETWEEN = re.compile(r"\s+")
_MOST_CHUNKS = 300_000
_SPLIT_AT_ONCE = 20_000


class Split(NamedTuple):
    """Some strings in words: string `i` is `chunks[offsets[i]:offsets[i + 1]]`.

    Attributes:
        offsets: Where the chunks of each string begin.
        chunks: Numbers of stretches between white space.
        blanks: Whether a token of white space follows the chunk.
    """

    offsets: Offsets
    chunks: Ints
    blanks: npt.NDArray[np.bool_]


class Tokens(NamedTuple):
    """The words of all known chunks: chunk `i` is `words[starts[i]:starts[i + 1]]`."""

    starts: Offsets
    words: Ints


class Met(NamedTuple):
    """Known words and chunks.

    Attributes:
        vocabulary: The words.
        tokens: The words of the chunks.
        stops: For each word its place in the list of stop words, or -1.
        asked: Length of that list.
    """

    vocabulary: Vocabulary
    tokens: Tokens
    stops: Ints
    asked: int


class _Row(NamedTuple):
    chunks: list[str]
    blanks: list[bool]


class Lexicon:
    """Chunks met so far and their words, by number; it forgets all where they become too many."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._specials = Specials()
        self._forget()

    def _forget(self) -> None:
        self._chunks: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        self._words: list[str] = []
        self._changed = np.zeros(0, np.bool_)
        self.vocabulary = describe([])
        self.tokens = Tokens(np.zeros(1, np.int64), np.zeros(0, np.int32))

    def begin(self) -> None:
        """Make room; numbers given before are void then."""
        # an interrupted call may have left the one longer than the other
        is_whole = len(self._words) == len(self.vocabulary.keys) and len(self._chunks) == len(self._changed)
        if len(self._chunks) > _MOST_CHUNKS or not is_whole:
            self._forget()

    def met(self, stop_words: Iterable[str]) -> Met:
        """Return all words that were met, those of a list marked."""
        stops = np.full(len(self._words), -1, np.int32)
        asked = list(dict.fromkeys(stop_words))
        for at, word in enumerate(asked):
            if word in self._numbers:
                stops[self._numbers[word]] = at
        return Met(self.vocabulary, self.tokens, stops, len(asked))

    def split(self, strings: Sequence[str], chunks: list[list[str]], *, with_blanks: bool = True) -> Split:
        """Return strings in words, given what `str.split` makes of each.

        White space that a string begins with is a token too, but it never matters.
        """
        numbers, offsets = self._look_up(chunks), _ends(chunks)
        blanks: dict[int, list[bool]] = {}
        reached = self._reached(numbers, offsets)
        if reached:
            chunks = chunks.copy()
            for row in reached:
                chunks_of_row = numbers[offsets[row] : offsets[row + 1]]
                chunks[row], blanks[row] = self._merge(
                    chunks[row], chunks_of_row, _blanks_of(strings[row], chunks[row])
                )
            numbers, offsets = self._look_up(chunks), _ends(chunks)
        flags = np.zeros(len(numbers), np.bool_)
        for row, (text, parts) in enumerate(zip(strings, chunks, strict=True)):
            if with_blanks and " ".join(parts) != text:
                flags[offsets[row] : offsets[row + 1]] = blanks.get(row) or _blanks_of(text, parts)
        return Split(offsets, numbers, flags)

    def _look_up(self, chunks: Collection[list[str]]) -> Ints:
        """Return the numbers of chunks, after learning those that are new."""
        try:
            return np.fromiter(map(self._chunks.__getitem__, chain.from_iterable(chunks)), np.int32)
        except KeyError:
            new = [chunk for chunk in set(chain.from_iterable(chunks)) if chunk not in self._chunks]
        for start in range(0, len(new), _SPLIT_AT_ONCE):
            self._add(new[start : start + _SPLIT_AT_ONCE])
        return np.fromiter(map(self._chunks.__getitem__, chain.from_iterable(chunks)), np.int32)

    def _add(self, chunks: list[str]) -> None:
        pieces = split_chunks(chunks, english()[0].tokenizer)
        words = list(chain.from_iterable(pieces))
        before = len(self._words)
        self._chunks.update(zip(chunks, range(len(self._chunks), len(self._chunks) + len(chunks)), strict=True))
        for word in words:
            if word not in self._numbers:
                self._numbers[word] = len(self._words)
                self._words.append(word)
        old, new = self.vocabulary, describe(self._words[before:])
        self.vocabulary = Vocabulary(*(np.append(getattr(old, name), getattr(new, name)) for name in old._fields))
        numbers = np.fromiter(map(self._numbers.__getitem__, words), np.int32, len(words))
        starts = self.tokens.starts[-1] + _ends(pieces)[1:]
        self.tokens = Tokens(np.append(self.tokens.starts, starts), np.append(self.tokens.words, numbers))
        self._changed = np.append(self._changed, self._specials.changed(chunks, pieces))

    def _reached(self, numbers: Ints, offsets: Offsets) -> list[int]:
        """Return the strings in which a special case may reach over a space beside a chunk that one has changed."""
        changed = np.flatnonzero(self._changed[numbers])
        reached = set()
        for at, row in zip(changed, np.searchsorted(offsets, changed, side="right") - 1, strict=True):
            around = numbers[max(at - 1, offsets[row]) : min(at + 2, offsets[row + 1])]
            if any(self._may_meet(left, right) for left, right in pairwise(around)):
                reached.add(int(row))
        return sorted(reached)

    def _merge(self, chunks: list[str], numbers: Ints, blanks: list[bool]) -> _Row:
        """Write together what a special case may reach across, from chunks that were changed by another one."""

        def is_apart(at: int) -> bool:
            return blanks[at] or not self._may_meet(numbers[at], numbers[at + 1])

        runs: list[tuple[int, int]] = []
        for at in map(int, np.flatnonzero(self._changed[numbers])):
            start = end = at
            while start > 0 and not is_apart(start - 1):
                start -= 1
            while end + 1 < len(chunks) and not is_apart(end):
                end += 1
            if start < end and (start, end + 1) not in runs[-1:]:
                runs.append((start, end + 1))
        merged = _Row(chunks.copy(), blanks)
        for start, end in reversed(runs):
            merged.chunks[start:end] = [" ".join(chunks[start:end])]
            merged.blanks[start:end] = [blanks[end - 1]]
        return merged

    def _may_meet(self, left: int, right: int) -> bool:
        """Return whether a special case may hold the last word of one chunk and the first one of the next."""
        last, first = self._edge(left, -1), self._edge(right, 0)
        if last is None or first is None:
            return (last is None or last in self._specials.firsts) and (
                first is None or first in self._specials.seconds
            )
        return (last, first) in self._specials.pairs

    def _edge(self, number: int, side: int) -> str | None:
        """Return the first or the last word of a chunk, None where a special case may have changed it."""
        words = self.tokens.words[self.tokens.starts[number] : self.tokens.starts[number + 1]]
        return None if self._changed[number] or len(words) == 0 else self._words[words[side]]


def _ends(lists: Sequence[Sequence[object]]) -> Offsets:
    ends = np.zeros(len(lists) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, lists), np.int64, len(lists)), out=ends[1:])
    return ends


def _blanks_of(text: str, chunks: list[str]) -> list[bool]:
    """Return for each chunk of a text whether a token of white space follows."""
    between = [gap != " " for gap in _BETWEEN.findall(text.lstrip())]
    between += [False] * (sum(chunk.count(" ") + 1 for chunk in chunks) - len(between))
    return between


@cache
def lexicon() -> Lexicon:
    """Return the one lexicon that all calls share."""
    return Lexicon()
