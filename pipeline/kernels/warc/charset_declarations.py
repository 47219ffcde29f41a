"""What a page says of its own charset: the prescan of the HTML standard, and the XML declaration behind it."""

import re
from collections.abc import Iterator
from typing import Final

from pipeline.kernels.warc.charset_tables import encoding_named

_SPACE: Final = rb"[\t\n\f\r ]"
_TOKEN: Final = re.compile(
    rb"<(?:(?P<comment>!--)|(?P<name>meta(?=[\t\n\f\r /])|/?[a-z][^\t\n\f\r >]*+)|[!/?])", re.IGNORECASE
)
_TAG_END: Final = re.compile(rb"[\t\n\f\r /]*+>")
_ATTRIBUTE: Final = re.compile(
    rb"[\t\n\f\r /]*+(=[^\t\n\f\r />=]*+|[^\t\n\f\r />=]++)(?=[\t\n\f\r />=])"
    rb"(?:%(s)s*+=%(s)s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\t\n\f\r >\"'][^\t\n\f\r >]*+)(?=[\t\n\f\r >])|(?=>))"
    rb"|%(s)s*+(?=[^\t\n\f\r =]))" % {b"s": _SPACE}
)
_ORDINARY: Final = re.compile(
    rb"(?:[^<]++|<(?![!/?a-z])|<(?!meta[\t\n\f\r /])/?[a-z][^\t\n\f\r >]*+(?:%s)*+[\t\n\f\r /]*+>)*+"
    % _ATTRIBUTE.pattern.replace(b"(", b"(?:").replace(b"(?:?", b"(?"),
    re.IGNORECASE,
)
"""Text and whole tags that are no metas."""
_TELLING: Final = re.compile(rb"charset|encoding|\A(?:<\0|\0<)", re.IGNORECASE)
"""What every declaration has."""
_IN_CONTENT: Final = re.compile(
    rb"charset%(s)s*+=%(s)s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\t\n\f\r ;\"'][^\t\n\f\r ;]*+))?+" % {b"s": _SPACE},
    re.IGNORECASE,
)
_XML_ENCODING: Final = re.compile(
    rb"<\?xml(?:(?!encoding)[^>])*+encoding[\0- ]*+=[\0- ]*+(?:\"([^\"\0- ]*+)\"|'([^'\0- ]*+)')", re.DOTALL
)
_UTF_16_XML: Final = {b"<\0?\0x\0": "utf-16le", b"\0<\0?\0x": "utf-16be"}

_Attributes = dict[bytes, bytes]


def declared_charset(head: bytes) -> str | None:
    """Return the encoding that a page's first bytes declare, None where they declare none.

    Comments declare nothing, and a `content` counts beside `http-equiv="Content-Type"` alone. A declaration of UTF-16
    means UTF-8, for it could be read, and one of x-user-defined means windows-1252. An XML declaration counts where no
    meta declares anything.

    Args:
        head: The beginning of a page without a byte order mark; a tag that it cuts off declares nothing.

    Source: "prescan a byte stream to determine its encoding" and "get an XML encoding" of the HTML standard.

    >>> declared_charset(b"<!-- <meta charset=utf-8> --><META CHARSET = 'koi8-r'>")
    'koi8-r'
    >>> declared_charset(b"<?xml version='1.0' encoding='Shift_JIS'?><html>")
    'shift_jis'
    """
    if _TELLING.search(head) is None:
        return None
    if head[:6] in _UTF_16_XML:
        return _UTF_16_XML[head[:6]]
    name = next((name for name in map(_meant, _metas(head)) if name), None)
    if name is None and (match := _XML_ENCODING.match(head)) is not None:
        name = _readable(_label(match[1] or match[2]))
    return name


def _metas(head: bytes) -> Iterator[_Attributes]:
    """Yield the attributes of the metas, until the bytes run out."""
    at = 0
    while (token := _TOKEN.search(head, _past_ordinary(head, at))) is not None:
        if token["comment"]:
            end = head.find(b"-->", token.start() + 2)
            at = end + 3
        elif token["name"]:
            attributes, end = _tag_attributes(head, token.end())
            if end >= 0 and token["name"].lower() == b"meta":
                yield attributes
            at = end
        else:
            end = head.find(b">", token.end() - 1)
            at = end + 1
        if end < 0:
            return


def _past_ordinary(head: bytes, at: int) -> int:
    match = _ORDINARY.match(head, at)
    return match.end() if match else at


def _tag_attributes(head: bytes, at: int) -> tuple[_Attributes, int]:
    """Return the attributes of a tag (of two with one name the first) and its end; -1 where the bytes run out."""
    attributes: _Attributes = {}
    while (attribute := _ATTRIBUTE.match(head, at)) is not None:
        name, double, single, bare = attribute.groups()
        attributes.setdefault(name.lower(), double or single or bare or b"")
        at = attribute.end()
    end = _TAG_END.match(head, at)
    return attributes, end.end() - 1 if end else -1


def _meant(attributes: _Attributes) -> str | None:
    """Return the encoding that a meta declares."""
    if b"charset" in attributes:
        return _readable(_label(attributes[b"charset"]))
    if attributes.get(b"http-equiv", b"").lower() != b"content-type":
        return None
    match = _IN_CONTENT.search(attributes.get(b"content", b""))
    return _readable(_label(match[1] or match[2] or match[3] or b"")) if match else None


def _label(name: bytes) -> str:
    return name.decode("latin-1")


def _readable(label: str) -> str | None:
    """Return the encoding of a label that was read as ASCII."""
    name = encoding_named(label)
    if name in ("utf-16le", "utf-16be"):
        return "utf-8"
    return "windows-1252" if name == "x-user-defined" else name
