"""Bytes are decoded as the Encoding Standard decodes them: every label, every pointer, and errors at the same spots."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernels.warc.charset_codecs import decode_as
from pipeline.kernels.warc.charset_tables import encoding_named, encodings, is_single_byte
from tests.timing import assert_quick
from tests.unit.encoding_standard import indexes, labels, needs_shared

NAMES = sorted(set(encodings().values()))
SINGLE_BYTE = [name for name in NAMES if is_single_byte(name)]


def bytes_at(name: str, pointer: int) -> bytes:
    """Return the bytes of a pointer, as the standard's encoders make them."""
    if name in ("euc-jp", "iso-2022-jp", "jis0212"):
        first = 0x21 if name == "iso-2022-jp" else 0xA1
        before = {"iso-2022-jp": b"\x1b$B", "jis0212": b"\x8f"}.get(name, b"")
        return before + bytes((pointer // 94 + first, pointer % 94 + first))
    if name == "euc-kr":
        return bytes((pointer // 190 + 0x81, pointer % 190 + 0x41))
    columns, gap = {"shift_jis": (188, 0x41), "gb18030": (190, 0x41), "big5": (157, 0x62)}[name]
    lead, trail = divmod(pointer, columns)
    row = lead + (0xC1 if name == "shift_jis" and lead >= 0x1F else 0x81)
    return bytes((row, trail + (0x40 if trail < 0x3F else gap)))


def four_bytes(pointer: int) -> bytes:
    return bytes(
        (pointer // 12600 + 0x81, pointer // 1260 % 10 + 0x30, pointer // 10 % 126 + 0x81, pointer % 10 + 0x30)
    )


@needs_shared
def test_every_label_names_its_encoding() -> None:
    assert encodings() == labels()
    assert len(labels()) == 228
    assert all(encoding_named(f"\t{label.upper()} ") == name for label, name in labels().items())


def test_encodings_are_known_by_any_of_their_labels_and_no_other() -> None:
    assert {encoding_named(label) for label in ("sjis", "MS932", "windows-31j", "x-sjis")} == {"shift_jis"}
    assert {encoding_named(label) for label in ("utf-7", "cp949", "", "latin 1", "\xa0utf-8", None)} == {None}


@needs_shared
@pytest.mark.parametrize(
    ("name", "index", "pointers"),
    [("shift_jis", "jis0208", 11280), ("euc-jp", "jis0208", 8836), ("iso-2022-jp", "jis0208", 8836),
     ("jis0212", "jis0212", 8836), ("euc-kr", "euc-kr", 23940), ("gb18030", "gb18030", 23940), ("big5", "big5", 19782)],
)  # fmt: skip
def test_every_pointer_of_every_index_is_its_character(name: str, index: str, pointers: int) -> None:
    published = indexes()[index]
    wrong = []
    for pointer in range(pointers):
        point = published[pointer]
        if name == "shift_jis" and 8836 <= pointer <= 10715:
            point = 0xE000 - 8836 + pointer
        if name == "big5" and pointer in (1133, 1135, 1164, 1166):
            continue
        reading = decode_as(bytes_at(name, pointer), {"jis0212": "euc-jp"}.get(name, name))
        is_right = reading == (chr(point), 0, False) if point else reading.errors == 1 and reading.text[0] == "\ufffd"
        wrong += [] if is_right else [pointer]
    assert not wrong


@needs_shared
@pytest.mark.parametrize("name", SINGLE_BYTE)
def test_every_byte_of_a_single_byte_encoding_is_its_character(name: str) -> None:
    if name == "x-user-defined":
        upper = "".join(map(chr, range(0xF780, 0xF800)))
    else:
        upper = "".join(chr(point or 0xFFFD) for point in indexes()[name.removesuffix("-i")])
    assert decode_as(bytes(range(256)), name).text == bytes(range(128)).decode() + upper


@needs_shared
def test_every_four_bytes_of_gb18030_are_their_character() -> None:
    ranges = indexes()["gb18030-ranges"]
    expected, at = [], 0
    for pointer in range(39420):
        at += at + 1 < len(ranges) and ranges[at + 1][0] <= pointer
        expected.append(0xE7C7 if pointer == 7457 else ranges[at][1] + pointer - ranges[at][0])
    read = decode_as(b"".join(map(four_bytes, range(39420))), "gb18030")
    assert read == ("".join(map(chr, expected)), 0, False)


@pytest.mark.parametrize(
    ("pointer", "text"),
    [(0, "\x80"), (39420, "\ufffd"), (188999, "\ufffd"), (189000, "\U00010000"), (1237575, "\U0010ffff"),
     (1237576, "\ufffd")],
)  # fmt: skip
def test_four_bytes_beyond_the_basic_plane(pointer: int, text: str) -> None:
    assert decode_as(four_bytes(pointer), "gbk").text == text


@pytest.mark.parametrize(
    ("name", "body", "text"),
    [
        ("shift_jis", b"\x81\x30\x81\xff\xa0\xfd\x80\xb1", "\ufffd0" + "\ufffd" * 3 + "\x80ｱ"),
        ("shift_jis", b"\x81<p>\x81", "\ufffd<p>\ufffd"),
        ("euc-jp", b"\x8e\xb1\x8f\xa2\xb7\xa1<\x8f\xa1\xff\x8f<", "ｱ～\ufffd<\ufffd\ufffd<"),
        ("euc-jp", b"\xa0\x8f\xa1", "\ufffd\ufffd"),
        ("euc-kr", b"\xb0\xa1\xc9A\xff\x80\xb0", "가\ufffdA\ufffd\ufffd\ufffd"),
        ("big5", b"\x88\x62\x88\xa3\x88\x64\x88\xa5\x80\xa4<", "Ê̄ê̄Ê̌ê̌\ufffd\ufffd<"),
        ("gb18030", b"\x810\x81<\x81\xff\xff\xe3\x32\x9a\x36\x81", "\ufffd0\ufffd<\ufffd\ufffd\ufffd\ufffd"),
        ("gb18030", b"\x81\x30\x81", "\ufffd"),
        ("gb18030", b"\x81\x30x", "\ufffd0x"),
        ("iso-2022-jp", b"\x1b(J\\~\x1b(I!\x1b(B~\x1b$B0l\x1b(B", "¥‾｡~一"),
        ("iso-2022-jp", b"\x1b(J\x1b(Ba\x1b(Xb\x0e\x80", "\ufffda\ufffd(Xb\ufffd\ufffd"),
        ("iso-2022-jp", b"\x1b$B0\x1b(Ba\x1b$B0", "\ufffda\ufffd"),
        ("utf-8", b"\xf0\x9f\x92<\xed\xa0\x80\xc0\xafa\xe2\x82", "\ufffd<" + "\ufffd" * 5 + "a\ufffd"),
        ("utf-16le", b"\x00\xd8a\x00\x00\xdc\x3d\xd8\xa9\xdca", "\ufffda\ufffd💩\ufffd"),
        ("utf-16be", b"\xd8\x00\x00a\xdc\x00\xd8\x3d", "\ufffda\ufffd\ufffd"),
        ("windows-1253", b"\x81\xaa\xc1", "\x81\ufffdΑ"),
        ("replacement", b"abc", "\ufffd"),
        ("replacement", b"", ""),
    ],
)
def test_errors_stand_where_the_standard_has_them(name: str, body: bytes, text: str) -> None:
    assert decode_as(body, name).text == text


@pytest.mark.parametrize("name", ["shift_jis", "euc-jp", "euc-kr", "big5", "gb18030", "utf-8", "utf-16le"])
def test_a_character_that_the_end_cuts_off_is_no_error(name: str) -> None:
    packed = "水".encode(name) if name.startswith("utf") else bytes_at(name, 6000)
    assert decode_as(packed + packed[:1], name)[1:] == (0, True)


@given(st.binary(max_size=120), st.sampled_from(NAMES))
def test_a_text_is_the_same_in_pieces_at_ascii_letters(body: bytes, name: str) -> None:
    """An ASCII letter that follows a whole text is read as itself, and what follows it as at the start."""
    if name.startswith(("utf-16", "iso-2022", "replacement")):
        return
    first = decode_as(body + b"\n", name)
    assert first.text.endswith("\n")
    assert decode_as(body + b"\n" + body, name).text == first.text + decode_as(body, name).text


@pytest.mark.parametrize("name", NAMES)
def test_noise_of_any_size_is_decoded_in_linear_time(name: str) -> None:
    noise = random.Random(name).randbytes(2 << 20)
    decode_as(noise[:9], name)
    assert_quick(lambda: decode_as(noise, name), 1)
