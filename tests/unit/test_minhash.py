"""Signatures are datasketch's for the same shingles, and estimate the Jaccard similarity of word five-grams."""

import math
import random
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.near_duplicates import minhash
from pipeline.kernels.near_duplicates.banding import KEY_BITS, Banding, banding, candidate_probability
from pipeline.kernels.near_duplicates.minhash import (
    band_keys,
    equal_positions,
    exact_jaccard,
    permutations,
    sign_hashes,
    sketch,
)

WORDS = [f"w{number}" for number in range(400)]


def datasketch_signature(hashes: Iterable[int], count: int) -> list[int]:
    oracle = MinHash(count, hashfunc=lambda value: value)
    for value in hashes:
        oracle.update(value)
    return [int(value) for value in oracle.hashvalues]


def shingles(words: list[str], size: int = 5) -> set[tuple[str, ...]]:
    if len(words) < size:
        return {tuple(words)} if words else set()
    return {tuple(words[at : at + size]) for at in range(len(words) - size + 1)}


def jaccard(left: set[tuple[str, ...]], right: set[tuple[str, ...]]) -> float:
    return len(left & right) / len(left | right)


def estimated(left: str, right: str, count: int) -> float:
    pair = sketch(pa.array([left, right]), count).signatures
    return int(equal_positions(pair[:1], pair[1:], np.zeros(1, np.int64))[0]) / count


def key_of(text: str | None) -> tuple[int, ...]:
    return tuple(sketch(pa.array([text], pa.string())).keys[0].tolist())


def signature_of(text: str | None, shingle: int = 5) -> list[int]:
    result: list[int] = sketch(pa.array([text], pa.string()), 128, shingle).signatures[0].tolist()
    return result


@settings(deadline=None, max_examples=40)
@given(st.sets(st.integers(0, 2**32 - 1), min_size=1, max_size=30), st.sampled_from([16, 64, 128]))
def test_signatures_of_the_same_shingle_hashes_are_those_of_datasketch(hashes: set[int], count: int) -> None:
    assert sign_hashes(np.array(sorted(hashes), np.uint32), count).tolist() == datasketch_signature(hashes, count)


def test_permutations_of_fewer_are_not_asked_to_be_a_prefix_but_stay_the_same() -> None:
    assert [array.tolist() for array in permutations(16)] == [array.tolist() for array in permutations(16)]
    assert permutations(128)[0].dtype == np.uint32


@pytest.mark.parametrize("changed", [0, 1, 4, 15, 60, 200])
def test_the_estimate_lies_within_four_sigma_of_the_exact_similarity(changed: int) -> None:
    count = 256
    for seed in range(12):
        draw = random.Random(1000 * changed + seed)
        left = [draw.choice(WORDS) for _ in range(200)]
        right = list(left)
        for place in draw.sample(range(200), changed):
            right[place] = draw.choice(WORDS)
        exact = jaccard(shingles(left), shingles(right))
        result = estimated(" ".join(left), " ".join(right), count)
        assert abs(result - exact) <= 4 * math.sqrt(exact * (1 - exact) / count) + 1e-9, (seed, result, exact)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("One two three four five six", "one, TWO — three (four) five: six!"),
        ("one two\nthree four five", "one two three four five"),
        ("ÉTÉ à la mer du nord", "été À LA mer du nord"),
        ("don't say it now please", "don t say it now please"),
        ("我们今天去公园", "我们,今天去。公园"),
        ("Der Fluß war sehr kalt heute", "der fluß WAR sehr kalt heute"),
    ],
)
def test_case_punctuation_and_white_space_do_not_matter(left: str, right: str) -> None:
    assert signature_of(left) == signature_of(right)
    assert key_of(left) == key_of(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("one two three four five", "five four three two one"),
        ("one two three four five", "onetwo three four five"),
        ("one two", "two one"),
        ("one", "two"),
        ("été du nord", "ete du nord"),
        ("我们今天去公园", "公园我们今天去"),
        ("snake_case_name", "snake case name"),
        ("year 2023", "year 2024"),
    ],
)
def test_words_and_their_order_matter(left: str, right: str) -> None:
    assert signature_of(left) != signature_of(right)
    assert not set(key_of(left)) & set(key_of(right))


@pytest.mark.parametrize(
    ("text", "units"),
    [
        (None, 0),
        ("", 0),
        (" \n\t ", 0),
        ("—!?…", 0),
        ("word", 1),
        ("one two_three 4", 3),
        ("我们", 2),
        ("abc我们def", 4),
        ("ภาษา", 4),
        ("日本語 and English", 5),
        ("한국어 단어", 2),
    ],
)
def test_units_are_words_or_the_characters_of_unspaced_scripts(text: str | None, units: int) -> None:
    assert sketch(pa.array([text], pa.string())).units.tolist() == [units]


def test_texts_without_a_unit_have_the_empty_signature_and_others_have_not() -> None:
    for text in (None, "", "—", "\n"):
        assert set(signature_of(text)) == {0xFFFFFFFF}
    assert 0xFFFFFFFF not in signature_of("one")


def test_one_changed_character_of_an_unspaced_script_costs_only_its_shingles() -> None:
    text = "".join(chr(0x4E00 + number) for number in range(200))
    exact = (196 - 5) / (196 + 5)
    result = estimated(text, text[:100] + "一" + text[101:], 256)
    assert abs(result - exact) < 4 * math.sqrt(exact * (1 - exact) / 256)


@pytest.mark.parametrize("shingle", [1, 2, 3, 7])
def test_equal_sets_of_shingles_give_equal_signatures(shingle: int) -> None:
    cycle = ["a", "b", "c"] * 9
    assert signature_of(" ".join(cycle), shingle) == signature_of(" ".join(cycle + cycle), shingle)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.one_of(st.none(), st.text(max_size=40), st.text("ab 我é\U00020000", max_size=30)), max_size=8),
    st.integers(0, 8),
)
def test_batches_and_slices_do_not_matter(texts: list[str | None], cut: int) -> None:
    table = pa.array(texts, pa.string())
    whole = sketch(table, 16)
    chunked = sketch(pa.chunked_array([table[:cut], table[cut:]], pa.string()), 16)
    single = [sketch(table[at : at + 1], 16) for at in range(len(texts))]
    assert chunked.signatures.tolist() == whole.signatures.tolist()
    assert [one.signatures[0].tolist() for one in single] == whole.signatures.tolist()
    assert [int(one.units[0]) for one in single] == whole.units.tolist()


NO_GROUP = np.zeros(2, np.int64)


def test_band_keys_are_equal_where_the_band_is_and_only_there() -> None:
    signatures = np.arange(256, dtype=np.uint32).reshape(2, 128)
    signatures[1, 8:24] = signatures[0, 8:24]
    keys = band_keys(signatures, 16, NO_GROUP)
    assert np.flatnonzero(keys[0] == keys[1]).tolist() == [1, 2]
    assert len(set(keys.ravel().tolist())) == 30
    same = band_keys(np.ones((1, 128), np.uint32), 16, NO_GROUP[:1])
    assert len(set(same[0].tolist())) == 16  # a band's number is part of its key


def test_band_keys_are_of_48_bits_and_differ_between_groups() -> None:
    signatures = np.tile(np.arange(128, dtype=np.uint32), (3, 1))
    keys = band_keys(signatures, 16, np.array([-5, 2**62, -5], np.int64))
    assert keys[0].tolist() == keys[2].tolist()
    assert not set(keys[0].tolist()) & set(keys[1].tolist())
    many = band_keys(np.random.default_rng(1).integers(0, 2**32, (500, 128), np.uint32), 16, np.zeros(500, np.int64))
    assert 0 <= many.min() < many.max() < 2**KEY_BITS
    assert many.max() > 2 ** (KEY_BITS - 1)


def test_permutations_that_fill_no_band_are_left_over() -> None:
    signatures = np.arange(256, dtype=np.uint32).reshape(2, 128)
    signatures[1, :126] = signatures[0, :126]
    keys = band_keys(signatures, 14, NO_GROUP)  # nine rows each, and two over
    assert keys[0].tolist() == keys[1].tolist()


def test_the_chance_of_being_compared_follows_the_s_curve() -> None:
    draw = np.random.default_rng(7)
    left = draw.integers(0, 2**32, (4000, 128), np.uint32)
    groups = np.zeros(4000, np.int64)
    for similarity in (0.5, 0.7, 0.8, 0.9):
        right = np.where(draw.random(left.shape) < similarity, left, left ^ np.uint32(1))
        compared = (band_keys(left, 16, groups) == band_keys(right, 16, groups)).any(axis=1).mean()
        chance = candidate_probability(similarity, 16, 8)
        assert abs(compared - chance) < 4 * math.sqrt(chance * (1 - chance) / 4000) + 1e-3


@pytest.mark.parametrize("permutations", [16, 100, 128, 256])
@pytest.mark.parametrize(("threshold", "chance"), [(0.8, 0.9), (0.8, 0.99), (0.5, 0.9), (0.95, 0.5), (1.0, 0.9)])
def test_bands_are_as_high_as_the_chance_allows(permutations: int, threshold: float, chance: float) -> None:
    good = [
        Banding(permutations // rows, rows)
        for rows in range(1, permutations + 1)
        if candidate_probability(threshold, permutations // rows, rows) >= chance
    ]
    assert banding(permutations, threshold, chance) == max(good, key=lambda cut: cut.rows)


def test_where_no_cut_gives_the_chance_every_permutation_is_a_band() -> None:
    assert banding(16, 0.01, 0.9) == Banding(16, 1)


def test_equal_positions_are_counted_pair_by_pair() -> None:
    draw = np.random.default_rng(3)
    left, right = draw.integers(0, 3, (50, 32), np.uint32), draw.integers(0, 3, (20, 32), np.uint32)
    of_left = draw.integers(0, 20, 50)
    result = equal_positions(left, right, of_left).tolist()
    assert result == [int((left[row] == right[other]).sum()) for row, other in enumerate(of_left)]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.sampled_from("abcd"), max_size=12), st.lists(st.sampled_from("abcd"), max_size=12), st.integers(1, 6)
)
def test_shingles_of_a_text_are_those_of_the_plain_program(left: list[str], right: list[str], size: int) -> None:
    mine = [minhash.shingles(" ".join(words), size) for words in (left, right)]
    plain = [shingles(words, size) for words in (left, right)]
    assert [len(some) for some in mine] == [len(some) for some in plain]
    assert all(some.tolist() == sorted(set(some.tolist())) for some in mine)
    either = len(plain[0] | plain[1])
    assert exact_jaccard(*mine) == (len(plain[0] & plain[1]) / either if either else 0.0)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.sampled_from(["a", "b", "ab", "我", "é"]), max_size=6), max_size=12))
def test_texts_have_one_key_if_and_only_if_they_have_the_same_units_in_order(texts: list[list[str]]) -> None:
    keys = sketch(pa.array([" ".join(words) for words in texts], pa.string()), 16).keys
    assert (keys >= 0).all()
    for number, words in enumerate(texts):
        for other in range(number):
            assert ((keys[number] == keys[other]).all()) == (words == texts[other])
