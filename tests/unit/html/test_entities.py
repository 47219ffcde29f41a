"""Character references are decoded as the standard library decodes them."""

import html
from html.entities import html5

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.html.entities import entity_table, read_entity


def decoded(text: str) -> str:
    """A text with all its references decoded, a reference at a time."""
    source = np.frombuffer(text.encode() + bytes(16), np.uint8)
    end = len(source) - 16
    out, at = bytearray(), 0
    while at < end:
        if source[at] != ord("&"):
            out.append(int(source[at]))
            at += 1
            continue
        one, two, beyond = map(int, read_entity(source, at, end, entity_table()))
        assert at < beyond <= end
        out += (chr(one) + (chr(two) if two else "")).encode()
        at = beyond
    return out.decode()


@pytest.mark.parametrize("after", ["", "x", ";", " ", "&", "=1"])
def test_every_name_is_decoded_as_the_standard_library_does(after: str) -> None:
    for name in html5:
        for text in (f"&{name}{after}", f"a&{name.rstrip(';')}{after}"):
            assert decoded(text) == html.unescape(text), text


def test_every_name_that_is_cut_off_is_decoded_as_the_standard_library_does() -> None:
    for name in html5:
        for end in range(len(name)):
            text = f"&{name[:end]}"
            assert decoded(text) == html.unescape(text), text


@pytest.mark.parametrize("number", [32, 65, 0x9F, 0xA0, 0xE9, 0x2014, 0xFFFD, 0x1F600, 0x10FFFD])
@pytest.mark.parametrize("form", ["&#{};", "&#{}", "&#{} a", "&#x{:x};", "&#X{:X};", "&#x{:x} ", "&#000{};"])
def test_a_number_is_the_code_point_that_it_names(form: str, number: int) -> None:
    text = form.format(number)
    assert decoded(text) == html.unescape(text)


@pytest.mark.parametrize("number", range(0x80, 0xA0))
def test_a_number_that_windows_gives_to_a_sign_is_that_sign(number: int) -> None:
    assert decoded(f"&#{number};") == html.unescape(f"&#{number};")


@pytest.mark.parametrize("number", [0, 0xD800, 0xDFFF, 0x110000, 10**9, 10**30])
def test_a_number_that_no_character_has_is_a_broken_one(number: int) -> None:
    assert decoded(f"&#{number};a") == decoded(f"&#x{number:x};a") == "\ufffda"


@pytest.mark.parametrize(
    "text", ["&", "&&", "&;", "&#", "&#;", "&#x", "&#x;", "&#xg", "& amp;", "&unknown;", "&AMPERE"]
)
def test_what_is_no_reference_stays(text: str) -> None:
    assert decoded(text) == html.unescape(text)


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from([*"&;#xXaz09 é", "&amp", "&lt;", "&notin", "&#x2", "&NotEqual"]), max_size=12))
def test_any_mixture_is_decoded_as_the_standard_library_does(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert decoded(text) == html.unescape(text) or "&#" in text
