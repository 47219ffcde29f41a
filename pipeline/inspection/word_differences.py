"""What differs between two texts, word by word, in no more segments than a person reads."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

Op = Literal["same", "removed", "added", "left_out"]
Segment = tuple[Op, str]
_CHARS = 100_000
"""Code points of each text that are looked at."""
_WORDS = 1500
"""Words of each text that are compared, behind what both begin with."""
_CONTEXT = 12
"""Words that are shown of what is the same, on each side of a difference."""
_SEGMENTS, _SEGMENT_CHARS = 80, 500
_WORD = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]|[^\s\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]+\s*|\s+")
"""A word with the space behind it; of scripts that write none, a character."""


def word_differences(before: str, after: str) -> tuple[Segment, ...]:
    """Return what differs between two texts, with some words around: (op, text).

    `removed` stands in the first text alone, `added` in the second alone, `same` in both; `left_out` says in words what
    is not shown. The result is bounded, whatever the texts are.

    >>> word_differences("the old mill stands", "the new mill stands")
    (('same', 'the '), ('removed', 'old '), ('added', 'new '), ('same', 'mill stands'))
    >>> word_differences("as it was", "as it was")
    (('same', 'as it was'),)
    """
    first, second = (_WORD.findall(text[:_CHARS]) for text in (before, after))
    start = _common(first, second)
    end = _common(first[start:][::-1], second[start:][::-1])
    middles = [words[start : len(words) - end] for words in (first, second)]
    is_cut = max(map(len, middles)) > _WORDS or max(len(before), len(after)) > _CHARS
    rest = [] if is_cut else first[len(first) - end :]
    segments = list(_shown(first[:start], middles[0][:_WORDS], middles[1][:_WORDS], rest))
    if len(segments) > _SEGMENTS:
        segments = [*segments[:_SEGMENTS], ("left_out", f"{len(segments) - _SEGMENTS:,} segments")]
    if is_cut:
        segments.append(("left_out", "what follows is not compared"))
    return tuple(segments)


def _common(first: Sequence[str], second: Sequence[str]) -> int:
    """Return how many words both begin with."""
    shorter = min(len(first), len(second))
    return next((at for at in range(shorter) if first[at] != second[at]), shorter)


def _shown(start: list[str], first: list[str], second: list[str], end: list[str]) -> Iterator[Segment]:
    if not first and not second:
        yield from _same([*start, *end], is_first=True, is_last=False)
        return
    yield from _same(start, is_first=True, is_last=False)
    for tag, low, high, other_low, other_high in SequenceMatcher(None, first, second).get_opcodes():
        if tag == "equal":
            is_last = not end and high == len(first) and other_high == len(second)
            yield from _same(first[low:high], is_first=False, is_last=is_last)
        else:
            yield from _cut("removed", first[low:high])
            yield from _cut("added", second[other_low:other_high])
    yield from _same(end, is_first=False, is_last=True)


def _same(words: list[str], *, is_first: bool, is_last: bool) -> Iterator[Segment]:
    """Yield words of both texts: those beside a difference."""
    head, tail = 0 if is_first else _CONTEXT, 0 if is_last else _CONTEXT
    if len(words) <= head + tail + 1:
        yield from _cut("same", words)
        return
    yield from _cut("same", words[:head])
    yield "left_out", f"{len(words) - head - tail:,} words"
    yield from _cut("same", words[len(words) - tail :])


def _cut(op: Op, words: Sequence[str]) -> Iterator[Segment]:
    text = "".join(words)
    if text:
        yield op, text[:_SEGMENT_CHARS]
    if len(text) > _SEGMENT_CHARS:
        yield "left_out", f"{len(text) - _SEGMENT_CHARS:,} characters"
