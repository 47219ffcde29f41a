"""From the bytes of a page to text: which charset they are in, and what is left where they lie about it."""

import codecs
import re

from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

# Browsers look for a declaration in the first 1024 bytes; real pages put it behind long comments and scripts.
DECLARATION_BYTES = 4096
# A declared charset that fails on at most this share of the non-ASCII characters is right, and the page is torn.
TORN = 0.05

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""<(?:meta|\?xml)\b[^>]*?\b(?:charset|encoding)\s*=\s*["']?\s*([\w:.\-]+)""", re.IGNORECASE)
_SINGLE_BYTE = re.compile(r"windows-125|windows-874|iso-?8859|koi8|mac|ibm866|latin|cp125")


def decode(body: bytes, header_charset: str | None) -> tuple[str, str]:
    """The text of a page and the name of the charset that it was read in; any bytes at all give a text.

    The order is that of browsers: byte order mark, HTTP header, `<meta>`, then a guess from the bytes. A declared
    charset that cannot be right (the bytes do not decode, or are UTF-8 under the name of a single-byte charset) is
    passed over. A last character that is cut off is dropped. The text holds no NUL and no lone surrogate, so that it
    can always be written as UTF-8.

    Charsets are named as Python names them.

    Args:
        body: The page as it came, content encodings undone.
        header_charset: The charset parameter of the Content-Type header, if any.

    >>> decode("Grüße".encode("latin-1"), "ISO-8859-1")
    ('Grüße', 'cp1252')
    >>> decode("Grüße".encode(), "no-such-charset")
    ('Grüße', 'utf-8')
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _clean(body[len(mark) :].decode(name, "replace")), name
    declared = [name for name in (_known(header_charset), _known(_declaration(body))) if name]
    for name in _without_guessing(declared, body):
        text = _strict(body, name)
        if text is not None:
            return _clean(text), name
    names = _believable(declared, body)
    for name in names:
        text = _strict(body, name)
        if text is not None:
            return _clean(text), name
    return _torn(body, names)


def _declaration(body: bytes) -> str | None:
    found = _DECLARED.search(body[:DECLARATION_BYTES])
    if found is None:
        return None
    name = found.group(1).decode("ascii", "replace").lower()
    # A declaration that could be read as ASCII is not in UTF-16, whatever it says.
    return "utf-8" if name.startswith(("utf-16", "utf16")) else name


def _known(label: str | None) -> str | None:
    """The charset that the web means by a label; None for an unknown one."""
    label = (label or "").strip(" \t\r\n\"';").lower()
    if not label or not label.isascii() or "\0" in label:
        return None
    name = map_encoding_to_html5(label, fallback_utf8=False)
    try:
        return str(name) if name and codecs.lookup(name) else None
    except LookupError:
        return None


def _without_guessing(declared: list[str], body: bytes) -> list[str]:
    """What is tried first: hardly a page needs more, and a guess costs more than decoding does."""
    if declared and not _SINGLE_BYTE.match(declared[0]):
        return declared[:1]
    return [*([] if body.isascii() else ["utf-8"]), *declared[:1]]


def _believable(declared: list[str], body: bytes) -> list[str]:
    guess = _known(detect_encoding(body)) or "utf-8"
    torn = [name for name in declared[:1] if _is_torn_only(body, name)]
    return torn or list(dict.fromkeys([*declared, guess]))


def _strict(body: bytes, name: str) -> str | None:
    try:
        return codecs.getincrementaldecoder(name)("strict").decode(body)
    except (UnicodeError, LookupError):
        return None


def _is_torn_only(body: bytes, name: str) -> bool:
    """Whether all but a few of the non-ASCII characters decode."""
    if _strict(body, name) is not None:
        return False
    text = body.decode(name, "replace")
    foreign = len(text) - sum(map(str.isascii, text))
    return text.count("\ufffd") <= TORN * foreign


def _torn(body: bytes, names: list[str]) -> tuple[str, str]:
    """The reading with the fewest replacement characters; the first of equals."""
    readings = [(body.decode(name, "replace"), name) for name in [*names, "utf-8"]]
    text, name = min(readings, key=lambda reading: reading[0].count("\ufffd"))
    return _clean(text), name


def _clean(text: str) -> str:
    return text.replace("\0", "")  # no decoder gives a lone surrogate
