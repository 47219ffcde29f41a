"""Canonical URLs: two spellings of one address become one key."""

import re
from functools import cache
from urllib.parse import unquote, urlsplit, urlunsplit

import idna
import tldextract
import xxhash
from w3lib.url import canonicalize_url

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_MOST_OF_URL = 1 << 16
"""Characters of a URL that is looked at; servers take 8,000, and each parameter costs."""
MOST_OF_HOST = 1000
"""Characters of a host, user and port among them; a name in DNS has 253 at most."""
_NO_ADDRESS = re.compile(
    r"\s*(?:(?:javascript|vbscript|mailto|tel|sms|about|blob|view-source|chrome|chrome-extension|moz-extension):"
    r"|file:/|data:[\w/+.;=-]*,)",
    re.IGNORECASE,
)
# What campaigns add and no site reads. courlan's list goes by first letters and takes `?gallery=1` and `?gallery=2`
# for one page; so these are whole names (and `utm_…`). `ref`, `uid` or `source` may be part of an address and stay.
_TRACKERS = frozenset(
    {
        "_ga", "_gl", "dclid", "fbclid", "gbraid", "gclid", "gclsrc", "igsh", "igshid", "mc_cid", "mc_eid",
        "mkt_tok", "msclkid", "mtm_campaign", "mtm_content", "mtm_keyword", "mtm_kwd", "mtm_medium",
        "mtm_source", "oly_anon_id", "oly_enc_id", "pk_campaign", "pk_content", "pk_keyword", "pk_kwd",
        "pk_medium", "pk_source", "srsltid", "twclid", "vero_conv", "vero_id", "wbraid", "yclid", "ysclid",
    }
)  # fmt: skip
_ENTITY = re.compile(r"(?:amp(?:;|%3b))+", re.IGNORECASE)
"""What is left of `&amp;` behind its sign, where a link was taken from a page without being unescaped."""
# Names of sessions that servers of one kind give; `sid` alone may be an address unless its value is a hash.
_SESSION = re.compile(
    r"(?:(?:jsessionid|phpsessid|aspsessionid[a-z]{8}|cfid|cftoken)=[^;]*|sid=[0-9a-f]{32})(?:;+|\Z)", re.IGNORECASE
)
_SESSION_IN_PATH = re.compile(r";jsessionid=[^/;]*|(?<=/)\((?:[a-z]\([0-9a-z]{24}\))+\)/", re.IGNORECASE)


def canonical_url(url: str) -> str:
    """Return the canonical form of a URL; what is no http(s) URL, or longer than any, comes back verbatim.

    Host in lower case and punycode, no default port, no fragment, dot segments resolved, escapes normalised (w3lib);
    tracking parameters and sessions removed, the others sorted; `&amp;` between parameters is `&`. `www.`, scheme and a
    trailing slash stay: they may be other pages. A parameter without a value stays too (`?page12` is an address in some
    forums); `?a` and `?a=` are one key, and so are pages that differ behind `#` alone, but for `#!`, by which a site
    says that what follows is an address.

    >>> canonical_url("HTTPS://WWW.Example.COM:443/a/../b?utm_source=x&b=2&a=1#top")
    'https://www.example.com/b?a=1&b=2'
    >>> canonical_url("https://forum.example/?thread-5"), canonical_url("17")
    ('https://forum.example/?thread-5=', '17')
    """
    if len(url) > _MOST_OF_URL:
        return url
    try:
        scheme, netloc, path, query, fragment = urlsplit(url.strip())
        if scheme not in _DEFAULT_PORTS or not netloc or len(netloc) > MOST_OF_HOST:
            return url
        user, at, host = netloc.rpartition("@")
        netloc = user + at + _in_ascii(host.lower().removesuffix(_DEFAULT_PORTS[scheme]))
        fragment = fragment if fragment.startswith("!") else ""
        if ";" in path or "(" in path:
            path = _SESSION_IN_PATH.sub("", path)
        plain = urlunsplit((scheme, netloc, path, _without_trackers(query) if query else "", fragment))
        return str(canonicalize_url(plain, keep_fragments=True, encoding="utf-8"))
    except (ValueError, UnicodeError):
        return url


def _in_ascii(host: str) -> str:
    """Return a host in punycode as browsers ask for it (UTS 46, not transitional): `straße` is not `strasse`."""
    if host.isascii():
        return host
    name, colon, port = host.partition(":")
    try:
        return idna.encode(name, uts46=True).decode() + colon + port
    except idna.IDNAError:  # w3lib has a codec of its own, and may know better
        return host


def _without_trackers(query: str) -> str:
    """Drop parameters of trackers and sessions; others stay byte for byte, whatever charset their escapes are in."""
    pieces = (_SESSION.sub("", _without_entity(piece)) for piece in query.split("&"))
    return "&".join(piece for piece in pieces if piece and not _is_tracker(piece))


def _without_entity(piece: str) -> str:
    match = _ENTITY.match(piece)
    return piece[match.end() :] if match else piece


def _is_tracker(piece: str) -> bool:
    name = unquote(piece.partition("=")[0]).lower()
    return name.startswith("utm_") or name in _TRACKERS


def host_of(url: str) -> str | None:
    """Return the host of a canonical URL without port and user, None where there is none, or none that DNS could have.

    >>> host_of("https://me@docs.example:8080/x"), host_of("17")
    ('docs.example', None)
    """
    try:
        host = urlsplit(url).hostname if "://" in url else None
    except ValueError:
        return None
    return None if host is None or len(host) > MOST_OF_HOST else host


def is_no_address(url: str) -> bool:
    """Tell whether a URL is a script or a text rather than the address of a page, or a table's own key.

    >>> [is_no_address(url) for url in ("javascript:alert(1)", "https://a.example/", "doc:17")]
    [True, False, False]
    """
    return _NO_ADDRESS.match(url) is not None


@cache
def suffix_list() -> tldextract.TLDExtract:
    """Return the list of public suffixes that ships with tldextract; nothing is downloaded."""
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def registered_domain(host: str) -> str:
    """Return the name that someone registered, or the host where there is none: an address, a name of a local network.

    Under suffixes that a company gives to its customers, such as `github.io`, each customer is a site.

    >>> [registered_domain(host) for host in ("a.b.example.co.uk", "jane.github.io", "10.0.0.1", "localhost")]
    ['example.co.uk', 'jane.github.io', '10.0.0.1', 'localhost']
    """
    return suffix_list()(host).top_domain_under_public_suffix or host


def document_id(identity: str, url: str) -> str:
    """Return a 128-bit hash of a record's own identity and its URL, as 32 hex digits.

    >>> document_id("<urn:uuid:1>", "https://a.example/")
    'a6b2168b08ed7ff770494c1f212ec1e8'
    """
    return xxhash.xxh3_128_hexdigest(f"{identity}\n{url}".encode("utf-8", "surrogatepass"))


def content_hash(content: bytes) -> int:
    """Return a 64-bit hash of some bytes, as a signed number.

    >>> content_hash(b"<p>grain</p>") == content_hash(b"<p>flour</p>")
    False
    """
    return _signed(xxhash.xxh3_64_intdigest(content))


def row_key(warc_file: str) -> int:
    """Return Spark's `xxhash64` of a file name, by which rows of a part are known in shuffles.

    >>> row_key("crawl-00000.warc.gz")
    8153921343896289367
    """
    return _signed(xxhash.xxh64_intdigest(warc_file.encode(), seed=42))


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value
