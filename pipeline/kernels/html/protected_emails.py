"""E-mail addresses that Cloudflare hides: it writes `[email protected]`, and keeps the address in an attribute.

The address is decoded, and what `pii` writes for one takes its place: a site that hid it does not want it to be read.

Source: Cloudflare's `email-decode.min.js`. An address is hexadecimal; its first byte is the key of an XOR over the
others. It stands in `data-cfemail`, or behind `/cdn-cgi/l/email-protection#` in the `href` of a link.
"""

import re
from html import escape
from typing import Final

_PLACEHOLDER: Final = re.compile(rb"\[email(?:&#160;|&#xa0;|&nbsp;|\xc2\xa0|\s)protected\]", re.IGNORECASE)
_END: Final = b"protected]"
"""What every placeholder ends in: most pages have none, and are passed over at once."""
_ADDRESS: Final = re.compile(rb"(?:data-cfemail\s*=\s*[\"']?|email-protection#)([0-9a-f]{2,1024})", re.IGNORECASE)
_HIDING: Final = re.compile(rb"data-cfemail|__cf_email__|/email-protection", re.IGNORECASE)
_LONGEST_TAG: Final = 4096
"""Bytes before a placeholder in which the start tag of its element begins."""
STAND_IN: Final = "<EMAIL_ADDRESS>"
_DOCUMENTED: Final = re.compile(r"@(?:[\w.-]+\.)?example\.(?:com|org|net|edu)\Z", re.IGNORECASE)
"""Addresses that documentation writes, which are no one's (RFC 2606); they stay."""
_EMAIL: Final = re.compile(r"[^\s\x00-\x1f@<>\"\ufffd]{1,254}@[^\s\x00-\x1f@<>\"\ufffd]{1,254}")


def show_emails(source: bytes) -> bytes:
    """Return the source of a page with stand-ins for the addresses in place of Cloudflare's placeholders.

    Where the attribute is malformed, or holds no address, the placeholder goes: nobody wrote it. `[email protected]`
    in any other element is text as any other.

    Args:
        source: UTF-8 of a page.

    >>> show_emails(b'Ask <a class=__cf_email__ data-cfemail="5a3b1a3877397435283d">[email&#160;protected]</a>!')
    b'Ask <a class=__cf_email__ data-cfemail="5a3b1a3877397435283d">&lt;EMAIL_ADDRESS&gt;</a>!'
    >>> show_emails(b"Ask <a data-cfemail=5a3>[email protected]</a> for [email protected].")
    b'Ask <a data-cfemail=5a3></a> for [email protected].'
    """
    if _END not in source:
        return source
    pieces: list[bytes] = []
    written = 0
    for match in _PLACEHOLDER.finditer(source):
        first = source.rfind(b"<", max(written, match.start() - _LONGEST_TAG), match.start())
        tag = source[first : match.start()].rstrip() if first >= 0 else b""
        if tag.endswith(b">") and _HIDING.search(tag):
            pieces += source[written : match.start()], _email_in(tag)
            written = match.end()
    return b"".join((*pieces, source[written:]))


def _email_in(tag: bytes) -> bytes:
    """Return what stands for the address that a start tag keeps, as HTML; empty if it keeps none."""
    match = _ADDRESS.search(tag)
    digits = match[1].decode() if match else ""
    if not digits or len(digits) % 2:
        return b""
    key, *others = bytes.fromhex(digits)
    email = bytes(byte ^ key for byte in others).decode("utf-8", "replace").partition("?")[0]
    if not _EMAIL.fullmatch(email):
        return b""
    return escape(email if _DOCUMENTED.search(email) else STAND_IN).encode()
