"""From the bytes of a page to text: which charset they are in, and what is left where they lie about it."""

import codecs
from typing import Final

from resiliparse.parse.encoding import detect_encoding

from pipeline.kernels.warc.charset_codecs import Decoded, decode_as, is_utf_8, whole_utf_8
from pipeline.kernels.warc.charset_declarations import declared_charset
from pipeline.kernels.warc.charset_tables import encoding_named, is_single_byte

DECLARATION_BYTES: Final = 16 << 10
"""Browsers prescan 1024 bytes, and read anew where they meet a meta further on: behind long comments and scripts."""
TORN: Final = 0.05
"""A declared charset that fails on at most this share of the non-ASCII characters is right, and the page is torn."""

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
)
_UTF_16: Final = ("utf-16le", "utf-16be")
_DETECTED: Final = {
    "cp949": "euc-kr",
    "euc_jp": "euc-jp",
    "euc_kr": "euc-kr",
    "iso2022_jp": "iso-2022-jp",
    "mac-cyrillic": "x-mac-cyrillic",
}
"""Names that the detector has and the standard has not."""
_START: Final = 1024
"""Bytes in which markup is looked for that is in UTF-16: every second one of it is NUL."""


def decode(body: bytes, header_charset: str | None) -> tuple[str, str]:
    """Return the text of a page and the charset that it was read in; any bytes at all give a text.

    The order is that of browsers: byte order mark, HTTP header, `<meta>`, then a guess from the bytes. Labels mean what
    the WHATWG Encoding Standard says, and bytes are decoded as it decodes them. A declared charset that cannot be right
    (the bytes do not decode, or are UTF-8 under the name of a single-byte charset) is passed over. A last character
    that is cut off is dropped. The text holds no NUL and no lone surrogate, so that it can always be written as UTF-8.

    Charsets are named as the standard names them, in lower case; UTF-32 behind its mark is `utf-32-le` or `utf-32-be`.

    Args:
        body: The page as it came, content encodings undone.
        header_charset: The charset parameter of the Content-Type header, if any.

    >>> decode("Grüße".encode("latin-1"), "ISO-8859-1")
    ('Grüße', 'windows-1252')
    >>> decode("Grüße".encode(), "no-such-charset")
    ('Grüße', 'utf-8')
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _marked(body[len(mark) :], name)
    named = _header_encoding(header_charset)
    if named == "utf-8" and b"\0" not in body[:_START] and (whole := whole_utf_8(body)):
        return _clean(whole), named  # most pages need no more
    declared = _declared(body, header_charset)
    if declared[:1] == ["replacement"]:
        return "\ufffd", "replacement"
    readings: dict[str, Decoded] = {}
    if (not declared or is_single_byte(declared[0])) and not body.isascii() and (whole := whole_utf_8(body)):
        return _clean(whole), "utf-8"
    for name in declared[:1]:
        readings[name] = decode_as(body, name)
        if not readings[name].errors:
            return _clean(readings[name]), name
    if declared and _is_torn_only(readings[declared[0]]):
        return _clean(readings[declared[0]]), declared[0]
    names = list(dict.fromkeys((*declared, _guess(body), "utf-8")))
    for name in names:
        readings[name] = readings.get(name) or decode_as(body, name)
        if not readings[name].errors:
            return _clean(readings[name]), name
    best = min(names, key=lambda name: readings[name].errors)
    return _clean(readings[best]), best


def to_utf_8(body: bytes, header_charset: str | None) -> tuple[bytes, str]:
    r"""Return the text of a page as UTF-8, and its charset, as `decode` does.

    Most pages are UTF-8 and stay as they are.

    >>> to_utf_8("Grüße".encode("latin-1"), "ISO-8859-1")
    (b'Gr\xc3\xbc\xc3\x9fe', 'windows-1252')
    """
    if _is_plain(body, header_charset):
        return body, "utf-8"
    text, name = decode(body, header_charset)
    return text.encode(), name


def _is_plain(body: bytes, header_charset: str | None) -> bool:
    """Tell whether a page as it stands is what `decode` gives of it."""
    if b"\0" in body or body.startswith(codecs.BOM_UTF8):
        return False
    if _header_encoding(header_charset) == "utf-8":
        return is_utf_8(body)
    declared = _declared(body, header_charset)[:1]
    if declared == ["utf-8"]:
        return is_utf_8(body)
    return (not declared or is_single_byte(declared[0])) and not body.isascii() and is_utf_8(body)


def _marked(body: bytes, name: str) -> tuple[str, str]:
    if name.startswith("utf-32"):
        return body.decode(name, "replace").replace("\0", ""), name
    return _clean(decode_as(body, name)), name


def _declared(body: bytes, header_charset: str | None) -> list[str]:
    """Return the encodings that a page may be in by what it says: its header first, then its meta."""
    if (name := _utf_16_without_mark(body[:_START])) is not None:
        return [name]
    labels = (_header_encoding(header_charset), declared_charset(body[:DECLARATION_BYTES]))
    return list(dict.fromkeys(name for name in labels if name is not None and name not in _UTF_16))


def is_replaced(body: bytes, header_charset: str | None) -> bool:
    """Tell whether a page is in a charset that the standard replaces, so that no browser reads it.

    >>> is_replaced(b"<p>", "hz-gb-2312"), is_replaced(b"<meta charset=hz-gb-2312>", "utf-8")
    (True, False)
    """
    named = _header_encoding(header_charset)
    return (named or declared_charset(body[:DECLARATION_BYTES])) == "replacement"


def _header_encoding(label: str | None) -> str | None:
    return encoding_named((label or "").strip("\"'; "))


def _utf_16_without_mark(start: bytes) -> str | None:
    """Return the encoding of markup of which every second byte is NUL.

    A page without such bytes is in no UTF-16, whatever its header says.

    >>> _utf_16_without_mark("<html>".encode("utf-16-be")), _utf_16_without_mark(b"<html>")
    ('utf-16be', None)
    """
    if b"\0" not in start:
        return None
    first, second = start[::2], start[1::2]
    for name, text, nul in (("utf-16le", first, second), ("utf-16be", second, first)):
        if nul.count(0) >= max(4, len(nul) / 4) and text.count(0) * 20 <= len(text):
            return name
    return None


def _guess(body: bytes) -> str:
    """Return the encoding that the bytes look like."""
    if body.isascii() and b"\x1b" not in body:
        return "utf-8"
    detected = str(detect_encoding(body, html5_compatible=False) or "").lower()
    name = encoding_named(_DETECTED.get(detected, detected))
    return "utf-8" if name in (None, "replacement") else name


def _is_torn_only(reading: Decoded) -> bool:
    """Tell whether all but a few of the non-ASCII characters decode."""
    foreign = len(reading.text) - len(reading.text.encode("ascii", "ignore"))
    return reading.errors <= TORN * foreign


def _clean(reading: Decoded) -> str:
    text = reading.text[:-1] if reading.is_cut else reading.text
    return text.replace("\0", "")  # no decoder gives a lone surrogate
