"""What a body is: HTML or another format by its first bytes, text or noise by its characters."""

import re
from typing import Final

import numpy as np

from pipeline.kernels.warc.charset import decode, is_replaced
from pipeline.kernels.warc.charset_codecs import whole_utf_8
from pipeline.kernels.warc.http import HTML_TYPES, media_type

_HEAD: Final = 2048
_SAMPLE: Final = 64 << 10
"""Bytes of a body whose characters are looked at."""
_MOST_CONTROLS: Final = 0.05
"""Share of ASCII controls above which a text is none: random bytes are a tenth such."""
_MOST_BROKEN: Final = 0.3
"""Share of controls and U+FFFD above which a text is none; a page that is read in a wrong charset has markup too."""
_MOST_NULS: Final = 0.3
_MOST_PRIVATE: Final = 0.08
"""Share of private use above which UTF-16 is noise: random code units have a tenth."""
_SPACES: Final = tuple(b"\t\n\f\r\x1b")
"""Controls that are in texts: white space, and what ISO-2022-JP escapes by."""
_CONTROLS: Final = bytes(byte for byte in (*range(32), 127) if byte not in _SPACES)
_FORMATS: Final = re.compile(
    rb"%PDF-\d|%!PS-|\{\\rtf\d|AT&TFORM"  # documents
    rb"|\x89PNG|GIF8[79]a[^ ]|\xff\xd8\xff|RIFF.{4}(?:WEBP|WAVE|AVI )|8BPS\0|II\*\0|MM\0\*|\0\0\x01\0"  # images
    rb"|wOF[F2][\0Ot]|OTTO\0|ttcf\0|\0\x01\0\0"  # fonts
    rb"|ID3[\x02-\x04]|OggS\0|fLaC|\x1a\x45\xdf\xa3|\0\0..ftyp"  # sound, films
    rb"|\x1f[\x8b\x9d\xa0]|\x28\xb5\x2f\xfd|\x04\x22\x4d\x18|BZh[1-9](?:1AY&SY|\x17rE8P)|\xfd7zXZ\0|7z\xbc\xaf\x27\x1c"
    rb"|PK(?:\x03\x04|\x05\x06|\x07\x08)|Rar!\x1a\x07|MSCF\0|!<arch>|\xed\xab\xee\xdb"  # archives
    rb"|\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1|SQLite format 3\0|PAR1[\0-\x1f]"  # Office files, tables
    rb"|\xca\xfe\xba\xbe|\x7fELF|\0asm|\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe",  # programs
    re.DOTALL,
)
_HTML_START: Final = re.compile(rb"<(?:!doctype\s+html|html[\s>]|head[\s>]|body[\s>])", re.IGNORECASE)
_SNIFFED_START: Final = re.compile(
    rb"<(?:!--|(?:!doctype\s+html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)[\s>])",
    re.IGNORECASE,
)
_UNKNOWN_TYPES: Final = ("", "unknown/unknown", "application/unknown", "*/*")


def is_html(body: bytes, content_type: str | None) -> bool:
    r"""Tell whether a body is HTML or XHTML, by its header or, where that is missing or lies, by its content.

    Formats that are known by their first bytes are none, whatever the header says. A body that is served under no type
    is sniffed as browsers do (WHATWG MIME Sniffing, "identify an unknown MIME type"); under another type it is HTML
    where it begins as a whole document does.

    >>> is_html(b"%PDF-1.7", "text/html"), is_html(b"\n<!DOCTYPE html><p>x", "application/octet-stream")
    (False, True)
    >>> is_html(b"{}", "application/json"), is_html(b"plain words", "text/html; charset=utf-8")
    (False, True)
    >>> is_html(b"\xef\xbb\xbf <p>words", None), is_html(b"<p>words", "text/plain")
    (True, False)
    """
    if _FORMATS.match(body) or _FORMATS.match(body[:_HEAD].lstrip()):
        return False
    media = media_type(content_type)
    if media in HTML_TYPES:
        return True
    head = body[:_HEAD].replace(b"\0", b"")
    head = re.sub(rb"\A(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)", b"", head).lstrip()
    if media in _UNKNOWN_TYPES and _SNIFFED_START.match(head):
        return True
    return head.startswith(b"<") and _HTML_START.search(head) is not None


def is_text(body: bytes, header_charset: str | None) -> bool:
    r"""Tell whether a body reads as text in the charset that it is in, rather than as noise.

    Only its beginning is read. A few broken bytes are no noise, nor is a page that is read in a wrong charset.

    Args:
        body: A body, content encodings undone.
        header_charset: The charset that its Content-Type header names.

    >>> is_text("Gr\xfc\xdfe aus der M\xfchle".encode("latin-1"), "utf-8"), is_text(bytes(range(256)) * 9, "utf-8")
    (True, False)
    """
    sample = body[:_SAMPLE]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if controls <= _MOST_CONTROLS * len(sample) and whole_utf_8(sample):
        return not is_replaced(sample, header_charset)
    text, charset = decode(sample, header_charset)
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    if not len(points):
        return False
    if charset.startswith("utf-16"):
        return bool(((points >= 0xE000) & (points < 0xF900) | (points == 0xFFFD)).mean() <= _MOST_PRIVATE)
    if sample.count(0) > _MOST_NULS * len(sample) and not charset.startswith("utf-32"):
        return False
    controls = int(((points < 32) & ~np.isin(points, _SPACES)).sum() + (points == 127).sum())
    broken = int((points == 0xFFFD).sum())
    return controls <= _MOST_CONTROLS * len(points) and controls + broken <= _MOST_BROKEN * len(points)
