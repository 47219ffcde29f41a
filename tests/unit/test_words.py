"""Words are found and hashed in compiled code as a plain reading of their definition says."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.text import words
from pipeline.kernels.text.words import find_words, hash_words, tables, utf8

MIXED = st.text("abAB1²é\u0301'’·\u00ad\u200d.,# \n水なー〇ก\u0e31า๓한\U00020000İςΣß_-", max_size=60)
TEXTS = st.one_of(st.text(max_size=60), MIXED)


def in_run(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNM"


def stands_alone(character: str) -> bool:
    category = unicodedata.category(character)
    return (category[0] == "L" or category == "Nl") and bool(tables().classes[ord(character)] & words.ALONE)


def plain_words(text: str) -> list[str]:
    """Split as the definition says, one character after the other."""
    result: list[str] = []
    at = 0
    while at < len(text):
        if not in_run(text[at]):
            at += 1
            continue
        end = at + 1
        if stands_alone(text[at]):
            while end < len(text) and unicodedata.category(text[end])[0] == "M":
                end += 1
        else:
            while end < len(text):
                after = text[end + 1 : end + 2]
                joins = text[end] in "'’·\u00ad\u200c\u200d" and after and in_run(after) and not stands_alone(after)
                if not joins and (stands_alone(text[end]) or not in_run(text[end])):
                    break
                end += 1
        result.append(text[at:end])
        at = end
    return result


def plain_fold(word: str) -> str:
    """Fold each character by itself, and only to a single one."""
    folded = (c.casefold() if len(c.casefold()) == 1 else c for c in word)
    return "".join(folded).replace("’", "'")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n.,;", []),
        ("one two", ["one", "two"]),
        ("don't l’eau col·lecció", ["don't", "l’eau", "col·lecció"]),
        ("'quoted' dogs' a''b", ["quoted", "dogs", "a", "b"]),
        ("well-known 3.14 a_b", ["well", "known", "3", "14", "a", "b"]),
        ("水車がある", ["水", "車", "が", "あ", "る"]),
        ("abc水def", ["abc", "水", "def"]),
        ("한국어 문장", ["한국어", "문장"]),
        ("ที่", ["ที่"]),
        ("e\u0301te\u0301", ["e\u0301te\u0301"]),
        ("मैं हूँ", ["मैं", "हूँ"]),
        ("می\u200cخواهم", ["می\u200cخواهم"]),
        ("𠀀𠀁", ["𠀀", "𠀁"]),
        ("😀 ok 😀", ["ok"]),
    ],
)
def test_words_are_split_as_the_table_says(text: str, expected: list[str]) -> None:
    assert plain_words(text) == expected
    assert find_words(pa.array([text])).lengths.tolist() == [len(word) for word in expected]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.none() | TEXTS, max_size=4))
def test_compiled_words_agree_with_the_plain_reading_on_any_text(texts: list[str | None]) -> None:
    result = find_words(pa.array(texts, type=pa.string()))
    for row, text in enumerate(texts):
        low, high = result.offsets[row], result.offsets[row + 1]
        assert result.lengths[low:high].tolist() == [len(word) for word in plain_words(text or "")]


@settings(max_examples=300, deadline=None)
@given(MIXED)
def test_two_words_have_one_hash_exactly_if_they_fold_alike(text: str) -> None:
    hashes = find_words(pa.array([text])).hashes.tolist()
    folded = [plain_fold(word) for word in plain_words(text)]
    assert len(set(zip(hashes, folded, strict=True))) == len(set(hashes)) == len(set(folded))


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
def test_bytes_and_offsets_survive_slices_chunks_and_nulls(kind: pa.DataType) -> None:
    whole = pa.array(["zero", "één", None, "", "水"], type=kind)
    for texts in (whole[1:], pa.chunked_array([whole[1:2], whole[2:2], whole[2:]])):
        held, offsets = utf8(texts)
        pieces = [bytes(held[a:b]).decode() for a, b in pairwise(offsets)]
        assert pieces == ["één", "", "", "水"]
    assert utf8(whole[:0])[1].tolist() == [0]
    assert utf8(pa.chunked_array([], type=kind))[1].tolist() == [0]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=12))
def test_malformed_bytes_never_lead_out_of_bounds(held: bytes) -> None:
    points = np.zeros(len(held), dtype=np.int32)
    # the uncompiled function checks its indices
    count = words.decode.py_func(np.frombuffer(held, dtype=np.uint8), 0, len(held), points)  # type: ignore[attr-defined]
    assert ((points[:count] >= 0) & (points[:count] < words.CODE_POINTS)).all()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_well_formed_text_is_decoded_to_its_code_points(text: str) -> None:
    held = np.frombuffer(text.encode(), dtype=np.uint8)
    points = np.zeros(len(held), dtype=np.int32)
    count = words.decode(held, 0, len(held), points)
    assert points[:count].tolist() == [ord(character) for character in text]


def test_letters_of_unspaced_scripts_stand_alone_and_no_others() -> None:
    alone = [chr(code) for code in np.flatnonzero(tables().classes & words.ALONE)]
    names = {unicodedata.name(character).split(" ")[0].split("-")[0] for character in alone}
    assert {"CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR"} <= names
    assert not names & {"LATIN", "GREEK", "CYRILLIC", "ARABIC", "HEBREW", "HANGUL", "DEVANAGARI", "TAMIL", "GEORGIAN"}


def test_white_space_is_what_python_strips() -> None:
    spaces = {chr(code) for code in np.flatnonzero(tables().classes & words.SPACE)}
    assert spaces == {chr(code) for code in range(words.CODE_POINTS) if chr(code).isspace()}


def test_hash_words_refuses_what_is_not_one_word() -> None:
    with pytest.raises(ValueError, match="New York"):
        hash_words(["the", "New York"])
    assert hash_words([]).tolist() == []
