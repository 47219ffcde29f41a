"""Licences that a page links: the one it names as its own, else the first open one; Creative Commons by short names."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.kernels.tag_values import absolute_address, tag_attributes

# No page says that it has a licence without one of these words in the tag that says so.
NEEDLES: Final = (b"license", b"commons.org/public")
_NEEDLE: Final = re.compile(rb"license|commons\.org/public")
_MAX_FOUND: Final = 500
_CREATIVE_COMMONS: Final = re.compile(
    r"https?://(?:[a-z]+\.)?creativecommons\.org/(?:"
    r"licen[cs]es/(?P<kind>by(?:-(?:nc|nd|sa))*|sa|nc|nd|nc-sa|nd-nc|publicdomain)"
    r"|publicdomain/(?P<public>zero|mark))(?:/(?P<version>\d\.\d)(?:/(?P<place>[a-z]{2,3}|scotland|igo))?)?(?![\w-])",
    re.IGNORECASE,
)
_OPEN: Final = re.compile(
    r"https?://(?:www\.)?(?:gnu\.org/(?:licenses|copyleft)/|opensource\.org/licenses?/|apache\.org/licenses/)\w",
    re.IGNORECASE,
)
_PUBLIC: Final = {"zero": "cc0", "mark": "cc-pdm", "publicdomain": "cc-publicdomain"}


def short_licence(url: str) -> str:
    """The short name of a Creative Commons licence by its address, with version and place; any other address as it is.

    >>> short_licence("https://creativecommons.org/licenses/by-sa/3.0/de/deed.en")
    'cc-by-sa-3.0-de'
    >>> short_licence("http://creativecommons.org/publicdomain/zero/1.0/"), short_licence("https://mill.example/terms")
    ('cc0-1.0', 'https://mill.example/terms')
    """
    found = _CREATIVE_COMMONS.match(url)
    if found is None:
        return url
    kind = (found["kind"] or found["public"]).lower()
    parts = (_PUBLIC.get(kind, f"cc-{kind}"), found["version"], (found["place"] or "").lower())
    return "-".join(filter(None, parts))


def linked_licence(source: memoryview, links: npt.NDArray[np.int64], base: str | None) -> tuple[str | None, str | None]:
    """What a page links as its own licence (`rel` or `itemprop` say so), and the first open licence it links at all.

    Args:
        source: The page.
        links: Where each of its links begins, and where that start tag ends, (links, 2), in order.
        base: What relative addresses are resolved against.

    >>> page = b"<a href=//creativecommons.org/licenses/by/4.0>a picture</a><link rel=license href=/terms>"
    >>> linked_licence(memoryview(page), np.array([[0, 47], [60, len(page)]]), "https://mill.example/rye")
    ('https://mill.example/terms', 'cc-by-4.0')
    """
    own = other = None
    for attributes in _telling(bytes(source), links):
        address = _address(attributes, base)
        if address is None:
            continue
        says = f"{attributes.get('rel', '')} {attributes.get('itemprop', '')}".lower().split()
        if "license" in says:
            own = own or short_licence(address)
        elif other is None and (_CREATIVE_COMMONS.match(address) or _OPEN.match(address)):
            other = short_licence(address)
    return own, other


def _telling(source: bytes, links: npt.NDArray[np.int64]) -> Iterator[Mapping[str, str]]:
    """Yield the attributes of the links that may be of a licence, in order."""
    if not len(links) or not any(needle in source for needle in NEEDLES):
        return
    hits = np.array([found.start() for found in _NEEDLE.finditer(source)], np.int64)
    at = np.unique(np.searchsorted(links[:, 0], hits, side="right") - 1)
    for start, stop in links[at[at >= 0]][:_MAX_FOUND].tolist():
        tag = source[start:stop]
        if _NEEDLE.search(tag):
            yield tag_attributes(tag.decode("utf-8", "replace"))


def _address(attributes: Mapping[str, str], base: str | None) -> str | None:
    reference = attributes.get("href", "").strip()
    return None if reference.startswith("#") else absolute_address(reference, base or "")
