"""What a linear model counts, and how it adds weights, in compiled code as a plain reading of the definitions says."""

import math
import unicodedata
from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.linear.ngrams import Table, add_scores, count_ngrams, table_of
from pipeline.kernels.linear.units import Units, characters_of, tokens_of
from pipeline.kernels.text.words import hash_words

Token = tuple[str, Any]
SIGNS = st.text("abABéÉσςΣß_019²٣Ⅷ〇水な한\u0301\u00ad'.,;+=(){}# \t\n\r\u00a0\u2028😀\x00\U00020000", max_size=50)
TEXTS = st.lists(st.none() | SIGNS | st.text(max_size=30), max_size=5)
TOKENS: list[tuple[str | None, list[Token]]] = [
    (None, []),
    ("", []),
    (" \t\n \n\n", []),
    ("The THE the", [("word", "the")] * 3),
    ("ÉTÉ été ΣΑΣ", [("word", "été"), ("word", "été"), ("word", "σασ")]),
    ("Straße", [("word", "straße")]),
    ("don't", [("word", "don"), ("sign", "'"), ("word", "t")]),
    ("7 42 123 1234 98765", [("number", 1), ("number", 2), ("number", 3), ("number", 4), ("number", 4)]),
    ("x1 1x 3.14 ٣٤", [("word", "x1"), ("word", "1x"), ("number", 1), ("sign", "."), ("number", 2), ("number", 2)]),
    ("_ _x __init__ 1_000", [("word", "_"), ("word", "_x"), ("word", "__init__"), ("word", "1_000")]),
    ("x += 1;", [("word", "x"), ("sign", "+"), ("sign", "="), ("number", 1), ("sign", ";")]),
    ("水車 が", [("word", "水車"), ("word", "が")]),
    ("😀ok😀", [("sign", "😀"), ("word", "ok"), ("sign", "😀")]),
    ("e\u0301", [("word", "e\u0301")]),
    ("  a", [("word", "a")]),
    ("\na", [("indent", 0), ("word", "a")]),
    ("a\n b", [("word", "a"), ("indent", 0), ("word", "b")]),
    ("a\n  b\n\tc", [("word", "a"), ("indent", 1), ("word", "b"), ("indent", 2), ("word", "c")]),
    ("a\n \t b", [("word", "a"), ("indent", 3), ("word", "b")]),
    ("a\n\n   \nb\n  ", [("word", "a"), ("indent", 0), ("word", "b")]),
    ("a\n" + " " * 15 + "b", [("word", "a"), ("indent", 7), ("word", "b")]),
    ("a\n" + " " * 40 + "b", [("word", "a"), ("indent", 8), ("word", "b")]),
    ("a\n" + " " * 16 + "b", [("word", "a"), ("indent", 8), ("word", "b")]),
]


def plain_fold(character: str) -> str:
    folded = character.casefold()
    return folded if len(folded) == 1 else character


def joins(character: str) -> bool:
    return character == "_" or unicodedata.category(character)[0] in "LNM"


def plain_tokens(text: str) -> list[Token]:
    """Read a text as the definition says, one character after the other."""
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        end = at + 1
        if text[at] == "\n":
            while end < len(text) and text[end] in " \t":
                end += 1
            if end < len(text) and text[end] != "\n":
                columns = len(text[at + 1 : end].replace("\t", "    "))
                tokens.append(("indent", min(columns, 16) // 2))
        elif joins(text[at]):
            while end < len(text) and joins(text[end]):
                end += 1
            name = text[at:end]
            if all(unicodedata.category(character)[0] == "N" for character in name):
                tokens.append(("number", min(len(name), 4)))
            else:
                tokens.append(("word", "".join(map(plain_fold, name))))
        elif not text[at].isspace():
            tokens.append(("sign", text[at]))
        at = end
    return tokens


def rows_of(units: Units) -> list[list[int]]:
    return [units.hashes[start:end].tolist() for start, end in pairwise(units.offsets.tolist())]


def require_same(units: Units, expected: list[list[Token]]) -> None:
    """Require as many hashes as tokens in each text, and the same hash exactly for the same token."""
    rows = rows_of(units)
    assert [len(row) for row in rows] == [len(row) for row in expected]
    pairs = {
        (number, token)
        for row, tokens in zip(rows, expected, strict=True)
        for number, token in zip(row, tokens, strict=False)
    }
    assert len(pairs) == len({number for number, _ in pairs}) == len({token for _, token in pairs})


@pytest.mark.parametrize(("text", "expected"), TOKENS)
def test_tokens_are_what_the_table_says(text: str | None, expected: list[Token]) -> None:
    assert plain_tokens(text or "") == expected
    # every kind of token beside it, so that two that differ cannot have one hash unnoticed
    beside = "_ a b c ok the x x1 1 12 123 1234 .+=;😀\n.\n  .\n    .\n      .\n        ."
    require_same(tokens_of(pa.array([text, beside], pa.string())), [expected, plain_tokens(beside)])


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_tokens_of_any_texts_are_those_of_a_plain_reading(texts: list[str | None]) -> None:
    require_same(tokens_of(pa.array(texts, pa.string())), [plain_tokens(text or "") for text in texts])


def test_a_word_has_the_hash_that_words_have_elsewhere() -> None:
    assert tokens_of(pa.array(["Mühle"])).hashes.tolist() == hash_words(["mühle"]).tolist()


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_characters_of_any_texts_are_their_folded_code_points_with_each_digit_as_zero(texts: list[str | None]) -> None:
    expected = [
        [ord("0") if character in "0123456789" else ord(plain_fold(character)) for character in text or ""]
        for text in texts
    ]
    assert rows_of(characters_of(pa.array(texts, pa.string()))) == expected


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
@pytest.mark.parametrize("units_of", [tokens_of, characters_of])
def test_units_of_slices_and_chunks_are_those_of_their_texts(kind: pa.DataType, units_of: Any) -> None:
    texts = ["zéro 0", "Mill\n  x", None, "", "水車 12", "end"]
    whole = pa.array(texts, kind)
    expected = [rows_of(units_of(pa.array([text], pa.string())))[0] for text in texts]
    assert rows_of(units_of(whole[1:5])) == expected[1:5]
    assert rows_of(units_of(pa.chunked_array([whole[1:2], whole[2:2], whole[2:]]))) == expected[1:]
    assert rows_of(units_of(whole[:0])) == []


# N-grams: a dictionary, and splitmix64 in Python's integers.

ALL = (1 << 64) - 1
UNITS = st.lists(st.lists(st.integers(0, 5) | st.integers(0, ALL), max_size=12), max_size=4)
LENGTHS = st.tuples(st.integers(1, 3), st.integers(0, 2), st.integers(0, 14))


def plain_mix(value: int) -> int:
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & ALL
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & ALL
    return value ^ (value >> 31)


def plain_key(ngram: tuple[int, ...]) -> int:
    state = 0
    for unit in ngram:
        state = plain_mix((state * 0x9E3779B97F4A7C15 + unit) & ALL)
    return max(state >> 32, 1)


def plain_ngrams(units: list[int], low: int, high: int, most: int) -> Counter[int]:
    seen = units[:most]
    return Counter(plain_key(tuple(seen[at : at + n])) for n in range(low, high + 1) for at in range(len(seen) - n + 1))


def as_units(rows: list[list[int]]) -> Units:
    offsets = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    return Units(offsets, np.array([unit for row in rows for unit in row], np.uint64))


@settings(max_examples=300, deadline=None)
@given(UNITS, LENGTHS)
def test_ngrams_are_counted_as_a_dictionary_counts_them(rows: list[list[int]], lengths: tuple[int, int, int]) -> None:
    low, more, most = lengths
    grams = count_ngrams(as_units(rows), low, low + more, most)
    counted = [
        list(zip(grams.keys[start:end].tolist(), grams.counts[start:end].tolist(), strict=True))
        for start, end in pairwise(grams.offsets.tolist())
    ]
    assert counted == [sorted(plain_ngrams(row, low, low + more, most).items()) for row in rows]


def plain_scores(
    counts: Counter[int], rows: dict[int, int], idf: npt.NDArray[Any], weights: npt.NDArray[Any]
) -> list[float]:
    values = {rows[key]: (1 + math.log(count)) * float(idf[rows[key]]) for key, count in counts.items() if key in rows}
    length = math.sqrt(math.fsum(value * value for value in values.values())) or 1.0
    return [
        math.fsum(value * int(weights[row, label]) for row, value in values.items()) / length
        for label in range(weights.shape[1])
    ]


@settings(max_examples=300, deadline=None)
@given(UNITS, LENGTHS, st.data())
def test_scores_are_the_sums_that_a_dictionary_gives(
    rows: list[list[int]], lengths: tuple[int, int, int], data: st.DataObject
) -> None:
    low, more, most = lengths
    counts = [plain_ngrams(row, low, low + more, most) for row in rows]
    there = sorted({key for row in counts for key in row})
    keys = sorted({*data.draw(st.lists(st.sampled_from(there), unique=True) if there else st.just([])), 5, 8, 16})
    draw = np.random.default_rng(len(keys))
    idf = draw.uniform(0.5, 9, len(keys)).astype(np.float32)
    weights = draw.integers(-127, 128, (len(keys), 2)).astype(np.int8)
    out = np.full((len(rows), 2), 0.5)
    table = table_of(np.array(keys, np.uint32))
    add_scores(as_units(rows), (low, low + more, most), table, idf, weights, out)
    numbered = {key: row for row, key in enumerate(keys)}
    expected = [[0.5 + score for score in plain_scores(row, numbered, idf, weights)] for row in counts]
    np.testing.assert_allclose(out, np.array(expected).reshape(-1, 2), rtol=1e-9, atol=1e-9)


def row_in(table: Table, key: int) -> int | None:
    """Look a key up as open addressing does: from its slot on to the next empty one."""
    slots = len(table.keys)
    for step in range(slots):
        slot = (key + step) % slots
        if table.keys[slot] == key:
            return int(table.rows[slot])
        if table.keys[slot] == 0:
            return None
    return None


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [1],
        [7, 15, 23, 31],  # all want the last of eight slots, and go on at the first
        [8, 16, 24, 32, 1],
        [3, 0xFFFFFFFF, 11, 19],
        [n << 20 for n in range(1, 300)],
        list(range(1, 300)),
    ],
)
def test_a_table_has_the_row_of_each_key_however_they_collide(keys: list[int]) -> None:
    table = table_of(np.array(keys, np.uint32))
    assert [row_in(table, key) for key in keys] == list(range(len(keys)))
    assert np.count_nonzero(table.keys) == len(keys) <= len(table.keys) / 2
    strangers = [key for key in (2, 39, 47, 0xFFFFFFF7, 300 << 20, 301) if key not in keys]
    assert [row_in(table, key) for key in strangers] == [None] * len(strangers)
