"""Pages are read in the charset they are in, whatever they say."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernels.warc.charset import decode

GERMAN = "Die Straße führt über den Fluß; drüben grüßt ein Müller. " * 8
RUSSIAN = "Мельница стоит у реки, и колесо её вертится день и ночь. " * 8
JAPANESE = "水車小屋は川のそばにあり、昼も夜も回っている。" * 8


@pytest.mark.parametrize(
    ("body", "header", "text", "charset"),
    [
        (codecs.BOM_UTF8 + b"abc", "latin-1", "abc", "utf-8"),
        (codecs.BOM_UTF16_LE + "ä".encode("utf-16-le"), None, "ä", "utf-16-le"),
        (GERMAN.encode("cp1252"), "ISO-8859-1", GERMAN, "cp1252"),
        (GERMAN.encode("cp1252"), "latin1", GERMAN, "cp1252"),
        (RUSSIAN.encode("cp1251"), "cp1251", RUSSIAN, "cp1251"),
        (RUSSIAN.encode("koi8-r"), " 'KOI8-R' ", RUSSIAN, "koi8-r"),
        (JAPANESE.encode("shift_jis"), "sjis", JAPANESE, "shift_jis"),
    ],
)
def test_a_byte_order_mark_then_the_header_names_the_charset(body: bytes, header: str, text: str, charset: str) -> None:
    assert decode(body, header)[0] == text
    assert codecs.lookup(decode(body, header)[1]) == codecs.lookup(charset)


@pytest.mark.parametrize(
    "declaration",
    [
        '<meta charset="{}">',
        "<META http-equiv=Content-Type content='text/html; charset={}'>",
        '<?xml version="1.0" encoding="{}"?>',
    ],
)
def test_a_page_may_name_its_charset_itself(declaration: str) -> None:
    page = (declaration.format("windows-1251") + RUSSIAN).encode("cp1251")
    assert decode(page, None)[0].endswith(RUSSIAN)


@pytest.mark.parametrize("declared", ["utf-8", "us-ascii", "iso-8859-1", "windows-1252", "no-such", "", None])
def test_utf_8_is_known_whatever_is_declared(declared: str | None) -> None:
    assert decode(RUSSIAN.encode(), declared) == (RUSSIAN, "utf-8")


@pytest.mark.parametrize(("text", "charset"), [(RUSSIAN, "cp1251"), (JAPANESE, "euc_jp"), (GERMAN, "cp1252")])
def test_a_declared_utf_8_that_does_not_decode_falls_through_to_a_guess(text: str, charset: str) -> None:
    assert decode(text.encode(charset), "utf-8")[0] == text


def test_a_few_bad_bytes_do_not_turn_utf_8_into_mojibake() -> None:
    text, charset = decode(RUSSIAN.encode() + b"\xff" + RUSSIAN.encode(), "utf-8")
    assert (text, charset) == (RUSSIAN + "\ufffd" + RUSSIAN, "utf-8")


def test_a_character_cut_off_at_the_end_is_dropped() -> None:
    assert decode("Mühlenrad ü".encode()[:-1], "utf-8") == ("Mühlenrad ", "utf-8")


def test_nuls_and_lone_surrogates_never_come_through() -> None:
    assert decode(b"a\0b", None)[0] == "ab"
    assert decode(b"a\xed\xa0\x80b", "utf-8")[0].encode()
    assert decode(codecs.BOM_UTF16_LE + b"\x00\xd8a\x00", None)[0].encode()


@given(
    st.binary(max_size=400),
    st.one_of(
        st.none(),
        st.text(max_size=12),
        st.sampled_from(
            [
                "utf-7",
                "utf-16",
                "idna",
                "hex",
                "gbk",
                "iso-2022-jp",
                "x-user-defined",
                "replacement",
                "big5",
                "undefined",
            ]
        ),
    ),
)
def test_any_bytes_under_any_label_give_a_text_that_can_be_written(body: bytes, label: str | None) -> None:
    text, charset = decode(body, label)
    assert text.encode() is not None
    assert "\0" not in text
    assert codecs.lookup(charset)
