"""Writes a corpus like a crawl's texts, with copies, repeated captures and boilerplate of known number, as Parquet.

Words are made up and drawn by Zipf's law; lengths are lognormal. A document belongs to a site, whose documents are
scattered over all files and share the site's lines; some lines are shared by many sites. Copies and later captures
are made of documents drawn from a pool, an even sample of the originals so far; some are copied far more often than
others. The same number of documents and seed give the same files; what is held in memory is one file and the pool.
The columns `language` and `category` are there so that a run needs no stage but those of de-duplication; `copy_of`
is the address of the document that a copy was made of.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.columns import SPANS

Array = np.ndarray[Any, np.dtype[Any]]

DOCUMENTS_A_FILE: Final = 12_500
COPIES, EXACT, RECAPTURES = 0.15, 1 / 3, 0.02
"""Share of copies of other documents, of exact ones among them, and of later captures of the same address."""
LEAST_SIMILAR: Final = 0.7
"""Jaccard similarity of word 5-grams that the most changed copies are made for."""
LANGUAGES, OF_LANGUAGE = ("en", "de", "fr", "es", "pl"), (0.8, 0.07, 0.05, 0.05, 0.03)

_ADDRESS: Final = "https://www.site.example/documents/{}"
_WORDS: Final = 100_000
_MEAN_WORDS, _SPREAD, _FEWEST, _MOST = 460, 0.8, 30, 8_000
_POOL: Final = 8_192
_HEAD, _FOOT = 6, 2
_SHOWN: Final = 0.9  # share of a site's lines that one of its documents shows
_RELABELLED: Final = 0.01  # share of the changed copies that are labelled with some language
_SHINGLE: Final = 5
# A word stands in a text in one of ten forms: what follows it, and whether it is capitalised.
_AFTER: Final = (" ", ", ", ". ", ".\n", "\n")
_PLAIN, _COMMA, _SENTENCE, _PARAGRAPH, _TITLE = range(len(_AFTER))
_UP_TO: Final = (0.87, 0.93, 0.98)  # chance of a form up to each of the first three
_FORMS: Final = 2 * len(_AFTER)
_LINES: Final = _WORDS * _FORMS  # tokens from here on are whole lines


class Corpus(NamedTuple):
    """What all files share: the tokens, how words are drawn, and the sites with their lines."""

    documents: int
    tokens: pa.Array
    chances: Array
    site_ends: Array
    site_lines: Array


class Documents(NamedTuple):
    """Some documents: the tokens of all, one after the other, and a value each."""

    tokens: Array
    lengths: Array
    number: Array
    language: Array
    source: Array

    def take(self, chosen: Array) -> "Documents":
        """Return some of them, in the order asked for."""
        starts = np.cumsum(self.lengths) - self.lengths
        lengths = self.lengths[chosen]
        at = np.repeat(starts[chosen] - (np.cumsum(lengths) - lengths), lengths) + np.arange(lengths.sum())
        return Documents(self.tokens[at], lengths, *(values[chosen] for values in self[2:]))


def join(pieces: list[Documents]) -> Documents:
    """Return the documents of several as one."""
    return Documents(*(np.concatenate(values) for values in zip(*pieces, strict=True)))


def _vocabulary(random: np.random.Generator) -> list[str]:
    """Return made-up words, the frequent ones short."""
    open_ones = [consonant + vowel for consonant in "bdfghklmnprstvwz" for vowel in "aeiou"]
    syllables = np.array(open_ones + [one + end for one in open_ones for end in "nrstlm"])
    result = dict.fromkeys(syllables[random.permutation(len(syllables))].tolist())
    for syllables_each, words in ((2, 40_000), (3, _WORDS)):
        made = syllables[random.integers(0, len(syllables), words)]
        for _ in range(syllables_each - 1):
            made = np.char.add(made, syllables[random.integers(0, len(syllables), words)])
        result.update(dict.fromkeys(made.tolist()))
    return list(result)[:_WORDS]


def plan(documents: int, seed: int) -> Corpus:
    """Draw the vocabulary, the sites and their lines."""
    random = np.random.default_rng([seed, documents])
    words = _vocabulary(random)
    weights = 1 / (np.arange(_WORDS) + 2.7)
    chances = np.cumsum(weights) / weights.sum()
    ends = np.cumsum(np.exp(random.uniform(math.log(10), math.log(200), documents // 10 + 1)).astype(np.int64))
    ends = ends[: np.searchsorted(ends, documents) + 1]

    def line(fewest: int, most: int) -> str:
        ranks = np.searchsorted(chances, random.random(random.integers(fewest, most)))
        return " ".join(words[rank] for rank in ranks).capitalize() + "\n"

    shared = [line(1, 4) for _ in range(40)] + [line(8, 20) for _ in range(40)]
    own = [line(1, 4) if number % 5 else line(8, 20) for number in range(5 * len(ends))]
    table = np.empty((len(ends), _HEAD + _FOOT), np.int32)
    often = 1 / np.arange(1, 41)
    picked = random.choice(40, (len(ends), 3), p=often / often.sum())
    table[:, :2], table[:, -1] = picked[:, :2], 40 + picked[:, 2]
    table[:, 2:-1] = len(shared) + np.arange(5 * len(ends)).reshape(-1, 5)[:, [1, 2, 3, 4, 0]]
    forms = [form + after for word in words for after in _AFTER for form in (word, word.capitalize())]
    return Corpus(documents, pa.array(forms + shared + own, pa.large_string()), chances, ends, table + _LINES)


def _word_tokens(corpus: Corpus, languages: Array, random: np.random.Generator) -> Array:
    """Return a token for each language's word asked for; each language has its own order of the vocabulary."""
    ranks = np.searchsorted(corpus.chances, random.random(len(languages), np.float32))
    words = (np.minimum(ranks, _WORDS - 1) + 7_919 * languages) % _WORDS
    after = np.searchsorted(_UP_TO, random.random(len(words), np.float32))
    tokens: Array = (words * _FORMS + 2 * after).astype(np.int32)
    return tokens


def _with_form(tokens: Array, after: int) -> Array:
    formed: Array = tokens - tokens % _FORMS + 2 * after
    return formed


def _scattered(numbers: Array, count: int) -> Array:
    """Return the place of each number in an order of all that sends neighbours far apart."""
    factor = next(one for one in range(count * 5 // 8 + 1, 2 * count + 2) if math.gcd(one, count) == 1)
    places: Array = numbers * factor % count
    return places


def originals(corpus: Corpus, numbers: Array, random: np.random.Generator) -> Documents:
    """Return documents that are no copies: a title, lines of the site, a body, lines of the site."""
    body = np.clip(random.lognormal(math.log(_MEAN_WORDS) - _SPREAD**2 / 2, _SPREAD, len(numbers)), _FEWEST, _MOST)
    titles = random.integers(4, 9, len(numbers))
    lengths = body.astype(np.int64) + titles + _HEAD + _FOOT
    language = random.choice(len(LANGUAGES), len(numbers), p=OF_LANGUAGE)
    tokens = _word_tokens(corpus, np.repeat(language, lengths), random)
    ends = np.cumsum(lengths)
    starts = ends - lengths
    for last, form in ((starts + titles - 1, _TITLE), (ends - _FOOT - 1, _PARAGRAPH)):
        tokens[last] = _with_form(tokens[last], form)
    ended = np.concatenate(([True], tokens[:-1] % _FORMS // 2 >= _SENTENCE))
    ended[starts] = ended[starts + titles + _HEAD] = True
    tokens += ended
    lines = corpus.site_lines[np.searchsorted(corpus.site_ends, _scattered(numbers, corpus.documents), side="right")]
    lines = np.where(random.random(lines.shape) < _SHOWN, lines, -1)
    for column in range(_HEAD + _FOOT):
        place = starts + titles + column if column < _HEAD else ends - _FOOT - _HEAD + column
        tokens[place] = lines[:, column]
    lengths -= (lines < 0).sum(axis=1)
    return Documents(tokens[tokens >= 0], lengths, numbers, language, np.full(len(numbers), -1))


def changed(corpus: Corpus, documents: Documents, random: np.random.Generator) -> Documents:
    """Return documents with words changed, inserted or cut, each as much as its own Jaccard similarity asks for."""
    wanted = random.uniform(LEAST_SIMILAR, 1, len(documents.number))
    scattered = random.random(len(wanted)) < 0.7
    share = np.where(scattered, 1 - (2 * wanted / (1 + wanted)) ** (1 / _SHINGLE), 0).astype(np.float32)
    of_document = np.repeat(np.arange(len(wanted)), documents.lengths)
    at = np.arange(len(of_document)) - np.repeat(np.cumsum(documents.lengths) - documents.lengths, documents.lengths)
    block = np.where(scattered, 0, (1 - wanted) * documents.lengths).astype(np.int64)
    first = 20 + (random.random(len(block)) * np.maximum(0, documents.lengths - block - 30)).astype(np.int64)
    is_word = documents.tokens < _LINES
    cut = is_word & (at >= first[of_document]) & (at < (first + block)[of_document])
    inside = is_word & (documents.tokens % _FORMS // 2 <= _COMMA)
    chance = random.random(len(at), np.float32) / np.maximum(share[of_document], np.float32(1e-9))
    edit = np.where(inside, np.searchsorted([0.5, 0.75, 1], chance), 3)  # replaced, inserted after, cut, left alone
    times = np.select([cut | (edit == 2), edit == 1], [0, 2], 1)
    drawn = _with_form(_word_tokens(corpus, documents.language[of_document], random), _PLAIN)
    tokens = np.repeat(np.where(edit == 0, drawn, documents.tokens), times)
    was = np.repeat(np.arange(len(at)), times)
    inserted = np.concatenate(([False], was[1:] == was[:-1]))
    tokens[inserted] = drawn[was[inserted]]
    relabelled = random.random(len(wanted)) < _RELABELLED
    language = np.where(relabelled, random.integers(0, len(LANGUAGES), len(wanted)), documents.language)
    lengths = np.bincount(of_document, weights=times, minlength=len(wanted)).astype(np.int64)
    return documents._replace(tokens=tokens, lengths=lengths, language=language)


def _into_pool(pool: Documents | None, new: Documents, seen: int, random: np.random.Generator) -> Documents:
    """Return the pool after some originals more: reservoir sampling."""
    both = new if pool is None else join([pool, new])
    place = list(range(len(both.number) - len(new.number)))
    for at in range(len(place), len(both.number)):
        seen += 1
        if len(place) < _POOL:
            place.append(at)
        elif (target := random.integers(0, seen)) < _POOL:
            place[target] = at
    return both.take(np.array(place))


def tables(documents: int, seed: int = 0, documents_a_file: int = DOCUMENTS_A_FILE) -> Iterator[pa.Table]:
    """Yield the corpus, a table for each file; only the last may be shorter."""
    corpus, pool, made = plan(documents, seed), None, 0
    for number, start in enumerate(range(0, documents, documents_a_file)):
        random = np.random.default_rng([seed, documents, number])
        size = min(documents_a_file, documents - start)
        kinds = random.random(size)
        copies, again = int((kinds < COPIES).sum()), int((kinds > 1 - RECAPTURES).sum())
        numbers = np.flatnonzero((kinds >= COPIES) & (kinds <= 1 - RECAPTURES)) + start
        new = originals(corpus, numbers, random)
        pool, made = _into_pool(pool, new, made, random), made + len(numbers)
        drawn = pool.take((len(pool.number) * random.random(copies) ** 2).astype(np.int64))
        drawn = drawn._replace(source=drawn.number, number=np.flatnonzero(kinds < COPIES) + start)
        exact = random.random(copies) < EXACT
        altered = changed(corpus, drawn.take(np.flatnonzero(~exact)), random)
        captures = pool.take(random.integers(0, len(pool.number), again))
        rows = join([new, drawn.take(np.flatnonzero(exact)), altered, captures])
        later = np.zeros(size, np.int64)
        later[size - again :] = random.integers(1, 300, again)
        yield _table(corpus, rows, later, random.permutation(size))


def _table(corpus: Corpus, rows: Documents, days_later: Array, order: Array) -> pa.Table:
    """Return rows as a table in a given order."""
    rows, days_later = rows.take(order), days_later[order]
    held = corpus.tokens.take(pa.array(rows.tokens))
    ends = np.concatenate(([0], np.cumsum(rows.lengths)))
    offsets = np.frombuffer(held.buffers()[1], np.int64)[ends].astype(np.int32)
    texts = pa.StringArray.from_buffers(len(order), pa.py_buffer(offsets), held.buffers()[2])
    titles = pc.find_substring(texts, "\n").to_pylist()
    times = np.datetime64("2024-01-01", "us") + (rows.number + 1_440 * days_later).astype("timedelta64[m]")
    columns = {
        "url": [_ADDRESS.format(number) for number in rows.number],
        "text": pc.utf8_rtrim(texts, "\n"),
        "language": np.array(LANGUAGES)[rows.language],
        "category": np.where(rows.language == 0, "general", "multilingual"),
        "fetch_time": pa.array(times, pa.timestamp("us", "UTC")),
        "spans": pa.array([[{"start": 0, "end": end, "kind": "heading"}] for end in titles], SPANS.type),
        "copy_of": [None if number < 0 else _ADDRESS.format(number) for number in rows.source],
    }
    return pa.table(columns)


def write_corpus(directory: Path, documents: int, seed: int = 0) -> None:
    """Write the corpus into a directory."""
    directory.mkdir(parents=True, exist_ok=True)
    for number, table in enumerate(tables(documents, seed)):
        pq.write_table(table, directory / f"documents-{number:05d}.parquet", compression="zstd")
