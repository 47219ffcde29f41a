"""Pages are read in the charset they are in, whatever they say."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernels.warc.charset import DECLARATION_BYTES, decode, to_utf_8
from pipeline.kernels.warc.charset_tables import encodings

GERMAN = "Die Straße führt über den Fluß; drüben grüßt ein Müller. " * 8
RUSSIAN = "Мельница стоит у реки, и колесо её вертится день и ночь. " * 8
JAPANESE = "水車小屋は川のそばにあり、昼も夜も回っている。" * 8


@pytest.mark.parametrize(
    ("body", "header", "text", "charset"),
    [
        (codecs.BOM_UTF8 + b"abc", "latin-1", "abc", "utf-8"),
        (codecs.BOM_UTF16_LE + "ä".encode("utf-16-le"), None, "ä", "utf-16le"),
        (GERMAN.encode("cp1252"), "ISO-8859-1", GERMAN, "windows-1252"),
        (GERMAN.encode("cp1252"), "latin1", GERMAN, "windows-1252"),
        (RUSSIAN.encode("cp1251"), "cp1251", RUSSIAN, "windows-1251"),
        (RUSSIAN.encode("koi8-r"), " 'KOI8-R' ", RUSSIAN, "koi8-r"),
        (JAPANESE.encode("shift_jis"), "sjis", JAPANESE, "shift_jis"),
    ],
)
def test_a_byte_order_mark_then_the_header_names_the_charset(body: bytes, header: str, text: str, charset: str) -> None:
    assert decode(body, header)[0] == text
    assert decode(body, header)[1] == charset


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
    assert charset in {*encodings().values(), "utf-32-le", "utf-32-be"}
    assert to_utf_8(body, label) == (text.encode(), charset)


@pytest.mark.parametrize("header", ["utf-8", "windows-1252", "utf-16", "hz-gb-2312", None])
@pytest.mark.parametrize(
    "body",
    [b"", b"<p>a", "<p>ü".encode(), "<p>ü".encode()[:-1], b"<p>\xfc", codecs.BOM_UTF8 + b"a", b"a\0b", b"\xed\xa0\x80",
     b"<meta charset=utf-8>a", "<meta charset=koi8-r>ü".encode(), b"<meta charset=utf-8>\xfc", b"\x1b$B%_\x1b(B"],
)  # fmt: skip
def test_utf_8_that_is_kept_as_it_stands_is_what_decoding_gives(body: bytes, header: str | None) -> None:
    text, charset = decode(body, header)
    assert to_utf_8(body, header) == (text.encode(), charset)


@pytest.mark.parametrize(
    ("body", "label", "text"),
    [
        (b"\x87\x40\x87\x55\x87\x8a", "Shift_JIS", "①Ⅱ㈱"),
        (b"\xad\xa1\xad\xb6\xad\xea", "EUC-JP", "①Ⅱ㈱"),
        (b"\xc6\x52\x8c\x63", "ks_c_5601-1987", "힣똠"),
        (b"\x93\xe0\xc1\x94\x85", "TIS-620", "“เม”…"),
        (b"\x87\x7a\x88\x62\xa4\x40", "Big5-HKSCS", "㡵Ê̄一"),
        (b"\x81\x30\x81\x30\x80\xa8\xbc", "gb2312", "\x80€ḿ"),
        (b"\x93x\x94", "ISO-8859-1", "“x”"),
        (b"\xae\xbe", "koi8-u", "ўЎ"),
        (b"a\x80\xff", "x-user-defined", "a\uf780\uf7ff"),
        (b"<p>grain", "iso-2022-kr", "\ufffd"),
    ],
)
def test_labels_mean_what_the_web_means_by_them(body: bytes, label: str, text: str) -> None:
    assert decode(body, label)[0] == text


def test_a_commented_out_meta_declares_nothing() -> None:
    page = ("<!-- <meta charset=iso-8859-1> --><meta charset=windows-1251>" + RUSSIAN).encode("cp1251")
    assert decode(page, None)[0].endswith(RUSSIAN)


def test_a_declaration_behind_a_long_comment_counts() -> None:
    comment = b"<!--" + b"x" * (DECLARATION_BYTES // 2) + b"-->"
    page = comment + ("<meta charset=koi8-r>" + "Ж" * 3).encode("koi8-r")
    assert decode(page, None)[0].endswith("ЖЖЖ")


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("header", [None, "utf-8", "utf-16", "windows-1252"])
def test_markup_in_utf_16_is_known_without_a_mark_and_under_a_wrong_label(name: str, header: str | None) -> None:
    page = f"<!DOCTYPE html><html><body><p>{RUSSIAN}"
    assert decode(page.encode(name), header) == (page, name.replace("-16-", "-16"))


def test_a_page_that_is_no_utf_16_is_not_read_as_such() -> None:
    page = f"<!DOCTYPE html><html><meta charset=koi8-r><p>{RUSSIAN}"
    assert decode(page.encode("koi8-r"), "utf-16")[0] == page


@pytest.mark.parametrize(
    ("text", "codec"),
    [(RUSSIAN, "koi8-r"), (RUSSIAN, "cp866"), (JAPANESE, "cp932"), (JAPANESE, "euc_jp"), (JAPANESE, "iso2022_jp"),
     ("골짜기 끝에 있는 물레방아는 커피숖 앞에서 밀을 빻는다. " * 5, "cp949"),
     ("山谷尽头的老水磨已经磨了两百多年的小麦。" * 5, "gb18030"),
     ("山谷盡頭的老水磨已經磨了兩百多年的小麥。" * 5, "big5"),
     ("โรงสีน้ำเก่าแก่ที่ปลายหุบเขาบดข้าวสาลี " * 5, "cp874")],
)  # fmt: skip
def test_a_page_without_a_label_is_read_as_what_it_looks_like(text: str, codec: str) -> None:
    page = f"<html><body><p>{text}</p>"
    assert decode(page.encode(codec), None)[0] == page
