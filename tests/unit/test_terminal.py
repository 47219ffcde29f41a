"""What a page says reaches no terminal as a command."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.terminal import safe


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("\x1b[2J\x1b[31mRED\x1b]0;OWNED\x07", r"\x1b[2J\x1b[31mRED\x1b]0;OWNED\x07"),
        ("\x9b31m", r"\u009b31m"),
        ("a\r\nwarning: forged", r"a\x0d\x0awarning: forged"),
        ("\u202egpj.exe\u2066x", r"\u202egpj.exe\u2066x"),
        ("two\u2028lines", r"two\u2028lines"),
        ("Größe 東京 مطحنة\t½", "Größe 東京 مطحنة\t½"),
    ],
)
def test_commands_are_spelt_out_and_letters_stay(said: str, shown: str) -> None:
    assert safe(said) == shown


@given(st.text())
def test_no_control_character_passes(text: str) -> None:
    bidirectional = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    for character in safe(text).replace("\t", ""):
        assert unicodedata.category(character) not in ("Cc", "Zl", "Zp")
        assert unicodedata.bidirectional(character) not in bidirectional
