"""Phrases found in compiled code: lists of many languages in one pass over the words that were found anyhow.

A phrase is a sequence of words, and so has word boundaries in scripts with spaces and none in those without, where each
character is a word. It is looked for as a path through a tree whose edges are word hashes: all lists together cost one
look-up a word that begins no phrase. Between the words of a phrase may stand white space, hyphens and underscores;
other signs only where the phrase has the same ones, so that it does not run on over the end of a sentence.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.kernels.compiled import compiled
from pipeline.kernels.signals.dirty_words import MOST, WordLists
from pipeline.kernels.signals.order import (
    DIRTY_WORD_SHARE,
    DIRTY_WORDS,
    DISTINCT_DIRTY_WORDS,
    DISTINCT_EXPLICIT_WORDS,
    EXPLICIT_WORD_SHARE,
    EXPLICIT_WORDS,
    JAVASCRIPT,
    LOREM_IPSUM,
    POLICY,
    URL_WORDS,
    Floats,
)
from pipeline.kernels.text import words
from pipeline.kernels.text.composed import composed
from pipeline.kernels.text.words import Classes, Hashes, Ints, Offsets
from schemas.signals import DISTINCT

_KINDS = {
    LOREM_IPSUM: ("lorem ipsum",),
    JAVASCRIPT: ("javascript",),
    POLICY: ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies"),
    URL_WORDS: ("http", "https", "www"),
}
_COUNTED = tuple(_KINDS)
_POLICY_BIT = np.uint64(MOST + _COUNTED.index(POLICY))
SPEAKERS = ("we", "our", "ours", "us", "agree", "agreeing", "consent", "accept", "accepting", "continuing")
"""Words by which a site speaks of its own policies; an article tells of those of others."""
_NEAR, _BESIDE = 12, 3
"""Words around a mention in which a speaker counts; words from one mention to the next in a list of links."""
_MENTIONS = 1000
_ALSO = {"fr": ("fr-CA",), "tl": ("fil",), "wuu": ("zh",), "yue": ("zh",), "nn": ("no",)}
"""label of lid.176 → lists of other names that apply to it."""
_DIRTY = np.uint64((1 << MOST) - 1)
_ROOT, _NOTHING = np.uint64(0x51ED270B2F3C1E9D), np.uint64(0)
_BETWEEN = (0x2D, 0x5F, 0x2010, 0x2011)  # hyphens and the underscore


class Phrases(NamedTuple):
    """The tree as an open hash table, at most half full: state after a word → bits of the lists in which it ends.

    Attributes:
        states: 0 where a slot is free.
        bits: Of the lists that hold the phrase which ends here; 0 where none ends yet.
    """

    states: Hashes
    bits: Hashes


class Numbered(NamedTuple):
    """Phrases, and which bits each language's lists of dirty words have.

    Attributes:
        phrases: The tree.
        bits: Of its entries, by language.
        plain: Of those among them that have a plain sense as well.
    """

    phrases: Phrases
    bits: dict[str, int]
    plain: dict[str, int]


class Known(NamedTuple):
    """What is looked for.

    Attributes:
        phrases: The tree.
        speakers: Sorted hashes of `SPEAKERS`.
    """

    phrases: Phrases
    speakers: Hashes


class Wanted(NamedTuple):
    """Bits of the lists of dirty words that apply to a text.

    Attributes:
        dirty: Of their entries.
        plain: Of those with a plain sense.
    """

    dirty: np.uint64
    plain: np.uint64


def number_phrases(lists: Mapping[str, Iterable[str]], plain: Mapping[str, Iterable[str]] | None = None) -> Numbered:
    """Return lists of dirty words, by language, as a tree, together with the phrases that all texts are asked for.

    Args:
        lists: Their entries.
        plain: Of these the entries that have a plain sense as well.

    Raises:
        ValueError: There are more than 60 lists, or an entry has no word.

    >>> number_phrases({"en": ["pig swill", "swill"], "de": ["swill"]}).bits
    {'en': 1, 'de': 2}
    """
    plain = plain or {}
    if len(lists) + len(plain) > MOST:
        raise ValueError(f"number_phrases: at most {MOST} lists, not {len(lists) + len(plain)}")
    bits = {language: 1 << number for number, language in enumerate(lists)}
    entries = [(entry, bits[language]) for language, entries_of_list in lists.items() for entry in entries_of_list]
    plain_bits = {language: 1 << number for number, language in enumerate(plain, len(lists))}
    entries += [
        (entry, plain_bits[language]) for language, entries_of_list in plain.items() for entry in entries_of_list
    ]
    entries += [(entry, 1 << (MOST + at)) for at, kind in enumerate(_COUNTED) for entry in _KINDS[kind]]
    texts = pa.array([entry for entry, _ in entries], pa.string())
    paths, offsets = _paths(texts)
    if (empty := np.flatnonzero(np.diff(offsets) == 0)).size:
        raise ValueError(f"number_phrases: these entries have no word: {[entries[at][0] for at in empty[:5]]}")
    states: dict[int, int] = {}
    for number, (_, bit) in enumerate(entries):
        path = paths[offsets[number] : offsets[number + 1]].tolist()
        for state in path:
            states.setdefault(state, 0)
        states[path[-1]] |= bit
    return Numbered(_hashed(states), bits, plain_bits)


def number_lists(lists: WordLists) -> Numbered:
    """Return lists in the form that is looked for; a language of several lists is given the bits of all of them.

    >>> numbered = number_lists(WordLists({"fr": ("zut",), "fr-CA": ("câlice",)}, {}))
    >>> numbered.bits
    {'fr': 3, 'fr-CA': 2}
    """
    phrases, bits, plain = number_phrases(lists.entries, lists.plain)
    return Numbered(phrases, _joined(bits), _joined(plain))


def _joined(own: dict[str, int]) -> dict[str, int]:
    """Return the bits of lists by language, those of lists of other names that apply to it as well."""
    bits = dict(own)
    for language, others in _ALSO.items():
        joined = own.get(language, 0)
        for other in others:
            joined |= own.get(other, 0)
        if joined:
            bits[language] = joined
    return bits


def _hashed(states: Mapping[int, int]) -> Phrases:
    size = 8
    while size < 2 * len(states):
        size *= 2
    table = Phrases(np.zeros(size, np.uint64), np.zeros(size, np.uint64))
    for state, bit in states.items():
        position = state & (size - 1)
        while table.states[position]:
            position = (position + 1) & (size - 1)
        table.states[position], table.bits[position] = state, bit
    return table


def _paths(texts: pa.Array) -> tuple[Hashes, Offsets]:
    """Return the states that each text's words lead through, one after the other."""
    buffer, offsets = words.utf8(composed(texts))
    out, ends = np.empty(len(buffer), np.uint64), np.zeros(len(offsets), np.int64)
    _walk_all(buffer, offsets, words.tables(), words.longest(offsets), out, ends)
    return out[: ends[-1]], ends


@compiled
def _walk_all(
    buffer: words.Bytes, offsets: Offsets, tables: words.Tables, points: Ints, out: Hashes, ends: Offsets
) -> None:
    for row in range(len(offsets) - 1):
        count = words.decode(buffer, offsets[row], offsets[row + 1], points)
        state, at, total, gap = _ROOT, 0, ends[row], _NOTHING
        while at < count:
            if tables.classes[points[at]] & words.IN_RUN:
                end = words.end_of_word(points, at, count, tables.classes)
                for position in range(at, end):
                    points[position] = tables.folds[points[position]]
                key = words.hash_points(points, at, end)
                state = step(state, gap if total > ends[row] else _NOTHING, key)
                out[total] = state
                total, at, gap = total + 1, end, _NOTHING
            else:
                gap = widen(gap, points[at], tables.classes)
                at += 1
        ends[row + 1] = total


@compiled
def widen(gap: np.uint64, point: np.int32, classes: Classes) -> np.uint64:
    """Return the hash of what stands between two words, with one more code point; 0 for what does not part them."""
    if classes[point] & words.SPACE or point in _BETWEEN:
        return gap
    return words.chain(gap, np.uint64(point))


@compiled
def step(state: np.uint64, gap: np.uint64, word: np.uint64) -> np.uint64:
    """Return the state that a word leads to behind a gap; never 0."""
    return words.chain(words.chain(state, gap), word) | np.uint64(1)


@compiled
def _bits_of(phrases: Phrases, state: np.uint64) -> tuple[bool, np.uint64]:
    """Tell whether a state lies on the way to a phrase, and of which lists one ends there."""
    mask = len(phrases.states) - 1
    position = np.int64(state & np.uint64(mask))
    while phrases.states[position] != _NOTHING:
        if phrases.states[position] == state:
            return True, phrases.bits[position]
        position = (position + 1) & mask
    return False, _NOTHING


@compiled
def measure_phrases(hashes: Hashes, gaps: Hashes, lexicon: Known, wanted: Wanted, out: Floats) -> None:
    """Fill the counts of phrases; of dirty words those of the wanted lists, the longest that begins at each word.

    Args:
        hashes: Of the words.
        gaps: Hash of what stands before each word.
        lexicon: The tree, and who speaks for a site.
        wanted: Bits of the lists of dirty words that apply.
        out: The row to fill; the words of dirty entries are filled as a number.
    """
    phrases = lexicon.phrases
    dirty_until = distinct = explicit = mentions = 0
    entries = np.empty(DISTINCT, np.uint64)
    mentioned = np.empty(_MENTIONS, np.int32)
    for start in range(len(hashes)):
        state, at, ended, entry, is_plain = step(_ROOT, _NOTHING, hashes[start]), start, 0, _NOTHING, False
        on, bits = _bits_of(phrases, state)
        while on:
            at += 1
            if bits & wanted.dirty & _DIRTY:
                ended, entry, is_plain = at, state, (bits & wanted.plain) != _NOTHING
            for kind in range(len(_COUNTED)):
                out[_COUNTED[kind]] += (bits >> np.uint64(MOST + kind)) & np.uint64(1)
            if (bits >> _POLICY_BIT) & np.uint64(1) and mentions < _MENTIONS:
                mentioned[mentions] = start
                mentions += 1
            if at == len(hashes):
                break
            state = step(state, gaps[at], hashes[at])
            on, bits = _bits_of(phrases, state)
        if ended and start >= dirty_until:
            out[DIRTY_WORDS] += 1
            out[DIRTY_WORD_SHARE] += ended - start
            dirty_until = ended
            is_new = distinct < DISTINCT and not (entries[:distinct] == entry).any()
            if is_new:
                entries[distinct] = entry
                distinct += 1
            if not is_plain:
                out[EXPLICIT_WORDS] += 1
                out[EXPLICIT_WORD_SHARE] += ended - start
                explicit += is_new
    out[DISTINCT_DIRTY_WORDS], out[DISTINCT_EXPLICIT_WORDS] = distinct, explicit
    if mentions:
        out[POLICY] -= _told_by_others(hashes, mentioned[:mentions], lexicon.speakers)


@compiled
def _told_by_others(hashes: Hashes, mentioned: Ints, speakers: Hashes) -> int:
    """Return how many mentions of a policy are neither the site's own words nor one of several side by side."""
    others = 0
    for number in range(len(mentioned)):
        at = mentioned[number]
        beside = number > 0 and at - mentioned[number - 1] <= _BESIDE
        beside = beside or (number + 1 < len(mentioned) and mentioned[number + 1] - at <= _BESIDE)
        is_own = False
        for near in range(max(0, at - _NEAR), min(len(hashes), at + _NEAR)):
            slot = np.searchsorted(speakers, hashes[near])
            is_own = is_own or (slot < len(speakers) and speakers[slot] == hashes[near])
        others += not (beside or is_own)
    return others
