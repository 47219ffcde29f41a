"""Licences that a page links: the one it names as its own, else the first open one; Creative Commons by short names."""

import re
from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.kernels.array_types import Bool, Flags, Int
from pipeline.kernels.compiled import compiled
from pipeline.kernels.html.tag_values import absolute_address, tag_attributes
from pipeline.kernels.html.tags import lower

Bytes = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.int32]

# No tag says that it has a licence without one of these words.
_WORDS: Final = (np.frombuffer(b"license", np.uint8), np.frombuffer(b"commons.org/public", np.uint8))
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


def linked_licence(source: Bytes, links: Rows, base: str | None) -> tuple[str | None, str | None]:
    """What a page links as its own licence (`rel` or `itemprop` say so), and the first open licence it links at all.

    Args:
        source: The page.
        links: Where each of its links begins, and where that start tag ends, (links, 2), in order.
        base: What relative addresses are resolved against.

    >>> page = b"<a href=//creativecommons.org/licenses/by/4.0>a picture</a><link rel=license href=/terms>"
    >>> links = np.array([[0, 47], [60, len(page)]], np.int32)
    >>> linked_licence(np.frombuffer(page, np.uint8), links, "https://mill.example/rye")
    ('https://mill.example/terms', 'cc-by-4.0')
    """
    own = other = None
    telling = np.zeros(len(links), np.bool_)
    # One layout of memory: columns chosen of a table come in another, which is a type of its own to the compiler.
    _mark_telling(source, np.ascontiguousarray(links), _WORDS[0], _WORDS[1], telling)
    for start, stop in links[telling][:_MAX_FOUND].tolist():
        attributes = tag_attributes(bytes(source[start:stop].data).decode("utf-8", "replace"))
        address = _address(attributes, base)
        if address is None:
            continue
        says = f"{attributes.get('rel', '')} {attributes.get('itemprop', '')}".lower().split()
        if "license" in says:
            own = own or short_licence(address)
        elif other is None and (_CREATIVE_COMMONS.match(address) or _OPEN.match(address)):
            other = short_licence(address)
    return own, other


@compiled
def _mark_telling(source: Bytes, links: Rows, first: Bytes, second: Bytes, telling: Flags) -> None:
    """Mark the links in whose tags one of two words stands, in any case."""
    for link in range(len(links)):
        stop = links[link, 1]
        for at in range(links[link, 0], stop):
            sign = source[at] | 32
            if sign in (first[0], second[0]) and (
                _stands(source, at, stop, first) or _stands(source, at, stop, second)
            ):
                telling[link] = True
                break


@compiled
def _stands(source: Bytes, at: Int, stop: Int, word: Bytes) -> Bool:
    """Whether a word in lower case stands at a place, in any case."""
    if at + len(word) > stop:
        return False
    for k in range(len(word)):  # noqa: SIM110  (compiled)
        if lower(source[at + k]) != word[k]:
            return False
    return True


def _address(attributes: Mapping[str, str], base: str | None) -> str | None:
    reference = attributes.get("href", "").strip()
    return None if reference.startswith("#") else absolute_address(reference, base or "")
