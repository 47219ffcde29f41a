"""Sites: the hosts, with their ports, that one robots.txt speaks for."""

import re
from typing import Final
from urllib.parse import urlsplit

from pipeline.kernels.urls.addresses import MOST_OF_HOST

ROBOTS_PATH: Final = "/robots.txt"
TDM_PATH: Final = "/.well-known/tdmrep.json"

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_NAME: Final = re.compile(r"([\w.-]+?|\[[0-9a-f:.]+\])(?:[:_](\d{1,5}))?", re.IGNORECASE)


def site_of(url: str) -> str | None:
    """The site of an address: its host in lower case and ASCII, and its port where it is not the scheme's own.

    http and https are one site here: files of robots are often kept without the scheme that they were asked by.

    >>> site_of("https://Mill.Example:443/rye"), site_of("http://mill.example:8080/"), site_of("17")
    ('mill.example', 'mill.example:8080', None)
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if len(host or "") > MOST_OF_HOST:  # no name of DNS, and punycode takes time by the square of a name
        return None
    name = _ascii(f"[{host}]" if ":" in (host or "") else host or "")
    if not name or parts.scheme not in _DEFAULT_PORTS:
        return None
    return name if port in (None, _DEFAULT_PORTS[parts.scheme]) else f"{name}:{port}"


def site_named(name: str) -> str | None:
    """The site that a file is named after; a port stands behind `:` or `_`. None for what is no host.

    >>> site_named("Mill.example"), site_named("mill.example_8080"), site_named("mill.example_443")
    ('mill.example', 'mill.example:8080', 'mill.example')
    """
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    host, port = _ascii(match[1].lower()), match[2]
    return host if port is None or int(port) in _DEFAULT_PORTS.values() else f"{host}:{int(port)}"


def _ascii(host: str) -> str:
    """A host as certificates have it: `bücher.example` is `xn--bcher-kva.example`; no dot at its end."""
    host = host.removesuffix(".")
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host
