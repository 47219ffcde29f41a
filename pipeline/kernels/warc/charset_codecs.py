"""Decoders of the WHATWG Encoding Standard: any bytes under any of its encodings, errors where it has them."""

import codecs
from collections.abc import Callable
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.kernels.warc.charset_tables import (
    Index,
    four_byte_index,
    index_of,
    is_single_byte,
    single_byte_table,
    unassigned_bytes,
)

_REPLACEMENT: Final = "\ufffd"
_UNICODE: Final = ("utf-8", "utf-16le", "utf-16be")
_INDEXES: Final = {
    "big5": ("big5",),
    "euc-jp": ("jis0208", "jis0212"),
    "euc-kr": ("euc-kr",),
    "gb18030": ("gb18030",),
    "gbk": ("gb18030",),
    "iso-2022-jp": ("jis0208",),
    "shift_jis": ("jis0208",),
}


class Decoded(NamedTuple):
    """A text, what speaks against it, and whether its end is cut.

    Attributes:
        text: U+FFFD stands where the bytes are no character.
        errors: Such places, less a character that the end cuts off; and bytes that a Windows code page leaves
            unassigned, which the standard reads as control characters.
        is_cut: Whether the last U+FFFD stands for a character that the end cuts off.
    """

    text: str
    errors: int
    is_cut: bool


def decode_as(body: bytes, name: str) -> Decoded:
    r"""Decode bytes as the standard does, byte order marks apart.

    Args:
        body: Any bytes.
        name: An encoding of the standard, in lower case.

    >>> decode_as(b"\x87\x40\x81\xff!", "shift_jis")
    Decoded(text='①\ufffd!', errors=1, is_cut=False)
    >>> decode_as(b"\x80\x81", "windows-1252")
    Decoded(text='€\x81', errors=1, is_cut=False)
    """
    if name in _UNICODE:
        return _unicode(body, name)
    if name == "replacement":
        return Decoded(_REPLACEMENT if body else "", len(body) and 1, is_cut=False)
    if is_single_byte(name):
        return _single_byte(body, name)
    return _multi_byte(body, name)


def is_utf_8(body: bytes) -> bool:
    r"""Tell whether bytes are UTF-8 as a whole, without decoding them.

    >>> is_utf_8("Grüße".encode()), is_utf_8(b"Gr\xc3"), is_utf_8(b"\xed\xa0\x80")
    (True, False, False)
    """
    if body.isascii():
        return True
    ends = pa.py_buffer(np.array([0, len(body)], np.int64))
    try:
        pa.LargeStringArray.from_buffers(1, ends, pa.py_buffer(body)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def whole_utf_8(body: bytes) -> Decoded | None:
    """Return what bytes are as UTF-8, None where more of them than a cut last character are not."""
    try:
        return Decoded(body.decode(), 0, is_cut=False)
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data":
            return None
        return Decoded(body[: error.start].decode() + _REPLACEMENT, 0, is_cut=True)


def _unicode(body: bytes, name: str) -> Decoded:
    try:
        return Decoded(body.decode(name), 0, is_cut=False)
    except UnicodeDecodeError:
        decoder = codecs.getincrementaldecoder(name)("replace")
    text = decoder.decode(body)
    genuine = body.count(_REPLACEMENT.encode()) if name == "utf-8" else 0
    errors = text.count(_REPLACEMENT) - genuine
    rest = decoder.getstate()[0]
    return Decoded(text + (_REPLACEMENT if rest else ""), errors, bool(rest))


def _single_byte(body: bytes, name: str) -> Decoded:
    if body.isascii():
        return Decoded(body.decode("ascii"), 0, is_cut=False)
    text, _ = codecs.charmap_decode(body, "strict", single_byte_table(name))
    unassigned = sum(map(body.count, unassigned_bytes(name)))
    return Decoded(text, unassigned + text.count(_REPLACEMENT), is_cut=False)


def _multi_byte(body: bytes, name: str) -> Decoded:
    kernel, first, second = _kernel(name)
    points, tally = np.empty(len(body) + 1, np.int32), np.zeros(3, np.int64)
    kernel(np.frombuffer(body, np.uint8), first, second, points, tally)
    size, errors, is_cut = tally.tolist()
    return Decoded(points[:size].tobytes().decode("utf-32-le"), errors, bool(is_cut))


@cache
def _kernel(name: str) -> tuple[Callable[..., Any], Index, Index]:
    """Return the compiled decoder of an encoding, and its two indexes, the second perhaps empty."""
    from pipeline.kernels.warc import multi_byte

    four_bytes = [four_byte_index()] if name in ("gb18030", "gbk") else []
    first, second, *_ = [*map(index_of, _INDEXES[name]), *four_bytes, np.zeros(0, np.int32)]
    return getattr(multi_byte, {"gbk": "gb18030"}.get(name, name).replace("-", "_")), first, second
