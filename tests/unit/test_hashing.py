"""Hashes of strings are those of a plain program, never negative, and tell strings apart."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.text.hashing import hash_strings

MASK = 2**64 - 1
STRINGS = st.lists(st.one_of(st.none(), st.text(max_size=30), st.text("ab\x00é我\U00020000", max_size=5)), max_size=12)


def plain_mix(value: int) -> int:
    """Finish as splitmix64 does."""
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB & MASK
    return value ^ (value >> 31)


def plain_hash(text: str | None) -> list[int]:
    held = (text or "").encode()
    first, second = 0x9E3779B97F4A7C15, len(held) * 0x100000001B3 & MASK
    for byte in held:
        first = (first ^ byte) * 0x100000001B3 & MASK
        second = plain_mix((second + byte + 1) & MASK)
    return [plain_mix(first) >> 1, second >> 1]


@settings(deadline=None)
@given(STRINGS)
def test_hashes_are_those_of_the_plain_program(texts: list[str | None]) -> None:
    assert hash_strings(pa.array(texts, pa.string())).tolist() == [plain_hash(text) for text in texts]


@settings(deadline=None)
@given(STRINGS, st.integers(0, 12))
def test_slices_chunks_and_large_strings_do_not_matter(texts: list[str | None], cut: int) -> None:
    table = pa.array(texts, pa.string())
    whole = hash_strings(table).tolist()
    assert hash_strings(pa.chunked_array([table[:cut], table[cut:]], pa.string())).tolist() == whole
    assert hash_strings(table[cut:]).tolist() == whole[cut:]
    assert hash_strings(table.cast(pa.large_string())).tolist() == whole


def test_a_million_addresses_that_differ_in_few_characters_share_no_half_of_a_hash() -> None:
    texts = pa.array([f"https://mill.example/{number}" for number in range(1_000_000)])
    hashes = hash_strings(texts)
    assert hashes.min() >= 0
    for half in range(2):
        assert len(np.unique(hashes[:, half])) == len(texts)
        shares = np.bincount(hashes[:, half] >> np.int64(60), minlength=8) / len(texts)
        assert abs(shares - 0.125).max() < 0.002  # the bits that choose a bucket


def test_no_strings_have_no_hashes() -> None:
    assert hash_strings(pa.array([], pa.string())).shape == (0, 2)
