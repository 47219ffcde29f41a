"""What start tags hold: attributes, and the addresses in them; bounded, so that no tag costs more than its size."""

import re
from html import unescape
from typing import Final
from urllib.parse import urljoin, urlsplit

MAX_TAG: Final = 16_000
"""Code points of a tag that are read."""
# Below the number of digits at which Python refuses to read a number, which `unescape` would pass on as an error.
MAX_VALUE: Final = 4000
"""Code points of a value that are read."""
_MAX_URL: Final = 2048
_ATTRIBUTE: Final = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"?|'([^']*)'?|([^\s"'>][^\s>]*)))?""")
_HOST: Final = re.compile(r"\w[\w.-]*|[0-9a-f:.]+")


def tag_attributes(tag: str) -> dict[str, str]:
    """The attributes of a tag by lower-case name; of two with one name the first, and its own name.

    >>> tag_attributes("<a HREF='/rye' rel=license>")
    {'rel': 'license', 'href': '/rye', 'a': ''}
    """
    attributes: dict[str, str] = {}
    pairs = _ATTRIBUTE.findall(tag[:MAX_TAG].rstrip(">"), 1)
    for name, double, single, bare in reversed(pairs):
        value = (double or single or bare)[:MAX_VALUE]
        attributes[name.lower()] = unescape(value) if "&" in value else value
    return attributes


def absolute_address(reference: str, base: str) -> str | None:
    """The address that a reference means, None where that is no sound one of http or https.

    >>> absolute_address("/rye", "https://mill.example/oat"), absolute_address("mailto:a@mill.example", "")
    ('https://mill.example/rye', None)
    """
    reference = reference.strip()
    if not reference:
        return None
    try:
        address = urljoin(base, reference)
        parts = urlsplit(address)
        sound = parts.scheme in ("http", "https") and _HOST.fullmatch(parts.hostname or "") and parts.port != 0
    except ValueError:
        return None
    clean = len(address) <= _MAX_URL and " " not in address and (reference + address).isprintable()
    return address if sound and clean else None
